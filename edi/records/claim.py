"""What an 837P says (005010X222A1): one `Claim` with everything that stands above it in the hierarchy.

Names are the guide's. Money is Decimal, quantities are Decimal, codes stay as sent.
"""

from datetime import date
from decimal import Decimal
from typing import Annotated

import msgspec

from claimloop.edi.dates import DateRange
from claimloop.edi.records.claim_supplements import (
    AmbulanceTransport,
    Attachment,
    Certification,
    Contract,
    Repricing,
    SpinalManipulation,
)
from claimloop.edi.records.other_payer import OtherPayer
from claimloop.edi.records.parties import Address, Party, Provider, Reference
from claimloop.edi.records.service_line import ServiceLine
from claimloop.edi.syntax.envelope import Source

PATIENT_IS_SUBSCRIBER = "18"


class PatientCondition(msgspec.Struct, frozen=True, omit_defaults=True):
    """What PAT says of the patient himself: day of death, weight in pounds, a pregnancy."""

    died_on: Annotated[date | None, "PAT06", "PAT05=D8"] = None
    weight: Annotated[Decimal | None, "PAT08", "PAT07=01"] = None
    pregnant: Annotated[bool, "PAT09"] = False


class Subscriber(msgspec.Struct, frozen=True, omit_defaults=True):
    """2000B SBR and PAT, 2010BA. `payer_responsibility` is SBR01 (P, S, T …).

    `relationship` is SBR02: "18" where the patient is the subscriber, else empty. The property and casualty claim
    number (Y4) is a reference of `person`, who is to be asked about it one of his contacts.
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
    condition: PatientCondition | None = None


class Patient(msgspec.Struct, frozen=True, omit_defaults=True):
    """2000C PAT and 2010CA: the patient where that is not the subscriber. `relationship` is PAT01."""

    person: Party
    relationship: str
    birth_date: date | None = None
    sex: str = ""
    condition: PatientCondition | None = None


class Accident(msgspec.Struct, frozen=True, omit_defaults=True):
    """CLM11: related causes (AA auto, EM employment, OA other), the state or country of an auto accident."""

    causes: tuple[str, ...]
    state: str = ""
    country: str = ""


class Claim(msgspec.Struct, frozen=True, omit_defaults=True):
    """2300 with its lines and the billing provider, subscriber, patient and payer that it stands under.

    `dates` maps a DTP01 qualifier (431, 454, 439 …) to what DTP03 says; `references` are the REF of 2300; `notes`
    the NTE (qualifier, text); `providers` the loops 2310A-F by their NM101 (DN, P3, 82, 77, DQ, PW, 45).
    `diagnosis_qualifier` is ABK where the codes are ICD-10-CM. Diagnoses have no decimal point. `anesthesia_procedures`
    are HI*BP and BO, `condition_codes` HI*BG, `conditions` the CRC, `file_information` the K3. `pay_to_plan` is
    2010AC, `currency` CUR02. `unreadable` counts the amounts, quantities and dates of a claim that was read and could
    not be understood: never 0 for a guess.
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
    pay_to_plan: Party | None = None
    currency: str = ""
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
    attachments: tuple[Attachment, ...] = ()
    contract: Contract | None = None
    patient_paid: Decimal | None = None
    references: tuple[Reference, ...] = ()
    file_information: tuple[str, ...] = ()
    notes: tuple[Reference, ...] = ()
    ambulance: AmbulanceTransport | None = None
    spinal_manipulation: SpinalManipulation | None = None
    conditions: tuple[Certification, ...] = ()
    diagnoses: tuple[str, ...] = ()
    diagnosis_qualifier: str = "ABK"
    anesthesia_procedures: tuple[str, ...] = ()
    condition_codes: tuple[str, ...] = ()
    repricing: Repricing | None = None
    providers: tuple[Provider, ...] = ()
    other_payers: tuple[OtherPayer, ...] = ()
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
