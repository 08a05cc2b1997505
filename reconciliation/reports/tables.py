"""Tables of the page: the text of each cell, and its sort key."""

from collections.abc import Iterable, Sequence
from datetime import date

import msgspec

from claimloop.reconciliation.reports.charts import share
from claimloop.reconciliation.reports.text import NONE, count, day, money, tenths


class Column(msgspec.Struct, frozen=True):
    """A heading; numbers are aligned to the right."""

    title: str
    number: bool = False


class Cell(msgspec.Struct, frozen=True):
    """The text, the sort key, and the length of the bar in the background (percent of the longest)."""

    text: str
    key: str | int
    bar: float = 0


class PageTable(msgspec.Struct, frozen=True):
    """A table; `total` is its last row, which sorting does not move. `note` reports how many rows are shown."""

    caption: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    total: tuple[Cell, ...] = ()
    note: str = ""
    command: str = ""
    """The command that writes all rows, if some are not shown."""


def words(text: str) -> Cell:
    """Return a cell of text, sorted regardless of case."""
    return Cell(text, text.casefold())


def amount(cents: int, longest: int = 0) -> Cell:
    """Return a cell of money; given the largest amount of its column, with a bar."""
    return Cell(money(cents), cents, share(cents, longest))


def number(figure: int, longest: int = 0) -> Cell:
    """Return a cell with a whole number."""
    return Cell(count(figure), figure, share(figure, longest))


def ratio(part: int, whole: int) -> Cell:
    """Return a cell with a part in percent of a whole, to a tenth; a dash, sorted before zero, if there is no whole."""
    if whole <= 0:
        return Cell(NONE, -1)
    figure = (2000 * part + whole) // (2 * whole)
    return Cell(tenths(figure, "percent"), figure)


def mean(total: int, of: int) -> Cell:
    """Return a cell with a mean to a tenth."""
    if of <= 0:
        return Cell(NONE, -1)
    figure = (20 * total + of) // (2 * of)
    return Cell(tenths(figure, ""), figure)


def dated(when: date | str) -> Cell:
    """Return a cell with a day, which may be ISO text; text that is not a valid day appears unchanged."""
    try:
        shown = date.fromisoformat(when) if isinstance(when, str) else when
    except ValueError:
        return words(str(when))
    return Cell(day(shown).replace(" ", "\N{NO-BREAK SPACE}"), shown.isoformat())


def table(
    caption: str, columns: Sequence[str], rows: Iterable[Sequence[Cell]], *, text: int = 1, total: Sequence[Cell] = (),
) -> PageTable:  # fmt: skip
    """Return a table whose first `text` columns are words or days and whose others are numbers."""
    headings = tuple(Column(title, place >= text) for place, title in enumerate(columns))
    return PageTable(caption, headings, tuple(tuple(row) for row in rows), tuple(total))
