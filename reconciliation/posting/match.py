"""Match a payment to its submitted claim, and each of its services to a submitted line.

These are pure functions: the same input gives the same answer, with the rule that decided. There is one clear winner
or none, and no charge is ever invented. Rules: rules.md#matching-claims, rules.md#matching-lines.
"""

import re
from collections.abc import Callable, Sequence

import msgspec

from claimloop.edi.dates import DateRange
from claimloop.edi.money import to_cents
from claimloop.edi.records.remittance import ClaimPayment, ServicePayment
from claimloop.reconciliation.ledger.stored_codes import HoldReason, MatchRule

_NOT_ALPHANUMERIC = re.compile(r"[^A-Z0-9]+")


_SHORTEST_TRUNCATED = 6
"""The fewest characters of a truncated control number that can still identify a claim."""

PEOPLE = frozenset(("QC", "IL", "74"))
"""NM101 of the patient, the insured, and the corrected patient or insured."""


class SubmittedLine(msgspec.Struct, frozen=True, gc=False):
    """A service line as submitted. `charge` is in cents; `number` counts from 1 within the claim."""

    id: int
    number: int
    line_control_number: str
    procedure: str
    modifiers: tuple[str, ...]
    service_date: DateRange
    charge: int


class ClaimSubmission(msgspec.Struct, frozen=True, gc=False):
    """A claim as submitted to one payer. `payer_rank` is 1 for the primary; `member_id` is the id at that payer."""

    patient_control_number: str
    payer_rank: int = 1
    payer_id: str = ""
    member_id: str = ""


class SubmittedClaim(msgspec.Struct, frozen=True, gc=False):
    """A claim as submitted, to one payer or to several one after the other.

    `claim_level_id` is the id of the claim-level line, for money that a payer does not split by line. `coverages` is
    the number of payers that adjudicate the claim. `last_names` are those of the patient and the subscribers. A
    `closed` claim was replaced by another one, or voided.
    """

    id: int
    submissions: tuple[ClaimSubmission, ...]
    charge: int
    claim_level_id: int
    lines: tuple[SubmittedLine, ...]
    last_names: tuple[str, ...] = ()
    coverages: int = 1
    closed: bool = False

    @property
    def patient_control_number(self) -> str:
        """Return the number of the first submission."""
        return self.submissions[0].patient_control_number

    def payers_of_rank(self, rank: int) -> tuple[str, ...]:
        """Return the payer ids of this rank as the claims have them; a remittance often names the payer otherwise."""
        return tuple(each.payer_id for each in self.submissions if each.payer_rank == rank)

    def ranks_of(self, control_number: str) -> set[int]:
        """Return the payer ranks that the claim was submitted to under this number."""
        wanted = normalized(control_number)
        return {each.payer_rank for each in self.submissions if normalized(each.patient_control_number) == wanted}


class Matched(msgspec.Struct, frozen=True, gc=False):
    """The payment is for this claim; `rule` is the rule that matched it."""

    claim: SubmittedClaim
    rule: MatchRule


class Ambiguous(msgspec.Struct, frozen=True):
    """More than one claim fits, and none fits better than the others."""

    candidates: tuple[SubmittedClaim, ...]
    rule: MatchRule


class Unmatched(msgspec.Struct, frozen=True):
    """No submitted claim matches. `hold_reason` explains why, also for a claim that has this very control number."""

    hold_reason: HoldReason = "no_claim_matches"


ClaimMatch = Matched | Ambiguous | Unmatched


class LineMatch(msgspec.Struct, frozen=True, gc=False):
    """The submitted line of one service payment, or None with the rule that found no line."""

    line: SubmittedLine | None
    rule: MatchRule


def normalized(control_number: str) -> str:
    """Return a control number without what payers change: only uppercase letters and digits, no leading zeros."""
    uppercase = control_number.upper()
    if not (uppercase.isascii() and uppercase.isalnum()):
        uppercase = _NOT_ALPHANUMERIC.sub("", uppercase)
    return uppercase.lstrip("0")


def match_claim(payment: ClaimPayment, candidates: Sequence[SubmittedClaim]) -> ClaimMatch:
    """Match by control number, exact or normalized; `candidates` share the payment's normalized control number.

    Invariant: a claim of another patient is never matched. An exact number is enough unless charge, procedures, and
    dates of service all differ: then another system used the same number. A number that is equal only after
    normalization also needs the claim's charge or one of its procedures. Payments that fit no claim or several fall
    through as Unmatched or Ambiguous, and their money goes to suspense.
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
    """Match a payment whose control number is missing or truncated; `candidates` are the claims of its member.

    Member id, charge, dates, and procedures must all be those of exactly one claim. A number that is neither missing
    nor the beginning of the claim's own number belongs to another system, so nothing matches. Claims that were replaced
    or voided count only where no current claim fits.
    """
    sent = normalized(payment.patient_control_number)
    fitting = tuple(
        claim for claim in candidates if _begins_number(claim, sent) and _is_same_service(payment, claim)
    )  # fmt: skip
    current = tuple(claim for claim in fitting if not claim.closed) or fitting
    rule: MatchRule = "truncated_control_number" if sent else "member_and_service"
    if len(current) == 1:
        return Matched(current[0], rule)
    return Ambiguous(current, rule) if current else Unmatched()


def member_ids(payment: ClaimPayment) -> set[str]:
    """Return the normalized member ids that a payment names."""
    return {normalized(party.id) for party in payment.parties if party.role in PEOPLE} - {""}


def _begins_number(claim: SubmittedClaim, sent: str) -> bool:
    """Return true where the payer returned no number, or a truncated number of this claim."""
    if not sent:
        return True
    numbers = (normalized(each.patient_control_number) for each in claim.submissions)
    return len(sent) >= _SHORTEST_TRUNCATED and any(number.startswith(sent) for number in numbers)


def _is_same_service(payment: ClaimPayment, claim: SubmittedClaim) -> bool:
    """Return true where the charge, every procedure, and every date of service are those of the claim."""
    if abs(to_cents(payment.charge)) != claim.charge or not payment.services:
        return False
    lines = {(line.procedure, line.service_date.start) for line in claim.lines}
    paid = {
        (service.billed_procedure.code.upper(), service.service_date.start if service.service_date else None)
        for service in payment.services
    }
    return paid <= lines


def match_lines(payment: ClaimPayment, claim: SubmittedClaim) -> list[LineMatch]:
    """Return one answer for each service of the payment, in its order.

    Each rule applies to the services that the earlier rules left unmatched: the line control number; procedure,
    modifiers, date, and charge; procedure, date, and charge where the payer dropped modifiers; several services that
    add up to one line's charge. A service that no rule matches goes to suspense with its amount.
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
    return any(each.patient_control_number == control_number for each in claim.submissions)


def _newest(claims: Sequence[SubmittedClaim]) -> SubmittedClaim:
    """Return the current claim among those that share one number, or else the last of them.

    Claims imported from another system may share a number; our own numbers are unique.
    """
    return max(claims, key=lambda claim: (not claim.closed, claim.id))


def _plausible(payment: ClaimPayment, claim: SubmittedClaim) -> bool:
    procedures = {line.procedure for line in claim.lines}
    return abs(to_cents(payment.charge)) == claim.charge or any(
        service.billed_procedure.code.upper() in procedures for service in payment.services
    )


def _is_other_service(payment: ClaimPayment, claim: SubmittedClaim) -> bool:
    """Return true where the charge differs and no service has a procedure or a date of service of the claim."""
    if not payment.services or _plausible(payment, claim):
        return False
    days = [service.service_date for service in payment.services]
    return all(
        day is not None and (day.end < line.service_date.start or line.service_date.end < day.start)
        for day in days
        for line in claim.lines
    )


def _is_other_patient(payment: ClaimPayment, claim: SubmittedClaim) -> bool:
    """Return true where the payment names people and member ids, and no last name and no id is the claim's."""
    people = [party for party in payment.parties if party.role in PEOPLE]
    names = {normalized(party.name) for party in people} - {""}
    ours = {normalized(name) for name in claim.last_names} - {""}
    if not (names and ours) or names & ours:
        return False
    ids = {normalized(party.id) for party in people} - {""}
    members = {normalized(each.member_id) for each in claim.submissions} - {""}
    if not (ids and members):
        return False
    return not any(each.startswith(member) or member.startswith(each) for each in ids for member in members)


def _by_line_control_number(services: Sequence[ServicePayment], claim: SubmittedClaim) -> list[LineMatch | None]:
    """Match by REF*6R; several services may name one line (split lines, unbundling).

    The numbers of a payment are trusted all together or not at all. A payer fills REF*6R with something else where
    services with one number were billed under different codes, or where a service has neither the code nor the charge
    of the line that its number names but both of another line. Then every service falls through to the later rules.
    """
    lines = {normalized(line.line_control_number): line for line in claim.lines if line.line_control_number}
    found = [lines.get(normalized(service.line_control_number)) for service in services]
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
    """Return true where the service has neither code nor charge of the line that its 6R names, but both of another."""
    code, charge = service.billed_procedure.code.upper(), abs(to_cents(service.charge))
    if code == named.procedure or charge == named.charge:
        return False
    return any(line.procedure == code and line.charge == charge for line in claim.lines)


Fits = Callable[[ServicePayment, SubmittedLine], bool]


def _alike(service: ServicePayment, line: SubmittedLine, *, exact_modifiers: bool) -> bool:
    """Return true for the same code and date; modifiers are equal or, if not exact, a subset of the line's."""
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
    """Pair unmatched services and lines one to one; identical ones in their order.

    Invariant: a pair is made only where the choice among the pairings does not matter. Services are grouped by the
    lines that they fit. A group is paired in order if its lines are interchangeable (same procedure, modifiers, and
    date) and are enough for its services, or if its services have the same outcome and there is one for each line.
    Surplus services with the same outcome stay unmatched. Groups that fit fewer lines choose first, because the others
    have alternatives. Everything else stays unmatched and falls through to the next rule.
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
    """Match several unmatched services to the only free line that they fit, if their charges add up to its charge."""
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
    """Return what the payer decided. Where it is the same, it does not matter which of two identical lines gets it."""
    adjustments = sorted((a.group, a.reason, a.amount) for a in service.adjustments)
    return (service.paid, *adjustments)
