"""Find everything that keeps an encounter from being sent, at once, by 005010X222A1.

Errors hold the encounter. Warnings and notes do not. Rules: rules.md#claim-information, rules.md#diagnoses,
rules.md#frequency.
"""

import re
from datetime import date
from decimal import Decimal
from functools import lru_cache

from claimloop.builders.checks.coordination import check_coordination
from claimloop.builders.checks.coverages import check_coverage
from claimloop.builders.checks.services import check_service
from claimloop.builders.checks.supplements import LONGEST_NOTE, check_supplements
from claimloop.builders.claims.control_numbers import is_control_number
from claimloop.builders.claims.coverages import billed_coverage
from claimloop.builders.claims.from_encounter import (
    LINES_PER_CLAIM,
    NO_RARE_PARTS,
    REFERENCES,
    rare_parts,
    reference_numbers,
)
from claimloop.builders.encounters.check_parties import check_patient
from claimloop.builders.encounters.check_providers import check_provider
from claimloop.builders.encounters.code_sets import DELAY_REASONS, INPATIENT_HOSPITAL, SPECIAL_PROGRAMS, is_us_state
from claimloop.builders.encounters.encounter import AccidentRecord, ClaimDates, Encounter
from claimloop.builders.encounters.findings import Findings
from claimloop.builders.partner import TradingPartner
from claimloop.edi.codes import code_list
from claimloop.edi.codes.diagnoses import diagnosis_status
from claimloop.edi.codes.shapes import is_clia, is_icd9cm, is_icd10cm
from claimloop.edi.diagnostics import Diagnostic
from claimloop.edi.money import ZERO
from claimloop.edi.records.addresses import is_domestic

MOST_DIAGNOSES = 12
MOST_PARTS = 26
LONGEST_REFERENCE = 50
ICD_10_SINCE = date(2015, 10, 1)
"""First date of service with ICD-10-CM diagnoses (45 CFR 162.1002)."""

_DOT_AFTER_CATEGORY = re.compile(r"^([0-9A-Z]{3})\.(?=.)", re.ASCII)
_ICD_9_DOT = re.compile(r"^(E[0-9]{3}|V[0-9]{2}|[0-9]{3})\.(?=.)", re.ASCII)
_MAY_BE_AHEAD = frozenset(("disability_to", "return_to_work"))
_PERIODS = (
    ("disability_from", "disability_to"),
    ("admission", "discharge"),
    ("assumed_care", "relinquished_care"),
    ("last_worked", "return_to_work"),
)


def check_encounter(encounter: Encounter, partner: TradingPartner, today: date) -> list[Diagnostic]:
    """Return all findings about an encounter, in the order of its fields. It can be sent where none is an error.

    `partner` gives the characters that the claim is written with, and the billing provider of encounters without one.
    """
    findings = Findings(f"encounter {encounter.encounter_id}", partner.separators, partner.character_set)
    check_patient(findings, "patient", encounter.patient, today)
    others = _check_coverages(findings, encounter, today)
    _check_diagnoses(findings, encounter)
    _check_services(findings, encounter, today, others)
    _check_claim(findings, encounter)
    _check_providers(findings, encounter, partner)
    if encounter.dates is not None:
        _check_dates(findings, encounter.dates, encounter.patient.birth_date, today)
    if encounter.accident is not None or (encounter.dates is not None and encounter.dates.accident is not None):
        _check_accident(findings, encounter)
    on_lines = any(service.ambulance or service.pick_up or service.drop_off for service in encounter.services)
    if on_lines or rare_parts(encounter) != NO_RARE_PARTS:
        check_supplements(findings, encounter)
    return findings.found


def _check_coverages(findings: Findings, encounter: Encounter, today: date) -> frozenset[str]:
    """Check the coverages. Return the ids of the payers that are not billed."""
    coverages = encounter.coverages
    if not coverages:
        findings.report("C327", "coverages")
        return frozenset()
    billed = billed_coverage(encounter)
    for place, coverage in enumerate(coverages):
        check_coverage(findings, f"coverages#{place + 1}", coverage, encounter, is_billed=place == billed)
    undecided = coverages[0].decision is None and not any(service.decisions for service in encounter.services)
    if len(coverages) == 1 and encounter.bill_to == "" and undecided:
        return frozenset()
    check_coordination(findings, encounter, today)
    return frozenset(coverage.payer_id for place, coverage in enumerate(coverages) if place != billed)


def _check_diagnoses(findings: Findings, encounter: Encounter) -> None:
    diagnoses = encounter.diagnoses
    if not diagnoses:
        findings.report("C340", "diagnoses")
        return
    if len(diagnoses) > MOST_DIAGNOSES:
        findings.report("C341", "diagnoses", found=len(diagnoses), most=MOST_DIAGNOSES)
    served = min((service.service_date for service in encounter.services), default=None)
    is_icd10 = encounter.diagnosis_code_set == "ICD-10-CM"
    if served is not None and (served >= ICD_10_SINCE) != is_icd10:
        findings.report("C399", "diagnosis_code_set", encounter.diagnosis_code_set)
    seen = set()
    for position, diagnosis in enumerate(diagnoses, start=1):
        code = diagnosis.upper()
        problem = _diagnosis_problem(code, served if is_icd10 else None, is_icd10=is_icd10)
        if problem:
            findings.report(problem, f"diagnoses#{position}", diagnosis)
        code = code.replace(".", "")
        if code in seen:
            findings.report("C343", f"diagnoses#{position}", diagnosis)
        seen.add(code)


@lru_cache(maxsize=16_384)
def _diagnosis_problem(code: str, served: date | None, *, is_icd10: bool) -> str:
    """Return the finding about an uppercase diagnosis, with or without its point, or an empty text."""
    if not is_icd10:
        return "" if is_icd9cm(_ICD_9_DOT.sub(r"\1", code)) else "C398"
    code = _DOT_AFTER_CATEGORY.sub(r"\1", code)
    if not is_icd10cm(code):
        return "C342"
    status = diagnosis_status(code, served) if served else "billable"
    return {"unknown": "C335", "not billable": "C336"}.get(status, "")


def _check_services(findings: Findings, encounter: Encounter, today: date, others: frozenset[str]) -> None:
    services = encounter.services
    parts = -(-len(services) // LINES_PER_CLAIM)
    if not services:
        findings.report("C345", "services")
        return
    if parts > MOST_PARTS:
        findings.report("C368", "services", found=len(services), most=MOST_PARTS * LINES_PER_CLAIM)
    elif parts > 1 and encounter.frequency != "1":
        findings.report("C367", "services", found=len(services), most=LINES_PER_CLAIM)
    elif parts > 1:
        findings.report("C365", "services", found=len(services), most=LINES_PER_CLAIM, parts=parts)
    own = [service.line_control_number for service in services if service.line_control_number]
    if own and len({number.upper() for number in own}) < len(own):
        findings.report("C384", "services")
    sound, birth, diagnoses = True, encounter.patient.birth_date, len(encounter.diagnoses)
    for position, service in enumerate(services, start=1):
        path = f"services#{position}"
        sound &= check_service(findings, path, service, birth, today, diagnoses, others)
        if service.clia_number:
            _check_clia(findings, f"{path}.clia_number", service.clia_number)
    if sound:
        for first in range(0, len(services), LINES_PER_CLAIM):
            charges = (service.charge for service in services[first : first + LINES_PER_CLAIM])
            findings.amount("services.total_charge", sum(charges, ZERO))
        _check_patient_paid(findings, encounter.patient_paid, sum((service.charge for service in services), ZERO))


def _check_patient_paid(findings: Findings, paid: Decimal | None, charge: Decimal) -> None:
    if paid is not None and findings.amount("patient_paid", paid, zero=True) and paid > charge:
        findings.report("C374", "patient_paid", str(paid))


def _check_claim(findings: Findings, encounter: Encounter) -> None:
    if encounter.place_of_service not in code_list("place_of_service"):
        findings.report("C361", "place_of_service", encounter.place_of_service)
    numbers = reference_numbers(encounter)
    if any(numbers):
        for name, number in zip(REFERENCES, numbers, strict=True):
            findings.identifier(name, number, LONGEST_REFERENCE)
    if encounter.patient_control_number and not is_control_number(encounter.patient_control_number):
        findings.report("C383", "patient_control_number", encounter.patient_control_number)
    if encounter.clia_number:
        _check_clia(findings, "clia_number", encounter.clia_number)
    if encounter.frequency != "1" and not encounter.payer_claim_number.strip():
        findings.report("C366", "payer_claim_number", frequency=encounter.frequency)
    elif encounter.frequency == "1" and encounter.payer_claim_number:
        findings.report("C369", "payer_claim_number", encounter.payer_claim_number)
    if encounter.special_program and encounter.special_program not in SPECIAL_PROGRAMS:
        findings.report("C376", "special_program", encounter.special_program, codes=_shown(SPECIAL_PROGRAMS))
    if encounter.delay_reason and encounter.delay_reason not in DELAY_REASONS:
        findings.report("C376", "delay_reason", encounter.delay_reason, codes=_shown(DELAY_REASONS))
    if encounter.note:
        findings.text("note", encounter.note, LONGEST_NOTE)
    if encounter.dates is None or encounter.dates.admission is None:
        places = [encounter.place_of_service, *[service.place_of_service for service in encounter.services]]
        if INPATIENT_HOSPITAL in places:
            findings.report("C371", "dates.admission")


def _check_providers(findings: Findings, encounter: Encounter, partner: TradingPartner) -> None:
    billing = encounter.billing_provider or partner.billing_provider
    if billing is None:
        findings.report("C330", "billing_provider")
    else:
        check_provider(findings, "billing_provider", billing, "billing")
    if encounter.rendering_provider is not None:
        check_provider(findings, "rendering_provider", encounter.rendering_provider, "rendering")
    if encounter.referring_provider is not None:
        check_provider(findings, "referring_provider", encounter.referring_provider, "referring")
    if encounter.primary_care_provider is not None:
        check_provider(findings, "primary_care_provider", encounter.primary_care_provider, "referring")
    if encounter.supervising_provider is not None:
        check_provider(findings, "supervising_provider", encounter.supervising_provider, "supervising")
    if encounter.primary_care_provider is not None and encounter.referring_provider is None:
        findings.report("C332", "primary_care_provider")
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
            findings.report("C360", f"dates.{end}", last.isoformat())


def _check_accident(findings: Findings, encounter: Encounter) -> None:
    accident = encounter.accident or AccidentRecord()
    causes = accident.auto + accident.employment + accident.other
    if causes > 2:
        findings.report("C373", "accident", found=causes)
    when = encounter.dates.accident if encounter.dates else None
    if (accident.auto or accident.other) and when is None:
        findings.report("C372", "dates.accident")
    elif when is not None and not causes:
        findings.report("C377", "dates.accident", when.isoformat())
    if not accident.auto:
        return
    state = accident.state.strip().upper()
    if not is_domestic(accident.country):
        if accident.country.strip().upper() not in code_list("countries"):
            findings.report("C319", "accident.country", accident.country)
        if state and state not in code_list("states"):
            findings.report("C315", "accident.state", accident.state)
    elif not is_us_state(state):
        findings.report("C315" if state else "C370", "accident.state", accident.state or None)


def _shown(codes: frozenset[str]) -> str:
    return ", ".join(sorted(codes, key=lambda code: (len(code), code)))


def _check_clia(findings: Findings, element: str, number: str) -> None:
    if not is_clia(number.upper()):
        findings.report("C378", element, number)
