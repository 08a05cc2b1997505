"""`claimloop correct`: corrected encounters in place of their claims."""

from pathlib import Path

import click

from claimloop.commands.help import command
from claimloop.commands.sending import (
    CLAIMS,
    OUTPUT,
    PAYER_CLAIM_NUMBER,
    SECOND_OPINION,
    claim_ids,
    finish,
    outbox,
)
from claimloop.commands.session import WORK_LEFT, Session, fail, shared


@command(examples=["claimloop correct D1204-1 --with encounters/medicaid.json -o outbox"])
@CLAIMS
@click.option(
    "--with", "files", multiple=True, required=True, metavar="FILE",
    help="The corrected encounters (JSON, JSON Lines or CSV).",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
)  # fmt: skip
@click.option(
    "--rejected", is_flag=True, help="The claim was rejected before it was adjudicated: send it as a new claim."
)
@PAYER_CLAIM_NUMBER
@OUTPUT
@SECOND_OPINION
@shared
def correct(
    session: Session,
    claims: tuple[str, ...],
    files: tuple[Path, ...],
    rejected: bool,
    payer_claim_number: str,
    folder: Path,
    second_opinion: bool,
) -> None:
    """Send corrected encounters to replace claims (frequency code 7).

    Each corrected claim carries the payer's claim number, and the ledger links it to the claim that it replaces.
    Without CLAIM, every encounter in the files is sent.
    """
    from claimloop.reconciliation.queries.claim_history import encounter_of
    from claimloop.reconciliation.submissions.secondary_correct_void import send_corrections

    if payer_claim_number and len(claims) != 1:
        fail("--payer-claim-number belongs to one claim; name that claim")
    with session.ledger() as ledger:
        wanted = claim_ids(ledger, claims)
        with ledger.reading() as connection:
            only = {encounter_of(connection, claim_id) for claim_id in wanted} if claims else None
        submission = send_corrections(
            files,
            outbox(session, ledger, folder, second_opinion),
            only=only,
            rejected=rejected,
            payer_claim_number=payer_claim_number,
        )
        if only is not None and submission.encounters < len(only):
            fail("the files have no encounter for one of the claims", exit_code=WORK_LEFT)
        finish(session, submission)
