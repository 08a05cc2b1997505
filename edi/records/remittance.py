"""What an 835 says (005010X221A1, 004010X091A1), in the guide's words.

Money is Decimal with the sign as sent; codes stay as sent. What has no field of its own is in `other_segments`,
as text, so that nothing which was in the file is lost. Records are made by the hundred thousand: lists, not
tuples, and plain fields. What follows from the fields is a property, worked out when it is asked for.
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
    """One (reason, reference, amount) of a PLB. A positive amount lowers the payment, a negative one raises it."""

    provider: str
    fiscal_period: str
    reason: str
    reference: str
    amount: Decimal
    segment: int = 0


class Delivery(msgspec.Struct, frozen=True):
    """RDM: how the remittance is sent (BM mail, EM e-mail, FT file, OL online), to whom, and the number."""

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

    While a file is streamed, `claims`, `provider_adjustments` and `summaries` stay empty: they come one by one; and
    `other_segments` and `unreadable` can still grow until the set's RemittanceEnd has come. `unreadable` counts the
    segments outside the claims whose amount or date could not be read. `delivery` is RDM: how the payer sends the
    remittance (method, name, number). `currency` is CUR02, in the eyes of `currency_entity` (CUR01: PR payer) and at
    `exchange_rate` (CUR03, 4010 only). `payment_segment` is the number of BPR in the file. `end` is there where the
    whole set was read into memory.
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
        """What to look for in the bank's own record of the payment."""
        return ReassociationKey(
            self.trace_number, self.payer_id, self.payment_date, self.payment_amount, self.payment_method
        )

    @property
    def is_notice(self) -> bool:
        """BPR01 is H: the remittance informs, and no money moves with it."""
        return self.handling == "H"

    @property
    def delivered_by(self) -> Delivery | None:
        """RDM by name."""
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
        """Net interest that the payer paid: PLB L6 with its sign turned. Of a set in memory as a whole."""
        return self._given_by("L6")

    @property
    def capitation(self) -> Decimal:
        """Capitation that the payer paid: PLB CT with its sign turned. Of a set in memory as a whole."""
        return self._given_by("CT")

    def _given_by(self, reason: str) -> Decimal:
        return -sum((one.amount for one in self.provider_adjustments if one.reason == reason), ZERO)


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
        """Return `Σ CLP04 − Σ PLB`, which BPR02 must equal (rules.md#balances)."""
        return self.claims_paid - self.provider_adjusted
