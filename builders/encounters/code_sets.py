"""Short code lists of 005010X222A1 that only the checks use, and functions of codes. Others are in edi/codes."""

from claimloop.edi.codes import code_list


def _codes(text: str) -> frozenset[str]:
    return frozenset(text.split())


CANADIAN_PROVINCES = _codes("AB BC MB NB NF NL NS NT NU ON PE PQ QC SK YT")
"""Canada Post. NF and PQ are older codes that some receivers still require."""

INTERCHANGE_QUALIFIERS = _codes("01 14 20 27 28 29 30 33 ZZ")
"""ISA05 and ISA07."""

INSURANCE_TYPES = _codes("12 13 14 15 16 41 42 43 47")
"""SBR05."""

SPECIAL_PROGRAMS = _codes("02 03 05 09")
"""CLM12."""

DELAY_REASONS = _codes("1 2 3 4 5 6 7 8 9 10 11 15")
"""CLM20."""

SERVICE_AUTHORIZATION_EXCEPTIONS = _codes("1 2 3 4 5 6 7")
"""REF02 with REF01 4N: 1 immediate or urgent care … 7 special handling (005010X222A1, 2300)."""

INPATIENT_HOSPITAL = "21"


def is_us_state(code: str) -> bool:
    """Return True for a state, territory, freely associated state or military mail, as abbreviated by USPS."""
    return code in code_list("states") and code not in CANADIAN_PROVINCES
