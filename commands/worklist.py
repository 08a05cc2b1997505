"""`claimloop worklist`: what needs work."""

import inspect
import sys
from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING

import click

from claimloop.commands.help import Command
from claimloop.commands.session import AS_OF, CLEAN, WORK_LEFT, Session, shared
from claimloop.commands.tables.formats import Form, chosen, format_option

if TYPE_CHECKING:
    import msgspec


class _ListName(click.ParamType[str]):
    """The name of a work list. The registry is read only when a command needs it: it takes longer than to start."""

    name = "list"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return the name if there is such a list."""
        from claimloop.reconciliation.worklists.registry import WORKLISTS

        return str(click.Choice(list(WORKLISTS)).convert(value, param, ctx))


class _WithLists(Command):
    """A command whose help names every work list in place of `LISTS`."""

    @property
    def help(self) -> str | None:
        """Return the help. It reads the registry."""
        from claimloop.reconciliation.worklists.registry import WORKLISTS

        widest = max(map(len, WORKLISTS))
        lists = "\n".join(f"  {each.name:<{widest}}  {each.about}" for each in WORKLISTS.values())
        return inspect.cleandoc(self._help or "").replace("  LISTS", lists)

    @help.setter
    def help(self, text: str | None) -> None:
        self._help = text


@click.command(
    cls=_WithLists,
    short_help="List work: denials, suspense, deadlines, missing answers.",
    examples=[
        "claimloop worklist denials",
        "claimloop worklist deadlines --all --as-of 2026-12-01",
        "claimloop worklist unanswered --format csv > unanswered.csv",
    ],
)
@click.argument("which", type=_ListName(), metavar="LIST")
@format_option()
@AS_OF
@click.option("--all", "everything", is_flag=True, help="Also list what is not late yet.")
@shared
def worklist(session: Session, which: str, form: Form | None, as_of: datetime | None, everything: bool) -> None:
    """List work: denials, suspense, deadlines, missing answers.

    \b
    LIST is one of:
      LISTS

    The most money comes first. In unanswered and deadlines, the most urgent comes first. The configuration sets the
    limits ([[expect]]). Exit code 1 if the list has work.
    """
    from claimloop.commands.tables.worklists import write_worklist
    from claimloop.reconciliation.configuration.as_of import as_of_day
    from claimloop.reconciliation.worklists.registry import WORKLISTS
    from claimloop.reconciliation.worklists.worklist import is_due

    today = (as_of or datetime.now()).date()  # noqa: DTZ005
    when = as_of_day(today, session.configuration(), everything=everything)
    due = 0

    def counting_due(rows: "Iterator[msgspec.Struct]") -> "Iterator[msgspec.Struct]":
        nonlocal due
        for row in rows:
            due += is_due(row)
            yield row

    with session.ledger() as ledger, ledger.reading() as connection:
        asked = WORKLISTS[which]
        write_worklist(asked, counting_due(asked.rows(connection, when)), chosen(session, form))
    sys.exit(WORK_LEFT if due else CLEAN)
