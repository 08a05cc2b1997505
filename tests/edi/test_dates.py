"""Dates are days of the calendar or they are refused."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claimloop.edi.dates import DateRange, NotADate, read_date, read_period, write_date, write_period


def test_a_day():
    assert read_date("20240229") == date(2024, 2, 29)


@pytest.mark.parametrize(
    "text", ["", "2024", "20230229", "20241301", "20240100", "240101", "2024-1-1", "２０２４０１０１", "00000101", "20240101 ", "202401011200"]
)  # fmt: skip
def test_what_is_no_day(text):
    with pytest.raises(NotADate):
        read_date(text)


def test_a_period_and_a_single_day():
    assert read_period("20240101-20240131") == DateRange(date(2024, 1, 1), date(2024, 1, 31))
    assert read_period("20240101") == DateRange(date(2024, 1, 1), date(2024, 1, 1))


@pytest.mark.parametrize("text", ["20240131-20240101", "20240101-", "-20240101", "20240101-20240102-20240103"])
def test_what_is_no_period(text):
    with pytest.raises(NotADate):
        read_period(text)


@given(st.dates(), st.dates())
def test_periods_survive_writing_and_reading(one, other):
    period = DateRange(min(one, other), max(one, other))
    qualifier, text = write_period(period)
    assert qualifier == ("D8" if one == other else "RD8")
    assert read_period(text) == period
    assert read_date(write_date(one)) == one


def test_a_period_as_text():
    assert str(read_period("20240101")) == "2024-01-01"
    assert str(read_period("20240101-20240131")) == "2024-01-01/2024-01-31"
