"""A submitted claim with its payments that are in effect: what posting starts from and brings up to date."""

import msgspec

from claimloop.edi.records.remittance import Adjustment, ClaimPayment
from claimloop.reconciliation.ledger.stored_codes import HoldReason
from claimloop.reconciliation.posting.dispositions import Effect
from claimloop.reconciliation.posting.match import SubmittedClaim
from claimloop.reconciliation.posting.settlement import Decision, Recouped, less_recouped, settle

CLAIM_LEVEL = 0
"""The ordinal of claim-level money and adjustments; services count from 1."""


class Held(msgspec.Struct, frozen=True, gc=False):
    """Money (or a decision without money) that is held in suspense. `service` None: the whole claim payment."""

    service: int | None
    line_control_number: str | None
    amount: int
    hold_reason: HoldReason


class AdjustmentEffect(msgspec.Struct, frozen=True, gc=False):
    """The disposition of one adjustment; `service` is the ordinal of the service that it belongs to."""

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
    """A submitted claim, its payments in effect, what staff moved on its lines, and what is booked as recouped.

    If a PLB named the claim but nothing is recouped, its payer has an empty entry in `recouped`.
    """

    claim: SubmittedClaim
    payments: list[EarlierPayment]
    manual: Decision = {}
    recouped: Recouped = {}

    def settled(self, *, adding: tuple[int, Decision] | None = None, without: int | None = None) -> Decision:
        """Return the balances after all payments in effect, plus one decision or less one payment (by its id)."""
        in_effect = [(each.sequence, each.decision) for each in self.payments if each.id != without]
        moved = less_recouped(self.manual, self.recouped) if self.recouped else self.manual
        return settle(self.claim, [*in_effect, adding] if adding else in_effect, moved)
