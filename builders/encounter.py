"""The practice's own record of a visit. No X12 words: plain names, nested where a person would nest them.

JSON, JSONL and CSV are read into these records (`builders.intake`); `claimloop init --schema` prints their JSON
Schema. Money and quantities are decimal numbers or their text, never rounded; dates are YYYY-MM-DD; codes are text.
"""

from datetime import date
from decimal import Decimal
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

Relationship = Literal["self", "spouse", "child", "employee", "organ_donor", "life_partner", "other", "unknown"]
Sex = Literal["", "F", "M", "U"]
YesNo = Literal["Y", "N"]


class Record(msgspec.Struct, kw_only=True, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """What every part of an encounter has in common: names are given, unknown names are refused."""


class PostalAddress(Record, kw_only=True, frozen=True):
    """Where somebody is. `zip` has 5 or 9 digits, with or without a dash; `country` only outside the US."""

    line1: str
    line2: str = ""
    city: str
    state: str = ""
    zip: str = ""
    country: str = ""


class Person(Record, kw_only=True, frozen=True):
    """A patient or subscriber."""

    last_name: str
    first_name: str = ""
    middle_name: str = ""
    suffix: str = ""
    birth_date: date | None = None
    sex: Sex = ""
    address: PostalAddress | None = None


class ProviderRecord(Record, kw_only=True, frozen=True):
    """A provider: a person (`last_name`, `first_name`) or an organisation (`organization`).

    `tax_id` (nine digits) and `address` are needed for the billing provider; `taxonomy` is the 10-character code.
    Only a service facility may be without an `npi`.
    """

    npi: str = ""
    organization: str = ""
    last_name: str = ""
    first_name: str = ""
    middle_name: str = ""
    suffix: str = ""
    taxonomy: str = ""
    tax_id: str = ""
    tax_id_type: Literal["EIN", "SSN"] = "EIN"
    address: PostalAddress | None = None
    pay_to_address: PostalAddress | None = None
    contact_name: str = ""
    phone: str = ""


class Coverage(Record, kw_only=True, frozen=True):
    """An insurance. `filing_indicator` is the claim filing indicator (MB Medicare B, MC Medicaid, CI commercial,
    BL Blue, HM HMO, 12 PPO …). `relationship` says what the patient is to the subscriber; `subscriber` is given
    where that is not "self". A dependent with a member id of his own is "self" (DOMAIN 3.10).
    """

    payer_id: str
    payer_name: str
    payer_address: PostalAddress | None = None
    member_id: str
    filing_indicator: str
    group_number: str = ""
    group_name: str = ""
    insurance_type: str = ""
    relationship: Relationship = "self"
    subscriber: Person | None = None


class DrugRecord(Record, kw_only=True, frozen=True):
    """A drug given: the 11-digit NDC (dashes are taken out), how much, in F2, GR, ME, ML or UN."""

    ndc: str
    quantity: Decimal
    unit: Literal["F2", "GR", "ME", "ML", "UN"]
    prescription: str = ""


class Service(Record, kw_only=True, frozen=True):
    """One service line. `diagnosis_pointers` count the encounter's diagnoses from 1, the main one first.

    `unit` is "UN" or "MJ" (anesthesia minutes). `end_date` is given where the service took more than a day.
    """

    procedure: str
    charge: Decimal
    service_date: date
    end_date: date | None = None
    modifiers: tuple[str, ...] = ()
    units: Decimal = Decimal(1)
    unit: Literal["UN", "MJ"] = "UN"
    diagnosis_pointers: tuple[int, ...] = (1,)
    place_of_service: str = ""
    emergency: bool = False
    description: str = ""
    note: str = ""
    prior_authorization: str = ""
    referral_number: str = ""
    clia_number: str = ""
    drug: DrugRecord | None = None
    rendering_provider: ProviderRecord | None = None


class ClaimDates(Record, kw_only=True, frozen=True):
    """Dates that the guide wants where they apply; each is written as the DTP of the same meaning."""

    onset: date | None = None
    initial_treatment: date | None = None
    last_seen: date | None = None
    acute_manifestation: date | None = None
    accident: date | None = None
    last_menstrual_period: date | None = None
    last_x_ray: date | None = None
    disability_from: date | None = None
    disability_to: date | None = None
    last_worked: date | None = None
    return_to_work: date | None = None
    admission: date | None = None
    discharge: date | None = None
    assumed_care: date | None = None
    relinquished_care: date | None = None
    first_contact: date | None = None


class AccidentRecord(Record, kw_only=True, frozen=True):
    """Why somebody else may have to pay. `state` is needed for an auto accident in the US."""

    auto: bool = False
    employment: bool = False
    other: bool = False
    state: str = ""
    country: str = ""


class Encounter(Record, kw_only=True, frozen=True):
    """A visit to be claimed. `encounter_id` is the practice's own number, unique for ever.

    `coverages` are in the order in which they pay. `billing_provider` and `assignment` may be left to the
    configuration. Diagnoses are ICD-10-CM, with or without the point.
    """

    encounter_id: Annotated[str, Meta(min_length=1, max_length=50)]
    patient: Person
    coverages: tuple[Coverage, ...]
    diagnoses: tuple[str, ...]
    services: tuple[Service, ...]
    place_of_service: str = "11"
    billing_provider: ProviderRecord | None = None
    rendering_provider: ProviderRecord | None = None
    referring_provider: ProviderRecord | None = None
    primary_care_provider: ProviderRecord | None = None
    supervising_provider: ProviderRecord | None = None
    service_facility: ProviderRecord | None = None
    accept_assignment: Literal["A", "B", "C"] = "A"
    benefits_assigned: Literal["Y", "N", "W"] = "Y"
    provider_signature_on_file: YesNo = "Y"
    release_of_information: Literal["Y", "I"] = "Y"
    patient_paid: Decimal | None = None
    prior_authorization: str = ""
    referral_number: str = ""
    medical_record_number: str = ""
    clia_number: str = ""
    clearinghouse_trace: str = ""
    frequency: Literal["1", "7", "8"] = "1"
    payer_claim_number: str = ""
    special_program: str = ""
    delay_reason: str = ""
    note: str = ""
    note_type: Literal["ADD", "CER", "DCP", "DGN", "TPO"] = "ADD"
    dates: ClaimDates | None = None
    accident: AccidentRecord | None = None
