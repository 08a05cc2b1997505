"""What follows a claim that went out: the next payer's claim, a void, a correction with the edited encounter.

Everything is made of what the ledger holds: the claim as it went to the primary, and the payments that stand. Each
goes out by `outgoing.send`, so the file and the ledger appear together or not at all.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence, Set
from datetime import datetime
from pathlib import Path

import msgspec
from msgspec.structs import replace
from sqlalchemy import Connection

from claimloop.builders.checks.encounter import check_encounter
from claimloop.builders.claims.control_numbers import patient_control_number
from claimloop.builders.claims.coverages import billed_payer
from claimloop.builders.claims.from_encounter import claims_from
from claimloop.builders.claims.next_payer import NoNextClaim, claim_for
from claimloop.builders.encounters.encounter import Encounter
from claimloop.builders.encounters.intake import encounter_items
from claimloop.builders.partner import TradingPartner
from claimloop.builders.professional.order import UnwritableClaim, refuse_unwritable
from claimloop.edi.diagnostics import Diagnostic, Report, Where, diagnose
from claimloop.edi.records.claim import Claim
from claimloop.edi.records.parties import Reference
from claimloop.reconciliation.acknowledgements.status import rejected_claims
from claimloop.reconciliation.claims.charges import Outgoing
from claimloop.reconciliation.claims.history_for_billing import SentClaim, sent_claims, why_no_next_claim
from claimloop.reconciliation.claims.statements import VOID
from claimloop.reconciliation.claims.states import find_sent
from claimloop.reconciliation.ledger.connection import Ledger
from claimloop.reconciliation.submissions.submit import Submission
from claimloop.reconciliation.submissions.write_file import send

REPLACEMENT = "7"
_ORIGINAL = "1"
_NO_NUMBER = "the payer has not adjudicated the claim and gave it no claim number"

Make = Callable[[SentClaim], Outgoing]
"""Gives the claim that follows. Raises NoNextClaim where there is none."""


class Errand(msgspec.Struct, frozen=True):
    """Where follow-ups go: the partners by payer, the ledger, the folder for files, the moment, who hears findings."""

    partners: tuple[TradingPartner, ...]
    ledger: Ledger
    folder: Path
    moment: datetime
    report: Report
    second_opinion: bool = False

    def partner_for(self, payer_id: str) -> TradingPartner | None:
        """Who takes the claims of this payer."""
        named = next((partner for partner in self.partners if payer_id in partner.payers), None)
        return named or next((partner for partner in self.partners if not partner.payers), None)


def send_to_next_payer(claim_ids: Sequence[int], errand: Errand) -> Submission:
    """The claims to their next payer: secondary, tertiary. What cannot go is reported (P530) and left out."""

    def make(sent: SentClaim) -> Outgoing:
        problem = why_no_next_claim(sent)
        if problem:
            raise NoNextClaim(problem)
        turn = sent.next_payer_rank
        decisions = [sent.decisions.get(each, []) for each in range(1, turn)]
        claim = claim_for(sent.claim, turn, decisions, _next_number(sent))
        return Outgoing(claim, sent.encounter_id, sent.version + 1, sent.part, turn, sent.id)

    return _send(claim_ids, make, errand)


def send_voids(claim_ids: Sequence[int], errand: Errand, payer_claim_number: str = "") -> Submission:
    """Take claims back at their primary payer (frequency 8): the content again, with the number that he gave (F8).

    What cannot go is reported (P530) and left out.
    """

    def make(sent: SentClaim) -> Outgoing:
        if sent.closed:
            raise NoNextClaim("it was already replaced or voided")
        return _void(sent, payer_claim_number)

    return _send(claim_ids, make, errand)


def _void(sent: SentClaim, payer_claim_number: str = "") -> Outgoing:
    number = payer_claim_number or sent.payer_claim_number
    claim = _with_frequency(replace(sent.claim, patient_control_number=_next_number(sent)), VOID, number)
    return Outgoing(claim, sent.encounter_id, sent.version + 1, sent.part, 1, sent.id, closes=(sent.id,))


def _next_number(sent: SentClaim) -> str:
    return patient_control_number(sent.encounter_id, sent.version + 1, sent.part)


def _with_frequency(claim: Claim, frequency: str, payer_claim_number: str) -> Claim:
    if not payer_claim_number:
        raise NoNextClaim(_NO_NUMBER)
    others = tuple(each for each in claim.references if each.qualifier != "F8")
    return replace(claim, frequency=frequency, references=(*others, Reference("F8", payer_claim_number)), source=None)


def _send(claim_ids: Sequence[int], make: Make, errand: Errand) -> Submission:
    result = Submission(files=[], encounters=len(claim_ids))
    payers: dict[int, TradingPartner] = {}
    with errand.ledger.reading() as connection:
        for sent in sent_claims(connection, claim_ids):
            where = Where(subject=f"claim {sent.claim.patient_control_number}")
            try:
                claim = make(sent).claim
                refuse_unwritable(claim)
            except (NoNextClaim, UnwritableClaim) as problem:
                errand.report(diagnose("P530", where, problem=str(problem)))
                continue
            partner = errand.partner_for(claim.payer.id)
            if partner is None:
                errand.report(diagnose("P523", where, payer=claim.payer.id))
                continue
            payers[sent.id] = partner
    for partner in errand.partners:
        mine = [claim_id for claim_id in claim_ids if payers.get(claim_id) is partner]

        def prepare(connection: Connection, failed: Set[str], mine: Sequence[int] = tuple(mine)) -> Iterator[Outgoing]:
            for sent in sent_claims(connection, mine):
                if sent.encounter_id not in failed:
                    yield make(sent)

        if mine:
            _send_files(prepare, partner, errand, result)
    result.refused = result.encounters - result.claims
    return result


def _send_files(
    prepare: Callable[[Connection, Set[str]], Iterator[Outgoing]],
    partner: TradingPartner,
    errand: Errand,
    result: Submission,
) -> None:
    for file in send(
        prepare, partner, errand.ledger, errand.folder, errand.moment, errand.report,
        second_opinion=errand.second_opinion,
    ):  # fmt: skip
        result.add(file)


def send_corrections(
    sources: Iterable[Path],
    errand: Errand,
    *,
    only: Set[str] | None = None,
    rejected: bool = False,
    payer_claim_number: str = "",
) -> Submission:
    """Send edited encounters as replacements: frequency 7 with the payer claim number (rules.md#frequency).

    A claim that was `rejected` before the payer decided about it goes as a new one (frequency 1). `only` are the ids of
    the encounters that are meant; the others in the files are passed over. What cannot go is reported and left out.
    """
    sources = list(sources)
    result = Submission(files=[])
    for partner in errand.partners:
        correction = _Correction(errand, partner, result, only, payer_claim_number, rejected=rejected)

        def prepare(
            connection: Connection, failed: Set[str], correction: _Correction = correction
        ) -> Iterator[Outgoing]:
            return correction.outgoing(sources, connection, failed)

        _send_files(prepare, partner, errand, result)
    return result


class _Correction:
    """The corrections that go to one partner."""

    def __init__(
        self, errand: Errand, partner: TradingPartner, result: Submission, only: Set[str] | None,
        payer_claim_number: str, *, rejected: bool,
    ) -> None:  # fmt: skip
        self._errand = errand
        self._partner = partner
        self._result = result
        self._only = only
        self._payer_claim_number = payer_claim_number
        self._rejected = rejected

    def outgoing(
        self, sources: Iterable[Path], connection: Connection, failed: Set[str]
    ) -> Iterator[Outgoing]:  # fmt: skip
        """The corrected claims; in a second try, after some `failed`, nothing is told once more."""
        report: Report = _say_nothing if failed else self._errand.report
        first_partner = self._partner is self._errand.partners[0]
        for encounter in _encounters(sources, report if first_partner else _say_nothing):
            if encounter.encounter_id in failed:
                continue
            if self._only is not None and encounter.encounter_id not in self._only:
                continue
            if self._errand.partner_for(billed_payer(encounter)) is not self._partner:
                continue
            if not failed:
                self._result.encounters += 1
            made = self._corrected(encounter, connection, report)
            if not made and not failed:
                self._result.refused += 1
            yield from made

    def _corrected(self, encounter: Encounter, connection: Connection, report: Report) -> list[Outgoing]:
        where = Where(subject=f"encounter {encounter.encounter_id}")
        known = find_sent(connection, [encounter.encounter_id]).get(encounter.encounter_id)
        if known is None:
            report(diagnose("P531", where))
            return []
        before = sent_claims(connection, known.claim_ids)
        try:
            turned_away = {sent.id for sent in before if rejected_claims(connection, sent.id)}
            return self._claims(encounter, before, turned_away, known.version + 1, report)
        except NoNextClaim as problem:
            report(diagnose("P530", where, problem=str(problem)))
            return []

    def _claims(
        self, encounter: Encounter, before: list[SentClaim], turned_away: Set[int], version: int, report: Report
    ) -> list[Outgoing]:  # fmt: skip
        """The new parts in the place of the old ones; a part for which nothing comes is voided.

        What a front end turned away never came in: it goes as new, or where it was a correction itself, once more with
        the number that it had.
        """
        numbers = {sent.part: self._payer_claim_number or _payers_number(sent) for sent in before}
        rejected = (self._rejected or all(sent.id in turned_away for sent in before)) and not any(numbers.values())
        if not rejected and not any(numbers.values()):
            raise NoNextClaim(f"{_NO_NUMBER}; if it was rejected before adjudication, use --rejected")
        frequency = _ORIGINAL if rejected else REPLACEMENT
        edited = replace(encounter, frequency=frequency, payer_claim_number=next(filter(None, numbers.values()), ""))
        findings = check_encounter(edited, self._partner, self._errand.moment.date())
        for finding in findings:
            report(finding)
        if any(finding.severity == "error" for finding in findings):
            return []
        made = []
        for part, claim in enumerate(claims_from(edited, self._partner, version), start=1):
            if not rejected and part in numbers:
                claim = _with_frequency(claim, REPLACEMENT, numbers[part])
            elif part not in numbers:
                claim = replace(
                    claim, frequency=_ORIGINAL,
                    references=tuple(each for each in claim.references if each.qualifier != "F8"),
                )  # fmt: skip
            made.append(Outgoing(claim, encounter.encounter_id, version, part))
        left_over = [sent for sent in before if sent.part > len(made)]
        made[0].closes = tuple(sent.id for sent in before if sent not in left_over)
        if not rejected:
            made += [_void(sent) for sent in left_over]
        else:
            made[0].closes = tuple(sent.id for sent in before)
        return made


def _payers_number(sent: SentClaim) -> str:
    """The payer's number: of his decision, else the one that the claim named when it went out as a correction."""
    if sent.payer_claim_number or sent.claim.frequency != REPLACEMENT:
        return sent.payer_claim_number
    return next((reference.value for reference in sent.claim.references if reference.qualifier == "F8"), "")


def _encounters(sources: Iterable[Path], report: Report) -> Iterator[Encounter]:
    for source in sources:
        yield from encounter_items(source, report)


def _say_nothing(_: Diagnostic) -> None:
    """For what was reported before."""
