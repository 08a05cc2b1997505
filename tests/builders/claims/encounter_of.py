"""The encounter that would make a claim: the way back, so that tests can show that a claim has nothing out of reach.

Codes become the names of an encounter by tables, so types are left open here. What only the writer or the reader knows (its own numbers apart) is not part of it: see `claims_from`.
"""

from typing import Any

from claimloop.builders.claims.coverages import RELATIONSHIPS, RESPONSIBILITIES
from claimloop.builders.claims.from_encounter import CLAIM_DATES
from claimloop.builders.claims.lines import SERVICE_DATES, SERVICE_PROVIDERS
from claimloop.builders.claims.parties import ID_TYPES, PAYER_ID_TYPES
from claimloop.builders.encounters.encounter import (
    AccidentRecord,
    AdjustmentRecord,
    ClaimDates,
    Coverage,
    CoverageDecision,
    DrugRecord,
    Encounter,
    OtherId,
    PayerId,
    PayersNumber,
    PayersProvider,
    PayToPlan,
    Person,
    PostalAddress,
    PropertyCasualty,
    ProviderRecord,
    Service,
    ServiceDates,
    ServiceDecision,
)

_CLAIM_NUMBERS = {
    "4N": "service_authorization_exception", "F5": "medicare_crossover", "EW": "mammography_certification",
    "9F": "referral_number", "G1": "prior_authorization", "F8": "payer_claim_number", "X4": "clia_number",
    "9A": "repriced_claim_number", "9C": "adjusted_repriced_claim_number", "LX": "device_exemption",
    "D9": "clearinghouse_trace", "EA": "medical_record_number", "P4": "demonstration_project",
    "1J": "care_plan_oversight",
}  # fmt: skip
_LINE_NUMBERS = {
    "9B": "repriced_line_number", "9D": "adjusted_repriced_line_number", "EW": "mammography_certification",
    "X4": "clia_number", "F4": "referring_clia_number", "BT": "immunization_batch",
}  # fmt: skip
_CLAIM_PROVIDERS = {
    "DN": "referring_provider", "P3": "primary_care_provider", "82": "rendering_provider", "77": "service_facility",
    "DQ": "supervising_provider",
}  # fmt: skip
_LINE_PROVIDERS = {code: name for name, code in SERVICE_PROVIDERS.items()} | {
    "82": "rendering_provider", "77": "service_facility"
}  # fmt: skip
_PAYERS_PROVIDERS: dict[str, Any] = {
    "DN": "referring", "P3": "primary_care", "82": "rendering", "77": "facility", "DQ": "supervising", "85": "billing"
}  # fmt: skip
_OTHER_IDS: dict[str, Any] = {code: name for name, code in ID_TYPES.items()}
_PAYER_IDS: dict[str, Any] = {code: name for name, code in PAYER_ID_TYPES.items()}
_RELATIONSHIPS: dict[str, Any] = {code: name for name, code in RELATIONSHIPS.items()} | {"18": "self"}


def encounter_of(claim, encounter_id="E1") -> Encounter:
    """The encounter whose only claim is this one."""
    person, insured = claim.patient or claim.subscriber, claim.subscriber
    others = list(claim.other_payers)
    place = min(RESPONSIBILITIES.index(insured.payer_responsibility), len(others))
    coverages = [_other_coverage(other) for other in others]
    coverages.insert(place, _billed_coverage(claim))
    facts: dict[str, Any] = {_CLAIM_NUMBERS[each.qualifier]: each.value for each in claim.references}
    facts |= {_CLAIM_PROVIDERS[each.role]: _provider(each) for each in claim.providers if each.role in _CLAIM_PROVIDERS}
    facts |= _trip(claim.providers)
    return Encounter(
        encounter_id=encounter_id,
        patient_control_number=claim.patient_control_number,
        patient=_person(person.person, person),
        coverages=tuple(coverages),
        bill_to=place + 1 if others else "",
        diagnoses=claim.diagnoses,
        diagnosis_code_set="ICD-10-CM" if claim.diagnosis_qualifier == "ABK" else "ICD-9-CM",
        services=tuple(_service(line) for line in claim.lines),
        place_of_service=claim.place_of_service,
        billing_provider=_billing_provider(claim),
        accept_assignment=claim.assignment,
        benefits_assigned=claim.benefits_assigned,
        provider_signature_on_file=claim.provider_signature,
        release_of_information=claim.release_of_information,
        patient_signature_by_provider=claim.patient_signature_source == "P",
        patient_paid=claim.patient_paid,
        frequency=claim.frequency,
        special_program=claim.special_program,
        delay_reason=claim.delay_reason,
        note=claim.notes[0].value if claim.notes else "",
        note_type=claim.notes[0].qualifier if claim.notes else "ADD",
        dates=_claim_dates(claim),
        accident=_accident(claim),
        currency=claim.currency,
        pay_to_plan=_plan(claim.pay_to_plan) if claim.pay_to_plan else None,
        property_casualty=_property_casualty(person.person),
        attachments=claim.attachments,
        contract=claim.contract,
        file_information=claim.file_information,
        ambulance=claim.ambulance,
        spinal_manipulation=claim.spinal_manipulation,
        conditions=claim.conditions,
        anesthesia_procedures=claim.anesthesia_procedures,
        condition_codes=claim.condition_codes,
        repricing=claim.repricing,
        **facts,
    )


def _person(party, told=None) -> Person:
    condition = told.condition if told else None
    return Person(
        last_name=party.name, first_name=party.first_name, middle_name=party.middle_name, suffix=party.suffix,
        birth_date=told.birth_date if told else None, sex=told.sex if told else "", address=_address(party.address),
        died_on=condition.died_on if condition else None, weight=condition.weight if condition else None,
        pregnant=bool(condition and condition.pregnant), is_organization=party.entity_type == "2",
    )  # fmt: skip


def _address(address) -> Any:
    if address is None:
        return None
    return PostalAddress(
        line1=address.line1, line2=address.line2, city=address.city, state=address.state or address.subdivision,
        zip=address.postal_code, country=address.country,
    )  # fmt: skip


def _ssn(party) -> str:
    return next((each.value for each in party.references if each.qualifier == "SY"), "")


def _payer_ids(payer) -> tuple[PayerId, ...]:
    return tuple(
        PayerId(type=_PAYER_IDS[each.qualifier], value=each.value)
        for each in payer.references
        if each.qualifier in _PAYER_IDS
    )


def _billed_coverage(claim) -> Coverage:
    insured = claim.subscriber
    return Coverage(
        payer_id=claim.payer.id, payer_id_type=claim.payer.id_qualifier, payer_name=claim.payer.name,
        payer_address=_address(claim.payer.address), payer_ids=_payer_ids(claim.payer),
        member_id=insured.person.id, member_id_type=insured.person.id_qualifier or "MI",
        subscriber_ssn=_ssn(insured.person), filing_indicator=insured.claim_filing_indicator,
        group_number=insured.group_number, group_name=insured.group_name, insurance_type=insured.insurance_type,
        relationship=_RELATIONSHIPS[claim.patient.relationship] if claim.patient else "self",
        subscriber=_person(insured.person) if claim.patient else None,
    )  # fmt: skip


def _other_coverage(other) -> Coverage:
    numbers = {each.qualifier: each.value for each in other.payer.references if each.qualifier not in _PAYER_IDS}
    told = other.outpatient
    decision = CoverageDecision(
        paid=other.paid, adjustments=_adjustments(other.adjustments), decided_on=other.decided_on,
        payer_claim_number=numbers.get("F8", ""), patient_owes=other.patient_owes, noncovered=other.noncovered,
        is_correction="T4" in numbers, remarks=told.remarks if told else (),
        reimbursement_rate=told.reimbursement_rate if told else None,
        hcpcs_payable=told.hcpcs_payable if told else None, esrd_payment=told.esrd_payment if told else None,
        nonpayable_professional_component=told.nonpayable_professional_component if told else None,
    )  # fmt: skip
    is_self = other.relationship == "18"
    return Coverage(
        payer_id=other.payer.id, payer_id_type=other.payer.id_qualifier, payer_name=other.payer.name,
        payer_address=_address(other.payer.address), payer_ids=_payer_ids(other.payer),
        member_id=other.subscriber.id, member_id_type=other.subscriber.id_qualifier,
        subscriber_ssn=_ssn(other.subscriber), filing_indicator=other.claim_filing_indicator,
        group_number=other.group_number, group_name=other.group_name, insurance_type=other.insurance_type,
        relationship=_RELATIONSHIPS[other.relationship], subscriber=None if is_self else _person(other.subscriber),
        prior_authorization=numbers.get("G1", ""), referral_number=numbers.get("9F", ""),
        decision=decision if decision != CoverageDecision() else None,
        benefits_assigned=other.benefits_assigned, release_of_information=other.release_of_information,
        patient_signature_by_provider=other.patient_signature_source == "P",
        provider_ids=tuple(
            PayersProvider(
                role=_PAYERS_PROVIDERS[each.role], other_ids=_other_ids(each), person=each.entity_type == "1"
            )
            for each in other.providers
        ),
    )  # fmt: skip


def _adjustments(adjustments) -> tuple[AdjustmentRecord, ...]:
    return tuple(
        AdjustmentRecord(group=each.group, reason=each.reason, amount=each.amount, quantity=each.quantity)
        for each in adjustments
    )


def _other_ids(provider) -> tuple[OtherId, ...]:
    return tuple(
        OtherId(type=_OTHER_IDS[each.qualifier], value=each.value, payer_id=each.payer_id)
        for each in provider.references
        if each.qualifier in _OTHER_IDS
    )


def _contact(contacts) -> dict[str, Any]:
    names = {"TE": "phone", "EX": "phone_extension", "FX": "fax", "EM": "email"}
    numbers = {names[kind]: number for each in contacts for kind, number in each.numbers}
    return numbers | ({"contact_name": contacts[0].name} if contacts else {})


def _provider(provider, other_ids=()) -> Any:
    person = provider.entity_type == "1"
    name = provider.name or "NOT TOLD"  # of a purchased service provider
    return ProviderRecord(
        npi=provider.id, organization="" if person else name, last_name=name if person else "",
        first_name=provider.first_name, middle_name=provider.middle_name, suffix=provider.suffix,
        taxonomy=provider.taxonomy, address=_address(provider.address),
        other_ids=(*_other_ids(provider), *other_ids), **_contact(provider.contacts),
    )  # fmt: skip


def _billing_provider(claim) -> ProviderRecord:
    provider = claim.billing_provider
    tax = next(each for each in provider.references if each.qualifier in ("EI", "SY"))
    named = _provider(provider, _other_ids(claim.payer))
    facts = {name: getattr(named, name) for name in named.__struct_fields__}
    return ProviderRecord(
        **facts
        | {
            "tax_id": tax.value,
            "tax_id_type": "EIN" if tax.qualifier == "EI" else "SSN",
            "pay_to_address": _address(claim.pay_to_address),
        }
    )


def _trip(providers) -> dict[str, Any]:
    places = {each.role: each for each in providers if each.role in ("PW", "45")}
    told: dict[str, Any] = {}
    if "PW" in places:
        told["pick_up"] = _address(places["PW"].address)
    if "45" in places:
        told |= {"drop_off": _address(places["45"].address), "drop_off_name": places["45"].name}
    return told


def _claim_dates(claim) -> ClaimDates | None:
    names = {code: name for name, code in CLAIM_DATES.items()} | {"360": "disability_from", "361": "disability_to"}
    told = {names[code]: period.start for code, period in claim.dates.items() if code != "314"}
    if "314" in claim.dates:
        told |= {"disability_from": claim.dates["314"].start, "disability_to": claim.dates["314"].end}
    return ClaimDates(**told) if told else None


def _accident(claim) -> AccidentRecord | None:
    if claim.accident is None:
        return None
    causes = claim.accident.causes
    return AccidentRecord(
        auto="AA" in causes, employment="EM" in causes, other="OA" in causes, state=claim.accident.state,
        country=claim.accident.country,
    )  # fmt: skip


def _plan(plan) -> PayToPlan:
    others = _payer_ids(plan)
    return PayToPlan(
        name=plan.name, id=plan.id, id_type=plan.id_qualifier, address=_address(plan.address),
        tax_id=next(each.value for each in plan.references if each.qualifier == "EI"),
        other_id=next((each for each in others if each.type != "tax_id"), None),
    )  # fmt: skip


def _property_casualty(person) -> PropertyCasualty | None:
    number = next((each.value for each in person.references if each.qualifier == "Y4"), "")
    if not number:
        return None
    return PropertyCasualty(claim_number=number, **_contact(person.contacts))


def _service(line) -> Service:
    numbers = {_LINE_NUMBERS[each.qualifier]: each.value for each in line.references if each.qualifier in _LINE_NUMBERS}
    notes = {each.qualifier: each.value for each in line.notes}
    own = next((each for each in line.notes if each.qualifier != "TPO"), None)
    providers = {_LINE_PROVIDERS[each.role]: _provider(each) for each in line.providers if each.role in _LINE_PROVIDERS}
    names = {code: name for name, code in SERVICE_DATES.items()}
    drug = line.drug
    return Service(
        procedure=line.procedure, procedure_type=line.procedure_qualifier, charge=line.charge, units=line.units,
        service_date=line.service_date.start,
        end_date=line.service_date.end if line.service_date.end != line.service_date.start else None,
        modifiers=line.modifiers, unit=line.unit, diagnosis_pointers=line.diagnosis_pointers,
        place_of_service=line.place_of_service, emergency=line.emergency, epsdt=line.epsdt,
        family_planning=line.family_planning, copay_exempt=line.copay_exempt, description=line.description,
        line_control_number=line.line_control_number, note=own.value if own else "",
        note_type=own.qualifier if own else "ADD", third_party_note=notes.get("TPO", ""),
        dates=ServiceDates(**{names[code]: day.start for code, day in line.dates.items()}) if line.dates else None,
        drug=DrugRecord(
            ndc=drug.ndc, quantity=drug.quantity, unit=drug.unit, code_type=drug.code_qualifier,
            prescription=drug.prescription if drug.prescription_qualifier == "XZ" else "",
            compound=drug.prescription if drug.prescription_qualifier == "VY" else "",
        ) if drug else None,
        equipment=line.equipment, equipment_certification=line.equipment_certification, attachments=line.attachments,
        ambulance=line.ambulance, ambulance_patients=line.ambulance_patients, conditions=line.conditions,
        obstetric_anesthesia_units=line.obstetric_anesthesia_units, measurements=line.measurements,
        contract=line.contract, other_authorizations=_payers_numbers(line, "G1"),
        other_referrals=_payers_numbers(line, "9F"), sales_tax=line.sales_tax, postage=line.postage,
        file_information=line.file_information, purchased_service=line.purchased_service, repricing=line.repricing,
        decisions=tuple(_decision(each) for each in line.adjudications), forms=line.forms,
        **numbers, **providers, **_trip(line.providers),
    )  # fmt: skip


def _payers_numbers(line, qualifier) -> tuple[PayersNumber, ...]:
    return tuple(
        PayersNumber(number=each.value, payer_id=each.payer_id)
        for each in line.references
        if each.qualifier == qualifier
    )


def _decision(told) -> ServiceDecision:
    return ServiceDecision(
        payer_id=told.payer_id, paid=told.paid, decided_on=told.decided_on, procedure=told.procedure,
        modifiers=told.modifiers, description=told.description, units=told.units, bundled_into=told.bundled_line,
        adjustments=_adjustments(told.adjustments), patient_owes=told.patient_owes,
    )  # fmt: skip
