"""A work list: its rows, how many there are, and what they add up to."""

from collections.abc import Iterable, Iterator

import click
import msgspec

from claimloop.commands.tables.formats import Form, write_rows
from claimloop.commands.tables.layout import money
from claimloop.reconciliation.worklists.worklist import Worklist


def write_worklist(worklist: Worklist, rows: Iterable[msgspec.Struct], form: Form) -> int:
    """Print the rows of a work list and return how many there are. Below a table, a line has their count and sum."""
    cents = 0

    def adding_up() -> Iterator[msgspec.Struct]:
        nonlocal cents
        for row in rows:
            cents += worklist.amount(row)
            yield row

    count = write_rows(adding_up(), worklist.row, form)
    if form == "table":
        told = worklist.counted(count)
        click.echo(f"{told}, {money(cents)} in total" if count else told)
    return count
