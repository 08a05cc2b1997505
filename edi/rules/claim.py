"""Check CLM of an 837P and what belongs to it (rules.md#claim-information, rules.md#frequency)."""

from typing import Final

from claimloop.edi.rules.rule import rule
from claimloop.edi.rules.scope import Scope, amount, money
from claimloop.edi.rules.sent import Sent

_ORIGINAL, _REPLACEMENT, _VOID = "1", "7", "8"
_FREQUENCIES: Final = frozenset((_ORIGINAL, _REPLACEMENT, _VOID))
_REPORTING = "RP"
_LONGEST_KEPT = 20
_SENT_SEPARATELY: Final = frozenset(("BM", "EL", "EM", "FX", "FT"))
"""PWK02 codes for a document that is sent separately, so that a number must link it to the claim."""


def charge(claim: Sent, scope: Scope) -> None:
    """Check that a claim submitted for payment has a charge."""
    number = amount(claim[2])
    if number is not None and (number < 0 or (not number and scope.head.text("BHT", 6) != _REPORTING)):
        scope.flag("S658", claim, "CLM02", amount=money(number))


def control_number(claim: Sent, scope: Scope) -> None:
    """Check that CLM01 has at most the 20 characters that payers must keep (rules.md#control-number)."""
    if len(claim[1]) > _LONGEST_KEPT:
        scope.flag("S659", claim, "CLM01", claim[1], found=len(claim[1]), most=_LONGEST_KEPT)


def frequency(claim: Sent, scope: Scope) -> None:
    """Check that an 837P is an original, a replacement or a void, and that the last two identify the claim they refer
    to.
    """
    sent = claim.part(5, 3)
    earlier = scope.claim.one("REF", "F8")
    if sent and sent not in _FREQUENCIES:
        scope.flag("S660", claim, "CLM05-3", sent)
    elif sent in (_REPLACEMENT, _VOID) and earlier is None:
        scope.flag("S661", claim, "CLM05-3", frequency=sent)
    elif sent == _ORIGINAL and earlier is not None:
        scope.flag("S662", earlier, "REF01")


def accident(claim: Sent, scope: Scope) -> None:
    """Check that CLM11 gives the state of an auto accident, and that every accident except those at work has
    its date.
    """
    if not claim[11]:
        return
    causes = set(claim.parts(11)[:3])
    if "AA" in causes and not claim.part(11, 4) and not claim.part(11, 5):
        scope.flag("S663", claim, "CLM11-4")
    if causes & {"AA", "OA"} and scope.claim.one("DTP", "439") is None:
        scope.flag("S664", claim, "CLM11")


def accident_date(when: Sent, scope: Scope) -> None:
    """Check that an accident with a date also has CLM11."""
    if not scope.claim.text("CLM", 11):
        scope.flag("S665", when, "DTP01")


def paperwork(document: Sent, scope: Scope) -> None:
    """Check that a document sent separately has a control number, PWK05 AC and PWK06 (rules.md#references)."""
    if document[2] in _SENT_SEPARATELY and not (document[5] and document[6]):
        scope.flag("S670", document, "PWK06", way=document[2])


def patient_paid(paid: Sent, scope: Scope) -> None:
    """Check that the patient has not paid more than the charge."""
    number, charged = amount(paid[2]), amount(scope.claim.text("CLM", 2))
    if number is not None and charged is not None and not 0 <= number <= charged:
        scope.flag("S675", paid, "AMT02", paid=money(number), charge=money(charged))


RULES = (
    rule(charge, "S658", "2300 CLM"),
    rule(control_number, "S659", "2300 CLM"),
    rule(frequency, "S660 S661 S662", "2300 CLM"),
    rule(accident, "S663 S664", "2300 CLM"),
    rule(accident_date, "S665", "2300 DTP 439"),
    rule(paperwork, "S670", "2300 PWK, 2400 PWK"),
    rule(patient_paid, "S675", "2300 AMT F5"),
)
