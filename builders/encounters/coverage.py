"""Insurance coverages of an encounter, and the adjudications of payers that were billed before."""

from datetime import date
from decimal import Decimal
from typing import Literal

from claimloop.builders.encounters.people import OtherId, Person, PostalAddress, Record

Relationship = Literal[
    "self", "spouse", "child", "employee", "organ_donor", "cadaver_donor", "life_partner", "other", "unknown"
]  # fmt: skip


class PayerId(Record, kw_only=True, frozen=True):
    """Another number of a payer: its tax id, claim office or NAIC code."""

    type: Literal["payer", "tax_id", "claim_office", "naic"]
    value: str


class AdjustmentRecord(Record, kw_only=True, frozen=True):
    """One adjustment, as the payer's remittance gave it: CO, OA, PI or PR, the reason (CARC) and the amount."""

    group: Literal["CO", "CR", "OA", "PI", "PR"]
    reason: str
    amount: Decimal
    quantity: Decimal | None = None


class CoverageDecision(Record, kw_only=True, frozen=True):
    """A payer's adjudication of the whole claim: `paid` is the total, `adjustments` are those at claim level.

    Where the payer adjudicated each service (`decisions` of a service), `paid` and the date may be left to these.
    `payer_claim_number` and `remarks` (RARC) are from its remittance, and the other numbers from its MOA. Give what the
    patient owes here or at the services, not at both. `noncovered` is for a payer that was not billed because it does
    not cover the service. `is_correction` marks a correction of an earlier adjudication.
    """

    paid: Decimal | None = None
    adjustments: tuple[AdjustmentRecord, ...] = ()
    decided_on: date | None = None
    payer_claim_number: str = ""
    patient_owes: Decimal | None = None
    noncovered: Decimal | None = None
    is_correction: bool = False
    remarks: tuple[str, ...] = ()
    reimbursement_rate: Decimal | None = None
    hcpcs_payable: Decimal | None = None
    esrd_payment: Decimal | None = None
    nonpayable_professional_component: Decimal | None = None


class ServiceDecision(Record, kw_only=True, frozen=True):
    """The adjudication of one service by the payer `payer_id`. `decided_on` is given where the coverage's decision has
    none.

    Give the procedure where the payer paid another one. `bundled_into` is the number of the service, from 1, that the
    payer bundled it into. A service that the payer split has several decisions.
    """

    payer_id: str
    paid: Decimal
    decided_on: date | None = None
    adjustments: tuple[AdjustmentRecord, ...] = ()
    procedure: str = ""
    modifiers: tuple[str, ...] | None = None
    description: str = ""
    units: Decimal | None = None
    bundled_into: int | None = None
    patient_owes: Decimal | None = None


class PayersProvider(Record, kw_only=True, frozen=True):
    """A provider as another payer identifies it: its role on the claim, and the numbers that this payer assigned."""

    role: Literal["referring", "primary_care", "rendering", "facility", "supervising", "billing"]
    other_ids: tuple[OtherId, ...]
    person: bool = True


class Coverage(Record, kw_only=True, frozen=True):
    """An insurance coverage. `filing_indicator` is the claim filing indicator (MB Medicare B, MC Medicaid, CI
    commercial, BL Blue, HM HMO, 12 PPO …). `relationship` is what the patient is to the subscriber; `subscriber` is
    given where that is not "self". A dependent with their own member id is "self" (rules.md#hierarchy).

    `payer_id` is the payer's own number (PI) or its national plan id (XV). A member id may be a national one (II). For
    a payer that is not billed now, give its `decision`, and in `provider_ids` the numbers that it assigned to the
    providers. Signatures and assignment are those of the encounter, unless they are given here.
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
    payer_ids: tuple[PayerId, ...] = ()
    subscriber_ssn: str = ""
    prior_authorization: str = ""
    referral_number: str = ""
    decision: CoverageDecision | None = None
    provider_ids: tuple[PayersProvider, ...] = ()
    payer_id_type: Literal["PI", "XV"] = "PI"
    member_id_type: Literal["MI", "II"] = "MI"
    benefits_assigned: Literal["", "Y", "N", "W"] = ""
    release_of_information: Literal["", "Y", "I"] = ""
    patient_signature_by_provider: bool | None = None
