"""From the coverages of an encounter to who is billed (2000B, 2000C, 2010BB) and who else pays (2320, 2330)."""

from claimloop.builders.claim_parties import condition_of, payer_of, person_of, references_of
from claimloop.builders.encounter import AdjustmentRecord, Coverage, Encounter, PayersProvider, Person
from claimloop.edi.adjustments import Adjustment
from claimloop.edi.claim import PATIENT_IS_SUBSCRIBER, Patient, Subscriber
from claimloop.edi.other_payer import OtherPayer
from claimloop.edi.parties import Party, Provider, Reference

RESPONSIBILITIES = "PSTABCDEFGH"
"""SBR01 of the coverages in their order."""

RELATIONSHIPS = {
    "spouse": "01",
    "child": "19",
    "employee": "20",
    "unknown": "21",
    "organ_donor": "39",
    "life_partner": "53",
    "other": "G8",
}
"""What a patient who is not the subscriber is to him: PAT01, and SBR02 of another payer."""

_ROLES = {
    "referring": "DN",
    "primary_care": "P3",
    "rendering": "82",
    "facility": "77",
    "supervising": "DQ",
    "billing": "85",
}
"""NM101 of 2330C-G."""


def billed_coverage(encounter: Encounter) -> int:
    """The place (from 0) of the coverage that the claim goes to: `bill_to`, else the first that has not decided.

    Where all have decided it is the last.
    """
    coverages = encounter.coverages
    if len(coverages) == 1:
        return 0
    for place, coverage in enumerate(coverages):
        if coverage.payer_id == encounter.bill_to if encounter.bill_to else coverage.decided is None:
            return place
    return len(coverages) - 1


def subscriber_and_patient(person: Person, coverage: Coverage, place: int) -> tuple[Subscriber, Patient | None]:
    """DOMAIN 3.10. What the guide asks of a subscriber only where he is the patient is not sent for others."""
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
    insured = person_of("IL", person, coverage.member_id, with_address=with_address)
    if not coverage.subscriber_ssn:
        return insured
    ssn = Reference("SY", coverage.subscriber_ssn.replace("-", ""))
    return Party(
        insured.role, insured.entity_type, insured.name, insured.first_name, insured.middle_name, insured.suffix,
        insured.id_qualifier, insured.id, insured.address, references=(ssn,),
    )  # fmt: skip


def other_payer(encounter: Encounter, place: int) -> OtherPayer:
    """2320 and 2330 of the coverage at this place."""
    coverage = encounter.coverages[place]
    is_self = coverage.relationship == "self"
    insured = encounter.patient if is_self else coverage.subscriber or encounter.patient
    payer = payer_of(coverage.payer_id, coverage.payer_name, coverage.payer_address, coverage.payer_ids)
    decided = coverage.decided
    numbers = (
        ("G1", coverage.prior_authorization),
        ("9F", coverage.referral_number),
        ("T4", "Y" if decided and decided.is_correction else ""),
        ("F8", coverage.claim_number),
    )
    given = tuple(Reference(qualifier, number) for qualifier, number in numbers if number.strip())
    if given:
        payer = Party(
            payer.role, payer.entity_type, payer.name, id_qualifier=payer.id_qualifier, id=payer.id,
            address=payer.address, references=(*payer.references, *given),
        )  # fmt: skip
    return OtherPayer(
        payer_responsibility=RESPONSIBILITIES[place],
        relationship=PATIENT_IS_SUBSCRIBER if is_self else RELATIONSHIPS[coverage.relationship],
        claim_filing_indicator=coverage.filing_indicator,
        payer=payer,
        subscriber=_insured(insured, coverage, with_address=bool(insured.address)),
        group_number=coverage.group_number,
        group_name="" if coverage.group_number.strip() else coverage.group_name,
        insurance_type=coverage.insurance_type,
        adjustments=adjustments_of(decided.adjustments) if decided else (),
        paid=decided.paid if decided else None,
        noncovered=decided.noncovered if decided else None,
        patient_owes=decided.patient_owes if decided else None,
        benefits_assigned=encounter.benefits_assigned,
        patient_signature_source="P" if encounter.patient_signature_by_provider else "",
        release_of_information=encounter.release_of_information,
        outpatient=decided.outpatient if decided else None,
        decided_on=decided.decided_on if decided else None,
        providers=tuple(map(_payers_provider, coverage.provider_ids)),
    )


def adjustments_of(records: tuple[AdjustmentRecord, ...]) -> tuple[Adjustment, ...]:
    """CAS."""
    return tuple(Adjustment(each.group, each.reason, each.amount, each.quantity) for each in records)


def _payers_provider(record: PayersProvider) -> Provider:
    person = record.person and record.role != "facility"
    return Provider(_ROLES[record.role], "1" if person else "2", references=references_of(record.other_ids))
