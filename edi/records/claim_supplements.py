"""Supplementary information on a claim (2300) or line (2400) of an 837P: one record for each segment.

Fields name their element (see `edi.records.layout`). Money, weights and distances are Decimal; codes stay as sent.
"""

from decimal import Decimal
from typing import Annotated

import msgspec


class Attachment(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """PWK: paperwork that supports the claim.

    `report_type` is 03, B4, OZ, CT and others. `transmission` is AA (available on request), BM (mail), EL, EM, FT, FX,
    or for a certificate of medical necessity AB, AD, AF, AG, NS. `control_number` is the number on the document.
    """

    report_type: Annotated[str, "PWK01"]
    transmission: Annotated[str, "PWK02"]
    control_number: Annotated[str, "PWK06", "PWK05=AC"] = ""


class Contract(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """CN1: the contract that sets the price. `type` is 01 DRG, 02 per diem, 03, 04 flat, 05 capitated, 06 percent, or
    09.
    """

    type: Annotated[str, "CN101"]
    amount: Annotated[Decimal | None, "CN102"] = None
    percentage: Annotated[Decimal | None, "CN103"] = None
    code: Annotated[str, "CN104"] = ""
    terms_discount: Annotated[Decimal | None, "CN105"] = None
    version: Annotated[str, "CN106"] = ""


class AmbulanceTransport(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """CR1: ambulance transport: `reason` A-E, miles, the patient's weight in pounds, and the purpose of a round trip
    and of a stretcher.
    """

    reason: Annotated[str, "CR104"]
    distance: Annotated[Decimal, "CR106", "CR105=DH"]
    patient_weight: Annotated[Decimal | None, "CR102", "CR101=LB"] = None
    round_trip_purpose: Annotated[str, "CR109"] = ""
    stretcher_purpose: Annotated[str, "CR110"] = ""


class SpinalManipulation(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """CR2: spinal manipulation: `condition` A acute, C chronic, D, E, F, G, M; and its description."""

    condition: Annotated[str, "CR208"]
    description: Annotated[str, "CR210"] = ""
    more_description: Annotated[str, "CR211"] = ""


class Certification(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """CRC: conditions that apply or do not apply (`applies` Y or N).

    `category` is 07 ambulance, E1 E2 E3 vision, 75 homebound, ZZ EPSDT, 70 hospice employee, 09 durable medical
    equipment.
    """

    category: Annotated[str, "CRC01"]
    applies: Annotated[str, "CRC02"]
    conditions: Annotated[tuple[str, ...], "CRC03..07"]


class Repricing(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """HCP: how a repricer priced the claim or line. Only lines have a procedure and a quantity."""

    method: Annotated[str, "HCP01"]
    allowed: Annotated[Decimal, "HCP02"]
    savings: Annotated[Decimal | None, "HCP03"] = None
    organization_id: Annotated[str, "HCP04"] = ""
    rate: Annotated[Decimal | None, "HCP05"] = None
    ambulatory_group: Annotated[str, "HCP06"] = ""
    ambulatory_group_amount: Annotated[Decimal | None, "HCP07"] = None
    procedure_qualifier: Annotated[str, "HCP09"] = ""
    procedure: Annotated[str, "HCP10"] = ""
    unit: Annotated[str, "HCP11"] = ""
    quantity: Annotated[Decimal | None, "HCP12"] = None
    reject_reason: Annotated[str, "HCP13"] = ""
    compliance: Annotated[str, "HCP14"] = ""
    exception: Annotated[str, "HCP15"] = ""


class EquipmentPrice(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """SV5: rental or purchase of durable medical equipment. `frequency` of the rental is 1 weekly, 4
    monthly, 6 daily.
    """

    procedure: Annotated[str, "SV501-2", "SV501-1=HC"]
    days: Annotated[Decimal, "SV503", "SV502=DA"]
    rental_price: Annotated[Decimal, "SV504"]
    purchase_price: Annotated[Decimal, "SV505"]
    frequency: Annotated[str, "SV506"]


class EquipmentCertification(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """CR3: `type` is I initial, R renewal, S revised; the duration is the number of months for which the equipment is
    needed.
    """

    type: Annotated[str, "CR301"]
    months: Annotated[Decimal, "CR303", "CR302=MO"]


class Measurement(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """MEA: a test result. `reference` is OG original or TR test results; `type` is HT height, R1-R4 hemoglobin and
    others.
    """

    reference: Annotated[str, "MEA01"]
    type: Annotated[str, "MEA02"]
    value: Annotated[Decimal, "MEA03"]


class PurchasedService(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """PS1: a service purchased from another provider: its identifier and the charge."""

    provider_id: Annotated[str, "PS101"]
    charge: Annotated[Decimal, "PS102"]


class FormAnswer(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """FRM: a question number and its answer: Y, N or W, text, a date CCYYMMDD, or a percentage."""

    question: Annotated[str, "FRM01"]
    yes_no: Annotated[str, "FRM02"] = ""
    text: Annotated[str, "FRM03"] = ""
    date: Annotated[str, "FRM04"] = ""
    percentage: Annotated[Decimal | None, "FRM05"] = None


class SupportingForm(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """2440 LQ and its FRM segments: a form completed for the line. `list` is AS (form type) or UT (CMS certificate of
    medical necessity).
    """

    list: Annotated[str, "LQ01"]
    form: Annotated[str, "LQ02"]
    answers: tuple[FormAnswer, ...] = ()
