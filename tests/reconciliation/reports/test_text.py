"""Figures as a reader in the United States writes them."""

from datetime import date

import pytest

from claimloop.reconciliation.reports import text
from claimloop.reconciliation.reports.tables import dated, mean, ratio


@pytest.mark.parametrize(
    ("cents", "exact", "whole", "short"),
    [
        (0, "$0.00", "$0", "$0"),
        (5, "$0.05", "$0", "$0.05"),
        (-123_456, "−$1,234.56", "−$1,235", "−$1.235k"),
        (99_950, "$999.50", "$1,000", "$999.50"),
        (2_500_000_00, "$2,500,000.00", "$2,500,000", "$2.5M"),
        (3_000_000_000_00, "$3,000,000,000.00", "$3,000,000,000", "$3B"),
    ],
)
def test_money(cents: int, exact: str, whole: str, short: str):
    assert (text.money(cents), text.dollars(cents), text.short_money(cents)) == (exact, whole, short)


def test_ratios_are_rounded_to_a_tenth_and_none_is_a_dash():
    assert [ratio(1, 3).text, ratio(2, 3).text, ratio(0, 3).text, ratio(1, 0).text] == ["33.3%", "66.7%", "0.0%", "–"]
    assert [mean(33, 2).text, mean(1, 0).text] == ["16.5", "–"]
    assert text.tenths(-5, "days") == "−0.5 days"


def test_days_are_sorted_by_the_calendar_whatever_they_look_like():
    assert (dated("2026-10-05").text, dated(date(2026, 10, 5)).key) == ("Oct\xa05,\xa02026", "2026-10-05")
    assert dated("").text == ""


def test_one_is_not_many():
    assert [text.some(number, "claim") for number in (0, 1, 1_200)] == ["0 claims", "1 claim", "1,200 claims"]
