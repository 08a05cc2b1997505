"""`claimloop secondary`: claims to their next payer."""

from pathlib import Path

import click

from claimloop.commands.help import command
from claimloop.commands.sending import CLAIMS, OUTPUT, SECOND_OPINION, claim_ids, finish, outbox
from claimloop.commands.session import Session, fail, shared


@command(examples=["claimloop secondary --all-due -o outbox"])
@CLAIMS
@click.option("--all-due", is_flag=True, help="Send every adjudicated claim that has a balance for its next payer.")
@OUTPUT
@SECOND_OPINION
@shared
def secondary(session: Session, claims: tuple[str, ...], all_due: bool, folder: Path, second_opinion: bool) -> None:
    """Send adjudicated claims to their next payer.

    The claim shows the secondary or tertiary payer what the earlier payers paid and adjusted. CLAIM is a control number
    or an encounter id. A claim that a payer already forwarded (crossover) is not sent.
    """
    from claimloop.reconciliation.claims.history_for_billing import due_for_next_payer
    from claimloop.reconciliation.submissions.secondary_correct_void import send_to_next_payer

    if bool(claims) == all_due:
        fail("name the claims, or use --all-due")
    with session.ledger() as ledger:
        if all_due:
            with ledger.reading() as connection:
                wanted = due_for_next_payer(connection)
        else:
            wanted = claim_ids(ledger, claims)
        finish(session, send_to_next_payer(wanted, outbox(session, ledger, folder, second_opinion)))
