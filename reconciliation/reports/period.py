"""The period that a report covers, divided into days, weeks (from Monday), or months."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import date, timedelta
from typing import Literal

import msgspec
from sqlalchemy import ColumnElement

Step = Literal["day", "week", "month"]

_LONGEST_IN_DAYS, _LONGEST_IN_WEEKS = 21, 184
_WEEK = 7


class Period(msgspec.Struct, frozen=True):
    """The days from `first` to `last`, inclusive. It begins with a whole step; the last step may not be over yet."""

    first: date
    last: date
    step: Step
    starts: tuple[date, ...]
    """The first day of each step."""

    def has(self, day: ColumnElement[str]) -> ColumnElement[bool]:
        """Return true if a column's ISO date is in the period. PostgreSQL allows no collation inside BETWEEN."""
        return (day >= self.first.isoformat()) & (day <= self.last.isoformat())

    def place(self, day: str) -> int:
        """Return the step of a day of the period (ISO), counted from 0."""
        return self.starts.index(_start_of(date.fromisoformat(day), self.step))

    @property
    def days(self) -> int:
        """Return how many days it has."""
        return (self.last - self.first).days + 1


def period_until(last: date, days: int) -> Period:
    """Return the period that ends on a day and has at least this many days (one or more)."""
    step: Step = "day" if days <= _LONGEST_IN_DAYS else "week" if days <= _LONGEST_IN_WEEKS else "month"
    try:
        earliest = last - timedelta(days=days - 1)
    except OverflowError:
        earliest = date.min
    first = start = _start_of(earliest, step)
    starts = [first]
    with suppress(OverflowError):  # the calendar ends with the year 9999
        while (start := _next(start, step)) <= last:
            starts.append(start)
    return Period(first, last, step, tuple(starts))


def summed(counts: Sequence[int], more: Sequence[int]) -> tuple[int, ...]:
    """Add two rows of figures, place by place."""
    return tuple(one + other for one, other in zip(counts, more, strict=True))


def _start_of(day: date, step: Step) -> date:
    if step == "month":
        return day.replace(day=1)
    return day - timedelta(days=day.weekday()) if step == "week" else day


def _next(start: date, step: Step) -> date:
    if step == "month":
        return (start.replace(day=28) + timedelta(days=4)).replace(day=1)
    return start + timedelta(days=_WEEK if step == "week" else 1)
