"""The practice's own record of a visit. It has plain names instead of X12 terms, nested as a practice would nest them.

JSON, JSONL and CSV are read into these records (`builders.encounters.intake`); `claimloop init --schema` prints their
JSON Schema. Money and quantities are decimal numbers or text, never rounded. Dates are YYYY-MM-DD. Codes are text.
"""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Annotated, Literal, Self

import msgspec
from msgspec import Meta

from claimloop.builders.encounters.conform import misfit_findings
from claimloop.builders.encounters.coverage import (
    AdjustmentRecord,
    Coverage,
    CoverageDecision,
    PayerId,
    PayersProvider,
    Relationship,
    ServiceDecision,
)
from claimloop.builders.encounters.people import OtherId, Person, PostalAddress, ProviderRecord, Record, Sex
from claimloop.builders.encounters.service import DrugRecord, PayersNumber, Service, ServiceDates
from claimloop.edi.diagnostics import Diagnostic, UserError, Where, diagnose
from claimloop.edi.records.claim_supplements import (
    AmbulanceTransport,
    Attachment,
    Certification,
    Contract,
    Repricing,
    SpinalManipulation,
)

__all__ = [
    "AccidentRecord",
    "AdjustmentRecord",
    "ClaimDates",
    "Coverage",
    "CoverageDecision",
    "DrugRecord",
    "Encounter",
    "NotAnEncounter",
    "OtherId",
    "PayToPlan",
    "PayerId",
    "PayersNumber",
    "PayersProvider",
    "Person",
    "PostalAddress",
    "PropertyCasualty",
    "ProviderRecord",
    "Relationship",
    "Service",
    "ServiceDates",
    "ServiceDecision",
    "Sex",
]

YesNo = Literal["Y", "N"]


class ClaimDates(Record, kw_only=True, frozen=True):
    """Dates that the guide requires where they apply. Each is written as the DTP of the same meaning."""

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
    hearing_vision_prescription: date | None = None
    repricer_received: date | None = None


class AccidentRecord(Record, kw_only=True, frozen=True):
    """Why another party may have to pay. `state` is required for an auto accident in the US."""

    auto: bool = False
    employment: bool = False
    other: bool = False
    state: str = ""
    country: str = ""


class PayToPlan(Record, kw_only=True, frozen=True):
    """A plan that paid first and must be repaid (2010AC). `id_type` is PI, or XV for a national plan id."""

    name: str
    id: str
    id_type: Literal["PI", "XV"] = "PI"
    address: PostalAddress
    tax_id: str
    other_id: PayerId | None = None


class PropertyCasualty(Record, kw_only=True, frozen=True):
    """The number of a property and casualty claim, and the contact for it."""

    claim_number: str
    contact_name: str = ""
    phone: str = ""
    phone_extension: str = ""


class NotAnEncounter(UserError, ValueError):
    """Values that do not make an encounter. `findings` has every problem; the text has one line for each."""

    def __init__(self, findings: list[Diagnostic]) -> None:
        super().__init__("\n".join(map(str, findings)))
        self.findings = findings


class Encounter(Record, kw_only=True, frozen=True):
    """A visit to be claimed. `encounter_id` is the practice's own number. It is never used again.

    `coverages` are in the order in which they pay. The claim goes to the first without a `decision`, or to `bill_to`
    (its payer id, or its place from 1), and reports the others. `billing_provider` may be left to the configuration.
    Diagnoses are ICD-10-CM, with or without the point; ICD-9-CM for services before October 2015.
    `patient_control_number` is given where the practice has its own for the claim (17 characters, A-Z, 0-9 and dash,
    no leading zero). Otherwise it is made from the encounter id.
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
    bill_to: str | int = ""
    patient_control_number: str = ""
    patient_signature_by_provider: bool = False
    currency: str = ""
    pay_to_plan: PayToPlan | None = None
    property_casualty: PropertyCasualty | None = None
    attachments: tuple[Attachment, ...] = ()
    contract: Contract | None = None
    service_authorization_exception: str = ""
    medicare_crossover: Literal["", "Y", "N"] = ""
    mammography_certification: str = ""
    repriced_claim_number: str = ""
    adjusted_repriced_claim_number: str = ""
    device_exemption: str = ""
    demonstration_project: str = ""
    care_plan_oversight: str = ""
    file_information: tuple[str, ...] = ()
    ambulance: AmbulanceTransport | None = None
    pick_up: PostalAddress | None = None
    drop_off: PostalAddress | None = None
    drop_off_name: str = ""
    spinal_manipulation: SpinalManipulation | None = None
    conditions: tuple[Certification, ...] = ()
    homebound: bool = False
    anesthesia_procedures: tuple[str, ...] = ()
    condition_codes: tuple[str, ...] = ()
    repricing: Repricing | None = None
    diagnosis_code_set: Literal["ICD-10-CM", "ICD-9-CM"] = "ICD-10-CM"

    @classmethod
    def from_dict(cls, values: Mapping[str, object]) -> Self:
        """Make an encounter of plain values, nested as in JSON, and check every name and type.

        Amounts are Decimal, int or text ("135.00"). A float counts as the digits that Python prints for it. Dates are
        `datetime.date` or text (YYYY-MM-DD). This does not check whether the encounter can be sent (`check_encounter`,
        `build_837p`). Raises NotAnEncounter with every problem.

            Encounter.from_dict(json.loads(text))
        """
        return cls._from(dict(values))

    def typed(self) -> Self:
        """Check the type of every field, which calling `Encounter(...)` does not, and return a typed encounter.

        A list becomes a tuple, and the text of a date becomes a date. Raises NotAnEncounter with every problem.
        """
        return self._from(self)

    @classmethod
    def _from(cls, values: object) -> Self:
        try:
            plain: object = msgspec.to_builtins(values, builtin_types=(Decimal, date))
        except (TypeError, ValueError, RecursionError) as error:  # an object that no file could hold
            raise NotAnEncounter([diagnose("C301", Where(subject="encounter"), problem=str(error))]) from None
        try:
            return msgspec.convert(plain, cls)
        except msgspec.ValidationError as error:
            problem = str(error)
        name = plain.get("encounter_id") if isinstance(plain, dict) else None
        where = Where(subject=f"encounter {name}" if isinstance(name, str) and name else "encounter")
        raise NotAnEncounter(misfit_findings(plain, cls, where) or [diagnose("C301", where, problem=problem)])
