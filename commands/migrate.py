"""`claimloop migrate`: an older ledger brought up to date."""

import click

from claimloop.commands.help import command
from claimloop.commands.session import Session, shared


@command(examples=["claimloop migrate"])
@shared
def migrate(session: Session) -> None:
    """Update the ledger's schema to this version.

    The update is done completely or not at all. Of an SQLite ledger, a copy of the old file is kept beside it.
    """
    from claimloop.reconciliation.migrate import migrate as bring_up

    done = bring_up(session.ledger_url or session.configuration().ledger)
    if session.json:
        session.write_json(done)
    elif done.before == done.after:
        click.echo(f"the ledger already has schema {done.after}; no changes made")
    else:
        kept = f"; the old ledger is kept as {done.copy}" if done.copy else ""
        click.echo(f"updated the ledger from schema {done.before} to {done.after}{kept}")
