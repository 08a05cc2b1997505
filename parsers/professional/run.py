"""A run of consecutive segments (one claim, one level of the hierarchy), and what every reader needs of it."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from functools import lru_cache, partial
from typing import TypeVar

from claimloop.edi.dates import DateRange, NotADate, read_date, read_period
from claimloop.edi.diagnostics import Report, diagnose
from claimloop.edi.money import NotAnAmount, decimals
from claimloop.edi.syntax.delimiters import Delimiters
from claimloop.edi.syntax.tokens import Batch
from claimloop.parsers.cursor import shown_tag

UNREADABLE_NUMBER, UNREADABLE_DATE = "R250", "R251"
NO_COMPONENT = "\0"
"""Replaces the component separator of a file that has none. No text contains it."""

LONGEST_REMEMBERED = 500
"""Characters of a segment, or of all segments of a party."""

_CHARGES = frozenset(("CLM02", "SV102"))
_MOST_REMEMBERED = 8192
_DELIMITERS = 8
"""How many pairs of delimiters are remembered at once."""

T = TypeVar("T")
Problems = tuple[tuple[str, str, str], ...]
"""What is wrong with a segment: code of the finding, element, value."""


class Remembered(dict[str, T]):
    """What was made of texts that repeat: `remembered[text]`. Long texts are made each time, to bound memory."""

    def __init__(self, make: Callable[[str], T]) -> None:
        self._make = make

    def __missing__(self, text: str) -> T:
        made = self._make(text)
        if len(text) <= LONGEST_REMEMBERED:
            if len(self) >= _MOST_REMEMBERED:
                self.clear()
            self[text] = made
        return made


def remembered(read: Callable[[str, str, str], T]) -> Callable[[str, str], Remembered[T]]:
    """Make `remembered(read)(separator, component)[segment]` equal `read(separator, component, segment)`, read once."""

    @lru_cache(_DELIMITERS)
    def of_delimiters(separator: str, component: str) -> Remembered[T]:
        return Remembered(partial(read, separator, component))

    return of_delimiters


class SegmentRun:
    """Consecutive segments of one file as text, with their ids and places.

    `texts[0]` is segment number `first` of the file. `unreadable` counts amounts, quantities and dates that could not
    be read; `charges_are_known` is False once a charge is among them. `claim` and `line` number the subject of a
    finding, and are 0 where there is none. `at` is the segment that `number` and `day` report about. `keeps` are the
    segments that are kept as text.
    """

    __slots__ = (
        "_batches",
        "_report",
        "at",
        "charges_are_known",
        "claim",
        "component",
        "first",
        "keeps",
        "line",
        "loop",
        "separator",
        "tags",
        "texts",
        "unreadable",
    )

    def __init__(self, first: int, batch: Batch, report: Report, tag: str, text: str) -> None:
        self.first = first
        self.tags = [tag]
        self.texts = [text]
        delimiters: Delimiters = batch.delimiters
        self.separator = delimiters.element
        self.component = delimiters.component or NO_COMPONENT
        self.unreadable = self.at = self.claim = self.line = 0
        self.charges_are_known = True
        self.loop = ""
        self.keeps: set[int] | None = None
        self._batches = [batch]
        self._report = report

    def goes_on_in(self, batch: Batch) -> None:
        """Continue the run in this batch."""
        if batch is not self._batches[-1]:
            self._batches.append(batch)

    def report(self, code: str, index: int, element: str = "", value: str | None = None, **facts: object) -> None:
        """Report a finding about `texts[index]`."""
        number = self.first + index
        batch = next(batch for batch in reversed(self._batches) if batch.first <= number)
        subject = f"CLM #{self.claim}" if self.claim else ""
        if self.line:
            subject += f", line {self.line}"
        where = batch.where(number, loop=self.loop, subject=subject, element=element)
        self._report(diagnose(code, where, value, **facts))

    def report_all(self, index: int, problems: Problems) -> None:
        """Report each problem of a segment, and keep the segment."""
        for code, element, value in problems:
            self.report(code, index, element, value)
            self.unreadable += code in (UNREADABLE_NUMBER, UNREADABLE_DATE)
            self.charges_are_known &= element not in _CHARGES
        self.keep(index)

    def keep(self, index: int) -> None:
        """Keep the segment as text: the record has no field for one of its values."""
        if self.keeps is None:
            self.keeps = set()
        self.keeps.add(index)

    def kept(self, start: int, end: int) -> tuple[str, ...]:
        """Return the kept segments from `start` up to `end`, each once, in the order of the file.

        They are removed here, so that no other record keeps them, too.
        """
        if not self.keeps:
            return ()
        within = sorted(index for index in self.keeps if start <= index < end)
        self.keeps.difference_update(within)
        return tuple(self.texts[index] for index in within if self.texts[index])

    def number(self, element: str, text: str) -> Decimal | None:
        """Return an amount or quantity. Where it cannot be read, return None, report it and keep the segment."""
        try:
            return decimals[text]
        except NotAnAmount:
            self.report_all(self.at, ((UNREADABLE_NUMBER, element, text),))
            return None

    def day(self, element: str, text: str) -> date | None:
        """Return a date CCYYMMDD. Where it cannot be read, return None, report it and keep the segment."""
        try:
            return read_date(text)
        except NotADate:
            self.report_all(self.at, ((UNREADABLE_DATE, element, text),))
            return None

    def period(self, element: str, text: str) -> DateRange | None:
        """Return a date or a range. Where it cannot be read, return None, report it and keep the segment."""
        try:
            return read_period(text)
        except NotADate:
            self.report_all(self.at, ((UNREADABLE_DATE, element, text),))
            return None

    def expect(self, index: int, known: frozenset[str]) -> None:
        """Keep a segment that is not read. Report an empty one, and an id that does not belong in the loop."""
        tag = self.tags[index]
        if not tag:
            self.report("R215", index)
        elif tag not in known:
            self.report("R253", index, tag=shown_tag(tag))
        self.keep(index)


def padded(elements: list[str], count: int) -> list[str]:
    """Return the elements, padded with empty ones so that every position up to `count` exists."""
    missing = count + 1 - len(elements)
    return elements + [""] * missing if missing > 0 else elements
