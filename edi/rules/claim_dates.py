"""Check the dates of an 837P without a clock: "today" is the day on which the interchange was created."""

from typing import Final

from claimloop.edi.rules.rule import rule
from claimloop.edi.rules.scope import Scope, first_day, last_day, readable_day
from claimloop.edi.rules.sent import Sent

INPATIENT_HOSPITAL = "21"
_MAY_BE_AHEAD: Final = frozenset(("096", "091", "296", "314", "361"))
"""DTP01 of dates that may lie in the future: discharge, relinquished care, return to work, end of disability."""

_STARTS: Final = {"096": "435", "361": "360", "091": "090", "296": "297"}
"""DTP01 of a last day → DTP01 of its first day, for a stay, a disability, a period of care, and an absence from
work.
"""


def dated(sent: Sent, scope: Scope) -> None:
    """Check that a date is neither in the future nor before the patient's birth."""
    if len(sent[3]) == len("CCYYMMDD"):
        first = last = readable_day(sent[3])
    else:
        first, last = first_day(sent), last_day(sent)
    if sent[1] == "472" and first and not "" < scope.serviced < first:
        scope.serviced = first
    if last > scope.sent_on and scope.sent_on and sent[1] not in _MAY_BE_AHEAD:
        scope.flag("S667", sent, "DTP03", sent[3])
    if first and first < (born := scope.treated.text("DMG", 2)) and readable_day(born):
        scope.flag("S668", sent, "DTP03", sent[3])


def periods(end: Sent, scope: Scope) -> None:
    """Check that a period does not end before its first day."""
    if end[1] in _STARTS and (last := last_day(end)):
        start = scope.claim.one("DTP", _STARTS[end[1]])
        if last < first_day(start):
            scope.flag("S669", end, "DTP03", end[3])


def admission(claim: Sent, scope: Scope) -> None:
    """Check that a claim from an inpatient hospital has an admission date."""
    if claim.part(5, 1) == INPATIENT_HOSPITAL and scope.claim.one("DTP", "435") is None:
        scope.flag("S666", claim, "CLM05-1")


RULES = (
    rule(dated, "S667 S668", "2300 DTP, 2400 DTP"),
    rule(periods, "S669", "2300 DTP 096, 2300 DTP 361, 2300 DTP 091, 2300 DTP 296"),
    rule(admission, "S666", "2300 CLM"),
)
