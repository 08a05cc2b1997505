"""Check ambulance transport in an 837P: CR1, pickup and drop-off (rules.md#ambulance)."""

from claimloop.edi.rules.rule import rule
from claimloop.edi.rules.scope import Scope
from claimloop.edi.rules.sent import Sent


def pickup_and_drop_off(trip: Sent, scope: Scope) -> None:
    """Check that a trip has a pickup and a drop-off location, on the claim or on its lines."""
    lines = scope.claim.inner("2400")
    for of_claim, of_line, what in (("2310E", "2420G", "pick-up"), ("2310F", "2420H", "drop-off")):
        if not scope.claim.inner(of_claim) and not any(line.inner(of_line) for line in lines):
            scope.flag("S677", trip, what=what, loop=of_claim)


RULES = (rule(pickup_and_drop_off, "S677", "2300 CR1, 2400 CR1"),)
