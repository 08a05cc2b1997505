"""`claimloop export`: rows of the ledger for other programs."""

import click

from claimloop.commands.help import command
from claimloop.commands.session import Session, shared
from claimloop.commands.tables.formats import Form, chosen, format_option, write_rows
from claimloop.edi.counts import counted

_ONE = {
    "lines": "line",
    "claims": "claim",
    "remittances": "remittance",
    "suspense": "item in suspense",
    "entries": "leg of an entry",
    "denials": "denial",
    "decisions": "manual entry",
}
_MANY = {"suspense": "items in suspense", "entries": "legs of entries", "decisions": "manual entries"}


@command(examples=["claimloop export lines --format jsonl > lines.jsonl", "claimloop export denials --format table"])
@click.argument("what", type=click.Choice(list(_ONE)))
@format_option("csv")
@shared
def export(session: Session, what: str, form: Form | None) -> None:
    """Export the ledger's rows as CSV, JSON or JSON Lines.

    The rows go to stdout, and their number to stderr.
    """
    from claimloop.reconciliation.queries.views import VIEWS

    with session.ledger() as ledger, ledger.reading() as connection:
        view = VIEWS[what]
        count = write_rows(view.rows(connection), view.row, chosen(session, form, "csv"))
    session.say(counted(count, _ONE[what], _MANY.get(what, "")))
