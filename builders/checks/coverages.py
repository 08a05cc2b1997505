"""Check each coverage: payer, subscriber, the payer's numbers. Check pay-to plans, and property and casualty."""

from collections.abc import Sequence
from datetime import date

from claimloop.builders.encounters.check_parties import (
    LONGEST_NAME,
    check_address,
    check_nine_digits,
    check_person_name,
    check_phone,
)
from claimloop.builders.encounters.check_providers import LONGEST_ID, Place, check_extension, check_other_ids
from claimloop.builders.encounters.code_sets import INSURANCE_TYPES
from claimloop.builders.encounters.encounter import (
    Coverage,
    Encounter,
    PayerId,
    PayersProvider,
    PayToPlan,
    PropertyCasualty,
)
from claimloop.builders.encounters.findings import Findings
from claimloop.edi.codes import code_list

_LONGEST_PAYER_ID = 80
_MOST_PAYER_IDS = {True: 3, False: 2}
"""REF of 2010BB (the payer billed) and of 2330B."""

_MOST_OF_A_ROLE = 1
_KNOWN_BY = {
    "referring": Place(("license", "upin", "payer"), 3),
    "primary_care": Place(("license", "upin", "payer"), 3),
    "rendering": Place(("license", "upin", "payer", "location"), 3),
    "facility": Place(("license", "payer", "location"), 3),
    "supervising": Place(("license", "upin", "payer", "location"), 3),
    "billing": Place(("payer", "location"), 2),
}
"""The numbers that another payer's loops 2330C-G have room for."""


def check_coverage(findings: Findings, path: str, coverage: Coverage, encounter: Encounter, *, is_billed: bool) -> None:
    """Check one coverage. `check_coordination` checks its payer's adjudication."""
    findings.identifier(f"{path}.payer_id", coverage.payer_id, _LONGEST_PAYER_ID, least=2, required=True)
    findings.text(f"{path}.payer_name", coverage.payer_name, LONGEST_NAME, required=True)
    if coverage.payer_address is not None:
        check_address(findings, f"{path}.payer_address", coverage.payer_address)
    findings.identifier(f"{path}.member_id", coverage.member_id, 80, least=2, required=True)
    findings.identifier(f"{path}.group_number", coverage.group_number, LONGEST_ID)
    findings.text(f"{path}.group_name", coverage.group_name, LONGEST_NAME)
    if coverage.filing_indicator not in code_list("claim_filing_indicators"):
        findings.report("C328", f"{path}.filing_indicator", coverage.filing_indicator)
    if coverage.insurance_type and coverage.insurance_type not in INSURANCE_TYPES:
        findings.report("C329", f"{path}.insurance_type", coverage.insurance_type)
    _check_subscriber(findings, path, coverage, encounter)
    findings.identifier(f"{path}.prior_authorization", coverage.prior_authorization, LONGEST_ID)
    findings.identifier(f"{path}.referral_number", coverage.referral_number, LONGEST_ID)
    if coverage.payer_ids:
        _check_payer_ids(findings, f"{path}.payer_ids", coverage.payer_ids, _MOST_PAYER_IDS[is_billed])
    if coverage.provider_ids:
        _check_provider_ids(findings, f"{path}.provider_ids", coverage.provider_ids)


def _check_subscriber(findings: Findings, path: str, coverage: Coverage, encounter: Encounter) -> None:
    here = f"{path}.subscriber"
    subscriber = coverage.subscriber
    if coverage.relationship == "self":
        if subscriber is not None and subscriber != encounter.patient:
            findings.report("C331", here)
    elif subscriber is None:
        findings.report("C325", here, relationship=coverage.relationship)
    else:
        check_person_name(findings, here, subscriber)
        if subscriber.address is not None:
            check_address(findings, f"{here}.address", subscriber.address)
    if coverage.subscriber_ssn:
        check_nine_digits(findings, f"{path}.subscriber_ssn", coverage.subscriber_ssn)


def _check_payer_ids(findings: Findings, path: str, ids: Sequence[PayerId], most: int) -> None:
    kinds = [each.type for each in ids]
    for number, each in enumerate(ids, start=1):
        if each.type == "tax_id":
            check_nine_digits(findings, f"{path}#{number}.value", each.value)
        else:
            findings.identifier(f"{path}#{number}.value", each.value, LONGEST_ID, required=True)
        findings.at_most(f"{path}#{number}.type", kinds[:number].count(each.type), 1)
    findings.at_most(path, len(ids), most)


def _check_provider_ids(findings: Findings, path: str, records: Sequence[PayersProvider]) -> None:
    roles = [each.role for each in records]
    for number, each in enumerate(records, start=1):
        here = f"{path}#{number}"
        findings.at_most(f"{here}.role", roles[:number].count(each.role), _MOST_OF_A_ROLE)
        if not each.other_ids:
            findings.report("C311", f"{here}.other_ids")
        check_other_ids(findings, here, each.other_ids, _KNOWN_BY[each.role], frozenset())
    if "primary_care" in roles and "referring" not in roles:
        findings.report("C332", path)


def check_pay_to_plan(findings: Findings, path: str, plan: PayToPlan) -> None:
    """2010AC."""
    findings.text(f"{path}.name", plan.name, LONGEST_NAME, required=True)
    findings.identifier(f"{path}.id", plan.id, _LONGEST_PAYER_ID, least=2, required=True)
    check_address(findings, f"{path}.address", plan.address)
    check_nine_digits(findings, f"{path}.tax_id", plan.tax_id)
    if plan.other_id is not None:
        findings.identifier(f"{path}.other_id.value", plan.other_id.value, LONGEST_ID, required=True)
        if plan.other_id.type == "tax_id":
            findings.report("C392", f"{path}.other_id.type", plan.other_id.type)


def check_property_casualty(findings: Findings, path: str, told: PropertyCasualty, first_contact: date | None) -> None:
    """Check REF*Y4 and PER of the patient. Property and casualty claims also need the first contact (DTP*444)."""
    findings.identifier(f"{path}.claim_number", told.claim_number, LONGEST_ID, required=True)
    findings.text(f"{path}.contact_name", told.contact_name, LONGEST_NAME)
    if told.phone:
        check_phone(findings, f"{path}.phone", told.phone)
    elif told.contact_name:
        findings.report("C311", f"{path}.phone")
    check_extension(findings, path, told.phone, told.phone_extension)
    if first_contact is None:
        findings.report("C333", "dates.first_contact")
