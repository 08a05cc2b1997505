"""Records of one claim (2100) of an 835 with its lines: the payer's adjudication and what it means.

Properties derive values from the fields on demand. Docstrings cite docs/rules.md; RFI is an official interpretation of
X12.
"""

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
from claimloop.edi.records.parties import Contact, Party, Reference
from claimloop.edi.records.remittance_names import AMOUNTS, REFERENCES, named
from claimloop.edi.records.remittance_summaries import InpatientAdjudication, OutpatientAdjudication
from claimloop.edi.records.service_payment import (
    QualifiedAmount,
    QualifiedDate,
    QualifiedQuantity,
    ServicePayment,
    first_amount,
    first_reference,
)
from claimloop.edi.syntax.envelope import Source

REVERSAL = "22"
FORWARDED = frozenset(("19", "20", "21", "23"))
"""CLP02 of a claim that the payer forwarded to another payer (rules.md#claim-status)."""

PREDETERMINATION = "25"

NOT_OURS = "23"
"""CLP02 of a claim that the payer did not adjudicate: it forwarded the claim to the payer responsible for it."""

PAYER_RANKS = {"1": "P", "19": "P", "2": "S", "20": "S", "3": "T", "21": "T"}
"""CLP02 → payer rank as in SBR01 of an 837: primary, secondary, tertiary (rules.md#payer-rank)."""


class ClaimPayment(msgspec.Struct, omit_defaults=True, gc=False):
    """2100 with its lines: the adjudication of one claim. `status` is CLP02.

    `parties` holds each NM1 by its role: QC patient, IL insured, 74 corrected name, 82 rendering provider, TT crossover
    carrier, PR corrected payer, GB other subscriber. `unreadable` counts the segments of this claim with an amount,
    quantity or date that cannot be read: such a claim is never posted.
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
    quantities: tuple[QualifiedQuantity, ...] = ()
    contacts: tuple[Contact, ...] = ()
    services: list[ServicePayment] = []
    other_segments: tuple[str, ...] = ()
    unreadable: int = 0
    source: Source | None = None

    @property
    def is_reversal(self) -> bool:
        """CLP02 is 22: the 835 repeats every amount of an earlier payment with the opposite sign."""
        return self.status == REVERSAL

    @property
    def is_denial(self) -> bool:
        """Return True for a claim that is denied over both levels (rules.md#denials).

        Money and adjustments decide, not CLP02. But a claim that the payer did not adjudicate (23, 25) is not denied.
        """
        return self.is_judged and is_denied(self.charge, self.paid, self.every_adjustment)

    @property
    def is_judged(self) -> bool:
        """The payer adjudicated the claim: CLP02 is neither 23 (forwarded to another payer) nor 25 (an estimate)."""
        return self.status not in (NOT_OURS, PREDETERMINATION)

    @property
    def forwarded(self) -> bool:
        """The payer forwarded the claim: CLP02 is 19, 20, 21 or 23, or NM1*TT is present (rules.md#crossover)."""
        return self.status in FORWARDED or any(party.role == "TT" for party in self.parties)

    @property
    def crossover_to(self) -> Party | None:
        """Return the payer to which the claim was forwarded (NM1*TT). None also if the payer forwarded it without
        naming the other payer.
        """
        return self.party("TT")

    @property
    def payer_rank(self) -> str:
        """P, S or T as in SBR01, from CLP02; empty for 4, 22, 23 and 25, which have no rank (rules.md#payer-rank)."""
        return PAYER_RANKS.get(self.status, "")

    @property
    def patient(self) -> Party | None:
        """Return the patient (NM1*QC)."""
        return self.party("QC")

    @property
    def insured(self) -> Party | None:
        """Return the insured (NM1*IL), which is sent if the patient is not the insured."""
        return self.party("IL")

    @property
    def corrected_insured(self) -> Party | None:
        """Return the insured's name or member ID as the payer has it (NM1*74)."""
        return self.party("74")

    @property
    def rendering_provider(self) -> Party | None:
        """Return the rendering provider (NM1*82)."""
        return self.party("82")

    @property
    def corrected_payer(self) -> Party | None:
        """Return the payer that should have been billed first (NM1*PR)."""
        return self.party("PR")

    @property
    def other_subscriber(self) -> Party | None:
        """Return the other subscriber (NM1*GB)."""
        return self.party("GB")

    def party(self, role: str) -> Party | None:
        """Return the first party in this role."""
        return next((party for party in self.parties if party.role == role), None)

    def reference(self, qualifier: str) -> str:
        """Return the first REF of the claim with this qualifier; empty if there is none."""
        return first_reference(self.references, qualifier)

    def amount(self, qualifier: str) -> Decimal | None:
        """Return the first AMT of the claim with this qualifier."""
        return first_amount(self.amounts, qualifier)

    @property
    def named_references(self) -> dict[str, str]:
        """Return the claim's REF values by name, the first of each: {"medical_record_number": "77"}."""
        return named(((one.qualifier, one.value) for one in self.references), REFERENCES)

    @property
    def named_amounts(self) -> dict[str, Decimal]:
        """Return the claim's AMT values by name, the first of each: {"coverage": Decimal("100")}."""
        return named(((one.qualifier, one.amount) for one in self.amounts), AMOUNTS)

    @property
    def every_adjustment(self) -> list[Adjustment]:
        """Return the claim's own adjustments, then those of its lines."""
        return [*self.adjustments, *(one for line in self.services for one in line.adjustments)]

    @property
    def service_dates(self) -> DateRange | None:
        """Return DTM*232 to 233, else the period from the first to the last day of the lines."""
        days = {dated.qualifier: dated for dated in self.dates}
        first, last = days.get("232", days.get("233")), days.get("233", days.get("232"))
        if first and last:
            return DateRange(first.date, last.period.end)
        told = [line.service_date for line in self.services]
        periods = [period for period in told if period]
        if not periods:
            return None
        return DateRange(min(period.start for period in periods), max(period.end for period in periods))

    @property
    def allowed(self) -> Decimal:
        """Return the sum of the lines' allowed amounts, less the claim-level adjustments that reduce the allowed
        amount.
        """
        if not self.services:
            return allowed_by(self.paid, self.adjustments)
        priced = sum((line.allowed for line in self.services), ZERO)
        return priced - sum_of(self.adjustments) + allowed_by(ZERO, self.adjustments)

    @property
    def contractual(self) -> Decimal:
        """Return the contractual adjustments of both levels."""
        return sum_of_disposition(self.every_adjustment, "contractual")

    @property
    def denied(self) -> Decimal:
        """Return the denied adjustments of both levels."""
        return sum_of_disposition(self.every_adjustment, "denied")

    @property
    def patient_share(self) -> PatientShare:
        """Return the PR adjustments by deductible, coinsurance, copay and other; their total must equal CLP05."""
        return patient_share(self.every_adjustment)

    @property
    def prior_payers(self) -> Decimal:
        """Return CARC 23: what prior payers paid and adjusted."""
        return sum_of_reason(self.every_adjustment, PRIOR_PAYERS)

    @property
    def sequestration(self) -> Decimal:
        """Return CARC 253: the sequestration of federal payments."""
        return sum_of_reason(self.every_adjustment, SEQUESTRATION)

    @property
    def capitation(self) -> Decimal:
        """Return CARC 24: charges covered by capitation."""
        return sum_of_reason(self.every_adjustment, CAPITATION)

    @property
    def interest(self) -> Decimal:
        """Return AMT*I: interest that is reported here and paid in a PLB L6 (rules.md#interest)."""
        return sum((one.amount for one in self.amounts if one.qualifier == "I"), ZERO)

    @property
    def remark_codes(self) -> tuple[str, ...]:
        """Return the remark codes of MIA, MOA and the LQ*HE of every line, in this order and without repeats
        (rules.md#remark-codes).
        """
        decisions = [decision.remarks for decision in (self.inpatient, self.outpatient) if decision]
        return tuple(dict.fromkeys(code for codes in (*decisions, *self._line_remarks()) for code in codes))

    def _line_remarks(self) -> list[tuple[str, ...]]:
        return [line.remark_codes for line in self.services]

    @property
    def imbalance(self) -> Decimal:
        """`CLP03 − Σ CAS(2100) − Σ CAS(2110) − CLP04`; zero when the claim balances (rules.md#balances)."""
        return self.charge - sum_of(self.adjustments) - sum((line.adjusted for line in self.services), ZERO) - self.paid

    @property
    def unspread(self) -> Decimal:
        """Return the part of CLP04 that is not on any line: `CLP04 − Σ SVC03`."""
        return self.paid - sum((line.paid for line in self.services), ZERO)
