"""What passes our checks is right by the guide, its rules and pyx12, whatever an encounter says."""

import json
from collections.abc import Iterator

import msgspec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from claimloop.builders.checks.encounter import check_encounter
from claimloop.builders.encounters.encounter import Encounter
from claimloop.parsers.checking import check_file
from claimloop.tests.builders.encounters.examples import TODAY, built, partner, pyx12_errors
from claimloop.tests.builders.encounters.full_strategies import full_encounters

PYX12_DOES_NOT_KNOW = "(AD) is not a valid code"
"""How a certificate of medical necessity is sent (PWK02): see docs/guides.md."""

ODD_VALUES: tuple[object, ...] = (
    "", " ", "-", "0", "A", "a b", "99", "X" * 51, "X" * 300, "*~:^", "é", "ß" * 40, "山", "\n", "A\tB", "NaN", "sNaN",
    "Infinity", "-1", "1e9", "0.001", "12345678901.1234", "1900-01-01", "2024-01-01", "2031-01-01", "07", "75", "CT",
    "E1", "XX", "Y", "ZZ", True, False, -1, 0, 3, 99, None, [], [""], ["X"], ["01"] * 9, {},
)  # fmt: skip

Steps = tuple[str | int, ...]


def errors_of(encounter: Encounter) -> list[str]:
    return [each.render() for each in check_encounter(encounter, partner(), TODAY) if each.severity == "error"]


def faults_of(text: str, folder) -> list[str]:
    """Every error that our guides, rules and reader find in the file."""
    path = folder / "a.837"
    path.write_text(text)
    found: list[str] = []
    check_file(path, lambda finding: found.append(finding.render()) if finding.severity == "error" else None)
    return found


def places(record: object, above: Steps = ()) -> Iterator[Steps]:
    """The way to every value of a record."""
    items = record.items() if isinstance(record, dict) else enumerate(record) if isinstance(record, list) else ()
    for name, value in items:
        yield (*above, name)
        yield from places(value, (*above, name))


@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
@given(full_encounters())
def test_an_encounter_without_an_error_makes_a_file_without_one(tmp_path_factory, encounter):
    assert errors_of(encounter) == []
    assert faults_of(built(encounter), tmp_path_factory.mktemp("built")) == []


@settings(max_examples=4, deadline=None, suppress_health_check=list(HealthCheck))
@given(full_encounters())
def test_pyx12_accepts_any_part_of_an_encounter(encounter):
    assert [error for error in pyx12_errors(built(encounter)) if PYX12_DOES_NOT_KNOW not in error] == []


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(full_encounters(), st.data())
def test_an_odd_value_is_refused_or_does_no_harm(tmp_path_factory, encounter, data):
    record = json.loads(msgspec.json.encode(encounter))
    *above, last = data.draw(st.sampled_from(sorted(places(record), key=str)))
    inner = record
    for name in above:
        inner = inner[name]
    inner[last] = data.draw(st.sampled_from(ODD_VALUES))
    try:
        odd = msgspec.json.decode(json.dumps(record), type=Encounter)
    except msgspec.ValidationError:
        return  # refused as it is read

    if not errors_of(odd):
        assert faults_of(built(odd), tmp_path_factory.mktemp("built")) == []
