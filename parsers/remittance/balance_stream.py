"""Check the balances of an 835 of any size, with the number of every segment that takes part."""

from collections import deque
from collections.abc import Iterable, Iterator
from typing import BinaryIO

import msgspec

from claimloop.edi.diagnostics import Report
from claimloop.edi.records.remittance import ClaimPayment, ProviderAdjustment, Remittance, RemittanceEnd
from claimloop.edi.syntax.tokens import Batch, read_batches
from claimloop.parsers.remittance.balance import Balance, Part, Places, claim_balances, payment_balance, provider_part
from claimloop.parsers.remittance.reader import stream_batches
from claimloop.parsers.remittance.shared_payments import Check

_ENDS_A_CLAIM = frozenset(("CLP", "LX", "TS2", "TS3", "PLB", "SE", "ST", "GE", "GS", "IEA", "ISA"))


class _Places:
    """Record where CAS and SVC are in the segments that were read, until the claim that owns them asks."""

    def __init__(self) -> None:
        self._seen: deque[tuple[int, str, list[str]]] = deque()
        self._in_claim = False

    def watch(self, batches: Iterable[Batch]) -> Iterator[Batch]:
        """Yield the same batches. Each is recorded before it is passed on, so a claim finds all of its segments."""
        for batch in batches:
            separator = batch.delimiters.element
            for number, segment in enumerate(batch.segments, batch.first):
                tag = segment.partition(separator)[0].strip().upper()
                if tag in _ENDS_A_CLAIM:
                    self._in_claim = tag == "CLP"
                    self._seen.append((number, tag, []))
                elif self._in_claim and tag in ("CAS", "SVC"):
                    self._seen.append((number, tag, segment.split(separator) if tag == "CAS" else []))
            yield batch

    def of_claim(self, claim: ClaimPayment) -> Places:
        """Return the places of the adjustments of the claim and its lines. Claims must ask in the order of the file."""
        start = claim.source.segment if claim.source else 0
        while self._seen and self._seen[0][0] < start:
            self._seen.popleft()
        places: Places = {}
        line = 0
        for number, tag, elements in self._seen:
            if tag == "SVC":
                line += 1
            elif tag == "CAS":
                places.setdefault(line, []).extend((number, element) for element in _amounts(elements))
            elif number > start:
                break
        return places


def stream_balances(stream: BinaryIO, file: str, report: Report) -> Iterator[Balance]:
    """Yield every balance, even or not, of the 835s of a file as it is read, in flat memory.

    Lines and claims come in their order, then the payment. The payment has one part for all of its claims and one part
    for each PLB. Balances of level "check" follow the last set: one for each check or EFT that several sets report.
    All sets of a check together must equal BPR02 where every set repeats the whole amount, or else the sum of their
    BPR02 (rules.md#balances). Raises NotX12.
    """
    places, count = _Places(), 0
    remittance = Remittance()
    adjustments: list[Part] = []
    checks: dict[tuple[str, str], list[Balance]] = {}
    for item in stream_batches(places.watch(read_batches(stream, file, report)), file, report):
        match item:
            case Remittance():
                remittance, count, adjustments = item, 0, []
            case ClaimPayment():
                count += 1
                yield from claim_balances(item, count, places.of_claim(item))
            case ProviderAdjustment():
                adjustments.append(provider_part(item.reason, item.reference, item.amount, item.segment))
            case RemittanceEnd():
                claims = Part("CLP04", item.claims_paid, 0, f"{item.claims} claim{'s' * (item.claims != 1)}")
                payment = payment_balance(remittance, (claims, *adjustments))
                if remittance.trace_number:
                    key = remittance.payer_id, remittance.trace_number
                    checks.setdefault(key, []).append(msgspec.structs.replace(payment, parts=()))
                yield payment
    for payments in checks.values():
        if len(payments) > 1:
            yield _check(payments)


def _check(payments: list[Balance]) -> Balance:
    """Return the balance of a check that several sets report."""
    check = Check()
    for payment in payments:
        check.take(payment.found, payment.expected)
    parts = tuple(
        Part("CLP04 − PLB", payment.expected, payment.segment, f"set {at}")
        for at, payment in enumerate(payments, start=1)
    )
    first = payments[0]
    return Balance(
        "check", first.code, first.subject, "", "BPR02", first.segment,
        check.makes, check.payment, check.difference, parts,
    )  # fmt: skip


def _amounts(cas: list[str]) -> list[str]:
    """Return the elements of a CAS that hold amounts (CAS03, CAS06 …). An empty triple has none."""
    return [f"CAS{at + 1:02d}" for at in range(2, len(cas), 3) if any(cas[at : at + 3])]
