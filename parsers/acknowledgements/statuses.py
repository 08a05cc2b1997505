"""Read 277CA and other 277s: a report of the source, then batches, providers and claims, one by one."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal

from claimloop.edi.records.acknowledgement import (
    AcknowledgementItem,
    BatchStatus,
    ClaimStatus,
    LineStatus,
    ProviderStatus,
    Status,
    StatusCode,
    StatusReport,
    StatusReportEnd,
)
from claimloop.edi.records.parties import Contact, Party, Reference
from claimloop.edi.records.procedure import Procedure
from claimloop.edi.records.service_payment import QualifiedAmount, QualifiedDate, QualifiedQuantity
from claimloop.edi.syntax.envelope import Source, shown
from claimloop.parsers.acknowledgements.values import (
    amount,
    check_used,
    components,
    contact,
    counted,
    dated,
    day,
    money,
    padded,
    party,
    procedure,
    quantity,
    reference,
)
from claimloop.parsers.cursor import Cursor, shown_tag

_ACKNOWLEDGING = frozenset(("X214", "X167"))
"""Guides that report whether claims were received: 005010X214, and 004040X167 before it."""

_REPORT, _BATCH, _PROVIDER, _PATIENT, _CLAIM, _LINE = "report", "batch", "provider", "patient", "claim", "line"
_LEVELS = {"20": _REPORT, "21": _BATCH, "19": _PROVIDER, "22": _PATIENT, "23": _PATIENT, "PT": _PATIENT}
_SUBSCRIBER, _DEPENDENT = "22", "23"
_LOOPS = {
    _REPORT: "2100A", _BATCH: "2200B", _PROVIDER: "2200C", _PATIENT: "2100D", _CLAIM: "2200D", _LINE: "2220D",
}  # fmt: skip
_DECIDED = frozenset((_BATCH, _PROVIDER, _CLAIM, _LINE))
_LAST_OF_SVC, _UNUSED_IN_SVC = 7, (5, 6)


_Service = tuple[Procedure, Decimal | None, Decimal | None, str, Decimal | None]
"""SVC: procedure, charge, paid, revenue code, units."""

_Common = tuple[
    Source, tuple[Status, ...], tuple[QualifiedQuantity, ...], tuple[QualifiedAmount, ...], tuple[Reference, ...],
    tuple[QualifiedDate, ...], tuple[str, ...],
]  # fmt: skip


class _Level:
    """The values so far of the open level, claim or line."""

    __slots__ = (
        "amounts", "contacts", "dates", "kept", "number", "party", "quantities", "references", "statuses", "trace",
    )  # fmt: skip

    def __init__(self, number: int) -> None:
        self.number = number
        self.party: Party | None = None
        self.trace = ""
        self.statuses: list[Status] = []
        self.quantities: list[QualifiedQuantity] = []
        self.amounts: list[QualifiedAmount] = []
        self.references: list[Reference] = []
        self.dates: list[QualifiedDate] = []
        self.contacts: list[Contact] = []
        self.kept: list[str] = []


class StatusReader:
    """Read the segments of one 277. Add completed records to `ready`; `finish` completes the rest."""

    def __init__(self, cursor: Cursor, source: Source, guide: str, ready: list[AcknowledgementItem]) -> None:
        self._cursor = cursor
        self._source = source
        self._guide = guide
        self._ready = ready
        self._open = _REPORT
        self._said = _Level(source.segment)
        self._bht: list[str] = []
        self._created: date | None = None
        self._levels = False
        self._level_code = ""
        self._has_claim = False  # whether the patient of this level has a claim
        self._unclaimed: tuple[str, ...] = ()
        self._claims = 0
        self._information_source: Party | None = None
        self._batch_reference = ""
        self._provider: Party | None = None
        self._subscriber: Party | None = None
        self._above: tuple[str, ...] = ()  # kept from the subscriber, for the claims of their dependents
        self._patient: _Level | None = None
        self._claim: _Level | None = None
        self._service: _Service | None = None
        self._lines: list[LineStatus] = []
        if guide[6:10] not in _ACKNOWLEDGING:
            cursor.report("P604", "ST03", guide=shown(guide))

    def place(self) -> tuple[str, str]:
        """Return the open loop and its claim, for findings."""
        claim = f"claim #{self._claims + 1}" if self._claim is not None else ""
        if self._open == _LINE:
            claim += f" SVC #{len(self._lines) + 1}"
        return _LOOPS[self._open], claim

    def read(self, tag: str, elements: list[str]) -> None:
        """Read one segment between ST and SE."""
        reader = _READERS.get(tag)
        if reader is not None:
            reader(self, elements)
        else:
            self._unknown(tag)
        if self._cursor.keep_text:
            self._said.kept.append(self._cursor.segment)

    def finish(self, *, complete: bool) -> None:
        """Close the set at its SE, or at the segment that ends a set without one."""
        self._close()
        self._ready.append(StatusReportEnd(self._source, self._claims, complete, self._unclaimed))

    def _misplaced(self, tag: str) -> None:
        self._cursor.report("P605", tag=tag)
        self._cursor.keep_text = True

    def _unknown(self, tag: str) -> None:
        self._cursor.report("P612", value=self._cursor.segment, tag=shown_tag(tag))
        self._cursor.keep_text = True

    def _read_bht(self, elements: list[str]) -> None:
        if self._bht or self._levels:
            self._unknown("BHT")
            return
        self._bht = padded(elements, 6)
        check_used(self._cursor, self._bht, 6)
        self._created = day(self._cursor, self._bht[4], "BHT04")

    def _read_hl(self, elements: list[str]) -> None:
        """Read a level. Levels are read by position; HL02 is ignored."""
        level = padded(elements, 3)[3].strip().upper()
        opens = _LEVELS.get(level)
        if opens == _REPORT and not self._levels:
            self._levels = True
            return
        self._levels = True
        above = self._close(dependent_follows=level == _DEPENDENT)
        self._open, self._level_code = opens or _PATIENT, level
        self._said = _Level(self._cursor.number)
        if self._open == _PATIENT:
            self._begin_patient(above)
            if opens is None:
                self._cursor.report("P609", "HL03", level)
            return
        self._patient = self._subscriber = self._provider = None
        self._above = ()
        if self._open != _PROVIDER:
            self._batch_reference = ""
        if self._open == _REPORT:
            self._information_source = None

    def _begin_patient(self, above: tuple[str, ...]) -> None:
        self._patient = self._said
        self._has_claim = False
        if self._level_code != _DEPENDENT:
            self._subscriber, self._above = None, ()
        elif above:
            self._above = above

    def _read_nm1(self, elements: list[str]) -> None:
        if self._open in (_CLAIM, _LINE) or self._said.party is not None:
            self._unknown("NM1")
            return
        self._said.party = read = party(self._cursor, elements)
        if self._open == _REPORT:
            self._information_source = read
        elif self._open == _PROVIDER:
            self._provider = read
        elif self._level_code == _SUBSCRIBER:
            self._subscriber = read

    def _read_trn(self, elements: list[str]) -> None:
        trace = padded(elements, 2)[2]
        if self._patient is not None:
            self._begin_claim(trace)
        elif self._said.trace:
            self._unknown("TRN")
            return
        else:
            self._said.trace = trace
            if self._open == _BATCH:
                self._batch_reference = trace
        check_used(self._cursor, elements, 2)

    def _begin_claim(self, control_number: str) -> None:
        self._close_claim()
        self._open, self._has_claim = _CLAIM, True
        self._claim = self._said = _Level(self._cursor.number)
        self._said.trace = control_number
        if not control_number.strip():
            self._cursor.report("P610", "TRN02")

    def _read_stc(self, elements: list[str]) -> None:
        if self._open == _PATIENT:
            self._begin_claim("")
        elif self._open == _REPORT:
            self._misplaced("STC")
            return
        cursor = self._cursor
        field = padded(elements, 12)
        check_used(cursor, field, 12)
        codes = tuple(self._code(text) for text in (field[1], field[10], field[11]) if text.strip())
        status = Status(
            codes,
            day(cursor, field[2], "STC02"),
            field[3].strip(),
            money(cursor, field[4], "STC04"),
            money(cursor, field[5], "STC05"),
            day(cursor, field[6], "STC06"),
            field[7],
            day(cursor, field[8], "STC08"),
            field[9],
            field[12],
            cursor.number,
        )
        if not status.category:
            cursor.report("P603", "STC01", what=self._open)
        self._said.statuses.append(status)

    def _code(self, text: str) -> StatusCode:
        category, status, entity, code_list, *rest = components(self._cursor, text, 4)
        if any(rest):
            self._cursor.report("P611", tag="STC")
            self._cursor.keep_text = True
        return StatusCode(category.strip(), status.strip(), entity, code_list)

    def _read_ref(self, elements: list[str]) -> None:
        if self._open in _DECIDED:
            self._said.references.append(reference(self._cursor, elements))
        else:
            self._misplaced("REF")

    def _read_dtp(self, elements: list[str]) -> None:
        if self._open == _PATIENT:
            self._misplaced("DTP")
        elif (read := dated(self._cursor, elements)) is not None:
            self._said.dates.append(read)

    def _read_qty(self, elements: list[str]) -> None:
        if self._open not in _DECIDED:
            self._misplaced("QTY")
        elif (read := counted(self._cursor, elements)) is not None:
            self._said.quantities.append(read)

    def _read_amt(self, elements: list[str]) -> None:
        if self._open not in _DECIDED:
            self._misplaced("AMT")
        elif (read := amount(self._cursor, elements)) is not None:
            self._said.amounts.append(read)

    def _read_per(self, elements: list[str]) -> None:
        if self._open == _REPORT:
            self._said.contacts.append(contact(self._cursor, elements))
        else:
            self._unknown("PER")

    def _read_svc(self, elements: list[str]) -> None:
        if self._claim is None:
            self._misplaced("SVC")
            return
        self._close_line()
        cursor = self._cursor
        self._open, self._said = _LINE, _Level(cursor.number)
        field = padded(elements, _LAST_OF_SVC)
        check_used(cursor, field, _LAST_OF_SVC, _UNUSED_IN_SVC)
        self._service = (
            procedure(cursor, field[1]),
            money(cursor, field[2], "SVC02"),
            money(cursor, field[3], "SVC03"),
            field[4],
            quantity(cursor, field[7], "SVC07"),
        )

    def _close(self, *, dependent_follows: bool = False) -> tuple[str, ...]:
        """Close the open level. Return the kept segments of a subscriber whose dependent comes next."""
        said = self._said
        match self._open:
            case "report":
                self._close_report(said)
            case "batch":
                self._ready.append(
                    BatchStatus(*self._common(said), receiver=said.party, batch_reference=self._batch_reference)
                )
            case "provider":
                self._ready.append(
                    ProviderStatus(
                        *self._common(said), batch_reference=self._batch_reference, provider=said.party,
                        trace_number=said.trace,
                    )
                )  # fmt: skip
            case _:
                self._close_claim()
        if self._patient is None:
            return ()
        kept = self._patient.kept
        if dependent_follows and self._level_code == _SUBSCRIBER:
            return tuple(kept)
        if not self._has_claim:
            self._unclaimed += (*self._above, *kept)
            self._cursor.report_on(self._patient.number, "P602", _LOOPS[_PATIENT], "", "", what="patient", tag="STC")
        return ()

    def _close_report(self, said: _Level) -> None:
        _, structure, purpose, number, _, time, kind, *_ = padded(self._bht, 6)
        self._ready.append(
            StatusReport(
                self._place_of(said.number), self._guide, structure, purpose, number, self._created, time, kind,
                said.party, said.trace, tuple(said.contacts), tuple(said.dates), tuple(said.kept),
            )
        )  # fmt: skip

    def _close_line(self) -> None:
        if self._service is None:
            return
        provided, charge, paid, revenue_code, units = self._service
        self._service = None
        self._lines.append(
            LineStatus(
                *self._common(self._said), procedure=provided, charge=charge, paid=paid, revenue_code=revenue_code,
                units=units,
            )
        )  # fmt: skip

    def _close_claim(self) -> None:
        claim = self._claim
        if claim is None:
            return
        self._close_line()
        if not claim.statuses:
            subject = f"claim #{self._claims + 1}"
            self._cursor.report_on(claim.number, "P602", _LOOPS[_CLAIM], subject, "", what="claim", tag="STC")
        above = self._patient
        if above is not None and (above.kept or self._above):
            claim.kept = [*self._above, *above.kept, *claim.kept]
        self._ready.append(
            ClaimStatus(
                *self._common(claim), control_number=claim.trace, patient=above.party if above is not None else None,
                subscriber=self._subscriber, lines=tuple(self._lines), information_source=self._information_source,
                batch_reference=self._batch_reference, provider=self._provider,
            )
        )  # fmt: skip
        self._claims += 1
        self._claim, self._lines = None, []

    def _place_of(self, number: int) -> Source:
        source = self._source
        return Source(source.file, source.interchange, source.group, source.transaction, number)

    def _common(self, said: _Level) -> _Common:
        return (
            self._place_of(said.number), tuple(said.statuses), tuple(said.quantities), tuple(said.amounts),
            tuple(said.references), tuple(said.dates), tuple(said.kept),
        )  # fmt: skip


_READERS: dict[str, Callable[[StatusReader, list[str]], None]] = {
    "BHT": StatusReader._read_bht,
    "HL": StatusReader._read_hl,
    "NM1": StatusReader._read_nm1,
    "TRN": StatusReader._read_trn,
    "STC": StatusReader._read_stc,
    "REF": StatusReader._read_ref,
    "DTP": StatusReader._read_dtp,
    "QTY": StatusReader._read_qty,
    "AMT": StatusReader._read_amt,
    "PER": StatusReader._read_per,
    "SVC": StatusReader._read_svc,
}
