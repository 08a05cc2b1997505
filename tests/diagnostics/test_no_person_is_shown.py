"""No finding shows a person's data by default: a name, a member ID, a birth date, and a Social Security number are put
into every element of good files and every field of a good encounter, one at a time.
"""

import csv
import io
import json
import re
from collections.abc import Callable, Iterable, Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from claimloop.builders.checks.encounter import check_encounter
from claimloop.builders.encounters.intake import read_encounters
from claimloop.builders.encounters.templates import csv_template
from claimloop.edi.diagnostics import Diagnostic, Where, diagnose
from claimloop.edi.shown_values import may_be_shown
from claimloop.parsers.acknowledgements.reader import acknowledgement_items
from claimloop.parsers.checking import check_file
from claimloop.tests.builders.encounters.examples import TODAY, partner
from claimloop.tests.diagnostics.test_encounters import GOOD
from claimloop.tests.edi.rules.good import CLAIMS, REMITTANCE
from claimloop.tests.parsers.acknowledgements.samples import ACKNOWLEDGED, STATUSES

NAME, MEMBER = "QUILLFEATHER", "QW104477302"
BIRTH, SSN = "19621107", "078059317"
PERSON = (NAME, NAME.capitalize(), MEMBER, "11/07/1962", "1962-11-07", BIRTH, SSN, "078-05-9317")
NUMBERS = (BIRTH, SSN)

CONTROL_NUMBERS = re.compile(r"ISA13|IEA0[12]|GS06|GE0[12]|ST0[23]|SE0[12]|GS08|AK[12]0\d|AK90\d|TA1\d\d|ISA12")
"""Shown where they look like it: the control numbers, counts, and versions of envelopes."""
AMOUNTS = re.compile(
    r"CLM02|SV10[24]|AMT02|CAS\d\d|SVD0[25]|CTP04|BPR02|CLP0[345]|SVC0[2357]|PLB\d\d|TS3\d\d|HL0[12]|LX01|STC0[45]"
)
"""Amounts that are digits and nothing else are read as amounts; a message about balances shows them."""


def planted(text: str) -> Iterator[tuple[str, str, str]]:
    """The text with one element replaced, for each element once and each text of a person: place, what, file."""
    segments = text.replace("~\n", "~").rstrip("~").split("~")
    seen = set()
    for number, segment in enumerate(segments):
        elements = segment.split("*")
        for position in range(1, len(elements) if elements[0] != "ISA" else 0):
            name = f"{elements[0]}{position:02d}"
            if (name, elements[1]) in seen:
                continue
            seen.add((name, elements[1]))
            for what in PERSON:
                if what in (*NUMBERS, MEMBER) and CONTROL_NUMBERS.fullmatch(name):
                    continue
                if what in NUMBERS and AMOUNTS.fullmatch(name):
                    continue
                changed = "*".join((*elements[:position], what, *elements[position + 1 :]))
                yield name, what, "~".join((*segments[:number], changed, *segments[number + 1 :])) + "~"


def shown(findings: Iterable[Diagnostic], what: str) -> list[str]:
    """The findings that show this, printed or in a log."""
    lines = [line for each in findings for line in (each.render(), f"{each.masked().message} {each.masked().value}")]
    return [line for line in lines if what.upper() in line.upper()]


def checked(tmp_path: Path, text: str) -> list[Diagnostic]:
    path = tmp_path / "a.x12"
    path.write_text(text)
    found: list[Diagnostic] = []
    check_file(path, found.append)
    return found


def acknowledged(_: Path, text: str) -> list[Diagnostic]:
    found: list[Diagnostic] = []
    list(acknowledgement_items(BytesIO(text.encode()), "a", found.append))
    return found


@pytest.mark.parametrize(
    ("good", "read"),
    [(CLAIMS, checked), (REMITTANCE, checked), (ACKNOWLEDGED, acknowledged), (STATUSES, acknowledged)],
    ids=["837P", "835", "999", "277CA"],
)
def test_no_element_of_a_file_shows_a_person(
    tmp_path: Path, good: str, read: Callable[[Path, str], list[Diagnostic]]
) -> None:
    findings = 0
    leaks = []
    for name, what, text in planted(good):
        found = read(tmp_path, text)
        findings += len(found)
        leaks += [f"{name} {what}: {line}" for line in shown(found, what)]
    assert leaks == []
    assert findings > 100  # the files were broken, and the findings were about it


def paths(record: Any, *before: str | int) -> Iterator[tuple[str | int, ...]]:
    """The path of every text and number of a record."""
    if isinstance(record, dict | list):
        steps = record.items() if isinstance(record, dict) else enumerate(record)
        for step, value in steps:
            yield from paths(value, *before, step)
    else:
        yield before


def replaced(path: tuple[str | int, ...], what: str) -> Any:
    record = json.loads(GOOD)
    place = record
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = what
    return record


def said_of(path: Path) -> list[Diagnostic]:
    found: list[Diagnostic] = []
    for each in read_encounters(path, found.append):
        found += check_encounter(each, partner(), TODAY)
    return found


@pytest.mark.parametrize("path", [path for path in paths(json.loads(GOOD)) if path != ("encounter_id",)], ids=str)
def test_no_field_of_an_encounter_shows_a_person(tmp_path: Path, path: tuple[str | int, ...]) -> None:
    file = tmp_path / "a.json"
    for what in PERSON:
        if what in NUMBERS and path[-1] in ("charge", "units", "diagnosis_pointers"):
            continue
        file.write_text(json.dumps(replaced(path, what)))
        assert shown(said_of(file), what) == []


def test_no_column_of_a_table_shows_a_person(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    heading, *rows = csv.reader(csv_template().splitlines())
    leaks = []
    for column, name in enumerate(heading):
        for what in PERSON if name != "encounter_id" else ():
            if what in NUMBERS and re.search("charge|paid|units|quantity|amount|pointers", name):
                continue
            changed = [[*row[:column], what, *row[column + 1 :]] for row in rows]
            text = io.StringIO()
            csv.writer(text).writerows([heading, *changed])
            file.write_text(text.getvalue())
            leaks += [f"{name} {what}: {line}" for line in shown(said_of(file), what)]
    assert leaks == []


@pytest.mark.parametrize("what", PERSON)
@pytest.mark.parametrize("code", ["R204", "R250", "C350", "G427", "S694", "S696"])
def test_no_field_whose_values_are_shown_shows_a_person(code: str, what: str) -> None:
    facts = {"what": "charge", "name": "Charge", "form": "two digits"}
    for loop, element in SHOWN_PLACES:
        assert what not in diagnose(code, Where(loop=loop, element=element), what, **facts).render()


SHOWN_PLACES = (
    ("2300", "CLM02"), ("2400", "SV102"), ("2430", "CAS03"), ("2400", "SV107-1"), ("2400", "SV101-2"),
    ("2300", "HI01-2"), ("2430", "CAS02"), ("2300", "CLM05-1"), ("2000A", "PRV03"), ("2310B", "NM109"),
    ("2010BB", "NM109"), ("2400", "REF02"), ("2410", "LIN03"), ("2010AA", "N402"), ("2010AA", "N403"),
    ("", "services#1.charge"), ("", "services#1.diagnosis_pointers"), ("", "services#1.procedure"),
    ("", "diagnoses#1"), ("", "place_of_service"), ("", "billing_provider.npi"), ("", "coverages#1.payer_id"),
    ("", "billing_provider.address.zip"), ("", "clia_number"), ("", "services#1.drug.ndc"), ("", "accident.state"),
)  # fmt: skip
"""A field of each form of edi/shown_values.py."""


@pytest.mark.parametrize(
    ("loop", "element", "value"),
    [
        ("2400", "SV102", "0.00"),
        ("2400", "SV107-1", "9"),
        ("2400", "SV101-2", "9921"),
        ("2300", "HI01-2", "L5700"),
        ("2310B", "NM109", "1234567890"),
        ("", "billing_provider.npi", "1234567890"),
        ("", "services#1.charge", "-12.50"),
        ("", "coverages#1.payer_id", "60054"),
        ("", "diagnoses#2", "L57.0"),
    ],
)
def test_what_is_not_about_a_person_is_shown(loop: str, element: str, value: str) -> None:
    assert may_be_shown(loop, element, value)
    assert f"value '{value}'" in diagnose("X124", Where(loop=loop, element=element), value).render()


@pytest.mark.parametrize(
    ("loop", "element", "value"),
    [
        ("2010BA", "NM109", "1234567890"),
        ("2100", "NM109", "1234567890"),
        ("2010BA", "N403", "62704"),
        ("2300", "CLM01", "12"),
        ("2010BA", "REF02", "12"),
        ("", "patient.address.zip", "62704"),
        ("", "patient.address.state", "IL"),
        ("", "coverages#1.member_id", "12"),
        ("", "patient_control_number", "12"),
        ("", "", "12"),
    ],
)
def test_a_field_that_may_be_about_a_person_stays_masked(loop: str, element: str, value: str) -> None:
    assert not may_be_shown(loop, element, value)
