"""Findings: one line each, values masked unless asked for, every code in the catalogue."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claimloop.edi.diagnostics import Diagnostic, Where, catalogue, diagnose, mask


def test_a_finding_is_one_line_in_the_form_of_the_design():
    where = Where("remit.835", 19, 812, "2100", "CLP #3", "SE01")
    found = diagnose("X114", where, declared=15, found=18)
    assert str(found) == "remit.835:19: X114 error: SE01 is 15, but the set has 18 segments  [2100 CLP #3, SE01]"


def test_a_finding_without_a_place_is_still_a_line():
    assert str(diagnose("X123", Where())) == "X123 warning: segment is empty"
    assert str(diagnose("X123", Where("a.x12"))) == "a.x12: X123 warning: segment is empty"


def test_a_value_is_masked_unless_it_is_asked_for():
    found = diagnose("X124", Where("a.x12", 4), "Smith-07")
    assert (
        str(found)
        == "a.x12:4: X124 error: segment does not start with a segment ID  value •••••-•• (masked: 5 letters, 2 digits)"
    )
    assert found.render(show_values=True).endswith("value 'Smith-07'")
    assert found.masked().value == "•••••-•• (masked: 5 letters, 2 digits)"
    assert found.masked().masked() == found.masked()


def test_an_empty_value_is_shown_as_one():
    assert str(diagnose("X124", Where(), "")).endswith("value (empty)")


def test_a_value_cannot_break_the_line_or_command_the_terminal():
    text = diagnose("X124", Where(), "A\n\x1b[2J").render(show_values=True)
    assert text.isprintable()


def test_a_long_value_is_cut():
    assert mask("1" * 30) == "•" * 24 + "…"


@given(st.text(max_size=40))
def test_a_mask_holds_no_letter_and_no_digit_of_the_value(value):
    masked = mask(value)
    assert not any(map(str.isalnum, masked))
    assert masked.isprintable()
    assert len(masked) <= 25


def test_a_fact_that_looks_like_a_placeholder_is_left_alone():
    assert "{found}" in diagnose("X114", Where(), declared="{found}", found=3).message


def test_an_unknown_code_and_a_missing_fact_are_mistakes_of_the_programmer():
    with pytest.raises(KeyError):
        diagnose("X999", Where())
    with pytest.raises(KeyError):
        diagnose("X114", Where(), declared=1)


def test_a_diagnostic_carries_the_hint_of_its_entry():
    entry = catalogue()["X101"]
    assert diagnose("X101", Where(), bytes=3) == Diagnostic(
        "X101", "warning", "skipped 3 bytes outside any interchange", hint=entry.hint
    )
