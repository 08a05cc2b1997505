"""What all standing payments of a claim come to, line by line, whatever the order in which they came. Pure functions.

Payers decide in turn (primary 1, secondary 2, …), each about what the one before left: what that one laid on the
patient or refused is open again, and a reduction that was taken already is not taken twice. An entry books the
difference between what the payments came to before and what they come to now, so that a secondary payment before
the primary, or a reversal under a later payer's decision, ends with the same balances as any other order.
"""

from collections.abc import Iterable

import msgspec

from claimloop.reconciliation.ledger import accounts
from claimloop.reconciliation.posting.match import SubmittedClaim

Balances = dict[str, int]
"""Cents by account."""

Decision = dict[int, Balances]
"""What a payment decided, by line id: what goes to which account. A line that it names and leaves open has none."""

Recouped = dict[str, dict[int, int]]
"""What payers took back by PLB, without a reversal: cents by payer and line id."""

_REDUCTIONS = (accounts.WRITTEN_OFF, accounts.CONTRACTUAL, accounts.DENIED)


class Leg(msgspec.Struct, frozen=True, gc=False):
    """One leg of an entry: `amount` in cents, debit positive; `line_id` None for money without a line."""

    account: str
    line_id: int | None
    amount: int


def settle(claim: SubmittedClaim, decisions: Iterable[tuple[int, Decision]], by_hand: Decision) -> Decision:
    """The balances of the claim's lines and bucket after the decisions, each with its payer's turn.

    What is open is not in it: it is the rest of the charge. Decisions of one turn are added up. While a payer still has
    to decide, the patient owes nothing yet (rules.md#patient-share), except what staff moved there: `by_hand` comes on
    top, with what payers took back by PLB (`less_recouped`), and what it settles of a denial is no longer denied. Of a
    closed claim only what payers paid counts.
    """
    turns: dict[int, Decision] = {}
    for turn, decision in decisions:
        _add(turns.setdefault(turn, {}), decision)
    settled: Decision = {}
    for turn in sorted(turns):
        decided = turns[turn]
        if settled:
            for line_id in _about(claim, decided):
                settled.get(line_id, {}).pop(accounts.PATIENT, None)
                settled.get(line_id, {}).pop(accounts.DENIED, None)
            decided = _without_what_was_taken(claim, settled, decided)
        _add(settled, decided)
    if turns and max(turns) < claim.coverages:
        for moved in settled.values():
            moved.pop(accounts.PATIENT, None)
    if by_hand:
        _add(settled, by_hand)
        _keep_denied_what_is_open(claim, settled)
    if claim.closed:
        paid = accounts.INSURANCE_CASH
        return {line_id: {paid: moved[paid]} for line_id, moved in settled.items() if moved.get(paid)}
    return settled


def _keep_denied_what_is_open(claim: SubmittedClaim, settled: Decision) -> None:
    """Cut what is denied to what is still open: of the line, or for the bucket of the whole claim."""
    charges = {line.id: line.charge for line in claim.lines}
    charges[claim.bucket_id] = claim.charge - sum(
        sum(moved.values()) for line_id, moved in settled.items() if line_id != claim.bucket_id
    )
    for line_id, moved in settled.items():
        denied = moved.get(accounts.DENIED, 0)
        if denied > 0:
            room = charges.get(line_id, 0) - sum(moved.values()) + denied
            moved[accounts.DENIED] = min(denied, max(room, 0))


def less_recouped(by_hand: Decision, recouped: Recouped) -> Decision:
    """What persons moved, and what payers took back by PLB: both come on top of the payments."""
    moved: Decision = {line_id: dict(balances) for line_id, balances in by_hand.items()}
    for of_payer in recouped.values():
        _add(moved, {line_id: {accounts.INSURANCE_CASH: -cents} for line_id, cents in of_payer.items()})
    return moved


def legs_between(claim: SubmittedClaim, before: Decision, after: Decision) -> list[Leg]:
    """The legs that lead from one state of a claim to another.

    What is left of each line's charge stays open; where the claim is closed, nothing is charged but what was paid.
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


def _about(claim: SubmittedClaim, decided: Decision) -> list[int]:
    """The lines that a later payer's decision is about: a claim-level one is about all of them."""
    if claim.bucket_id in decided:
        return [claim.bucket_id, *(line.id for line in claim.lines)]
    return [claim.bucket_id, *decided]


def _without_what_was_taken(claim: SubmittedClaim, settled: Decision, decided: Decision) -> Decision:
    """A later payer's decision, with its reductions cut to what is open by then."""
    charges = {line.id: line.charge for line in claim.lines}
    after: Decision = {line_id: dict(moved) for line_id, moved in settled.items()}
    kept: Decision = {}
    for line_id, moved in decided.items():
        kept[line_id] = {account: amount for account, amount in moved.items() if account not in _REDUCTIONS}
    _add(after, kept)
    claim_level = bool(after.get(claim.bucket_id))
    for line_id in sorted(decided, key=lambda each: (each == claim.bucket_id, each)):
        for account in _REDUCTIONS:
            amount = decided[line_id].get(account, 0)
            if amount > 0:
                of_claim = claim.charge - sum(sum(moved.values()) for moved in after.values())
                of_line = charges.get(line_id, 0) - sum(after.get(line_id, {}).values())
                if line_id == claim.bucket_id:
                    room = of_claim
                else:
                    room = min(of_line, of_claim) if claim_level else of_line
                amount = min(amount, max(room, 0))
            if amount:
                kept[line_id][account] = amount
                _add(after, {line_id: {account: amount}})
    return kept
