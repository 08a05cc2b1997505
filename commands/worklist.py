"""`claimloop worklist`: what needs work."""

import sys
from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING

import click

from claimloop.commands.help import command
from claimloop.commands.session import AS_OF, CLEAN, WORK_LEFT, Session, shared
from claimloop.commands.tables.formats import Form, chosen, format_option

if TYPE_CHECKING:
    from claimloop.reconciliation.queries.views import Cell

_LISTS = (
    "denials", "suspense", "secondary", "credits", "rejected", "unanswered", "deadlines", "deposits", "provider",
)  # fmt: skip


@command(
    examples=[
        "claimloop worklist denials",
        "claimloop worklist deadlines --all --as-of 2026-12-01",
        "claimloop worklist unanswered --format csv > unanswered.csv",
    ]
)
@click.argument("which", type=click.Choice(_LISTS), metavar="LIST")
@format_option()
@AS_OF
@click.option("--all", "everything", is_flag=True, help="Also list what is not late yet.")
@shared
def worklist(session: Session, which: str, form: Form | None, as_of: datetime | None, everything: bool) -> None:
    """List work: denials, suspense, deadlines, missing answers.

    \b
    LIST is one of:
      denials     lines that are denied and not resolved
      suspense    money and payments that are not applied
      secondary   adjudicated claims due to their next payer
      credits     claims paid more than is owed
      rejected    claims that the clearinghouse or payer rejected
      provider    provider-level adjustments (PLB) to check
      unanswered  claims with a late 999, 277CA or 835
      deadlines   timely filing and appeal deadlines
      deposits    remittances and bank deposits without each other

    The most money comes first. In unanswered and deadlines, the most urgent comes first. The configuration sets the
    limits ([[expect]]). Exit code 1 if the list has work.
    """
    from claimloop.commands.tables.worklists import write_worklist
    from claimloop.reconciliation.configuration.as_of import as_of_day
    from claimloop.reconciliation.worklists import registry

    today = (as_of or datetime.now()).date()  # noqa: DTZ005
    when = as_of_day(today, session.configuration(), everything=everything)
    due = 0

    def counting_due(rows: "Iterator[dict[str, Cell]]") -> "Iterator[dict[str, Cell]]":
        nonlocal due
        for row in rows:
            due += registry.is_due(row)
            yield row

    with session.ledger() as ledger, ledger.reading() as connection:
        rows = counting_due(registry.WORKLISTS[which](connection, when))
        write_worklist(which, rows, registry.COLUMNS[which], chosen(session, form))
    sys.exit(WORK_LEFT if due else CLEAN)
