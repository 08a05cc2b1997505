"""Numbers that the payer returns: CLM01 (patient control number) and REF*6R (line item control number).

Rules: rules.md#control-number, rules.md#line-control-number. CLM01 has at most 17 uppercase letters, digits, and
dashes, no leading zero, and a different value for every version that is submitted.
"""

import base64
import hashlib
import re

LONGEST_PATIENT_CONTROL_NUMBER = 17
_LONGEST_STEM = 12
_SAFE = re.compile(rf"[A-Z1-9][A-Z0-9-]{{0,{LONGEST_PATIENT_CONTROL_NUMBER - 1}}}", re.ASCII)
_PLAIN = re.compile(rf"[A-Z1-9][A-Z0-9]{{0,{_LONGEST_STEM - 1}}}", re.ASCII)


def patient_control_number(encounter_id: str, version: int = 1, part: int = 1) -> str:
    """Return CLM01 of one version of an encounter: `D1001-1`. The second part of a split claim is `D1001-1B`.

    An encounter id that has other characters than uppercase letters and digits, has more than 12, or begins with 0 is
    replaced by twelve characters of its SHA-256, so that two different ids never share a number. Raises ValueError
    beyond 99 versions or 26 parts.
    """
    if not (1 <= version <= 99 and 1 <= part <= 26):
        raise ValueError("at most 99 versions and 26 parts of a claim have a control number")
    stem = encounter_id
    if not _PLAIN.fullmatch(stem):
        digest = hashlib.sha256(encounter_id.encode()).digest()
        stem = base64.b32encode(digest).decode()[:_LONGEST_STEM]
    return f"{stem}-{version}{'' if part == 1 else chr(ord('A') + part - 1)}"


def is_control_number(text: str) -> bool:
    """Return True for a CLM01 that every payer returns: at most 17 uppercase letters, digits and dashes, no leading
    zero.
    """
    return bool(_SAFE.fullmatch(text))


def numbered(encounter_id: str, own: str, version: int, part: int) -> str:
    """Return CLM01: `patient_control_number`, or for the first version and part the practice's own number.

    Later versions and further parts of a claim with its own number derive from that number.
    """
    if not own:
        return patient_control_number(encounter_id, version, part)
    return own if version == part == 1 else patient_control_number(own, version, part)


def line_control_number(patient_control_number: str, line: int) -> str:
    """Return REF*6R of a line, counted from 1: `D10011L02` for line 2 of D1001-1. It has at most 20 characters."""
    return f"{patient_control_number.replace('-', '')}L{line:02d}"
