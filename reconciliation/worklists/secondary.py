"""The work list `secondary`: adjudicated claims that are due to their next payer."""

from collections.abc import Iterator
from typing import Annotated

import msgspec
from sqlalchemy import Connection

from claimloop.edi.columns import MONEY, TEXT, Shown
from claimloop.reconciliation.claims.history_for_billing import claims_due_for_next_payer
from claimloop.reconciliation.configuration.as_of import AsOf
from claimloop.reconciliation.ledger.common_columns import ClaimNumber, PayerName
from claimloop.reconciliation.worklists.open_balances import open_balances
from claimloop.reconciliation.worklists.worklist import Worklist


class DueToNextPayer(msgspec.Struct, frozen=True, gc=False):
    """A claim, its primary payer, and the payer that it is due to; `turn` is that payer's rank. Cents."""

    claim_control_number: ClaimNumber
    payer_name: PayerName
    next_payer: Annotated[str, TEXT]
    turn: Annotated[int, Shown("count", priority=3, heading="payer rank")]
    open: Annotated[int, MONEY]


def secondary(connection: Connection, _when: AsOf) -> Iterator[DueToNextPayer]:
    """Yield the claims, the most money first."""
    found: list[tuple[int, int, DueToNextPayer]] = []
    for some in claims_due_for_next_payer(connection):
        balances = open_balances(connection, [sent.id for sent in some])
        for sent in some:
            claim, cents = sent.claim, balances.get(sent.id, 0)
            next_payer = claim.other_payers[sent.next_payer_rank - 2].payer.name
            row = DueToNextPayer(
                claim.patient_control_number, claim.payer.name, next_payer, sent.next_payer_rank, cents
            )
            found.append((-cents, sent.id, row))
    yield from (row for _, _, row in sorted(found, key=lambda each: each[:2]))


LIST = Worklist(
    "secondary",
    DueToNextPayer,
    secondary,
    money="open",
    title="Due to the next payer",
    about="adjudicated claims due to their next payer",
    one="claim due to its next payer",
    many="claims due to their next payer",
    urgency=6,
    next_step="claimloop secondary --all-due -o outbox",
)
