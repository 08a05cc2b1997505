"""Compute a claim's balances line by line from all its payments in effect, in any order of arrival. Pure functions.

Payers adjudicate in order of rank (primary 1, secondary 2, …), each on what the payer before it left. What that payer
assigned to the patient or denied is open again for the next one, and the same reduction is not taken twice.

Invariant: the balances are a function of the set of payments, not of their order. An entry books the difference between
the balances before and after a payment. So a secondary payment that arrives before the primary, or a reversal of a
payment that a later payer relied on, ends with the same balances as any other order.
"""

from collections.abc import Iterable

import msgspec

from claimloop.reconciliation.ledger import accounts
from claimloop.reconciliation.posting.match import SubmittedClaim

Balances = dict[str, int]
"""Cents by account."""

Decision = dict[int, Balances]
"""What a payment decided, by line id: the cents for each account. A line that is named but left open has none."""

Recouped = dict[str, dict[int, int]]
"""What payers recouped by PLB without a reversal: cents by payer and line id."""

_REDUCTIONS = (accounts.WRITTEN_OFF, accounts.CONTRACTUAL, accounts.DENIED)


class Leg(msgspec.Struct, frozen=True, gc=False):
    """One leg of an entry: `amount` in cents, debits positive; `line_id` is None for money without a line."""

    account: str
    line_id: int | None
    amount: int


def settle(claim: SubmittedClaim, decisions: Iterable[tuple[int, Decision]], manual: Decision) -> Decision:
    """Return the balances of the claim's lines after the decisions, each given with its payer's rank.

    The open balance is not among them: it is the rest of the charge. Decisions of one rank are added up. While a payer
    still has to adjudicate, the patient owes nothing yet (rules.md#patient-share), except what staff moved there.
    `manual` is applied last and includes what payers recouped by PLB (`less_recouped`); what it settles of a denial is
    no longer denied. Of a closed claim only what payers paid counts.
    """
    ranks: dict[int, Decision] = {}
    for rank, decision in decisions:
        _add(ranks.setdefault(rank, {}), decision)
    settled: Decision = {}
    for rank in sorted(ranks):
        decided = ranks[rank]
        if settled:
            for line_id in _lines_decided(claim, decided):
                settled.get(line_id, {}).pop(accounts.PATIENT, None)
                settled.get(line_id, {}).pop(accounts.DENIED, None)
            decided = _without_repeated_reductions(claim, settled, decided)
        _add(settled, decided)
    if ranks and max(ranks) < claim.coverages:
        for moved in settled.values():
            moved.pop(accounts.PATIENT, None)
    if manual:
        _add(settled, manual)
        _limit_denied_to_open(claim, settled)
    if claim.closed:
        paid = accounts.INSURANCE_CASH
        return {line_id: {paid: moved[paid]} for line_id, moved in settled.items() if moved.get(paid)}
    return settled


def _limit_denied_to_open(claim: SubmittedClaim, settled: Decision) -> None:
    """Limit the denied amount of each line to what is still open on it; for the claim-level line, on the claim."""
    charges = {line.id: line.charge for line in claim.lines}
    charges[claim.claim_level_id] = claim.charge - sum(
        sum(moved.values()) for line_id, moved in settled.items() if line_id != claim.claim_level_id
    )
    for line_id, moved in settled.items():
        denied = moved.get(accounts.DENIED, 0)
        if denied > 0:
            room = charges.get(line_id, 0) - sum(moved.values()) + denied
            moved[accounts.DENIED] = min(denied, max(room, 0))


def less_recouped(manual: Decision, recouped: Recouped) -> Decision:
    """Return manual moves less what payers recouped by PLB: both are applied on top of the payments."""
    moved: Decision = {line_id: dict(balances) for line_id, balances in manual.items()}
    for of_payer in recouped.values():
        _add(moved, {line_id: {accounts.INSURANCE_CASH: -cents} for line_id, cents in of_payer.items()})
    return moved


def legs_between(claim: SubmittedClaim, before: Decision, after: Decision) -> list[Leg]:
    """Return the legs that lead from one state of a claim to another.

    What is left of each line's charge stays open. On a closed claim, only what was paid remains charged.
    """
    rest = accounts.CHARGE if claim.closed else accounts.OPEN
    legs: list[Leg] = []
    for line_id in before | after:
        old, new = before.get(line_id, {}), after.get(line_id, {})
        moves = [(account, new.get(account, 0) - old.get(account, 0)) for account in accounts.SETTLED]
        moves.append((rest, -sum(amount for _, amount in moves)))
        legs.extend(Leg(account, line_id, amount) for account, amount in moves if amount)
    return legs


def _add(sums: Decision, decision: Decision) -> None:
    for line_id, moved in decision.items():
        balances = sums.setdefault(line_id, {})
        for account, amount in moved.items():
            balances[account] = balances.get(account, 0) + amount


def _lines_decided(claim: SubmittedClaim, decided: Decision) -> list[int]:
    """Return the lines that a later payer's decision covers: a claim-level decision covers all of them."""
    if claim.claim_level_id in decided:
        return [claim.claim_level_id, *(line.id for line in claim.lines)]
    return [claim.claim_level_id, *decided]


def _without_repeated_reductions(claim: SubmittedClaim, settled: Decision, decided: Decision) -> Decision:
    """Return a later payer's decision with its reductions limited to what is open before it.

    A secondary payer repeats reductions that the primary already took, so a reduction may not exceed the open balance.
    Payments and patient responsibility are kept as they are: they are applied first, and the reductions get what is
    left. Where money is on the claim-level line, the room of a line is also limited by the room of the whole claim,
    because that money may belong to any line. A negative reduction is kept.
    """
    charges = {line.id: line.charge for line in claim.lines}
    after: Decision = {line_id: dict(moved) for line_id, moved in settled.items()}
    kept: Decision = {}
    for line_id, moved in decided.items():
        kept[line_id] = {account: amount for account, amount in moved.items() if account not in _REDUCTIONS}
    _add(after, kept)
    claim_level = bool(after.get(claim.claim_level_id))
    for line_id in sorted(decided, key=lambda each: (each == claim.claim_level_id, each)):
        for account in _REDUCTIONS:
            amount = decided[line_id].get(account, 0)
            if amount > 0:
                of_claim = claim.charge - sum(sum(moved.values()) for moved in after.values())
                of_line = charges.get(line_id, 0) - sum(after.get(line_id, {}).values())
                if line_id == claim.claim_level_id:
                    room = of_claim
                else:
                    room = min(of_line, of_claim) if claim_level else of_line
                amount = min(amount, max(room, 0))
            if amount:
                kept[line_id][account] = amount
                _add(after, {line_id: {account: amount}})
    return kept
