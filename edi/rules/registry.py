"""All rules, and which of them judge a segment."""

from claimloop.edi.guides.moves import SegmentPlace
from claimloop.edi.rules import (
    claim,
    claim_dates,
    code_sets,
    coordination,
    diagnoses,
    hierarchy,
    lines,
    parties,
    remittance,
    transport,
)
from claimloop.edi.rules.rule import Judge, Rule

RULES: tuple[Rule, ...] = (
    *remittance.RULES,
    *coordination.RULES,
    *hierarchy.RULES,
    *parties.RULES,
    *claim.RULES,
    *claim_dates.RULES,
    *diagnoses.RULES,
    *transport.RULES,
    *lines.RULES,
    *code_sets.RULES,
)


def judges_of(kind: str, place: SegmentPlace) -> tuple[tuple[Judge, ...], tuple[Judge, ...]]:
    """Return the judges of a segment in its place in the 837P or 835 guide: those of its own unit, and the late
    ones.
    """
    tag = place.segment.id
    places = {f"{place.loop_id} {tag}".strip(), f"* {tag}"}
    places |= {f"{place.loop_id} {tag} {code}" for code in place.segment.qualifiers}
    asked = [rule for rule in RULES if rule.kind == kind and places.intersection(rule.places)]
    return (
        tuple(rule.judge for rule in asked if not rule.late),
        tuple(rule.judge for rule in asked if rule.late),
    )
