"""What a payer took back of a claim by PLB, without a reversal: how much of it, and from which lines. Pure functions.

It follows from the facts of the claim as they are now, never from the order in which they came: what PLBs took under
its numbers, less what reversals took already (a WO below zero beside a reversal only delays it), less what a person
entered for it, and never more than the payer paid (rules.md#recoveries).
"""

import msgspec

from claimloop.reconciliation.ledger import accounts
from claimloop.reconciliation.posting.claim_state import ClaimState
from claimloop.reconciliation.posting.match import SubmittedClaim
from claimloop.reconciliation.posting.settlement import Recouped


class Facts(msgspec.Struct):
    """Of one claim, in cents: what each payer took by PLB under a number that names it, less what he gave back so
    (`taken`), what each took by reversals (`reversed`), and what persons entered as recouped (`by_hand`).
    """

    taken: dict[str, int] = {}
    reversed: dict[str, int] = {}
    by_hand: int = 0


def recouped(state: ClaimState, facts: Facts) -> Recouped:
    """What is recouped of the claim, by payer and line. Payers come in their turn, each up to what he paid.

    What persons entered as recouped, and what they sent back, is no payer's in particular: it counts for the first
    one that took something, and limits all of them together.
    """
    paid: dict[str, dict[int, int]] = {}
    turns: dict[str, int] = {}
    for payment in state.payments:
        of_payer = paid.setdefault(payment.payer_id, {})
        turns[payment.payer_id] = min(payment.sequence, turns.get(payment.payer_id, payment.sequence))
        for line_id, moved in payment.decision.items():
            of_payer[line_id] = of_payer.get(line_id, 0) + moved.get(accounts.INSURANCE_CASH, 0)
    left = sum(sum(of_payer.values()) for of_payer in paid.values())
    left += sum(moved.get(accounts.INSURANCE_CASH, 0) for moved in state.by_hand.values())
    by_hand = facts.by_hand
    found: Recouped = {}
    for payer_id in sorted(paid, key=lambda payer: (turns[payer], payer)):
        due = max(facts.taken.get(payer_id, 0) - facts.reversed.get(payer_id, 0), 0)
        entered = min(by_hand, due)
        by_hand -= entered
        amount = min(due - entered, sum(paid[payer_id].values()), left)
        if amount > 0:
            left -= amount
            found[payer_id] = spread(state.claim, paid[payer_id], amount)
    return found


def spread(claim: SubmittedClaim, paid: dict[int, int], amount: int) -> dict[int, int]:
    """From which lines an amount was taken, of what was paid on each: from all where it is all of it, else from the
    one line that was paid exactly this much, else from the claim-level line (rules.md#claim-level-money).
    """
    if len(claim.lines) == 1:
        return {claim.lines[0].id: amount}
    if amount == sum(paid.values()):
        return {line_id: cents for line_id, cents in sorted(paid.items()) if cents}
    just_this = [line_id for line_id, cents in paid.items() if cents == amount]
    return {just_this[0] if len(just_this) == 1 else claim.bucket_id: amount}
