"""`claimloop receive`: post remittances and other files from payers, clearinghouses, and banks."""

import sys
from datetime import datetime
from pathlib import Path

import click

from claimloop.commands.help import command
from claimloop.commands.session import CLEAN, FILES, WORK_LEFT, Session, shared
from claimloop.edi.diagnostics import NotX12


@command(examples=["claimloop receive remittances/*.835"])
@FILES
@shared
def receive(session: Session, files: tuple[Path, ...]) -> None:
    """Post remittances, acknowledgements and bank deposits.

    FILE may be an 835, a TA1, a 997, 999 or 277CA, a bank's file (NACHA or CSV), or an 837P of another system, which is
    imported as submitted. The kind is recognized by the content. A remittance, statement, or claim is posted once,
    even if another file repeats it. Exit code 1 if something needs work.
    """
    from claimloop.commands.tables.outcomes import print_outcomes
    from claimloop.reconciliation.intake import Books, Outcome, arrival_kind, kind_of_arrival, receive_arrival
    from claimloop.reconciliation.posting.dispositions import Dispositions

    dispositions = Dispositions(session.configuration().dispositions)
    outcomes: list[Outcome] = []
    work_left = False
    with session.ledger(create=True) as ledger:
        for path in files:
            try:
                kind = kind_of_arrival(path)
                with session.progress(path.name, path.stat().st_size) as progress:
                    moment = datetime.now()  # noqa: DTZ005
                    books = Books(ledger, dispositions, moment, session.report)
                    for outcome in receive_arrival(path, kind, books, progress):
                        outcomes.append(outcome)
                        work_left = work_left or arrival_kind(kind).needs_staff(outcome)
                        if session.json:
                            session.write_json(outcome)
            except (NotX12, OSError) as error:
                session.errors += 1
                click.echo(f"claimloop: {path}: {error}", err=True)
    if not session.json:
        print_outcomes(outcomes)
    sys.exit(WORK_LEFT if session.errors or work_left else CLEAN)
