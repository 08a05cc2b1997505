"""A procedure of an 835, and what is meant where its code was glued or dashed."""

import pytest

from claimloop.edi.records.procedure import Procedure


@pytest.mark.parametrize(
    ("code", "apart"),
    [
        ("9921325", ("99213", "25")),
        ("J1100RT", ("J1100", "RT")),
        ("0042T26", ("0042T", "26")),
        ("D0120GT", ("D0120", "GT")),
    ],
)
def test_a_glued_modifier_is_taken_off_the_code(code, apart):
    read = Procedure("HC", code, description="VISIT").reading
    assert (read.code, *read.modifiers) == apart
    assert (read.qualifier, read.description) == ("HC", "VISIT")


@pytest.mark.parametrize(
    "sent",
    [
        Procedure("HC", "99213"),
        Procedure("HC", "99213", ("25",)),
        Procedure("HC", "9921325", ("59",)),
        Procedure("HC", "992132"),
        Procedure("HC", "99213-25"),
        Procedure("HC", "ABCDE25"),
        Procedure("HC", "992132."),
        Procedure("HC", "9921 25"),
        Procedure("N4", "9921325"),
        Procedure("AD", "D112025"),
        Procedure("", "9921325"),
        Procedure("HC", ""),
    ],
    ids=lambda sent: f"{sent.qualifier}:{sent.code}",
)
def test_everything_else_is_read_as_sent(sent):
    assert not sent.is_glued
    assert sent.reading is sent


@pytest.mark.parametrize(
    ("code", "ndc"),
    [
        ("00071101568", "00071101568"),
        ("00071-1015-68", "00071101568"),
        ("0071-1015-68", "00071101568"),
        ("00071-115-68", "00071011568"),
        ("00071-1015-6", "00071101506"),
        ("0071101568", ""),
        ("00071-1015", ""),
        ("0007A-1015-68", ""),
        ("000071-1015-68", ""),
        ("", ""),
    ],
)
def test_a_drug_code_has_eleven_digits(code, ndc):
    assert Procedure("N4", code).ndc == ndc


def test_only_a_drug_code_has_an_ndc():
    assert Procedure("HC", "00071101568").ndc == ""
