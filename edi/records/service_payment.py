"""Records of one service line (2110) of an 835, and the small records that lines and claims share.

Properties derive values from the fields on demand.
"""

from datetime import date
from datetime import date as date_type
from decimal import Decimal

import msgspec

from claimloop.edi.dates import DateRange
from claimloop.edi.money import ZERO
from claimloop.edi.records.adjustments import (
    CAPITATION,
    PRIOR_PAYERS,
    SEQUESTRATION,
    Adjustment,
    PatientShare,
    allowed_by,
    is_denied,
    patient_share,
    sum_of,
    sum_of_disposition,
    sum_of_reason,
)
from claimloop.edi.records.parties import Reference
from claimloop.edi.records.procedure import Procedure
from claimloop.edi.records.remittance_names import AMOUNTS, REFERENCES, named

_RARC = "HE"


class QualifiedAmount(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """AMT: an amount that is never part of a balance."""

    qualifier: str
    amount: Decimal


class QualifiedQuantity(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """QTY: a quantity."""

    qualifier: str
    quantity: Decimal


class QualifiedDate(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """DTM. `end` is the last day of a range (RD8), which a few payers send; None for a single day."""

    qualifier: str
    date: date
    end: date_type | None = None

    @property
    def period(self) -> DateRange:
        """Return the day or the range."""
        return DateRange(self.date, self.end or self.date)


class RemarkCode(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """LQ: `qualifier` HE for a RARC, RX for an NCPDP reject code."""

    qualifier: str
    code: str


class ServicePayment(msgspec.Struct, omit_defaults=True, gc=False):
    """2110: the adjudication of one service line.

    `procedure` is the adjudicated one; `submitted_procedure` is sent only if it differs. `dates` holds each DTM (472
    service, 150 and 151 start and end).
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
    quantities: tuple[QualifiedQuantity, ...] = ()
    remarks: tuple[RemarkCode, ...] = ()
    other_segments: tuple[str, ...] = ()
    segment: int = 0

    @property
    def line_control_number(self) -> str:
        """Return REF*6R as the payer returned it; empty if there is none."""
        return next((ref.value for ref in self.references if ref.qualifier == "6R"), "")

    @property
    def billed_procedure(self) -> Procedure:
        """Return the submitted procedure: SVC06, else SVC01, with an attached modifier split off
        (rules.md#procedures).
        """
        return (self.submitted_procedure or self.procedure).reading

    @property
    def service_date(self) -> DateRange | None:
        """Return DTM*472, or the range 150 to 151; None if the line has no date."""
        days = {dated.qualifier: dated for dated in self.dates}
        if "472" in days:
            return days["472"].period
        first, last = days.get("150", days.get("151")), days.get("151", days.get("150"))
        return DateRange(first.date, last.period.end) if first and last else None

    @property
    def adjusted(self) -> Decimal:
        """Return the sum of the line's CAS amounts."""
        return sum_of(self.adjustments)

    @property
    def imbalance(self) -> Decimal:
        """`SVC02 − Σ CAS(2110) − SVC03`; zero when the line balances (rules.md#balances)."""
        return self.charge - self.adjusted - self.paid

    @property
    def is_reversal(self) -> bool:
        """The charge is negative, which only occurs in a reversal (rules.md#reversals). CLP02 belongs to the claim."""
        return self.charge < ZERO or (self.charge == ZERO and self.paid < ZERO)

    @property
    def is_denial(self) -> bool:
        """Return True for a line that is denied as a whole (rules.md#denials)."""
        return is_denied(self.charge, self.paid, self.adjustments)

    @property
    def allowed(self) -> Decimal:
        """Return AMT*B6 if sent, else the payment plus all adjustments made after pricing."""
        sent = self.amount("B6")
        return allowed_by(self.paid, self.adjustments) if sent is None else sent

    @property
    def contractual(self) -> Decimal:
        """Return the contractual adjustments."""
        return sum_of_disposition(self.adjustments, "contractual")

    @property
    def denied(self) -> Decimal:
        """Return the denied adjustments, which cover a part of the charge or all of it."""
        return sum_of_disposition(self.adjustments, "denied")

    @property
    def patient_share(self) -> PatientShare:
        """Return the PR adjustments by deductible, coinsurance, copay and other."""
        return patient_share(self.adjustments)

    @property
    def prior_payers(self) -> Decimal:
        """Return CARC 23: what prior payers paid and adjusted."""
        return sum_of_reason(self.adjustments, PRIOR_PAYERS)

    @property
    def sequestration(self) -> Decimal:
        """Return CARC 253: the sequestration of federal payments."""
        return sum_of_reason(self.adjustments, SEQUESTRATION)

    @property
    def capitation(self) -> Decimal:
        """Return CARC 24: charges covered by capitation."""
        return sum_of_reason(self.adjustments, CAPITATION)

    @property
    def remark_codes(self) -> tuple[str, ...]:
        """Return the LQ*HE codes in their order, without repeats."""
        return tuple(dict.fromkeys(remark.code for remark in self.remarks if remark.qualifier == _RARC))

    def reference(self, qualifier: str) -> str:
        """Return the first REF with this qualifier; empty if there is none. Names: `remittance_names.REFERENCES`."""
        return first_reference(self.references, qualifier)

    def amount(self, qualifier: str) -> Decimal | None:
        """Return the first AMT with this qualifier. Names: `remittance_names.AMOUNTS`."""
        return first_amount(self.amounts, qualifier)

    @property
    def named_references(self) -> dict[str, str]:
        """Return the line's REF values by name, the first of each: {"line_control_number": "A1L1"}."""
        return named(((one.qualifier, one.value) for one in self.references), REFERENCES)

    @property
    def named_amounts(self) -> dict[str, Decimal]:
        """Return the line's AMT values by name, the first of each: {"allowed": Decimal("100")}."""
        return named(((one.qualifier, one.amount) for one in self.amounts), AMOUNTS)


def first_reference(references: list[Reference], qualifier: str) -> str:
    """Return the value of the first reference with this qualifier; empty if there is none."""
    return next((one.value for one in references if one.qualifier == qualifier), "")


def first_amount(amounts: list[QualifiedAmount], qualifier: str) -> Decimal | None:
    """Return the first amount with this qualifier."""
    return next((one.amount for one in amounts if one.qualifier == qualifier), None)
