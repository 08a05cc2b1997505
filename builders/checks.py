"""Everything that makes an encounter unsendable, found at once (005010X222A1; DOMAIN 3.9 to 3.11).

Errors refuse the encounter; warnings and notes let it go out.
"""

import re
from datetime import date
from decimal import Decimal

from claimloop.builders.check_coordination import check_coordination
from claimloop.builders.check_parties import (
    LONGEST_NAME,
    check_address,
    check_patient,
    check_person_name,
    check_provider,
)
from claimloop.builders.check_services import check_service
from claimloop.builders.claims import LINES_PER_CLAIM, REFERENCES, reference_numbers
from claimloop.builders.code_sets import (
    DELAY_REASONS,
    INPATIENT_HOSPITAL,
    INSURANCE_TYPES,
    SPECIAL_PROGRAMS,
    is_us_state,
)
from claimloop.builders.control_numbers import is_control_number
from claimloop.builders.encounter import AccidentRecord, ClaimDates, Coverage, Encounter, Person
from claimloop.builders.findings import Findings
from claimloop.builders.partner import TradingPartner
from claimloop.edi.addresses import is_domestic
from claimloop.edi.codes import code_list
from claimloop.edi.codes.shapes import is_clia, is_icd10cm
from claimloop.edi.diagnostics import Diagnostic
from claimloop.edi.money import ZERO

MOST_DIAGNOSES = 12
MOST_PARTS = 26
LONGEST_REFERENCE = 50
LONGEST_NOTE = 80

_DOT_AFTER_CATEGORY = re.compile(r"^([0-9A-Z]{3})\.(?=.)", re.ASCII)
_MAY_BE_AHEAD = frozenset(("disability_to", "return_to_work"))
_PERIODS = (
    ("disability_from", "disability_to"),
    ("admission", "discharge"),
    ("assumed_care", "relinquished_care"),
    ("last_worked", "return_to_work"),
)


def check_encounter(encounter: Encounter, partner: TradingPartner, today: date) -> list[Diagnostic]:
    """All findings about an encounter, in the order of its fields; it may be sent where none is an error.

    `partner` says with which characters the claim is written and who bills where the encounter does not say it.
    """
    findings = Findings(f"encounter {encounter.encounter_id}", partner.separators, partner.character_set)
    check_patient(findings, "patient", encounter.patient, today)
    _check_coverages(findings, encounter)
    _check_diagnoses(findings, encounter.diagnoses)
    _check_services(findings, encounter, today)
    _check_claim(findings, encounter)
    _check_providers(findings, encounter, partner)
    if encounter.dates is not None:
        _check_dates(findings, encounter.dates, encounter.patient.birth_date, today)
    _check_accident(findings, encounter)
    return findings.found


def _check_coverages(findings: Findings, encounter: Encounter) -> None:
    if not encounter.coverages:
        findings.say("C327", "coverages")
        return
    if len(encounter.coverages) > 1 or encounter.bill_to:
        check_coordination(findings, encounter)
    for position, coverage in enumerate(encounter.coverages, start=1):
        _check_coverage(findings, f"coverages#{position}", coverage, encounter.patient)


def _check_coverage(findings: Findings, path: str, coverage: Coverage, patient: Person) -> None:
    findings.identifier(f"{path}.payer_id", coverage.payer_id, 80, least=2, required=True)
    findings.text(f"{path}.payer_name", coverage.payer_name, LONGEST_NAME, required=True)
    if coverage.payer_address is not None:
        check_address(findings, f"{path}.payer_address", coverage.payer_address)
    findings.identifier(f"{path}.member_id", coverage.member_id, 80, least=2, required=True)
    findings.identifier(f"{path}.group_number", coverage.group_number, LONGEST_REFERENCE)
    findings.text(f"{path}.group_name", coverage.group_name, LONGEST_NAME)
    if coverage.filing_indicator not in code_list("claim_filing_indicators"):
        findings.say("C328", f"{path}.filing_indicator", coverage.filing_indicator)
    if coverage.insurance_type and coverage.insurance_type not in INSURANCE_TYPES:
        findings.say("C329", f"{path}.insurance_type", coverage.insurance_type)
    if coverage.relationship == "self":
        if coverage.subscriber is not None and coverage.subscriber != patient:
            findings.say("C331", f"{path}.subscriber")
    elif coverage.subscriber is None:
        findings.say("C325", f"{path}.subscriber", relationship=coverage.relationship)
    else:
        check_person_name(findings, f"{path}.subscriber", coverage.subscriber)


def _check_diagnoses(findings: Findings, diagnoses: tuple[str, ...]) -> None:
    if not diagnoses:
        findings.say("C340", "diagnoses")
    elif len(diagnoses) > MOST_DIAGNOSES:
        findings.say("C341", "diagnoses", found=len(diagnoses), most=MOST_DIAGNOSES)
    seen = set()
    for position, diagnosis in enumerate(diagnoses, start=1):
        code = diagnosis.upper()
        code = _DOT_AFTER_CATEGORY.sub(r"\1", code)
        if not is_icd10cm(code):
            findings.say("C342", f"diagnoses#{position}", diagnosis)
        if code in seen:
            findings.say("C343", f"diagnoses#{position}", diagnosis)
        seen.add(code)


def _check_services(findings: Findings, encounter: Encounter, today: date) -> None:
    services = encounter.services
    parts = -(-len(services) // LINES_PER_CLAIM)
    if not services:
        findings.say("C345", "services")
        return
    if parts > MOST_PARTS:
        findings.say("C368", "services", found=len(services), most=MOST_PARTS * LINES_PER_CLAIM)
    elif parts > 1 and encounter.frequency != "1":
        findings.say("C367", "services", found=len(services), most=LINES_PER_CLAIM)
    elif parts > 1:
        findings.say("C365", "services", found=len(services), most=LINES_PER_CLAIM, parts=parts)
    own = [service.line_control_number for service in services if service.line_control_number]
    if len({number.upper() for number in own}) < len(own):
        findings.say("C384", "services")
    sound = True
    for position, service in enumerate(services, start=1):
        path = f"services#{position}"
        sound &= check_service(findings, path, service, encounter.patient.birth_date, today, len(encounter.diagnoses))
        _check_clia(findings, f"{path}.clia_number", service.clia_number)
    if sound:
        for first in range(0, len(services), LINES_PER_CLAIM):
            charges = (service.charge for service in services[first : first + LINES_PER_CLAIM])
            findings.amount("services.total_charge", sum(charges, ZERO))
        _check_patient_paid(findings, encounter.patient_paid, sum((service.charge for service in services), ZERO))


def _check_patient_paid(findings: Findings, paid: Decimal | None, charge: Decimal) -> None:
    if paid is not None and findings.amount("patient_paid", paid, zero=True) and paid > charge:
        findings.say("C374", "patient_paid", str(paid))


def _check_claim(findings: Findings, encounter: Encounter) -> None:
    if encounter.place_of_service not in code_list("place_of_service"):
        findings.say("C361", "place_of_service", encounter.place_of_service)
    for name, number in zip(REFERENCES, reference_numbers(encounter), strict=True):
        if number:
            findings.identifier(name, number, LONGEST_REFERENCE)
    if encounter.patient_control_number and not is_control_number(encounter.patient_control_number):
        findings.say("C383", "patient_control_number", encounter.patient_control_number)
    if encounter.ambulance is not None and (encounter.pick_up is None or encounter.drop_off is None):
        findings.say("C385", "ambulance")
    _check_clia(findings, "clia_number", encounter.clia_number)
    if encounter.frequency != "1" and not encounter.payer_claim_number.strip():
        findings.say("C366", "payer_claim_number", frequency=encounter.frequency)
    elif encounter.frequency == "1" and encounter.payer_claim_number:
        findings.say("C369", "payer_claim_number", encounter.payer_claim_number)
    if encounter.special_program and encounter.special_program not in SPECIAL_PROGRAMS:
        findings.say("C376", "special_program", encounter.special_program)
    if encounter.delay_reason and encounter.delay_reason not in DELAY_REASONS:
        findings.say("C376", "delay_reason", encounter.delay_reason)
    findings.text("note", encounter.note, LONGEST_NOTE)
    places = {encounter.place_of_service, *(service.place_of_service for service in encounter.services)}
    if INPATIENT_HOSPITAL in places and (encounter.dates is None or encounter.dates.admission is None):
        findings.say("C371", "dates.admission")


def _check_providers(findings: Findings, encounter: Encounter, partner: TradingPartner) -> None:
    billing = encounter.billing_provider or partner.billing_provider
    if billing is None:
        findings.say("C330", "billing_provider")
    else:
        check_provider(findings, "billing_provider", billing, "billing")
    if encounter.rendering_provider is not None:
        check_provider(findings, "rendering_provider", encounter.rendering_provider, "rendering")
    for name in ("referring_provider", "primary_care_provider", "supervising_provider"):
        provider = getattr(encounter, name)
        if provider is not None:
            check_provider(findings, name, provider, "person")
    if encounter.primary_care_provider is not None and encounter.referring_provider is None:
        findings.say("C332", "primary_care_provider")
    if encounter.service_facility is not None:
        check_provider(findings, "service_facility", encounter.service_facility, "facility")


def _check_dates(findings: Findings, dates: ClaimDates, birth: date | None, today: date) -> None:
    for name in dates.__struct_fields__:
        day = getattr(dates, name)
        if day is not None:
            findings.not_before(f"dates.{name}", day, birth)
            if name not in _MAY_BE_AHEAD:
                findings.not_after(f"dates.{name}", day, today)
    for start, end in _PERIODS:
        first, last = getattr(dates, start), getattr(dates, end)
        if first is not None and last is not None and last < first:
            findings.say("C360", f"dates.{end}", last.isoformat())


def _check_accident(findings: Findings, encounter: Encounter) -> None:
    accident = encounter.accident or AccidentRecord()
    causes = accident.auto + accident.employment + accident.other
    if causes > 2:
        findings.say("C373", "accident", found=causes)
    when = encounter.dates.accident if encounter.dates else None
    if (accident.auto or accident.other) and when is None:
        findings.say("C372", "dates.accident")
    elif when is not None and not causes:
        findings.say("C377", "dates.accident", when.isoformat())
    if not accident.auto:
        return
    state = accident.state.strip().upper()
    if not is_domestic(accident.country):
        if len(accident.country.strip()) != 2 or not accident.country.strip().isascii():
            findings.say("C319", "accident.country", accident.country)
        if state and state not in code_list("states"):
            findings.say("C315", "accident.state", accident.state)
    elif not is_us_state(state):
        findings.say("C315" if state else "C370", "accident.state", accident.state or None)


def _check_clia(findings: Findings, element: str, number: str) -> None:
    if number and not is_clia(number.upper()):
        findings.say("C378", element, number)
