"""An encounter reaches everything that a claim can say: each random claim comes from the encounter that tells it.

The checks have the last word on whether such an encounter is right; here the question is only whether it can be said.
"""

from hypothesis import HealthCheck, assume, given, settings
from msgspec.structs import replace

from claimloop.builders.claims.from_encounter import claims_from
from claimloop.edi.records.adjustments import Adjustment
from claimloop.edi.records.claim import Claim, Subscriber
from claimloop.edi.records.other_payer import OtherPayer
from claimloop.edi.records.parties import Party
from claimloop.edi.records.service_line import ServiceLine
from claimloop.tests.builders.claims.encounter_of import encounter_of
from claimloop.tests.builders.encounters.examples import partner
from claimloop.tests.builders.professional.claim_strategies import claims


def sorted_references(party: Party) -> Party:
    """The order of REF is the writer's. A contact of a person stands with the number of a property claim."""
    of_property = any(each.qualifier == "Y4" for each in party.references)
    return replace(
        party,
        references=tuple(sorted(party.references, key=lambda each: (each.qualifier, each.payer_id))),
        contacts=party.contacts if of_property or party.role not in ("IL", "QC") else (),
    )


def told_once(claim: Claim) -> Claim:
    """The claim without what the guide does not ask for, in one order."""
    return replace(
        claim,
        patient_paid=claim.patient_paid or None,
        references=tuple(sorted(claim.references, key=lambda each: each.qualifier)),
        billing_provider=sorted_references(claim.billing_provider),
        pay_to_plan=sorted_references(claim.pay_to_plan) if claim.pay_to_plan else None,
        payer=sorted_references(claim.payer),
        subscriber=told_of_subscriber(claim.subscriber, is_patient=claim.patient is None),
        patient=replace(claim.patient, person=sorted_references(claim.patient.person)) if claim.patient else None,
        providers=tuple(sorted(map(sorted_references, claim.providers), key=lambda each: each.role)),
        other_payers=tuple(map(told_of_payer, claim.other_payers)),
        lines=tuple(told_of_line(line, claim) for line in claim.lines),
    )


def told_of_subscriber(subscriber: Subscriber, *, is_patient: bool) -> Subscriber:
    """The turn of a payer follows from the order of coverages; a group has a number or a name."""
    person = sorted_references(subscriber.person)
    return replace(
        subscriber,
        payer_responsibility="",
        group_name="" if subscriber.group_number else subscriber.group_name,
        person=person if is_patient else replace(person, address=None),
    )


def told_of_payer(other: OtherPayer) -> OtherPayer:
    """A patient who is insured himself is told once."""
    insured = other.subscriber
    if other.relationship == "18":
        insured = Party(id_qualifier=insured.id_qualifier, id=insured.id, references=insured.references)
    return replace(
        other,
        payer_responsibility="",
        group_name="" if other.group_number else other.group_name,
        payer=sorted_references(other.payer),
        subscriber=insured,
        adjustments=by_group(other.adjustments),
    )


def by_group(adjustments: tuple[Adjustment, ...]) -> tuple[Adjustment, ...]:
    """Those of one group stand together."""
    groups = list(dict.fromkeys(each.group for each in adjustments))
    return tuple(sorted(adjustments, key=lambda each: groups.index(each.group)))


def told_of_line(line: ServiceLine, claim: Claim) -> ServiceLine:
    """A line does not repeat the claim's place, laboratory and providers."""
    laboratory = [each.value for each in claim.references if each.qualifier == "X4"]
    references = [each for each in line.references if each.qualifier != "X4" or each.value not in laboratory]
    return replace(
        line,
        place_of_service="" if line.place_of_service == claim.place_of_service else line.place_of_service,
        references=tuple(sorted(references, key=lambda each: (each.qualifier, each.payer_id))),
        notes=tuple(sorted(line.notes, key=lambda each: each.qualifier)),
        providers=tuple(sorted(map(sorted_references, line.providers), key=lambda each: each.role)),
        adjudications=tuple(
            replace(each, adjustments=by_group(each.adjustments)) for each in line.adjudications
        ),
    )  # fmt: skip


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(claims())
def test_every_claim_can_be_told_by_an_encounter(claim):
    billing = claim.billing_provider.id
    assume(all(not each.id or each.id != billing for each in claim.providers))  # such a one is not named again
    assume(all(not each.id or each.id != billing for line in claim.lines for each in line.providers))

    (made,) = claims_from(encounter_of(claim), partner())

    assert told_once(made) == told_once(claim)
