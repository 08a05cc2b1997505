"""The days that a report looks back on begin with a whole day, week or month and end on the day it is of."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claimloop.reconciliation.reports.period import period_until


@pytest.mark.parametrize(
    ("days", "step", "first", "steps"),
    [
        (1, "day", date(2026, 10, 31), 1),
        (21, "day", date(2026, 10, 11), 21),
        (22, "week", date(2026, 10, 5), 4),
        (90, "week", date(2026, 8, 3), 13),
        (184, "week", date(2026, 4, 27), 27),
        (185, "month", date(2026, 4, 1), 7),
        (365, "month", date(2025, 11, 1), 12),
    ],
)
def test_the_step_grows_with_the_stretch(days: int, step: str, first: date, steps: int):
    period = period_until(date(2026, 10, 31), days)

    assert (period.step, period.first, len(period.starts)) == (step, first, steps)


@given(st.dates(), st.integers(1, 3660), st.integers(0, 3660))
def test_every_day_of_a_period_is_in_the_step_that_begins_last_before_it(last: date, days: int, back: int):
    period = period_until(last, days)
    day = date.fromordinal(max(period.first.toordinal(), last.toordinal() - back))

    assert period.days >= min(days, last.toordinal())
    assert period.starts[0] == period.first
    assert period.place(day.isoformat()) == max(place for place, start in enumerate(period.starts) if start <= day)
