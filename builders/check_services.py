"""Checks of one service line: codes by their shape, charge, units, pointers, dates, drug (SV1, DTP*472, 2410)."""

import re
from collections.abc import Callable
from datetime import date
from operator import attrgetter

from claimloop.builders.check_parties import Role, check_provider
from claimloop.builders.claim_lines import ndc_digits
from claimloop.builders.encounter import DrugRecord, ProviderRecord, Service
from claimloop.builders.findings import Findings
from claimloop.edi.codes import code_list
from claimloop.edi.codes.procedures import is_reporting_only, is_unlisted
from claimloop.edi.codes.shapes import is_cpt_hcpcs, is_modifier, is_ndc11

MOST_MODIFIERS = 4
MOST_POINTERS = 4
_LONGEST_TEXT = 80
_LONGEST_REFERENCE = 50


_CONTROL_NUMBER = re.compile(r"[A-Z0-9]{1,30}", re.ASCII)
"""REF*6R: only thirty characters are sure to come back (DOMAIN 3.6)."""

_ROLES: dict[str, Role] = {
    "rendering_provider": "rendering",
    "purchased_service_provider": "purchased",
    "service_facility": "facility",
    "supervising_provider": "person",
    "ordering_provider": "person",
    "referring_provider": "person",
    "primary_care_provider": "person",
}
_providers: Callable[[Service], tuple[ProviderRecord | None, ...]] = attrgetter(*_ROLES)


def check_service(
    findings: Findings, path: str, service: Service, birth: date | None, today: date, diagnoses: int
) -> bool:
    """Findings about one line of a claim with so many `diagnoses`. True where its charge is good."""
    procedure = service.procedure.upper()
    if not is_cpt_hcpcs(procedure):
        findings.say("C346", f"{path}.procedure", service.procedure)
    elif is_unlisted(procedure) and not service.description.strip():
        findings.say("C364", f"{path}.description", procedure)
    findings.text(f"{path}.description", service.description, _LONGEST_TEXT)
    _check_modifiers(findings, path, service.modifiers)
    sound = findings.amount(f"{path}.charge", service.charge, zero=is_reporting_only(procedure))
    findings.quantity(f"{path}.units", service.units)
    _check_pointers(findings, path, service.diagnosis_pointers, diagnoses)
    findings.not_before(f"{path}.service_date", service.service_date, birth)
    findings.not_after(f"{path}.service_date", service.service_date, today)
    if service.end_date is not None:
        if service.end_date < service.service_date:
            findings.say("C360", f"{path}.end_date", service.end_date.isoformat())
        else:
            findings.not_after(f"{path}.end_date", service.end_date, today)
    if service.place_of_service and service.place_of_service not in code_list("place_of_service"):
        findings.say("C361", f"{path}.place_of_service", service.place_of_service)
    findings.text(f"{path}.note", service.note, _LONGEST_TEXT)
    findings.identifier(f"{path}.prior_authorization", service.prior_authorization, _LONGEST_REFERENCE)
    findings.identifier(f"{path}.referral_number", service.referral_number, _LONGEST_REFERENCE)
    if service.drug is not None:
        _check_drug(findings, f"{path}.drug", service.drug)
    if service.line_control_number and not _CONTROL_NUMBER.fullmatch(service.line_control_number):
        findings.say("C386", f"{path}.line_control_number", service.line_control_number)
    for name, provider in zip(_ROLES, _providers(service), strict=True):
        if provider is not None:
            check_provider(findings, f"{path}.{name}", provider, _ROLES[name])
    if service.ambulance is not None and (service.pick_up is None) != (service.drop_off is None):
        findings.say("C385", f"{path}.ambulance")
    for number, text in enumerate(service.file_information, start=1):
        findings.text(f"{path}.file_information#{number}", text, _LONGEST_TEXT, required=True)
    findings.text(f"{path}.third_party_note", service.third_party_note, _LONGEST_TEXT)
    return sound


def _check_modifiers(findings: Findings, path: str, modifiers: tuple[str, ...]) -> None:
    if len(modifiers) > MOST_MODIFIERS:
        findings.say("C348", f"{path}.modifiers", found=len(modifiers), most=MOST_MODIFIERS)
    for position, modifier in enumerate(modifiers, start=1):
        if not is_modifier(modifier.upper()):
            findings.say("C347", f"{path}.modifiers#{position}", modifier)


def _check_pointers(findings: Findings, path: str, pointers: tuple[int, ...], diagnoses: int) -> None:
    element = f"{path}.diagnosis_pointers"
    if not pointers:
        findings.say("C354", element)
    elif len(pointers) > MOST_POINTERS:
        findings.say("C355", element, found=len(pointers), most=MOST_POINTERS)
    for pointer in pointers:
        if not 1 <= pointer <= diagnoses:
            findings.say("C356", element, str(pointer), diagnoses=diagnoses)
    if len(set(pointers)) < len(pointers):
        findings.say("C357", element)


def _check_drug(findings: Findings, path: str, drug: DrugRecord) -> None:
    if not is_ndc11(ndc_digits(drug.ndc)):
        findings.say("C362", f"{path}.ndc", drug.ndc)
    findings.quantity(f"{path}.quantity", drug.quantity)
    findings.identifier(f"{path}.prescription", drug.prescription, _LONGEST_REFERENCE)
