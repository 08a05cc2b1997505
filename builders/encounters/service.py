"""Services of an encounter."""

from datetime import date
from decimal import Decimal
from typing import Literal

from claimloop.builders.encounters.coverage import ServiceDecision
from claimloop.builders.encounters.people import PostalAddress, ProviderRecord, Record
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


class DrugRecord(Record, kw_only=True, frozen=True):
    """A drug given: the 11-digit NDC (dashes are removed) and the quantity, in F2, GR, ME, ML or UN.

    `prescription` is its number. `compound` is the number that links the parts of a compound. `code_type` names another
    kind of code in `ndc`: EN, EO, UK or UP a bar code, HI a HIBC, ON a customer's number.
    """

    ndc: str
    quantity: Decimal
    unit: Literal["F2", "GR", "ME", "ML", "UN"]
    prescription: str = ""
    compound: str = ""
    code_type: Literal["N4", "EN", "EO", "HI", "ON", "UK", "UP"] = "N4"


class ServiceDates(Record, kw_only=True, frozen=True):
    """Dates of a service that the guide requires where they apply. Each is written as the DTP of the same meaning."""

    prescription: date | None = None
    recertification: date | None = None
    begin_therapy: date | None = None
    last_certification: date | None = None
    last_seen: date | None = None
    hemoglobin_test: date | None = None
    creatinine_test: date | None = None
    shipped: date | None = None
    last_x_ray: date | None = None
    initial_treatment: date | None = None


class PayersNumber(Record, kw_only=True, frozen=True):
    """A number that a payer assigned to a service. `payer_id` is given where that is not the payer that is billed."""

    number: str
    payer_id: str = ""


class Service(Record, kw_only=True, frozen=True):
    """One service line. `diagnosis_pointers` count the encounter's diagnoses from 1, the main one first.

    `unit` is "UN" or "MJ" (anesthesia minutes). `end_date` is given where the service took more than a day.
    `line_control_number` is given where the practice has its own (30 characters, A-Z and 0-9). Numbers, providers and
    attachments of the whole visit belong to the encounter. `decisions` are other payers'.
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
    procedure_type: Literal["HC", "ER", "IV", "WK"] = "HC"
    line_control_number: str = ""
    epsdt: bool = False
    family_planning: bool = False
    copay_exempt: bool = False
    note_type: Literal["ADD", "DCP"] = "ADD"
    third_party_note: str = ""
    dates: ServiceDates | None = None
    equipment: EquipmentPrice | None = None
    equipment_certification: EquipmentCertification | None = None
    attachments: tuple[Attachment, ...] = ()
    ambulance: AmbulanceTransport | None = None
    ambulance_patients: Decimal | None = None
    conditions: tuple[Certification, ...] = ()
    obstetric_anesthesia_units: Decimal | None = None
    measurements: tuple[Measurement, ...] = ()
    contract: Contract | None = None
    other_authorizations: tuple[PayersNumber, ...] = ()
    other_referrals: tuple[PayersNumber, ...] = ()
    mammography_certification: str = ""
    referring_clia_number: str = ""
    immunization_batch: str = ""
    repriced_line_number: str = ""
    adjusted_repriced_line_number: str = ""
    sales_tax: Decimal | None = None
    postage: Decimal | None = None
    file_information: tuple[str, ...] = ()
    purchased_service: PurchasedService | None = None
    repricing: Repricing | None = None
    purchased_service_provider: ProviderRecord | None = None
    service_facility: ProviderRecord | None = None
    supervising_provider: ProviderRecord | None = None
    ordering_provider: ProviderRecord | None = None
    referring_provider: ProviderRecord | None = None
    primary_care_provider: ProviderRecord | None = None
    pick_up: PostalAddress | None = None
    drop_off: PostalAddress | None = None
    drop_off_name: str = ""
    decisions: tuple[ServiceDecision, ...] = ()
    forms: tuple[SupportingForm, ...] = ()
