"""Read NACHA files: records of 94 characters with the transfers that a bank received, and their addenda.

Positions are those of the NACHA Operating Rules, appendix three. Here they count from 0, and the end is exclusive.
"""

import re
from collections.abc import Iterator
from datetime import date

import msgspec

from claimloop.edi.diagnostics import Report, Where, diagnose
from claimloop.reconciliation.bank.deposit import CLAIM_PAYMENT, Deposit, find_trn, numbered

_WIDTH = 94
_HASH_DIGITS = 10**10
_CREDITS = frozenset({"22", "32", "42", "52"})
_DEBITS = frozenset({"27", "37", "47", "55"})
_COUNT_AS_CREDITS = frozenset("1234")
"""The second digit of a transaction code that a control record counts as a credit, including returns and prenotes."""

_OTHER_LAYOUTS = frozenset({"IAT", "ADV"})
_FILLER = re.compile("9{20,}")
_FILE_HEADER = re.compile(r"\s*101.{31}094")
_BATCH_HEADER = re.compile(r"\s*5(?:200|220|225).{46}[A-Z]{3}")


class _Sums(msgspec.Struct):
    """The totals of a control record, or of the records before it. Money is in cents."""

    entries: int = 0
    entry_hash: int = 0
    debits: int = 0
    credits: int = 0

    def add(self, other: "_Sums") -> None:
        """Add other totals to these."""
        self.entries += other.entries
        self.entry_hash = (self.entry_hash + other.entry_hash) % _HASH_DIGITS
        self.debits += other.debits
        self.credits += other.credits


_TOTALS = {
    "entries": "entries and addenda",
    "entry_hash": "the sum of the routing numbers",
    "debits": "cents debited",
    "credits": "cents credited",
}


class _Batch(msgspec.Struct):
    """An open batch. `effective` is None if its entries cannot be read because of their type or date."""

    company_name: str
    company_id: str
    description: str
    effective: date | None
    sums: _Sums


class _Entry(msgspec.Struct):
    """An entry whose addenda may still follow. `amount` is negative for a debit."""

    amount: int
    line: int
    addenda: list[str]


def is_nacha(text: str) -> bool:
    """Return true if the text begins with a file header or, in an extract, with a batch header."""
    return bool(_FILE_HEADER.match(text) or _BATCH_HEADER.match(text))


def read_nacha(text: str, file: str, report: Report) -> Iterator[Deposit]:
    """Yield the deposits of a NACHA file in its order; report what cannot be read or does not match its totals."""
    yield from numbered(_Reading(file, report).deposits(text))


def _records(text: str) -> Iterator[tuple[int, str]]:
    """Yield the records with their lines. Files may lack line ends, and lines may lack trailing blanks."""
    printed = text.replace("\r\n", "\n").replace("\r", "\n").rstrip("\n\x1a ").split("\n")
    for line, records in enumerate(printed, start=1):
        records = records.rstrip()
        for count, start in enumerate(range(0, len(records), _WIDTH)):
            number = line + count if len(printed) == 1 else line
            yield number, records[start : start + _WIDTH].ljust(_WIDTH)


class _Reading:
    """The state of reading one file."""

    def __init__(self, file: str, report: Report) -> None:
        self._file = file
        self._report = report
        self._line = 0
        self._batch: _Batch | None = None
        self._entry: _Entry | None = None
        self._batches = 0
        self._sums = _Sums()
        self._begun = self._ended = False

    def deposits(self, text: str) -> Iterator[Deposit]:
        """Yield the deposits; the occurrence of each is still 1."""
        for self._line, record in _records(text):
            if _FILLER.match(record) or record.isspace():
                continue
            if record[0] != "7":
                yield from self._finish_entry()
            match record[0]:
                case "1":
                    self._begun = True
                case "5":
                    self._open_batch(record)
                case "6":
                    self._take_entry(record)
                case "7":
                    self._take_addenda(record)
                case "8":
                    self._close_batch(record)
                case "9":
                    self._close_file(record)
                case kind:
                    self._report_problem("P652", value=kind, problem="its record type is unknown")
        yield from self._finish_entry()
        self._check_nothing_is_open()
        if self._begun and not self._ended:
            self._report_problem("P655", what="file", number=9)

    def _report_problem(self, code: str, line: int | None = None, value: str | None = None, **facts: object) -> None:
        self._report(diagnose(code, Where(self._file, line or self._line), value, **facts))

    def _open_batch(self, record: str) -> None:
        self._check_nothing_is_open()
        self._batches += 1
        kind = record[50:53]
        effective = None
        if kind in _OTHER_LAYOUTS:
            self._report_problem("P656", what=f"a batch of type {kind}")
        else:
            effective = _day(record[69:75])
            if effective is None:
                self._report_problem("P652", value=record[69:75], problem="the effective entry date is not valid")
        self._batch = _Batch(
            company_name=record[4:20].strip(),
            company_id=record[40:50].strip(),
            description=record[53:63].strip(),
            effective=effective,
            sums=_Sums(),
        )

    def _take_entry(self, record: str) -> None:
        if self._batch is None:
            self._report_problem("P652", problem="it is outside any batch")
            return
        code, routing = record[1:3], record[3:12]
        amount = _number(record[29:39])
        sums = self._batch.sums
        sums.entries += 1
        if routing[:8].isascii() and routing[:8].isdigit():
            sums.entry_hash = (sums.entry_hash + int(routing[:8])) % _HASH_DIGITS
        if not is_routing_number(routing):
            self._report_problem("P654")
        if amount is None:
            self._report_problem("P652", value=record[29:39], problem="the amount is not a number")
            return
        if code[1] in _COUNT_AS_CREDITS:
            sums.credits += amount
        else:
            sums.debits += amount
        if code not in _CREDITS | _DEBITS or amount == 0:
            self._report_problem("P656", what=f"an entry with transaction code {code if code.isalnum() else '??'}")
            return
        amount = -amount if code in _DEBITS else amount
        if self._batch.effective is not None:
            self._entry = _Entry(amount, self._line, [])

    def _take_addenda(self, record: str) -> None:
        if self._batch is None:
            self._report_problem("P652", problem="it is outside any batch")
            return
        self._batch.sums.entries += 1
        if self._entry is not None and record[1:3] == "05":
            self._entry.addenda.append(record[3:83])

    def _finish_entry(self) -> Iterator[Deposit]:
        entry, self._entry = self._entry, None
        if entry is None or self._batch is None or self._batch.effective is None:
            return
        addenda = "".join(entry.addenda).rstrip()
        trace_number, company_id = find_trn(addenda)
        description = " ".join(part for part in (self._batch.description, addenda) if part)
        deposit = Deposit(
            date=self._batch.effective,
            amount=entry.amount,
            trace_number=trace_number,
            payer_company_id=company_id or self._batch.company_id,
            company_name=self._batch.company_name,
            description=description,
            file=self._file,
            line=entry.line,
        )
        if not trace_number and CLAIM_PAYMENT in description.upper():
            self._report_problem("P657", entry.line)
        yield deposit

    def _close_batch(self, record: str) -> None:
        if self._batch is None:
            self._report_problem("P652", problem="it is outside any batch")
            return
        batch, self._batch = self._batch, None
        self._sums.add(batch.sums)
        self._compare("batch", batch.sums, (record[4:10], record[10:20], record[20:32], record[32:44]))

    def _close_file(self, record: str) -> None:
        self._check_nothing_is_open()
        self._ended = True
        if not self._begun:  # in an extract, the totals are those of the whole file
            return
        batches = _number(record[1:7])
        if batches != self._batches:
            self._report_problem("P653", what="file", told="batches", said=_shown(batches), counted=self._batches)
        self._compare("file", self._sums, (record[13:21], record[21:31], record[31:43], record[43:55]))

    def _compare(self, what: str, counted: _Sums, stated: tuple[str, ...]) -> None:
        for (field, total), text in zip(_TOTALS.items(), stated, strict=True):
            number, sum_of_records = _number(text), getattr(counted, field)
            if number != sum_of_records:
                self._report_problem("P653", what=what, told=total, said=_shown(number), counted=sum_of_records)

    def _check_nothing_is_open(self) -> None:
        if self._batch is not None:
            self._sums.add(self._batch.sums)
            self._batch = None
            self._report_problem("P655", what="batch", number=8)


def is_routing_number(text: str) -> bool:
    """Return true for an ABA routing number: nine digits whose sum, weighted 3, 7, 1, is a multiple of ten."""
    if len(text) != 9 or not (text.isascii() and text.isdigit()):
        return False
    return sum(int(digit) * weight for digit, weight in zip(text, (3, 7, 1) * 3, strict=True)) % 10 == 0


def _day(text: str) -> date | None:
    if not (text.isascii() and text.isdigit()):
        return None
    try:
        return date(2000 + int(text[:2]), int(text[2:4]), int(text[4:]))
    except ValueError:
        return None


def _number(text: str) -> int | None:
    """Return a number that is right-aligned in its field. One with blanks after it may be truncated and is invalid."""
    text = text.lstrip()
    return int(text) if text.isascii() and text.isdigit() else None


def _shown(number: int | None) -> str:
    return "not a number" if number is None else str(number)
