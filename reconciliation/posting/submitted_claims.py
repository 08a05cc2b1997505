"""Submitted claims as matching wants them, made of the claims of 837P files: no ledger is needed.

The ledger makes the same records of its own tables (`claims.states`).
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
    Sending,
    SubmittedClaim,
    SubmittedLine,
    Unmatched,
    match_claim,
    match_without_number,
    member_ids,
    normalised,
)

PAYER_RANKS = {code: rank for rank, code in enumerate("PSTABCDEFGH", start=1)}
"""SBR01: primary, secondary, tertiary, and the payers from the fourth on."""

_REPLACEMENT, _VOID = "7", "8"

Follows = Literal["void", "further payer", "known", "replacement"]


class SubmittedClaims:
    """The claims that were submitted, and which of them a payment is for.

    `findings` has a P540 for each claim that could not be taken: it has no control number or no line, or its amounts
    cannot be read or do not add up. It is empty where the caller passed a `report`.
    """

    def __init__(self, claims: Iterable[SubmittedClaim], findings: Iterable[Diagnostic] = ()) -> None:
        self.claims = tuple(claims)
        self.findings = list(findings)
        self._by_number: dict[str, list[SubmittedClaim]] = {}
        self._by_member: dict[str, list[SubmittedClaim]] = {}
        for claim in self.claims:
            for number in {normalised(sending.patient_control_number) for sending in claim.sendings}:
                self._by_number.setdefault(number, []).append(claim)
            for member in {normalised(sending.member_id) for sending in claim.sendings}:
                self._by_member.setdefault(member, []).append(claim)

    def __len__(self) -> int:
        return len(self.claims)

    def match(self, payment: ClaimPayment) -> ClaimMatch:
        """Find the claim that a payment is for: by its control number, or where that is unknown by its member.

        Gives `Matched` with the claim and the rule, `Ambiguous` with the candidates, or `Unmatched` with the reason.

            match sent.match(payment):
                case Matched(claim=claim):
                    lines = match_lines(payment, claim)
        """
        known = self._by_number.get(normalised(payment.patient_control_number), [])
        by_number = bool(known)
        if not known:
            known = [claim for member in sorted(member_ids(payment)) for claim in self._by_member.get(member, ())]
            known = list({claim.id: claim for claim in known}.values())
        return match_payment(payment, known, by_number=by_number)


def match_payment(payment: ClaimPayment, candidates: Sequence[SubmittedClaim], *, by_number: bool) -> ClaimMatch:
    """Match a payment with claims that share its control number, or (`by_number` False) with those of its members."""
    try:
        return match_claim(payment, candidates) if by_number else match_without_number(payment, candidates)
    except NotAnAmount:  # a charge with a fraction of a cent is no claim's
        return Unmatched()


def submitted_claims(claims: Iterable[Claim], report: Report | None = None) -> SubmittedClaims:
    """Make submitted claims of the claims of 837P files, in the order in which they were sent.

    Amounts become integer cents; ids count from 1 over all claims, and over all lines. A claim that goes out again
    under its control number is one claim sent to one more payer (its payer rank is new and its charge the same), a
    void (frequency 8), or a new claim in place of the earlier one, which is `closed`. Claims that cannot be used are
    left out and reported (P540).

        sent = submitted_claims(read_837p("claims.837"))
    """
    findings: list[Diagnostic] = []
    taking = _Taking(report or findings.append)
    for claim in claims:
        taking.take(claim)
    return SubmittedClaims(taking.by_id.values(), findings)


class _Taking:
    """Claims on their way from files to submitted ones; `by_id` is in the order of their first sending."""

    def __init__(self, report: Report) -> None:
        self.by_id: dict[int, SubmittedClaim] = {}
        self._newest: dict[str, tuple[int, Claim]] = {}
        self._report = report
        self._lines = 0

    def take(self, claim: Claim) -> None:
        problem = why_unusable(claim)
        number = claim.patient_control_number
        before = self._newest.get(number)
        if before is None and claim.frequency == _VOID and not problem:
            problem = "it voids an unknown claim"
        if problem:
            self._report(unusable(claim, problem))
            return
        if before is None:
            self._add(claim)
            return
        claim_id, earlier = before
        submitted = self.by_id[claim_id]
        follows = how_it_follows(claim, earlier, {sending.turn for sending in submitted.sendings})
        if follows == "further payer":
            sendings = (*submitted.sendings, _sending(claim))
            self.by_id[claim_id] = replace(
                submitted, sendings=sendings, last_names=tuple(dict.fromkeys((*submitted.last_names, *_names(claim))))
            )
        elif follows != "known":
            self.by_id[claim_id] = replace(submitted, closed=True)
            del self._newest[number]
            if follows == "replacement":
                self._add(claim)

    def _add(self, claim: Claim) -> None:
        claim_id = len(self.by_id) + 1
        bucket_id = self._lines + 1
        lines = tuple(
            SubmittedLine(
                bucket_id + number, number, line.line_control_number, line.procedure, line.modifiers,
                line.service_date, to_cents(line.charge),
            )
            for number, line in enumerate(claim.lines, start=1)
        )  # fmt: skip
        self._lines = bucket_id + len(lines)
        self.by_id[claim_id] = SubmittedClaim(
            claim_id, (_sending(claim),), to_cents(claim.charge), bucket_id, lines, _names(claim),
            1 + len(claim.other_payers),
        )  # fmt: skip
        self._newest[claim.patient_control_number] = claim_id, claim


def payer_rank(claim: Claim) -> int:
    """1 for a claim to the primary payer, 2 to the secondary, and so on."""
    return PAYER_RANKS.get(claim.subscriber.payer_responsibility, 1)


def how_it_follows(claim: Claim, before: Claim, ranks: Collection[int]) -> Follows:
    """What a claim is to one that went out under its control number before, to payers of these ranks."""
    if claim.frequency == _VOID:
        return "void"
    if payer_rank(claim) not in ranks and claim.charge == before.charge and claim.frequency != _REPLACEMENT:
        return "further payer"
    return "known" if replace(claim, source=None) == replace(before, source=None) else "replacement"


def why_unusable(claim: Claim) -> str:
    """Why the claim cannot be taken as submitted, in plain words; empty where it can."""
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
    """The finding about a claim that cannot be taken."""
    source = claim.source
    where = Where(source.file if source else "", source.segment if source else None, loop="2300")
    return diagnose("P540", where, problem=problem)


def _sending(claim: Claim) -> Sending:
    return Sending(claim.patient_control_number, payer_rank(claim), claim.payer.id, claim.subscriber.person.id)


def _names(claim: Claim) -> tuple[str, ...]:
    return tuple(dict.fromkeys((claim.patient_person.name, claim.subscriber.person.name)))
