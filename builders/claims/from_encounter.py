"""Turn a checked encounter into its claims (005010X222A1).

Claims follow the guide: loops that only repeat another one are left out, and codes have no points or dashes. Names and
texts keep their spelling; the writer makes them fit. `coverages` has the payers, `lines` the lines, and `parties` the
people and providers.
"""

from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from operator import attrgetter

import msgspec
from msgspec.structs import replace

from claimloop.builders.claims.control_numbers import line_control_number, numbered
from claimloop.builders.claims.coverages import (
    billed_coverage,
    other_payer,
    signature_source,
    subscriber_and_patient,
)
from claimloop.builders.claims.lines import line_of
from claimloop.builders.claims.parties import (
    address_of,
    billing_provider_of,
    facility_of,
    ids_with_payer,
    is_another,
    payer_of,
    place_of,
    plan_of,
    provider_of,
    with_property_casualty,
)
from claimloop.builders.encounters.encounter import (
    AccidentRecord,
    ClaimDates,
    Coverage,
    Encounter,
    ProviderRecord,
    Service,
)
from claimloop.builders.partner import TradingPartner
from claimloop.edi.dates import DateRange
from claimloop.edi.money import ZERO
from claimloop.edi.records.addresses import is_domestic
from claimloop.edi.records.claim import Accident, Claim, Patient, Subscriber
from claimloop.edi.records.claim_supplements import Certification
from claimloop.edi.records.parties import Party, Provider, Reference

LINES_PER_CLAIM = 50
"""Loop 2400 has at most 50 repetitions (005010X222A1)."""

_LATER_FREQUENCIES = frozenset(("7", "8"))
_HOMEBOUND = Certification("75", "Y", ("IH",))
CLAIM_DATES = {
    "onset": "431",
    "initial_treatment": "454",
    "last_seen": "304",
    "acute_manifestation": "453",
    "accident": "439",
    "last_menstrual_period": "484",
    "last_x_ray": "455",
    "last_worked": "297",
    "return_to_work": "296",
    "admission": "435",
    "discharge": "096",
    "assumed_care": "090",
    "relinquished_care": "091",
    "first_contact": "444",
    "hearing_vision_prescription": "471",
    "repricer_received": "050",
}
"""DTP01 of each claim date. Disability has two dates and is written as one period (314) where both are known."""


def claims_from(encounter: Encounter, partner: TradingPartner, version: int = 1) -> list[Claim]:
    """Return the claims of an encounter without errors by `check_encounter`: one, or more where lines exceed 50.

    `version` counts the submissions of the encounter. Together with the part it makes CLM01. Raises ValueError where
    the encounter has no coverage, services, or billing provider; `check_encounter` reports these as errors.
    """
    billing = encounter.billing_provider or partner.billing_provider
    if billing is None or not encounter.coverages or not encounter.services:
        raise ValueError("an encounter must have a billing provider, a coverage and services to make a claim")
    whole = _whole_claim(encounter, billing)
    stretch = range(0, len(encounter.services), LINES_PER_CLAIM)
    unspent = encounter.patient_paid or ZERO
    claims = []
    for part, first in enumerate(stretch, start=1):
        services = encounter.services[first : first + LINES_PER_CLAIM]
        number = numbered(encounter.encounter_id, encounter.patient_control_number, version, part)
        lines = tuple(
            [
                line_of(service, line_control_number(number, place), encounter, billing)
                for place, service in enumerate(services, start=1)
            ]
        )
        charge = _charge(services)
        paid = unspent if part == len(stretch) else min(unspent, charge)
        unspent -= paid
        claims.append(
            replace(whole, patient_control_number=number, charge=charge, lines=lines, patient_paid=paid or None)
        )
    return claims


def _charge(services: tuple[Service, ...]) -> Decimal:
    return sum((service.charge for service in services), ZERO)


def _whole_claim(encounter: Encounter, billing: ProviderRecord) -> Claim:
    """Return the claim with all of its lines, before it is split into parts."""
    place = billed_coverage(encounter)
    coverage = encounter.coverages[place]
    subscriber, patient = subscriber_and_patient(encounter.patient, coverage, place)
    if encounter.property_casualty:
        subscriber, patient = _with_property_casualty(encounter, subscriber, patient)
    claim = Claim(
        patient_control_number="",
        charge=ZERO,
        place_of_service=encounter.place_of_service,
        billing_provider=billing_provider_of(billing),
        pay_to_address=address_of(billing.pay_to_address) if billing.pay_to_address else None,
        subscriber=subscriber,
        patient=patient,
        payer=payer_of(coverage),
        lines=(),
        frequency=encounter.frequency,
        provider_signature=encounter.provider_signature_on_file,
        assignment=encounter.accept_assignment,
        benefits_assigned=coverage.benefits_assigned or encounter.benefits_assigned,
        release_of_information=coverage.release_of_information or encounter.release_of_information,
        patient_signature_source=signature_source(encounter, coverage),
        accident=_accident(encounter.accident) if encounter.accident else None,
        special_program=encounter.special_program,
        delay_reason=encounter.delay_reason,
        dates=_dates(encounter.dates) if encounter.dates else {},
        references=_references(encounter, coverage),
        notes=(Reference(encounter.note_type, encounter.note),) if encounter.note.strip() else (),
        diagnoses=tuple([diagnosis.replace(".", "").upper() for diagnosis in encounter.diagnoses]),
        diagnosis_qualifier="ABK" if encounter.diagnosis_code_set == "ICD-10-CM" else "BK",
        providers=tuple(_claim_providers(encounter, billing)),
    )
    if len(encounter.coverages) > 1:
        others = (other for other in range(len(encounter.coverages)) if other != place)
        claim = replace(claim, other_payers=tuple(other_payer(encounter, other) for other in others))
    if billing.other_ids:
        claim = replace(claim, payer=_knowing(claim.payer, billing))
    return _with_more(claim, encounter) if rare_parts(encounter) != NO_RARE_PARTS else claim


_RARE = (
    "currency", "pay_to_plan", "attachments", "contract", "file_information", "ambulance", "spinal_manipulation",
    "conditions", "homebound", "anesthesia_procedures", "condition_codes", "repricing", "property_casualty",
    "service_authorization_exception", "pick_up", "drop_off", "drop_off_name",
)  # fmt: skip
"""Values that few encounters have. They are read only where one is present."""

REFERENCES = (
    "service_authorization_exception", "medicare_crossover", "mammography_certification", "referral_number",
    "prior_authorization", "payer_claim_number", "clia_number", "repriced_claim_number",
    "adjusted_repriced_claim_number", "device_exemption", "clearinghouse_trace", "medical_record_number",
    "demonstration_project", "care_plan_oversight",
)  # fmt: skip
"""Values that become a REF of 2300."""

reference_numbers: Callable[[Encounter], tuple[str, ...]] = attrgetter(*REFERENCES)
rare_parts: Callable[[Encounter], tuple[object, ...]] = attrgetter(*_RARE)
NO_RARE_PARTS = tuple(
    field.default for name in _RARE for field in msgspec.structs.fields(Encounter) if field.name == name
)  # fmt: skip


def _with_more(claim: Claim, encounter: Encounter) -> Claim:
    return replace(
        claim,
        currency=encounter.currency.upper(),
        pay_to_plan=plan_of(encounter.pay_to_plan) if encounter.pay_to_plan else None,
        attachments=encounter.attachments,
        contract=encounter.contract,
        file_information=encounter.file_information,
        ambulance=encounter.ambulance,
        spinal_manipulation=encounter.spinal_manipulation,
        conditions=(*encounter.conditions, _HOMEBOUND) if encounter.homebound else encounter.conditions,
        anesthesia_procedures=tuple(procedure.upper() for procedure in encounter.anesthesia_procedures),
        condition_codes=encounter.condition_codes,
        repricing=encounter.repricing,
    )


def _knowing(payer: Party, billing: ProviderRecord) -> Party:
    """Return the payer with the numbers that it assigned to the billing provider."""
    return replace(payer, references=(*payer.references, *ids_with_payer(billing)))


def _with_property_casualty(
    encounter: Encounter, subscriber: Subscriber, patient: Patient | None
) -> tuple[Subscriber, Patient | None]:  # fmt: skip
    """Add REF*Y4 and PER to the patient, who may be the subscriber."""
    told = encounter.property_casualty
    if told is None:
        return subscriber, patient
    if patient is None:
        return replace(subscriber, person=with_property_casualty(subscriber.person, told)), None
    return subscriber, replace(patient, person=with_property_casualty(patient.person, told))


def _claim_providers(encounter: Encounter, billing: ProviderRecord) -> Iterator[Provider]:
    """Yield loops 2310A to 2310F in order, each only when it adds something (rules.md#providers)."""
    if encounter.referring_provider:
        yield provider_of("DN", encounter.referring_provider)
    if encounter.primary_care_provider:
        yield provider_of("P3", encounter.primary_care_provider)
    rendering = encounter.rendering_provider
    if rendering and is_another(rendering, billing):
        yield provider_of("82", rendering)
    if encounter.service_facility:
        facility = facility_of(encounter.service_facility, billing, with_contact=True)
        if facility:
            yield facility
    if encounter.supervising_provider:
        yield provider_of("DQ", encounter.supervising_provider)
    if encounter.pick_up:
        yield place_of("PW", encounter.pick_up)
    if encounter.drop_off:
        yield place_of("45", encounter.drop_off, encounter.drop_off_name)


def _references(encounter: Encounter, coverage: Coverage) -> tuple[Reference, ...]:
    """Return REF of 2300. F8 is present only where the claim replaces or voids an earlier one."""
    numbers = reference_numbers(encounter)
    if not (any(numbers) or coverage.prior_authorization or coverage.referral_number):
        return ()
    exception, crossover, mammography, referral, authorization, claim_number, clia, *others = numbers
    repriced, adjusted, device, trace, record, project, care_plan = others
    told = (
        ("4N", exception), ("F5", crossover), ("EW", mammography), ("9F", referral or coverage.referral_number),
        ("G1", authorization or coverage.prior_authorization),
        ("F8", claim_number if encounter.frequency in _LATER_FREQUENCIES else ""), ("X4", clia.upper()),
        ("9A", repriced), ("9C", adjusted), ("LX", device), ("D9", trace), ("EA", record), ("P4", project),
        ("1J", care_plan),
    )  # fmt: skip
    return tuple([Reference(qualifier, number) for qualifier, number in told if number and number.strip()])


def _dates(dates: ClaimDates) -> dict[str, DateRange]:
    written: dict[str, DateRange] = {}
    for name, qualifier in CLAIM_DATES.items():
        day: date | None = getattr(dates, name)
        if day is not None:
            written[qualifier] = DateRange(day, day)
    start, end = dates.disability_from, dates.disability_to
    if start and end:
        written["314"] = DateRange(start, end)
    elif start:
        written["360"] = DateRange(start, start)
    elif end:
        written["361"] = DateRange(end, end)
    return written


def _accident(record: AccidentRecord) -> Accident | None:
    causes = (("AA", record.auto), ("EM", record.employment), ("OA", record.other))
    codes = tuple(code for code, applies in causes if applies)
    abroad = "" if is_domestic(record.country) else record.country.strip().upper()
    return Accident(codes, record.state.strip().upper() if record.auto else "", abroad) if codes else None
