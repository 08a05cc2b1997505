"""`--format table|csv|json|jsonl`: rows for people, or for other programs."""

import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, TypeVar

import click

from claimloop.commands.session import Session, print_lines, width

if TYPE_CHECKING:
    from claimloop.edi.columns import Column
    from claimloop.reconciliation.queries.views import Cell

Form = Literal["table", "csv", "json", "jsonl"]
FORMS: tuple[Form, ...] = ("table", "csv", "json", "jsonl")
MORE = "widen the terminal or use --format"
"""What to do about columns that do not fit, of a command that has the option."""

Decorated = TypeVar("Decorated", bound=Callable[..., None])


def format_option(default: Form = "table") -> Callable[[Decorated], Decorated]:
    """Give a command the option. It arrives as `form`, None where it was not given."""
    text = f"How rows are printed. csv, json and jsonl (or --json) have all columns.  [default: {default}]"
    return click.option("--format", "form", type=click.Choice(FORMS), help=text)


def chosen(session: Session, form: Form | None, default: Form = "table") -> Form:
    """Return the form to print: --json is JSON Lines, wherever --format stands."""
    return "jsonl" if session.json else form or default


def write_rows(
    rows: "Iterable[dict[str, Cell]]", names: Sequence[str], form: Form, columns: "Callable[[], Sequence[Column]]"
) -> int:
    """Print rows in a form and return how many there were. `columns` describes a table, and is not called for others.

    A table of no rows is not printed.
    """
    if form != "table":
        from claimloop.reconciliation.queries.export import export

        return export(rows, names, form, sys.stdout)
    from claimloop.commands.tables.known import in_words

    told = list(in_words(rows))
    if told:
        print_table(columns(), told)
    return len(told)


def print_table(columns: "Sequence[Column]", rows: Sequence[Mapping[str, Any]], *, more: str = MORE) -> None:
    """Print a table as wide as the terminal allows, with an empty line before and after it."""
    print_tables([(columns, rows)], more=more)


def print_tables(tables: "Iterable[tuple[Sequence[Column], Sequence[Mapping[str, Any]]]]", *, more: str = MORE) -> None:
    """Print tables with an empty line before, between and after them."""
    from claimloop.commands.tables.layout import laid_out

    for columns, rows in tables:
        print_lines(["", *laid_out(columns, rows, width(), more=more)])
    print_lines([""])
