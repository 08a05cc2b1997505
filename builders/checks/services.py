"""Check one service line: form of codes, charge, units, pointers, dates, drug (SV1, DTP*472, 2410).

Rules: rules.md#service-lines, rules.md#drugs.
"""

import re
from datetime import date

from claimloop.builders.checks.service_parts import check_service_parts
from claimloop.builders.claims.lines import NO_RARE_PARTS, ndc_digits, rare_parts
from claimloop.builders.encounters.check_providers import check_provider
from claimloop.builders.encounters.encounter import DrugRecord, Service
from claimloop.builders.encounters.findings import Findings
from claimloop.edi.codes import code_list
from claimloop.edi.codes.procedures import is_reporting_only, kind_of_procedure
from claimloop.edi.codes.shapes import is_cpt_hcpcs, is_modifier, is_ndc11

MOST_MODIFIERS = 4
MOST_POINTERS = 4
_LONGEST_TEXT = 80
_LONGEST_REFERENCE = 50
_LONGEST_PROCEDURE = 48
_MINUTES = "MJ"
_CONTROL_NUMBER = re.compile(r"[A-Z0-9]{1,30}", re.ASCII)
"""REF*6R: payers must return only 30 characters (rules.md#line-control-number)."""


def check_service(
    findings: Findings, path: str, service: Service, birth: date | None, today: date, diagnoses: int,
    payers: frozenset[str],
) -> bool:  # fmt: skip
    """Check one line of a claim with so many `diagnoses`. Return True where its charge is valid.

    `payers` are the ids of the other payers of the encounter.
    """
    procedure = _check_procedure(findings, path, service)
    if service.modifiers:
        _check_modifiers(findings, path, service.modifiers)
    sound = findings.amount(f"{path}.charge", service.charge, zero=is_reporting_only(procedure))
    findings.quantity(f"{path}.units", service.units)
    _check_pointers(findings, path, service.diagnosis_pointers, diagnoses)
    first = service.service_date
    findings.not_before(f"{path}.service_date", first, birth)
    findings.not_after(f"{path}.service_date", first, today)
    if service.end_date is not None:
        if service.end_date < first:
            findings.report("C360", f"{path}.end_date", service.end_date.isoformat())
        else:
            findings.not_after(f"{path}.end_date", service.end_date, today)
    if service.place_of_service and service.place_of_service not in code_list("place_of_service"):
        findings.report("C361", f"{path}.place_of_service", service.place_of_service)
    for name in ("note", "prior_authorization", "referral_number", "line_control_number"):
        if getattr(service, name):
            _check_text(findings, f"{path}.{name}", name, getattr(service, name))
    if service.drug is not None:
        _check_drug(findings, f"{path}.drug", service.drug)
    if service.rendering_provider is not None:
        check_provider(findings, f"{path}.rendering_provider", service.rendering_provider, "line rendering", payers)
    if rare_parts(service) != NO_RARE_PARTS:
        check_service_parts(findings, path, service, birth, today, payers)
    return sound


def _check_procedure(findings: Findings, path: str, service: Service) -> str:
    """Return SV101 as the writer spells it."""
    procedure = service.procedure.upper()
    if service.procedure_type != "HC":
        findings.identifier(f"{path}.procedure", service.procedure, _LONGEST_PROCEDURE, required=True)
    elif not is_cpt_hcpcs(procedure):
        findings.report("C346", f"{path}.procedure", service.procedure)
    else:
        kind = kind_of_procedure(procedure)
        if kind == "unlisted" and not service.description.strip():
            findings.report("C364", f"{path}.description", procedure=procedure)
        elif kind == "anesthesia" and service.unit != _MINUTES:
            findings.report("C397", f"{path}.unit", service.unit)
    if service.description:
        findings.text(f"{path}.description", service.description, _LONGEST_TEXT)
    return procedure


def _check_text(findings: Findings, element: str, name: str, text: str) -> None:
    match name:
        case "note":
            findings.text(element, text, _LONGEST_TEXT)
        case "line_control_number":
            if not _CONTROL_NUMBER.fullmatch(text):
                findings.report("C386", element, text)
        case _:
            findings.identifier(element, text, _LONGEST_REFERENCE)


def _check_modifiers(findings: Findings, path: str, modifiers: tuple[str, ...]) -> None:
    if len(modifiers) > MOST_MODIFIERS:
        findings.report("C348", f"{path}.modifiers", found=len(modifiers), most=MOST_MODIFIERS)
    for position, modifier in enumerate(modifiers, start=1):
        if not is_modifier(modifier.upper()):
            findings.report("C347", f"{path}.modifiers#{position}", modifier)


def _check_pointers(findings: Findings, path: str, pointers: tuple[int, ...], diagnoses: int) -> None:
    element = f"{path}.diagnosis_pointers"
    if not pointers:
        findings.report("C354", element)
    elif len(pointers) > MOST_POINTERS:
        findings.report("C355", element, found=len(pointers), most=MOST_POINTERS)
    for pointer in pointers:
        if not 1 <= pointer <= diagnoses:
            findings.report("C356", element, pointer=pointer, diagnoses=f"only {diagnoses}" if diagnoses else "none")
    if len(set(pointers)) < len(pointers):
        findings.report("C357", element)


def _check_drug(findings: Findings, path: str, drug: DrugRecord) -> None:
    if drug.code_type != "N4":
        findings.identifier(f"{path}.ndc", drug.ndc, _LONGEST_PROCEDURE, required=True)
    elif not is_ndc11(ndc_digits(drug.ndc)):
        findings.report("C362", f"{path}.ndc", drug.ndc)
    findings.quantity(f"{path}.quantity", drug.quantity)
    findings.identifier(f"{path}.prescription", drug.prescription, _LONGEST_REFERENCE)
    findings.identifier(f"{path}.compound", drug.compound, _LONGEST_REFERENCE)
    if drug.compound.strip() and drug.prescription.strip():
        findings.together(path, "prescription and compound exclude each other")
