"""MIA, MOA, TS2 and TS3: every number by the guide's name."""

from datetime import date
from decimal import Decimal

import msgspec
import pytest

from claimloop.edi.guides.guides import guide_of
from claimloop.edi.guides.structure import Element, Loop, Segment
from claimloop.edi.records.remittance_summaries import (
    MIA_REMARKS,
    MOA_REMARKS,
    NUMBERS,
    InpatientAdjudication,
    InpatientAmounts,
    OutpatientAdjudication,
    OutpatientAmounts,
    ProviderSummary,
    ProviderTotals,
    SupplementalTotals,
    not_numbers,
)

TEXTS = 3
"""TS301 to TS303 are no numbers."""


def segments(place):
    for child in place.children:
        if isinstance(child, Loop):
            yield from segments(child)
        else:
            yield child


def element_types(tag):
    """The elements of a segment as the guides have them: place → type, of the one that uses it."""
    return {
        element.position: element.type
        for file in ("835.4010.X091.A1.xml", "835.5010.X221.A1.xml")
        for segment in segments(guide_of(file))
        if isinstance(segment, Segment) and segment.id == tag
        for element in segment.elements
        if isinstance(element, Element)
    }


@pytest.mark.parametrize(("tag", "remarks"), [("MIA", MIA_REMARKS), ("MOA", MOA_REMARKS), ("TS2", ()), ("TS3", ())])
def test_the_numbers_are_those_that_the_guide_types_as_numbers(tag, remarks):
    types = element_types(tag)
    assert NUMBERS[tag] == tuple(sorted(place for place, kind in types.items() if kind in ("R", "N0", "N2")))
    assert not set(remarks) & set(NUMBERS[tag])


@pytest.mark.parametrize(
    ("tag", "record", "texts"),
    [
        ("MIA", InpatientAmounts, 0),
        ("MOA", OutpatientAmounts, 0),
        ("TS2", SupplementalTotals, 0),
        ("TS3", ProviderTotals, TEXTS),
    ],
)
def test_every_number_has_a_field_and_every_field_a_number(tag, record, texts):
    assert len(record.__struct_fields__) == len(NUMBERS[tag]) + texts


def test_inpatient_amounts_are_read_by_name():
    elements = tuple("MA01" if place in MIA_REMARKS else str(place) for place in range(1, 25))
    amounts = InpatientAdjudication(elements).amounts
    assert [int(value) for value in msgspec.structs.astuple(amounts)] == list(NUMBERS["MIA"])
    assert (amounts.covered_days, amounts.claim_drg, amounts.pps_capital_exception) == tuple(map(Decimal, (1, 4, 24)))


def test_outpatient_amounts_are_read_by_name():
    amounts = OutpatientAdjudication((".0855", "120.50", "MA01", "", "", "", "", "7", "8")).amounts
    assert amounts == OutpatientAmounts(Decimal(".0855"), Decimal("120.50"), Decimal(7), Decimal(8))


def test_totals_of_a_provider_are_read_by_name():
    totals = ProviderSummary("TS3", "1", ("1245319599", "11", "20261231", *map(str, range(4, 25)))).provider_totals
    assert totals is not None
    assert (totals.provider, totals.facility_type, totals.fiscal_period) == ("1245319599", "11", date(2026, 12, 31))
    assert [int(value) for value in msgspec.structs.astuple(totals)[TEXTS:]] == list(range(4, 25))


def test_supplemental_totals_are_read_by_name():
    totals = ProviderSummary("TS2", "1", tuple(map(str, range(1, 20)))).supplemental_totals
    assert totals is not None
    assert [int(value) for value in msgspec.structs.astuple(totals)] == list(range(1, 20))
    assert (totals.drg, totals.average_drg_weight, totals.pps_dsh_drg) == tuple(map(Decimal, (1, 16, 19)))


def test_each_kind_of_summary_has_its_own_totals_only():
    assert ProviderSummary("TS2", "1", ("1",)).provider_totals is None
    assert ProviderSummary("TS3", "1", ("1",)).supplemental_totals is None


@pytest.mark.parametrize("elements", [(), ("",), ("1", "", "", "$4", " ", "1,5")])
def test_what_is_short_empty_or_no_number_is_none(elements):
    amounts = InpatientAdjudication(elements).amounts
    assert (amounts.claim_drg, amounts.msp_pass_through, amounts.pps_capital_exception) == (None, None, None)


def test_what_is_no_number_is_found_and_what_is_empty_is_not():
    assert not_numbers("MIA", ["MIA", "1", "", "$3", "4", "MA01", " ", "x"]) == [3, 7]
    assert not_numbers("TS3", ["TS3", "NAME", "XX", "TODAY", "4"]) == []
