"""The shapes of codes whose lists are too large, too short-lived, or licensed: what the code alone shows.

All take the code as X12 carries it: uppercase, without decimal points or dashes. Source: the owner of each code,
named beside it. The NPI, which has a check digit, is in edi/npi.py.
"""

import re

_TAXONOMY = re.compile(r"[0-9A-Z]{9}X", re.ASCII)
_PROCEDURE = re.compile(r"[0-9]{5}|[0-9]{4}[AFMTU]|[A-Z][0-9]{4}", re.ASCII)
_MODIFIER = re.compile(r"[0-9A-Z]{2}", re.ASCII)
_NDC = re.compile(r"[0-9]{11}", re.ASCII)
_REVENUE_CODE = re.compile(r"[0-9]{4}", re.ASCII)
_CLIA = re.compile(r"[0-9]{2}D[0-9]{7}", re.ASCII)
_ICD_9_CM = re.compile(r"[0-9]{3,5}|V[0-9]{2,4}|E[0-9]{3,4}", re.ASCII)
_ICD_10_CM = re.compile(r"[A-Z][0-9A][0-9A-Z]{1,5}", re.ASCII)


def is_taxonomy(text: str) -> bool:
    """Return True for a provider taxonomy code (NUCC): ten characters, the last one X."""
    return _TAXONOMY.fullmatch(text) is not None


def is_cpt_hcpcs(text: str) -> bool:
    """Return True for a procedure code of five characters.

    CPT (AMA) has five digits, or four and a letter: F category II, T category III, U laboratory, M assay, A vaccine.
    HCPCS level II (CMS) has a letter and four digits.
    """
    return _PROCEDURE.fullmatch(text) is not None


def is_modifier(text: str) -> bool:
    """Return True for a procedure modifier: two letters or digits."""
    return _MODIFIER.fullmatch(text) is not None


def is_ndc11(text: str) -> bool:
    """Return True for a National Drug Code as billed: eleven digits (5-4-2 without the dashes)."""
    return _NDC.fullmatch(text) is not None


def is_revenue_code(text: str) -> bool:
    """Return True for a revenue code (NUBC): four digits."""
    return _REVENUE_CODE.fullmatch(text) is not None


def is_clia(text: str) -> bool:
    """Return True for a laboratory certificate number (CLIA, CMS): ten characters, D in third place, digits
    elsewhere.
    """
    return _CLIA.fullmatch(text) is not None


def is_icd10cm(text: str) -> bool:
    """Return True for a diagnosis code (NCHS) without its decimal point: a letter, a digit or (QA0) an A, and one to
    five more.

    Most ICD-9-CM codes begin with a digit, which no ICD-10-CM code does. Those with E and V look like ICD-10-CM codes.
    """
    return _ICD_10_CM.fullmatch(text) is not None


def is_icd9cm(text: str) -> bool:
    """Return True for an ICD-9-CM diagnosis code (NCHS, until September 2015) without its decimal point: digits, or V
    or E and digits.
    """
    return _ICD_9_CM.fullmatch(text) is not None
