"""A service line (2400) of an 837P with the loops below it: drug, providers, other payers' adjudication, forms.

Names follow the guide. Money and quantities are Decimal; codes stay as sent.
"""

from datetime import date
from decimal import Decimal

import msgspec

from claimloop.edi.dates import DateRange
from claimloop.edi.records.claim_supplements import (
    AmbulanceTransport,
    Attachment,
    Certification,
    Contract,
    EquipmentCertification,
    EquipmentPrice,
    Measurement,
    PurchasedService,
    Repricing,
    SupportingForm,
)
from claimloop.edi.records.other_payer import LineAdjudication
from claimloop.edi.records.parties import Provider, Reference

NO_SERVICE_DATE = DateRange(date.min, date.min)
"""The `service_date` of a line without a readable DTP*472; the claim counts it in `unreadable`."""


class Drug(msgspec.Struct, frozen=True, omit_defaults=True):
    """2410 LIN and CTP: an 11-digit NDC without dashes; `unit` is F2, GR, ME, ML or UN.

    `code_qualifier` is LIN02, N4 for an NDC. `prescription` is REF*XZ, or if `prescription_qualifier` is VY the number
    that links the parts of a compound.
    """

    ndc: str
    quantity: Decimal
    unit: str
    prescription: str = ""
    prescription_qualifier: str = "XZ"
    code_qualifier: str = "N4"


class ServiceLine(msgspec.Struct, frozen=True, omit_defaults=True):
    """2400. `line_control_number` is REF*6R; `unit` is UN or MJ (minutes); `diagnosis_pointers` count from 1.

    `dates` maps a DTP01 qualifier other than 472 (471, 607, 463 …) to the date or period of DTP03; `references` holds
    the REF segments other than 6R; `notes` holds the NTE segments (qualifier, text). `providers` holds those of 2420A-H
    by NM101 (82, QB, 77, DQ, DK, DN, P3, PW, 45). `conditions` holds the CRC segments, `file_information` the K3
    segments; `sales_tax` is AMT*T, `postage` AMT*F4.
    """

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
    epsdt: bool = False
    family_planning: bool = False
    copay_exempt: bool = False
    description: str = ""
    procedure_qualifier: str = "HC"
    equipment: EquipmentPrice | None = None
    attachments: tuple[Attachment, ...] = ()
    ambulance: AmbulanceTransport | None = None
    equipment_certification: EquipmentCertification | None = None
    conditions: tuple[Certification, ...] = ()
    dates: dict[str, DateRange] = {}
    ambulance_patients: Decimal | None = None
    obstetric_anesthesia_units: Decimal | None = None
    measurements: tuple[Measurement, ...] = ()
    contract: Contract | None = None
    references: tuple[Reference, ...] = ()
    sales_tax: Decimal | None = None
    postage: Decimal | None = None
    file_information: tuple[str, ...] = ()
    notes: tuple[Reference, ...] = ()
    purchased_service: PurchasedService | None = None
    repricing: Repricing | None = None
    drug: Drug | None = None
    providers: tuple[Provider, ...] = ()
    adjudications: tuple[LineAdjudication, ...] = ()
    forms: tuple[SupportingForm, ...] = ()
    other_segments: tuple[str, ...] = ()

    def provider(self, *roles: str) -> Provider | None:
        """Return the first provider of 2420 in one of these roles."""
        return next((provider for provider in self.providers if provider.role in roles), None)

    @property
    def rendering_provider(self) -> Provider | None:
        """Return 2420A, which is sent if it differs from the claim's rendering provider."""
        return self.provider("82")
