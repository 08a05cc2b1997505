"""Check the levels of an 837P: which level is the patient's, and what each level contains (rules.md#hierarchy)."""

from typing import Final

from claimloop.edi.rules.rule import rule
from claimloop.edi.rules.scope import Scope
from claimloop.edi.rules.sent import Sent

_SELF = "18"
_HAS_LEVELS_BELOW = "1"
_MALE = "M"
_MOST_CLAIMS = 5000
_PATIENT_SEGMENTS: Final = (("N3", "address (N3)"), ("N4", "city (N4)"), ("DMG", "birth date and sex (DMG)"))


def announced_patients(level: Sent, scope: Scope) -> None:
    """Check that HL04 of the subscriber is 1 if patient levels follow below it."""
    if level[4] == _HAS_LEVELS_BELOW and not scope.patients:
        scope.flag("S640", level, "HL04")


def patient_level(level: Sent, scope: Scope) -> None:
    """Check that a patient level is below a subscriber who is someone else, and whose HL04 announces it."""
    above = scope.subscriber.one("HL")
    if above is not None and above[4] == "0":
        scope.flag("S641", above, "HL04")
    if scope.subscriber.text("SBR", 2) == _SELF:
        scope.flag("S642", level)


def claim_level(claim: Sent, scope: Scope) -> None:
    """Check that a claim is at the patient level, or at the subscriber level if SBR02 identifies the subscriber as the
    patient.
    """
    relation = scope.subscriber.one("SBR")
    if scope.patient is None and relation is not None and relation[2] != _SELF:
        scope.flag("S643", claim)


def subscriber_is_patient(relation: Sent, scope: Scope) -> None:
    """Check that a subscriber who is the patient is a person with address, birth date and sex."""
    subscriber = scope.subscriber.inner("2010BA")
    if relation[2] != _SELF or not subscriber:
        return
    name = subscriber[0].one("NM1")
    if name is None:
        return
    if name[2] == "2":
        scope.flag("S645", name, "NM102")
        return
    for tag, what in _PATIENT_SEGMENTS:
        if subscriber[0].one(tag) is None:
            scope.flag("S644", name, what=what)


def pregnancy(sent: Sent, scope: Scope) -> None:
    """Check that PAT09 and DTP*484 (last menstrual period) are not sent for a male patient."""
    element = "PAT09" if sent[0] == "PAT" else "DTP01"
    if (sent[9] == "Y" or sent[1] == "484") and scope.treated.text("DMG", 3) == _MALE:
        scope.flag("S646", sent, element)


def count(claim: Sent, scope: Scope) -> None:
    """Count the claims of the set."""
    scope.totals.claims += 1


def size_of_set(trailer: Sent, scope: Scope) -> None:
    """Check that a set has at most 5,000 claims (rules.md#sizes)."""
    if scope.totals.claims > _MOST_CLAIMS:
        scope.flag("S681", trailer, found=scope.totals.claims, most=_MOST_CLAIMS)


RULES = (
    rule(announced_patients, "S640", "2000B HL", late=True),
    rule(patient_level, "S641 S642", "2000C HL"),
    rule(claim_level, "S643", "2300 CLM"),
    rule(subscriber_is_patient, "S644 S645", "2000B SBR"),
    rule(pregnancy, "S646", "2000B PAT, 2000C PAT, 2300 DTP 484"),
    rule(count, "", "2300 CLM"),
    rule(size_of_set, "S681", "SE"),
)
