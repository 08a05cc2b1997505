"""`Encounter.from_dict` and `typed`: plain values in, a checked record out, every problem at once."""

import json
from datetime import date
from decimal import Decimal

import msgspec
import pytest
from msgspec.structs import replace

from claimloop.builders import Encounter, NotAnEncounter, Service
from claimloop.edi import UserError
from claimloop.tests.builders.encounters.examples import FULL, SIMPLE


def plain(encounter: Encounter = SIMPLE) -> dict[str, object]:
    """The encounter as `json.loads` would give it."""
    values: dict[str, object] = json.loads(msgspec.json.encode(encounter))
    return values


def problems(values: dict[str, object]) -> list[tuple[str, str]]:
    """Code and field of each problem."""
    with pytest.raises(NotAnEncounter) as raised:
        Encounter.from_dict(values)
    return [(finding.code, finding.where.element) for finding in raised.value.findings]


@pytest.mark.parametrize("encounter", [SIMPLE, FULL])
def test_what_json_holds_becomes_the_same_encounter(encounter):
    assert Encounter.from_dict(plain(encounter)) == encounter


def test_records_dates_and_decimals_may_stand_among_plain_values():
    values = plain() | {"patient": SIMPLE.patient, "services": SIMPLE.services}
    assert Encounter.from_dict(values) == SIMPLE


@pytest.mark.parametrize(("charge", "read"), [("135.10", "135.10"), (135, "135"), (135.1, "135.1")])
def test_an_amount_is_text_a_whole_number_or_the_digits_that_python_prints(charge, read):
    values = plain() | {"services": [{"procedure": "99213", "charge": charge, "service_date": "2024-05-02"}]}
    assert str(Encounter.from_dict(values).services[0].charge) == read


def test_every_problem_is_found_at_once():
    service = {"procedure": 99213, "charge": "12,00", "service_date": "5/2/2024"}
    values = plain() | {"patient": "Erin", "services": [service], "frequncy": "1"}
    del values["diagnoses"]
    assert problems(values) == [
        ("C302", "frequncy"),
        ("C304", "patient"),
        ("C303", "diagnoses"),
        ("C304", "services#1.procedure"),
        ("C304", "services#1.charge"),
        ("C304", "services#1.service_date"),
    ]


def test_the_error_is_a_users_and_a_value_error_whose_text_masks_the_values():
    with pytest.raises(UserError) as raised:
        Encounter.from_dict(plain() | {"patient": "Marlowe"})
    assert isinstance(raised.value, ValueError)
    assert "encounter E1001" in str(raised.value)
    assert "Marlowe" not in str(raised.value)


@pytest.mark.parametrize("value", [object(), 1j, {1: 2}])
def test_objects_that_no_file_could_hold_are_problems_too(value):
    assert problems(plain() | {"note": value})[0][0] in ("C301", "C304")


def test_typed_makes_tuples_dates_and_decimals_of_what_a_caller_put_in():
    loose = replace(
        SIMPLE,
        diagnoses=["L57.0", "D22.5"],
        services=[Service(procedure="99213", charge="135.00", service_date="2024-05-02")],  # type: ignore[arg-type]
    )
    assert loose.typed().diagnoses == ("L57.0", "D22.5")
    (service,) = loose.typed().services
    assert (service.charge, service.service_date) == (Decimal("135.00"), date(2024, 5, 2))


def test_typed_finds_what_a_constructor_lets_through():
    with pytest.raises(NotAnEncounter) as raised:
        replace(SIMPLE, diagnoses="L57.0", place_of_service=11).typed()
    assert [finding.where.element for finding in raised.value.findings] == ["diagnoses", "place_of_service"]
