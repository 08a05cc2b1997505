"""`claimloop void`: adjudicated claims taken back."""

from pathlib import Path

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
from claimloop.commands.session import Session, fail, shared


@command(examples=["claimloop void D1106-1 -o outbox"])
@CLAIMS
@PAYER_CLAIM_NUMBER
@OUTPUT
@SECOND_OPINION
@shared
def void(
    session: Session, claims: tuple[str, ...], payer_claim_number: str, folder: Path, second_opinion: bool
) -> None:
    """Void adjudicated claims (frequency code 8).

    The ledger reverses the charges of the voided claims. CLAIM is a control number or an encounter id.
    """
    from claimloop.reconciliation.submissions.secondary_correct_void import send_voids

    if not claims:
        fail("name the claims")
    if payer_claim_number and len(claims) > 1:
        fail("--payer-claim-number belongs to one claim; name only that claim")
    with session.ledger() as ledger:
        wanted = claim_ids(ledger, claims)
        finish(session, send_voids(wanted, outbox(session, ledger, folder, second_opinion), payer_claim_number))
