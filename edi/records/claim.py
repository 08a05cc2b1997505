"""Records of an 837P (005010X222A1): one `Claim` together with every level above it in the hierarchy.

Names follow the guide. Money and quantities are Decimal; codes stay as sent.
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
    """PAT facts about the patient: date of death, weight in pounds, pregnancy."""

    died_on: Annotated[date | None, "PAT06", "PAT05=D8"] = None
    weight: Annotated[Decimal | None, "PAT08", "PAT07=01"] = None
    pregnant: Annotated[bool, "PAT09"] = False


class Subscriber(msgspec.Struct, frozen=True, omit_defaults=True):
    """2000B SBR and PAT, and 2010BA. `payer_responsibility` is SBR01 (P, S, T …).

    `relationship` is SBR02: "18" if the patient is the subscriber, else empty. The property and casualty claim number
    (Y4) is one of the references of `person`, and the contact for it is one of the contacts of `person`.
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
    """2000C PAT and 2010CA: the patient, if not the subscriber. `relationship` is PAT01."""

    person: Party
    relationship: str
    birth_date: date | None = None
    sex: str = ""
    condition: PatientCondition | None = None


class Accident(msgspec.Struct, frozen=True, omit_defaults=True):
    """CLM11: related causes (AA auto, EM employment, OA other) and the state or country of an auto accident."""

    causes: tuple[str, ...]
    state: str = ""
    country: str = ""


class Claim(msgspec.Struct, frozen=True, omit_defaults=True):
    """2300 with its lines, and the billing provider, subscriber, patient and payer above it.

    `dates` maps a DTP01 qualifier (431, 454, 439 …) to the date or period of DTP03; `references` holds the REF segments
    of 2300; `notes` holds the NTE segments (qualifier, text); `providers` holds loops 2310A-F by NM101 (DN, P3, 82, 77,
    DQ, PW, 45). `diagnosis_qualifier` is ABK for ICD-10-CM codes. Diagnoses have no decimal point.
    `anesthesia_procedures` holds HI*BP and BO, `condition_codes` HI*BG, `conditions` the CRC segments,
    `file_information` the K3 segments. `pay_to_plan` is 2010AC, `currency` CUR02. `unreadable` counts the amounts,
    quantities and dates that the reader could not parse. The reader never substitutes a guess without counting it.
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
        """Return the person who was treated."""
        return self.patient.person if self.patient else self.subscriber.person

    @property
    def service_period(self) -> DateRange:
        """Return the period from the first to the last day of service."""
        return DateRange(
            min(line.service_date.start for line in self.lines), max(line.service_date.end for line in self.lines)
        )

    def provider(self, *roles: str) -> Provider | None:
        """Return the first provider of 2310 in one of these roles."""
        return next((provider for provider in self.providers if provider.role in roles), None)
