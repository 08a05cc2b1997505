"""A partner and encounters that can be sent, for tests to change one thing in. Everybody in them is invented."""

import json
from datetime import date, datetime
from decimal import Decimal
from io import StringIO
from pathlib import Path

import msgspec
import pyx12.params
import pyx12.x12n_document

from claimloop.builders.claims.from_encounter import claims_from
from claimloop.builders.encounters.encounter import (
    AccidentRecord,
    ClaimDates,
    Coverage,
    DrugRecord,
    Encounter,
    Person,
    PostalAddress,
    ProviderRecord,
    Service,
)
from claimloop.builders.encounters.templates import EXAMPLE
from claimloop.builders.partner import TradingPartner, partner_from
from claimloop.builders.professional.batch import ControlNumbers, write_batch

TODAY = date(2024, 6, 30)
MOMENT = datetime(2024, 6, 30, 21, 5)
NUMBERS = ControlNumbers(interchange=17, group=17, first_set=31, reference_id="B000017")
GOLDEN = Path(__file__).parents[1] / "professional/golden"

STREET = PostalAddress(line1="12 Lakeview Road", line2="Suite 4", city="Springfield", state="IL", zip="62704-1234")
BILLING = ProviderRecord(
    npi="1234567893",
    organization="Lakeview Dermatology",
    taxonomy="207N00000X",
    tax_id="12-3456789",
    address=STREET,
    contact_name="Kim Billing",
    phone="(555) 201-3344",
)
PARTNER_TABLE: dict[str, object] = {
    "name": "acme",
    "submitter": {"name": "Lakeview Dermatology", "id": "LKV001", "contact_name": "Kim", "phone": "555-201-3344"},
    "receiver": {"name": "Acme Clearinghouse", "id": "ACME01"},
    "interchange": {"sender": "LKV001", "receiver": "ACME01"},
    "billing_provider": msgspec.to_builtins(BILLING),
}
SIMPLE = EXAMPLE
"""One visit, two lines, the patient is the subscriber."""

DOCTOR = ProviderRecord(npi="1245319599", last_name="Sample", first_name="Robin", taxonomy="207N00000X")
OTHER_DOCTOR = ProviderRecord(npi="1467560003", last_name="Other", first_name="Alex", middle_name="Q", suffix="Jr")

FULL = Encounter(
    encounter_id="visit/2024-77",
    patient=Person(
        last_name="Müller-O'Neil",
        first_name="Zoë",
        middle_name="R",
        birth_date=date(2012, 11, 30),
        sex="F",
        address=PostalAddress(line1="Rue 5*B", city="Orléans", state="on", zip="K1C 1A1", country="CA"),
    ),
    coverages=(
        Coverage(
            payer_id="88888",
            payer_name="Northern Life: Health",
            payer_address=PostalAddress(line1="PO Box 77", city="Omaha", state="NE", zip="68101"),
            member_id="nl-004-4711",
            filing_indicator="12",
            group_name="Ironworks",
            relationship="child",
            subscriber=Person(last_name="Müller", first_name="Jörg", suffix="III"),
        ),
    ),
    diagnoses=("L70.0", "c44.311", "B07.9"),
    place_of_service="22",
    billing_provider=msgspec.structs.replace(
        BILLING, pay_to_address=PostalAddress(line1="PO Box 9", city="Springfield", state="IL", zip="62705")
    ),
    rendering_provider=DOCTOR,
    referring_provider=OTHER_DOCTOR,
    primary_care_provider=OTHER_DOCTOR,
    supervising_provider=DOCTOR,
    service_facility=ProviderRecord(
        npi="1679576722",
        organization="Springfield Day Surgery",
        address=PostalAddress(line1="1 Hospital Way", city="Springfield", state="IL", zip="627011111"),
    ),
    accept_assignment="C",
    benefits_assigned="N",
    release_of_information="I",
    patient_paid=Decimal("25.00"),
    prior_authorization="AUTH 9",
    referral_number="REF-1",
    medical_record_number="MRN77",
    clia_number="14D0123456",
    clearinghouse_trace="T-55",
    frequency="7",
    payer_claim_number="ICN2024001",
    special_program="03",
    delay_reason="11",
    note="second opinion ~ see chart",
    note_type="CER",
    dates=ClaimDates(
        onset=date(2024, 6, 1),
        initial_treatment=date(2024, 6, 2),
        last_seen=date(2024, 6, 3),
        acute_manifestation=date(2024, 6, 4),
        accident=date(2024, 6, 5),
        last_menstrual_period=date(2024, 5, 20),
        last_x_ray=date(2024, 6, 6),
        disability_from=date(2024, 6, 7),
        disability_to=date(2024, 7, 7),
        last_worked=date(2024, 6, 8),
        return_to_work=date(2024, 7, 8),
        admission=date(2024, 6, 9),
        discharge=date(2024, 6, 10),
        assumed_care=date(2024, 6, 11),
        relinquished_care=date(2024, 6, 12),
        first_contact=date(2024, 6, 13),
    ),
    accident=AccidentRecord(auto=True, employment=True, state="IL"),
    services=(
        Service(
            procedure="17999",
            description="Lesion treatment, unlisted",
            charge=Decimal("410.05"),
            service_date=date(2024, 6, 9),
            end_date=date(2024, 6, 10),
            modifiers=("rt", "59", "76", "LT"),
            units=Decimal("1.5"),
            diagnosis_pointers=(3, 1, 2),
            place_of_service="11",
            emergency=True,
            note="both sides",
            prior_authorization="LINE-AUTH",
            referral_number="LINE-REF",
            clia_number="14D0123456",
            rendering_provider=OTHER_DOCTOR,
        ),
        Service(
            procedure="j3301",
            charge=Decimal("80"),
            service_date=date(2024, 6, 9),
            units=Decimal("4"),
            drug=DrugRecord(ndc="00003-0293-05", quantity=Decimal("1.25"), unit="ML", prescription="RX1"),
        ),
        Service(
            procedure="00300", charge=Decimal("300.5"), service_date=date(2024, 6, 9), units=Decimal("45"), unit="MJ"
        ),
    ),
)
"""One visit with everything that an encounter can say."""


def partner(**changes: object) -> TradingPartner:
    """The example partner with these settings."""
    return partner_from({**PARTNER_TABLE, **changes})


def built(*encounters: Encounter, to: TradingPartner | None = None) -> str:
    """The file that these encounters make."""
    receiver = to or partner()
    out = StringIO()
    claims = [claim for encounter in encounters for claim in claims_from(encounter, receiver)]
    write_batch(claims, receiver, NUMBERS, MOMENT, out.write)
    return out.getvalue()


def pyx12_errors(text: str) -> list[str]:
    """Every error that pyx12 finds in a file; empty where it accepts it."""
    verdict = StringIO()
    accepted = pyx12.x12n_document.x12n_document(pyx12.params.ParamsBase(), StringIO(text), None, None, fd_json=verdict)
    errors: list[str] = []
    _collect(json.loads(verdict.getvalue()), errors)
    return errors or ([] if accepted else ["pyx12 refused it and does not say why"])


def _collect(node: object, errors: list[str]) -> None:
    if isinstance(node, dict):
        for name, part in node.items():
            if name == "errors":
                errors.extend(json.dumps(error) for error in part)
            else:
                _collect(part, errors)
    elif isinstance(node, list):
        for part in node:
            _collect(part, errors)
