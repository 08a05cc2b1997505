"""People, providers and addresses of an encounter."""

from datetime import date
from decimal import Decimal
from typing import Literal

import msgspec

Sex = Literal["", "F", "M", "U"]


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


class OtherId(Record, kw_only=True, frozen=True):
    """A number of a provider beside the NPI: his state license, UPIN, the number that the payer gave him or the place.

    `payer_id` says which other payer gave it, on a service line.
    """

    type: Literal["license", "upin", "payer", "location"]
    value: str
    payer_id: str = ""


class Person(Record, kw_only=True, frozen=True):
    """A patient or subscriber. `weight` is in pounds; it, `died_on` and `pregnant` are of the patient.

    A subscriber that is no person (the employer, in workers' compensation) has his name in `last_name` and says so by
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
    """A provider: a person (`last_name`, `first_name`) or an organisation (`organization`).

    `tax_id` (nine digits) and `address` are needed for the billing provider; `taxonomy` is the 10-character code.
    Only a service facility, and a provider whom the payer knows by another number (`other_ids`), may be without an
    `npi`. A purchased service provider needs no name. What the guide has no room for in a provider's role (a phone, a
    taxonomy) is not sent, so one record of a provider may serve everywhere.
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
