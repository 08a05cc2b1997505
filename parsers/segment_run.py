"""A run of consecutive segments (one claim, one level of the hierarchy) and what every reader asks of it."""

from datetime import date
from decimal import Decimal

from claimloop.edi.dates import DateRange, NotADate, read_date, read_period
from claimloop.edi.delimiters import Delimiters
from claimloop.edi.diagnostics import Report, diagnose
from claimloop.edi.money import NotAnAmount, decimals
from claimloop.edi.tokens import Batch


class SegmentRun:
    """Consecutive segments of one file as text, and where they stand.

    `texts[0]` is segment number `first` of the file. `kept` gathers the segments, whole, that hold something for
    which the record has no field; `unreadable` counts the amounts, quantities and dates that could not be read.
    """

    __slots__ = (
        "_batches",
        "_kept_last",
        "_report",
        "delimiters",
        "first",
        "kept",
        "loop",
        "subject",
        "texts",
        "unreadable",
    )

    def __init__(self, first: int, batch: Batch, report: Report) -> None:
        self.first = first
        self.texts: list[str] = []
        self.delimiters: Delimiters = batch.delimiters
        self.kept: list[str] = []
        self.unreadable = 0
        self._kept_last = -1
        self.loop = self.subject = ""
        self._batches = [batch]
        self._report = report

    def goes_on_in(self, batch: Batch) -> None:
        """The next segments of the run stand in this batch."""
        if batch is not self._batches[-1]:
            self._batches.append(batch)

    def say(self, code: str, index: int, element: str = "", value: str | None = None, **facts: object) -> None:
        """Report a finding about `texts[index]`."""
        number = self.first + index
        batch = next(batch for batch in reversed(self._batches) if batch.first <= number)
        where = batch.where(number, loop=self.loop, subject=self.subject, element=element)
        self._report(diagnose(code, where, value, **facts))

    def keep(self, index: int) -> None:
        """Keep the segment as text, once however many reasons there are."""
        if index != self._kept_last and self.texts[index]:
            self.kept.append(self.texts[index])
            self._kept_last = index

    def number(self, index: int, element: str, text: str) -> Decimal | None:
        """An amount or quantity; None where it cannot be read, which is reported, and the segment is kept."""
        try:
            return decimals[text]
        except NotAnAmount:
            self._unreadable("R250", index, element, text)
            return None

    def day(self, index: int, element: str, text: str) -> date | None:
        """A date CCYYMMDD; None where it cannot be read, which is reported, and the segment is kept."""
        try:
            return read_date(text)
        except NotADate:
            self._unreadable("R251", index, element, text)
            return None

    def period(self, index: int, element: str, text: str) -> DateRange | None:
        """A date or a range of two; None where it cannot be read, which is reported, and the segment is kept."""
        try:
            return read_period(text)
        except NotADate:
            self._unreadable("R251", index, element, text)
            return None

    def _unreadable(self, code: str, index: int, element: str, text: str) -> None:
        self.say(code, index, element, text)
        self.keep(index)
        self.unreadable += 1


def padded(elements: list[str], count: int) -> list[str]:
    """The elements, with empty ones behind them, so that positions up to `count` can be asked for."""
    missing = count + 1 - len(elements)
    return elements + [""] * missing if missing > 0 else elements


def expect(run: SegmentRun, index: int, tag: str, known: frozenset[str]) -> None:
    """Report a segment whose id has no place in the loop, and an empty one."""
    if not tag:
        run.say("R215", index)
    elif tag not in known:
        run.say("R253", index, value=tag)
