"""`claimloop audit`: the whole ledger proved again."""

import sys

import click

from claimloop.commands.help import command
from claimloop.commands.session import CLEAN, WORK_LEFT, Session, shared
from claimloop.edi.counts import counted


@command(examples=["claimloop audit"])
@shared
def audit(session: Session) -> None:
    """Prove that the ledger balances and was not changed.

    Checks every entry, line, claim and remittance, and the chain of seals over the journal. Exit code 1 if there is a
    problem.
    """
    from claimloop.reconciliation.audit import audit as prove

    with session.ledger() as ledger, ledger.reading() as connection, session.progress("claims") as progress:
        result = prove(connection, progress)
    if session.json:
        session.write_json(result)
    else:
        for problem in result.problems:
            click.echo(problem)
        checked = (
            counted(result.claims, "claim"),
            counted(result.lines, "line"),
            counted(result.remittances, "remittance"),
            counted(result.entries, "entry", "entries"),
        )
        found = "no problems found" if result.clean else f"{counted(len(result.problems), 'problem')} found"
        click.echo(f"{', '.join(checked)}: {found}")
    sys.exit(CLEAN if result.clean else WORK_LEFT)
