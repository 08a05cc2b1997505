"""Insurances of an encounter, and what a payer that was asked before has decided."""

from datetime import date
from decimal import Decimal
from typing import Literal

from claimloop.builders.encounters.people import OtherId, Person, PostalAddress, Record

Relationship = Literal[
    "self", "spouse", "child", "employee", "organ_donor", "cadaver_donor", "life_partner", "other", "unknown"
]  # fmt: skip


class PayerId(Record, kw_only=True, frozen=True):
    """Another number of a payer: his tax id, claim office or NAIC code."""

    type: Literal["payer", "tax_id", "claim_office", "naic"]
    value: str


class AdjustmentRecord(Record, kw_only=True, frozen=True):
    """One adjustment, as the payer's remittance gave it: CO, OA, PI or PR, the reason (CARC) and the amount."""

    group: Literal["CO", "CR", "OA", "PI", "PR"]
    reason: str
    amount: Decimal
    quantity: Decimal | None = None


class CoverageDecision(Record, kw_only=True, frozen=True):
    """What a payer decided about the whole claim: `paid` for all of it, `adjustments` that he made to no single line.

    Where he decided about each service (`decisions` of a service), `paid` and the date may be left to these.
    `payer_claim_number` and `remarks` (RARC) are those of his remittance, the other numbers its MOA. What the patient
    owes is told here or at the services, not at both. `noncovered` is for a payer who was not asked, because he does
    not cover this. `is_correction` marks that he adjusted an earlier decision.
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
    """What the payer `payer_id` decided about one service; `decided_on` where not the coverage's decision says it.

    The procedure is given where he paid another one; `bundled_into` is the number of the service, from 1, into which
    he bundled it. A service that he split has several decisions.
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
    """A provider as another payer knows him: his role on the claim, and the numbers that this payer gave him."""

    role: Literal["referring", "primary_care", "rendering", "facility", "supervising", "billing"]
    other_ids: tuple[OtherId, ...]
    person: bool = True


class Coverage(Record, kw_only=True, frozen=True):
    """An insurance. `filing_indicator` is the claim filing indicator (MB Medicare B, MC Medicaid, CI commercial,
    BL Blue, HM HMO, 12 PPO …). `relationship` says what the patient is to the subscriber; `subscriber` is given
    where that is not "self". A dependent with their own member id is "self" (rules.md#hierarchy).

    `payer_id` is a number of the payer's own (PI) or his national plan id (XV); a member id may be a national one (II).
    Of a payer that is not billed now: his `decision`, and by `provider_ids` the numbers under which he knows the
    providers. What he is told of signatures and assignment is what the encounter says, unless it is said here.
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
