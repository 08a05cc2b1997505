"""A submitted claim with its payments that are in effect: what posting starts from and brings up to date."""

import msgspec

from claimloop.edi.records.remittance import Adjustment, ClaimPayment
from claimloop.reconciliation.ledger.stored_codes import HoldReason
from claimloop.reconciliation.posting.dispositions import Effect
from claimloop.reconciliation.posting.match import SubmittedClaim
from claimloop.reconciliation.posting.settlement import Decision, Recouped, less_recouped, settle

CLAIM_LEVEL = 0
"""The ordinal of what stands at the claim itself; services count from 1."""


class Held(msgspec.Struct, frozen=True, gc=False):
    """Money (or a decision without money) that is held in suspense. `service` None: the whole claim payment."""

    service: int | None
    line_control_number: str | None
    amount: int
    hold_reason: HoldReason


class AdjustmentEffect(msgspec.Struct, frozen=True, gc=False):
    """What was done with one adjustment; `service` is the ordinal of the service it stands on."""

    service: int
    adjustment: Adjustment
    effect: Effect


class EarlierPayment(msgspec.Struct, gc=False):
    """A posted payment of a claim that no reversal has undone: what it decided and what of it is held.

    `charges` has the part of each line's charge that it was about, in cents by line id.
    """

    id: int
    payer_id: str
    sequence: int
    payment: ClaimPayment
    charges: dict[int, int]
    decision: Decision
    held: list[Held]


class ClaimState(msgspec.Struct, gc=False):
    """A submitted claim, its payments that stand, what persons moved on its lines, and what is booked as recouped.

    Where a PLB named the claim and nothing is recouped, its payer is in `recouped` with nothing.
    """

    claim: SubmittedClaim
    payments: list[EarlierPayment]
    manual: Decision = {}
    recouped: Recouped = {}

    def settled(self, *, adding: tuple[int, Decision] | None = None, without: int | None = None) -> Decision:
        """The balances after all payments that stand, one decision more, or one payment (its id) less."""
        standing = [(each.sequence, each.decision) for each in self.payments if each.id != without]
        moved = less_recouped(self.manual, self.recouped) if self.recouped else self.manual
        return settle(self.claim, [*standing, adding] if adding else standing, moved)
