"""What an 835 says (005010X221A1, 004010X091A1), in the guide's words.

Money is Decimal with the sign as sent; codes stay as sent. What has no field of its own is in `other_segments`,
as text, so that nothing which was in the file is lost. Records are made by the hundred thousand: lists, not
tuples, and plain fields.
"""

from datetime import date
from decimal import Decimal

import msgspec

from claimloop.edi.dates import DateRange
from claimloop.edi.envelope import Source
from claimloop.edi.money import ZERO
from claimloop.edi.parties import Contact, Party, Reference

REVERSAL = "22"
FORWARDED = frozenset(("19", "20", "21", "23"))
"""CLP02 of a claim that the payer sent on to a further payer."""

PREDETERMINATION = "25"


class Adjustment(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """One (reason, amount, quantity) of a CAS. `group` is CO, PR, OA or PI (4010: CR); `reason` a CARC.

    A positive amount lowers the payment.
    """

    group: str
    reason: str
    amount: Decimal
    quantity: Decimal | None = None


class QualifiedAmount(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """AMT: never part of a balance."""

    qualifier: str
    amount: Decimal


class QualifiedQuantity(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """QTY."""

    qualifier: str
    quantity: Decimal


class QualifiedDate(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """DTM."""

    qualifier: str
    date: date


class RemarkCode(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """LQ: `qualifier` HE for a RARC, RX for an NCPDP reject code."""

    qualifier: str
    code: str


class Procedure(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """SVC01 or SVC06: qualifier (HC, N4, NU, AD …), code, modifiers, description."""

    qualifier: str
    code: str
    modifiers: tuple[str, ...] = ()
    description: str = ""


class ServicePayment(msgspec.Struct, omit_defaults=True, gc=False):
    """2110: what was decided about one service line.

    `procedure` is the adjudicated one; `submitted_procedure` is sent only where it differs. `dates` holds each DTM
    (472 service, 150 and 151 start and end).
    """

    procedure: Procedure
    charge: Decimal
    paid: Decimal
    revenue_code: str = ""
    units_paid: Decimal | None = None
    submitted_procedure: Procedure | None = None
    submitted_units: Decimal | None = None
    dates: list[QualifiedDate] = []
    adjustments: list[Adjustment] = []
    references: list[Reference] = []
    amounts: list[QualifiedAmount] = []
    quantities: list[QualifiedQuantity] = []
    remarks: list[RemarkCode] = []
    other_segments: list[str] = []
    segment: int = 0

    @property
    def line_control_number(self) -> str:
        """REF*6R as the payer returned it; empty where there is none."""
        return next((ref.value for ref in self.references if ref.qualifier == "6R"), "")

    @property
    def billed_procedure(self) -> Procedure:
        """What was submitted: SVC06 where it is sent, else SVC01 (DOMAIN 3.6)."""
        return self.submitted_procedure or self.procedure

    @property
    def service_date(self) -> DateRange | None:
        """DTM*472, or the range 150 to 151; None where the line has no date of its own."""
        days = {dated.qualifier: dated.date for dated in self.dates}
        if "472" in days:
            return DateRange(days["472"], days["472"])
        start, end = days.get("150", days.get("151")), days.get("151", days.get("150"))
        return DateRange(start, end) if start and end else None

    @property
    def adjusted(self) -> Decimal:
        """Sum of the line's CAS amounts."""
        return sum((adjustment.amount for adjustment in self.adjustments), ZERO)

    @property
    def imbalance(self) -> Decimal:
        """`SVC02 − Σ CAS(2110) − SVC03`; zero where the line balances (DOMAIN 3.1)."""
        return self.charge - self.adjusted - self.paid


class InpatientAdjudication(msgspec.Struct, frozen=True, omit_defaults=True):
    """MIA: its elements as sent (MIA01 first) and the remark codes among them (MIA05, MIA20-23)."""

    elements: tuple[str, ...]
    remarks: tuple[str, ...] = ()


class OutpatientAdjudication(msgspec.Struct, frozen=True, omit_defaults=True):
    """MOA: its elements as sent (MOA01 first) and the remark codes among them (MOA03-07)."""

    elements: tuple[str, ...]
    remarks: tuple[str, ...] = ()


class ClaimPayment(msgspec.Struct, omit_defaults=True, gc=False):
    """2100 with its lines: what was decided about one claim. `status` is CLP02.

    `parties` holds each NM1 by its role: QC patient, IL insured, 74 corrected name, 82 rendering provider,
    TT crossover carrier, PR corrected payer, GB other subscriber. `unreadable` counts the segments of this claim
    that hold an amount, quantity or date which could not be read: such a claim is never posted.
    """

    patient_control_number: str
    status: str
    charge: Decimal
    paid: Decimal
    patient_responsibility: Decimal | None = None
    claim_filing_indicator: str = ""
    payer_claim_number: str = ""
    facility_type: str = ""
    frequency: str = ""
    drg: str = ""
    drg_weight: Decimal | None = None
    discharge_fraction: Decimal | None = None
    header_number: str = ""
    adjustments: list[Adjustment] = []
    parties: list[Party] = []
    inpatient: InpatientAdjudication | None = None
    outpatient: OutpatientAdjudication | None = None
    references: list[Reference] = []
    dates: list[QualifiedDate] = []
    amounts: list[QualifiedAmount] = []
    quantities: list[QualifiedQuantity] = []
    contacts: list[Contact] = []
    services: list[ServicePayment] = []
    other_segments: list[str] = []
    unreadable: int = 0
    source: Source | None = None

    @property
    def is_reversal(self) -> bool:
        """CLP02 is 22: every amount of an earlier payment comes back negated."""
        return self.status == REVERSAL

    @property
    def forwarded(self) -> bool:
        """The payer sent the claim on to a further payer (CLP02 19, 20, 21, 23, or a crossover carrier NM1*TT)."""
        return self.status in FORWARDED or any(party.role == "TT" for party in self.parties)

    def party(self, role: str) -> Party | None:
        """The first party in this role."""
        return next((party for party in self.parties if party.role == role), None)

    @property
    def imbalance(self) -> Decimal:
        """`CLP03 − Σ CAS(2100) − Σ CAS(2110) − CLP04`; zero where the claim balances (DOMAIN 3.1)."""
        adjusted = sum((adjustment.amount for adjustment in self.adjustments), ZERO)
        return self.charge - adjusted - sum((line.adjusted for line in self.services), ZERO) - self.paid

    @property
    def unspread(self) -> Decimal:
        """The part of CLP04 that no line carries: `CLP04 − Σ SVC03`."""
        return self.paid - sum((line.paid for line in self.services), ZERO)


class ProviderAdjustment(msgspec.Struct, frozen=True, omit_defaults=True):
    """One (reason, reference, amount) of a PLB. A positive amount lowers the payment, a negative one raises it."""

    provider: str
    fiscal_period: str
    reason: str
    reference: str
    amount: Decimal
    segment: int = 0


class ProviderSummary(msgspec.Struct, frozen=True, omit_defaults=True):
    """TS3 or TS2 under an LX: its id and its elements as sent."""

    kind: str
    header_number: str
    elements: tuple[str, ...]


class Remittance(msgspec.Struct, omit_defaults=True):
    """One 835 set: the payment (BPR), its trace (TRN), payer, payee, claims and provider adjustments.

    While a file is streamed, `claims`, `provider_adjustments` and `summaries` stay empty: they come one by one; and
    `other_segments` and `unreadable` can still grow until the set's RemittanceEnd has come. `unreadable` counts the
    segments outside the claims whose amount or date could not be read. `delivery` is RDM: how the payer sends the
    remittance (method, name, number). `end` is there where the whole set was read into memory.
    """

    handling: str = ""
    payment_amount: Decimal = ZERO
    credit_debit: str = ""
    payment_method: str = ""
    payment_format: str = ""
    payment_date: date | None = None
    payer_account: tuple[str, ...] = ()
    payee_account: tuple[str, ...] = ()
    originating_company: str = ""
    trace_number: str = ""
    payer_id: str = ""
    supplemental_id: str = ""
    production_date: date | None = None
    payer: Party = Party()
    payee: Party = Party()
    delivery: tuple[str, ...] = ()
    references: list[Reference] = []
    dates: list[QualifiedDate] = []
    currency: str = ""
    guide: str = ""
    summaries: list[ProviderSummary] = []
    claims: list[ClaimPayment] = []
    provider_adjustments: list[ProviderAdjustment] = []
    other_segments: list[str] = []
    unreadable: int = 0
    source: Source | None = None
    end: "RemittanceEnd | None" = None


class RemittanceEnd(msgspec.Struct, frozen=True):
    """The sums of a set that was streamed, and whether its trailer came.

    `digest` is a SHA-256 over its segments without control numbers, delimiters and line breaks: the same set in
    another envelope has the same digest. `unreadable` counts the segments of the whole set, claims included, whose
    amount, quantity or date could not be read.
    """

    claims: int
    claims_paid: Decimal
    provider_adjusted: Decimal
    complete: bool
    digest: str
    unreadable: int = 0

    def expected_payment(self) -> Decimal:
        """`Σ CLP04 − Σ PLB`: what BPR02 must be (DOMAIN 3.1)."""
        return self.claims_paid - self.provider_adjusted
