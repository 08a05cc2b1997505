"""Compute what a payer recouped of a claim by PLB without a reversal, and from which lines. Pure functions.

Invariant: the result follows from the facts of the claim as they are now, never from the order in which they arrived.
Recouped is what PLBs took under the claim's numbers, less what reversals already took (a negative WO next to a reversal
only delays it), less what staff entered as recouped, and never more than the payer paid (rules.md#recoveries).
"""

import msgspec

from claimloop.reconciliation.ledger import accounts
from claimloop.reconciliation.posting.claim_state import ClaimState
from claimloop.reconciliation.posting.match import SubmittedClaim
from claimloop.reconciliation.posting.settlement import Recouped


class Facts(msgspec.Struct):
    """The facts of one claim, in cents.

    `taken` is what each payer took by PLB under a number that names the claim, less what it returned by PLB. `reversed`
    is what each payer took by reversals. `manual` is what staff entered as recouped.
    """

    taken: dict[str, int] = {}
    reversed: dict[str, int] = {}
    manual: int = 0


def recouped(state: ClaimState, facts: Facts) -> Recouped:
    """Return what is recouped of the claim, by payer and line: in order of payer rank, each up to what it paid.

    Manual recoupments and refunds name no payer. A recoupment counts against the first payer that took something, and
    both limit what all payers together can have recouped.
    """
    paid: dict[str, dict[int, int]] = {}
    ranks: dict[str, int] = {}
    for payment in state.payments:
        of_payer = paid.setdefault(payment.payer_id, {})
        ranks[payment.payer_id] = min(payment.sequence, ranks.get(payment.payer_id, payment.sequence))
        for line_id, moved in payment.decision.items():
            of_payer[line_id] = of_payer.get(line_id, 0) + moved.get(accounts.INSURANCE_CASH, 0)
    left = sum(sum(of_payer.values()) for of_payer in paid.values())
    left += sum(moved.get(accounts.INSURANCE_CASH, 0) for moved in state.manual.values())
    manual = facts.manual
    found: Recouped = {}
    for payer_id in sorted(paid, key=lambda payer: (ranks[payer], payer)):
        due = max(facts.taken.get(payer_id, 0) - facts.reversed.get(payer_id, 0), 0)
        entered = min(manual, due)
        manual -= entered
        amount = min(due - entered, sum(paid[payer_id].values()), left)
        if amount > 0:
            left -= amount
            found[payer_id] = spread(state.claim, paid[payer_id], amount)
    return found


def spread(claim: SubmittedClaim, paid: dict[int, int], amount: int) -> dict[int, int]:
    """Return the lines that an amount was taken from, given what was paid on each.

    All lines, if the amount is all that was paid. Otherwise the only line that was paid exactly this amount. Otherwise
    the claim-level line (rules.md#claim-level-money).
    """
    if len(claim.lines) == 1:
        return {claim.lines[0].id: amount}
    if amount == sum(paid.values()):
        return {line_id: cents for line_id, cents in sorted(paid.items()) if cents}
    exact = [line_id for line_id, cents in paid.items() if cents == amount]
    return {exact[0] if len(exact) == 1 else claim.claim_level_id: amount}
