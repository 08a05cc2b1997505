"""Compare the payer of a deposit with that of a remittance: by company id, or by what their names have in common."""

import re
from functools import lru_cache

from claimloop.reconciliation.bank.deposit import CLAIM_PAYMENT, plain

_WORD = re.compile(r"[A-Z0-9]+", re.ASCII)
_LEGAL = frozenset((
    "INC", "LLC", "LLP", "LP", "CO", "CORP", "CORPORATION", "COMPANY", "THE", "OF", "AND", "FOR",
))  # fmt: skip
_BANKERS = frozenset((
    "ACH", "CCD", "CTX", "EFT", "CREDIT", "DEPOSIT", "DIRECT", "ELECTRONIC", "PREAUTHORIZED", "TRANSFER", "PAYMENT",
    "ORIG", "NAME", "DES", "ID", "FROM", "BY",
))  # fmt: skip
_COMMON = frozenset((
    "AMERICA", "AMERICAN", "BLUE", "CARE", "CENTRAL", "CITY", "COUNTY", "DEPARTMENT", "DEPT", "FEDERAL", "FIRST",
    "GENERAL", "GROUP", "HEALTH", "HEALTHCARE", "INSURANCE", "LIFE", "MEDICAID", "MEDICAL", "MEDICARE", "MUTUAL",
    "NATIONAL", "NEW", "NORTH", "PLAN", "PUBLIC", "SOUTH", "STATE", "UNITED", "US", "USA",
))  # fmt: skip
"""First words that many payers share, so that they do not identify a payer."""

_FIRST_WORD = 4
_FIRST_LETTERS = 10
"""How many letters of a name count. A NACHA batch has 16 characters for it, so its end is often truncated."""


@lru_cache(maxsize=1 << 16)
def payer_keys(company_id: str, name: str) -> frozenset[str]:
    """Return the keys of a payer. Two payers with a key in common count as the same payer.

    The keys are the company id without the 1 that marks a tax id; the first word of the name, unless many payers share
    it; and the first ten letters.
    """
    keys = set()
    number = tax_id(company_id)
    if number:
        keys.add(f"id {number}")
    printed = name.upper().partition(CLAIM_PAYMENT)[0]
    words = [word for word in _WORD.findall(printed.replace("'", "")) if word not in _LEGAL and word not in _BANKERS]
    if words and words[0] not in _COMMON and len(words[0]) >= _FIRST_WORD and not words[0].isdigit():
        keys.add(f"word {words[0]}")
    letters = "".join(words)[:_FIRST_LETTERS]
    if len(letters) == _FIRST_LETTERS and not letters.isdigit():
        keys.add(f"letters {letters}")
    return frozenset(keys)


def tax_id(company_id: str) -> str:
    """Return a company id (TRN03, BPR10) without the 1 before a tax id; "" if there is none."""
    number = plain(company_id)
    return number[1:] if len(number) == 10 and number.startswith("1") else number
