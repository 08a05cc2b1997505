"""Records of a submitted claim as a payer reads it. Amounts are cents, dates CCYYMMDD as sent."""

import msgspec

from claimloop.edi.syntax.envelope import Group, Interchange


class SubmittedParty(msgspec.Struct, frozen=True, gc=False):
    """NM1 and what follows it. `entity` is NM102 ("1" a person), `id` is NM109 with its qualifier; `tax_id` is
    REF*EI/SY.
    """

    name: str = ""
    first_name: str = ""
    middle_name: str = ""
    entity: str = ""
    id_qualifier: str = ""
    id: str = ""
    tax_id: str = ""
    street: str = ""
    city: str = ""
    state: str = ""
    zip: str = ""
    birth_date: str = ""
    sex: str = ""

    @property
    def npi(self) -> str:
        """Return the NPI; empty if there is none."""
        return self.id if self.id_qualifier == "XX" else ""


NOBODY = SubmittedParty()


class PriorAdjustment(msgspec.Struct, frozen=True, gc=False):
    """One CAS triple of another payer."""

    group: str
    reason: str
    amount: int


class PriorLine(msgspec.Struct, frozen=True, gc=False):
    """2430: what another payer (SVD01) paid for a line, and its adjustments."""

    payer_id: str
    paid: int
    adjustments: tuple[PriorAdjustment, ...] = ()


class OtherPayer(msgspec.Struct, frozen=True, gc=False):
    """2320 and 2330B. `responsibility` is SBR01; `paid` is AMT*D, None if it was not sent."""

    responsibility: str
    payer_id: str = ""
    name: str = ""
    member_id: str = ""
    paid: int | None = None
    adjustments: tuple[PriorAdjustment, ...] = ()


class SubmittedLine(msgspec.Struct, frozen=True, gc=False):
    """2400. `number` is LX01; `segment` is the number in the file of the LX."""

    number: str
    line_control_number: str
    qualifier: str
    procedure: str
    modifiers: tuple[str, ...]
    charge: int
    unit: str
    units: str
    first_day: str
    last_day: str
    pointers: tuple[str, ...]
    place_of_service: str
    prior: tuple[PriorLine, ...]
    segment: int


class SubmittedClaim(msgspec.Struct, frozen=True, gc=False):
    """2300 and everything above it.

    `responsibility` is SBR01, `relationship` SBR02 or PAT01, `payer_claim_number` REF*F8, `trace` REF*D9 (2300).
    `transaction` is ST02, `batch_id` and `batch_date` are BHT03 and BHT04, `guide` is GS08. `segment` and
    `last_segment` are the numbers in the file of its CLM and of its last segment; `unreadable` counts the amounts that
    are not numbers (they are read as 0).
    """

    file: str
    interchange: Interchange
    group: Group
    transaction: str
    guide: str
    batch_id: str
    batch_date: str
    submitter: SubmittedParty
    receiver: SubmittedParty
    billing_provider: SubmittedParty
    payer: SubmittedParty
    subscriber: SubmittedParty
    patient: SubmittedParty
    responsibility: str
    relationship: str
    filing_indicator: str
    group_number: str
    control_number: str
    charge: int
    place_of_service: str
    facility_qualifier: str
    frequency: str
    payer_claim_number: str
    trace: str
    diagnoses: tuple[str, ...]
    patient_paid: int
    lines: tuple[SubmittedLine, ...]
    other_payers: tuple[OtherPayer, ...]
    segment: int
    last_segment: int
    unreadable: int

    @property
    def first_day(self) -> str:
        """Return the first day of service, CCYYMMDD; empty if no line has one."""
        return min((line.first_day for line in self.lines if line.first_day), default="")

    @property
    def last_day(self) -> str:
        """Return the last day of service, CCYYMMDD; empty if no line has one."""
        return max((line.last_day for line in self.lines if line.last_day), default="")
