"""Turn the services of an encounter into the lines (2400) of a claim."""

from collections.abc import Callable, Iterator
from datetime import date
from operator import attrgetter

import msgspec

from claimloop.builders.claims.coverages import adjustments_of
from claimloop.builders.claims.parties import facility_of, place_of, provider_of
from claimloop.builders.encounters.encounter import (
    DrugRecord,
    Encounter,
    ProviderRecord,
    Service,
    ServiceDates,
    ServiceDecision,
)
from claimloop.edi.dates import DateRange
from claimloop.edi.records.claim_supplements import EquipmentPrice, SupportingForm
from claimloop.edi.records.other_payer import LineAdjudication
from claimloop.edi.records.parties import Provider, Reference
from claimloop.edi.records.service_line import Drug, ServiceLine

SERVICE_DATES = {
    "prescription": "471",
    "recertification": "607",
    "begin_therapy": "463",
    "last_certification": "461",
    "last_seen": "304",
    "hemoglobin_test": "738",
    "creatinine_test": "739",
    "shipped": "011",
    "last_x_ray": "455",
    "initial_treatment": "454",
}
"""DTP01 of each date of a service."""

SERVICE_PROVIDERS = {
    "purchased_service_provider": "QB",
    "supervising_provider": "DQ",
    "ordering_provider": "DK",
    "referring_provider": "DN",
    "primary_care_provider": "P3",
}
"""NM101 of 2420, without those that depend on the claim's own providers."""

_USUAL = frozenset(
    (
        "end_date", "modifiers", "units", "unit", "diagnosis_pointers", "place_of_service", "emergency", "description",
        "note", "note_type", "prior_authorization", "referral_number", "clia_number", "drug", "rendering_provider",
        "procedure_type", "line_control_number",
    )
)  # fmt: skip
_RARE = [
    field for field in msgspec.structs.fields(Service) if not field.required and field.name not in _USUAL
]  # fmt: skip
rare_parts: Callable[[Service], tuple[object, ...]] = attrgetter(*(field.name for field in _RARE))
NO_RARE_PARTS = tuple(field.default for field in _RARE)


def line_of(service: Service, number: str, encounter: Encounter, billing: ProviderRecord) -> ServiceLine:
    """Return one line without values that only repeat the claim. `number` is REF*6R unless the service has its own."""
    own = service.rendering_provider
    if own is not None and own == (encounter.rendering_provider or billing):
        own = None
    references = []
    if service.prior_authorization.strip():
        references.append(Reference("G1", service.prior_authorization))
    if service.clia_number and service.clia_number.upper() != encounter.clia_number.upper():
        references.append(Reference("X4", service.clia_number.upper()))
    if service.referral_number.strip():
        references.append(Reference("9F", service.referral_number))
    line = ServiceLine(
        line_control_number=service.line_control_number or number,
        procedure=service.procedure.upper(),
        charge=service.charge,
        units=service.units,
        service_date=DateRange(service.service_date, service.end_date or service.service_date),
        modifiers=tuple([modifier.upper() for modifier in service.modifiers]),
        unit=service.unit,
        diagnosis_pointers=service.diagnosis_pointers,
        place_of_service="" if service.place_of_service == encounter.place_of_service else service.place_of_service,
        emergency=service.emergency,
        description=service.description,
        procedure_qualifier=service.procedure_type,
        references=tuple(references),
        notes=(Reference(service.note_type, service.note),) if service.note.strip() else (),
        drug=_drug(service.drug) if service.drug else None,
        providers=(provider_of("82", own),) if own else (),
    )
    if rare_parts(service) != NO_RARE_PARTS:
        return _with_more(line, service, encounter, billing)
    return line


def _with_more(line: ServiceLine, service: Service, encounter: Encounter, billing: ProviderRecord) -> ServiceLine:
    """Add values that few lines have."""
    note = (Reference("TPO", service.third_party_note),) if service.third_party_note.strip() else ()
    days = {coverage.payer_id: coverage.decision.decided_on for coverage in encounter.coverages if coverage.decision}
    return msgspec.structs.replace(
        line,
        epsdt=service.epsdt,
        family_planning=service.family_planning,
        copay_exempt=service.copay_exempt,
        equipment=_equipment(service.equipment) if service.equipment else None,
        attachments=service.attachments,
        ambulance=service.ambulance,
        equipment_certification=service.equipment_certification,
        conditions=service.conditions,
        dates=_dates(service.dates) if service.dates else {},
        ambulance_patients=service.ambulance_patients,
        obstetric_anesthesia_units=service.obstetric_anesthesia_units,
        measurements=service.measurements,
        contract=service.contract,
        references=(*line.references, *_references(service)),
        sales_tax=service.sales_tax,
        postage=service.postage,
        file_information=service.file_information,
        notes=(*line.notes, *note),
        purchased_service=service.purchased_service,
        repricing=service.repricing,
        providers=(*line.providers, *_providers(service, encounter, billing)),
        adjudications=tuple(_adjudication(each, service, days.get(each.payer_id)) for each in service.decisions),
        forms=tuple(map(form_in_x12, service.forms)),
    )


def _dates(dates: ServiceDates) -> dict[str, DateRange]:
    told: dict[str, DateRange] = {}
    for name, qualifier in SERVICE_DATES.items():
        day: date | None = getattr(dates, name)
        if day is not None:
            told[qualifier] = DateRange(day, day)
    return told


def _references(service: Service) -> Iterator[Reference]:
    for qualifier, number in (
        ("9B", service.repriced_line_number),
        ("9D", service.adjusted_repriced_line_number),
        ("EW", service.mammography_certification),
        ("F4", service.referring_clia_number.upper()),
        ("BT", service.immunization_batch),
    ):
        if number.strip():
            yield Reference(qualifier, number)
    for qualifier, numbers in (("G1", service.other_authorizations), ("9F", service.other_referrals)):
        for each in numbers:
            yield Reference(qualifier, each.number, "", each.payer_id)


def _providers(service: Service, encounter: Encounter, billing: ProviderRecord) -> Iterator[Provider]:
    """Yield 2420B-H, each where it differs from the claim's own."""
    for name, role in SERVICE_PROVIDERS.items():
        record: ProviderRecord | None = getattr(service, name)
        if record is not None and (
            record != getattr(encounter, name, None) or _stands_beside(name, service, encounter)
        ):
            yield provider_of(role, record)
    if service.service_facility is not None and service.service_facility != encounter.service_facility:
        facility = facility_of(service.service_facility, billing, with_contact=False)
        if facility:
            yield facility
    if service.pick_up is not None:
        yield place_of("PW", service.pick_up)
    if service.drop_off is not None:
        yield place_of("45", service.drop_off, service.drop_off_name)


def _stands_beside(name: str, service: Service, encounter: Encounter) -> bool:
    """Return True for a referring provider of a line with a primary care provider: the guide requires both."""
    primary_care = service.primary_care_provider
    return name == "referring_provider" and primary_care not in (None, encounter.primary_care_provider)


def _equipment(price: EquipmentPrice) -> EquipmentPrice:
    procedure = price.procedure.upper()
    return price if procedure == price.procedure else msgspec.structs.replace(price, procedure=procedure)


def form_in_x12(form: SupportingForm) -> SupportingForm:
    """Return the form with its dates as X12 writes them."""
    if not any("-" in answer.date for answer in form.answers):
        return form
    answers = tuple(msgspec.structs.replace(answer, date=answer.date.replace("-", "")) for answer in form.answers)
    return msgspec.structs.replace(form, answers=answers)


def _adjudication(decided: ServiceDecision, service: Service, decided_on: date | None) -> LineAdjudication:
    """Return 2430. The procedure and units are the service's own where the payer named no others."""
    modifiers = service.modifiers if decided.modifiers is None else decided.modifiers
    return LineAdjudication(
        payer_id=decided.payer_id,
        paid=decided.paid,
        procedure=(decided.procedure or service.procedure).upper(),
        procedure_qualifier=service.procedure_type,
        modifiers=tuple(modifier.upper() for modifier in modifiers),
        description=decided.description,
        units=service.units if decided.units is None else decided.units,
        bundled_line=decided.bundled_into,
        adjustments=adjustments_of(decided.adjustments),
        decided_on=decided.decided_on or decided_on,
        patient_owes=decided.patient_owes,
    )


def _drug(drug: DrugRecord) -> Drug:
    number, qualifier = (drug.compound, "VY") if drug.compound.strip() else (drug.prescription, "XZ")
    ndc = ndc_digits(drug.ndc) if drug.code_type == "N4" else drug.ndc
    return Drug(ndc, drug.quantity, drug.unit, number.strip(), qualifier, drug.code_type)


def ndc_digits(ndc: str) -> str:
    """Return an NDC of eleven digits without its dashes. Dashes count only where they divide it 5-4-2."""
    parts = ndc.split("-")
    return "".join(parts) if [len(part) for part in parts] == [5, 4, 2] else ndc
