"""Every segment and element that X221A1 and X091A1 have: read into a field, or kept as text, never lost."""

from collections.abc import Iterator

import pytest

from claimloop.edi.diagnostics import Diagnostic
from claimloop.edi.guides.guides import guide_of
from claimloop.edi.guides.structure import Composite, Element, Guide, Loop, Segment
from claimloop.edi.records.remittance import Remittance
from claimloop.tests.parsers.remittance.era import interchange, read
from claimloop.tests.parsers.remittance.test_corpus import kept_values, sent_values

GUIDES = {"005010X221A1": "835.5010.X221.A1.xml", "004010X091A1": "835.4010.X091.A1.xml"}
ENVELOPE = frozenset(("ISA", "GS", "ST", "SE", "GE", "IEA", "TA1"))
PADDING = 99


def segments(place: Guide | Loop) -> Iterator[Segment]:
    """The segments of the set itself, in the guide's order."""
    for child in place.children:
        if isinstance(child, Loop):
            yield from segments(child)
        elif child.id not in ENVELOPE:
            yield child


class Filler:
    """Fills elements with values that tell them apart: numbers and days that go up, texts that count."""

    def __init__(self, *, unused: bool) -> None:
        self.count = 100
        self.unused = unused

    def segment(self, segment: Segment) -> str:
        """The segment with every element that the guide uses; with `unused` also those that it does not."""
        values = [""] * PADDING
        for element in segment.elements:
            if isinstance(element, Composite):
                parts = [self.value(part) for part in element.components]
                values[element.position] = ":".join(parts).rstrip(":") if self.wanted(element) else ""
            else:
                values[element.position] = self.value(element)
        if segment.qualified_by == (1, 0) and segment.qualifiers:
            values[1] = segment.qualifiers[0]
        if segment.id == "CAS":  # fewer amounts than CLP03 has room for is not the point here
            values[1] = "CO"
        return "*".join((segment.id, *values[1:])).rstrip("*:")

    def wanted(self, place: Element | Composite) -> bool:
        return self.unused or place.usage != "N"

    def value(self, element: Element) -> str:
        if not self.wanted(element):
            return ""
        self.count += 1
        if element.codes:
            return element.codes[0]
        match element.type:
            case "DT":
                return f"2026{1 + self.count % 12:02d}{1 + self.count % 28:02d}"
            case "R" | "N0" | "N2":
                return str(self.count)
            case _:
                return f"T{self.count}"


def file_of(guide: str, *, unused: bool = False, one_supplement: bool = False) -> str:
    """A file with each segment of the guide once. BPR11 and TRN04 are one number, or two where a payer errs."""
    filler = Filler(unused=unused)
    body = [filler.segment(segment) for segment in segments(guide_of(GUIDES[guide]))]
    if one_supplement:
        payment, trace = body[0].split("*"), body[1].split("*")
        body[1] = "*".join((*trace[:4], payment[11]))
    text = "~".join(("ST*835*0001", *body))
    whole = interchange(f"{text}~SE*{len(body) + 2}*0001~").replace("005010X221A1", guide)
    return whole.replace("*^*00501*", "*U*00401*") if guide.startswith("004") else whole


def texts(remittance: Remittance) -> list[str]:
    """Every segment that was kept as text."""
    (claim,) = remittance.claims
    return [*remittance.other_segments, *claim.other_segments, *claim.services[0].other_segments]


def unbalanced(findings: list[Diagnostic]) -> list[str]:
    """The codes of findings that are not about sums: the amounts are made up."""
    return [finding.code for finding in findings if not "R220" <= finding.code <= "R224"]


@pytest.mark.parametrize("guide", GUIDES)
def test_every_element_that_the_guide_uses_has_a_field(guide: str) -> None:
    (remittance,), findings = read(file_of(guide, one_supplement=True))
    assert unbalanced(findings) == []
    assert texts(remittance) == []


@pytest.mark.parametrize("guide", GUIDES)
@pytest.mark.parametrize("unused", [False, True], ids=["used", "and unused"])
def test_no_element_is_lost(guide: str, unused: bool) -> None:
    raw = file_of(guide, unused=unused).encode()
    sent = sent_values(raw)
    assert sum(sent.values()) > 250
    assert not sent - kept_values(raw)


@pytest.mark.parametrize("guide", GUIDES)
def test_every_segment_of_the_guide_is_in_the_records(guide: str) -> None:
    (remittance,), _ = read(file_of(guide))
    (claim,) = remittance.claims
    (line,) = claim.services
    assert [summary.kind for summary in remittance.summaries] == ["TS3", "TS2"]
    assert claim.inpatient is not None
    assert claim.outpatient is not None
    assert {"QC", "IL", "74", "82", "TT", "PR"} <= {party.role for party in claim.parties}
    held = [claim.adjustments, claim.references, claim.dates, claim.amounts, claim.quantities, claim.contacts]
    held += [line.adjustments, line.references, line.dates, line.amounts, line.quantities, line.remarks]
    assert all(held)
    assert remittance.provider_adjustments
    assert line.submitted_procedure is not None
    assert (claim.header_number, remittance.currency_entity) != ("", "")
