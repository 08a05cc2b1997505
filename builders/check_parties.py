"""Checks of people, providers and addresses, as 005010X222A1 wants them (DOMAIN 3.10 and 3.11)."""

import re
from datetime import date
from typing import Literal

from claimloop.builders.code_sets import CANADIAN_PROVINCES, is_us_state
from claimloop.builders.encounter import Person, PostalAddress, ProviderRecord
from claimloop.builders.findings import Findings
from claimloop.edi.addresses import is_box, is_domestic
from claimloop.edi.codes.shapes import is_taxonomy
from claimloop.edi.npi import is_npi

LONGEST_NAME, LONGEST_FIRST_NAME, LONGEST_MIDDLE_NAME, LONGEST_SUFFIX = 60, 35, 25, 10
LONGEST_STREET, LONGEST_CITY = 55, 30
OLDEST = 130

_ZIP = re.compile(r"[0-9]{5}(?:-?[0-9]{4})?", re.ASCII)
_LONGEST_ID = 50
_TAX_ID = re.compile(r"[0-9]{9}", re.ASCII)
_COUNTRY = re.compile(r"[A-Z]{2}", re.ASCII)

Role = Literal["billing", "person", "rendering", "facility", "purchased"]
"""What a provider is there for: `person` (referring, primary care, supervising) cannot be an organisation.

Of a `purchased` service provider only his number is told.
"""


def digits_only(number: str) -> str:
    """A telephone number as PER04 wants it: ten digits, without punctuation and without the country code 1."""
    digits = "".join(letter for letter in number if letter not in "()-./+ ")
    return digits[1:] if len(digits) == 11 and digits[0] == "1" else digits


def check_address(
    findings: Findings, path: str, address: PostalAddress, *, street: bool = False, long_zip: bool = False
) -> None:
    """N3 and N4. `street` refuses post-office boxes; `long_zip` wants nine digits."""
    findings.text(f"{path}.line1", address.line1, LONGEST_STREET, required=True)
    findings.text(f"{path}.line2", address.line2, LONGEST_STREET)
    findings.text(f"{path}.city", address.city, LONGEST_CITY, least=2, required=True)
    if street:
        for line in ("line1", "line2"):
            if is_box(getattr(address, line)):
                findings.say("C318", f"{path}.{line}", getattr(address, line))
    country, state = address.country.strip().upper(), address.state.strip().upper()
    if is_domestic(country):
        if not is_us_state(state):
            findings.say("C315" if state else "C311", f"{path}.state", address.state or None)
        if not _ZIP.fullmatch(address.zip):
            findings.say("C316" if address.zip else "C311", f"{path}.zip", address.zip or None)
        elif long_zip and len(address.zip) == 5:
            findings.say("C317", f"{path}.zip", address.zip)
        return
    if not _COUNTRY.fullmatch(country):
        findings.say("C319", f"{path}.country", address.country)
    if country == "CA" and state not in CANADIAN_PROVINCES:
        findings.say("C315" if state else "C311", f"{path}.state", address.state or None)
    elif country != "CA":
        findings.identifier(f"{path}.state", address.state, 3)
    findings.identifier(f"{path}.zip", address.zip, 15, least=3)


def check_person_name(findings: Findings, path: str, person: Person | ProviderRecord) -> None:
    """NM103-07 of a person."""
    findings.text(f"{path}.last_name", person.last_name, LONGEST_NAME, required=True)
    findings.text(f"{path}.first_name", person.first_name, LONGEST_FIRST_NAME)
    findings.text(f"{path}.middle_name", person.middle_name, LONGEST_MIDDLE_NAME)
    findings.text(f"{path}.suffix", person.suffix, LONGEST_SUFFIX)


def check_patient(findings: Findings, path: str, person: Person, today: date) -> None:
    """A person who is treated: name, birth date, sex and address are all needed (2010BA or 2010CA)."""
    check_person_name(findings, path, person)
    if person.birth_date is None:
        findings.say("C311", f"{path}.birth_date")
    elif person.birth_date > today or today.year - person.birth_date.year > OLDEST:
        findings.say("C375", f"{path}.birth_date", person.birth_date.isoformat(), oldest=OLDEST)
    if not person.sex:
        findings.say("C311", f"{path}.sex")
    if person.address is None:
        findings.say("C311", f"{path}.address")
    else:
        check_address(findings, f"{path}.address", person.address)


def check_provider(findings: Findings, path: str, provider: ProviderRecord, role: Role) -> None:
    """A provider's name and NPI; address, tax id and contact where its role needs them."""
    known_to_payer = any(each.type in ("payer", "location", "license") for each in provider.other_ids)
    for number, each in enumerate(provider.other_ids, start=1):
        findings.identifier(f"{path}.other_ids#{number}.value", each.value, _LONGEST_ID, required=True)
    if provider.npi or role != "facility":
        if not provider.npi:
            if not known_to_payer:
                findings.say("C311", f"{path}.npi")
        elif not is_npi(provider.npi):
            findings.say("C310", f"{path}.npi", provider.npi)
    if role == "purchased":
        return
    if provider.organization and provider.last_name:
        findings.say("C323", path)
    elif role == "person" or (provider.last_name and role != "facility"):
        if provider.organization:
            findings.say("C324", f"{path}.organization", provider.organization)
        else:
            check_person_name(findings, path, provider)
    else:
        findings.text(f"{path}.organization", provider.organization, LONGEST_NAME, required=True)
    if provider.taxonomy and not is_taxonomy(provider.taxonomy.upper()):
        findings.say("C321", f"{path}.taxonomy", provider.taxonomy)
    if role in ("billing", "facility"):
        if provider.address is None:
            findings.say("C311", f"{path}.address")
        else:
            check_address(findings, f"{path}.address", provider.address, street=role == "billing", long_zip=True)
    if role == "billing":
        _check_billing(findings, path, provider)


def check_phone(findings: Findings, element: str, number: str) -> None:
    """A telephone or fax number of ten digits."""
    digits = digits_only(number)
    if len(digits) != 10 or not (digits.isascii() and digits.isdigit()):
        findings.say("C322", element, number)


def _check_billing(findings: Findings, path: str, provider: ProviderRecord) -> None:
    if not provider.tax_id:
        findings.say("C311", f"{path}.tax_id")
    elif not _TAX_ID.fullmatch(provider.tax_id.replace("-", "")):
        findings.say("C320", f"{path}.tax_id", provider.tax_id)
    findings.text(f"{path}.contact_name", provider.contact_name, LONGEST_NAME)
    if provider.phone:
        check_phone(findings, f"{path}.phone", provider.phone)
    elif provider.contact_name:
        findings.say("C311", f"{path}.phone")
    if provider.pay_to_address is not None:
        check_address(findings, f"{path}.pay_to_address", provider.pay_to_address)
