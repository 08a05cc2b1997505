"""Procedure codes with rules of their own, by the ranges that AMA and CMS publish.

All take the code as X12 carries it: five uppercase characters.
"""

import re
from functools import lru_cache
from typing import Final, Literal


def _codes(text: str) -> frozenset[str]:
    return frozenset(text.split())


_UNLISTED_HCPCS: Final = _codes(
    "A4641 A4649 A9698 A9699 A9999 B9998 B9999 E1399 J3490 J3590 J7199 J7599 J7699 J7799 J7999 J8498 J8499 J8597 "
    "J8999 J9999 L0999 L1499 L2999 L3649 L3999 L5999 L7499 L8039 L8499 L8699 L9900 Q4050 Q4100"
)
"""Return HCPCS codes without a specific meaning: unlisted, not otherwise classified, miscellaneous."""

Kind = Literal["", "anesthesia", "unlisted", "transport"]

_CATEGORY_II = re.compile(r"[0-9]{4}F", re.ASCII)
_ANESTHESIA = re.compile(r"0[01][0-9]{3}", re.ASCII)
_TRANSPORT = re.compile(r"A042[5-9]|A043[0-6]", re.ASCII)
_FLAT_ANESTHESIA: Final = frozenset(("01953", "01996", "01999"))
"""Anesthesia that is not billed by time: burns by percent of body area, daily management by day, unlisted."""


def is_unlisted(procedure: str) -> bool:
    """True for a CPT or HCPCS code that needs a description (SV101-7). In CPT every unlisted code ends in 99."""
    return (procedure.endswith("99") and procedure.isdigit()) or procedure in _UNLISTED_HCPCS


def is_reporting_only(procedure: str) -> bool:
    """True for a CPT category II code: it reports quality and may have a charge of zero."""
    return _CATEGORY_II.fullmatch(procedure) is not None


def is_timed_anesthesia(procedure: str) -> bool:
    """True for an anesthesia code (00100 to 01999) that is billed by minutes."""
    return (
        procedure[:1] == "0"
        and _ANESTHESIA.fullmatch(procedure) is not None
        and procedure >= "00100"
        and procedure not in _FLAT_ANESTHESIA
    )


def is_ambulance_transport(procedure: str) -> bool:
    """True for a HCPCS code of a trip by ambulance, or of its mileage (A0425 to A0436)."""
    return procedure[:2] == "A0" and _TRANSPORT.fullmatch(procedure) is not None


@lru_cache(maxsize=4096)
def kind_of_procedure(procedure: str) -> Kind:
    """Return the kind of rules that a procedure has; empty if it has none of its own."""
    if is_timed_anesthesia(procedure):
        return "anesthesia"
    if is_unlisted(procedure):
        return "unlisted"
    return "transport" if is_ambulance_transport(procedure) else ""
