"""Check whether an encounter may be sent, before a file is written, and make the claims of one that may."""

from collections.abc import Set
from datetime import date

from claimloop.builders.checks.encounter import check_encounter
from claimloop.builders.claims.from_encounter import claims_from
from claimloop.builders.encounters.encounter import Encounter
from claimloop.builders.partner import TradingPartner
from claimloop.builders.professional.order import unwritable
from claimloop.edi.diagnostics import Diagnostic, Report, Where, diagnose
from claimloop.edi.records.claim import Claim

_ORIGINAL = "1"


def check_sendable(encounter: Encounter, partner: TradingPartner, today: date, earlier: Set[str]) -> list[Diagnostic]:
    """Check an encounter as an original claim to this partner. An error holds it.

    `earlier` has the ids of the encounters that are sent with it.
    """
    findings = check_encounter(encounter, partner, today)
    where = Where(subject=f"encounter {encounter.encounter_id}")
    if encounter.encounter_id in earlier:
        findings.append(diagnose("P511", where))
    if encounter.frequency != _ORIGINAL:
        findings.append(diagnose("P512", where, frequency=encounter.frequency))
    return findings


def claims_to_send(encounter: Encounter, partner: TradingPartner, version: int, report: Report) -> list[Claim]:
    """Return the claims of a checked encounter; none, with a finding, where the guide has no place for a value."""
    claims = claims_from(encounter, partner, version)
    if problem := unwritable(claims):
        report(diagnose("P524", Where(subject=f"encounter {encounter.encounter_id}"), problem=problem))
        return []
    return claims
