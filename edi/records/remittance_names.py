"""Our own names for the qualifiers of REF, AMT, QTY and DTM in an 835.

The qualifiers are those of 005010X221A1 and 004010X091A1 at any level.
"""

from collections.abc import Iterable
from typing import Final, TypeVar

REFERENCES: Final = {
    "0B": "state_license",
    "0K": "healthcare_policy",
    "1A": "blue_cross_provider_number",
    "1B": "blue_shield_provider_number",
    "1C": "medicare_provider_number",
    "1D": "medicaid_provider_number",
    "1E": "dentist_license",
    "1F": "anesthesia_license",
    "1G": "upin",
    "1H": "champus_number",
    "1J": "facility_number",
    "1L": "group_or_policy_number",
    "1S": "ambulatory_patient_group",
    "1W": "member_number",
    "28": "employee_number",
    "2U": "payer_number",
    "6P": "group_number",
    "6R": "line_control_number",
    "9A": "repriced_claim_number",
    "9C": "adjusted_repriced_claim_number",
    "A6": "employee_number",
    "APC": "ambulatory_payment_classification",
    "BB": "authorization_number",
    "CE": "class_of_contract",
    "D3": "pharmacy_number",
    "E9": "attachment_code",
    "EA": "medical_record_number",
    "EO": "submitter_number",
    "EV": "receiver_number",
    "F2": "version",
    "F8": "original_claim_number",
    "G1": "prior_authorization",
    "G2": "commercial_provider_number",
    "G3": "predetermination_number",
    "HI": "health_industry_number",
    "HPI": "npi",
    "IG": "policy_number",
    "LU": "location_number",
    "N5": "network_number",
    "NF": "naic_code",
    "PQ": "payee_number",
    "RB": "rate_code",
    "SY": "social_security_number",
    "TJ": "tax_number",
}
"""REF01 → name."""

AMOUNTS: Final = {
    "AU": "coverage",
    "B6": "allowed",
    "D8": "discount",
    "DY": "per_day_limit",
    "F5": "patient_paid",
    "I": "interest",
    "KH": "late_filing_reduction",
    "NE": "net_billed",
    "NL": "negative_ledger_balance",
    "T": "tax",
    "T2": "total_before_tax",
    "ZK": "federal_category_1",
    "ZL": "federal_category_2",
    "ZM": "federal_category_3",
    "ZN": "federal_category_4",
    "ZO": "federal_category_5",
    "ZZ": "mutually_defined",
}
"""AMT01 → name."""

QUANTITIES: Final = {
    "CA": "covered_days",
    "CD": "coinsured_days",
    "LA": "lifetime_reserve_days",
    "LE": "lifetime_reserve_days_estimated",
    "NA": "noncovered_days",
    "NE": "noncovered_days_estimated",
    "NR": "blood_units_not_replaced",
    "OU": "outlier_days",
    "PS": "prescriptions",
    "VS": "visits",
    "ZK": "federal_category_1",
    "ZL": "federal_category_2",
    "ZM": "federal_category_3",
    "ZN": "federal_category_4",
    "ZO": "federal_category_5",
}
"""QTY01 → name."""

DATES: Final = {
    "036": "coverage_end",
    "050": "received",
    "150": "service_start",
    "151": "service_end",
    "232": "statement_start",
    "233": "statement_end",
    "405": "production",
    "472": "service",
}
"""DTM01 → name."""

Value = TypeVar("Value")


def named(values: Iterable[tuple[str, Value]], names: dict[str, str]) -> dict[str, Value]:
    """Return (qualifier, value) pairs by name. The first of each name counts; a qualifier without a name is its own
    name.
    """
    found: dict[str, Value] = {}
    for qualifier, value in values:
        found.setdefault(names.get(qualifier, qualifier), value)
    return found
