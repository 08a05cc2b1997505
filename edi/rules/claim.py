"""Check CLM of an 837P and what belongs to it (rules.md#claim-information, rules.md#frequency)."""

from typing import Final

from claimloop.edi.rules.rule import rule
from claimloop.edi.rules.scope import Scope, amount, money
from claimloop.edi.rules.sent import Sent

_ORIGINAL, _REPLACEMENT, _VOID = "1", "7", "8"
_FREQUENCIES: Final = frozenset((_ORIGINAL, _REPLACEMENT, _VOID))
_REPORTING = "RP"
_LONGEST_KEPT = 20
_SENT_APART: Final = frozenset(("BM", "EL", "EM", "FX", "FT"))
"""PWK02: ways on which a document follows the claim, so that a number must tell the two together."""


def charge(claim: Sent, scope: Scope) -> None:
    """A claim to be paid has a charge."""
    number = amount(claim[2])
    if number is not None and (number < 0 or (not number and scope.head.text("BHT", 6) != _REPORTING)):
        scope.say("S658", claim, "CLM02", amount=money(number))


def control_number(claim: Sent, scope: Scope) -> None:
    """Payers must keep 20 characters of CLM01 (rules.md#control-number)."""
    if len(claim[1]) > _LONGEST_KEPT:
        scope.say("S659", claim, "CLM01", claim[1], found=len(claim[1]), most=_LONGEST_KEPT)


def frequency(claim: Sent, scope: Scope) -> None:
    """An 837P is original, replacement or void; the last two name the claim that they are about."""
    sent = claim.part(5, 3)
    earlier = scope.claim.one("REF", "F8")
    if sent and sent not in _FREQUENCIES:
        scope.say("S660", claim, "CLM05-3", sent)
    elif sent in (_REPLACEMENT, _VOID) and earlier is None:
        scope.say("S661", claim, "CLM05-3", frequency=sent)
    elif sent == _ORIGINAL and earlier is not None:
        scope.say("S662", earlier, "REF01")


def accident(claim: Sent, scope: Scope) -> None:
    """CLM11 says what kind of accident it was: an auto accident its state, and all but those at work their date."""
    if not claim[11]:
        return
    causes = set(claim.parts(11)[:3])
    if "AA" in causes and not claim.part(11, 4) and not claim.part(11, 5):
        scope.say("S663", claim, "CLM11-4")
    if causes & {"AA", "OA"} and scope.claim.one("DTP", "439") is None:
        scope.say("S664", claim, "CLM11")


def accident_date(when: Sent, scope: Scope) -> None:
    """An accident that is dated is told."""
    if not scope.claim.text("CLM", 11):
        scope.say("S665", when, "DTP01")


def paperwork(document: Sent, scope: Scope) -> None:
    """A document that follows the claim has a control number, PWK05 AC and PWK06 (rules.md#references)."""
    if document[2] in _SENT_APART and not (document[5] and document[6]):
        scope.say("S670", document, "PWK06", way=document[2])


def patient_paid(paid: Sent, scope: Scope) -> None:
    """The patient has not paid more than the charge."""
    number, charged = amount(paid[2]), amount(scope.claim.text("CLM", 2))
    if number is not None and charged is not None and not 0 <= number <= charged:
        scope.say("S675", paid, "AMT02", paid=money(number), charge=money(charged))


RULES = (
    rule(charge, "S658", "2300 CLM"),
    rule(control_number, "S659", "2300 CLM"),
    rule(frequency, "S660 S661 S662", "2300 CLM"),
    rule(accident, "S663 S664", "2300 CLM"),
    rule(accident_date, "S665", "2300 DTP 439"),
    rule(paperwork, "S670", "2300 PWK, 2400 PWK"),
    rule(patient_paid, "S675", "2300 AMT F5"),
)
