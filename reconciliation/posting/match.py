"""Which submitted claim a payment is for, and which submitted line each of its services.

Pure functions: the same input gives the same answer, with the rule that decided. One clear winner or none; charges
are never invented. Rules: rules.md#matching-claims, rules.md#matching-lines.
"""

import re
from collections.abc import Callable, Sequence

import msgspec

from claimloop.edi.dates import DateRange
from claimloop.edi.money import to_cents
from claimloop.edi.records.remittance import ClaimPayment, ServicePayment
from claimloop.reconciliation.ledger.stored_codes import HoldReason, MatchRule

_NEITHER_CAPITAL_NOR_DIGIT = re.compile(r"[^A-Z0-9]+")


_LEAST_LEFT = 6
"""Characters of a cut control number that still say something."""

PEOPLE = frozenset(("QC", "IL", "74"))
"""NM101 of the patient, the insured and the corrected one."""


class SubmittedLine(msgspec.Struct, frozen=True, gc=False):
    """A line as it went out. `charge` is in cents; `number` counts from 1 within the claim."""

    id: int
    number: int
    line_control_number: str
    procedure: str
    modifiers: tuple[str, ...]
    service_date: DateRange
    charge: int


class Sending(msgspec.Struct, frozen=True, gc=False):
    """A claim as it went to one payer. `turn` is 1 for the primary; `member_id` the number of that payer's member."""

    patient_control_number: str
    turn: int = 1
    payer_id: str = ""
    member_id: str = ""


class SubmittedClaim(msgspec.Struct, frozen=True, gc=False):
    """A claim as it went out, to one payer or to several in turn.

    `bucket_id` is the line for money that the payer does not spread; `coverages` says how many payers are to decide;
    `last_names` are those of patient and subscribers. A `closed` claim was replaced by another one, or voided.
    """

    id: int
    sendings: tuple[Sending, ...]
    charge: int
    bucket_id: int
    lines: tuple[SubmittedLine, ...]
    last_names: tuple[str, ...] = ()
    coverages: int = 1
    closed: bool = False

    @property
    def patient_control_number(self) -> str:
        """The number under which it went out first."""
        return self.sendings[0].patient_control_number

    def payers_in_turn(self, turn: int) -> tuple[str, ...]:
        """Their ids as they stand in the claims; remittances often name a payer otherwise."""
        return tuple(sending.payer_id for sending in self.sendings if sending.turn == turn)

    def turns_of(self, control_number: str) -> set[int]:
        """The turns in which it went out under this number."""
        wanted = normalised(control_number)
        return {each.turn for each in self.sendings if normalised(each.patient_control_number) == wanted}


class Matched(msgspec.Struct, frozen=True, gc=False):
    """The payment is for this claim; `rule` says how that is known."""

    claim: SubmittedClaim
    rule: MatchRule


class Ambiguous(msgspec.Struct, frozen=True):
    """More than one claim fits, none better than the others."""

    candidates: tuple[SubmittedClaim, ...]
    rule: MatchRule


class Unmatched(msgspec.Struct, frozen=True):
    """No submitted claim matches; `hold_reason` says why not even the one with this control number."""

    hold_reason: HoldReason = "no_claim_matches"


ClaimMatch = Matched | Ambiguous | Unmatched


class LineMatch(msgspec.Struct, frozen=True, gc=False):
    """The submitted line of one service payment, or None with the rule that could not decide."""

    line: SubmittedLine | None
    rule: MatchRule


def normalised(control_number: str) -> str:
    """A control number without what payers change: capitals and digits only, no zeros in front."""
    capitals = control_number.upper()
    if not (capitals.isascii() and capitals.isalnum()):
        capitals = _NEITHER_CAPITAL_NOR_DIGIT.sub("", capitals)
    return capitals.lstrip("0")


def match_claim(payment: ClaimPayment, candidates: Sequence[SubmittedClaim]) -> ClaimMatch:
    """Match by control number, as sent or normalised; `candidates` share the payment's normalised control number.

    A number that is only alike must be borne out by the claim's charge or one of its procedures. Not even the very
    number is believed where everything else speaks against it: another system used it too.
    """
    sent = payment.patient_control_number
    ours = [claim for claim in candidates if not _is_other_patient(payment, claim)]
    exactly = [claim for claim in ours if _has(claim, sent) and not _is_other_service(payment, claim)]
    if exactly:
        return Matched(_newest(exactly), "control_number")
    alike = tuple(claim for claim in ours if _plausible(payment, claim))
    if len(alike) == 1:
        return Matched(alike[0], "normalized_control_number")
    if alike:
        return Ambiguous(alike, "normalized_control_number")
    if any(_has(claim, sent) for claim in candidates):
        return Unmatched("other_patient_or_service")
    return Unmatched()


def match_without_number(payment: ClaimPayment, candidates: Sequence[SubmittedClaim]) -> ClaimMatch:
    """Match a payment whose control number is missing or cut; `candidates` are the claims of its member.

    Member id, charge, days and procedures must all be the claim's, and only one claim's. A number that is neither
    missing nor the beginning of the claim's own belongs to another system: then nothing is matched.
    """
    sent = normalised(payment.patient_control_number)
    fitting = tuple(
        claim for claim in candidates if _begins_number(claim, sent) and _is_same_service(payment, claim)
    )  # fmt: skip
    standing = tuple(claim for claim in fitting if not claim.closed) or fitting
    rule: MatchRule = "truncated_control_number" if sent else "member_and_service"
    if len(standing) == 1:
        return Matched(standing[0], rule)
    return Ambiguous(standing, rule) if standing else Unmatched()


def member_ids(payment: ClaimPayment) -> set[str]:
    """The normalised member ids that a payment names."""
    return {normalised(party.id) for party in payment.parties if party.role in PEOPLE} - {""}


def _begins_number(claim: SubmittedClaim, sent: str) -> bool:
    """True where nothing was sent, or what a payer left of a number of this claim."""
    if not sent:
        return True
    numbers = (normalised(sending.patient_control_number) for sending in claim.sendings)
    return len(sent) >= _LEAST_LEFT and any(number.startswith(sent) for number in numbers)


def _is_same_service(payment: ClaimPayment, claim: SubmittedClaim) -> bool:
    """Charge, every procedure and every day are the claim's."""
    if abs(to_cents(payment.charge)) != claim.charge or not payment.services:
        return False
    lines = {(line.procedure, line.service_date.start) for line in claim.lines}
    told = {
        (service.billed_procedure.code.upper(), service.service_date.start if service.service_date else None)
        for service in payment.services
    }
    return told <= lines


def match_lines(payment: ClaimPayment, claim: SubmittedClaim) -> list[LineMatch]:
    """One answer for each service of the payment, in its order.

    Rules, each for what the earlier ones left: the line control number; procedure, modifiers, date and charge;
    procedure, date and charge where the payer dropped modifiers; several services that add up to one line's charge.
    """
    services = payment.services
    matches: list[LineMatch | None] = _by_line_control_number(services, claim)
    if None in matches:
        sign = -1 if payment.is_reversal else 1
        _pair(services, claim, matches, "procedure_modifiers_date_charge", _same(sign, exact_modifiers=True))
        _pair(services, claim, matches, "procedure_date_charge", _same(sign, exact_modifiers=False))
        _split(services, claim, matches, sign)
    return [match or LineMatch(None, "no_line_matches") for match in matches]


def _has(claim: SubmittedClaim, control_number: str) -> bool:
    return any(sending.patient_control_number == control_number for sending in claim.sendings)


def _newest(claims: Sequence[SubmittedClaim]) -> SubmittedClaim:
    """The one that stands, of claims that another system sent under one number, else the last of them."""
    return max(claims, key=lambda claim: (not claim.closed, claim.id))


def _plausible(payment: ClaimPayment, claim: SubmittedClaim) -> bool:
    procedures = {line.procedure for line in claim.lines}
    return abs(to_cents(payment.charge)) == claim.charge or any(
        service.billed_procedure.code.upper() in procedures for service in payment.services
    )


def _is_other_service(payment: ClaimPayment, claim: SubmittedClaim) -> bool:
    """True where the payment has another charge, and services, none of them of the claim's procedures or days."""
    if not payment.services or _plausible(payment, claim):
        return False
    days = [service.service_date for service in payment.services]
    return all(
        day is not None and (day.end < line.service_date.start or line.service_date.end < day.start)
        for day in days
        for line in claim.lines
    )


def _is_other_patient(payment: ClaimPayment, claim: SubmittedClaim) -> bool:
    """True where the payment names people and member ids, and neither a last name nor an id is the claim's."""
    people = [party for party in payment.parties if party.role in PEOPLE]
    names = {normalised(party.name) for party in people} - {""}
    ours = {normalised(name) for name in claim.last_names} - {""}
    if not (names and ours) or names & ours:
        return False
    ids = {normalised(party.id) for party in people} - {""}
    members = {normalised(sending.member_id) for sending in claim.sendings} - {""}
    if not (ids and members):
        return False
    return not any(each.startswith(member) or member.startswith(each) for each in ids for member in members)


def _by_line_control_number(services: Sequence[ServicePayment], claim: SubmittedClaim) -> list[LineMatch | None]:
    """By REF*6R; several services may name one line (split, unbundling).

    Where services with one number were billed under different codes, or a service has neither the code nor the charge
    of its number's line but both of another, the payer fills 6R with something else: then none of this claim is
    believed.
    """
    lines = {normalised(line.line_control_number): line for line in claim.lines if line.line_control_number}
    found = [lines.get(normalised(service.line_control_number)) for service in services]
    billed: dict[int, set[str]] = {}
    for service, line in zip(services, found, strict=True):
        if line is not None:
            billed.setdefault(line.id, set()).add(service.billed_procedure.code.upper())
    if any(len(codes) > 1 for codes in billed.values()) or any(
        line is not None and _is_other_line(service, line, claim) for service, line in zip(services, found, strict=True)
    ):
        return [None] * len(services)
    return [LineMatch(line, "line_control_number") if line else None for line in found]


def _is_other_line(service: ServicePayment, named: SubmittedLine, claim: SubmittedClaim) -> bool:
    """True where the service has neither code nor charge of the line that its 6R names, but both of another line."""
    code, charge = service.billed_procedure.code.upper(), abs(to_cents(service.charge))
    if code == named.procedure or charge == named.charge:
        return False
    return any(line.procedure == code and line.charge == charge for line in claim.lines)


Fits = Callable[[ServicePayment, SubmittedLine], bool]


def _alike(service: ServicePayment, line: SubmittedLine, *, exact_modifiers: bool) -> bool:
    """Same code and day; modifiers equal, or (not exact) the payer returned only some of them."""
    billed = service.billed_procedure
    code, modifiers = billed.code.upper(), {modifier.upper() for modifier in billed.modifiers}
    if code != line.procedure or not modifiers <= set(line.modifiers):
        return False
    if exact_modifiers and modifiers != set(line.modifiers):
        return False
    day = service.service_date
    return day is None or (day.start <= line.service_date.end and line.service_date.start <= day.end)


def _same(sign: int, *, exact_modifiers: bool) -> Fits:
    def fits(service: ServicePayment, line: SubmittedLine) -> bool:
        return sign * to_cents(service.charge) == line.charge and _alike(service, line, exact_modifiers=exact_modifiers)

    return fits


def _pair(
    services: Sequence[ServicePayment],
    claim: SubmittedClaim,
    matches: list[LineMatch | None],
    rule: MatchRule,
    fits: Fits,
) -> None:
    """Pair the services and lines that are still free one to one; identical ones in their order.

    Services that fit fewer lines choose first. Where different lines fit, or fewer lines than services, and the
    outcomes differ, nobody can know which is which: those stay unmatched.
    """
    free = _free_lines(claim, matches)
    fitting: dict[tuple[int, ...], list[int]] = {}
    for position, service in enumerate(services):
        if matches[position] is None:
            places = tuple(index for index, line in enumerate(free) if fits(service, line))
            if places:
                fitting.setdefault(places, []).append(position)
    taken: set[int] = set()
    for places, positions in sorted(fitting.items(), key=lambda group: len(group[0])):
        left = [index for index in places if index not in taken]
        same_lines = len({(free[i].procedure, free[i].modifiers, free[i].service_date) for i in left}) == 1
        same_outcomes = len({_outcome(services[position]) for position in positions}) == 1
        enough = len(positions) <= len(left)
        if (same_lines and (enough or same_outcomes)) or (same_outcomes and len(positions) == len(left)):
            for position, index in zip(positions, left, strict=False):
                matches[position] = LineMatch(free[index], rule)
                taken.add(index)


def _split(
    services: Sequence[ServicePayment], claim: SubmittedClaim, matches: list[LineMatch | None], sign: int
) -> None:
    """Several services, free so far, whose charges add up to that of the one free line that they are alike to."""
    free = _free_lines(claim, matches)
    parts: dict[int, list[int]] = {}
    for position, service in enumerate(services):
        if matches[position] is None:
            places = [index for index, line in enumerate(free) if _alike(service, line, exact_modifiers=False)]
            if len(places) == 1:
                parts.setdefault(places[0], []).append(position)
    for index, positions in parts.items():
        if len(positions) > 1 and sign * sum(to_cents(services[p].charge) for p in positions) == free[index].charge:
            for position in positions:
                matches[position] = LineMatch(free[index], "split_line")


def _free_lines(claim: SubmittedClaim, matches: Sequence[LineMatch | None]) -> list[SubmittedLine]:
    taken = {match.line.id for match in matches if match and match.line}
    return [line for line in claim.lines if line.id not in taken]


def _outcome(service: ServicePayment) -> tuple[object, ...]:
    """What the payer decided: where this is the same, it does not matter which twin line gets it."""
    adjustments = sorted((a.group, a.reason, a.amount) for a in service.adjustments)
    return (service.paid, *adjustments)
