"""Find out whether encounters that are in the ledger under their id were sent with the content that they have now."""

from collections.abc import Collection, Sequence

from sqlalchemy import Connection, select

from claimloop.builders.claims.coverages import billed_coverage
from claimloop.builders.encounters.encounter import Encounter
from claimloop.edi.money import to_cents
from claimloop.reconciliation.ledger import schema
from claimloop.reconciliation.posting.match import normalized

_AT_ONCE = 500

_Content = tuple[str, tuple[tuple[str, int], ...]]
"""Member id and lines (date, cents), which differ for another visit or an edited encounter."""


def sent_as_they_are(connection: Connection, encounters: Sequence[Encounter]) -> set[str]:
    """Return the ids of encounters of which some submitted version has the same member, dates, and charges."""
    same: set[str] = set()
    for start in range(0, len(encounters), _AT_ONCE):
        some = encounters[start : start + _AT_ONCE]
        sent = _sent(connection, [each.encounter_id for each in some])
        same |= {each.encounter_id for each in some if _content(each) in sent.get(each.encounter_id, ())}
    return same


def _content(encounter: Encounter) -> _Content:
    coverage = encounter.coverages[billed_coverage(encounter)] if encounter.coverages else None
    lines = [(each.service_date.isoformat(), to_cents(each.charge)) for each in encounter.services]
    return normalized(coverage.member_id if coverage else ""), tuple(sorted(lines))


def _sent(connection: Connection, encounter_ids: Collection[str]) -> dict[str, list[_Content]]:
    """Return what was submitted of each encounter, version by version."""
    claims, lines, sendings = schema.claims.c, schema.lines.c, schema.sendings.c
    of_encounters = claims.encounter_id.in_(encounter_ids)
    members: dict[tuple[str, int], str] = {}
    for encounter_id, version, member in connection.execute(
        select(claims.encounter_id, claims.version, sendings.normalised_member_id)
        .join_from(schema.claims, schema.sendings, sendings.claim_id == claims.id)
        .where(of_encounters)
        .order_by(sendings.id.desc())  # so the first submission remains, to the payer that the encounter named
    ):
        members[encounter_id, version] = member
    found: dict[tuple[str, int], list[tuple[str, int]]] = {key: [] for key in members}
    for encounter_id, version, day, charge in connection.execute(
        select(claims.encounter_id, claims.version, lines.service_from, lines.charge)
        .join_from(schema.claims, schema.lines, lines.claim_id == claims.id)
        .where(of_encounters, lines.number > 0)
    ):
        found[encounter_id, version].append((day, charge))
    sent: dict[str, list[_Content]] = {}
    for (encounter_id, version), its_lines in found.items():
        content = members[encounter_id, version], tuple(sorted(its_lines))
        sent.setdefault(encounter_id, []).append(content)
    return sent
