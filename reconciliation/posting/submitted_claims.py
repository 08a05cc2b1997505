"""Make the submitted claims that matching works on from the claims of 837P files, without a ledger.

The ledger makes the same records from its own tables (`claims.states`).
"""

from collections.abc import Collection, Iterable, Sequence
from typing import Literal

from msgspec.structs import replace

from claimloop.edi.diagnostics import Diagnostic, Report, Where, diagnose
from claimloop.edi.money import ZERO, NotAnAmount, to_cents
from claimloop.edi.records.claim import Claim
from claimloop.edi.records.remittance import ClaimPayment
from claimloop.reconciliation.posting.match import (
    ClaimMatch,
    ClaimSubmission,
    SubmittedClaim,
    SubmittedLine,
    Unmatched,
    match_claim,
    match_without_number,
    member_ids,
    normalized,
)

PAYER_RANKS = {code: rank for rank, code in enumerate("PSTABCDEFGH", start=1)}
"""Payer rank by SBR01: primary, secondary, tertiary, and the payers from the fourth on."""

_REPLACEMENT, _VOID = "7", "8"

Follows = Literal["void", "further payer", "known", "replacement"]


class SubmittedClaims:
    """The claims that were submitted, and a way to find the one that a payment is for.

    `findings` has a P540 for each claim that cannot be used: it has no control number or no line, or its amounts
    cannot be read or do not add up. It is empty where the caller passed a `report`.
    """

    def __init__(self, claims: Iterable[SubmittedClaim], findings: Iterable[Diagnostic] = ()) -> None:
        self.claims = tuple(claims)
        self.findings = list(findings)
        self._by_number: dict[str, list[SubmittedClaim]] = {}
        self._by_member: dict[str, list[SubmittedClaim]] = {}
        for claim in self.claims:
            for number in {normalized(each.patient_control_number) for each in claim.submissions}:
                self._by_number.setdefault(number, []).append(claim)
            for member in {normalized(each.member_id) for each in claim.submissions}:
                self._by_member.setdefault(member, []).append(claim)

    def __len__(self) -> int:
        return len(self.claims)

    def match(self, payment: ClaimPayment) -> ClaimMatch:
        """Find the claim that a payment is for: by its control number, or by its member if that number is unknown.

        Return `Matched` with the claim and the rule, `Ambiguous` with the candidates, or `Unmatched` with the reason.

            match sent.match(payment):
                case Matched(claim=claim):
                    lines = match_lines(payment, claim)
        """
        known = self._by_number.get(normalized(payment.patient_control_number), [])
        by_number = bool(known)
        if not known:
            known = [claim for member in sorted(member_ids(payment)) for claim in self._by_member.get(member, ())]
            known = list({claim.id: claim for claim in known}.values())
        return match_payment(payment, known, by_number=by_number)


def match_payment(payment: ClaimPayment, candidates: Sequence[SubmittedClaim], *, by_number: bool) -> ClaimMatch:
    """Match a payment with claims that share its control number or, where `by_number` is false, with its members'."""
    try:
        return match_claim(payment, candidates) if by_number else match_without_number(payment, candidates)
    except NotAnAmount:  # no claim has a charge with a fraction of a cent
        return Unmatched()


def submitted_claims(claims: Iterable[Claim], report: Report | None = None) -> SubmittedClaims:
    """Make submitted claims from the claims of 837P files, in the order in which they were sent.

    Amounts become integer cents; ids count from 1 over all claims, and over all lines. A claim that is sent again
    under its control number is the same claim to one more payer (its payer rank is new and its charge the same), a
    void (frequency 8), or a new claim that replaces the earlier one, which is then `closed`. Claims that cannot be
    used are left out and reported (P540).

        sent = submitted_claims(read_837p("claims.837"))
    """
    findings: list[Diagnostic] = []
    collector = _Collector(report or findings.append)
    for claim in claims:
        collector.add(claim)
    return SubmittedClaims(collector.by_id.values(), findings)


class _Collector:
    """Makes submitted claims from the claims of files; `by_id` is in the order of first submission."""

    def __init__(self, report: Report) -> None:
        self.by_id: dict[int, SubmittedClaim] = {}
        self._newest: dict[str, tuple[int, Claim]] = {}
        self._report = report
        self._lines = 0

    def add(self, claim: Claim) -> None:
        problem = why_unusable(claim)
        number = claim.patient_control_number
        before = self._newest.get(number)
        if before is None and claim.frequency == _VOID and not problem:
            problem = "it voids an unknown claim"
        if problem:
            self._report(unusable(claim, problem))
            return
        if before is None:
            self._open(claim)
            return
        claim_id, earlier = before
        submitted = self.by_id[claim_id]
        follows = how_it_follows(claim, earlier, {each.payer_rank for each in submitted.submissions})
        if follows == "further payer":
            self.by_id[claim_id] = replace(
                submitted,
                submissions=(*submitted.submissions, _submission(claim)),
                last_names=tuple(dict.fromkeys((*submitted.last_names, *_names(claim)))),
            )
        elif follows != "known":
            self.by_id[claim_id] = replace(submitted, closed=True)
            del self._newest[number]
            if follows == "replacement":
                self._open(claim)

    def _open(self, claim: Claim) -> None:
        claim_id = len(self.by_id) + 1
        claim_level_id = self._lines + 1
        lines = tuple(
            SubmittedLine(
                claim_level_id + number, number, line.line_control_number, line.procedure, line.modifiers,
                line.service_date, to_cents(line.charge),
            )
            for number, line in enumerate(claim.lines, start=1)
        )  # fmt: skip
        self._lines = claim_level_id + len(lines)
        self.by_id[claim_id] = SubmittedClaim(
            claim_id, (_submission(claim),), to_cents(claim.charge), claim_level_id, lines, _names(claim),
            1 + len(claim.other_payers),
        )  # fmt: skip
        self._newest[claim.patient_control_number] = claim_id, claim


def payer_rank(claim: Claim) -> int:
    """Return 1 for a claim to the primary payer, 2 to the secondary, and so on."""
    return PAYER_RANKS.get(claim.subscriber.payer_responsibility, 1)


def how_it_follows(claim: Claim, before: Claim, ranks: Collection[int]) -> Follows:
    """Return what a claim is to the one sent earlier under its control number to payers of these ranks."""
    if claim.frequency == _VOID:
        return "void"
    if payer_rank(claim) not in ranks and claim.charge == before.charge and claim.frequency != _REPLACEMENT:
        return "further payer"
    return "known" if replace(claim, source=None) == replace(before, source=None) else "replacement"


def why_unusable(claim: Claim) -> str:
    """Return why the claim cannot be used as a submitted claim; empty if it can."""
    if not claim.patient_control_number:
        return "it has no patient control number (CLM01)"
    if not claim.lines:
        return "it has no service line"
    if claim.unreadable:
        return "an amount, quantity, or date cannot be read"
    try:
        for amount in (claim.charge, *(line.charge for line in claim.lines)):
            to_cents(amount)
    except NotAnAmount:
        return "an amount is not a valid dollar amount"
    if sum((line.charge for line in claim.lines), ZERO) != claim.charge:
        return "its charge does not equal the total of its lines"
    return ""


def unusable(claim: Claim, problem: str) -> Diagnostic:
    """Return the finding for a claim that cannot be used."""
    source = claim.source
    where = Where(source.file if source else "", source.segment if source else None, loop="2300")
    return diagnose("P540", where, problem=problem)


def _submission(claim: Claim) -> ClaimSubmission:
    return ClaimSubmission(claim.patient_control_number, payer_rank(claim), claim.payer.id, claim.subscriber.person.id)


def _names(claim: Claim) -> tuple[str, ...]:
    return tuple(dict.fromkeys((claim.patient_person.name, claim.subscriber.person.name)))
