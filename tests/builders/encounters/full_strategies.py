"""Random encounters that say anything that the guide has a place for and that can be sent.

They are told from random claims, and what of these nobody would send is put right: a provider without any number, an
accident without its date, a decision without its day.
"""

from typing import TypeVar

from hypothesis import strategies as st
from msgspec.structs import replace

from claimloop.builders.encounters.encounter import (
    ClaimDates,
    Coverage,
    CoverageDecision,
    Encounter,
    PostalAddress,
    ProviderRecord,
    Service,
)
from claimloop.edi.records.claim import Claim
from claimloop.tests.builders.claims.encounter_of import encounter_of
from claimloop.tests.builders.professional.claim_strategies import claims
from claimloop.tests.builders.professional.part_strategies import TODAY

_NPI = "1679576722"
_PROVIDERS = ("rendering_provider", "referring_provider", "primary_care_provider", "supervising_provider")
_LINE_PROVIDERS = (*_PROVIDERS, "ordering_provider", "purchased_service_provider")
_STREET = PostalAddress(line1="1 Hospital Way", city="Springfield", state="IL", zip="627011111")
E = TypeVar("E", Encounter, Service)


def full_encounters() -> st.SearchStrategy[Encounter]:
    """Encounters with any part, each with its own id."""
    return st.builds(sendable, claims(), st.uuids().map(str))


def sendable(claim: Claim, encounter_id: str) -> Encounter:
    """The encounter of a claim, put right."""
    encounter = replace(encounter_of(claim), encounter_id=encounter_id, patient_control_number="")
    billing = encounter.billing_provider
    if billing and not any(each.type in ("payer", "location") for each in billing.other_ids):
        billing = replace(billing, npi=billing.npi or _NPI)
    encounter = _with_npis(replace(encounter, billing_provider=billing), _PROVIDERS)
    services = tuple(_sendable_service(service, encounter) for service in encounter.services)
    dates = encounter.dates or ClaimDates()
    accident = TODAY if encounter.accident and (encounter.accident.auto or encounter.accident.other) else None
    trips: list[Encounter | Service] = [encounter, *services]
    moved = any(each.ambulance for each in trips)
    return replace(
        encounter,
        services=services,
        coverages=tuple(_sendable_coverage(coverage, services) for coverage in encounter.coverages),
        dates=replace(
            dates,
            accident=accident,
            first_contact=dates.first_contact or dates.onset or TODAY,
            relinquished_care=None,
            discharge=None,
            return_to_work=None,
        ),
        diagnosis_code_set="ICD-10-CM",
        pick_up=(encounter.pick_up or _STREET) if moved else None,
        drop_off=(encounter.drop_off or _STREET) if moved else None,
        drop_off_name=encounter.drop_off_name if moved else "",
    )


def _with_npis(record: E, names: tuple[str, ...]) -> E:
    """Nobody is without any number."""
    given: dict[str, ProviderRecord] = {
        name: replace(provider, npi=_NPI)
        for name in names
        if (provider := getattr(record, name)) is not None and not provider.npi and not provider.other_ids
    }
    return replace(record, **given)


def _sendable_service(service: Service, encounter: Encounter) -> Service:
    service = _with_npis(service, _LINE_PROVIDERS)
    moved = service.ambulance is not None
    drug = service.drug
    return replace(
        service,
        drug=replace(drug, ndc="00003029305") if drug and drug.code_type == "N4" else drug,
        pick_up=service.pick_up if moved else None,
        drop_off=service.drop_off if moved else None,
        drop_off_name=service.drop_off_name if moved else "",
        decisions=tuple(
            replace(each, bundled_into=None, patient_owes=None, decided_on=each.decided_on or TODAY)
            for each in service.decisions
        ),
    )


def _sendable_coverage(coverage: Coverage, services: tuple[Service, ...]) -> Coverage:
    told = any(each.payer_id == coverage.payer_id for service in services for each in service.decisions)
    decision = coverage.decision
    if decision is not None and decision.paid is None and not told:
        decision = CoverageDecision(noncovered=decision.noncovered) if decision.noncovered is not None else None
    elif decision is not None:
        decision = replace(decision, noncovered=None, decided_on=decision.decided_on or TODAY)
    return replace(coverage, decision=decision, insurance_type=coverage.insurance_type or "12")
