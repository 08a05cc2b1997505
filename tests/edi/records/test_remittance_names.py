"""Names of the qualifiers of an 835: all that the two guides use, each name once where it means one thing."""

import pytest

from claimloop.edi.guides.guides import guide_of
from claimloop.edi.guides.structure import Element, Loop
from claimloop.edi.records.remittance_names import AMOUNTS, DATES, QUANTITIES, REFERENCES, named


def segments(place):
    for child in place.children:
        if isinstance(child, Loop):
            yield from segments(child)
        else:
            yield child


def qualifiers(tag):
    return {
        code
        for file in ("835.4010.X091.A1.xml", "835.5010.X221.A1.xml")
        for segment in segments(guide_of(file))
        if segment.id == tag
        for element in segment.elements[:1]
        if isinstance(element, Element)
        for code in element.codes
    }


@pytest.mark.parametrize(("tag", "names"), [("REF", REFERENCES), ("AMT", AMOUNTS), ("QTY", QUANTITIES), ("DTM", DATES)])
def test_every_qualifier_of_the_guides_has_a_name(tag, names):
    assert set(names) == qualifiers(tag)
    assert all(name.isidentifier() and name.islower() for name in names.values())


def test_values_are_found_by_name_the_first_of_each():
    assert named([("EA", "1"), ("F8", "2"), ("EA", "3"), ("??", "4")], REFERENCES) == {
        "medical_record_number": "1",
        "original_claim_number": "2",
        "??": "4",
    }
