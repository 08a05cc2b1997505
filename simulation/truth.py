"""The expected results: what the ledger must contain at the end.

They derive from the payer's adjudication alone, not from anything that we read back. Only the answers that remain in
effect count; reversed ones, and those that cannot be posted, do not. The table of `edi.records.adjustments` gives the
meaning of an adjustment. For each line (rules.md#ledger-identities), charge = insurance_paid + contractual +
written_off + patient + open, and denied is a part of open.
"""

from collections.abc import Sequence
from functools import lru_cache

import msgspec

from claimloop.edi.money import two_decimals
from claimloop.edi.records.adjustments import disposition_of
from claimloop.simulation.decisions import FORWARDED_PRIMARY, NOT_OURS, ClaimAnswer, Reason
from claimloop.simulation.submitted import PriorAdjustment, SubmittedClaim, SubmittedLine

_money = lru_cache(maxsize=20_000)(two_decimals)
_TURNS = {"P": 1, "S": 2, "T": 3, "A": 4, "B": 5, "C": 6, "D": 7, "E": 8, "F": 9, "G": 10, "H": 11}


class LineTruth(msgspec.Struct, frozen=True, gc=False, tag_field="record", tag="line"):
    """A row of `claimloop export lines`: a submitted line, or the claim-level line (`line_control_number` null).

    A line that was sent without REF*6R has "".
    """

    claim_control_number: str
    line_control_number: str | None
    payer_id: str
    procedure: str | None
    modifiers: tuple[str, ...]
    service_date: str | None
    charge: str
    insurance_paid: str
    contractual: str
    written_off: str
    patient: str
    open: str
    denied: str
    status: str
    scenario: str


class RemittanceLineTruth(msgspec.Struct, frozen=True, gc=False, tag_field="record", tag="remittance_line"):
    """One SVC of an 835, or a CLP without any (`service` null), with the submitted line that it is for.

    `claim` is the position of its CLP in the set, `service` of its SVC in the claim, `submitted_line` of the line in
    the submitted claim, all counted from 1; `part` is 2 in the second of two sets for one check. `suspense` is the
    reason why it cannot be posted, or null.
    """

    trace_number: str
    part: int
    claim: int
    service: int | None
    claim_control_number: str | None
    line_control_number: str | None
    submitted_line: int | None
    paid: str
    suspense: str | None
    scenario: str


class RemittanceTruth(msgspec.Struct, frozen=True, gc=False, tag_field="record", tag="remittance"):
    """One 835 set as it arrives. `comes` is "first", "again" (must change nothing) or "unbalanced" (BPR02 is wrong)."""

    file: str
    trace_number: str
    part: int
    payer_id: str
    payment_date: str
    payment_amount: str
    claims: int
    comes: str


class _Balance:
    """Where one line's charge went, in cents. `reported` is True if the claim reports a prior payer's adjudication of
    it.
    """

    __slots__ = ("charge", "contractual", "denied", "paid", "patient", "reported")

    def __init__(self, charge: int) -> None:
        self.charge = charge
        self.paid = self.contractual = self.patient = self.denied = 0
        self.reported = False

    @property
    def open(self) -> int:
        return self.charge - self.paid - self.contractual - self.patient

    def take(self, paid: int, reasons: Sequence[Reason], charge: int, patient_owes: bool) -> None:
        """Post one adjudication of a part of the charge."""
        denied = (
            charge > 0
            and not paid
            and bool(reasons)
            and all(reason.group == "CO" and reason.code == "45" for reason in reasons)
        )  # because no fee schedule has a price of 0
        self.paid += paid
        for reason in reasons:
            effect = "denied" if denied else disposition_of(reason.group, reason.code)
            if effect == "contractual":
                self.contractual += reason.amount
            elif effect == "denied":
                self.denied += reason.amount
            elif effect == "patient" and patient_owes:
                self.patient += reason.amount

    def status(self, answered: bool) -> str:
        """Return the status as one word, as in an export."""
        if not answered:
            return "submitted"
        if self.denied:
            return "denied" if not self.paid and not self.patient else "partly denied"
        if self.open:
            return "open"
        if self.paid:
            return "paid"
        return "patient" if self.patient else "adjusted"


# Long: each step changes the balances that the next step reads: earlier payers, the answers in order, a recoupment.
# The order is the rule, and it is easier to check in one place.
def line_truths(
    claim: SubmittedClaim, standing: Sequence[ClaimAnswer], scenario: str, *, recouped: bool = False
) -> list[LineTruth]:
    """Return the rows of a claim after the answers in effect, first payer first; the claim-level line last if it has
    money.

    If `recouped`, a PLB took back everything that they paid; the rest of their adjudication stays.
    """
    balances = [_Balance(line.charge) for line in claim.lines]
    answered = [False] * len(claim.lines)
    places = {id(line): at for at, line in enumerate(claim.lines)}
    bucket = _Balance(0)
    earlier: set[int] = set()
    waits = False
    if claim.other_payers:
        earlier = _take_prior(claim, balances, bucket)
        waits = _further_payer(claim)
    for answer in standing:
        if answer.held:
            continue
        owes = answer.status != FORWARDED_PRIMARY and not waits
        if bucket.reported and answer.status != NOT_OURS:
            bucket.denied, bucket.reported = 0, False
        for line in answer.lines:
            if line.held or line.of is None:
                continue
            at = places[id(line.of)]
            answered[at] = True
            if answer.status != NOT_OURS:
                if at in earlier:  # this payer re-adjudicates what an earlier payer denied
                    balances[at].denied = 0
                    earlier.remove(at)
                balances[at].take(line.paid, line.reasons, line.charge, owes)
        if answer.reasons or not answer.lines:
            only = len(claim.lines) == 1
            if only:
                answered[0] = True
            if answer.status != NOT_OURS:
                for at in earlier:
                    balances[at].denied = 0
                earlier.clear()
                spread = sum(line.paid for line in answer.lines)
                charge = 0 if answer.lines else answer.charge
                (balances[0] if only else bucket).take(answer.paid - spread, answer.reasons, charge, owes)
    if claim.other_payers:
        for at, balance in enumerate(balances):
            balance.denied = min(balance.denied, max(balance.open, 0))
            answered[at] = answered[at] or balance.reported
    for answer in standing if recouped else ():
        spread = 0
        for line in answer.lines:
            spread += line.paid
            if line.of is not None:
                balances[places[id(line.of)]].paid -= line.paid
        (balances[0] if len(claim.lines) == 1 else bucket).paid -= answer.paid - spread
    rows = [
        _row(claim, line, balance, balance.status(known), scenario)
        for line, balance, known in zip(claim.lines, balances, answered, strict=True)
    ]
    if bucket.paid or bucket.contractual or bucket.patient or bucket.denied:
        rows.append(_row(claim, None, bucket, bucket.status(True), scenario))
    return rows


def remittance_line_truths(
    answer: ClaimAnswer, trace_number: str, part: int, place: int, scenario: str
) -> list[RemittanceLineTruth]:
    """Return the rows of one CLP, which is the `place`th of its set."""
    claim = answer.of
    number = claim.control_number if claim else None
    if not answer.lines:
        paid, held = _money(answer.paid), answer.held or None
        only = claim.lines[0] if claim and len(claim.lines) == 1 else None
        return [
            RemittanceLineTruth(
                trace_number, part, place, None, number, only.line_control_number if only else None,
                1 if only else None, paid, held, scenario,
            )
        ]  # fmt: skip
    rows = []
    for service, line in enumerate(answer.lines, start=1):
        at = _place(claim, line.of) if claim is not None and line.of is not None else None
        sent = line.of.line_control_number if line.of is not None else None
        held = answer.held or line.held or None
        rows.append(
            RemittanceLineTruth(trace_number, part, place, service, number, sent, at, _money(line.paid), held, scenario)
        )
    return rows


def _place(claim: SubmittedClaim, line: SubmittedLine) -> int:
    return next(at for at, each in enumerate(claim.lines, start=1) if each is line)


def _take_prior(claim: SubmittedClaim, balances: Sequence[_Balance], bucket: _Balance) -> set[int]:
    """Post the prior payers' adjudication as the claim reports it. A ledger that posted their 835s contains it too.

    Their patient share is open again. Return the indexes of the lines that they adjudicated.
    """
    decided = set()
    for at, (line, balance) in enumerate(zip(claim.lines, balances, strict=True)):
        for before in line.prior:
            balance.take(before.paid, _reasons(before.adjustments), line.charge, patient_owes=False)
            balance.reported = True
            decided.add(at)
    reported = {before.payer_id for line in claim.lines for before in line.prior}
    for payer in claim.other_payers:
        if payer.paid is not None and payer.payer_id not in reported:
            only = len(balances) == 1
            into = balances[0] if only else bucket
            into.take(payer.paid, _reasons(payer.adjustments), claim.charge, patient_owes=False)
            into.reported = True
            if only:
                decided.add(0)
    return decided


def _reasons(adjustments: Sequence[PriorAdjustment]) -> list[Reason]:
    return [Reason(each.group, each.reason, each.amount) for each in adjustments]


def ended_truths(claim: SubmittedClaim, still: Sequence[ClaimAnswer], end: str, scenario: str) -> list[LineTruth]:
    """Return the rows of a claim that was replaced or voided: its charge is what other payers paid (`still`)."""
    rows = []
    for line in claim.lines:
        paid = sum(each.paid for answer in still for each in answer.lines if each.of is line)
        balance = _Balance(paid)
        balance.paid = paid
        rows.append(_row(claim, line, balance, end, scenario))
    return rows


def _row(claim: SubmittedClaim, line: SubmittedLine | None, balance: _Balance, status: str, scenario: str) -> LineTruth:
    return LineTruth(
        claim.control_number, line.line_control_number if line else None, claim.payer.id,
        line.procedure if line else None, line.modifiers if line else (), _iso(line.first_day) if line else None,
        _money(balance.charge), _money(balance.paid), _money(balance.contractual), "0.00",
        _money(balance.patient), _money(balance.open), _money(balance.denied), status, scenario,
    )  # fmt: skip


def _further_payer(claim: SubmittedClaim) -> bool:
    """Return whether a payer ranks after the one the claim was sent to: the rest is its responsibility before the
    patient's.
    """
    own = _TURNS.get(claim.responsibility, 1)
    return any(_TURNS.get(other.responsibility, 0) > own for other in claim.other_payers)


def _iso(day: str) -> str | None:
    return f"{day[:4]}-{day[4:6]}-{day[6:]}" if len(day) == 8 else None
