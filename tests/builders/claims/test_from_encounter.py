"""What an encounter becomes: claims that say everything once, in the guide's terms."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from msgspec.structs import replace

from claimloop.builders.claims.control_numbers import patient_control_number
from claimloop.builders.claims.coverages import billed_payer
from claimloop.builders.claims.from_encounter import claims_from
from claimloop.builders.encounters.encounter import (
    AdjustmentRecord,
    ClaimDates,
    CoverageDecision,
    DrugRecord,
    OtherId,
    PostalAddress,
    ProviderRecord,
    ServiceDecision,
)
from claimloop.edi.dates import DateRange
from claimloop.edi.records.parties import Reference
from claimloop.tests.builders.encounters.examples import (
    BILLING,
    DOCTOR,
    FULL,
    OTHER_DOCTOR,
    SIMPLE,
    STREET,
    TODAY,
    built,
    partner,
)
from claimloop.tests.builders.encounters.strategies import encounters


def claim_of(encounter):
    (claim,) = claims_from(encounter, partner())
    return claim


def facility_of(place):
    return claim_of(replace(SIMPLE, service_facility=place)).provider("77")


def test_a_patient_who_is_the_subscriber_has_no_patient_loop():
    claim = claim_of(SIMPLE)

    assert claim.patient is None
    assert claim.subscriber.relationship == "18"
    assert claim.subscriber.person.id == "W123456789"
    assert claim.subscriber.birth_date == SIMPLE.patient.birth_date


def test_a_dependent_stands_below_the_subscriber():
    claim = claim_of(FULL)

    assert claim.subscriber.relationship == ""
    assert claim.subscriber.person.first_name == "Jörg"
    assert claim.subscriber.person.id == "nl-004-4711"
    assert claim.subscriber.person.address is None
    assert claim.patient.relationship == "19"
    assert claim.patient.person.first_name == "Zoë"
    assert claim.patient.person.id == ""


@pytest.mark.parametrize(
    ("relationship", "code"),
    [("spouse", "01"), ("employee", "20"), ("unknown", "21"), ("organ_donor", "39"), ("life_partner", "53"),
     ("other", "G8")],
)  # fmt: skip
def test_each_relationship_has_its_code(relationship, code):
    coverage = replace(FULL.coverages[0], relationship=relationship)

    assert claim_of(replace(FULL, coverages=(coverage,))).patient.relationship == code


def test_the_charge_is_the_sum_of_the_lines():
    assert claim_of(SIMPLE).charge == Decimal("285.00")


def test_codes_lose_points_and_small_letters():
    claim = claim_of(FULL)

    assert claim.diagnoses == ("L700", "C44311", "B079")
    assert claim.lines[0].modifiers == ("RT", "59", "76", "LT")
    assert claim.lines[1].procedure == "J3301"
    assert claim.lines[1].drug.ndc == "00003029305"


def test_dashes_of_an_ndc_that_is_not_five_four_two_stay_for_the_checks_to_refuse():
    service = replace(SIMPLE.services[0], drug=DrugRecord(ndc="0003-0293-05", quantity=Decimal(1), unit="ML"))

    assert claim_of(replace(SIMPLE, services=(service,))).lines[0].drug.ndc == "0003-0293-05"


def test_a_rendering_provider_who_bills_is_not_repeated():
    claim = claim_of(replace(SIMPLE, rendering_provider=BILLING))

    assert claim.provider("82") is None


def test_a_line_names_its_rendering_provider_only_where_it_is_another_one():
    first, second = SIMPLE.services
    services = replace(first, rendering_provider=DOCTOR), replace(second, rendering_provider=OTHER_DOCTOR)

    claim = claim_of(replace(SIMPLE, rendering_provider=DOCTOR, services=services))

    assert claim.lines[0].rendering_provider is None
    assert claim.lines[1].rendering_provider.id == OTHER_DOCTOR.npi


def test_a_line_rendered_by_the_billing_provider_says_so_where_the_claim_says_otherwise():
    service = replace(SIMPLE.services[0], rendering_provider=BILLING)

    claim = claim_of(replace(SIMPLE, rendering_provider=DOCTOR, services=(service,)))

    assert claim.lines[0].rendering_provider.id == BILLING.npi


def test_a_facility_at_the_billing_address_is_not_repeated():
    same_place = replace(STREET, line1="12  LAKEVIEW road", zip="62704")

    assert facility_of(ProviderRecord(npi=BILLING.npi, organization="Lakeview", address=same_place)) is None
    assert facility_of(ProviderRecord(organization="Lakeview", address=same_place)) is None


def test_a_facility_elsewhere_does_not_repeat_the_billing_npi():
    branch = PostalAddress(line1="9 Branch Street", city="Springfield", state="IL", zip="627041234")
    facility = facility_of(ProviderRecord(npi=BILLING.npi, organization="Lakeview East", address=branch))

    assert (facility.name, facility.id, facility.id_qualifier) == ("Lakeview East", "", "")


def test_another_organisation_at_the_billing_address_is_a_facility():
    facility = facility_of(ProviderRecord(npi="1679576722", organization="Day Surgery", address=STREET))

    assert facility.id == "1679576722"


def test_a_line_gives_its_place_only_where_it_differs():
    first, second = SIMPLE.services
    claim = claim_of(
        replace(SIMPLE, services=(replace(first, place_of_service="11"), replace(second, place_of_service="12")))
    )

    assert [line.place_of_service for line in claim.lines] == ["", "12"]


def test_a_payers_claim_number_goes_with_replacements_only():
    original = claim_of(replace(SIMPLE, payer_claim_number="ICN1"))
    replacement = claim_of(replace(SIMPLE, payer_claim_number="ICN1", frequency="7"))

    assert original.references == ()
    assert replacement.references == (Reference("F8", "ICN1"),)


def test_a_blank_number_is_no_number():
    blank = {"prior_authorization": " ", "referral_number": " "}
    services = tuple(replace(service, **blank) for service in SIMPLE.services)
    claim = claim_of(replace(SIMPLE, services=services, medical_record_number=" ", clearinghouse_trace=" ", **blank))

    assert claim.references == ()
    assert claim.lines[0].references == ()


def test_one_end_of_a_disability_is_a_date_of_its_own():
    only_start = replace(FULL, dates=ClaimDates(disability_from=date(2024, 6, 7)))
    only_end = replace(FULL, dates=ClaimDates(disability_to=date(2024, 7, 7)))

    assert claim_of(FULL).dates["314"] == DateRange(date(2024, 6, 7), date(2024, 7, 7))
    assert "360" in claim_of(only_start).dates
    assert "361" in claim_of(only_end).dates


def test_a_disability_of_one_day_is_still_a_period():
    one_day = replace(FULL, dates=ClaimDates(disability_from=date(2024, 6, 7), disability_to=date(2024, 6, 7)))

    assert "DTP*314*RD8*20240607-20240607~" in built(one_day)


def test_a_country_without_states_keeps_its_subdivision():
    address = PostalAddress(line1="Calle 1", city="Guadalajara", state="jal", zip="44100", country="mx")
    written = claim_of(replace(SIMPLE, patient=replace(SIMPLE.patient, address=address))).subscriber.person.address

    assert (written.state, written.country, written.subdivision) == ("", "MX", "JAL")


def test_more_than_fifty_lines_make_several_claims():
    encounter = replace(SIMPLE, services=SIMPLE.services * 51, patient_paid=Decimal("7200.00"))

    parts = claims_from(encounter, partner(), version=2)

    assert [part.patient_control_number for part in parts] == ["E1001-2", "E1001-2B", "E1001-2C"]
    assert [len(part.lines) for part in parts] == [50, 50, 2]
    assert sum(part.charge for part in parts) == 51 * Decimal("285.00")
    assert [part.patient_paid for part in parts] == [Decimal("7125"), Decimal("75"), None]
    assert len({line.line_control_number for part in parts for line in part.lines}) == 102


def test_an_encounter_that_the_checks_refuse_makes_no_claim():
    with pytest.raises(ValueError, match="to make a claim"):
        claims_from(replace(SIMPLE, services=()), partner())
    with pytest.raises(ValueError, match="to make a claim"):
        claims_from(SIMPLE, partner(billing_provider=None))


@settings(max_examples=30)
@given(encounters())
def test_no_line_and_no_cent_is_lost(encounter):
    claims = claims_from(encounter, partner())
    lines = [line for claim in claims for line in claim.lines]

    assert [line.charge for line in lines] == [service.charge for service in encounter.services]
    assert sum(claim.charge for claim in claims) == sum(service.charge for service in encounter.services)
    assert sum(claim.patient_paid or 0 for claim in claims) == (encounter.patient_paid or 0)
    for claim in claims:
        assert len(claim.lines) <= 50
        assert claim.service_period.end <= TODAY
        assert len({line.line_control_number for line in claim.lines}) == len(claim.lines)


def test_control_numbers_come_back_from_every_payer():
    assert patient_control_number("D1001") == "D1001-1"
    assert patient_control_number("ZZZZZZZZZZZZ", 99, 26) == "ZZZZZZZZZZZZ-99Z"
    for odd in ("0012", "d1001", "visit/2024-77", "é", "A" * 13):
        number = patient_control_number(odd)
        assert len(number) == 14
        assert number[0] != "0"
        assert number.replace("-", "").isalnum()
    assert patient_control_number("d1001") != patient_control_number("D1001")


@pytest.mark.parametrize(("version", "part"), [(0, 1), (100, 1), (1, 0), (1, 27)])
def test_there_are_only_so_many_versions_and_parts(version, part):
    with pytest.raises(ValueError, match="99 versions and 26 parts"):
        patient_control_number("D1001", version, part)


SECOND = replace(SIMPLE.coverages[0], payer_id="88888", payer_name="Second Plan", member_id="S2")
TAKEN_OFF = (AdjustmentRecord(group="PR", reason="2", amount=Decimal("35.00")),)
PAID = CoverageDecision(
    paid=Decimal("250.00"), adjustments=TAKEN_OFF, decided_on=date(2024, 6, 1), payer_claim_number="ICN1",
    patient_owes=Decimal("35.00"), remarks=("MA01",),
)  # fmt: skip
BOTH = replace(SIMPLE, coverages=(SIMPLE.coverages[0], SECOND))


def decided_by_first(decision=PAID, **of_first_service):
    services = (replace(SIMPLE.services[0], **of_first_service), *SIMPLE.services[1:])
    return replace(BOTH, coverages=(replace(SIMPLE.coverages[0], decision=decision), SECOND), services=services)


def test_the_primary_claim_tells_of_the_second_coverage():
    claim = claim_of(BOTH)

    assert (claim.payer.id, claim.subscriber.payer_responsibility) == ("99999", "P")
    (other,) = claim.other_payers
    assert (other.payer.id, other.payer_responsibility, other.relationship) == ("88888", "S", "18")
    assert (other.paid, other.adjustments, other.decided_on) == (None, (), None)


def test_the_claim_goes_to_the_first_payer_who_has_not_decided():
    claim = claim_of(decided_by_first())

    assert (claim.payer.id, claim.subscriber.payer_responsibility, claim.subscriber.person.id) == ("88888", "S", "S2")
    (other,) = claim.other_payers
    assert (other.payer.id, other.payer_responsibility, other.paid) == ("99999", "P", Decimal("250.00"))
    assert (other.claim_number, other.patient_owes, other.decided_on) == ("ICN1", Decimal("35.00"), date(2024, 6, 1))
    assert other.outpatient.remarks == ("MA01",)


@pytest.mark.parametrize(("bill_to", "billed"), [("99999", "99999"), (1, "99999"), ("88888", "88888"), (2, "88888")])
def test_bill_to_says_who_is_billed(bill_to, billed):
    assert claim_of(replace(BOTH, bill_to=bill_to)).payer.id == billed
    assert billed_payer(replace(BOTH, bill_to=bill_to)) == billed


def test_a_decision_about_services_has_its_day_and_its_sum_at_the_lines():
    decisions = tuple(
        (ServiceDecision(payer_id="99999", paid=service.charge - 10, adjustments=adjustments),)
        for service, adjustments in zip(SIMPLE.services, (TAKEN_OFF, ()), strict=True)
    )
    services = tuple(replace(each, decisions=told) for each, told in zip(SIMPLE.services, decisions, strict=True))
    visit = replace(decided_by_first(CoverageDecision(decided_on=date(2024, 6, 1))), services=services)

    claim = claim_of(visit)

    assert (claim.other_payers[0].paid, claim.other_payers[0].decided_on) == (Decimal("265.00"), None)
    (told,) = claim.lines[0].adjudications
    assert (told.payer_id, told.decided_on, told.procedure, told.units) == ("99999", date(2024, 6, 1), "99213", 1)
    assert told.modifiers == ("25",)


def test_adjustments_of_one_group_stand_together():
    mixed = [
        AdjustmentRecord(group="CO", reason="45", amount=Decimal(1)),
        AdjustmentRecord(group="PR", reason="1", amount=Decimal(1)),
        AdjustmentRecord(group="CO", reason="253", amount=Decimal(1)),
        AdjustmentRecord(group="PR", reason="2", amount=Decimal(1)),
    ]

    (other,) = claim_of(decided_by_first(replace(PAID, adjustments=tuple(mixed)))).other_payers

    assert [(each.group, each.reason) for each in other.adjustments] == [
        ("CO", "45"), ("CO", "253"), ("PR", "1"), ("PR", "2")
    ]  # fmt: skip


def test_a_practice_without_an_npi_is_known_by_the_payers_number():
    atypical = replace(BILLING, npi="", other_ids=(OtherId(type="payer", value="A7"), OtherId(type="upin", value="U1")))

    claim = claim_of(replace(SIMPLE, billing_provider=atypical))

    assert claim.billing_provider.id_qualifier == ""
    assert Reference("1G", "U1") in claim.billing_provider.references
    assert claim.payer.references == (Reference("G2", "A7"),)


def test_a_contact_of_four_numbers_becomes_two():
    reached = replace(BILLING, fax="555-201-3345", phone_extension="12", email="billing@example.org")

    contacts = claim_of(replace(SIMPLE, billing_provider=reached)).billing_provider.contacts

    assert [[kind for kind, _ in each.numbers] for each in contacts] == [["TE", "EX", "FX"], ["EM"]]


def test_a_line_does_not_repeat_the_providers_and_the_laboratory_of_the_claim():
    service = replace(SIMPLE.services[0], supervising_provider=DOCTOR, clia_number="14d0123456")

    claim = claim_of(
        replace(SIMPLE, supervising_provider=DOCTOR, clia_number="14D0123456", services=(service,))
    )  # fmt: skip

    assert claim.lines[0].providers == ()
    assert claim.lines[0].references == ()


def test_a_line_with_its_own_primary_care_provider_names_who_referred():
    service = replace(SIMPLE.services[0], referring_provider=DOCTOR, primary_care_provider=OTHER_DOCTOR)

    claim = claim_of(replace(SIMPLE, referring_provider=DOCTOR, services=(service,)))

    assert [each.role for each in claim.lines[0].providers] == ["DN", "P3"]


def test_old_services_have_diagnoses_of_the_old_code_set():
    assert claim_of(SIMPLE).diagnosis_qualifier == "ABK"
    assert claim_of(replace(SIMPLE, diagnosis_code_set="ICD-9-CM", diagnoses=("692.74",))).diagnosis_qualifier == "BK"


def test_a_practice_may_have_control_numbers_of_its_own():
    service = replace(SIMPLE.services[0], line_control_number="A17")
    visit = replace(SIMPLE, patient_control_number="ACCT-4711", services=(service,))

    (first,), (second,) = claims_from(visit, partner()), claims_from(visit, partner(), version=2)

    assert (first.patient_control_number, first.lines[0].line_control_number) == ("ACCT-4711", "A17")
    assert second.patient_control_number not in ("ACCT-4711", "")
