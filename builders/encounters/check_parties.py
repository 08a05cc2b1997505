"""Check people, addresses and telephone numbers by 005010X222A1 (rules.md#billing-provider, rules.md#hierarchy)."""

import re
from datetime import date

from claimloop.builders.encounters.code_sets import CANADIAN_PROVINCES, is_us_state
from claimloop.builders.encounters.encounter import Person, PostalAddress, ProviderRecord
from claimloop.builders.encounters.findings import Findings
from claimloop.edi.codes import code_list
from claimloop.edi.records.addresses import is_box, is_domestic

LONGEST_NAME, LONGEST_FIRST_NAME, LONGEST_MIDDLE_NAME, LONGEST_SUFFIX = 60, 35, 25, 10
LONGEST_STREET, LONGEST_CITY = 55, 30
OLDEST = 130

_ZIP = re.compile(r"[0-9]{5}(?:-?[0-9]{4})?", re.ASCII)
_NINE_DIGITS = re.compile(r"[0-9]{9}", re.ASCII)


def digits_only(number: str) -> str:
    """Return a telephone number for PER04: ten digits, without punctuation and without the country code 1."""
    digits = "".join(letter for letter in number if letter not in "()-./+ ")
    return digits[1:] if len(digits) == 11 and digits[0] == "1" else digits


def check_address(
    findings: Findings, path: str, address: PostalAddress, *, street: bool = False, long_zip: bool = False
) -> None:
    """Check N3 and N4. `street` reports post-office boxes; `long_zip` requires nine digits."""
    findings.text(f"{path}.line1", address.line1, LONGEST_STREET, required=True)
    findings.text(f"{path}.line2", address.line2, LONGEST_STREET)
    findings.text(f"{path}.city", address.city, LONGEST_CITY, least=2, required=True)
    if street:
        for line in ("line1", "line2"):
            if is_box(getattr(address, line)):
                findings.report("C318", f"{path}.{line}", getattr(address, line))
    country, state = address.country.strip().upper(), address.state.strip().upper()
    if is_domestic(country):
        if not is_us_state(state):
            findings.report("C315" if state else "C311", f"{path}.state", address.state or None)
        if not _ZIP.fullmatch(address.zip):
            findings.report("C316" if address.zip else "C311", f"{path}.zip", address.zip or None)
        elif long_zip and len(address.zip) == 5:
            findings.report("C317", f"{path}.zip", address.zip)
        return
    if country not in code_list("countries"):
        findings.report("C319", f"{path}.country", address.country)
    if country == "CA" and state not in CANADIAN_PROVINCES:
        findings.report("C315" if state else "C311", f"{path}.state", address.state or None)
    elif country != "CA":
        findings.identifier(f"{path}.state", address.state, 3)
    findings.identifier(f"{path}.zip", address.zip, 15, least=3)


def check_person_name(findings: Findings, path: str, person: Person | ProviderRecord) -> None:
    """Check NM103-07 of a person."""
    findings.text(f"{path}.last_name", person.last_name, LONGEST_NAME, required=True)
    findings.text(f"{path}.first_name", person.first_name, LONGEST_FIRST_NAME)
    findings.text(f"{path}.middle_name", person.middle_name, LONGEST_MIDDLE_NAME)
    findings.text(f"{path}.suffix", person.suffix, LONGEST_SUFFIX)


def check_patient(findings: Findings, path: str, person: Person, today: date) -> None:
    """Check a patient: name, birth date, sex and address are all required (2010BA or 2010CA)."""
    check_person_name(findings, path, person)
    if person.birth_date is None:
        findings.report("C311", f"{path}.birth_date")
    elif person.birth_date > today or today.year - person.birth_date.year > OLDEST:
        findings.report("C375", f"{path}.birth_date", person.birth_date.isoformat(), oldest=OLDEST)
    if not person.sex:
        findings.report("C311", f"{path}.sex")
    if person.address is None:
        findings.report("C311", f"{path}.address")
    else:
        check_address(findings, f"{path}.address", person.address)
    if person.is_organization:
        findings.report("C392", f"{path}.is_organization")
    if person.died_on is not None:
        findings.not_before(f"{path}.died_on", person.died_on, person.birth_date)
        findings.not_after(f"{path}.died_on", person.died_on, today)
    if person.weight is not None:
        findings.quantity(f"{path}.weight", person.weight)


def check_nine_digits(findings: Findings, element: str, number: str) -> None:
    """Check a tax id or social security number, with or without dashes."""
    if not _NINE_DIGITS.fullmatch(number.replace("-", "")):
        findings.report("C320", element, number)


def check_phone(findings: Findings, element: str, number: str) -> None:
    """Check a telephone or fax number of ten digits."""
    digits = digits_only(number)
    if len(digits) != 10 or not (digits.isascii() and digits.isdigit()):
        findings.report("C322", element, number)
