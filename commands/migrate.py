"""`claimloop migrate`: upgrade an older ledger, or copy a ledger to another database."""

import sys

import click

from claimloop.commands.help import command
from claimloop.commands.session import CLEAN, WORK_LEFT, Session, shared
from claimloop.edi.counts import counted


@command(examples=["claimloop migrate", "claimloop migrate --to sqlite:///copy.db"])
@click.option("--to", metavar="URL", help="Copy the ledger into a new database instead, and audit the copy.")
@shared
def migrate(session: Session, to: str | None) -> None:
    """Upgrade the ledger, or copy it to another database.

    The upgrade is done completely or not at all. It keeps a copy of an SQLite file beside it. `--to` leaves the old
    ledger as it is.
    """
    from claimloop.reconciliation.migrate import migrate as bring_up

    url = session.ledger_url or session.configuration().ledger
    if to is not None:
        _copy(session, url, to)
    done = bring_up(url)
    if session.json:
        session.write_json(done)
    elif done.before == done.after:
        click.echo(f"the ledger already has schema {done.after}; no changes made")
    else:
        kept = f"; the old ledger is kept as {done.copy}" if done.copy else ""
        click.echo(f"updated the ledger from schema {done.before} to {done.after}{kept}")


def _copy(session: Session, url: str, to: str) -> None:
    from claimloop.reconciliation.migrate import move

    moved = move(url, to)
    if session.json:
        session.write_json(moved)
    else:
        for problem in moved.audit.problems:
            click.echo(problem)
        found = "the audit is clean" if moved.audit.clean else counted(len(moved.audit.problems), "problem")
        click.echo(f"{moved.ledger}: {counted(moved.rows, 'row')} copied, {found}")
    sys.exit(CLEAN if moved.audit.clean else WORK_LEFT)
