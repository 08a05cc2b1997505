"""Amounts are exact from the file to the cent and back."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claimloop.edi.money import NotAnAmount, decimals, from_cents, to_cents, two_decimals, x12_number


@pytest.mark.parametrize(
    ("text", "number"),
    [("0", "0"), ("100", "100"), ("100.5", "100.5"), ("-12.34", "-12.34"), (".5", "0.5"), ("-.5", "-0.5"), ("7.", "7"), ("007", "7")],
)  # fmt: skip
def test_what_x12_calls_a_number(text, number):
    assert decimals[text] == Decimal(number)


@pytest.mark.parametrize(
    "text", ["", " ", "-", ".", "1,000", "+5", "1e3", "NaN", "Infinity", "1.2.3", "5-", "１２", "1 ", "$5", "0x1", "9" * 25]
)  # fmt: skip
def test_what_is_no_number(text):
    with pytest.raises(NotAnAmount):
        decimals[text]


def test_a_fraction_of_a_cent_is_never_rounded_away():
    with pytest.raises(NotAnAmount):
        to_cents(Decimal("0.005"))
    assert to_cents(Decimal("0.050")) == 5


@pytest.mark.parametrize(
    ("cents", "text"), [(0, "0.00"), (5, "0.05"), (-5, "-0.05"), (-100, "-1.00"), (123456, "1234.56")]
)
def test_cents_as_text(cents, text):
    assert two_decimals(cents) == text


@given(st.integers(-(10**13), 10**13))
def test_cents_survive_every_form(cents):
    assert to_cents(from_cents(cents)) == cents
    assert to_cents(decimals[two_decimals(cents)]) == cents
    assert to_cents(decimals[x12_number(from_cents(cents))]) == cents


@pytest.mark.parametrize(
    ("number", "text"),
    [("100.50", "100.5"), ("100.00", "100"), ("1E+3", "1000"), ("0.00", "0"), ("-0.00", "0"), ("-0.10", "-0.1"), ("1E-2", "0.01")],
)  # fmt: skip
def test_numbers_are_written_without_exponent_and_without_needless_zeros(number, text):
    assert x12_number(Decimal(number)) == text
