"""From an encounter that was checked to the claims (005010X222A1) that it makes.

Everything is as the guide sends it: loops that only repeat what another one says are left out, codes have no
points or dashes. Names and texts keep their spelling; the writer makes them fit.
"""

from collections.abc import Iterator
from datetime import date
from functools import lru_cache

from claimloop.builders.check_parties import digits_only
from claimloop.builders.control_numbers import line_control_number, patient_control_number
from claimloop.builders.encounter import (
    AccidentRecord,
    ClaimDates,
    Coverage,
    Encounter,
    Person,
    PostalAddress,
    ProviderRecord,
    Service,
)
from claimloop.builders.partner import TradingPartner
from claimloop.edi.addresses import is_domestic
from claimloop.edi.claim import PATIENT_IS_SUBSCRIBER, Accident, Claim, Patient, Subscriber
from claimloop.edi.dates import DateRange
from claimloop.edi.money import ZERO
from claimloop.edi.parties import Address, Contact, Party, Provider, Reference
from claimloop.edi.service_line import Drug, ServiceLine

LINES_PER_CLAIM = 50
"""Loop 2400 comes at most 50 times (005010X222A1)."""

RELATIONSHIPS = {
    "spouse": "01",
    "child": "19",
    "employee": "20",
    "unknown": "21",
    "organ_donor": "39",
    "life_partner": "53",
    "other": "G8",
}
"""PAT01 of a patient who is not the subscriber."""

_DATES = {
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
}
"""DTP01 of each claim date. Disability has two ends and is written as one period (314) where both are known."""


def claims_from(encounter: Encounter, partner: TradingPartner, version: int = 1) -> list[Claim]:
    """The claims of an encounter in which `check_encounter` found no error: one, or more where lines exceed 50.

    `version` counts the submissions of the encounter; with the part it makes CLM01. Raises ValueError where the
    encounter has no coverage, services, or billing provider, which the checks refuse.
    """
    billing = encounter.billing_provider or partner.billing_provider
    if billing is None or not encounter.coverages or not encounter.services:
        raise ValueError("an encounter without billing provider, coverage or services makes no claim")
    coverage = encounter.coverages[0]
    subscriber, patient = _subscriber_and_patient(encounter.patient, coverage)
    rendering = encounter.rendering_provider or billing
    stretch = range(0, len(encounter.services), LINES_PER_CLAIM)
    unspent = encounter.patient_paid or ZERO
    claims = []
    for part, first in enumerate(stretch, start=1):
        services = encounter.services[first : first + LINES_PER_CLAIM]
        charge = sum((service.charge for service in services), ZERO)
        paid = unspent if part == len(stretch) else min(unspent, charge)
        unspent -= paid
        number = patient_control_number(encounter.encounter_id, version, part)
        claims.append(
            Claim(
                patient_control_number=number,
                charge=charge,
                place_of_service=encounter.place_of_service,
                billing_provider=_billing(billing),
                pay_to_address=_address(billing.pay_to_address) if billing.pay_to_address else None,
                subscriber=subscriber,
                patient=patient,
                payer=_payer(coverage.payer_id, coverage.payer_name, coverage.payer_address),
                lines=tuple(
                    _line(service, line_control_number(number, position), encounter.place_of_service, rendering)
                    for position, service in enumerate(services, start=1)
                ),
                frequency=encounter.frequency,
                provider_signature=encounter.provider_signature_on_file,
                assignment=encounter.accept_assignment,
                benefits_assigned=encounter.benefits_assigned,
                release_of_information=encounter.release_of_information,
                accident=_accident(encounter.accident) if encounter.accident else None,
                special_program=encounter.special_program,
                delay_reason=encounter.delay_reason,
                dates=_dates(encounter.dates) if encounter.dates else {},
                patient_paid=paid or None,
                references=tuple(_references(encounter)),
                notes=(Reference(encounter.note_type, encounter.note),) if encounter.note.strip() else (),
                diagnoses=tuple(diagnosis.replace(".", "").upper() for diagnosis in encounter.diagnoses),
                providers=tuple(_claim_providers(encounter, billing)),
            )
        )
    return claims


def ndc_digits(ndc: str) -> str:
    """An NDC of eleven digits without its dashes; dashes count only where they part it 5-4-2."""
    parts = ndc.split("-")
    return "".join(parts) if [len(part) for part in parts] == [5, 4, 2] else ndc


def _subscriber_and_patient(person: Person, coverage: Coverage) -> tuple[Subscriber, Patient | None]:
    """DOMAIN 3.10. What the guide asks of a subscriber only where he is the patient is not sent for others."""
    is_self = coverage.relationship == "self"
    insured = person if is_self else coverage.subscriber or person
    subscriber = Subscriber(
        person=_person("IL", insured, coverage.member_id, with_address=is_self),
        relationship=PATIENT_IS_SUBSCRIBER if is_self else "",
        group_number=coverage.group_number,
        group_name="" if coverage.group_number.strip() else coverage.group_name,
        insurance_type=coverage.insurance_type,
        claim_filing_indicator=coverage.filing_indicator,
        birth_date=insured.birth_date if is_self else None,
        sex=insured.sex if is_self else "",
    )
    if is_self:
        return subscriber, None
    return subscriber, Patient(
        _person("QC", person, "", with_address=True),
        RELATIONSHIPS[coverage.relationship],
        person.birth_date,
        person.sex,
    )


def _person(role: str, person: Person, member_id: str, *, with_address: bool) -> Party:
    return Party(
        role=role,
        entity_type="1",
        name=person.last_name,
        first_name=person.first_name,
        middle_name=person.middle_name,
        suffix=person.suffix,
        id_qualifier="MI" if member_id else "",
        id=member_id,
        address=_address(person.address) if with_address and person.address else None,
    )


def _address(address: PostalAddress) -> Address:
    """`state` of a country that has no X12 states (N402) is its subdivision (N407)."""
    country = "" if is_domestic(address.country) else address.country.strip().upper()
    state = address.state.strip().upper()
    has_states = country in ("", "CA")
    return Address(
        line1=address.line1,
        line2=address.line2,
        city=address.city,
        state=state if has_states else "",
        postal_code=address.zip.replace("-", "") if not country else address.zip,
        country=country,
        subdivision="" if has_states else state,
    )


@lru_cache(maxsize=4096)
def _payer(payer_id: str, name: str, address: PostalAddress | None) -> Party:
    return Party(
        role="PR",
        entity_type="2",
        name=name,
        id_qualifier="PI",
        id=payer_id,
        address=_address(address) if address else None,
    )


@lru_cache(maxsize=4096)
def _provider(role: str, record: ProviderRecord) -> Provider:
    """Name, NPI and taxonomy; of a facility also the address."""
    person = bool(record.last_name)
    return Provider(
        role=role,
        entity_type="1" if person else "2",
        name=record.last_name or record.organization,
        first_name=record.first_name if person else "",
        middle_name=record.middle_name if person else "",
        suffix=record.suffix if person else "",
        id_qualifier="XX" if record.npi else "",
        id=record.npi,
        taxonomy=record.taxonomy.upper() if role == "82" else "",
        address=_address(record.address) if role == "77" and record.address else None,
    )


@lru_cache(maxsize=1024)
def _billing(record: ProviderRecord) -> Provider:
    named = _provider("85", record)
    contact = Contact("IC", record.contact_name, (("TE", digits_only(record.phone)),)) if record.phone else None
    tax_id = Reference("EI" if record.tax_id_type == "EIN" else "SY", record.tax_id.replace("-", ""))
    return Provider(
        role="85",
        entity_type=named.entity_type,
        name=named.name,
        first_name=named.first_name,
        middle_name=named.middle_name,
        suffix=named.suffix,
        id_qualifier="XX",
        id=record.npi,
        taxonomy=record.taxonomy.upper(),
        address=_address(record.address) if record.address else None,
        references=(tax_id,),
        contacts=(contact,) if contact else (),
    )


def _claim_providers(encounter: Encounter, billing: ProviderRecord) -> Iterator[Provider]:
    """Loops 2310A-D in their order, each only where it says something new (DOMAIN 3.11)."""
    if encounter.referring_provider:
        yield _provider("DN", encounter.referring_provider)
    if encounter.primary_care_provider:
        yield _provider("P3", encounter.primary_care_provider)
    if encounter.rendering_provider and encounter.rendering_provider.npi != billing.npi:
        yield _provider("82", encounter.rendering_provider)
    if encounter.service_facility:
        facility = _facility(encounter.service_facility, billing)
        if facility:
            yield facility
    if encounter.supervising_provider:
        yield _provider("DQ", encounter.supervising_provider)


@lru_cache(maxsize=1024)
def _facility(record: ProviderRecord, billing: ProviderRecord) -> Provider | None:
    """Loop 2310C, or None where the service was at the billing provider's own address.

    The billing provider's NPI at another address is not repeated: it names the billing provider, not the place.
    """
    same_npi = record.npi in ("", billing.npi)
    if same_npi and _where(record.address) == _where(billing.address):
        return None
    facility = _provider("77", record)
    if record.npi == billing.npi:
        facility = Provider("77", "2", facility.name, address=facility.address)
    return facility


def _where(address: PostalAddress | None) -> tuple[str, ...]:
    if address is None:
        return ()
    written = _address(address)
    parts = (
        written.line1,
        written.line2,
        written.city,
        written.state,
        written.postal_code[:5],
        written.country,
    )
    return tuple(" ".join(part.upper().replace(".", "").split()) for part in parts)


def _references(encounter: Encounter) -> Iterator[Reference]:
    """REF of 2300, in the guide's order. F8 only where an earlier claim is replaced or voided."""
    if encounter.referral_number.strip():
        yield Reference("9F", encounter.referral_number)
    if encounter.prior_authorization.strip():
        yield Reference("G1", encounter.prior_authorization)
    if encounter.payer_claim_number and encounter.frequency in ("7", "8"):
        yield Reference("F8", encounter.payer_claim_number)
    if encounter.clia_number:
        yield Reference("X4", encounter.clia_number.upper())
    if encounter.clearinghouse_trace.strip():
        yield Reference("D9", encounter.clearinghouse_trace)
    if encounter.medical_record_number.strip():
        yield Reference("EA", encounter.medical_record_number)


def _dates(dates: ClaimDates) -> dict[str, DateRange]:
    written: dict[str, DateRange] = {}
    for name, qualifier in _DATES.items():
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


def _line(service: Service, number: str, place_of_service: str, rendering: ProviderRecord) -> ServiceLine:
    own = service.rendering_provider
    references = []
    if service.prior_authorization.strip():
        references.append(Reference("G1", service.prior_authorization))
    if service.clia_number:
        references.append(Reference("X4", service.clia_number.upper()))
    if service.referral_number.strip():
        references.append(Reference("9F", service.referral_number))
    drug = service.drug
    return ServiceLine(
        line_control_number=number,
        procedure=service.procedure.upper(),
        charge=service.charge,
        units=service.units,
        service_date=DateRange(service.service_date, service.end_date or service.service_date),
        modifiers=tuple(modifier.upper() for modifier in service.modifiers),
        unit=service.unit,
        diagnosis_pointers=service.diagnosis_pointers,
        place_of_service="" if service.place_of_service == place_of_service else service.place_of_service,
        emergency=service.emergency,
        description=service.description,
        references=tuple(references),
        notes=(Reference("ADD", service.note),) if service.note.strip() else (),
        drug=Drug(ndc_digits(drug.ndc), drug.quantity, drug.unit, drug.prescription.strip()) if drug else None,
        providers=(_provider("82", own),) if own and own.npi != rendering.npi else (),
    )
