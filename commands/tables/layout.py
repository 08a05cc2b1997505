"""A table that fits the terminal, as lines of text.

Identifiers, codes, amounts, dates and counts are printed whole. Where the columns do not fit, text is wrapped first.
If that is not enough, columns are left out, the least important first, and a last line names them. If even the columns
that must stay do not fit, each row becomes a list of one field a line, and nothing is left out.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import zip_longest

from rich.cells import cell_len, chop_cells

from claimloop.edi.columns import Column
from claimloop.edi.counts import counted
from claimloop.edi.money import from_cents

GAP = "   "
_TO_THE_RIGHT = ("money", "count")
_NARROWEST_TEXT = 16
"""Characters that a column of text keeps, unless its longest text is shorter."""

_WORD = re.compile(r"\s*\S+")

Row = Mapping[str, object]


def laid_out(
    columns: Sequence[Column], rows: Iterable[Row], width: int, *, more: str = "widen the terminal"
) -> Iterator[str]:
    """Yield the lines of a table that is at most `width` wide, or wider only where one value alone is.

    `more` completes "2 columns hidden: source, payer (…)": what the user can do to see them.
    """
    table = [[spelled(row.get(column.name), column) for column in columns] for row in rows]
    kept = _that_fit(columns, table, width)
    if not kept:
        yield from _vertical(columns, table, width)
        return
    shown = [columns[place] for place in kept]
    cells = [[row[place] for place in kept] for row in table]
    widths = _widths(shown, cells, width)
    headings = [_wrapped(column.heading, limit) for column, limit in zip(shown, widths, strict=True)]
    yield from _lines(shown, headings, widths)
    yield "─" * (sum(widths) + len(GAP) * (len(widths) - 1))
    for row in cells:
        wrapped = [
            _wrapped(cell, limit) if column.shown.kind == "text" else [cell]
            for column, cell, limit in zip(shown, row, widths, strict=True)
        ]
        yield from _lines(shown, wrapped, widths)
    hidden = [
        column.heading
        for place, column in enumerate(columns)
        if place not in kept and (not table or any(row[place] for row in table))
    ]
    if hidden:
        yield ""
        yield from _wrapped(f"{counted(len(hidden), 'column')} hidden: {', '.join(hidden)} ({more})", width)


def spelled(value: object, column: Column) -> str:
    """Return a value as a table shows it: amounts (cents, a Decimal or text) with separated thousands.

    Characters that would disturb a terminal are replaced.
    """
    if value is None or value == "":
        return ""
    if column.shown.kind == "money":
        return money(value) if isinstance(value, int | Decimal) else f"{Decimal(str(value)):,.2f}"
    text = " ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
    return text if text.isprintable() else "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)


def money(amount: Decimal | int) -> str:
    """Return an amount, in cents where it is an int, with separated thousands."""
    return f"{from_cents(amount) if isinstance(amount, int) else amount:,.2f}"


def wrapped(text: str, width: int, *, indent: str = "") -> Iterator[str]:
    """Yield the lines of a text that break between words only. All but the first begin with `indent`."""
    line = ""
    for word in _WORD.findall(text):
        if line and cell_len(line) + cell_len(word) > width:
            yield line
            line = indent + word.lstrip()
        else:
            line += word
    yield line


def _that_fit(columns: Sequence[Column], table: list[list[str]], width: int) -> list[int]:
    """Return the places of the columns that fit beside each other; none where those that must stay do not.

    A column that is empty in every row is left out before one that shows something.
    """
    narrowest = [_narrowest(column, [row[place] for row in table]) for place, column in enumerate(columns)]
    is_empty = [not any(row[place] for row in table) for place in range(len(columns))]
    kept = list(range(len(columns)))
    while sum(narrowest[place] for place in kept) + len(GAP) * (len(kept) - 1) > width:
        last = max(kept, key=lambda place: (is_empty[place], columns[place].shown.priority, place))
        if columns[last].shown.priority == 1 and not is_empty[last]:
            return []
        kept.remove(last)
    return kept


def _narrowest(column: Column, cells: list[str]) -> int:
    """Return the width below which the column would break something: a value, or a word of its heading."""
    heading = max(map(cell_len, column.heading.split(" ")))
    widest = max(map(cell_len, cells), default=0)
    return max(heading, min(widest, _NARROWEST_TEXT) if column.shown.kind == "text" else widest)


def _widths(columns: Sequence[Column], table: list[list[str]], width: int) -> list[int]:
    """Return the width of each column: the narrowest, and what is left over to those that need it, evenly."""
    widths, wanted = [], []
    for place, column in enumerate(columns):
        cells = [row[place] for row in table]
        widths.append(_narrowest(column, cells))
        wanted.append(max(cell_len(column.heading), *map(cell_len, cells)) if cells else cell_len(column.heading))
    spare = width - sum(widths) - len(GAP) * (len(widths) - 1)
    while spare > 0 and (short := [place for place in range(len(widths)) if widths[place] < wanted[place]]):
        share = max(1, spare // len(short))
        for place in short:
            given = min(share, wanted[place] - widths[place], spare)
            widths[place] += given
            spare -= given
    return widths


def _lines(columns: Sequence[Column], cells: Sequence[list[str]], widths: list[int]) -> Iterator[str]:
    """Yield the lines of one row, of which a cell may have several."""
    for parts in zip_longest(*cells, fillvalue=""):
        padded = (
            " " * (limit - cell_len(part)) + part
            if column.shown.kind in _TO_THE_RIGHT
            else part + " " * (limit - cell_len(part))
            for column, part, limit in zip(columns, parts, widths, strict=True)
        )
        yield GAP.join(padded).rstrip()


def _vertical(columns: Sequence[Column], table: list[list[str]], width: int) -> Iterator[str]:
    """Yield each row as its fields, one a line. A value that does not fit beside its heading goes below it."""
    margin = max(cell_len(column.heading) for column in columns) + 2
    for number, row in enumerate(table):
        if number:
            yield ""
        for column, cell in zip(columns, row, strict=True):
            heading = column.heading + " " * (margin - cell_len(column.heading))
            is_text = column.shown.kind == "text"
            if not cell:
                continue
            if margin + (_NARROWEST_TEXT if is_text else cell_len(cell)) <= width or cell_len(cell) <= width - margin:
                parts = _wrapped(cell, width - margin) if is_text else [cell]
                yield heading + parts[0]
                yield from (" " * margin + part for part in parts[1:])
            else:
                yield from _wrapped(column.heading, width)
                yield from _wrapped(cell, width) if is_text else [cell]


def _wrapped(text: str, width: int) -> list[str]:
    """Return a text in lines of at most this width, broken between words, or within one that is wider."""
    lines: list[str] = []
    for line in wrapped(text, width):
        lines += [line] if cell_len(line) <= width else chop_cells(line, width)
    return lines
