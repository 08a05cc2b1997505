"""Rules of the diagnoses of an 837P (HI): one code set, that of the date of service, each code once."""

from typing import Final

from claimloop.edi.rules.rule import rule
from claimloop.edi.rules.scope import Scope
from claimloop.edi.rules.sent import Sent

ICD_10: Final = frozenset(("ABK", "ABF"))
ICD_9: Final = frozenset(("BK", "BF"))
ICD_10_SINCE: Final = "20151001"
"""Date of service from which diagnoses are ICD-10-CM (45 CFR 162.1002)."""


def diagnosis_codes(sent: Sent) -> list[tuple[int, str, str]]:
    """Position, qualifier and code of each diagnosis of an HI; none for an HI that holds something else."""
    codes = []
    for position in range(1, len(sent.elements)):
        qualifier, code = (*sent.parts(position), "")[:2]
        if code and (qualifier in ICD_10 or qualifier in ICD_9):
            codes.append((position, qualifier, code))
    return codes


def one_code_set(sent: Sent, scope: Scope) -> None:
    """ICD-10-CM for services from October 2015 on, ICD-9-CM before, never both on a claim."""
    codes = diagnosis_codes(sent)
    if not codes:
        return
    old = [position for position, qualifier, _ in codes if qualifier in ICD_9]
    if old and len(old) < len(codes):
        new = next(position for position, qualifier, _ in codes if qualifier in ICD_10)
        scope.say("S671", sent, f"HI{max(old[0], new):02d}-1")
        return
    serviced = scope.serviced
    if serviced and (serviced < ICD_10_SINCE) != bool(old):
        scope.say("S672", sent, f"HI{codes[0][0]:02d}-1", used="ICD-9-CM" if old else "ICD-10-CM")


def written(sent: Sent, scope: Scope) -> None:
    """Each diagnosis stands once, without its point."""
    seen = set()
    for position, _, code in diagnosis_codes(sent):
        if code in seen:
            scope.say("S673", sent, f"HI{position:02d}-2", code)
        seen.add(code)
        if "." in code:
            scope.say("S674", sent, f"HI{position:02d}-2", code)


RULES = (
    rule(one_code_set, "S671 S672", "2300 HI"),
    rule(written, "S673 S674", "2300 HI"),
)
