"""Loop 2300 of an 837P with its lines (2400): one run of segments from CLM to the next CLM or HL.

A segment that says more than the record has fields for is read and kept whole as well, so nothing is lost; the
loops that have no record of their own (2320 and below, 2430, 2440) are kept whole.
"""

from decimal import Decimal
from itertools import pairwise

from claimloop.edi.claim import Accident, Claim, Subscriber
from claimloop.edi.dates import DateRange
from claimloop.edi.envelope import Source
from claimloop.edi.money import ZERO
from claimloop.edi.parties import Party, Provider, Reference
from claimloop.edi.service_line import ServiceLine
from claimloop.parsers.hierarchy import Hierarchy
from claimloop.parsers.party_draft import PartyDraft, read_note, read_reference
from claimloop.parsers.professional_line import read_line
from claimloop.parsers.segment_run import SegmentRun, expect, padded

CLAIM_PROVIDERS = frozenset(("DN", "P3", "82", "77", "DQ", "PW", "45", "QB", "FA", "LI", "TL"))
"""NM101 of the loops 2310: 5010, and behind it those of 4010 (purchased service, facility)."""

DIAGNOSIS_QUALIFIERS = frozenset(("ABK", "ABF", "BK", "BF"))
CLAIM_SEGMENTS = frozenset(
    ("DTP", "PWK", "CN1", "AMT", "REF", "K3", "NTE", "CR1", "CR2", "CRC", "HI", "HCP", "NM1", "N2", "N3", "N4",
     "PRV", "PER", "SBR", "CAS", "OI", "MIA", "MOA", "DMG", "DSB", "CUR", "UR", "CR5", "CR6", "CR7", "HSD", "CL1",
     "QTY")
)  # fmt: skip


def read_claim(run: SegmentRun, above: Hierarchy, source: Source) -> Claim:
    """The claim of a run whose first segment is its CLM."""
    separator = run.delimiters.element
    line_start = f"LX{separator}"
    starts = [index for index, text in enumerate(run.texts) if text.startswith(line_start)]
    run.loop = "2300"
    claim = _ClaimDraft(run, run.texts[0].split(separator))
    claim.read(range(1, starts[0] if starts else len(run.texts)))
    lines: list[ServiceLine] = []
    for number, (start, end) in enumerate(pairwise([*starts, len(run.texts)]), start=1):
        line = read_line(run, start, end, number)
        if line is not None:
            lines.append(line)
    run.loop = "2300"
    missing = above.missing()
    if not lines:
        missing.append("service line")
    if missing:
        run.say("R255", 0, missing=", ".join(missing))
    total = sum((line.charge for line in lines), ZERO)
    if lines and not run.unreadable and total != claim.charge:
        run.say("R254", 0, "CLM02", charge=claim.charge, total=total)
    return claim.record(above, tuple(lines), source)


class _ClaimDraft:
    """What stands in 2300 and 2310 while it is read."""

    def __init__(self, run: SegmentRun, clm: list[str]) -> None:
        self.run = run
        self.clm = padded(clm, 20)
        self.charge = run.number(0, "CLM02", self.clm[2]) or ZERO
        component = run.delimiters.component or "\0"
        self.place, self.frequency = "", ""
        place = padded(self.clm[5].split(component), 2)
        self.place, facility_qualifier, self.frequency = place[0], place[1], place[2]
        cause = padded(self.clm[11].split(component), 4)
        self.accident = Accident(tuple(filter(None, cause[:3])), cause[3], cause[4]) if self.clm[11] else None
        others = (3, 4, 13, 14, 15, 16, 17, 18, 19)
        if (
            facility_qualifier not in ("", "B")
            or any(place[3:])
            or any(cause[5:])
            or any(self.clm[i] for i in others)
            or any(self.clm[21:])
        ):
            run.keep(0)
        self.dates: dict[str, DateRange] = {}
        self.patient_paid: Decimal | None = None
        self.references: list[Reference] = []
        self.notes: list[Reference] = []
        self.diagnoses: list[str] = []
        self.diagnosis_qualifier = ""
        self.providers: list[Provider] = []

    def read(self, indices: range) -> None:
        """The segments between CLM and the first LX."""
        run, separator = self.run, self.run.delimiters.element
        party: PartyDraft | None = None
        whole = False
        for index in indices:
            elements = run.texts[index].split(separator)
            tag = elements[0]
            if tag == "SBR":
                whole = True  # 2320 and 2330: another payer
            if whole:
                expect(run, index, tag, CLAIM_SEGMENTS)
                run.keep(index)
                continue
            if tag == "NM1":
                self._end(party)
                role = elements[1] if len(elements) > 1 else ""
                party = PartyDraft(run, index, elements, whole=role not in CLAIM_PROVIDERS)
            elif party is None or not party.take(index, elements):
                self._segment(index, tag, elements)
        self._end(party)

    def _end(self, party: PartyDraft | None) -> None:
        if party is not None and not party.whole:
            self.providers.append(party.provider())

    def _segment(self, index: int, tag: str, elements: list[str]) -> None:
        run = self.run
        match tag:
            case "HI":
                self._codes(index, elements)
            case "REF":
                self.references.append(read_reference(run, index, elements))
            case "DTP":
                self._date(index, padded(elements, 3))
            case "NTE":
                self.notes.append(read_note(run, index, elements))
            case "AMT" if elements[1:2] == ["F5"] and self.patient_paid is None:
                self.patient_paid = run.number(index, "AMT02", elements[2] if len(elements) > 2 else "")
            case _:
                expect(run, index, tag, CLAIM_SEGMENTS)
                run.keep(index)

    def _date(self, index: int, field: list[str]) -> None:
        """A DTP of 2300. Of a moment (DT) the day is read and the segment is kept for the time."""
        qualifier, form, text = field[1:4]
        if qualifier in self.dates or form not in ("D8", "RD8", "DT"):
            self.run.keep(index)
            return
        period = self.run.period(index, "DTP03", text[:8] if form == "DT" else text)
        if period is not None:
            self.dates[qualifier] = period
            if form == "DT":
                self.run.keep(index)

    def _codes(self, index: int, elements: list[str]) -> None:
        """HI: diagnoses have a field, the other code lists (procedures, conditions) are kept as text."""
        component = self.run.delimiters.component or "\0"
        codes = [element.split(component) for element in elements[1:] if element]
        if not all(code[0] in DIAGNOSIS_QUALIFIERS and len(code) > 1 for code in codes):
            self.run.keep(index)
            return
        for number, code in enumerate(codes):
            if not self.diagnoses:
                self.diagnosis_qualifier = code[0]
            self.diagnoses.append(code[1])
            expected = self.diagnosis_qualifier if number == 0 else self.diagnosis_qualifier[:-1] + "F"
            if code[0] != expected or any(code[2:]):
                self.run.keep(index)

    def record(self, above: Hierarchy, lines: tuple[ServiceLine, ...], source: Source) -> Claim:
        """The claim with everything that it stands under."""
        clm = self.clm
        return Claim(
            patient_control_number=clm[1],
            charge=self.charge,
            place_of_service=self.place,
            billing_provider=above.billing_provider or Provider(),
            subscriber=above.subscriber or Subscriber(Party(), payer_responsibility=""),
            payer=above.payer or Party(),
            lines=lines,
            patient=above.patient,
            pay_to_address=above.pay_to_address,
            frequency=self.frequency,
            provider_signature=clm[6],
            assignment=clm[7],
            benefits_assigned=clm[8],
            release_of_information=clm[9],
            patient_signature_source=clm[10],
            accident=self.accident,
            special_program=clm[12],
            delay_reason=clm[20],
            dates=self.dates,
            patient_paid=self.patient_paid,
            references=tuple(self.references),
            notes=tuple(self.notes),
            diagnoses=tuple(self.diagnoses),
            diagnosis_qualifier=self.diagnosis_qualifier or "ABK",
            providers=tuple(self.providers),
            other_segments=(*above.kept(), *self.run.kept),
            unreadable=above.unreadable() + self.run.unreadable,
            source=source,
        )
