"""Refusals about what few encounters have: other payers, numbers, supplements. One thing is wrong in each."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from msgspec.structs import replace

from claimloop.builders.checks.encounter import check_encounter
from claimloop.builders.encounters.encounter import (
    AdjustmentRecord,
    ClaimDates,
    CoverageDecision,
    DrugRecord,
    Encounter,
    OtherId,
    PayerId,
    PayersNumber,
    PayersProvider,
    PayToPlan,
    Person,
    PropertyCasualty,
    ProviderRecord,
    ServiceDates,
    ServiceDecision,
)
from claimloop.edi.records.claim_supplements import (
    AmbulanceTransport,
    Attachment,
    Certification,
    Contract,
    EquipmentPrice,
    FormAnswer,
    Measurement,
    PurchasedService,
    Repricing,
    SpinalManipulation,
    SupportingForm,
)
from claimloop.tests.builders.encounters.examples import (
    BILLING,
    DOCTOR,
    SIMPLE,
    STREET,
    TODAY,
    built,
    partner,
    pyx12_errors,
)

TOMORROW = TODAY + timedelta(days=1)
D = Decimal
PAID = CoverageDecision(paid=D("250.00"), adjustments=(AdjustmentRecord(group="CO", reason="45", amount=D("35.00")),),
                        decided_on=TODAY, payer_claim_number="ICN1")  # fmt: skip
SECOND = replace(SIMPLE.coverages[0], payer_id="88888", payer_name="Second Plan")
SECONDARY = replace(SIMPLE, coverages=(replace(SIMPLE.coverages[0], decision=PAID), SECOND))
"""The first payer has decided, the second is billed."""

LICENSE = OtherId(type="license", value="L1")
PLAN = PayToPlan(name="Plan", id="P1", address=STREET, tax_id="123456789")
TRIP = AmbulanceTransport("A", D(12))
TAKEN = {"pick_up": STREET, "drop_off": STREET}
DECISION = ServiceDecision(payer_id="99999", paid=D("135.00"), decided_on=TODAY)


def told(**changes: object) -> Encounter:
    return replace(SIMPLE, **changes)


def line(**changes: object) -> Encounter:
    """Changes of the first service."""
    return replace(SIMPLE, services=(replace(SIMPLE.services[0], **changes), *SIMPLE.services[1:]))


def line_provider(**changes: object) -> Encounter:
    return line(rendering_provider=replace(DOCTOR, npi="1467560003", **changes))


def decided(**changes: object) -> Encounter:
    """Changes of what the first payer decided about the claim."""
    first = replace(SIMPLE.coverages[0], decision=replace(PAID, **changes))
    return replace(SECONDARY, coverages=(first, SECOND))


def by_service(coverage_decision: CoverageDecision | None = None, **changes: object) -> Encounter:
    """What the first payer decided about both services, with changes of the first of them."""
    first, second = SIMPLE.services
    decisions = (replace(DECISION, **changes),), (replace(DECISION, paid=D("150.00")),)
    services = replace(first, decisions=decisions[0]), replace(second, decisions=decisions[1])
    coverages = replace(SIMPLE.coverages[0], decision=coverage_decision), SECOND
    return replace(SIMPLE, coverages=coverages, services=services)


def first_coverage(**changes: object) -> Encounter:
    return replace(SECONDARY, coverages=(replace(SECONDARY.coverages[0], **changes), SECOND))


def adjusted(*adjustments: AdjustmentRecord) -> Encounter:
    return decided(adjustments=adjustments)


def billed_by(**changes: object) -> Encounter:
    return told(billing_provider=replace(BILLING, **changes))


def ordered_by(**changes: object) -> Encounter:
    return line(ordering_provider=replace(ProviderRecord(npi="1467560003", last_name="Other"), **changes))


def certified(*conditions: Certification) -> Encounter:
    return told(conditions=conditions)


def form(*answers: FormAnswer) -> Encounter:
    return line(forms=(SupportingForm("UT", "04.03", answers),))


FINDINGS_OF_PARTS: list[tuple[str, str, Encounter]] = [
    # code, element, encounter
    ("C311", "services#1.attachments#1.control_number", line(attachments=(Attachment("OZ", "BM"),))),
    ("C311", "attachments#1.report_type", told(attachments=(Attachment("", "AA"),))),
    ("C311", "contract.type", told(contract=Contract(""))),
    ("C311", "conditions#1.conditions", certified(Certification("07", "Y", ()))),
    ("C311", "services#1.forms#1.answers", form()),
    ("C311", "coverages#1.provider_ids#1.other_ids",
     first_coverage(provider_ids=(PayersProvider(role="billing", other_ids=()),))),
    ("C311", "property_casualty.phone",
     told(property_casualty=PropertyCasualty(claim_number="1", contact_name="Kim"))),
    ("C312", "file_information#1", told(file_information=("X" * 81,))),
    ("C312", "services#1.third_party_note", line(third_party_note="X" * 81)),
    ("C312", "condition_codes#1", told(condition_codes=("1" * 31,))),
    ("C312", "attachments#1.control_number", told(attachments=(Attachment("OZ", "BM", "1" * 81),))),
    ("C313", "coverages#1.decision.payer_claim_number", decided(payer_claim_number="A~1")),
    ("C313", "services#1.immunization_batch", line(immunization_batch="A*1")),
    ("C316", "pick_up.zip", told(ambulance=TRIP, pick_up=replace(STREET, zip="1"), drop_off=STREET)),
    ("C317", "services#1.service_facility.address.zip",
     line(service_facility=ProviderRecord(organization="Day Surgery", address=replace(STREET, zip="62704")))),
    ("C320", "pay_to_plan.tax_id", told(pay_to_plan=replace(PLAN, tax_id="1"))),
    ("C320", "coverages#1.subscriber_ssn", first_coverage(subscriber_ssn="12-3456")),
    ("C320", "coverages#1.payer_ids#1.value",
     first_coverage(payer_ids=(PayerId(type="tax_id", value="1"),))),
    ("C322", "billing_provider.fax", billed_by(fax="555")),
    ("C322", "property_casualty.phone", told(property_casualty=PropertyCasualty(claim_number="1", phone="1"))),
    ("C332", "services#1.primary_care_provider", line(primary_care_provider=DOCTOR)),
    ("C333", "dates.first_contact", told(property_casualty=PropertyCasualty(claim_number="1"))),
    ("C334", "coverages#1.decision.adjustments#1.amount",
     adjusted(AdjustmentRecord(group="CO", reason="45", amount=D(0)))),
    ("C335", "diagnoses#1", replace(SIMPLE, diagnoses=("A00.8", "D22.5"),
                                    services=(replace(SIMPLE.services[0], service_date=date(2026, 5, 1)),))),
    ("C336", "diagnoses#1", replace(SIMPLE, diagnoses=("L57", "D22.5"),
                                    services=(replace(SIMPLE.services[0], service_date=date(2026, 5, 1)),))),
    ("C337", "services#1.equipment.procedure", line(equipment=EquipmentPrice("E0431", D(30), D(50), D(900), "4"))),
    ("C344", "services#1.decisions#1.bundled_into", by_service(bundled_into=1)),
    ("C344", "services#1.decisions#1.bundled_into", by_service(bundled_into=3)),
    ("C346", "anesthesia_procedures#1", told(anesthesia_procedures=("100",))),
    ("C346", "services#1.decisions#1.procedure", by_service(procedure="9921")),
    ("C347", "services#1.decisions#1.modifiers#1", by_service(modifiers=("5",))),
    ("C348", "services#1.decisions#1.modifiers", by_service(modifiers=("25", "59", "RT", "LT", "76"))),
    ("C349", "ambulance.distance", told(ambulance=AmbulanceTransport("A", D(-1)), **TAKEN)),
    ("C349", "services#1.measurements#1.value", line(measurements=(Measurement("TR", "HT", D("NaN")),))),
    ("C349", "contract.percentage", told(contract=Contract("06", percentage=D("1234567.5")))),
    ("C349", "services#1.forms#1.answers#1.date", form(FormAnswer("1", date="2024-02-31"))),
    ("C350", "coverages#1.decision.paid", decided(paid=D("-1"))),
    ("C350", "services#1.decisions#1.paid", by_service(paid=D("-1"))),
    ("C351", "services#1.sales_tax", line(sales_tax=D("0.001"))),
    ("C352", "contract.amount", told(contract=Contract("02", amount=D("100000000")))),
    ("C353", "services#1.ambulance_patients", line(ambulance_patients=D(0))),
    ("C353", "patient.weight", told(patient=replace(SIMPLE.patient, weight=D(0)))),
    ("C358", "patient.died_on", told(patient=replace(SIMPLE.patient, died_on=TOMORROW))),
    ("C358", "services#1.dates.prescription", line(dates=ServiceDates(prescription=TOMORROW))),
    ("C358", "coverages#1.decision.decided_on", decided(decided_on=TOMORROW)),
    ("C358", "services#1.decisions#1.decided_on", by_service(decided_on=TOMORROW)),
    ("C359", "services#1.dates.shipped", line(dates=ServiceDates(shipped=date(1980, 1, 1)))),
    ("C376", "attachments#1.report_type", told(attachments=(Attachment("77", "AA"),))),
    ("C376", "services#1.attachments#1.transmission", line(attachments=(Attachment("CT", "ZZ"),))),
    ("C376", "contract.type", told(contract=Contract("07"))),
    ("C376", "ambulance.reason", told(ambulance=AmbulanceTransport("F", D(1)), **TAKEN)),
    ("C376", "spinal_manipulation.condition", told(spinal_manipulation=SpinalManipulation("B"))),
    ("C376", "conditions#1.category", certified(Certification("70", "Y", ("65",)))),
    ("C376", "conditions#1.applies", certified(Certification("07", "X", ("01",)))),
    ("C376", "conditions#1.conditions#2", certified(Certification("07", "Y", ("01", "02")))),
    ("C376", "repricing.method", told(repricing=Repricing("06", D(1)))),
    ("C376", "services#1.measurements#1.type", line(measurements=(Measurement("TR", "XX", D(1)),))),
    ("C376", "services#1.forms#1.list", line(forms=(SupportingForm("XX", "1", (FormAnswer("1", "Y"),)),))),
    ("C376", "currency", told(currency="XXQ")),
    ("C376", "service_authorization_exception", told(service_authorization_exception="8")),
    ("C378", "services#1.referring_clia_number", line(referring_clia_number="1")),
    ("C379", "bill_to", replace(SECONDARY, bill_to=3)),
    ("C379", "bill_to", told(bill_to=0)),
    ("C381", "services#1.rendering_provider.other_ids#1.payer_id",
     line_provider(other_ids=(OtherId(type="payer", value="1", payer_id="NOBODY"),))),
    ("C381", "rendering_provider.other_ids#1.payer_id",
     replace(SECONDARY, rendering_provider=replace(DOCTOR, other_ids=(replace(LICENSE, payer_id="99999"),)))),
    ("C381", "services#1.other_authorizations#1.payer_id",
     line(other_authorizations=(PayersNumber(number="A1", payer_id="NOBODY"),))),
    ("C382", "coverages#1.decision", decided(paid=D("249.99"))),
    ("C382", "services#1.decisions", by_service(paid=D("134.00"))),
    ("C385", "ambulance", told(ambulance=TRIP, pick_up=STREET)),
    ("C387", "coverages#1.decision", decided(paid=None)),
    ("C387", "coverages#1.decision", decided(decided_on=None)),
    ("C387", "services#1.decisions#1", by_service(decided_on=None)),
    ("C388", "coverages#1.decision.patient_owes", by_service(CoverageDecision(patient_owes=D(1)), patient_owes=D(1))),
    ("C390", "attachments", told(attachments=(Attachment("OZ", "AA"),) * 11)),
    ("C390", "services#1.attachments", line(attachments=(Attachment("CT", "AD"),) * 2)),
    ("C390", "conditions#2.category", certified(*(Certification("ZZ", "Y", ("AV",)),) * 2)),
    ("C390", "conditions#1.conditions", certified(Certification("07", "Y", ("01",) * 6))),
    ("C390", "conditions", certified(*(Certification("E1", "Y", ("L1",)),) * 4)),
    ("C390", "homebound", told(homebound=True, conditions=(Certification("75", "Y", ("IH",)),))),
    ("C390", "file_information", told(file_information=("A",) * 11)),
    ("C390", "condition_codes", told(condition_codes=("17",) * 25)),
    ("C390", "anesthesia_procedures", told(anesthesia_procedures=("00100",) * 3)),
    ("C390", "services#1.measurements", line(measurements=(Measurement("TR", "HT", D(1)),) * 6)),
    ("C390", "services#1.other_authorizations", line(other_authorizations=(PayersNumber(number="A1"),) * 2)),
    ("C390", "services#1.other_referrals",
     line(referral_number="R1", other_referrals=(PayersNumber(number="A1"),))),
    ("C390", "coverages", replace(SIMPLE, coverages=SIMPLE.coverages * 12)),
    ("C390", "coverages#1.payer_ids",
     first_coverage(payer_ids=tuple(PayerId(type=kind, value="1") for kind in ("payer", "naic", "claim_office")))),
    ("C390", "coverages#1.payer_ids#2.type", first_coverage(payer_ids=(PayerId(type="naic", value="1"),) * 2)),
    ("C390", "coverages#1.provider_ids#2.role",
     first_coverage(provider_ids=(PayersProvider(role="rendering", other_ids=(LICENSE,)),) * 2)),
    ("C390", "coverages#1.decision.adjustments",
     adjusted(*(AdjustmentRecord(group="CO", reason=str(number), amount=D(1)) for number in range(31)))),
    ("C390", "coverages#1.decision.remarks", decided(remarks=("MA01",) * 6)),
    ("C390", "services#1.decisions", replace(
        SECONDARY, services=(replace(SIMPLE.services[0], decisions=(replace(DECISION, paid=D(9)),) * 16),))),
    ("C390", "rendering_provider.other_ids#2.type",
     told(rendering_provider=replace(DOCTOR, other_ids=(LICENSE, LICENSE)))),
    ("C390", "services#1.ordering_provider",
     ordered_by(phone="5552013344", phone_extension="1", fax="5552013345", email="a.example.org")),
    ("C391", "repricing", told(repricing=Repricing("", D(1)))),
    ("C391", "services#1.repricing", line(repricing=Repricing("01", D(1), procedure_qualifier="HC"))),
    ("C391", "services#1.forms#1.answers#1", form(FormAnswer("1"))),
    ("C391", "billing_provider", billed_by(phone="", fax="5552013345", contact_name="", phone_extension="12")),
    ("C391", "pick_up", told(pick_up=STREET)),
    ("C391", "drop_off_name", told(drop_off_name="General Hospital")),
    ("C391", "coverages#1.decision", decided(noncovered=D("285.00"))),
    ("C391", "services#1.drug",
     line(drug=DrugRecord(ndc="00003029305", quantity=D(1), unit="ML", prescription="1", compound="2"))),
    ("C392", "repricing.procedure", told(repricing=Repricing("01", D(1), procedure_qualifier="HC", procedure="99213"))),
    ("C392", "referring_provider.other_ids#1.type",
     told(referring_provider=replace(DOCTOR, other_ids=(OtherId(type="location", value="1"),)))),
    ("C392", "coverages#1.provider_ids#1.other_ids#1.type",
     first_coverage(provider_ids=(PayersProvider(role="billing", other_ids=(LICENSE,)),))),
    ("C392", "pay_to_plan.other_id.type", told(pay_to_plan=replace(PLAN, other_id=PayerId(type="tax_id", value="123456789")))),
    ("C392", "patient.is_organization", told(patient=replace(SIMPLE.patient, is_organization=True))),
    ("C392", "coverages#1.decision", replace(SECONDARY, coverages=SECONDARY.coverages[:1])),
    ("C392", "coverages#1.decision", replace(SECONDARY, bill_to=1)),
    ("C393", "coverages", replace(by_service(), coverages=(*by_service().coverages, SIMPLE.coverages[0]))),
    ("C394", "services", replace(SECONDARY, services=SIMPLE.services * 26)),
    ("C395", "coverages#1", replace(SECONDARY, coverages=(SIMPLE.coverages[0], SECOND), bill_to=2)),
    ("C396", "coverages#2.insurance_type",
     replace(SECONDARY, coverages=(SECONDARY.coverages[0], replace(SECOND, filing_indicator="MB")))),
    ("C397", "services#1.unit", line(procedure="00142")),
    ("C398", "diagnoses#1", replace(SIMPLE, diagnosis_code_set="ICD-9-CM")),
    ("C399", "diagnosis_code_set", replace(SIMPLE, diagnosis_code_set="ICD-9-CM", diagnoses=("692.74",))),
]  # fmt: skip


@pytest.mark.parametrize(
    ("code", "element", "encounter"), FINDINGS_OF_PARTS, ids=[f"{f[0]}-{f[1]}" for f in FINDINGS_OF_PARTS]
)
def test_what_is_wrong_with_a_part_is_found_where_it_is(code, element, encounter):
    found = check_encounter(encounter, partner(), date(2026, 6, 30) if code in ("C335", "C336") else TODAY)

    assert (code, element) in [(finding.code, finding.where.element) for finding in found]


SENDABLE: list[Encounter] = [
    SECONDARY,
    decided(remarks=("MA01", "N19"), patient_owes=D("35.00"), is_correction=True),
    by_service(),
    by_service(CoverageDecision(decided_on=TODAY, payer_claim_number="ICN1"), decided_on=None),
    decided(paid=None, adjustments=(), decided_on=None, noncovered=D("285.00")),
    replace(SIMPLE, coverages=(SIMPLE.coverages[0], SECOND)),
    replace(SECONDARY, bill_to="88888"),
    replace(SECONDARY, bill_to=2),
    billed_by(npi="", other_ids=(OtherId(type="payer", value="A1"),)),
    billed_by(fax="555-201-3345", email="billing.example.org", phone_extension="12"),
    told(ambulance=TRIP, **TAKEN),
    line(ambulance=TRIP, **TAKEN),
    told(property_casualty=PropertyCasualty(claim_number="PC1", contact_name="Kim", phone="5552013344"),
         dates=ClaimDates(first_contact=TODAY)),
    told(pay_to_plan=PLAN),
    told(coverages=(replace(SIMPLE.coverages[0], relationship="employee",
                            subscriber=Person(last_name="Ironworks", is_organization=True)),)),
    replace(SIMPLE, diagnosis_code_set="ICD-9-CM", diagnoses=("692.74", "V58.9"),
            services=tuple(replace(service, service_date=date(2014, 5, 2)) for service in SIMPLE.services)),
    line(purchased_service=PurchasedService("1467560003", D("20.00")),
         purchased_service_provider=ProviderRecord(npi="1467560003")),
    form(FormAnswer("1", "Y"), FormAnswer("2", date="2024-02-28")),
]  # fmt: skip


@pytest.mark.parametrize("encounter", SENDABLE)
def test_what_is_right_is_not_refused_and_pyx12_accepts_it(encounter):
    assert [finding for finding in check_encounter(encounter, partner(), TODAY) if finding.severity != "note"] == []
    assert pyx12_errors(built(encounter)) == []
