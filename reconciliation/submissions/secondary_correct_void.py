"""Follow-up claims: a claim to the next payer, a void, or a correction with the edited encounter.

Each is made from the ledger: the claim as submitted to the primary payer, and the payments in effect.
`write_file.claim_files` writes them, so the file and the ledger rows appear together or not at all.
"""

from collections.abc import Callable, Iterable, Sequence, Set
from pathlib import Path

from msgspec.structs import replace
from sqlalchemy import Connection

from claimloop.builders.checks.encounter import check_encounter
from claimloop.builders.claims.control_numbers import patient_control_number
from claimloop.builders.claims.coverages import billed_payer
from claimloop.builders.claims.next_payer import NoNextClaim, claim_for
from claimloop.builders.encounters.encounter import Encounter
from claimloop.builders.final_check import until_sendable
from claimloop.builders.partner import TradingPartner
from claimloop.builders.professional.order import UnwritableClaim, check_writable
from claimloop.builders.sendable import claims_to_send
from claimloop.edi.diagnostics import Report, Where, diagnose
from claimloop.edi.records.claim import Claim
from claimloop.edi.records.parties import Reference
from claimloop.reconciliation.acknowledgements.status import rejected_claims
from claimloop.reconciliation.claims.charges import NewSubmission
from claimloop.reconciliation.claims.history_for_billing import SentClaim, sent_claims, why_no_next_claim
from claimloop.reconciliation.claims.states import find_sent
from claimloop.reconciliation.ledger.conditions import VOID
from claimloop.reconciliation.submissions.outbox import Outbox, SubmitResult, portions, read_each, report_nothing
from claimloop.reconciliation.submissions.write_file import claim_files

REPLACEMENT = "7"
_ORIGINAL = "1"
_AT_ONCE = 500
_NO_NUMBER = "the payer has not adjudicated the claim and gave it no claim number"

Follow = Callable[[SentClaim], NewSubmission]
"""Make the follow-up claim. Raises NoNextClaim if there is none."""


def send_to_next_payer(claim_ids: Sequence[int], outbox: Outbox) -> SubmitResult:
    """Send the claims to their next payer (secondary, tertiary). A claim that cannot go is reported (P530) and held.

    Raises LedgerError, FileHeld, and OSError; then nothing was sent.
    """

    def next_claim(sent: SentClaim) -> NewSubmission:
        problem = why_no_next_claim(sent)
        if problem:
            raise NoNextClaim(problem)
        rank = sent.next_payer_rank
        decisions = [sent.decisions.get(each, []) for each in range(1, rank)]
        claim = claim_for(sent.claim, rank, decisions, _next_number(sent))
        return NewSubmission(claim, sent.encounter_id, sent.version + 1, sent.part, rank, sent.id)

    return _send(claim_ids, next_claim, outbox)


def send_voids(claim_ids: Sequence[int], outbox: Outbox, payer_claim_number: str = "") -> SubmitResult:
    """Void claims at their primary payer (frequency 8): the content again, with the claim number that it gave (F8).

    What cannot go is reported (P530) and held. Raises LedgerError, FileHeld, OSError: then nothing was sent.
    """

    def void(sent: SentClaim) -> NewSubmission:
        if sent.closed:
            raise NoNextClaim("it was already replaced or voided")
        return _void(sent, payer_claim_number)

    return _send(claim_ids, void, outbox)


def _void(sent: SentClaim, payer_claim_number: str = "") -> NewSubmission:
    number = payer_claim_number or sent.payer_claim_number
    claim = _with_frequency(replace(sent.claim, patient_control_number=_next_number(sent)), VOID, number)
    return NewSubmission(claim, sent.encounter_id, sent.version + 1, sent.part, 1, sent.id, closes=(sent.id,))


def _next_number(sent: SentClaim) -> str:
    return patient_control_number(sent.encounter_id, sent.version + 1, sent.part)


def _with_frequency(claim: Claim, frequency: str, payer_claim_number: str) -> Claim:
    if not payer_claim_number:
        raise NoNextClaim(_NO_NUMBER)
    others = tuple(each for each in claim.references if each.qualifier != "F8")
    return replace(claim, frequency=frequency, references=(*others, Reference("F8", payer_claim_number)), source=None)


def _send(claim_ids: Sequence[int], follow: Follow, outbox: Outbox) -> SubmitResult:
    def attempt(failed: Set[str]) -> SubmitResult:
        report: Report = report_nothing if failed else outbox.report
        result = SubmitResult(files=[], encounters=len(claim_ids))
        with claim_files(outbox) as files:
            for some in portions(claim_ids, _AT_ONCE):
                for sent in sent_claims(files.connection, some):
                    if sent.encounter_id in failed:
                        continue
                    where = Where(subject=f"claim {sent.claim.patient_control_number}")
                    try:
                        submission = follow(sent)
                        check_writable(submission.claim)
                    except (NoNextClaim, UnwritableClaim) as problem:
                        report(diagnose("P530", where, problem=str(problem)))
                        continue
                    payer = submission.claim.payer.id
                    partner = outbox.partner_for(payer)
                    if partner is None:
                        report(diagnose("P523", where, payer=payer))
                        continue
                    files.add(partner, submission)
        result.add(files.sent)
        result.hold(result.encounters - result.claims)
        return result

    return until_sendable(attempt, outbox.report)


def send_corrections(
    sources: Iterable[Path],
    outbox: Outbox,
    *,
    only: Set[str] | None = None,
    rejected: bool = False,
    payer_claim_number: str = "",
) -> SubmitResult:
    """Send edited encounters as replacements: frequency 7 with the payer claim number (rules.md#frequency).

    A claim that was `rejected` before the payer adjudicated it goes as a new one (frequency 1). `only` are the ids of
    the encounters to send; the others in the files are skipped. What cannot go is reported and held. Raises
    LedgerError, FileHeld, OSError: then nothing was sent.
    """
    sources = list(sources)

    def attempt(failed: Set[str]) -> SubmitResult:
        report: Report = report_nothing if failed else outbox.report
        result = SubmitResult(files=[])
        seen: set[str] = set()
        with claim_files(outbox) as files:
            correction = _Correction(files.connection, outbox, report, payer_claim_number, rejected=rejected)
            for encounter in read_each(sources, report):
                if only is not None and encounter.encounter_id not in only:
                    continue
                result.encounters += 1
                where = Where(subject=f"encounter {encounter.encounter_id}")
                payer = billed_payer(encounter)
                partner = outbox.partner_for(payer)
                made: list[NewSubmission] = []
                if encounter.encounter_id in failed:
                    pass
                elif encounter.encounter_id in seen:
                    report(diagnose("P511", where))
                elif partner is None:
                    report(diagnose("P523", where, payer=payer))
                else:
                    seen.add(encounter.encounter_id)
                    made = correction.submissions(encounter, partner)
                    for submission in made:
                        files.add(partner, submission)
                if not made:
                    result.hold()
        result.add(files.sent)
        return result

    return until_sendable(attempt, outbox.report)


class _Correction:
    """Makes the claims that replace those of an encounter."""

    def __init__(
        self, connection: Connection, outbox: Outbox, report: Report, payer_claim_number: str, *, rejected: bool
    ) -> None:
        self._connection = connection
        self._today = outbox.moment.date()
        self._report = report
        self._payer_claim_number = payer_claim_number
        self._rejected = rejected

    def submissions(self, encounter: Encounter, partner: TradingPartner) -> list[NewSubmission]:
        """Return the corrected claims of an edited encounter; none, with a finding, where it cannot go."""
        where = Where(subject=f"encounter {encounter.encounter_id}")
        known = find_sent(self._connection, [encounter.encounter_id]).get(encounter.encounter_id)
        if known is None:
            self._report(diagnose("P531", where))
            return []
        before = sent_claims(self._connection, known.claim_ids)
        try:
            return self._corrected(encounter, partner, before, known.version + 1)
        except NoNextClaim as problem:
            self._report(diagnose("P530", where, problem=str(problem)))
            return []

    def _corrected(
        self, encounter: Encounter, partner: TradingPartner, before: list[SentClaim], version: int
    ) -> list[NewSubmission]:
        """Return the new parts in place of the old ones; an old part without a new one is voided.

        A claim that the front end rejected never reached the payer. It goes out as a new claim or, if it was a
        correction, again as a correction with the same payer claim number.
        """
        rejected_ids = {sent.id for sent in before if rejected_claims(self._connection, sent.id)}
        numbers = {sent.part: self._payer_claim_number or _payers_number(sent) for sent in before}
        rejected = (self._rejected or all(sent.id in rejected_ids for sent in before)) and not any(numbers.values())
        if not rejected and not any(numbers.values()):
            raise NoNextClaim(f"{_NO_NUMBER}; if it was rejected before adjudication, use --rejected")
        frequency = _ORIGINAL if rejected else REPLACEMENT
        edited = replace(encounter, frequency=frequency, payer_claim_number=next(filter(None, numbers.values()), ""))
        findings = check_encounter(edited, partner, self._today)
        for finding in findings:
            self._report(finding)
        if any(finding.severity == "error" for finding in findings):
            return []
        made = [
            NewSubmission(self._as_part(claim, part, numbers, rejected=rejected), encounter.encounter_id, version, part)
            for part, claim in enumerate(claims_to_send(edited, partner, version, self._report), start=1)
        ]
        if not made:
            return []
        left_over = [sent for sent in before if sent.part > len(made)]
        if rejected:
            made[0].closes = tuple(sent.id for sent in before)
            return made
        made[0].closes = tuple(sent.id for sent in before if sent not in left_over)
        return made + [_void(sent) for sent in left_over]

    @staticmethod
    def _as_part(claim: Claim, part: int, numbers: dict[int, str], *, rejected: bool) -> Claim:
        """Return the claim as a replacement of the same part, or as a new claim if there was no such part."""
        if part in numbers:
            return claim if rejected else _with_frequency(claim, REPLACEMENT, numbers[part])
        others = tuple(each for each in claim.references if each.qualifier != "F8")
        return replace(claim, frequency=_ORIGINAL, references=others)


def _payers_number(sent: SentClaim) -> str:
    """Return the payer claim number: from the adjudication, or else from the claim if it was a correction."""
    if sent.payer_claim_number or sent.claim.frequency != REPLACEMENT:
        return sent.payer_claim_number
    return next((reference.value for reference in sent.claim.references if reference.qualifier == "F8"), "")
