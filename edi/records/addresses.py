"""Postal addresses: the tests that rules make on a street, a ZIP code and a country."""

import re

_BOX = re.compile(
    r"\bP\.?\s*O\.?\s*(?:B(?:OX)?|DRAWER)\b|\bPOST\s+OFFICE\s+BOX\b|\bLOCK\s*BOX\b|^\s*BOX\s+[0-9]",
    re.IGNORECASE,
)
_ZIP = re.compile(r"[0-9]{5}(?:[0-9]{4})?", re.ASCII)


def is_box(line: str) -> bool:
    """Return True for an address line that is a post-office box or a lock box."""
    return _BOX.search(line) is not None


def is_zip(text: str) -> bool:
    """Return True for a US ZIP code in X12 form: five or nine digits without a dash."""
    return _ZIP.fullmatch(text) is not None


def is_domestic(country: str) -> bool:
    """Return True for an address in the United States, for which N404 is not sent."""
    return country.strip().upper() in ("", "US", "USA")
