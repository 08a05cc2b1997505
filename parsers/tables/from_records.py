"""Make rows from the records of the 835 reader. They are exact for every file; the columnar reader must match them.

Keys count remittances, claims and service lines in the order of the file. `skip` counts claims whose rows come from
the columnar reader.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import date
from decimal import Decimal
from operator import attrgetter

from claimloop.edi.diagnostics import Report, Where, diagnose
from claimloop.edi.records.parties import Party, Reference
from claimloop.edi.records.remittance import (
    Adjustment,
    ClaimPayment,
    Procedure,
    ProviderAdjustment,
    ProviderSummary,
    QualifiedAmount,
    QualifiedDate,
    QualifiedQuantity,
    Remittance,
    RemittanceEnd,
    ServicePayment,
)
from claimloop.parsers.remittance.set_reader import RemittanceItem
from claimloop.parsers.tables.columns import DECIMALS, DEFINITION, Column, Kind

Cell = str | int | bool | Decimal | date | None
Row = tuple[Cell, ...]

_LARGEST = 10**18
_EXPONENTS: dict[Kind, Decimal] = {kind: Decimal(1).scaleb(-places) for kind, places in DECIMALS.items()}
_MODIFIERS = 4


class Rows:
    """Rows of every table, gathered from records as they come.

    The caller may empty `rows` at any time; the counters continue. `remittances`, `claims` and `services` are the
    highest keys assigned so far.
    """

    def __init__(self, report: Report) -> None:
        self.rows: dict[str, list[Row]] = {name: [] for name in DEFINITION}
        self.remittances = self.claims = self.services = 0
        self._report = report
        self._remittance: Remittance | None = None
        self._remittance_row: list[Cell] = []

    def take(self, items: Iterable[RemittanceItem]) -> None:
        """Append the rows of these items, which must be in the order of the reader."""
        for item in items:
            match item:
                case ClaimPayment():
                    self._claim(item)
                case ProviderAdjustment():
                    self._provider_adjustment(item)
                case Remittance():
                    self._open(item)
                case RemittanceEnd():
                    self._close(item)
                case ProviderSummary():
                    pass  # TS2 and TS3 repeat sums that the claims have

    def skip(self, claims: int, services: int) -> None:
        """Count claims and service lines whose rows come from the columnar reader."""
        self.claims += claims
        self.services += services

    def _open(self, remittance: Remittance) -> None:
        self.remittances += 1
        self._remittance = remittance
        place = self._place(remittance)
        # The set's row is complete only at its end: later segments may still be kept on the record.
        for party in (remittance.payer, remittance.payee):
            if party.role:
                self._party(place, None, party)
                self._references(place, None, None, party.references, party.role)
        self._references(place, None, None, remittance.references)

    def _close(self, end: RemittanceEnd) -> None:
        remittance, self._remittance = self._remittance, None
        assert remittance is not None
        file, segment = self._place(remittance)
        cells = (
            end.complete
            if column.name == "complete"
            else self._cell(column, attrgetter(column.field)(remittance), segment)
            for column in DEFINITION["remittances"].columns[3:]
        )
        self.rows["remittances"].append((self.remittances, file, segment, *cells))

    def _claim(self, claim: ClaimPayment) -> None:
        self.claims += 1
        place = self._place(claim)
        days = _first_days(claim.dates)
        self.rows["claims"].append(
            (
                self.claims,
                self.remittances,
                *place,
                *(
                    days.get(column.field)
                    if column.kind == "date"
                    else self._cell(column, getattr(claim, column.field), place[1])
                    for column in DEFINITION["claims"].columns[4:]
                ),
            )
        )
        for party in claim.parties:
            self._party(place, self.claims, party)
        self._level(place, None, claim)
        for sent_in, said in (("MIA", claim.inpatient), ("MOA", claim.outpatient)):
            for code in said.remarks if said else ():
                self._remark(place, None, sent_in, None, code)
        for line in claim.services:
            self._service(claim, place[0], line)

    def _service(self, claim: ClaimPayment, file: str, line: ServicePayment) -> None:
        self.services += 1
        place = file, line.segment
        days = line.service_date
        derived: dict[str, Cell] = {
            "service_start": days.start if days else None,
            "service_end": days.end if days else None,
            "line_control_number": line.line_control_number or None,
            **_procedure_cells(line.procedure),
        }
        submitted = line.submitted_procedure or Procedure("", "")
        derived["submitted_procedure_qualifier"] = submitted.qualifier or None
        derived["submitted_procedure"] = submitted.code or None
        self.rows["services"].append(
            (
                self.services,
                self.claims,
                self.remittances,
                *place,
                *(
                    derived[column.name]
                    if column.name in derived
                    else self._cell(column, getattr(line, column.field), place[1])
                    for column in DEFINITION["services"].columns[5:]
                ),
            )
        )
        self._level(place, self.services, line)
        for remark in line.remarks:
            self._remark(place, self.services, "LQ", remark.qualifier, remark.code)

    def _level(self, place: tuple[str, int], service: int | None, level: ClaimPayment | ServicePayment) -> None:
        """Add the rows that a claim and a service line have in common."""
        for adjustment in level.adjustments:
            self._child("adjustments", place, service, adjustment)
        self._references(place, self.claims, service, level.references)
        for amount in level.amounts:
            self._child("amounts", place, service, amount)
        for quantity in level.quantities:
            self._child("amounts", place, service, quantity)

    def _child(
        self,
        table: str,
        place: tuple[str, int],
        service: int | None,
        record: Adjustment | QualifiedAmount | QualifiedQuantity,
    ) -> None:
        cells = (
            self._cell(column, getattr(record, column.field, None), place[1])
            for column in DEFINITION[table].columns[5:]
        )
        self.rows[table].append((self.claims, service, self.remittances, *place, *cells))

    def _remark(
        self, place: tuple[str, int], service: int | None, sent_in: str, qualifier: str | None, code: str
    ) -> None:
        self.rows["remarks"].append(
            (self.claims, service, self.remittances, *place, sent_in, qualifier or None, code or None)
        )

    def _references(
        self,
        place: tuple[str, int],
        claim: int | None,
        service: int | None,
        references: Iterable[Reference],
        party: str | None = None,
    ) -> None:
        for reference in references:
            self.rows["references"].append(
                (
                    claim,
                    service,
                    self.remittances,
                    *place,
                    party,
                    reference.qualifier or None,
                    reference.value or None,
                    reference.description or None,
                )
            )

    def _party(self, place: tuple[str, int], claim: int | None, party: Party) -> None:
        address = party.address
        cells = (
            (getattr(party, column.field) if column.element else getattr(address, column.field, "")) or None
            for column in DEFINITION["parties"].columns[4:]
        )
        self.rows["parties"].append((claim, self.remittances, *place, *cells))

    def _provider_adjustment(self, adjustment: ProviderAdjustment) -> None:
        assert self._remittance is not None
        file, _ = self._place(self._remittance)
        cells = (
            self._cell(column, getattr(adjustment, column.field), adjustment.segment)
            for column in DEFINITION["provider_adjustments"].columns[3:]
        )
        self.rows["provider_adjustments"].append((self.remittances, file, adjustment.segment, *cells))

    def _place(self, record: Remittance | ClaimPayment) -> tuple[str, int]:
        assert record.source is not None
        return record.source.file, record.source.segment

    def _cell(self, column: Column, value: object, segment: int) -> Cell:
        """Return the value in the column's type. A number that does not fit is reported (T901) and becomes null."""
        if value is None or value == "":
            return None
        if isinstance(value, Decimal):
            exact = exactly(value, column.kind)
            if exact is None:
                file = self._place(self._remittance)[0] if self._remittance else ""
                self._report(
                    diagnose("T901", Where(file, segment, element=column.source), str(value), column=column.name)
                )
            return exact
        assert isinstance(value, str | bool | date)
        return value


def exactly(value: Decimal, kind: Kind) -> Decimal | None:
    """Return the number with the decimals of its column; None where it has more, or does not fit 18 digits."""
    exponent = _EXPONENTS[kind]
    if abs(value) >= _LARGEST * exponent:
        return None
    fixed = value.quantize(exponent)
    return fixed if fixed == value else None


def _procedure_cells(procedure: Procedure) -> dict[str, Cell]:
    cells: dict[str, Cell] = {
        f"modifier_{place}": modifier
        for place, modifier in enumerate((*procedure.modifiers, *[None] * _MODIFIERS)[:_MODIFIERS], start=1)
    }
    return {"procedure_qualifier": procedure.qualifier or None, "procedure": procedure.code or None} | cells


def _first_days(dates: Iterable[QualifiedDate]) -> dict[str, date]:
    days: dict[str, date] = {}
    for dated in dates:
        days.setdefault(dated.qualifier, dated.date)
    return days


def rows_of(items: Iterator[RemittanceItem], report: Report, taken: Callable[[Rows], None] | None = None) -> Rows:
    """Return rows of all items. `taken` is called after every item, so that it may drain the rows."""
    rows = Rows(report)
    for item in items:
        rows.take((item,))
        if taken:
            taken(rows)
    return rows
