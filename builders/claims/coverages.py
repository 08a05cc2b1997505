"""Turn the coverages of an encounter into the payer billed (2000B, 2000C, 2010BB) and the other payers (2320, 2330)."""

from collections.abc import Iterable
from decimal import Decimal
from itertools import groupby

from msgspec.structs import replace

from claimloop.builders.claims.parties import condition_of, payer_of, person_of, references_of
from claimloop.builders.encounters.encounter import (
    AdjustmentRecord,
    Coverage,
    CoverageDecision,
    Encounter,
    PayersProvider,
    Person,
)
from claimloop.edi.money import ZERO
from claimloop.edi.records.adjustments import Adjustment
from claimloop.edi.records.claim import PATIENT_IS_SUBSCRIBER, Patient, Subscriber
from claimloop.edi.records.other_payer import OtherPayer, OutpatientAdjudication
from claimloop.edi.records.parties import Party, Provider, Reference

RESPONSIBILITIES = "PSTABCDEFGH"
"""SBR01 of the coverages in order."""

RELATIONSHIPS = {
    "spouse": "01",
    "child": "19",
    "employee": "20",
    "unknown": "21",
    "organ_donor": "39",
    "cadaver_donor": "40",
    "life_partner": "53",
    "other": "G8",
}
"""Relationship of a patient who is not the subscriber: PAT01, and SBR02 of another payer."""

_ROLES = {
    "referring": "DN",
    "primary_care": "P3",
    "rendering": "82",
    "facility": "77",
    "supervising": "DQ",
    "billing": "85",
}
"""NM101 of 2330C-G."""

_OF_SERVICES_ONLY = CoverageDecision()


def billed_coverage(encounter: Encounter) -> int:
    """Return the place (from 0) of the coverage that the claim goes to: `bill_to`, else the first without a decision.

    Return the last coverage where all payers have adjudicated, or where `bill_to` names none of them.
    """
    coverages = encounter.coverages
    if len(coverages) == 1:
        return 0
    wanted = encounter.bill_to
    if isinstance(wanted, int):
        return min(max(wanted, 1), len(coverages)) - 1
    for place, coverage in enumerate(coverages):
        if coverage.payer_id == wanted if wanted else decision_of(encounter, coverage) is None:
            return place
    return len(coverages) - 1


def decision_of(encounter: Encounter, coverage: Coverage) -> CoverageDecision | None:
    """Return the payer's adjudication of the claim; an empty one where the payer adjudicated services only."""
    if coverage.decision is None and any(
        each.payer_id == coverage.payer_id for service in encounter.services for each in service.decisions
    ):
        return _OF_SERVICES_ONLY
    return coverage.decision


def billed_payer(encounter: Encounter) -> str:
    """Return the id of the payer that the claim goes to; empty where the encounter names none."""
    return encounter.coverages[billed_coverage(encounter)].payer_id if encounter.coverages else ""


def signature_source(encounter: Encounter, coverage: Coverage) -> str:
    """Return CLM10 or OI04: P where the provider signed for the patient."""
    told = coverage.patient_signature_by_provider
    return "P" if (encounter.patient_signature_by_provider if told is None else told) else ""


def subscriber_and_patient(person: Person, coverage: Coverage, place: int) -> tuple[Subscriber, Patient | None]:
    """Return the levels of a claim (rules.md#hierarchy). A subscriber who is not the patient has no patient data."""
    is_self = coverage.relationship == "self"
    insured = person if is_self else coverage.subscriber or person
    condition = condition_of(person)
    subscriber = Subscriber(
        person=_insured(insured, coverage, with_address=is_self),
        payer_responsibility=RESPONSIBILITIES[place],
        relationship=PATIENT_IS_SUBSCRIBER if is_self else "",
        group_number=coverage.group_number,
        group_name="" if coverage.group_number.strip() else coverage.group_name,
        insurance_type=coverage.insurance_type,
        claim_filing_indicator=coverage.filing_indicator,
        birth_date=insured.birth_date if is_self else None,
        sex=insured.sex if is_self else "",
        condition=condition if is_self else None,
    )
    if is_self:
        return subscriber, None
    return subscriber, Patient(
        person_of("QC", person, "", with_address=True),
        RELATIONSHIPS[coverage.relationship],
        person.birth_date,
        person.sex,
        condition,
    )


def _insured(person: Person, coverage: Coverage, *, with_address: bool) -> Party:
    insured = person_of("IL", person, coverage.member_id, coverage.member_id_type, with_address=with_address)
    if not coverage.subscriber_ssn:
        return insured
    return replace(insured, references=(Reference("SY", coverage.subscriber_ssn.replace("-", "")),))


def other_payer(encounter: Encounter, place: int) -> OtherPayer:
    """Return 2320 and 2330 of the coverage at this place."""
    coverage = encounter.coverages[place]
    is_self = coverage.relationship == "self"
    insured = encounter.patient if is_self else coverage.subscriber or encounter.patient
    decided = decision_of(encounter, coverage)
    other = OtherPayer(
        payer_responsibility=RESPONSIBILITIES[place],
        relationship=PATIENT_IS_SUBSCRIBER if is_self else RELATIONSHIPS[coverage.relationship],
        claim_filing_indicator=coverage.filing_indicator,
        payer=_knowing_the_claim(payer_of(coverage), coverage),
        subscriber=_insured(insured, coverage, with_address=bool(insured.address)),
        group_number=coverage.group_number,
        group_name="" if coverage.group_number.strip() else coverage.group_name,
        insurance_type=coverage.insurance_type,
        benefits_assigned=coverage.benefits_assigned or encounter.benefits_assigned,
        patient_signature_source=signature_source(encounter, coverage),
        release_of_information=coverage.release_of_information or encounter.release_of_information,
        providers=tuple(map(_payers_provider, coverage.provider_ids)),
    )
    return _decided(other, encounter, decided) if decided else other


def _knowing_the_claim(payer: Party, coverage: Coverage) -> Party:
    """Return the payer with the numbers that it assigned to the claim."""
    decided = coverage.decision
    numbers = (
        ("G1", coverage.prior_authorization),
        ("9F", coverage.referral_number),
        ("T4", "Y" if decided and decided.is_correction else ""),
        ("F8", decided.payer_claim_number if decided else ""),
    )
    given = tuple(Reference(qualifier, number) for qualifier, number in numbers if number.strip())
    return replace(payer, references=(*payer.references, *given)) if given else payer


def _decided(other: OtherPayer, encounter: Encounter, decided: CoverageDecision) -> OtherPayer:
    """Add the payer's adjudication. The date is at the lines when it adjudicated them (rules.md#coordination)."""
    of_lines = [each for service in encounter.services for each in service.decisions if each.payer_id == other.payer.id]
    return replace(
        other,
        adjustments=adjustments_of(decided.adjustments),
        paid=paid_for_all(decided, [each.paid for each in of_lines]),
        noncovered=decided.noncovered,
        patient_owes=decided.patient_owes,
        outpatient=outpatient_of(decided),
        decided_on=None if of_lines else decided.decided_on,
    )


def paid_for_all(decided: CoverageDecision, for_services: list[Decimal]) -> Decimal | None:
    """Return AMT*D: the amount given, else what was paid for the services less the claim-level adjustments."""
    if decided.paid is not None or not for_services:
        return decided.paid
    return sum(for_services, ZERO) - sum((each.amount for each in decided.adjustments), ZERO)


def outpatient_of(decided: CoverageDecision) -> OutpatientAdjudication | None:
    """MOA."""
    told = OutpatientAdjudication(
        decided.reimbursement_rate, decided.hcpcs_payable, decided.remarks, decided.esrd_payment,
        decided.nonpayable_professional_component,
    )  # fmt: skip
    return told if told != OutpatientAdjudication() else None


def adjustments_of(records: Iterable[AdjustmentRecord]) -> tuple[Adjustment, ...]:
    """Return CAS with the adjustments of each group together."""
    found = tuple(Adjustment(each.group, each.reason.upper(), each.amount, each.quantity) for each in records)
    if len(found) < 3:
        return found
    groups = list(dict.fromkeys(each.group for each in found))
    return tuple(sorted(found, key=lambda each: groups.index(each.group)))


def adjustment_segments(records: Iterable[AdjustmentRecord]) -> int:
    """Return the number of CAS segments: each holds six adjustments of one group."""
    found = adjustments_of(records)
    return sum(-(-len(list(of_group)) // 6) for _, of_group in groupby(found, key=lambda each: each.group))


def _payers_provider(record: PayersProvider) -> Provider:
    person = record.person and record.role != "facility"
    return Provider(_ROLES[record.role], "1" if person else "2", references=references_of(record.other_ids))
