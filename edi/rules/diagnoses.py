"""Check the diagnoses of an 837P (HI): one code set, the right one for the date of service, and no repeated code."""

from typing import Final

from claimloop.edi.rules.rule import rule
from claimloop.edi.rules.scope import Scope
from claimloop.edi.rules.sent import Sent

ICD_10: Final = frozenset(("ABK", "ABF"))
ICD_9: Final = frozenset(("BK", "BF"))
ICD_10_SINCE: Final = "20151001"
"""The first date of service on which diagnoses are ICD-10-CM (45 CFR 162.1002)."""


def one_code_set(claim: Sent, scope: Scope) -> None:
    """Check for ICD-10-CM from October 2015 on, ICD-9-CM before, and never both on a claim."""
    codes, serviced = scope.diagnoses, scope.serviced
    if not codes:
        return
    old = codes[0][2] in ICD_9
    for sent, position, qualifier, _ in codes:
        if (qualifier in ICD_9) != old:
            scope.flag("S671", sent, f"HI{position:02d}-1")
            return
    if serviced and (serviced < ICD_10_SINCE) != old:
        sent, position, _, _ = codes[0]
        scope.flag("S672", sent, f"HI{position:02d}-1", used="ICD-9-CM" if old else "ICD-10-CM")


def written(claim: Sent, scope: Scope) -> None:
    """Check that no diagnosis is repeated or contains a decimal point."""
    seen = set()
    for sent, position, _, code in scope.diagnoses:
        if code in seen:
            scope.flag("S673", sent, f"HI{position:02d}-2", code)
        seen.add(code)
        if "." in code:
            scope.flag("S674", sent, f"HI{position:02d}-2", code)


RULES = (
    rule(one_code_set, "S671 S672", "2300 CLM"),
    rule(written, "S673 S674", "2300 CLM"),
)
