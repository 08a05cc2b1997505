"""What an 837P says (005010X222A1): one `Claim` with everything that stands above it in the hierarchy.

Names are the guide's. Money is Decimal, quantities are Decimal, codes stay as sent.
"""

from datetime import date
from decimal import Decimal

import msgspec

from claimloop.edi.dates import DateRange
from claimloop.edi.envelope import Source
from claimloop.edi.parties import Address, Party, Provider, Reference

PATIENT_IS_SUBSCRIBER = "18"
NO_SERVICE_DATE = DateRange(date.min, date.min)
"""`service_date` of a line that was read without a readable DTP*472; its claim counts it in `unreadable`."""


class Subscriber(msgspec.Struct, frozen=True, omit_defaults=True):
    """2000B SBR and 2010BA. `payer_responsibility` is SBR01 (P, S, T …).

    `relationship` is SBR02: "18" where the patient is the subscriber, else empty.
    """

    person: Party
    payer_responsibility: str = "P"
    relationship: str = ""
    group_number: str = ""
    group_name: str = ""
    insurance_type: str = ""
    claim_filing_indicator: str = ""
    birth_date: date | None = None
    sex: str = ""


class Patient(msgspec.Struct, frozen=True, omit_defaults=True):
    """2000C PAT and 2010CA: the patient where that is not the subscriber. `relationship` is PAT01."""

    person: Party
    relationship: str
    birth_date: date | None = None
    sex: str = ""


class Drug(msgspec.Struct, frozen=True, omit_defaults=True):
    """2410 LIN and CTP: an 11-digit NDC without dashes; `unit` is F2, GR, ME, ML or UN.

    `prescription` is REF*XZ.
    """

    ndc: str
    quantity: Decimal
    unit: str
    prescription: str = ""


class ServiceLine(msgspec.Struct, frozen=True, omit_defaults=True):
    """2400. `line_control_number` is REF*6R; `unit` is UN or MJ (minutes); `diagnosis_pointers` count from 1."""

    line_control_number: str
    procedure: str
    charge: Decimal
    units: Decimal
    service_date: DateRange
    modifiers: tuple[str, ...] = ()
    unit: str = "UN"
    diagnosis_pointers: tuple[int, ...] = ()
    place_of_service: str = ""
    emergency: bool = False
    description: str = ""
    procedure_qualifier: str = "HC"
    references: tuple[Reference, ...] = ()
    notes: tuple[Reference, ...] = ()
    drug: Drug | None = None
    rendering_provider: Provider | None = None
    other_segments: tuple[str, ...] = ()


class Accident(msgspec.Struct, frozen=True, omit_defaults=True):
    """CLM11: related causes (AA auto, EM employment, OA other), the state or country of an auto accident."""

    causes: tuple[str, ...]
    state: str = ""
    country: str = ""


class Claim(msgspec.Struct, frozen=True, omit_defaults=True):
    """2300 with its lines and the billing provider, subscriber, patient and payer that it stands under.

    `dates` maps a DTP01 qualifier (431, 454, 439 …) to what DTP03 says; `references` are the REF of 2300; `notes`
    the NTE (qualifier, text); `providers` the loops 2310A-D by their NM101 (DN, P3, 82, 77, DQ).
    `diagnosis_qualifier` is ABK where the codes are ICD-10-CM. Diagnoses have no decimal point. `unreadable` counts
    the amounts, quantities and dates of a claim that was read and could not be understood: never 0 for a guess.
    """

    patient_control_number: str
    charge: Decimal
    place_of_service: str
    billing_provider: Provider
    subscriber: Subscriber
    payer: Party
    lines: tuple[ServiceLine, ...]
    patient: Patient | None = None
    pay_to_address: Address | None = None
    frequency: str = "1"
    provider_signature: str = "Y"
    assignment: str = "A"
    benefits_assigned: str = "Y"
    release_of_information: str = "Y"
    patient_signature_source: str = ""
    accident: Accident | None = None
    special_program: str = ""
    delay_reason: str = ""
    dates: dict[str, DateRange] = {}
    patient_paid: Decimal | None = None
    references: tuple[Reference, ...] = ()
    notes: tuple[Reference, ...] = ()
    diagnoses: tuple[str, ...] = ()
    diagnosis_qualifier: str = "ABK"
    providers: tuple[Provider, ...] = ()
    other_segments: tuple[str, ...] = ()
    unreadable: int = 0
    source: Source | None = None

    @property
    def patient_person(self) -> Party:
        """Who was treated."""
        return self.patient.person if self.patient else self.subscriber.person

    @property
    def service_period(self) -> DateRange:
        """From the first to the last day of service."""
        return DateRange(
            min(line.service_date.start for line in self.lines), max(line.service_date.end for line in self.lines)
        )

    def provider(self, *roles: str) -> Provider | None:
        """The first provider of 2310 in one of these roles."""
        return next((provider for provider in self.providers if provider.role in roles), None)
