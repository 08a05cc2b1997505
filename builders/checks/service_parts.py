"""Check the rare parts of a line (2400 to 2440)."""

from collections.abc import Callable, Sequence
from datetime import date
from operator import attrgetter

from claimloop.builders.checks.supplements import (
    LONGEST_NOTE,
    check_attachments,
    check_certifications,
    check_file_information,
    check_trip,
)
from claimloop.builders.claims.lines import form_in_x12
from claimloop.builders.encounters.check_guide import check_record
from claimloop.builders.encounters.check_providers import LONGEST_ID, Role, check_provider
from claimloop.builders.encounters.encounter import PayersNumber, ProviderRecord, Service
from claimloop.builders.encounters.findings import Findings
from claimloop.edi.codes.shapes import is_clia
from claimloop.edi.records.claim_supplements import SupportingForm

MOST_MEASUREMENTS, MOST_NUMBERS, MOST_ANSWERS = 5, 5, 99
_ROLES: dict[str, Role] = {
    "purchased_service_provider": "purchased",
    "service_facility": "line facility",
    "supervising_provider": "line supervising",
    "ordering_provider": "ordering",
    "referring_provider": "line referring",
    "primary_care_provider": "line referring",
}
_providers: Callable[[Service], tuple[ProviderRecord | None, ...]] = attrgetter(*_ROLES)
_RECORDS = (
    ("equipment", "SV5"), ("ambulance", "CR1"), ("equipment_certification", "CR3"), ("contract", "CN1"),
    ("purchased_service", "PS1"), ("repricing", "HCP"),
)  # fmt: skip
_NUMBERS = (
    "mammography_certification", "immunization_batch", "repriced_line_number", "adjusted_repriced_line_number"
)  # fmt: skip


def check_service_parts(
    findings: Findings, path: str, service: Service, birth: date | None, today: date, payers: frozenset[str]
) -> None:
    """Check the rare parts of a service. `payers` are the ids of the other payers of the encounter."""
    for name, tag in _RECORDS:
        record = getattr(service, name)
        if record is not None:
            check_record(findings, f"{path}.{name}", record, "2400", tag)
    equipment = service.equipment
    if equipment is not None and equipment.procedure.upper() != service.procedure.upper():
        findings.report("C337", f"{path}.equipment.procedure", equipment.procedure)
    check_attachments(findings, f"{path}.attachments", service.attachments, "2400")
    check_certifications(findings, f"{path}.conditions", service.conditions, "2400")
    findings.at_most(f"{path}.measurements", len(service.measurements), MOST_MEASUREMENTS)
    for number, measurement in enumerate(service.measurements, start=1):
        check_record(findings, f"{path}.measurements#{number}", measurement, "2400", "MEA")
    for name in ("ambulance_patients", "obstetric_anesthesia_units"):
        quantity = getattr(service, name)
        if quantity is not None:
            findings.quantity(f"{path}.{name}", quantity)
    for name in ("sales_tax", "postage"):
        amount = getattr(service, name)
        if amount is not None:
            findings.amount(f"{path}.{name}", amount, zero=True)
    check_file_information(findings, f"{path}.file_information", service.file_information)
    findings.text(f"{path}.third_party_note", service.third_party_note, LONGEST_NOTE)
    for name in _NUMBERS:
        findings.identifier(f"{path}.{name}", getattr(service, name), LONGEST_ID)
    if service.referring_clia_number and not is_clia(service.referring_clia_number.upper()):
        findings.report("C378", f"{path}.referring_clia_number", service.referring_clia_number)
    own = bool(service.prior_authorization.strip()), bool(service.referral_number.strip())
    _check_numbers(findings, f"{path}.other_authorizations", service.other_authorizations, payers, own=own[0])
    _check_numbers(findings, f"{path}.other_referrals", service.other_referrals, payers, own=own[1])
    if service.dates is not None:
        for name in service.dates.__struct_fields__:
            day = getattr(service.dates, name)
            if day is not None:
                findings.not_before(f"{path}.dates.{name}", day, birth)
                findings.not_after(f"{path}.dates.{name}", day, today)
    _check_providers(findings, path, service, payers)
    check_trip(findings, f"{path}.", service.pick_up, service.drop_off, service.drop_off_name)
    for number, form in enumerate(service.forms, start=1):
        _check_form(findings, f"{path}.forms#{number}", form)


def _check_providers(findings: Findings, path: str, service: Service, payers: frozenset[str]) -> None:
    for name, provider in zip(_ROLES, _providers(service), strict=True):
        if provider is not None:
            check_provider(findings, f"{path}.{name}", provider, _ROLES[name], payers)
    if service.primary_care_provider is not None and service.referring_provider is None:
        findings.report("C332", f"{path}.primary_care_provider")


def _check_numbers(
    findings: Findings, path: str, numbers: Sequence[PayersNumber], payers: frozenset[str], *, own: bool
) -> None:
    """Check REF*G1 or 9F: one from the payer that is billed, the others from other payers, five in all."""
    findings.at_most(path, len(numbers) + own, MOST_NUMBERS)
    findings.at_most(path, sum(not each.payer_id for each in numbers) + own, 1)
    for number, each in enumerate(numbers, start=1):
        findings.identifier(f"{path}#{number}.number", each.number, LONGEST_ID, required=True)
        if each.payer_id and each.payer_id not in payers:
            findings.report("C381", f"{path}#{number}.payer_id", each.payer_id)


def _check_form(findings: Findings, path: str, form: SupportingForm) -> None:
    """Check 2440 LQ and FRM."""
    check_record(findings, path, form, "2440", "LQ")
    if not form.answers:
        findings.report("C311", f"{path}.answers")
    findings.at_most(f"{path}.answers", len(form.answers), MOST_ANSWERS)
    for number, answer in enumerate(form_in_x12(form).answers, start=1):
        check_record(findings, f"{path}.answers#{number}", answer, "2440", "FRM")
