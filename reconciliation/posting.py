"""What one claim payment does to the ledger: legs for lines, and what is held in suspense. Pure functions.

The rules are DESIGN 6 and DOMAIN 3.1-3.6. A payer's sequence (primary 1, secondary 2, …) is CLP02's, else follows
from who has paid already. Amounts are cents, debits positive.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date

import msgspec

from claimloop.edi.money import NotAnAmount, to_cents
from claimloop.edi.remittance import PREDETERMINATION, Adjustment, ClaimPayment, ServicePayment
from claimloop.reconciliation import accounts
from claimloop.reconciliation.dispositions import Dispositions, Effect
from claimloop.reconciliation.matching import (
    ClaimMatch,
    LineMatch,
    Matched,
    SubmittedClaim,
    SubmittedLine,
    Unmatched,
    match_lines,
)

_SEQUENCES = {"1": 1, "19": 1, "2": 2, "20": 2, "3": 3, "21": 3}
_NOT_OUR_CLAIM = "23"
CLAIM_LEVEL = 0
"""The ordinal of what stands at the claim itself; services count from 1."""

Balances = dict[str, int]


class Leg(msgspec.Struct, frozen=True, gc=False):
    """One leg of an entry: `amount` in cents, debit positive; `line_id` None for money without a line."""

    account: str
    line_id: int | None
    amount: int


class Held(msgspec.Struct, frozen=True):
    """Money (or a decision without money) that is held in suspense. `service` None: the whole claim payment."""

    service: int | None
    line_control_number: str | None
    amount: int
    reason: str


class AdjustmentEffect(msgspec.Struct, frozen=True, gc=False):
    """What was done with one adjustment; `service` is the ordinal of the service it stands on."""

    service: int
    adjustment: Adjustment
    effect: Effect


class EarlierPayment(msgspec.Struct):
    """A posted payment of a claim that no reversal has undone, with the entry it made."""

    id: int
    payer_id: str
    sequence: int
    payment: ClaimPayment
    charges: dict[int, int]
    legs: list[Leg]
    held: list[Held]


class ClaimState(msgspec.Struct):
    """A submitted claim, the balances of its lines and bucket (by line id), and its payments that stand."""

    claim: SubmittedClaim
    balances: dict[int, Balances]
    payments: list[EarlierPayment]


class Circumstances(msgspec.Struct, frozen=True):
    """What posting needs to know of the remittance. `held_because` holds all of it, for a reason."""

    payer_id: str
    day: date
    dispositions: Dispositions
    held_because: str = ""


class Posting(msgspec.Struct):
    """The outcome for one claim payment. `reverses` is the id of the payment that it undoes.

    `sequence` is the payer's turn, 0 for a predetermination. `may_change` is true where a later payment of the same remittance can settle it: it should be tried again.
    """

    claim: SubmittedClaim | None
    matched_by: str
    sequence: int = 1
    lines: list[LineMatch] = []
    legs: list[Leg] = []
    held: list[Held] = []
    effects: list[AdjustmentEffect] = []
    charges: dict[int, int] = {}
    reverses: int | None = None
    may_change: bool = False


def plan(payment: ClaimPayment, match: ClaimMatch, state: ClaimState | None, around: Circumstances) -> Posting:
    """Decide what a claim payment does. `state` belongs to the matched claim (None where none matched)."""
    try:
        return _plan(payment, match, state, around)
    except NotAnAmount:
        claim = match.claim if isinstance(match, Matched) else None
        return _hold(payment, claim, "an amount is no money")


def apply(posting: Posting, state: ClaimState, payment_id: int, payment: ClaimPayment, payer_id: str) -> None:
    """Bring the claim's state up to what was posted."""
    for leg in posting.legs:
        if leg.line_id is not None:
            balances = state.balances[leg.line_id]
            balances[leg.account] = balances.get(leg.account, 0) + leg.amount
    if posting.reverses is not None:
        state.payments = [earlier for earlier in state.payments if earlier.id != posting.reverses]
    elif posting.sequence:
        state.payments.append(
            EarlierPayment(payment_id, payer_id, posting.sequence, payment, posting.charges, posting.legs, posting.held)
        )


def _plan(payment: ClaimPayment, match: ClaimMatch, state: ClaimState | None, around: Circumstances) -> Posting:
    if not isinstance(match, Matched) or state is None:
        nobody = "no such claim was submitted" if isinstance(match, Unmatched) else "more than one claim fits"
        return _hold(payment, None, around.held_because or nobody)
    claim = match.claim
    if around.held_because:
        return _hold(payment, claim, around.held_because)
    if payment.unreadable:
        return _hold(payment, claim, "part of it cannot be read")
    if payment.imbalance or any(service.imbalance for service in payment.services):
        return _hold(payment, claim, "it does not balance")
    if payment.is_reversal:
        return _reverse(payment, claim, match.rule, state)
    if payment.status == PREDETERMINATION:
        if payment.paid:
            return _hold(payment, claim, "a predetermination pays nothing")
        return Posting(claim, match.rule, sequence=0)
    sequence = _sequence(payment, state, around)
    if _is_adjudicated(payment, state, sequence):
        return _hold(payment, claim, "already adjudicated, and not reversed", may_change=True)
    if to_cents(payment.charge) > claim.charge:
        return _hold(payment, claim, "its charge exceeds the submitted one")
    return _Allocation(payment, match, state, around, sequence).posting()


def _hold(payment: ClaimPayment, claim: SubmittedClaim | None, reason: str, *, may_change: bool = False) -> Posting:
    """The whole payment into suspense; it stays unposted to `claim`, which is only remembered as the likely one."""
    try:
        amount = to_cents(payment.paid)
    except NotAnAmount:
        amount = 0  # the remittance will be short by this amount: that is held too, as its own item
    held = [Held(None, None, amount, reason)]
    matched_by = f"held: {claim.patient_control_number}" if claim else ""
    return Posting(None, matched_by, legs=_suspense_legs(amount), held=held, may_change=may_change)


def _suspense_legs(amount: int) -> list[Leg]:
    if not amount:
        return []
    return [Leg(accounts.INSURANCE_CASH, None, amount), Leg(accounts.SUSPENSE, None, -amount)]


def _sequence(payment: ClaimPayment, state: ClaimState, around: Circumstances) -> int:
    """Which payer in turn this is. CLP02 4 and 23 do not tell (DOMAIN 3.2): then whoever has not decided yet."""
    if payment.status in _SEQUENCES:
        return _SEQUENCES[payment.status]
    for earlier in state.payments:
        if earlier.payer_id == around.payer_id:
            return earlier.sequence
    return max((earlier.sequence for earlier in state.payments), default=0) + 1


def _is_adjudicated(payment: ClaimPayment, state: ClaimState, sequence: int) -> bool:
    """True where payments that stand, of a payer in the same turn, leave no room for this one's charges.

    A claim or a line may be split over several payments; their charges add up to at most what was submitted.
    """
    same_turn = [earlier for earlier in state.payments if earlier.sequence == sequence]
    if not same_turn:
        return False
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


def _reverse(payment: ClaimPayment, claim: SubmittedClaim, rule: str, state: ClaimState) -> Posting:
    """Undo the payment that this one mirrors, entry for entry (DOMAIN 3.4).

    The mirror has every charge, payment and adjustment negated; the one with the same payer claim number first.
    """
    wanted = _money(payment, -1)
    mirrors = [earlier for earlier in state.payments if _money(earlier.payment, 1) == wanted]
    if not mirrors:
        reason = "reverses other amounts than were paid" if state.payments else "reverses what was never posted"
        return _hold(payment, claim, reason, may_change=True)
    number = payment.payer_claim_number
    original = next((m for m in reversed(mirrors) if m.payment.payer_claim_number == number), mirrors[-1])
    return Posting(
        claim,
        rule,
        sequence=original.sequence,
        lines=match_lines(payment, claim),
        legs=[Leg(leg.account, leg.line_id, -leg.amount) for leg in original.legs],
        held=[
            Held(held.service, held.line_control_number, -held.amount, f"reversal of: {held.reason}")
            for held in original.held
        ],
        reverses=original.id,
    )


def _money(payment: ClaimPayment, sign: int) -> tuple[object, ...]:
    """All amounts of a payment times `sign`, in an order that does not depend on the file's.

    Group codes are left out: some payers change them in a reversal, though they must not (RFI 1147).
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


def _sums(effects: Sequence[AdjustmentEffect]) -> Balances:
    """What the adjustments move, by account; what they leave open is not in it."""
    sums: Balances = {}
    for done in effects:
        if done.effect not in ("open", "information"):
            sums[done.effect] = sums.get(done.effect, 0) + to_cents(done.adjustment.amount)
    return {account: amount for account, amount in sums.items() if amount}


class _Allocation:
    """Spreads one payment over the lines of its claim."""

    def __init__(
        self, payment: ClaimPayment, match: Matched, state: ClaimState, around: Circumstances, sequence: int
    ) -> None:
        self.payment = payment
        self.claim = match.claim
        self.state = state
        self.around = around
        self.payers = (around.payer_id, match.claim.payer_id)
        earlier = [other.sequence for other in state.payments]
        self.after_another = any(other < sequence for other in earlier)
        self.before_another = any(other > sequence for other in earlier)
        self.first = sequence == 1 and not self.before_another
        self.patient_is_last = not payment.forwarded and not self.before_another
        self.result = Posting(match.claim, match.rule, sequence)
        self.legs: dict[int, Balances] = {}

    def posting(self) -> Posting:
        payment, result = self.payment, self.result
        result.lines = match_lines(payment, self.claim)
        result.charges = self._charges(result.lines)
        held_lines = {
            line.id: "its charge exceeds the submitted one"
            for line in self.claim.lines
            if result.charges.get(line.id, 0) > line.charge
        }
        for ordinal, (service, match) in enumerate(zip(payment.services, result.lines, strict=True), start=1):
            reason = match.rule if match.line is None else held_lines.get(match.line.id)
            if reason or match.line is None:
                self._hold_service(ordinal, service, match, reason or "")
            else:
                self._post_service(ordinal, service, match.line)
        self._post_claim_level()
        for line_id, moved in self.legs.items():
            result.legs.extend(Leg(account, line_id, amount) for account, amount in moved.items() if amount)
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
        """Where claim-level money goes: the line when the claim has one only, else the bucket (DESIGN 6)."""
        return self.claim.lines[0].id if len(self.claim.lines) == 1 else self.claim.bucket_id

    def _hold_service(self, ordinal: int, service: ServicePayment, match: LineMatch, reason: str) -> None:
        amount = to_cents(service.paid)
        sent = service.line_control_number or (match.line.line_control_number if match.line else None)
        self.result.held.append(Held(ordinal, sent, amount, reason))
        self.result.legs.extend(_suspense_legs(amount))
        self.result.effects.extend(AdjustmentEffect(ordinal, a, "open") for a in service.adjustments)

    def _post_service(self, ordinal: int, service: ServicePayment, line: SubmittedLine) -> None:
        effects = self._decide(ordinal, service.adjustments)
        paid, charge = to_cents(service.paid), to_cents(service.charge)
        if self.first and charge > 0 and not paid and _sums(effects) == {accounts.CONTRACTUAL: charge}:
            # Nothing paid, nothing for the patient, all of it "contractual": a refusal in disguise. It stays open.
            effects = [
                AdjustmentEffect(ordinal, done.adjustment, "denied") if done.effect == "contractual" else done
                for done in effects
            ]
        self.result.effects.extend(effects)
        self._move(line.id, paid, _sums(effects))

    def _post_claim_level(self) -> None:
        effects = self._decide(CLAIM_LEVEL, self.payment.adjustments)
        self.result.effects.extend(effects)
        sums, unspread = _sums(effects), to_cents(self.payment.unspread)
        if unspread or sums:
            self._move(self._claim_level_line(), unspread, sums)

    def _decide(self, ordinal: int, adjustments: Sequence[Adjustment]) -> list[AdjustmentEffect]:
        return [AdjustmentEffect(ordinal, adjustment, self._effect(adjustment)) for adjustment in adjustments]

    def _effect(self, adjustment: Adjustment) -> Effect:
        if self.payment.status == _NOT_OUR_CLAIM:
            return "open"
        around = self.around
        effect = around.dispositions.effect(adjustment.group, adjustment.reason, self.payers, around.day)
        return "open" if effect == "patient" and not self.patient_is_last else effect

    def _move(self, line_id: int, paid: int, sums: Balances) -> None:
        """Book payment and adjustments of one service against what is open on the line.

        A payer that is not the first decides about what is left: what an earlier one laid on the patient or refused
        is open again, and a reduction that the earlier one had taken already is not taken twice.
        """
        moved = self.legs.setdefault(line_id, {})

        def book(account: str, amount: int) -> None:
            moved[account] = moved.get(account, 0) + amount
            moved[accounts.OPEN] = moved.get(accounts.OPEN, 0) - amount

        if self.after_another and not moved:
            for account in (accounts.PATIENT, accounts.DENIED):
                book(account, -self.state.balances[line_id].get(account, 0))
        book(accounts.INSURANCE_CASH, paid)
        book(accounts.PATIENT, sums.get(accounts.PATIENT, 0))
        for account in (accounts.WRITTEN_OFF, accounts.CONTRACTUAL, accounts.DENIED):
            amount = sums.get(account, 0)
            if not self.first and amount > 0:
                amount = min(amount, max(self._open(line_id), 0))
            book(account, amount)

    def _open(self, line_id: int) -> int:
        """What is open on the line after what has been moved so far; for the bucket, on the whole claim."""
        ids = (
            [line_id]
            if line_id != self.claim.bucket_id
            else [self.claim.bucket_id, *(line.id for line in self.claim.lines)]
        )
        return sum(
            self.state.balances[each].get(accounts.OPEN, 0) + self.legs.get(each, {}).get(accounts.OPEN, 0)
            for each in ids
        )
