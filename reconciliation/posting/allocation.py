"""What one claim payment does to the ledger: legs for lines, and what is held in suspense. Pure functions.

Rules: rules.md#ledger-identities, rules.md#denials, rules.md#reversals, rules.md#payer-rank. A payer's sequence
(primary 1, secondary 2, …) is that of CLP02, or follows from who has paid already. `settling` computes what several
payers decide together.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from typing import Literal

import msgspec

from claimloop.edi.money import NotAnAmount, to_cents
from claimloop.edi.records.remittance import PREDETERMINATION, Adjustment, ClaimPayment, ServicePayment
from claimloop.reconciliation.ledger import accounts
from claimloop.reconciliation.ledger.stored_codes import HoldReason, MatchRule
from claimloop.reconciliation.posting.claim_state import (
    CLAIM_LEVEL,
    AdjustmentEffect,
    ClaimState,
    EarlierPayment,
    Held,
)
from claimloop.reconciliation.posting.dispositions import Dispositions, Effect
from claimloop.reconciliation.posting.match import (
    ClaimMatch,
    LineMatch,
    Matched,
    SubmittedClaim,
    SubmittedLine,
    Unmatched,
    match_lines,
)
from claimloop.reconciliation.posting.settlement import (
    Balances,
    Decision,
    Leg,
    legs_between,
)

_SEQUENCES = {"1": 1, "19": 1, "2": 2, "20": 2, "3": 3, "21": 3}
_DECIDES_NOTHING = (PREDETERMINATION, "23")
"""A predetermination, and a claim that is another payer's: they leave the claim to a decision that is still to come."""

_ABOVE_THE_FEE_SCHEDULE = "45"


class Circumstances(msgspec.Struct, frozen=True):
    """What posting needs to know of the remittance. `hold_reason` holds all of it.

    `taken_back` says that the reversal of this very payment waits: there is room for it beside what stands.
    """

    payer_id: str
    day: date
    dispositions: Dispositions
    hold_reason: HoldReason | Literal[""] = ""
    taken_back: bool = False


class Posting(msgspec.Struct, gc=False):
    """The outcome for one claim payment. `reverses` is the id of the payment that it undoes.

    `likely_claim` is the control number of the claim that a payment may be for that is held as a whole. `sequence` is
    the payer rank, or 0 if the payment decides nothing. `claim_level_line` is the id of the line that got the
    claim-level money: the only line, or the claim-level line. `may_change` is true if a later payment of the same
    remittance can make it postable, so it should be tried again.
    """

    claim: SubmittedClaim | None
    match_rule: MatchRule
    sequence: int = 1
    lines: list[LineMatch] = []
    legs: list[Leg] = []
    held: list[Held] = []
    effects: list[AdjustmentEffect] = []
    charges: dict[int, int] = {}
    decision: Decision = {}
    claim_level_line: int | None = None
    reverses: int | None = None
    may_change: bool = False
    likely_claim: str | None = None


def plan(payment: ClaimPayment, match: ClaimMatch, state: ClaimState | None, around: Circumstances) -> Posting:
    """Decide what a claim payment does. `state` belongs to the matched claim (None where none matched)."""
    try:
        return _plan(payment, match, state, around)
    except NotAnAmount:
        claim = match.claim if isinstance(match, Matched) else None
        return _hold(payment, claim, "invalid_amount")


def apply(posting: Posting, state: ClaimState, payment_id: int, payment: ClaimPayment, payer_id: str) -> None:
    """Bring the claim's state up to what was posted."""
    if posting.reverses is not None:
        state.payments = [earlier for earlier in state.payments if earlier.id != posting.reverses]
    elif posting.sequence:
        state.payments.append(
            EarlierPayment(
                payment_id, payer_id, posting.sequence, payment, posting.charges, posting.decision, posting.held
            )
        )


def _plan(payment: ClaimPayment, match: ClaimMatch, state: ClaimState | None, around: Circumstances) -> Posting:
    if not isinstance(match, Matched) or state is None:
        unmatched = match.hold_reason if isinstance(match, Unmatched) else "several_claims_match"
        return _hold(payment, None, around.hold_reason or unmatched)
    claim = match.claim
    if around.hold_reason:
        return _hold(payment, claim, around.hold_reason)
    if payment.unreadable:
        return _hold(payment, claim, "unreadable_payment")
    if payment.imbalance or any(service.imbalance for service in payment.services):
        return _hold(payment, claim, "payment_out_of_balance")
    if payment.is_reversal:
        return _reverse(payment, match, state, around)
    if payment.charge < 0:
        return _hold(payment, claim, "negative_charge")
    if payment.status in _DECIDES_NOTHING:
        if payment.paid:
            return _hold(payment, claim, "status_allows_no_payment")
        return Posting(claim, match.rule, sequence=0, lines=match_lines(payment, claim), effects=_left_open(payment))
    sequence = _sequence(payment, state, around)
    if not around.taken_back and _is_adjudicated(payment, state, sequence):
        return _hold(payment, claim, "already_adjudicated", may_change=True)
    if to_cents(payment.charge) > claim.charge:
        return _hold(payment, claim, "charge_exceeds_submitted")
    return _Allocation(payment, match, around, sequence).posting(state)


def plan_service(
    payment: ClaimPayment, place: int, line: SubmittedLine, state: ClaimState, around: Circumstances
) -> tuple[ClaimPayment, Posting]:
    """Plan one service of a payment (`place` counts from 1) for the line that staff named.

    Return the service as a payment of its own, and the plan. Raises NotAnAmount if an amount is not valid.
    """
    service = payment.services[place - 1]
    part = msgspec.structs.replace(
        payment, services=(service,), adjustments=(), charge=service.charge, paid=service.paid, unreadable=0
    )
    match = Matched(state.claim, "manual")
    allocation = _Allocation(part, match, around, _sequence(payment, state, around))
    return part, allocation.posting(state, [LineMatch(line, "manual")])


def plan_whole(payment: ClaimPayment, line: SubmittedLine, state: ClaimState, around: Circumstances) -> Posting:
    """What a payment of one service, or without any, does to the line that a person named."""
    match = Matched(state.claim, "manual")
    allocation = _Allocation(payment, match, around, _sequence(payment, state, around))
    return allocation.posting(state, [LineMatch(line, "manual")] * len(payment.services))


def _hold(
    payment: ClaimPayment, claim: SubmittedClaim | None, reason: HoldReason, *, may_change: bool = False
) -> Posting:
    """The whole payment into suspense; it stays unposted to `claim`, which is only remembered as the likely one."""
    try:
        amount = to_cents(payment.paid)
    except NotAnAmount:
        amount = 0  # the remittance will be short by this amount: that is held too, as its own item
    held = [Held(None, None, amount, reason)]
    likely = claim.patient_control_number if claim else None
    return Posting(None, "", legs=suspense_legs(amount), held=held, may_change=may_change, likely_claim=likely)


def suspense_legs(amount: int) -> list[Leg]:
    """Money that came (or, negative, went) and belongs to no known line."""
    if not amount:
        return []
    return [Leg(accounts.INSURANCE_CASH, None, amount), Leg(accounts.SUSPENSE, None, -amount)]


def _sequence(payment: ClaimPayment, state: ClaimState, around: Circumstances) -> int:
    """Return the payer rank. CLP02 4 and 23 have none (rules.md#payer-rank). Then it is the rank of the payer's
    earlier decision, that of the submission it answers, or the first that has not decided yet.
    """
    if payment.status in _SEQUENCES:
        return _SEQUENCES[payment.status]
    for earlier in state.payments:
        if earlier.payer_id == around.payer_id:
            return earlier.sequence
    taken = {earlier.sequence for earlier in state.payments}
    answered = state.claim.ranks_of(payment.patient_control_number) - taken
    return min(answered) if answered else max(taken, default=0) + 1


def _is_adjudicated(payment: ClaimPayment, state: ClaimState, sequence: int) -> bool:
    """True where payments that stand, of a payer in the same turn, leave no room for this one's charges.

    A claim or a line may be split over several payments (rules.md#claim-splits). Their charges add up to at most
    what was submitted. The same amounts under the same payer claim number are the same decision.
    """
    same_turn = [earlier for earlier in state.payments if earlier.sequence == sequence]
    if not same_turn:
        return False
    number, money = payment.payer_claim_number, _money(payment, 1)
    if any(
        number and number == each.payment.payer_claim_number and money == _money(each.payment, 1) for each in same_turn
    ):
        return True
    charged = sum(to_cents(earlier.payment.charge) for earlier in same_turn)
    if charged + to_cents(payment.charge) > state.claim.charge:
        return True
    by_line: dict[int, int] = defaultdict(int)
    for earlier in same_turn:
        for line_id, charge in earlier.charges.items():
            by_line[line_id] += charge
    for service, match in zip(payment.services, match_lines(payment, state.claim), strict=True):
        if match.line:
            by_line[match.line.id] += to_cents(service.charge)
    return any(by_line[line.id] > line.charge for line in state.claim.lines)


def mirrors(reversal: ClaimPayment, payer_id: str, payment: ClaimPayment, payments_payer: str) -> bool:
    """True where the reversal undoes the payment (rules.md#reversals): of the same payer or payer claim number,
    and every charge, payment and adjustment negated.
    """
    number = reversal.payer_claim_number
    ours = payer_id == payments_payer or (number != "" and payment.payer_claim_number == number)
    return ours and _money(payment, 1) == _money(reversal, -1)


def _reverse(payment: ClaimPayment, match: Matched, state: ClaimState, around: Circumstances) -> Posting:
    """Undo the payment that this one mirrors, together with everything of it that is held.

    If several match, undo the newest with the same payer claim number.
    """
    number = payment.payer_claim_number
    mirrored = [
        earlier
        for earlier in reversed(state.payments)
        if mirrors(payment, around.payer_id, earlier.payment, earlier.payer_id)
    ]
    if not mirrored:
        wrong: HoldReason = "reversal_amounts_differ" if state.payments else "reversal_of_unposted_payment"
        return _hold(payment, match.claim, wrong, may_change=True)
    original = next((earlier for earlier in mirrored if earlier.payment.payer_claim_number == number), mirrored[0])
    legs = legs_between(match.claim, state.settled(), state.settled(without=original.id))
    for held in original.held:
        legs.extend(suspense_legs(-held.amount))
    return Posting(
        match.claim,
        match.rule,
        sequence=original.sequence,
        lines=match_lines(payment, match.claim),
        legs=legs,
        held=[Held(held.service, held.line_control_number, -held.amount, held.hold_reason) for held in original.held],
        reverses=original.id,
    )


def _money(payment: ClaimPayment, sign: int) -> tuple[object, ...]:
    """All amounts of a payment times `sign`, in an order that does not depend on the file's.

    Group codes are left out: some payers change them in a reversal, although they must not (rules.md#reversals).
    """
    return (
        sign * payment.charge,
        sign * payment.paid,
        sorted((a.reason, sign * a.amount) for a in payment.adjustments if a.amount),
        sorted(
            (
                service.billed_procedure.code,
                sign * service.charge,
                sign * service.paid,
                sorted((a.reason, sign * a.amount) for a in service.adjustments if a.amount),
            )
            for service in payment.services
        ),
    )


def _left_open(payment: ClaimPayment) -> list[AdjustmentEffect]:
    """The adjustments of a payment that decides nothing: told, and without effect."""
    told = [AdjustmentEffect(CLAIM_LEVEL, adjustment, "open") for adjustment in payment.adjustments]
    for ordinal, service in enumerate(payment.services, start=1):
        told += [AdjustmentEffect(ordinal, adjustment, "open") for adjustment in service.adjustments]
    return told


def _sums(effects: Sequence[AdjustmentEffect]) -> Balances:
    """What the adjustments move, by account; what they leave open is not in it."""
    sums: Balances = {}
    for done in effects:
        if done.effect not in ("open", "information"):
            sums[done.effect] = sums.get(done.effect, 0) + to_cents(done.adjustment.amount)
    return {account: amount for account, amount in sums.items() if amount}


class _Allocation:
    """Spreads one payment over the lines of its claim."""

    def __init__(self, payment: ClaimPayment, match: Matched, around: Circumstances, sequence: int) -> None:
        self.payment = payment
        self.claim = match.claim
        self.around = around
        self.payers = (around.payer_id, *match.claim.payers_of_rank(sequence))
        self.result = Posting(match.claim, match.rule, sequence)

    def posting(self, state: ClaimState, manual: list[LineMatch] | None = None) -> Posting:
        """The outcome; `manual` has a person's line for each service, which no rule doubts."""
        payment, result = self.payment, self.result
        result.lines = manual or match_lines(payment, self.claim)
        result.charges = self._charges(result.lines)
        held_lines: dict[int, HoldReason] = {
            line.id: "charge_exceeds_submitted"
            for line in self.claim.lines
            if result.charges.get(line.id, 0) > line.charge and not manual
        }
        for ordinal, (service, match) in enumerate(zip(payment.services, result.lines, strict=True), start=1):
            if match.line is None:
                self._hold_service(ordinal, service, match, "no_line_matches")
            elif reason := held_lines.get(match.line.id):
                self._hold_service(ordinal, service, match, reason)
            else:
                self._decide(
                    match.line.id, ordinal, service.adjustments, to_cents(service.charge), to_cents(service.paid)
                )
        if payment.adjustments or payment.unspread or not payment.services:
            charge = 0 if payment.services else to_cents(payment.charge)
            result.claim_level_line = self._claim_level_line()
            self._decide(result.claim_level_line, CLAIM_LEVEL, payment.adjustments, charge, to_cents(payment.unspread))
        before = state.settled()
        result.legs += legs_between(self.claim, before, state.settled(adding=(result.sequence, result.decision)))
        return result

    def _charges(self, lines: Sequence[LineMatch]) -> dict[int, int]:
        charges: dict[int, int] = {}
        for service, match in zip(self.payment.services, lines, strict=True):
            if match.line:
                charges[match.line.id] = charges.get(match.line.id, 0) + to_cents(service.charge)
        if not self.payment.services:
            charges[self._claim_level_line()] = to_cents(self.payment.charge)
        return charges

    def _claim_level_line(self) -> int:
        """Return the line of a claim with only one line, else the claim-level line (rules.md#claim-level-money)."""
        return self.claim.lines[0].id if len(self.claim.lines) == 1 else self.claim.claim_level_id

    def _hold_service(self, ordinal: int, service: ServicePayment, match: LineMatch, reason: HoldReason) -> None:
        amount = to_cents(service.paid)
        sent = service.line_control_number or (match.line.line_control_number if match.line else None)
        self.result.held.append(Held(ordinal, sent, amount, reason))
        self.result.legs.extend(suspense_legs(amount))
        self.result.effects.extend(AdjustmentEffect(ordinal, a, "open") for a in service.adjustments)

    def _decide(self, line_id: int, ordinal: int, adjustments: Sequence[Adjustment], charge: int, paid: int) -> None:
        """Record the decision for one line, or for the claim-level line. `charge` is 0 if there are service lines."""
        effects = [AdjustmentEffect(ordinal, adjustment, self._effect(adjustment)) for adjustment in adjustments]
        if charge > 0 and not paid and _is_denial(effects, charge):
            effects = [AdjustmentEffect(ordinal, adjustment, "denied") for adjustment in adjustments]
        self.result.effects.extend(effects)
        balances = self.result.decision.setdefault(line_id, {})
        for account, amount in ((accounts.INSURANCE_CASH, paid), *_sums(effects).items()):
            balances[account] = balances.get(account, 0) + amount

    def _effect(self, adjustment: Adjustment) -> Effect:
        around = self.around
        effect = around.dispositions.effect(adjustment.group, adjustment.reason, self.payers, around.day)
        return "open" if effect == "patient" and self.payment.forwarded else effect


def _is_denial(effects: Sequence[AdjustmentEffect], charge: int) -> bool:
    """Return true if the whole charge exceeds the fee schedule: no schedule has a price of 0, so this is a denial.

    Capitation, bundling that the practice has a rule for, and similar cases have reasons of their own.
    """
    reasons = {done.adjustment.reason for done in effects}
    return reasons == {_ABOVE_THE_FEE_SCHEDULE} and _sums(effects) == {accounts.CONTRACTUAL: charge}
