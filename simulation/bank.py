"""The bank's records of the payments: a statement (CSV) and a NACHA file of CCD+ entries with the TRN as addenda.

NACHA has records of 94 characters in blocks of ten. The effective date of the batch is BPR16, the amount of the entry
is BPR02, and the addenda is the TRN segment, which links a deposit to its remittance (rules.md#reassociation). Routing
and account numbers are fictitious.
"""

import csv
import io
import re
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from itertools import groupby
from pathlib import Path

from claimloop.edi.money import two_decimals
from claimloop.edi.private_files import write_privately
from claimloop.simulation.payments import Payment

COLUMNS = ("date", "amount", "company", "company_id", "description", "addenda")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_NOT_ALLOWED = re.compile(r"[^A-Z0-9 .&/,'*~:()-]")
_BLOCK = 10
_WIDTH = 94
_CREDITS_ONLY, _CREDIT_TO_CHECKING, _ADDENDA = "220", "22", "705"
_BANK = "09999999"
"""Routing number of the fictitious bank, without its check digit."""

_ENTRY = "HCCLAIMPMT"


def transfers(payments: Sequence[Payment]) -> list[Payment]:
    """Return the payments that a bank sees as transfers, by day and payer."""
    seen = [each for each in payments if each.method == "ACH" and each.amount > 0]
    return sorted(seen, key=lambda each: (each.date, each.payer_id, each.trace_number))


def trn(payment: Payment) -> str:
    """Return the TRN segment as it is in the addenda."""
    return f"TRN*1*{payment.trace_number}*{payment.company_id}~"


def write_statement(path: Path, payments: Sequence[Payment]) -> None:
    """Write the transfers as a bank's CSV file without cells that a spreadsheet would read as formulas. Raises
    OSError.
    """
    out = io.StringIO()
    rows = csv.writer(out, lineterminator="\r\n")
    rows.writerow(COLUMNS)
    for each in transfers(payments):
        cells = (each.date.isoformat(), two_decimals(each.amount), each.payer_name, each.company_id, _ENTRY, trn(each))
        rows.writerow([_harmless(cell) for cell in cells])
    write_privately(path, _bytes(out.getvalue()))


def _harmless(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_FORMULA) else cell


def write_nacha(path: Path, payments: Sequence[Payment], day: date) -> None:
    """Write the transfers as a NACHA file created on this day, with a batch for each payer and date. Raises OSError."""
    records = list(_records(transfers(payments), day))
    records += ["9" * _WIDTH] * (-len(records) % _BLOCK)
    assert all(len(record) == _WIDTH for record in records)
    write_privately(path, _bytes("\n".join(records) + "\n"))


def _bytes(text: str) -> Callable[[Callable[[bytes], object]], object]:
    return lambda write: write(text.encode("ascii", "replace"))


def with_check_digit(routing: str) -> str:
    """Return a routing number of eight digits with its check digit: weights 3, 7, 1."""
    total = sum(int(digit) * weight for digit, weight in zip(routing, (3, 7, 1) * 3, strict=False))
    return routing + str(-total % 10)


def _batch(payment: Payment) -> tuple[date, str, str]:
    return payment.date, payment.company_id, payment.payer_name


def _records(payments: list[Payment], day: date) -> Iterator[str]:
    bank = with_check_digit(_BANK)
    yield (
        f"101 {bank} {bank}{day:%y%m%d}1200A094101{'MADE UP BANK':23}{'MADE UP BANK':23}{'':8}"
    )  # fmt: skip
    batches = entries = hashes = cents = 0
    for (paid_on, company, payer), group in groupby(payments, key=_batch):
        batches += 1
        count = hashed = total = 0
        yield (
            f"5{_CREDITS_ONLY}{_text(payer, 16)}{'':20}{_text(company, 10)}CCD{_ENTRY}{paid_on:%y%m%d}{paid_on:%y%m%d}"
            f"{'':3}1{_BANK}{batches:07d}"
        )
        for sequence, each in enumerate(group, start=1):
            payee = with_check_digit(f"08{int(each.payee_npi or each.payee_tax_id or 0) % 10**6:06d}")
            yield (
                f"6{_CREDIT_TO_CHECKING}{payee}{_text(each.payee_npi, 17)}{each.amount:010d}"
                f"{_text(each.payee_tax_id, 15)}{_text(each.payee_name, 22)}{'':2}1{_BANK}{sequence:07d}"
            )
            yield f"{_ADDENDA}{_text(trn(each), 80)}{1:04d}{sequence:07d}"
            count += 2
            hashed += int(payee[:8])
            total += each.amount
        yield (
            f"8{_CREDITS_ONLY}{count:06d}{hashed % 10**10:010d}{0:012d}{total:012d}{_text(company, 10)}{'':19}{'':6}"
            f"{_BANK}{batches:07d}"
        )
        entries, hashes, cents = entries + count, hashes + hashed, cents + total
    blocks = -(-(2 + 2 * batches + entries) // _BLOCK)
    yield f"9{batches:06d}{blocks:06d}{entries:08d}{hashes % 10**10:010d}{0:012d}{cents:012d}{'':39}"


def _text(text: str, width: int) -> str:
    return f"{_NOT_ALLOWED.sub(' ', text.upper())[:width]:{width}}"
