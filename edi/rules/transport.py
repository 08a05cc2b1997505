"""Rules of ambulance transport in an 837P: CR1 with where the trip began and ended (DOMAIN 3.11)."""

from claimloop.edi.codes.procedures import is_ambulance_transport
from claimloop.edi.rules.rule import rule
from claimloop.edi.rules.scope import Scope
from claimloop.edi.rules.sent import Sent


def certified(service: Sent, scope: Scope) -> None:
    """A trip by ambulance says why and how far (CR1), on the claim or on the line."""
    if is_ambulance_transport(service.part(1, 2)) and not (scope.claim.one("CR1") or scope.line.one("CR1")):
        scope.say("S676", service, "SV101-2")


def from_where_to_where(trip: Sent, scope: Scope) -> None:
    """A trip has a pick-up and a drop-off location, on the claim or on its lines."""
    lines = scope.claim.inner("2400")
    for of_claim, of_line, what in (("2310E", "2420G", "pick-up"), ("2310F", "2420H", "drop-off")):
        if not scope.claim.inner(of_claim) and not any(line.inner(of_line) for line in lines):
            scope.say("S677", trip, what=what, loop=of_claim)


RULES = (
    rule(certified, "S676", "2400 SV1"),
    rule(from_where_to_where, "S677", "2300 CR1, 2400 CR1"),
)
