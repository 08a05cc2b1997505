"""The short code lists that the checks know: those of 005010X222A1, of the posts, of CMS."""

import re


def _codes(text: str) -> frozenset[str]:
    return frozenset(text.split())


US_STATES = _codes(
    "AK AL AR AZ CA CO CT DC DE FL GA HI IA ID IL IN KS KY LA MA MD ME MI MN MO MS MT NC ND NE NH NJ NM NV NY OH OK "
    "OR PA RI SC SD TN TX UT VA VT WA WI WV WY AS FM GU MH MP PR PW VI AA AE AP"
)
"""USPS, with territories, freely associated states and military mail."""

CANADIAN_PROVINCES = _codes("AB BC MB NB NF NL NS NT NU ON PE PQ QC SK YT")
"""Canada Post; NF and PQ are older codes that some receivers still want."""

INTERCHANGE_QUALIFIERS = _codes("01 14 20 27 28 29 30 33 ZZ")
"""ISA05 and ISA07."""

FILING_INDICATORS = _codes("11 12 13 14 15 16 17 AM BL CH CI DS FI HM LM MA MB MC OF TV VA WC ZZ")
"""SBR09."""

INSURANCE_TYPES = _codes("12 13 14 15 16 41 42 43 47")
"""SBR05."""

SPECIAL_PROGRAMS = _codes("02 03 05 09")
"""CLM12."""

DELAY_REASONS = _codes("1 2 3 4 5 6 7 8 9 10 11 15")
"""CLM20."""

INPATIENT_HOSPITAL = "21"

PLACES_OF_SERVICE = _codes(
    "01 02 03 04 05 06 07 08 09 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 31 32 33 34 41 42 49 50 51 52 "
    "53 54 55 56 57 58 60 61 62 65 66 71 72 81 99"
)
"""The place of service codes of CMS (code source 237), as of 2024."""

_UNLISTED_HCPCS = _codes(
    "A4641 A4649 A9698 A9699 A9999 B9998 B9999 E1399 J3490 J3590 J7199 J7599 J7699 J7799 J7999 J8498 J8499 J8597 "
    "J8999 J9999 L0999 L1499 L2999 L3649 L3999 L5999 L7499 L8039 L8499 L8699 L9900 Q4050 Q4100"
)
"""HCPCS codes that say nothing of their own: unlisted, not otherwise classified, miscellaneous."""

_CATEGORY_II = re.compile(r"[0-9]{4}F", re.ASCII)


def is_unlisted(procedure: str) -> bool:
    """True for a CPT or HCPCS code that needs a description (SV101-7). In CPT every unlisted code ends in 99."""
    return (procedure.isdigit() and procedure.endswith("99")) or procedure in _UNLISTED_HCPCS


def is_reporting_only(procedure: str) -> bool:
    """True for a CPT category II code: it reports quality and may have a charge of zero."""
    return _CATEGORY_II.fullmatch(procedure) is not None
