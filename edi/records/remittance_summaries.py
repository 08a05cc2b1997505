"""Non-claim totals and adjudication details of an 835: MIA and MOA of a claim, TS3 and TS2 of a provider.

The elements stay as sent. Their numbers are parsed on access under the guide's names; None if an element is empty or
not a number. None of them takes part in a balance. 5010 uses fewer elements of TS3 than 4010; all have names.
"""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

import msgspec

from claimloop.edi.dates import NotADate, read_date
from claimloop.edi.money import NotAnAmount, decimals

MIA_REMARKS = (5, 20, 21, 22, 23)
MOA_REMARKS = (3, 4, 5, 6, 7)
NUMBERS = {
    "MIA": tuple(place for place in range(1, 25) if place not in MIA_REMARKS),
    "MOA": (1, 2, 8, 9),
    "TS3": tuple(range(4, 25)),
    "TS2": tuple(range(1, 20)),
}
"""The elements of each segment that are amounts, counts or rates."""


class InpatientAmounts(msgspec.Struct, frozen=True, omit_defaults=True):
    """The numbers of MIA in order; DRG, PPS, MSP and IME are terms of Medicare's hospital pricing."""

    covered_days: Decimal | None = None
    pps_operating_outlier: Decimal | None = None
    lifetime_psychiatric_days: Decimal | None = None
    claim_drg: Decimal | None = None
    disproportionate_share: Decimal | None = None
    msp_pass_through: Decimal | None = None
    pps_capital: Decimal | None = None
    pps_capital_fsp_drg: Decimal | None = None
    pps_capital_hsp_drg: Decimal | None = None
    pps_capital_dsh_drg: Decimal | None = None
    old_capital: Decimal | None = None
    pps_capital_ime: Decimal | None = None
    pps_operating_hospital_specific_drg: Decimal | None = None
    cost_report_days: Decimal | None = None
    pps_operating_federal_specific_drg: Decimal | None = None
    pps_capital_outlier: Decimal | None = None
    indirect_teaching: Decimal | None = None
    nonpayable_professional_component: Decimal | None = None
    pps_capital_exception: Decimal | None = None


class OutpatientAmounts(msgspec.Struct, frozen=True, omit_defaults=True):
    """The numbers of MOA. `reimbursement_rate` is a fraction of 1."""

    reimbursement_rate: Decimal | None = None
    hcpcs_payable: Decimal | None = None
    esrd_payment: Decimal | None = None
    nonpayable_professional_component: Decimal | None = None


class ProviderTotals(msgspec.Struct, frozen=True, omit_defaults=True):
    """TS3: totals of the claims under one header. `fiscal_period` is the last day of the provider's fiscal year."""

    provider: str
    facility_type: str
    fiscal_period: date | None
    claims: Decimal | None = None
    charge: Decimal | None = None
    covered_charge: Decimal | None = None
    noncovered_charge: Decimal | None = None
    denied_charge: Decimal | None = None
    provider_payment: Decimal | None = None
    interest: Decimal | None = None
    contractual_adjustment: Decimal | None = None
    gramm_rudman_reduction: Decimal | None = None
    msp_payer: Decimal | None = None
    blood_deductible: Decimal | None = None
    non_lab_charge: Decimal | None = None
    coinsurance: Decimal | None = None
    hcpcs_reported_charge: Decimal | None = None
    hcpcs_payable: Decimal | None = None
    deductible: Decimal | None = None
    professional_component: Decimal | None = None
    msp_patient_liability_met: Decimal | None = None
    patient_reimbursement: Decimal | None = None
    pip_claims: Decimal | None = None
    pip_adjustment: Decimal | None = None


class SupplementalTotals(msgspec.Struct, frozen=True, omit_defaults=True):
    """TS2: further totals of a hospital's claims under one header."""

    drg: Decimal | None = None
    federal_specific: Decimal | None = None
    hospital_specific: Decimal | None = None
    disproportionate_share: Decimal | None = None
    capital: Decimal | None = None
    indirect_medical_education: Decimal | None = None
    outlier_days: Decimal | None = None
    day_outlier: Decimal | None = None
    cost_outlier: Decimal | None = None
    average_drg_length_of_stay: Decimal | None = None
    discharges: Decimal | None = None
    cost_report_days: Decimal | None = None
    covered_days: Decimal | None = None
    noncovered_days: Decimal | None = None
    msp_pass_through: Decimal | None = None
    average_drg_weight: Decimal | None = None
    pps_capital_fsp_drg: Decimal | None = None
    pps_capital_hsp_drg: Decimal | None = None
    pps_dsh_drg: Decimal | None = None


class InpatientAdjudication(msgspec.Struct, frozen=True, omit_defaults=True):
    """MIA: its elements as sent (MIA01 first) and the remark codes among them (MIA05, MIA20-23)."""

    elements: tuple[str, ...]
    remarks: tuple[str, ...] = ()

    @property
    def amounts(self) -> InpatientAmounts:
        """Return the numbers by name."""
        return InpatientAmounts(*_numbers(self.elements, NUMBERS["MIA"]))


class OutpatientAdjudication(msgspec.Struct, frozen=True, omit_defaults=True):
    """MOA: its elements as sent (MOA01 first) and the remark codes among them (MOA03-07)."""

    elements: tuple[str, ...]
    remarks: tuple[str, ...] = ()

    @property
    def amounts(self) -> OutpatientAmounts:
        """Return the numbers by name."""
        return OutpatientAmounts(*_numbers(self.elements, NUMBERS["MOA"]))


class ProviderSummary(msgspec.Struct, frozen=True, omit_defaults=True):
    """TS3 or TS2 under an LX: its id and its elements as sent."""

    kind: str
    header_number: str
    elements: tuple[str, ...]

    @property
    def provider_totals(self) -> ProviderTotals | None:
        """Return TS3 by name; None for a TS2."""
        if self.kind != "TS3":
            return None
        provider, facility, period = (*self.elements[:3], "", "", "")[:3]
        return ProviderTotals(provider, facility, _day(period), *_numbers(self.elements, NUMBERS["TS3"]))

    @property
    def supplemental_totals(self) -> SupplementalTotals | None:
        """Return TS2 by name; None for a TS3."""
        return SupplementalTotals(*_numbers(self.elements, NUMBERS["TS2"])) if self.kind == "TS2" else None


def not_numbers(tag: str, elements: list[str]) -> list[int]:
    """Return the positions in a MIA, MOA, TS2 or TS3 (its id is `elements[0]`) of numeric elements whose text is not a
    number.
    """
    return [
        place
        for place in NUMBERS[tag]
        if place < len(elements) and elements[place].strip() and _number(elements[place]) is None
    ]


def _numbers(elements: tuple[str, ...], places: Iterable[int]) -> list[Decimal | None]:
    return [_number(elements[place - 1]) if place <= len(elements) else None for place in places]


def _number(text: str) -> Decimal | None:
    try:
        return decimals[text.strip()] if text.strip() else None
    except NotAnAmount:
        return None


def _day(text: str) -> date | None:
    try:
        return read_date(text.strip())
    except NotADate:
        return None
