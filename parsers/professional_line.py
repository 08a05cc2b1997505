"""Loop 2400 of an 837P: one service line, from its LX to the next."""

from decimal import Decimal

from claimloop.edi.dates import DateRange
from claimloop.edi.money import ZERO
from claimloop.edi.parties import Provider, Reference
from claimloop.edi.service_line import NO_SERVICE_DATE, Drug, ServiceLine
from claimloop.parsers.party_draft import PartyDraft, read_note, read_reference
from claimloop.parsers.segment_run import SegmentRun, expect, padded

LINE_SEGMENTS = frozenset(
    ("SV5", "PWK", "CR1", "CR3", "CR5", "CRC", "DTP", "QTY", "MEA", "CN1", "REF", "AMT", "K3", "NTE", "PS1", "HCP",
     "LIN", "CTP", "NM1", "N2", "N3", "N4", "PRV", "PER", "SVD", "CAS", "LQ", "FRM", "SV4", "SV6", "SV7", "HSD",
     "IMM", "LX", "SV1")
)  # fmt: skip
RENDERING_PROVIDER = "82"


def read_line(run: SegmentRun, start: int, end: int, number: int) -> ServiceLine | None:
    """The line whose LX is `run.texts[start]`; None where it has no SV1: then its segments are kept on the claim."""
    separator = run.delimiters.element
    run.loop, subject = "2400", run.subject
    run.subject = f"{subject}, line {number}"
    claim_kept, run.kept = run.kept, []
    sv1 = next((i for i in range(start, end) if run.texts[i].startswith(f"SV1{separator}")), None)
    line = None
    if sv1 is None:
        run.say("R256", start)
        claim_kept.extend(run.texts[start:end])
    else:
        draft = _LineDraft(run, sv1)
        draft.read(start, end, sv1)
        line = draft.record(start)
    run.kept, run.subject = claim_kept, subject
    return line


class _LineDraft:
    """What stands in 2400, 2410 and 2420 while it is read."""

    def __init__(self, run: SegmentRun, sv1: int) -> None:
        self.run = run
        self.sv1 = padded(run.texts[sv1].split(run.delimiters.element), 9)
        component = run.delimiters.component or "\0"
        self.procedure = padded(self.sv1[1].split(component), 6)
        self.charge = run.number(sv1, "SV102", self.sv1[2])
        self.units = run.number(sv1, "SV104", self.sv1[4])
        self.pointers: list[int] = []
        for position, text in enumerate(self.sv1[7].split(component), start=1):
            if text.isascii() and text.isdigit() and len(text) <= 2:
                self.pointers.append(int(text))
            elif text:
                run.say("R252", sv1, f"SV107-{position}", text)
                run.keep(sv1)
        if not self.procedure[1]:
            run.say("R262", sv1, "SV101-2", self.sv1[1])
            run.keep(sv1)
        if any(self.procedure[7:]) or self.sv1[6] or self.sv1[8] or self.sv1[9] not in ("", "Y") or any(self.sv1[10:]):
            run.keep(sv1)
        self.service_date: DateRange | None = None
        self.date_seen = False
        self.line_control_number = ""
        self.references: list[Reference] = []
        self.notes: list[Reference] = []
        self.ndc = self.drug_unit = self.prescription = ""
        self.drug_quantity: Decimal | None = None
        self.drug_at: list[int] = []
        self.rendering: Provider | None = None

    def read(self, start: int, end: int, sv1: int) -> None:
        """Every segment of the line but its LX and SV1."""
        run, separator = self.run, self.run.delimiters.element
        party: PartyDraft | None = None
        whole = False
        for index in range(start + 1, end):
            if index == sv1:
                continue
            elements = run.texts[index].split(separator)
            tag = elements[0]
            if tag == "SVD" or tag == "LQ":
                whole = True  # 2430 and 2440: another payer's decision, forms
            if whole:
                expect(run, index, tag, LINE_SEGMENTS)
                run.keep(index)
            elif tag == "NM1":
                self._end(party)
                party = self._party(index, elements)
            elif party is None or elements[1:2] == ["6R"] or not party.take(index, elements):
                self._segment(index, tag, elements)
        self._end(party)

    def _party(self, index: int, nm1: list[str]) -> PartyDraft:
        """A party of 2420. The rendering provider has a field, the others are kept as text with what follows."""
        rendering = nm1[1:2] == [RENDERING_PROVIDER] and self.rendering is None
        return PartyDraft(self.run, index, nm1, whole=not rendering)

    def _end(self, party: PartyDraft | None) -> None:
        if party is not None and not party.whole:
            self.rendering = party.provider()

    def _segment(self, index: int, tag: str, elements: list[str]) -> None:
        run = self.run
        match tag:
            case "DTP" if elements[1:2] == ["472"] and not self.date_seen:
                self._service_date(index, padded(elements, 3))
            case "REF":
                self._reference(index, elements)
            case "NTE":
                self.notes.append(read_note(run, index, elements))
            case "LIN" if elements[2:3] == ["N4"] and not self.ndc:
                self.ndc = padded(elements, 3)[3]
                self.drug_at.append(index)
                if elements[1] or any(elements[4:]):
                    run.keep(index)
            case "CTP" if self.ndc and not self.drug_unit:
                self._drug_quantity(index, padded(elements, 5))
            case _:
                expect(run, index, tag, LINE_SEGMENTS)
                run.keep(index)

    def _service_date(self, index: int, field: list[str]) -> None:
        """DTP*472. Of a moment (DT) the day is read and the segment is kept for the time."""
        self.date_seen = True
        moment = field[2] == "DT"
        self.service_date = self.run.period(index, "DTP03", field[3][:8] if moment else field[3])
        if moment or field[2] not in ("D8", "RD8") or any(field[4:]):
            self.run.keep(index)

    def _reference(self, index: int, elements: list[str]) -> None:
        qualifier = elements[1] if len(elements) > 1 else ""
        if qualifier == "6R" and not self.line_control_number:
            self.line_control_number = read_reference(self.run, index, elements).value
            if any(elements[3:]):
                self.run.keep(index)
        elif qualifier == "XZ" and self.ndc and not self.prescription:
            self.prescription = read_reference(self.run, index, elements).value
            self.drug_at.append(index)
            if any(elements[3:]):
                self.run.keep(index)
        elif qualifier == "VY":
            self.run.keep(index)  # links the parts of a compound drug: it belongs to 2410
        else:
            self.references.append(read_reference(self.run, index, elements))

    def _drug_quantity(self, index: int, field: list[str]) -> None:
        component = self.run.delimiters.component or "\0"
        unit = field[5].split(component)
        self.drug_unit = unit[0]
        self.drug_quantity = self.run.number(index, "CTP04", field[4])
        if any(field[1:4]) or any(unit[1:]) or any(field[6:]):
            self.run.keep(index)

    def record(self, start: int) -> ServiceLine:
        """The line. An amount or date that could not be read stands as zero and as NO_SERVICE_DATE."""
        run, sv1, procedure = self.run, self.sv1, self.procedure
        drug = self._drug()
        if not self.date_seen:
            run.say("R257", start)
            run.unreadable += 1
        return ServiceLine(
            line_control_number=self.line_control_number,
            procedure=procedure[1],
            charge=ZERO if self.charge is None else self.charge,
            units=ZERO if self.units is None else self.units,
            service_date=self.service_date or NO_SERVICE_DATE,
            modifiers=tuple(filter(None, procedure[2:6])),
            unit=sv1[3],
            diagnosis_pointers=tuple(self.pointers),
            place_of_service=sv1[5],
            emergency=sv1[9] == "Y",
            description=procedure[6],
            procedure_qualifier=procedure[0],
            references=tuple(self.references),
            notes=tuple(self.notes),
            drug=drug,
            providers=(self.rendering,) if self.rendering else (),
            other_segments=tuple(run.kept),
        )

    def _drug(self) -> Drug | None:
        """2410; a LIN without a readable CTP is kept as text: a drug without its quantity is none."""
        if not self.ndc:
            return None
        if self.drug_quantity is None:
            for index in self.drug_at:
                self.run.keep(index)
            return None
        return Drug(self.ndc, self.drug_quantity, self.drug_unit, self.prescription)
