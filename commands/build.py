"""`claimloop build`: encounters to 837P claim files."""

import sys
from datetime import datetime
from pathlib import Path

import click

from claimloop.commands.help import command
from claimloop.commands.sending import OUTPUT, SECOND_OPINION, partners_of, print_submission
from claimloop.commands.session import CLEAN, FILES, WORK_LEFT, Session, shared
from claimloop.edi.counts import counted


@command(
    examples=[
        "claimloop build encounters/medicaid.json -o outbox",
        "claimloop build encounters/medicaid.json -o other --again --config partners.toml",
    ]
)
@FILES
@OUTPUT
@click.option("--again", is_flag=True, help="Also send encounters that were sent before, each as a new claim.")
@SECOND_OPINION
@shared
def build(session: Session, files: tuple[Path, ...], folder: Path, again: bool, second_opinion: bool) -> None:
    """Build 837P claim files from encounters.

    FILE is JSON, JSON Lines or CSV. Each claim goes to the trading partner of its payer, and the ledger records the
    submission. An encounter with errors is held, and all of its findings are listed. Every claim file is checked before
    it appears in DIR, with a manifest (JSON) beside it. Exit code 1 if an encounter is held.
    """
    from claimloop.reconciliation.submissions.outbox import Outbox
    from claimloop.reconciliation.submissions.submit import submit

    partners = partners_of(session)
    with session.ledger(create=True) as ledger, session.progress("encounters") as progress:
        moment = datetime.now()  # noqa: DTZ005
        outbox = Outbox(partners, ledger, folder, moment, session.report, second_opinion, progress)
        submission = submit(files, outbox, again=again)
    print_submission(session, submission)
    session.say(
        f"{counted(submission.encounters, 'encounter')}: {counted(submission.claims, 'claim')} built, "
        f"{submission.held:,} held, {submission.already_sent:,} sent earlier"
    )
    sys.exit(WORK_LEFT if session.errors else CLEAN)
