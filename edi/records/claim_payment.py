"""What an 835 says of one claim (2100) with its lines: what was decided, and what the decision means.

What follows from the fields is a property, computed on demand. Docstrings cite docs/rules.md, and RFI is an official
interpretation of X12.
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
    is_refused,
    patient_share,
    sum_of,
    sum_of_effect,
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
"""CLP02 of a claim that the payer did not judge: it is another payer's, who has it now."""

PAYER_SEQUENCES = {"1": "P", "19": "P", "2": "S", "20": "S", "3": "T", "21": "T"}
"""CLP02 → payer rank as in SBR01 of an 837: primary, secondary, tertiary (rules.md#payer-rank)."""


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
    quantities: tuple[QualifiedQuantity, ...] = ()
    contacts: tuple[Contact, ...] = ()
    services: list[ServicePayment] = []
    other_segments: tuple[str, ...] = ()
    unreadable: int = 0
    source: Source | None = None

    @property
    def is_reversal(self) -> bool:
        """CLP02 is 22: every amount of an earlier payment comes back negated."""
        return self.status == REVERSAL

    @property
    def is_denial(self) -> bool:
        """Return True for a claim that is denied over both levels (rules.md#denials).

        From money and adjustments, whatever CLP02 says; but a claim that was not judged (23, 25) was not denied.
        """
        return self.is_judged and is_refused(self.charge, self.paid, self.every_adjustment)

    @property
    def is_judged(self) -> bool:
        """The payer decided about it: CLP02 is neither 23 (another payer's, sent on) nor 25 (an estimate)."""
        return self.status not in (NOT_OURS, PREDETERMINATION)

    @property
    def forwarded(self) -> bool:
        """The payer forwarded the claim: CLP02 is 19, 20, 21 or 23, or NM1*TT is present (rules.md#crossover)."""
        return self.status in FORWARDED or any(party.role == "TT" for party in self.parties)

    @property
    def crossover_to(self) -> Party | None:
        """NM1*TT: to whom the claim was sent on. None also where the payer forwarded it and does not say to whom."""
        return self.party("TT")

    @property
    def payer_sequence(self) -> str:
        """P, S or T as in SBR01, from CLP02; empty for 4, 22, 23 and 25, which have no rank (rules.md#payer-rank)."""
        return PAYER_SEQUENCES.get(self.status, "")

    @property
    def patient(self) -> Party | None:
        """NM1*QC."""
        return self.party("QC")

    @property
    def insured(self) -> Party | None:
        """NM1*IL, sent where the patient is not the insured."""
        return self.party("IL")

    @property
    def corrected_insured(self) -> Party | None:
        """NM1*74: name or member number as the payer has it."""
        return self.party("74")

    @property
    def rendering_provider(self) -> Party | None:
        """NM1*82."""
        return self.party("82")

    @property
    def corrected_payer(self) -> Party | None:
        """NM1*PR: the payer who comes first."""
        return self.party("PR")

    @property
    def other_subscriber(self) -> Party | None:
        """NM1*GB."""
        return self.party("GB")

    def party(self, role: str) -> Party | None:
        """The first party in this role."""
        return next((party for party in self.parties if party.role == role), None)

    def reference(self, qualifier: str) -> str:
        """The first REF of the claim with this qualifier; empty where there is none."""
        return first_reference(self.references, qualifier)

    def amount(self, qualifier: str) -> Decimal | None:
        """The first AMT of the claim with this qualifier."""
        return first_amount(self.amounts, qualifier)

    @property
    def named_references(self) -> dict[str, str]:
        """Its REFs by name, the first of each: {"medical_record_number": "77"}."""
        return named(((one.qualifier, one.value) for one in self.references), REFERENCES)

    @property
    def named_amounts(self) -> dict[str, Decimal]:
        """Its AMTs by name, the first of each: {"coverage": Decimal("100")}."""
        return named(((one.qualifier, one.amount) for one in self.amounts), AMOUNTS)

    @property
    def every_adjustment(self) -> list[Adjustment]:
        """The claim's own adjustments, then those of its lines."""
        return [*self.adjustments, *(one for line in self.services for one in line.adjustments)]

    @property
    def service_dates(self) -> DateRange | None:
        """DTM*232 to 233, else the first to the last day of the lines."""
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
        """Σ of the lines' allowed amounts less what the claim's own adjustments take off the price."""
        if not self.services:
            return allowed_by(self.paid, self.adjustments)
        priced = sum((line.allowed for line in self.services), ZERO)
        return priced - sum_of(self.adjustments) + allowed_by(ZERO, self.adjustments)

    @property
    def contractual(self) -> Decimal:
        """What the contract takes off, over both levels; as the next ones."""
        return sum_of_effect(self.every_adjustment, "contractual")

    @property
    def denied(self) -> Decimal:
        """What was refused."""
        return sum_of_effect(self.every_adjustment, "denied")

    @property
    def patient_share(self) -> PatientShare:
        """The PR adjustments by deductible, coinsurance, copay and other; their total is what CLP05 must say."""
        return patient_share(self.every_adjustment)

    @property
    def prior_payers(self) -> Decimal:
        """CARC 23: what the payers before this one paid and took off."""
        return sum_of_reason(self.every_adjustment, PRIOR_PAYERS)

    @property
    def sequestration(self) -> Decimal:
        """CARC 253: the cut of federal payments."""
        return sum_of_reason(self.every_adjustment, SEQUESTRATION)

    @property
    def capitation(self) -> Decimal:
        """CARC 24: paid by the month, not by the service."""
        return sum_of_reason(self.every_adjustment, CAPITATION)

    @property
    def interest(self) -> Decimal:
        """AMT*I: reported here, paid in a PLB L6 (rules.md#interest)."""
        return sum((one.amount for one in self.amounts if one.qualifier == "I"), ZERO)

    @property
    def remark_codes(self) -> tuple[str, ...]:
        """MIA, MOA, and LQ*HE of every line, each code once, in this order (rules.md#remark-codes)."""
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
        """The part of CLP04 that no line carries: `CLP04 − Σ SVC03`."""
        return self.paid - sum((line.paid for line in self.services), ZERO)
