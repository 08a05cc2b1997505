"""Check providers in their roles: who may have the role, which numbers identify them, what else the loop requires."""

from functools import lru_cache
from typing import Literal, NamedTuple

from claimloop.builders.encounters.check_parties import (
    LONGEST_NAME,
    check_address,
    check_nine_digits,
    check_person_name,
    check_phone,
)
from claimloop.builders.encounters.encounter import OtherId, ProviderRecord
from claimloop.builders.encounters.findings import Findings
from claimloop.edi.codes.shapes import is_taxonomy
from claimloop.edi.npi import is_npi, npi_problem
from claimloop.edi.syntax.charset import CharacterSet
from claimloop.edi.syntax.delimiters import Delimiters

LONGEST_ID = 50
_LONGEST_EMAIL = 256
_NUMBERS_OF_A_CONTACT = 3
_ALL = ("license", "upin", "payer", "location")
_NO_LOCATION = ("license", "upin", "payer")
_OF_THE_PAYER = ("payer", "location")

Role = Literal[
    "billing", "referring", "rendering", "facility", "supervising", "line rendering", "purchased", "line facility",
    "line supervising", "ordering", "line referring",
]  # fmt: skip
"""The role of a provider on the claim (2010AA, 2310) or on a line (2420)."""


class Place(NamedTuple):
    """What the loop of a role has room for: which numbers and how many; a person, an organization or both."""

    other_ids: tuple[str, ...]
    most: int
    is_person: bool | None = None


PLACES: dict[Role, Place] = {
    "billing": Place(_ALL, 4),
    "referring": Place(_NO_LOCATION, 3, is_person=True),
    "rendering": Place(_ALL, 4),
    "facility": Place(("license", *_OF_THE_PAYER), 3, is_person=False),
    "supervising": Place(_ALL, 4, is_person=True),
    "line rendering": Place(_ALL, 20),
    "purchased": Place(_NO_LOCATION, 20),
    "line facility": Place(_OF_THE_PAYER, 3, is_person=False),
    "line supervising": Place(_ALL, 20, is_person=True),
    "ordering": Place(_NO_LOCATION, 20, is_person=True),
    "line referring": Place(_NO_LOCATION, 20, is_person=True),
}
"""REF, and NM102 where the guide leaves no choice (005010X222A1)."""

_ON_LINES = frozenset(
    ("line rendering", "purchased", "line facility", "line supervising", "ordering", "line referring")
)


def check_provider(
    findings: Findings, path: str, provider: ProviderRecord, role: Role, payers: frozenset[str] = frozenset()
) -> None:
    """Check a provider's name and numbers, and the address, tax id and contact where the role requires them.

    `payers` are the ids of the other payers, which may have assigned numbers to a provider on a line.
    """
    if is_sound(provider, role, payers, findings.delimiters, findings.character_set):
        return
    _check(findings, path, provider, role, payers)


@lru_cache(maxsize=4096)
def is_sound(
    provider: ProviderRecord, role: Role, payers: frozenset[str], delimiters: Delimiters, character_set: CharacterSet
) -> bool:
    """Return True for a provider without findings. Results are remembered, because the same few providers repeat."""
    findings = Findings("", delimiters, character_set)
    _check(findings, "", provider, role, payers)
    return not findings.found


def _check(findings: Findings, path: str, provider: ProviderRecord, role: Role, payers: frozenset[str]) -> None:
    place = PLACES[role]
    if provider.npi:
        if not is_npi(provider.npi):
            findings.report("C310", f"{path}.npi", provider.npi, problem=npi_problem(provider.npi))
    elif role not in ("facility", "line facility") and not _is_known_otherwise(provider, role):
        findings.report("C311", f"{path}.npi")
    check_other_ids(findings, path, provider.other_ids, place, payers if role in _ON_LINES else frozenset())
    if role != "purchased":
        _check_name(findings, path, provider, place)
        if provider.taxonomy and not is_taxonomy(provider.taxonomy.upper()):
            findings.report("C321", f"{path}.taxonomy", provider.taxonomy)
    if role in ("billing", "facility", "line facility"):
        if provider.address is None:
            findings.report("C311", f"{path}.address")
        else:
            check_address(findings, f"{path}.address", provider.address, street=role == "billing", long_zip=True)
    elif role == "ordering" and provider.address is not None:
        check_address(findings, f"{path}.address", provider.address)
    if role == "billing":
        _check_billing(findings, path, provider)
    if role in ("billing", "facility", "ordering"):
        _check_contact(findings, path, provider, role)


def _is_known_otherwise(provider: ProviderRecord, role: Role) -> bool:
    """Return True where another number replaces the NPI. For the billing provider, the payer must have assigned it."""
    kinds = _OF_THE_PAYER if role == "billing" else _ALL
    return any(each.type in kinds for each in provider.other_ids)


def check_other_ids(
    findings: Findings, path: str, ids: tuple[OtherId, ...], place: Place, payers: frozenset[str]
) -> None:
    """Check REF of a provider: kinds that the loop has, each once from a payer, not too many."""
    seen = set()
    for number, each in enumerate(ids, start=1):
        here = f"{path}.other_ids#{number}"
        findings.identifier(f"{here}.value", each.value, LONGEST_ID, required=True)
        if each.type not in place.other_ids:
            findings.report("C392", f"{here}.type", each.type)
        if each.payer_id and each.payer_id not in payers:
            findings.report("C381", f"{here}.payer_id", each.payer_id)
        if (each.type, each.payer_id) in seen:
            findings.report("C390", f"{here}.type", found=2, most=1)
        seen.add((each.type, each.payer_id))
    findings.at_most(f"{path}.other_ids", len(ids), place.most)


def _check_name(findings: Findings, path: str, provider: ProviderRecord, place: Place) -> None:
    if provider.organization and provider.last_name:
        findings.report("C323", path)
    elif place.is_person or (provider.last_name and place.is_person is None):
        if provider.organization:
            findings.report("C324", f"{path}.organization", provider.organization)
        else:
            check_person_name(findings, path, provider)
    else:
        findings.text(f"{path}.organization", provider.organization, LONGEST_NAME, required=True)


def _check_billing(findings: Findings, path: str, provider: ProviderRecord) -> None:
    if not provider.tax_id:
        findings.report("C311", f"{path}.tax_id")
    else:
        check_nine_digits(findings, f"{path}.tax_id", provider.tax_id)
    if provider.contact_name and not (provider.phone or provider.fax or provider.email):
        findings.report("C311", f"{path}.phone")
    if provider.pay_to_address is not None:
        check_address(findings, f"{path}.pay_to_address", provider.pay_to_address)


def _check_contact(findings: Findings, path: str, provider: ProviderRecord, role: Role) -> None:
    """Check the numbers of PER. A facility has room for a telephone only."""
    findings.text(f"{path}.contact_name", provider.contact_name, LONGEST_NAME)
    if provider.phone:
        check_phone(findings, f"{path}.phone", provider.phone)
    check_extension(findings, path, provider.phone, provider.phone_extension)
    if role == "facility":
        return
    if provider.fax:
        check_phone(findings, f"{path}.fax", provider.fax)
    findings.identifier(f"{path}.email", provider.email, _LONGEST_EMAIL)
    numbers = (provider.phone, provider.phone_extension, provider.fax, provider.email)
    if role == "ordering" and all(numbers):
        findings.report("C390", path, what="contact numbers", found=len(numbers), most=_NUMBERS_OF_A_CONTACT)


def check_extension(findings: Findings, path: str, phone: str, extension: str) -> None:
    """Check that an extension has a telephone number."""
    findings.identifier(f"{path}.phone_extension", extension, LONGEST_ID)
    if extension and not phone:
        findings.together(path, "phone extension requires phone")
