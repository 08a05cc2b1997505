"""Turn the people, providers and addresses of an encounter into the parties of a claim."""

from functools import lru_cache

from claimloop.builders.encounters.check_parties import digits_only
from claimloop.builders.encounters.encounter import (
    Coverage,
    OtherId,
    PayerId,
    PayToPlan,
    Person,
    PostalAddress,
    PropertyCasualty,
    ProviderRecord,
)
from claimloop.edi.records.addresses import is_domestic
from claimloop.edi.records.claim import PatientCondition
from claimloop.edi.records.parties import Address, Contact, Party, Provider, Reference

ID_TYPES = {"license": "0B", "upin": "1G", "payer": "G2", "location": "LU"}
"""REF01 of a provider's other numbers."""

PAYER_ID_TYPES = {"payer": "2U", "tax_id": "EI", "claim_office": "FY", "naic": "NF"}
"""REF01 of a payer's other numbers."""

_OF_THE_PAYER = ("payer", "location")
_WITH_ADDRESS = ("77", "DK")
_WITH_TAXONOMY = ("82",)
_NUMBERS_OF_A_CONTACT = 3
_NAMELESS = ("QB",)
"""NM101 of a purchased service provider, which has only numbers."""


@lru_cache(maxsize=4096)
def address_of(address: PostalAddress) -> Address:
    """Return N3 and N4. The `state` of a country without X12 states (N402) is its subdivision (N407)."""
    country = "" if is_domestic(address.country) else address.country.strip().upper()
    state = address.state.strip().upper()
    has_states = country in ("", "CA")
    return Address(
        line1=address.line1,
        line2=address.line2,
        city=address.city,
        state=state if has_states else "",
        postal_code=address.zip.replace("-", "") if not country else address.zip,
        country=country,
        subdivision="" if has_states else state,
    )


def person_of(role: str, person: Person, member_id: str, id_type: str = "MI", *, with_address: bool) -> Party:
    """Return a subscriber (with the member id) or a patient."""
    return Party(
        role=role,
        entity_type="2" if person.is_organization else "1",
        name=person.last_name,
        first_name=person.first_name,
        middle_name=person.middle_name,
        suffix=person.suffix,
        id_qualifier=id_type if member_id else "",
        id=member_id,
        address=address_of(person.address) if with_address and person.address else None,
    )


def condition_of(person: Person) -> PatientCondition | None:
    """Return PAT of the patient."""
    if person.died_on is None and person.weight is None and not person.pregnant:
        return None
    return PatientCondition(person.died_on, person.weight, person.pregnant)


def with_property_casualty(person: Party, told: PropertyCasualty) -> Party:
    """Return the subscriber or patient with REF*Y4 and the contact."""
    contact = Contact("IC", told.contact_name, _numbers(told.phone, told.phone_extension)) if told.phone else None
    return Party(
        person.role, person.entity_type, person.name, person.first_name, person.middle_name, person.suffix,
        person.id_qualifier, person.id, person.address, (contact,) if contact else (),
        (*person.references, Reference("Y4", told.claim_number)),
    )  # fmt: skip


def payer_of(coverage: Coverage) -> Party:
    """Return 2010BB or 2330B."""
    return _payer(
        coverage.payer_id, coverage.payer_id_type, coverage.payer_name, coverage.payer_address, coverage.payer_ids
    )


@lru_cache(maxsize=4096)
def _payer(
    payer_id: str, id_type: str, name: str, address: PostalAddress | None, ids: tuple[PayerId, ...]
) -> Party:  # fmt: skip
    return Party(
        role="PR",
        entity_type="2",
        name=name,
        id_qualifier=id_type,
        id=payer_id,
        address=address_of(address) if address else None,
        references=tuple(Reference(PAYER_ID_TYPES[each.type], each.value) for each in ids),
    )


def references_of(ids: tuple[OtherId, ...]) -> tuple[Reference, ...]:
    """Return REF of a provider."""
    return tuple(Reference(ID_TYPES[each.type], each.value, "", each.payer_id) for each in ids)


def _numbers(phone: str, extension: str = "", fax: str = "", email: str = "") -> tuple[tuple[str, str], ...]:
    said = (("TE", digits_only(phone)), ("EX", extension), ("FX", digits_only(fax)), ("EM", email))
    return tuple(pair for pair in said if pair[1].strip())


def _contacts(record: ProviderRecord, role: str) -> tuple[Contact, ...]:
    """Return PER: a facility has only a telephone, a PER holds three numbers, the billing provider may have two PER."""
    facility = role == "77"
    numbers = _numbers(
        record.phone, record.phone_extension, "" if facility else record.fax, "" if facility else record.email
    )
    return tuple(
        Contact("IC", record.contact_name, numbers[first : first + _NUMBERS_OF_A_CONTACT])
        for first in range(0, len(numbers), _NUMBERS_OF_A_CONTACT)
    )


def is_another(rendering: ProviderRecord, billing: ProviderRecord) -> bool:
    """Return True when 2310B differs from 2010AA (rules.md#providers)."""
    if rendering.npi != billing.npi or not rendering.npi:
        return rendering != billing
    return any(each not in billing.other_ids for each in rendering.other_ids)


@lru_cache(maxsize=4096)
def provider_of(role: str, record: ProviderRecord, *, with_contact: bool = True) -> Provider:
    """Return one of 2310 or 2420: name, NPI and numbers, with the address, contact and taxonomy code of its role."""
    person = bool(record.last_name) and role != "77"
    nameless = role in _NAMELESS
    return Provider(
        role=role,
        entity_type="1" if person else "2",
        name="" if nameless else record.last_name or record.organization,
        first_name=record.first_name if person and not nameless else "",
        middle_name=record.middle_name if person and not nameless else "",
        suffix=record.suffix if person and not nameless else "",
        id_qualifier="XX" if record.npi else "",
        id=record.npi,
        taxonomy=record.taxonomy.upper() if role in _WITH_TAXONOMY else "",
        address=address_of(record.address) if role in _WITH_ADDRESS and record.address else None,
        contacts=_contacts(record, role) if with_contact and role in _WITH_ADDRESS else (),
        references=references_of(record.other_ids),
    )


@lru_cache(maxsize=1024)
def billing_provider_of(record: ProviderRecord) -> Provider:
    """Return 2010AA. Numbers that the payer assigned to the provider are in the payer's loop (`ids_with_payer`)."""
    named = provider_of("85", record)
    tax_id = Reference("EI" if record.tax_id_type == "EIN" else "SY", record.tax_id.replace("-", ""))
    own = tuple(each for each in record.other_ids if each.type not in _OF_THE_PAYER)
    return Provider(
        role="85",
        entity_type=named.entity_type,
        name=named.name,
        first_name=named.first_name,
        middle_name=named.middle_name,
        suffix=named.suffix,
        id_qualifier=named.id_qualifier,
        id=named.id,
        taxonomy=record.taxonomy.upper(),
        address=address_of(record.address) if record.address else None,
        references=(tax_id, *references_of(own)),
        contacts=_contacts(record, "85"),
    )


@lru_cache(maxsize=1024)
def ids_with_payer(record: ProviderRecord) -> tuple[Reference, ...]:
    """Return REF*G2 and LU of 2010BB, the payer's numbers for the billing provider."""
    return references_of(tuple(each for each in record.other_ids if each.type in _OF_THE_PAYER))


@lru_cache(maxsize=1024)
def plan_of(record: PayToPlan) -> Party:
    """2010AC."""
    other = record.other_id
    references = (Reference(PAYER_ID_TYPES[other.type], other.value),) if other else ()
    return Party(
        role="PE",
        entity_type="2",
        name=record.name,
        id_qualifier=record.id_type,
        id=record.id,
        address=address_of(record.address),
        references=(*references, Reference("EI", record.tax_id.replace("-", ""))),
    )


def place_of(role: str, address: PostalAddress, name: str = "") -> Provider:
    """Return 2310E-F or 2420G-H: where an ambulance picked up (PW) or dropped off (45)."""
    return Provider(role=role, entity_type="2", name=name, address=address_of(address))


@lru_cache(maxsize=1024)
def facility_of(record: ProviderRecord, billing: ProviderRecord, *, with_contact: bool) -> Provider | None:
    """Return 2310C (which may have a contact) or 2420C; None for a service at the billing provider's own address.

    The billing provider's NPI at another address is not repeated: it names the billing provider, not the place.
    """
    same_npi = record.npi in ("", billing.npi)
    if same_npi and not record.other_ids and _where(record.address) == _where(billing.address):
        return None
    facility = provider_of("77", record, with_contact=with_contact)
    if record.npi and record.npi == billing.npi:
        return Provider(
            "77", "2", facility.name, address=facility.address, contacts=facility.contacts,
            references=facility.references,
        )  # fmt: skip
    return facility


def _where(address: PostalAddress | None) -> tuple[str, ...]:
    if address is None:
        return ()
    written = address_of(address)
    parts = (
        written.line1,
        written.line2,
        written.city,
        written.state,
        written.postal_code[:5],
        written.country,
    )
    return tuple(" ".join(part.upper().replace(".", "").split()) for part in parts)
