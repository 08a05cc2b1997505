"""Dates of X12: D8 (CCYYMMDD), RD8 (a range of two), and the two-digit years of an ISA."""

from datetime import date
from functools import lru_cache

import msgspec


class NotADate(ValueError):
    """The text is not a calendar date."""


class DateRange(msgspec.Struct, frozen=True, gc=False):
    """A period that includes both ends. A single day has `start == end`."""

    start: date
    end: date

    def __str__(self) -> str:
        return self.start.isoformat() if self.start == self.end else f"{self.start}/{self.end}"


@lru_cache(maxsize=4096)
def read_date(text: str) -> date:
    """Return the day of a CCYYMMDD text. Raises NotADate."""
    if len(text) != 8 or not (text.isascii() and text.isdigit()):
        raise NotADate
    try:
        return date(int(text[:4]), int(text[4:6]), int(text[6:]))
    except ValueError:
        raise NotADate from None


@lru_cache(maxsize=4096)
def read_period(text: str) -> DateRange:
    """Return one day (CCYYMMDD) or a range (CCYYMMDD-CCYYMMDD). Raises NotADate, also if the end is before the
    start.
    """
    start, dash, end = text.partition("-")
    first = read_date(start)
    last = read_date(end) if dash else first
    if last < first:
        raise NotADate
    return DateRange(first, last)


def write_date(day: date) -> str:
    """Return the day as CCYYMMDD."""
    return f"{day.year:04d}{day.month:02d}{day.day:02d}"


def write_period(period: DateRange) -> tuple[str, str]:
    """Return the format qualifier and the text of a DTP: ("D8", day) or ("RD8", range)."""
    if period.start == period.end:
        return "D8", write_date(period.start)
    return "RD8", f"{write_date(period.start)}-{write_date(period.end)}"
