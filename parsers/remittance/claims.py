"""Read claims and service lines of an 835: loops 2100 and 2110, one segment at a time."""

from collections.abc import Callable
from decimal import Decimal
from typing import TypeVar

from claimloop.edi.money import ZERO, NotAnAmount
from claimloop.edi.records.parties import Party, Reference
from claimloop.edi.records.remittance import (
    Adjustment,
    ClaimPayment,
    InpatientAdjudication,
    OutpatientAdjudication,
    Procedure,
    QualifiedAmount,
    QualifiedDate,
    QualifiedQuantity,
    RemarkCode,
    ServicePayment,
)
from claimloop.edi.records.remittance_summaries import MIA_REMARKS, MOA_REMARKS
from claimloop.edi.syntax.envelope import Source
from claimloop.parsers.cursor import Cursor, NotAProcedure
from claimloop.parsers.remittance.header import read_contact

_PADDING = [""] * 24
_TRIPLES = 6
_CLP = frozenset((*range(10), 11, 12, 13))
_NM1 = frozenset((0, 1, 2, 3, 4, 5, 7, 8, 9))
_SVC = frozenset(range(8))
_TWO = frozenset(range(3))
_THREE = frozenset(range(4))
_PER = frozenset(range(9))
_REMEMBERED = 20_000

Record = TypeVar("Record")
ServiceFields = tuple[Procedure, Decimal, Decimal, str, Decimal | None, Procedure | None, Decimal | None]
"""SVC01 to SVC07 in the order of ServicePayment's fields."""

OF_MANY_CLAIMS = frozenset(("82", "TT", "PR"))
"""NM101 of parties that many claims name: rendering provider, crossover carrier, corrected payer."""


class Known:
    """Segments that were read before without a finding, by their text: remittances repeat the same few segments.

    A remembered text needs no second look: the same text under the same delimiters gives the same record and no
    finding. The texts hold delimiters, so an interchange with other delimiters starts with an empty Known.
    """

    __slots__ = ("adjustments", "amounts", "dates", "parties", "remarks", "services")

    def __init__(self) -> None:
        self.adjustments: dict[str, tuple[Adjustment, ...]] = {}
        self.amounts: dict[str, QualifiedAmount] = {}
        self.dates: dict[str, QualifiedDate] = {}
        self.parties: dict[str, Party] = {}
        self.remarks: dict[str, RemarkCode] = {}
        self.services: dict[str, ServiceFields] = {}


class ClaimReader:
    """Build the claim that is open, and its last line. Every segment that it takes belongs to one of the two."""

    def __init__(self, cursor: Cursor) -> None:
        self.claim: ClaimPayment | None = None
        self.line: ServicePayment | None = None
        self.known = Known()
        self._cursor = cursor
        self._readers: dict[str, Callable[[ClaimPayment, list[str]], None]] = {
            "CAS": self._read_cas,
            "REF": self._read_ref,
            "DTM": self._read_dtm,
            "AMT": self._read_amt,
            "QTY": self._read_qty,
            "NM1": self._read_nm1,
            "MIA": self._read_mia,
            "MOA": self._read_moa,
            "PER": self._read_per,
            "SVC": self._read_svc,
            "LQ": self._read_lq,
        }
        self.segments = frozenset(self._readers)

    def open(self, elements: list[str], source: Source, header_number: str) -> ClaimPayment:
        """Read a CLP and open its claim. The claim before it must be closed."""
        field = elements + _PADDING
        cursor = self._cursor
        self.line = None
        try:
            amounts = cursor.amounts
            charge, paid, patient = amounts[field[3]], amounts[field[4]], amounts[field[5]] if field[5] else None
        except NotAnAmount:
            charge, paid = cursor.amount(field[3], "CLP03"), cursor.amount(field[4], "CLP04")
            patient = cursor.optional_amount(field[5], "CLP05")
        self.claim = claim = ClaimPayment(
            field[1],
            field[2],
            charge,
            paid,
            patient,
            field[6],
            field[7],
            field[8],
            field[9],
            field[11],
            cursor.quantity(field[12], "CLP12") if field[12] else None,
            cursor.quantity(field[13], "CLP13") if field[13] else None,
            header_number,
            source=source,
        )
        if len(elements) > 10:
            cursor.leftover(elements, _CLP)
        return claim

    def plain_claim(
        self, elements: list[str], place: tuple[str, str, str, str], number: int, header_number: str
    ) -> ClaimPayment | None:  # fmt: skip
        """Return the claim of a CLP that needs no finding, equal to that of `open`; None where `open` must read it."""
        sent = len(elements)
        if not 4 < sent < 11:
            return None
        _, claim, status, charge, paid, owed, filing, payers, facility, frequency = elements + _PADDING[: 10 - sent]
        amounts = self._cursor.amounts
        try:
            return ClaimPayment(
                claim, status, amounts[charge], amounts[paid], amounts[owed] if owed else None, filing, payers,
                facility, frequency, "", None, None, header_number, source=Source(*place, number),
            )  # fmt: skip
        except NotAnAmount:
            return None

    def read(self, tag: str, elements: list[str]) -> None:
        """Read a segment of 2100 or 2110 that follows its CLP."""
        assert self.claim is not None
        self._readers[tag](self.claim, elements)

    def close(self) -> ClaimPayment | None:
        """Return the claim that was open, if any. Afterward no claim is open."""
        claim, self.claim, self.line = self.claim, None, None
        return claim

    def _before_lines(self, tag: str) -> None:
        """Report a segment of 2100 that follows the first SVC."""
        if self.line is not None:
            self._cursor.report("R208", tag=tag)

    def _read_cas(self, claim: ClaimPayment, elements: list[str]) -> None:
        adjustments = self._adjustments(elements)
        (self.line or claim).adjustments.extend(adjustments)
        if self._cursor.clean:
            self._remember(self.known.adjustments, adjustments)

    def _adjustments(self, elements: list[str]) -> tuple[Adjustment, ...]:
        cursor, group = self._cursor, elements[1] if len(elements) > 1 else ""
        found: list[Adjustment] = []
        last = max((place for place, text in enumerate(elements) if text), default=0)
        gap = last < 2 or not group
        for at in range(2, last + 1, 3):
            reason, amount, quantity = (elements[at : at + 3] + _PADDING)[:3]
            gap = gap or not reason
            if not (reason or amount or quantity):
                continue
            adjustment = Adjustment(
                group,
                reason,
                cursor.amount(amount, f"CAS{at + 1:02d}"),
                cursor.quantity(quantity, f"CAS{at + 2:02d}"),
            )
            if adjustment.amount == ZERO and amount and not cursor.unreadable:
                cursor.report("R213", f"CAS{at + 1:02d}")
            found.append(adjustment)
        if gap:
            cursor.report("R212", tag="CAS")
            cursor.keep_text = cursor.keep_text or not found
        if len(found) > _TRIPLES:
            cursor.report("R211", found=len(found))
        return tuple(found)

    def _read_ref(self, claim: ClaimPayment, elements: list[str]) -> None:
        field = elements + _PADDING
        (self.line or claim).references.append(Reference(field[1], field[2], field[3]))
        self._cursor.leftover(elements, _THREE)

    def _read_dtm(self, claim: ClaimPayment, elements: list[str]) -> None:
        dated = self._cursor.dated(elements)
        if dated is not None:
            (self.line or claim).dates.append(dated)
            if self._cursor.clean:
                self._remember(self.known.dates, dated)

    def _read_amt(self, claim: ClaimPayment, elements: list[str]) -> None:
        field = elements + _PADDING
        amount = self._cursor.optional_amount(field[2], "AMT02")
        if amount is None:
            self._cursor.keep_text = True
        else:
            qualified = QualifiedAmount(field[1], amount)
            (self.line or claim).amounts.append(qualified)
            self._cursor.leftover(elements, _TWO)
            if self._cursor.clean:
                self._remember(self.known.amounts, qualified)

    def _read_qty(self, claim: ClaimPayment, elements: list[str]) -> None:
        field = elements + _PADDING
        quantity = self._cursor.quantity(field[2], "QTY02")
        if quantity is None:
            self._cursor.keep_text = True
        else:
            level = self.line or claim
            level.quantities += (QualifiedQuantity(field[1], quantity),)
            self._cursor.leftover(elements, _TWO)

    def _read_nm1(self, claim: ClaimPayment, elements: list[str]) -> None:
        self._before_lines("NM1")
        field = elements + _PADDING
        claim.parties.append(Party(field[1], field[2], field[3], field[4], field[5], field[7], field[8], field[9]))
        self._cursor.leftover(elements, _NM1)
        if self._cursor.clean and field[1] in OF_MANY_CLAIMS:
            self._remember(self.known.parties, claim.parties[-1])

    def _read_mia(self, claim: ClaimPayment, elements: list[str]) -> None:
        self._before_lines("MIA")
        if claim.inpatient is not None:
            self._again("MIA")
        else:
            claim.inpatient = InpatientAdjudication(tuple(elements[1:]), _pick(elements, MIA_REMARKS))
            self._cursor.check_numbers(elements)

    def _read_moa(self, claim: ClaimPayment, elements: list[str]) -> None:
        self._before_lines("MOA")
        if claim.outpatient is not None:
            self._again("MOA")
        else:
            claim.outpatient = OutpatientAdjudication(tuple(elements[1:]), _pick(elements, MOA_REMARKS))
            self._cursor.check_numbers(elements)

    def _again(self, tag: str) -> None:
        self._cursor.report("R209", tag=tag)
        self._cursor.keep_text = True

    def _read_per(self, claim: ClaimPayment, elements: list[str]) -> None:
        self._before_lines("PER")
        claim.contacts += (read_contact(elements),)
        self._cursor.leftover(elements, _PER)

    def _read_svc(self, claim: ClaimPayment, elements: list[str]) -> None:
        field = elements + _PADDING
        cursor = self._cursor
        cursor.leftover(elements, _SVC)
        line = ServicePayment(
            cursor.procedure(field[1], "SVC01"),
            cursor.amount(field[2], "SVC02"),
            cursor.amount(field[3], "SVC03"),
            field[4],
            cursor.quantity(field[5], "SVC05"),
            cursor.procedure(field[6], "SVC06") if field[6] else None,
            cursor.quantity(field[7], "SVC07"),
            segment=cursor.number,
        )
        claim.services.append(line)
        self.line = line

    def plain_service(self, segment: str) -> ServiceFields | None:
        """Return the fields of an SVC that needs no finding, and remember them; None where `read` must read it."""
        elements = segment.split(self._cursor.batch.delimiters.element)
        sent = len(elements)
        if not 3 < sent < 9 or elements[0] != "SVC":
            return None
        _, procedure, charge, paid, revenue, units, submitted, submitted_units = elements + _PADDING[: 8 - sent]
        cursor = self._cursor
        try:
            said = (
                cursor.procedures[procedure],
                cursor.amounts[charge],
                cursor.amounts[paid],
                revenue,
                cursor.numbers[units] if units else None,
                cursor.procedures[submitted] if submitted else None,
                cursor.numbers[submitted_units] if submitted_units else None,
            )
        except (NotAnAmount, NotAProcedure):
            return None
        services = self.known.services
        if len(services) >= _REMEMBERED:
            services.clear()
        services[segment] = said
        return said

    def _read_lq(self, claim: ClaimPayment, elements: list[str]) -> None:
        if self.line is None:
            self._cursor.report("R203", tag="LQ")
            self._cursor.keep_text = True
            return
        field = elements + _PADDING
        remark = RemarkCode(field[1], field[2])
        self.line.remarks += (remark,)
        self._cursor.leftover(elements, _TWO)
        if self._cursor.clean:
            self._remember(self.known.remarks, remark)

    def _remember(self, known: dict[str, Record], record: Record) -> None:
        if len(known) >= _REMEMBERED:
            known.clear()
        known[self._cursor.segment] = record


def _pick(elements: list[str], places: tuple[int, ...]) -> tuple[str, ...]:
    """Return the elements at these places, without empty ones."""
    return tuple(elements[place] for place in places if place < len(elements) and elements[place])
