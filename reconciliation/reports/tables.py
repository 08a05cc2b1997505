"""Tables of the page: text as it is shown, and what a column is sorted by."""

from collections.abc import Iterable, Sequence
from datetime import date

import msgspec

from claimloop.reconciliation.reports.charts import share
from claimloop.reconciliation.reports.text import NONE, count, day, money, tenths


class Column(msgspec.Struct, frozen=True):
    """A heading; numbers stand to the right."""

    title: str
    number: bool = False


class Cell(msgspec.Struct, frozen=True):
    """What is shown, what it is sorted by, and how long a bar stands behind it (percent of the longest)."""

    text: str
    key: str | int
    bar: float = 0


class PageTable(msgspec.Struct, frozen=True):
    """A table; `total` is its last row, which stays where it is. `note` says what is not shown."""

    caption: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    total: tuple[Cell, ...] = ()
    note: str = ""
    command: str = ""
    """The command by which all rows are written, where some are not shown."""


def words(text: str) -> Cell:
    """Text, sorted without regard to its case."""
    return Cell(text, text.casefold())


def amount(cents: int, longest: int = 0) -> Cell:
    """Money; with the longest of its column, before a bar."""
    return Cell(money(cents), cents, share(cents, longest))


def number(figure: int, longest: int = 0) -> Cell:
    """A whole number."""
    return Cell(count(figure), figure, share(figure, longest))


def ratio(part: int, whole: int) -> Cell:
    """Part of a whole in percent, to a tenth; a dash where there is no whole, sorted before nothing."""
    if whole <= 0:
        return Cell(NONE, -1)
    figure = (2000 * part + whole) // (2 * whole)
    return Cell(tenths(figure, "percent"), figure)


def mean(total: int, of: int) -> Cell:
    """A mean to a tenth."""
    if of <= 0:
        return Cell(NONE, -1)
    figure = (20 * total + of) // (2 * of)
    return Cell(tenths(figure, ""), figure)


def dated(when: date | str) -> Cell:
    """A day, also one as ISO text; what is no day is shown as it is."""
    try:
        told = date.fromisoformat(when) if isinstance(when, str) else when
    except ValueError:
        return words(str(when))
    return Cell(day(told).replace(" ", "\N{NO-BREAK SPACE}"), told.isoformat())


def table(
    caption: str, columns: Sequence[str], rows: Iterable[Sequence[Cell]], *, text: int = 1, total: Sequence[Cell] = (),
) -> PageTable:  # fmt: skip
    """A table whose first `text` columns are words or days and whose others are numbers."""
    headings = tuple(Column(title, place >= text) for place, title in enumerate(columns))
    return PageTable(caption, headings, tuple(tuple(row) for row in rows), tuple(total))
