"""docs/encounters.md is made from what the builders do; every field of an encounter does something."""

from functools import cache
from pathlib import Path

import pytest

from claimloop.builders.encounter_docs.field_map import fields_become
from claimloop.builders.encounter_docs.page import page

pytestmark = pytest.mark.xdist_group("encounters.md")
"""What each field becomes takes seconds to find: one worker does so, for all of these tests."""

PAGE = Path(__file__).parents[3] / "docs" / "encounters.md"
SAYS_WHO = {("Encounter", "bill_to")}
"""Which coverage is billed: it moves others."""


@cache
def becomes():
    return fields_become()


def test_the_page_is_up_to_date():
    assert page() == PAGE.read_text(encoding="utf-8")


def test_every_field_becomes_something():
    assert {field for field, elements in becomes().items() if not elements} == SAYS_WHO


@pytest.mark.parametrize(
    ("field", "element", "loops"),
    [
        (("Encounter", "prior_authorization"), "REF02 (G1)", ["2300"]),
        (("Coverage", "payer_id"), "NM109", ["2010BB", "2330B"]),
        (("ServiceDecision", "paid"), "SVD02", ["2430"]),
        (("Attachment", "control_number"), "PWK06", ["2300", "2400"]),
        (("Encounter", "billing_provider"), "", ["2000A", "2010AA", "2010AB", "2010BB"]),
    ],
)
def test_a_field_is_found_where_it_goes(field, element, loops):
    assert becomes()[field][element] == loops
