"""`claimloop show --balance`: the sums of an 835 that are out of balance, and the segments that make them up."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from claimloop.edi.counts import counted
from claimloop.edi.diagnostics import Report, UserError
from claimloop.parsers.kinds import kind_of
from claimloop.parsers.remittance.balance import Balance, Level, Part
from claimloop.parsers.remittance.balance_stream import stream_balances
from claimloop.parsers.show.words import money, plain

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

_LEVELS: dict[Level, str] = {
    "line": "line: charge less adjustments",
    "claim": "claim: charge less all adjustments",
    "charges": "claim: charges of its lines",
    "patient": "claim: patient responsibility",
    "remittance": "payment: claims less provider adjustments",
    "check": "check or EFT: all of its sets",
}
_WIDE = 110
"""Columns of a terminal that is wide enough for every column of the table."""

_MOST_PARTS = 60
_ROWS = 200
"""Rows of one table. A file is printed in tables of this size, so that memory stays flat."""


def show_balances(path: Path, console: "Console", report: Report, *, every: bool) -> None:
    """Print each sum that is out of balance, or with `every` each sum, with its parts and their segment numbers.

    Raises UserError for a file that is not an 835, NotX12, and OSError where it cannot be read.
    """
    judged = wrong = 0
    rows: list[Balance] = []
    for balance in _balances(path, report):
        judged += 1
        wrong += not balance.balances
        if every or not balance.balances:
            rows.append(balance)
        if len(rows) == _ROWS:
            console.print(_table(rows, is_wide=console.width >= _WIDE))
            rows.clear()
    if rows:
        console.print(_table(rows, is_wide=console.width >= _WIDE))
    console.print(
        f"{counted(judged, 'sum')}, {wrong} out of balance." if wrong else f"{counted(judged, 'sum')}, all in balance."
    )


def show_balances_json(path: Path, write: Callable[[bytes], object], report: Report, *, every: bool) -> None:
    """Write the same as JSON Lines: one Balance a line, amounts as strings. Raises as `show_balances`."""
    encode = msgspec.json.Encoder().encode
    for balance in _balances(path, report):
        if every or not balance.balances:
            write(encode(balance) + b"\n")


def _balances(path: Path, report: Report) -> Iterator[Balance]:
    kind = kind_of(path)
    if kind != "835":
        raise UserError(f"{path}: --balance is for an 835; this file holds {kind or 'no transaction set'}")
    with path.open("rb") as stream:
        yield from stream_balances(stream, str(path), report)


def _table(rows: list[Balance], *, is_wide: bool) -> "Table":
    """Return a table of the sums. On a narrow terminal, the name of a sum is above its parts."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False)
    table.add_column("Code", no_wrap=True)
    if is_wide:
        table.add_column("Which")
    for heading in ("Expected", "Found", "Difference"):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("Made of (segment)")
    for balance in rows:
        which = "\n".join(part for part in (_LEVELS[balance.level], balance.subject, balance.claim) if part)
        parts = _parts(balance.parts)
        cells = (
            balance.code,
            *([which] if is_wide else []),
            money(balance.expected),
            f"{money(balance.found)}\n{_place(balance.element, balance.segment)}",
            money(balance.difference),
            parts if is_wide else f"{which}\n{parts}",
        )
        style = "" if balance.balances else "red"
        table.add_row(*(Text("\n".join(map(plain, cell.split("\n"))), style=style) for cell in cells))
    return table


def _parts(parts: tuple[Part, ...]) -> str:
    """Return one line for each amount of the sum. A long list is cut."""
    lines = [
        f"{money(part.amount)}  {_place(part.element, part.segment)} {part.about}".rstrip()
        for part in parts[:_MOST_PARTS]
    ]
    rest = len(parts) - len(lines)
    return "\n".join((*lines, *([f"and {rest} more"] if rest else [])))


def _place(element: str, segment: int) -> str:
    return f"{element} ({segment})" if segment else element
