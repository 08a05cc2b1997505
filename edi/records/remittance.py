"""Records of an 835 (005010X221A1, 004010X091A1). Names follow the guide.

Money is Decimal with its sign as sent; codes stay as sent. Segments without a field of their own are kept as text in
`other_segments`, so that nothing in the file is lost. A file yields records by the hundred thousand, so they use plain
fields, and lists rather than tuples. Properties derive values from the fields on demand.
"""

from datetime import date
from decimal import Decimal

import msgspec

from claimloop.edi.money import ZERO
from claimloop.edi.records.adjustments import Adjustment
from claimloop.edi.records.claim_payment import FORWARDED, PREDETERMINATION, REVERSAL, ClaimPayment
from claimloop.edi.records.parties import Contact, Party, Reference
from claimloop.edi.records.procedure import Procedure
from claimloop.edi.records.remittance_summaries import InpatientAdjudication, OutpatientAdjudication, ProviderSummary
from claimloop.edi.records.service_payment import (
    QualifiedAmount,
    QualifiedDate,
    QualifiedQuantity,
    RemarkCode,
    ServicePayment,
)
from claimloop.edi.syntax.envelope import Source

__all__ = [
    "FORWARDED",
    "PREDETERMINATION",
    "REVERSAL",
    "Adjustment",
    "ClaimPayment",
    "Delivery",
    "InpatientAdjudication",
    "OutpatientAdjudication",
    "Procedure",
    "ProviderAdjustment",
    "ProviderSummary",
    "QualifiedAmount",
    "QualifiedDate",
    "QualifiedQuantity",
    "ReassociationKey",
    "RemarkCode",
    "Remittance",
    "RemittanceEnd",
    "ServicePayment",
]


class ProviderAdjustment(msgspec.Struct, frozen=True, omit_defaults=True):
    """One (reason, reference, amount) of a PLB. A positive amount reduces the payment, a negative one increases it."""

    provider: str
    fiscal_period: str
    reason: str
    reference: str
    amount: Decimal
    segment: int = 0


class Delivery(msgspec.Struct, frozen=True):
    """RDM: how the remittance is delivered (BM mail, EM email, FT file transfer, OL online), the name and
    the number.
    """

    method: str = ""
    name: str = ""
    number: str = ""


class ReassociationKey(msgspec.Struct, frozen=True):
    """What identifies a payment at the bank: TRN02, TRN03, BPR16, BPR02, BPR04 (rules.md#reassociation)."""

    trace_number: str
    payer_id: str
    payment_date: date | None
    payment_amount: Decimal
    payment_method: str


class Remittance(msgspec.Struct, omit_defaults=True):
    """One 835 set: the payment (BPR), its trace (TRN), payer, payee, claims and provider adjustments.

    When a file is streamed, `claims`, `provider_adjustments` and `summaries` stay empty because they arrive one by one;
    `other_segments` and `unreadable` may still grow until the set's RemittanceEnd. `unreadable` counts the segments
    outside the claims whose amount or date cannot be read. `delivery` is RDM: how the payer delivers the remittance
    (method, name, number). `currency` is CUR02, stated by `currency_entity` (CUR01: PR payer) at `exchange_rate`
    (CUR03, 4010 only). `payment_segment` is the number of BPR in the file. `end` is set if the whole set was read into
    memory.
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
    currency_entity: str = ""
    exchange_rate: Decimal | None = None
    payment_segment: int = 0

    @property
    def reassociation_key(self) -> ReassociationKey:
        """Return the key that finds the payment in the bank's records."""
        return ReassociationKey(
            self.trace_number, self.payer_id, self.payment_date, self.payment_amount, self.payment_method
        )

    @property
    def is_notice(self) -> bool:
        """BPR01 is H: the remittance is for information only and moves no money."""
        return self.handling == "H"

    @property
    def delivered_by(self) -> Delivery | None:
        """Return RDM by name; None if it was not sent."""
        return Delivery(*(*self.delivery, "", "", "")[:3]) if self.delivery else None

    @property
    def business_contact(self) -> Contact | None:
        """PER*CX of the payer."""
        return self._contact("CX")

    @property
    def technical_contact(self) -> Contact | None:
        """The first PER*BL of the payer."""
        return self._contact("BL")

    @property
    def website(self) -> str:
        """The address in PER*IC of the payer."""
        contact = self._contact("IC")
        return next((number for kind, number in contact.numbers if kind == "UR"), "") if contact else ""

    def _contact(self, function: str) -> Contact | None:
        return next((one for one in self.payer.contacts if one.function == function), None)

    @property
    def interest(self) -> Decimal:
        """Return the net interest that the payer paid: PLB L6 with the opposite sign. Only for a set read into memory
        as a whole.
        """
        return self._given_by("L6")

    @property
    def capitation(self) -> Decimal:
        """Return the capitation that the payer paid: PLB CT with the opposite sign. Only for a set read into memory as
        a whole.
        """
        return self._given_by("CT")

    def _given_by(self, reason: str) -> Decimal:
        return -sum((one.amount for one in self.provider_adjustments if one.reason == reason), ZERO)


class RemittanceEnd(msgspec.Struct, frozen=True):
    """The totals of a streamed set, and whether its trailer was present.

    `digest` is a SHA-256 over its segments without control numbers, delimiters and line breaks: the same set in another
    envelope has the same digest. `unreadable` counts the segments of the whole set, claims included, whose amount,
    quantity or date cannot be read.
    """

    claims: int
    claims_paid: Decimal
    provider_adjusted: Decimal
    complete: bool
    digest: str
    unreadable: int = 0

    def expected_payment(self) -> Decimal:
        """Return `Σ CLP04 − Σ PLB`, which BPR02 must equal (rules.md#balances)."""
        return self.claims_paid - self.provider_adjusted
