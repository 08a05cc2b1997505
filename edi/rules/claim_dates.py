"""Rules of the dates of an 837P, without a clock: "today" is the day on which the interchange was made."""

from typing import Final

from claimloop.edi.rules.rule import rule
from claimloop.edi.rules.scope import Scope, first_day, last_day, readable_day
from claimloop.edi.rules.sent import Sent

_INPATIENT_HOSPITAL = "21"
_MAY_BE_AHEAD: Final = frozenset(("096", "091", "296", "314", "361"))
"""DTP01 of what can be known beforehand: discharge, relinquished care, return to work, end of disability."""

_PERIODS: Final = (("435", "096"), ("360", "361"), ("090", "091"), ("297", "296"))
"""DTP01 of first and last day: of a stay, a disability, a care, an absence from work."""


def dated(sent: Sent, scope: Scope) -> None:
    """What has not happened yet cannot be claimed, nor what happened before the patient was born."""
    day = last_day(sent)
    if not day:
        return
    if scope.sent_on and day > scope.sent_on and sent[1] not in _MAY_BE_AHEAD:
        scope.say("S667", sent, "DTP03", sent[3])
    born = scope.treated.text("DMG", 2)
    if first_day(sent) < born and readable_day(born):
        scope.say("S668", sent, "DTP03", sent[3])


def periods(claim: Sent, scope: Scope) -> None:
    """A period ends on its first day or later."""
    if "DTP" not in scope.claim.segments:
        return
    for start, end in _PERIODS:
        last = scope.claim.one("DTP", end)
        if last is not None and last_day(last) and last_day(last) < first_day(scope.claim.one("DTP", start)):
            scope.say("S669", last, "DTP03", last[3])


def admission(claim: Sent, scope: Scope) -> None:
    """A service in an inpatient hospital has an admission date."""
    if scope.claim.one("DTP", "435") is not None:
        return
    services = [sent for line in scope.claim.inner("2400") for sent in line.all("SV1")]
    if claim.part(5, 1) == _INPATIENT_HOSPITAL:
        scope.say("S666", claim, "CLM05-1")
    elif any(sent[5] == _INPATIENT_HOSPITAL for sent in services):
        scope.say("S666", next(sent for sent in services if sent[5] == _INPATIENT_HOSPITAL), "SV105")


RULES = (
    rule(dated, "S667 S668", "2300 DTP, 2400 DTP"),
    rule(periods, "S669", "2300 CLM"),
    rule(admission, "S666", "2300 CLM"),
)
