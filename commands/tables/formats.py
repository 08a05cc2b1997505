"""`--format table|csv|json|jsonl`: rows for people, or for other programs."""

import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, TypeVar

import click

from claimloop.commands.session import Session, print_lines, width

if TYPE_CHECKING:
    import msgspec

    from claimloop.edi.columns import Column

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
    rows: "Iterable[msgspec.Struct]",
    row_type: "type[msgspec.Struct]",
    form: Form,
    columns: "Sequence[Column] | None" = None,
) -> int:
    """Print rows in a form and return how many there were. A table of no rows is not printed.

    A table has the columns that the type's fields are marked to be, unless `columns` has others.
    """
    from claimloop.reconciliation.queries.export import as_text, export

    if form != "table":
        return export(rows, row_type, form, sys.stdout)
    from claimloop.commands.tables.known import described, in_words

    told = [in_words(as_text(row)) for row in rows]
    if told:
        print_table(columns or described(row_type), told)
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
