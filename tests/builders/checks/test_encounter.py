"""Every refusal: one thing is wrong with an encounter that could be sent, and the finding says so."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from msgspec.structs import replace

from claimloop.builders.checks.encounter import check_encounter
from claimloop.builders.encounters.encounter import (
    AccidentRecord,
    ClaimDates,
    Coverage,
    CoverageDecision,
    DrugRecord,
    Encounter,
    Person,
    PostalAddress,
    ProviderRecord,
    Service,
    ServiceDecision,
)
from claimloop.edi.diagnostics import catalogue
from claimloop.edi.records.claim_supplements import AmbulanceTransport
from claimloop.tests.builders.checks.test_parts import FINDINGS_OF_PARTS
from claimloop.tests.builders.encounters.examples import BILLING, DOCTOR, FULL, SIMPLE, STREET, TODAY, partner
from claimloop.tests.builders.encounters.strategies import encounters

HOME = PostalAddress(line1="8 Orchard Lane", city="Springfield", state="IL", zip="62704")
PERSON = Person(last_name="Doe")


def patient(**changes: object) -> Encounter:
    return replace(SIMPLE, patient=replace(SIMPLE.patient, **changes))


def home(**changes: object) -> Encounter:
    return patient(address=replace(HOME, **changes))


def coverage(**changes: object) -> Encounter:
    return replace(SIMPLE, coverages=(replace(SIMPLE.coverages[0], **changes),))


def service(**changes: object) -> Encounter:
    return replace(SIMPLE, services=(replace(SIMPLE.services[0], **changes),))


def service_decision(payer_id: str, paid: str) -> tuple[ServiceDecision, ...]:
    return (ServiceDecision(payer_id=payer_id, paid=Decimal(paid), decided_on=date(2024, 6, 1)),)


def twice_covered(decisions: tuple[ServiceDecision, ...], paid: str | None = None) -> Encounter:
    """A second coverage, which is billed where the first has decided; `decisions` are about the first service."""
    first, second = SIMPLE.coverages[0], replace(SIMPLE.coverages[0], payer_id="88888")
    decided = CoverageDecision(paid=Decimal(paid), decided_on=TODAY) if paid else None
    services = (replace(SIMPLE.services[0], decisions=decisions), *SIMPLE.services[1:])
    return replace(SIMPLE, coverages=(replace(first, decision=decided), second), services=services)


def billing(**changes: object) -> Encounter:
    return replace(SIMPLE, billing_provider=replace(BILLING, **changes))


def office(**changes: object) -> Encounter:
    return billing(address=replace(STREET, **changes))


def facility(**changes: object) -> Encounter:
    place = ProviderRecord(npi="1679576722", organization="Day Surgery", address=STREET)
    return replace(SIMPLE, service_facility=replace(place, **changes))


def dates(**given_dates: date) -> Encounter:
    return replace(SIMPLE, dates=ClaimDates(**given_dates))


def drug(ndc: str = "00003029305", quantity: str = "1", prescription: str = "") -> Encounter:
    return service(drug=DrugRecord(ndc=ndc, quantity=Decimal(quantity), unit="ML", prescription=prescription))


def lines(count: int, **changes: object) -> Encounter:
    return replace(SIMPLE, services=SIMPLE.services[:1] * count, **changes)


def accident(**causes: object) -> Encounter:
    return replace(SIMPLE, accident=replace(AccidentRecord(), **causes), dates=ClaimDates(accident=TODAY))


WRONG_NPI = "1234567890"
TOMORROW = TODAY + timedelta(days=1)

FINDINGS: list[tuple[str, str, Encounter]] = [
    # code, element, encounter
    ("C310", "billing_provider.npi", billing(npi=WRONG_NPI)),
    ("C310", "rendering_provider.npi", replace(SIMPLE, rendering_provider=replace(DOCTOR, npi=WRONG_NPI))),
    ("C310", "referring_provider.npi", replace(SIMPLE, referring_provider=replace(DOCTOR, npi="123"))),
    ("C310", "supervising_provider.npi", replace(SIMPLE, supervising_provider=replace(DOCTOR, npi=WRONG_NPI))),
    ("C310", "service_facility.npi", facility(npi=WRONG_NPI)),
    ("C310", "services#1.rendering_provider.npi", service(rendering_provider=replace(DOCTOR, npi=WRONG_NPI))),
    ("C311", "patient.last_name", patient(last_name=" ")),
    ("C311", "patient.birth_date", patient(birth_date=None)),
    ("C311", "patient.sex", patient(sex="")),
    ("C311", "patient.address", patient(address=None)),
    ("C311", "patient.address.line1", home(line1="")),
    ("C311", "patient.address.city", home(city="")),
    ("C311", "patient.address.state", home(state="")),
    ("C311", "patient.address.zip", home(zip="")),
    ("C311", "coverages#1.member_id", coverage(member_id="")),
    ("C311", "coverages#1.payer_id", coverage(payer_id="")),
    ("C311", "coverages#1.payer_name", coverage(payer_name="")),
    ("C311", "coverages#1.subscriber.last_name", coverage(relationship="child", subscriber=Person(last_name=""))),
    ("C311", "billing_provider.npi", billing(npi="")),
    ("C311", "billing_provider.organization", billing(organization="")),
    ("C311", "billing_provider.tax_id", billing(tax_id="")),
    ("C311", "billing_provider.address", billing(address=None)),
    ("C311", "billing_provider.phone", billing(phone="")),
    ("C311", "service_facility.address", facility(address=None)),
    ("C311", "service_facility.organization", facility(organization="")),
    ("C312", "patient.last_name", patient(last_name="A" * 61)),
    ("C312", "patient.first_name", patient(first_name="A" * 36)),
    ("C312", "patient.middle_name", patient(middle_name="A" * 26)),
    ("C312", "patient.suffix", patient(suffix="A" * 11)),
    ("C312", "patient.last_name", patient(last_name="ß" * 31)),
    ("C312", "patient.address.line1", home(line1="A" * 56)),
    ("C312", "patient.address.city", home(city="A" * 31)),
    ("C312", "coverages#1.member_id", coverage(member_id="1" * 81)),
    ("C312", "coverages#1.payer_id", coverage(payer_id="1")),
    ("C312", "coverages#1.group_number", coverage(group_number="1" * 51)),
    ("C312", "medical_record_number", replace(SIMPLE, medical_record_number="1" * 51)),
    ("C312", "prior_authorization", replace(SIMPLE, prior_authorization="1" * 51)),
    ("C312", "services#1.referral_number", service(referral_number="1" * 51)),
    ("C312", "services#1.drug.prescription", drug(prescription="1" * 51)),
    ("C312", "note", replace(SIMPLE, note="A" * 81)),
    ("C312", "services#1.note", service(note="A" * 81)),
    ("C312", "services#1.description", service(description="A" * 81)),
    ("C313", "coverages#1.member_id", coverage(member_id="W_12")),
    ("C313", "coverages#1.member_id", coverage(member_id="W*12")),
    ("C313", "coverages#1.payer_id", coverage(payer_id="Ω1")),
    ("C313", "referral_number", replace(SIMPLE, referral_number="A~1")),
    ("C313", "payer_claim_number", replace(SIMPLE, frequency="7", payer_claim_number="A|1")),
    ("C313", "patient.address.zip", home(country="MX", state="", zip="44*00")),
    ("C314", "patient.last_name", patient(last_name="山田")),
    ("C314", "patient.first_name", patient(first_name="~*")),
    ("C315", "patient.address.state", home(state="XX")),
    ("C315", "patient.address.state", home(country="CA", state="IL")),
    ("C315", "accident.state", accident(auto=True, state="XX")),
    ("C316", "patient.address.zip", home(zip="2139")),
    ("C316", "billing_provider.address.zip", office(zip="62704-12")),
    ("C317", "billing_provider.address.zip", office(zip="62704")),
    ("C317", "service_facility.address.zip", facility(address=replace(STREET, zip="62704"))),
    ("C318", "billing_provider.address.line1", office(line1="P.O. Box 12")),
    ("C318", "billing_provider.address.line2", office(line2="Lockbox 7")),
    ("C319", "patient.address.country", home(country="Mexico", state="", zip="44100")),
    ("C319", "accident.country", accident(auto=True, country="Mexico")),
    ("C320", "billing_provider.tax_id", billing(tax_id="12-345678")),
    ("C321", "billing_provider.taxonomy", billing(taxonomy="207N00000")),
    ("C322", "billing_provider.phone", billing(phone="201-3344")),
    ("C323", "billing_provider", billing(last_name="Doe")),
    ("C324", "referring_provider.organization", replace(SIMPLE, referring_provider=BILLING)),
    ("C325", "coverages#1.subscriber", coverage(relationship="child")),
    ("C327", "coverages", replace(SIMPLE, coverages=())),
    ("C379", "bill_to", replace(SIMPLE, bill_to="NOBODY")),
    ("C381", "services#1.decisions#1.payer_id", twice_covered(service_decision("NOBODY", "135.00"))),
    ("C382", "services#1.decisions", twice_covered(service_decision("99999", "100.00"), paid="285.00")),
    ("C383", "patient_control_number", replace(SIMPLE, patient_control_number="a 1")),
    ("C384", "services", replace(SIMPLE, services=(replace(SIMPLE.services[0], line_control_number="L1"),) * 2)),
    ("C385", "ambulance", replace(SIMPLE, ambulance=AmbulanceTransport("A", Decimal(3)))),
    ("C386", "services#1.line_control_number", service(line_control_number="L-1")),
    ("C328", "coverages#1.filing_indicator", coverage(filing_indicator="XX")),
    ("C329", "coverages#1.insurance_type", coverage(insurance_type="99")),
    ("C331", "coverages#1.subscriber", coverage(subscriber=PERSON)),
    ("C332", "primary_care_provider", replace(SIMPLE, primary_care_provider=DOCTOR)),
    ("C340", "diagnoses", replace(SIMPLE, diagnoses=())),
    ("C341", "diagnoses", replace(SIMPLE, diagnoses=(*(f"L57.{n}" for n in range(10)), "L70.0", "L70.1", "B07.9"))),
    ("C342", "diagnoses#2", replace(SIMPLE, diagnoses=("L57.0", "692.74"))),
    ("C342", "diagnoses#2", replace(SIMPLE, diagnoses=("L57.0", "L57.00000"))),
    ("C342", "diagnoses#2", replace(SIMPLE, diagnoses=("L57.0", "L57."))),
    ("C342", "diagnoses#2", replace(SIMPLE, diagnoses=("L57.0", "L5.70"))),
    ("C343", "diagnoses#2", replace(SIMPLE, diagnoses=("L57.0", "l570"))),
    ("C345", "services", replace(SIMPLE, services=())),
    ("C346", "services#1.procedure", service(procedure="1700")),
    ("C346", "services#1.procedure", service(procedure="17000-59")),
    ("C346", "services#1.procedure", service(procedure="1700O")),
    ("C347", "services#1.modifiers#2", service(modifiers=("25", "5"))),
    ("C348", "services#1.modifiers", service(modifiers=("25", "59", "RT", "LT", "76"))),
    ("C350", "services#1.charge", service(charge=Decimal("0.00"))),
    ("C350", "services#1.charge", service(charge=Decimal("-1"))),
    ("C350", "services#1.charge", service(charge=Decimal("NaN"))),
    ("C350", "services#1.charge", service(charge=Decimal("Infinity"))),
    ("C350", "services.total_charge", service(procedure="3725F", charge=Decimal(0))),
    ("C350", "patient_paid", replace(SIMPLE, patient_paid=Decimal("-5"))),
    ("C351", "services#1.charge", service(charge=Decimal("10.005"))),
    ("C351", "patient_paid", replace(SIMPLE, patient_paid=Decimal("0.001"))),
    ("C352", "services#1.charge", service(charge=Decimal("100000000"))),
    ("C352", "services.total_charge", replace(SIMPLE, services=service(charge=Decimal("60000000")).services * 2)),
    ("C353", "services#1.units", service(units=Decimal(0))),
    ("C353", "services#1.units", service(units=Decimal("1.0001"))),
    ("C353", "services#1.units", service(units=Decimal("1E+400"))),
    ("C353", "services#1.units", service(units=Decimal("NaN"))),
    ("C353", "services#1.drug.quantity", drug(quantity="-1")),
    ("C354", "services#1.diagnosis_pointers", service(diagnosis_pointers=())),
    ("C355", "services#1.diagnosis_pointers", service(diagnosis_pointers=(1, 2, 1, 2, 1))),
    ("C356", "services#1.diagnosis_pointers", service(diagnosis_pointers=(3,))),
    ("C356", "services#1.diagnosis_pointers", service(diagnosis_pointers=(0,))),
    ("C357", "services#1.diagnosis_pointers", service(diagnosis_pointers=(1, 1))),
    ("C358", "services#1.service_date", service(service_date=TOMORROW)),
    ("C358", "services#1.end_date", service(end_date=TOMORROW)),
    ("C358", "dates.onset", dates(onset=TOMORROW)),
    ("C359", "services#1.service_date", service(service_date=date(1980, 1, 1))),
    ("C359", "dates.onset", dates(onset=date(1980, 1, 1))),
    ("C360", "services#1.end_date", service(end_date=date(2024, 5, 1))),
    ("C360", "dates.discharge", dates(admission=TODAY, discharge=date(2024, 6, 1))),
    ("C361", "place_of_service", replace(SIMPLE, place_of_service="1")),
    ("C361", "services#1.place_of_service", service(place_of_service="98")),
    ("C362", "services#1.drug.ndc", drug(ndc="0003-0293-05")),
    ("C362", "services#1.drug.ndc", drug(ndc="0000302930A")),
    ("C364", "services#1.description", service(procedure="17999")),
    ("C364", "services#1.description", service(procedure="J3490")),
    ("C365", "services", lines(51)),
    ("C366", "payer_claim_number", replace(SIMPLE, frequency="7")),
    ("C366", "payer_claim_number", replace(SIMPLE, frequency="8")),
    ("C367", "services", lines(51, frequency="7", payer_claim_number="ICN1")),
    ("C368", "services", lines(1301)),
    ("C369", "payer_claim_number", replace(SIMPLE, payer_claim_number="ICN1")),
    ("C370", "accident.state", accident(auto=True)),
    ("C371", "dates.admission", replace(SIMPLE, place_of_service="21")),
    ("C371", "dates.admission", service(place_of_service="21")),
    ("C372", "dates.accident", replace(SIMPLE, accident=AccidentRecord(other=True))),
    ("C373", "accident", accident(auto=True, employment=True, other=True, state="IL")),
    ("C374", "patient_paid", replace(SIMPLE, patient_paid=Decimal("285.01"))),
    ("C375", "patient.birth_date", patient(birth_date=TOMORROW)),
    ("C375", "patient.birth_date", patient(birth_date=date(1884, 3, 9))),
    ("C376", "special_program", replace(SIMPLE, special_program="01")),
    ("C376", "delay_reason", replace(SIMPLE, delay_reason="12")),
    ("C377", "dates.accident", dates(accident=TODAY)),
    ("C378", "clia_number", replace(SIMPLE, clia_number="14-123456")),
    ("C378", "services#1.clia_number", service(clia_number="14X0123456")),
]  # fmt: skip


@pytest.mark.parametrize(("code", "element", "encounter"), FINDINGS, ids=[f"{f[0]}-{f[1]}" for f in FINDINGS])
def test_what_is_wrong_is_found_where_it_is(code, element, encounter):
    found = check_encounter(encounter, partner(), TODAY)

    assert (code, element) in [(finding.code, finding.where.element) for finding in found]


def test_a_practice_without_a_billing_provider_cannot_bill():
    found = check_encounter(SIMPLE, partner(billing_provider=None), TODAY)

    assert [finding.code for finding in found] == ["C330"]


def test_every_refusal_of_the_catalogue_is_tested_above():
    checked = {code for code in catalogue() if "C310" <= code <= "C399"}

    assert checked - {"C330"} == {code for code, _, _ in (*FINDINGS, *FINDINGS_OF_PARTS)}


def test_sendable_encounters_have_no_finding():
    assert check_encounter(SIMPLE, partner(), TODAY) == []
    assert check_encounter(FULL, partner(), TODAY) == []


@pytest.mark.parametrize("diagnosis", ["C4A.0", "c4a0", "S62.91XA", "QA0.0101", "B20"])
def test_a_diagnosis_may_have_its_dot_or_not(diagnosis):
    assert check_encounter(replace(SIMPLE, diagnoses=(*SIMPLE.diagnoses, diagnosis)), partner(), TODAY) == []


def test_all_findings_come_at_once():
    encounter = replace(
        SIMPLE,
        patient=replace(SIMPLE.patient, sex="", birth_date=None),
        diagnoses=(),
        services=(Service(procedure="x", charge=Decimal(0), service_date=TOMORROW),),
    )

    codes = {finding.code for finding in check_encounter(encounter, partner(), TODAY)}

    assert codes == {"C311", "C340", "C346", "C350", "C356", "C358"}


def test_a_finding_names_the_encounter_and_masks_the_value():
    (finding,) = check_encounter(coverage(member_id="W_12"), partner(), TODAY)

    assert finding.where.subject == "encounter E1001"
    assert "W_12" not in finding.render()
    assert "W_12" not in finding.message


def test_a_long_encounter_may_go_out_in_parts():
    (finding,) = check_encounter(lines(101), partner(), TODAY)

    assert finding.severity == "note"
    assert finding.message == "101 lines are sent as 3 claims of at most 50 lines"


def test_a_reporting_code_may_be_free():
    quality = Service(procedure="3725F", charge=Decimal(0), service_date=date(2024, 5, 2))

    assert check_encounter(replace(SIMPLE, services=(*SIMPLE.services, quality)), partner(), TODAY) == []


def test_a_dependent_needs_no_address_of_his_subscriber():
    dependent = coverage(relationship="child", subscriber=PERSON)

    assert check_encounter(dependent, partner(), TODAY) == []


def test_a_pay_to_address_may_be_a_box():
    assert check_encounter(billing(pay_to_address=replace(STREET, line1="PO Box 1")), partner(), TODAY) == []


@pytest.mark.parametrize("street", ["12 Boxwood Lane", "1 Polk Blvd", "5 Post Road", "77 Lockwood Ave"])
def test_a_street_that_sounds_like_a_box_is_none(street):
    assert check_encounter(office(line1=street), partner(), TODAY) == []


def test_an_accident_abroad_needs_no_state():
    assert check_encounter(accident(auto=True, country="MX"), partner(), TODAY) == []


def test_the_extended_character_set_writes_what_the_basic_one_loses():
    extended = partner(character_set="extended")

    assert check_encounter(coverage(member_id="W_12"), extended, TODAY) == []


def test_a_coverage_like_the_patient_is_still_self():
    same = replace(SIMPLE, coverages=(replace(SIMPLE.coverages[0], subscriber=SIMPLE.patient),))

    assert check_encounter(same, partner(), TODAY) == []


def test_a_second_coverage_is_checked_too():
    second = Coverage(payer_id="2", payer_name="B", member_id="", filing_indicator="CI")
    found = check_encounter(replace(SIMPLE, coverages=(SIMPLE.coverages[0], second)), partner(), TODAY)

    assert [finding.where.element for finding in found] == [
        "coverages#2.payer_id",
        "coverages#2.member_id",
    ]


def test_a_foreign_address_needs_neither_state_nor_zip():
    abroad = PostalAddress(line1="Am Markt 1", city="Köln", country="DE")

    assert check_encounter(patient(address=abroad), partner(), TODAY) == []


@settings(max_examples=50)
@given(encounters())
def test_the_random_encounters_of_these_tests_can_be_sent(encounter):
    found = check_encounter(encounter, partner(), TODAY)

    assert [finding for finding in found if finding.severity == "error"] == []
