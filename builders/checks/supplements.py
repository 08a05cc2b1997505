"""Check the rare parts of a claim (2300): each by the guide, then those that belong together."""

from collections.abc import Sequence

from claimloop.builders.checks.coverages import check_pay_to_plan, check_property_casualty
from claimloop.builders.encounters.check_guide import check_record
from claimloop.builders.encounters.check_parties import LONGEST_NAME, check_address
from claimloop.builders.encounters.code_sets import SERVICE_AUTHORIZATION_EXCEPTIONS
from claimloop.builders.encounters.encounter import Encounter, PostalAddress, Service
from claimloop.builders.encounters.findings import Findings
from claimloop.edi.codes import code_list
from claimloop.edi.codes.shapes import is_cpt_hcpcs
from claimloop.edi.records.claim_supplements import Attachment, Certification

LONGEST_NOTE = 80
_MOST_ATTACHMENTS, MOST_FILE_INFORMATION, _MOST_CONDITION_CODES, _MOST_ANESTHESIA = 10, 10, 24, 2
_LONGEST_CONDITION_CODE = 30
_SENT_APART = frozenset(("BM", "EL", "EM", "FX", "FT"))
"""Ways of sending a document after the claim, which need a number to match the two."""

_CERTIFICATE = "CT"
_VISION = ("E1", "E2", "E3")
_MOST_OF_A_CATEGORY = {"07": 3, "75": 1, "ZZ": 1, "70": 1, "09": 1}


def check_supplements(findings: Findings, encounter: Encounter) -> None:
    """Check the rare parts of an encounter, and that parts which belong together are present."""
    for name, loop, tag in (
        ("contract", "2300", "CN1"),
        ("ambulance", "2300", "CR1"),
        ("spinal_manipulation", "2300", "CR2"),
        ("repricing", "2300", "HCP"),
    ):
        record = getattr(encounter, name)
        if record is not None:
            check_record(findings, name, record, loop, tag)
    check_attachments(findings, "attachments", encounter.attachments, "2300")
    check_certifications(findings, "conditions", encounter.conditions, "2300")
    if encounter.homebound and any(each.category == "75" for each in encounter.conditions):
        findings.at_most("homebound", 2, 1)
    check_file_information(findings, "file_information", encounter.file_information)
    if encounter.currency and encounter.currency.upper() not in code_list("currencies"):
        findings.report("C376", "currency", encounter.currency, codes="USD, CAD, MXN, or another ISO 4217 code")
    if encounter.pay_to_plan is not None:
        check_pay_to_plan(findings, "pay_to_plan", encounter.pay_to_plan)
    if encounter.property_casualty is not None:
        first_contact = encounter.dates.first_contact if encounter.dates else None
        check_property_casualty(findings, "property_casualty", encounter.property_casualty, first_contact)
    exception = encounter.service_authorization_exception
    if exception and exception not in SERVICE_AUTHORIZATION_EXCEPTIONS:
        codes = ", ".join(sorted(SERVICE_AUTHORIZATION_EXCEPTIONS))
        findings.report("C376", "service_authorization_exception", exception, codes=codes)
    findings.at_most("anesthesia_procedures", len(encounter.anesthesia_procedures), _MOST_ANESTHESIA)
    for number, procedure in enumerate(encounter.anesthesia_procedures, start=1):
        if not is_cpt_hcpcs(procedure.upper()):
            findings.report("C346", f"anesthesia_procedures#{number}", procedure)
    findings.at_most("condition_codes", len(encounter.condition_codes), _MOST_CONDITION_CODES)
    for number, code in enumerate(encounter.condition_codes, start=1):
        findings.identifier(f"condition_codes#{number}", code, _LONGEST_CONDITION_CODE, required=True)
    _check_transport(findings, encounter)


def _check_transport(findings: Findings, encounter: Encounter) -> None:
    """Check that a trip has both places, at the encounter or at a service, and that a place belongs to a trip."""
    trips: list[Encounter | Service] = [encounter, *encounter.services]
    transported = any(each.ambulance is not None for each in trips)
    for name in ("pick_up", "drop_off"):
        given = any(getattr(each, name) is not None for each in trips)
        if transported and not given:
            findings.report("C385", "ambulance")
            return
        if given and not transported:
            findings.together(name, f"{name.replace('_', ' ')} requires ambulance")
    check_trip(findings, "", encounter.pick_up, encounter.drop_off, encounter.drop_off_name)


def check_trip(
    findings: Findings, prefix: str, pick_up: PostalAddress | None, drop_off: PostalAddress | None, name: str
) -> None:
    """Check loops PW and 45 of a claim or a line."""
    if pick_up is not None:
        check_address(findings, f"{prefix}pick_up", pick_up)
    if drop_off is not None:
        check_address(findings, f"{prefix}drop_off", drop_off)
        findings.text(f"{prefix}drop_off_name", name, LONGEST_NAME)
    elif name:
        findings.together(f"{prefix}drop_off_name", "drop off name requires drop off")


def check_attachments(findings: Findings, path: str, attachments: Sequence[Attachment], loop: str) -> None:
    """Check PWK. A line may have one certificate of medical necessity in addition to the others."""
    certificates = [each for each in attachments if loop == "2400" and each.report_type == _CERTIFICATE]
    findings.at_most(path, len(attachments) - len(certificates), _MOST_ATTACHMENTS)
    findings.at_most(path, len(certificates), 1)
    for number, each in enumerate(attachments, start=1):
        check_record(findings, f"{path}#{number}", each, loop, "PWK")
        if each.transmission in _SENT_APART and not each.control_number.strip():
            findings.report("C311", f"{path}#{number}.control_number")


def check_certifications(findings: Findings, path: str, conditions: Sequence[Certification], loop: str) -> None:
    """Check CRC. Each category may be repeated as often as the guide has room for it."""
    categories = [each.category for each in conditions]
    for number, each in enumerate(conditions, start=1):
        here = f"{path}#{number}"
        check_record(findings, here, each, loop, "CRC")
        if not each.conditions:
            findings.report("C311", f"{here}.conditions")
        most = _MOST_OF_A_CATEGORY.get(each.category)
        if most is not None:
            findings.at_most(f"{here}.category", categories[:number].count(each.category), most)
    findings.at_most(path, sum(each in _VISION for each in categories), len(_VISION))


def check_file_information(findings: Findings, path: str, texts: Sequence[str]) -> None:
    """K3."""
    findings.at_most(path, len(texts), MOST_FILE_INFORMATION)
    for number, text in enumerate(texts, start=1):
        findings.identifier(f"{path}#{number}", text, LONGEST_NOTE, required=True)
