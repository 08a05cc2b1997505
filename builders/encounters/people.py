"""People, providers and addresses of an encounter."""

from datetime import date
from decimal import Decimal
from typing import Literal

import msgspec

Sex = Literal["", "F", "M", "U"]


class Record(msgspec.Struct, kw_only=True, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """What every part of an encounter has in common: names are given, and unknown names are errors."""


class PostalAddress(Record, kw_only=True, frozen=True):
    """A postal address. `zip` has 5 or 9 digits, with or without a dash; `country` is given only outside the US."""

    line1: str
    line2: str = ""
    city: str
    state: str = ""
    zip: str = ""
    country: str = ""


class OtherId(Record, kw_only=True, frozen=True):
    """A number of a provider other than the NPI: a state license, a UPIN, or the payer's number for the provider or
    place.

    `payer_id` names the other payer that assigned it, on a service line.
    """

    type: Literal["license", "upin", "payer", "location"]
    value: str
    payer_id: str = ""


class Person(Record, kw_only=True, frozen=True):
    """A patient or subscriber. `weight` is in pounds. `weight`, `died_on` and `pregnant` are the patient's.

    A subscriber that is an organization (the employer, in workers' compensation) has its name in `last_name` and sets
    `is_organization`.
    """

    last_name: str
    first_name: str = ""
    middle_name: str = ""
    suffix: str = ""
    birth_date: date | None = None
    sex: Sex = ""
    address: PostalAddress | None = None
    died_on: date | None = None
    weight: Decimal | None = None
    pregnant: bool = False
    is_organization: bool = False


class ProviderRecord(Record, kw_only=True, frozen=True):
    """A provider: a person (`last_name`, `first_name`) or an organization (`organization`).

    `tax_id` (nine digits) and `address` are required for the billing provider. `taxonomy` is the 10-character code.
    Only a service facility, and a provider that the payer identifies by another number (`other_ids`), may lack an
    `npi`. A purchased service provider needs no name. Values that the guide has no room for in a provider's role (a
    phone, a taxonomy) are not sent, so one record of a provider may serve everywhere.
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
    phone_extension: str = ""
    fax: str = ""
    email: str = ""
    other_ids: tuple[OtherId, ...] = ()
