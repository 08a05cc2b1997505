"""A work list: its rows, how many there are, and what they add up to."""

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

import click

from claimloop.commands.tables.formats import Form, write_rows
from claimloop.commands.tables.known import described
from claimloop.commands.tables.layout import money
from claimloop.reconciliation.worklists.nouns import worklist_count
from claimloop.reconciliation.worklists.registry import AMOUNTS

if TYPE_CHECKING:
    from claimloop.reconciliation.queries.views import Cell


def write_worklist(name: str, rows: "Iterable[dict[str, Cell]]", names: Sequence[str], form: Form) -> int:
    """Print the rows of a work list and return how many there are. Below a table, a line has their count and sum."""
    total = Decimal(0)

    def adding_up() -> "Iterator[dict[str, Cell]]":
        nonlocal total
        for row in rows:
            total += Decimal(str(row[AMOUNTS[name]]))
            yield row

    count = write_rows(adding_up(), names, form, lambda: described(name, names))
    if form == "table":
        told = worklist_count(name, count)
        click.echo(f"{told}, {money(total)} in total" if count else told)
    return count
