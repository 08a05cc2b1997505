"""Adjudicate a claim by the payer's rules: allowed and denied amounts, the patient's share, the payment. All in cents.

Invariant: every line balances, because the payment is what remains of the charge after all reasons.
"""

from collections.abc import Sequence
from datetime import date
from functools import lru_cache

from claimloop.edi.dates import NotADate, read_date
from claimloop.edi.records.adjustments import disposition_of
from claimloop.simulation.chance import Chance
from claimloop.simulation.decisions import (
    DENIED,
    PRIMARY,
    SECONDARY,
    TERTIARY,
    ClaimAnswer,
    LineAnswer,
    Reason,
)
from claimloop.simulation.rules import DenialReason, Plan, Rules, cents
from claimloop.simulation.submitted import SubmittedClaim, SubmittedLine

_STATUS = {"P": PRIMARY, "S": SECONDARY, "T": TERTIARY}


class Adjudicator:
    """Adjudicates the claims of every payer by one set of rules. `received` is the day on which the claims arrived."""

    def __init__(self, rules: Rules, seed: int, received: date) -> None:
        self.rules = rules
        self._seed = seed
        self._received = received
        self._schedules = {
            name: ({code: cents(price) for code, price in schedule.prices.items()}, schedule.otherwise_percent)
            for name, schedule in rules.fee_schedules.items()
        }
        self._plans: dict[tuple[str, str], tuple[Plan, int, int]] = {}
        self._seen: dict[int, str] = {}

    def plan(self, claim: SubmittedClaim) -> Plan:
        """Return the first plan that matches the claim."""
        return self._plan(claim)[0]

    def decide(
        self, claim: SubmittedClaim, number: str, chance: Chance, *, known: bool = False
    ) -> tuple[ClaimAnswer, bool]:
        """Return the answer to a claim, and whether the same claim was adjudicated before under the same control
        number.

        `number` is the payer's own number for it (CLP07). If the claim is `known` to have been adjudicated before, it
        is adjudicated in the same way again.
        """
        again = None if known else self._decided_before(claim)
        denial = self.rules.duplicates if again is not None else self._whole_claim_denial(claim)
        if denial is not None:
            return self.deny(claim, number, denial), again == claim.control_number
        prior = [_prior(claim, line) for line in claim.lines] if claim.responsibility not in ("", "P", "U") else None
        allowed, cuts, denied = self._prices(claim, chance)
        plan, copay, deductible = self._plan(claim)
        left = chance.between(1, deductible) if deductible and chance.share() < plan.deductible_rate else 0
        answers: list[LineAnswer] = []
        for at, line in enumerate(claim.lines):
            why = denied[at]
            if why is not None and (prior is None or prior[at] is None):
                answers.append(denied_line(line, why))
                continue
            reasons: list[Reason] = []
            price = allowed[at]
            if prior is not None and (before := prior[at]) is not None:
                owed = min(before, line.charge)
                if line.charge - owed:
                    reasons.append(Reason("OA", "23", line.charge - owed))
                rest = min(owed, price)
                if owed - rest:
                    reasons.append(Reason("CO", "45", owed - rest))
            else:
                if line.charge - price - cuts[at]:
                    reasons.append(Reason("CO", "45", line.charge - price - cuts[at]))
                if cuts[at]:
                    reasons.append(Reason("CO", "59", cuts[at]))
                rest = price
            patient: list[Reason] = []
            if left and rest:
                part = min(left, rest)
                patient.append(Reason("PR", "1", part))
                left -= part
                rest -= part
            if copay and rest and prior is None and line.procedure in self.rules.visits.procedures:
                part = min(copay, rest)
                patient.append(Reason("PR", "3", part))
                copay = 0
                rest -= part
            elif plan.coinsurance_percent and prior is None and (part := rest * plan.coinsurance_percent // 100):
                patient.append(Reason("PR", "2", part))
                rest -= part
            if plan.sequestration_percent and prior is None and (part := rest * plan.sequestration_percent // 100):
                reasons.append(Reason("CO", "253", part))
                rest -= part
            answers.append(_line(line, rest, (*reasons, *patient), (), price))
        return _claim(claim, number, _STATUS.get(claim.responsibility, PRIMARY), tuple(answers)), False

    def deny(self, claim: SubmittedClaim, number: str, denial: DenialReason, status: str = "") -> ClaimAnswer:
        """Return an answer that denies every line for one reason."""
        lines = tuple(denied_line(line, denial) for line in claim.lines)
        return _claim(claim, number, status or _STATUS.get(claim.responsibility, PRIMARY), lines)

    def _plan(self, claim: SubmittedClaim) -> tuple[Plan, int, int]:
        key = claim.payer.id, claim.filing_indicator
        found = self._plans.get(key)
        if found is None:
            if len(self._plans) > 10_000:
                self._plans.clear()
            plan = next(
                plan
                for plan in self.rules.plan
                if plan.payer in ("", claim.payer.id) and (not plan.filing or claim.filing_indicator in plan.filing)
            )
            found = self._plans[key] = plan, cents(plan.copay), cents(plan.deductible)
        return found

    def _decided_before(self, claim: SubmittedClaim) -> str | None:
        """Return the control number of the same claim if it was adjudicated before."""
        rule = self.rules.duplicates
        if rule is None or not rule.remember or claim.frequency in ("7", "8"):
            return None
        key = _same_claim(claim)
        before = self._seen.get(key)
        if before is None:
            if len(self._seen) >= rule.remember:
                del self._seen[next(iter(self._seen))]
            self._seen[key] = claim.control_number
        return before

    def _whole_claim_denial(self, claim: SubmittedClaim) -> DenialReason | None:
        rules = self.rules
        if rules.timely_filing is not None:
            served = _day(claim.last_day)
            if served is not None and (self._received - served).days > rules.timely_filing.days:
                return rules.timely_filing
        ended = rules.coverage_ended
        if ended is not None and ended.rate:
            member = Chance(self._seed, f"coverage\n{claim.payer.id}\n{claim.subscriber.id}")
            if member.share() < ended.rate:
                return ended
        return None

    def _prices(self, claim: SubmittedClaim, chance: Chance) -> tuple[list[int], list[int], list[DenialReason | None]]:
        """Return for each line the allowed amount, its reduction as a further procedure, and why it is denied."""
        rules, lines = self.rules, claim.lines
        prices, percent = self._schedules[self._plan(claim)[0].fee_schedule]
        allowed: list[int] = []
        for line in lines:
            price = prices.get(line.procedure)
            if price is not None:
                price *= int(line.units) if line.units.isdigit() else 1
            else:
                price = line.charge * percent // 100
            allowed.append(max(min(price, line.charge), 0))
        denied = [self._line_denial(claim, line, chance) for line in lines]
        cuts = [0] * len(lines)
        surgical = [
            at for at, line in enumerate(lines) if line.procedure in rules.multiple_procedures.procedures
            and denied[at] is None
        ]  # fmt: skip
        if len(surgical) > 1:
            costliest = max(surgical, key=lambda at: allowed[at])
            for at in surgical:
                if at != costliest:
                    cuts[at] = allowed[at] * (100 - rules.multiple_procedures.percent) // 100
                    allowed[at] -= cuts[at]
        return allowed, cuts, denied

    def _line_denial(self, claim: SubmittedClaim, line: SubmittedLine, chance: Chance) -> DenialReason | None:
        rules = self.rules
        if len(claim.lines) > 1:
            pairs, period = rules.bundling, rules.global_period
            if (
                pairs is not None
                and not pairs.unless.intersection(line.modifiers)
                and _is_part_of_another(claim.lines, line, pairs.pairs)
            ):
                return pairs
            if (
                period is not None
                and line.procedure in rules.visits.procedures
                and not period.unless.intersection(line.modifiers)
                and _is_after(claim.lines, line, period.days)
            ):
                return period
        drawn = chance.share()
        for denial in rules.denial:
            if denial.procedures and line.procedure not in denial.procedures:
                continue
            if denial.modifiers and not denial.modifiers.intersection(line.modifiers):
                continue
            if denial.places and (line.place_of_service or claim.place_of_service) not in denial.places:
                continue
            if denial.diagnoses and not any(code.startswith(denial.diagnoses) for code in _diagnoses(claim, line)):
                continue
            if drawn < denial.rate:
                return denial
            drawn = (drawn - denial.rate) / (1 - denial.rate)  # reuse the rest of one draw for the next rule
        return None


def denied_line(line: SubmittedLine, denial: DenialReason) -> LineAnswer:
    """Return a line that is paid nothing, for one reason."""
    reasons = (Reason(denial.group, denial.reason, line.charge),) if line.charge else ()
    return _line(line, 0, reasons, denial.remarks, None)


def status_of(claim: SubmittedClaim) -> str:
    """Return CLP02 of an ordinary answer: the payer rank of SBR01."""
    return _STATUS.get(claim.responsibility, PRIMARY)


def denied_as_unknown(claim: SubmittedClaim, number: str) -> ClaimAnswer:
    """Return status 4: the payer does not know the patient."""
    unknown = DenialReason("CO", "31", ("N382",))
    return _claim(claim, number, DENIED, tuple(denied_line(line, unknown) for line in claim.lines))


def _claim(claim: SubmittedClaim, number: str, status: str, lines: tuple[LineAnswer, ...]) -> ClaimAnswer:
    return ClaimAnswer(
        claim, claim.control_number, status, sum([line.charge for line in lines]), sum([line.paid for line in lines]),
        number, lines,
    )  # fmt: skip


def _line(
    line: SubmittedLine, paid: int, reasons: tuple[Reason, ...], remarks: tuple[str, ...], allowed: int | None
) -> LineAnswer:
    return LineAnswer(
        line, line.qualifier, line.procedure, line.modifiers, line.charge, paid, line.units, line.first_day,
        line.last_day, line.line_control_number, reasons, remarks, allowed,
    )  # fmt: skip


def _same_claim(claim: SubmittedClaim) -> int:
    """Return one number for claims that a payer treats as duplicates."""
    return hash(
        (
            claim.payer.id, claim.responsibility, claim.subscriber.id, claim.patient.first_name, claim.charge,
            tuple((line.procedure, line.modifiers, line.first_day, line.charge) for line in claim.lines),
        )
    )  # fmt: skip


def _prior(claim: SubmittedClaim, line: SubmittedLine) -> int | None:
    """Return what prior payers left of a line: their patient share and their denials. None if no prior payer
    adjudicated it.

    OA-23 is the rest: what they paid and their contractual adjustments (RFI 2806). The amounts of a payer without lines
    are spread over the lines in proportion to their charges.
    """
    left = line.charge
    decided = False
    if line.prior:
        decided = True
        for before in line.prior:
            left -= before.paid
            left -= sum(
                each.amount for each in before.adjustments if disposition_of(each.group, each.reason) == "contractual"
            )
    for payer in claim.other_payers:
        if payer.paid is None or any(before.payer_id == payer.payer_id for before in line.prior):
            continue
        decided = True
        taken = payer.paid + sum(
            each.amount for each in payer.adjustments if disposition_of(each.group, each.reason) == "contractual"
        )
        if claim.charge:
            left -= taken * line.charge // claim.charge
    return max(left, 0) if decided else None


def _is_part_of_another(lines: Sequence[SubmittedLine], line: SubmittedLine, pairs: frozenset[tuple[str, str]]) -> bool:
    return any(
        (other.procedure, line.procedure) in pairs and other.first_day == line.first_day
        for other in lines
        if other is not line
    )


def _is_after(lines: Sequence[SubmittedLine], visit: SubmittedLine, days: dict[str, int]) -> bool:
    """Return True if the visit is on the day of a procedure of the claim, or within its global period after it."""
    seen = _day(visit.first_day)
    for other in lines:
        if other is not visit and other.procedure in days:
            done = _day(other.first_day)
            if seen is not None and done is not None and 0 <= (seen - done).days <= days[other.procedure]:
                return True
    return False


def _diagnoses(claim: SubmittedClaim, line: SubmittedLine) -> list[str]:
    return [
        claim.diagnoses[int(pointer) - 1]
        for pointer in line.pointers
        if pointer.isdigit() and 0 < int(pointer) <= len(claim.diagnoses)
    ]


@lru_cache(maxsize=4096)
def _day(text: str) -> date | None:
    try:
        return read_date(text)
    except NotADate:
        return None
