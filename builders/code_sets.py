"""The short code lists of 005010X222A1 that only the checks know, and questions about codes. The rest: edi/codes."""

import re

from claimloop.edi.codes import code_list


def _codes(text: str) -> frozenset[str]:
    return frozenset(text.split())


CANADIAN_PROVINCES = _codes("AB BC MB NB NF NL NS NT NU ON PE PQ QC SK YT")
"""Canada Post; NF and PQ are older codes that some receivers still want."""

INTERCHANGE_QUALIFIERS = _codes("01 14 20 27 28 29 30 33 ZZ")
"""ISA05 and ISA07."""

INSURANCE_TYPES = _codes("12 13 14 15 16 41 42 43 47")
"""SBR05."""

SPECIAL_PROGRAMS = _codes("02 03 05 09")
"""CLM12."""

DELAY_REASONS = _codes("1 2 3 4 5 6 7 8 9 10 11 15")
"""CLM20."""

INPATIENT_HOSPITAL = "21"

_UNLISTED_HCPCS = _codes(
    "A4641 A4649 A9698 A9699 A9999 B9998 B9999 E1399 J3490 J3590 J7199 J7599 J7699 J7799 J7999 J8498 J8499 J8597 "
    "J8999 J9999 L0999 L1499 L2999 L3649 L3999 L5999 L7499 L8039 L8499 L8699 L9900 Q4050 Q4100"
)
"""HCPCS codes that say nothing of their own: unlisted, not otherwise classified, miscellaneous."""

_CATEGORY_II = re.compile(r"[0-9]{4}F", re.ASCII)


def is_us_state(code: str) -> bool:
    """True for a state, a territory, a freely associated state or military mail, as the US post abbreviates them."""
    return code in code_list("states") and code not in CANADIAN_PROVINCES


def is_unlisted(procedure: str) -> bool:
    """True for a CPT or HCPCS code that needs a description (SV101-7). In CPT every unlisted code ends in 99."""
    return (procedure.isdigit() and procedure.endswith("99")) or procedure in _UNLISTED_HCPCS


def is_reporting_only(procedure: str) -> bool:
    """True for a CPT category II code: it reports quality and may have a charge of zero."""
    return _CATEGORY_II.fullmatch(procedure) is not None
