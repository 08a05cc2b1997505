"""What a builder says of an encounter that it cannot send, word for word: encounters.txt has a line for each case."""

import csv
import io
import json
from pathlib import Path

import pytest

from claimloop.builders.checks import check_encounter
from claimloop.builders.intake import read_encounters
from claimloop.builders.templates import csv_template, json_template
from claimloop.edi.diagnostics import Diagnostic
from claimloop.tests.builders.examples import SIMPLE, TODAY, partner
from claimloop.tests.builders.test_check_encounter import FINDINGS

LINES = (Path(__file__).parent / "encounters.txt").read_text(encoding="utf-8").splitlines()


@pytest.mark.parametrize(
    ("line", "code", "element", "encounter"),
    [(line, *finding) for line, finding in zip(LINES, FINDINGS, strict=True)],
    ids=[f"{code} {element}" for code, element, _ in FINDINGS],
)
def test_every_refusal_is_said_in_full(line, code, element, encounter):
    found = check_encounter(encounter, partner(), TODAY)
    assert line in [each.render() for each in found if (each.code, each.where.element) == (code, element)]


def test_a_practice_without_a_billing_provider_is_told_so():
    (found,) = check_encounter(SIMPLE, partner(billing_provider=None), TODAY)
    assert found.render() == (
        "C330 error: the encounter names no billing provider, and the configuration has none"
        "  [encounter E1001, billing_provider]"
    )


def read(tmp_path, name, text):
    path = tmp_path / name
    path.write_text(text)
    found: list[Diagnostic] = []
    list(read_encounters(path, found.append))
    return [each.render() for each in found]


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("a.txt", "", "a.txt: C300 error: .txt is no kind of encounter file; nothing was read from this file"),
        ("a.csv", "", "a.csv:1: C300 error: the header has no column encounter_id; nothing was read from this file"),
        ("a.csv", "encounter_id,wish\nE1,2\n", "a.csv:1: C300 error: heading 2 is no column's name; nothing was read from this file"),
        ("a.json", "{", "a.json:1: C301 error: this cannot be read: it is not JSON (Input data was truncated)  [line 1]"),
        ("a.json", '{"encounter_id": "E1", "wish": 1}', "a.json:1: C302 error: the record has a name that is unknown  [encounter E1]  value 'xxxx'"),
        ("a.jsonl", '{"encounter_id": "E1"}\n', "a.jsonl:1: C303 error: patient is missing  [encounter E1, patient]"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_said(tmp_path, name, text, expected):
    assert read(tmp_path, name, text)[0] == expected


def rows_of_the_template():
    heading, *rows = csv.reader(csv_template().splitlines())
    return heading, rows


def in_lines(heading, rows):
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows([heading, *rows])
    return out.getvalue()


def test_rows_of_one_encounter_say_the_same_of_its_patient(tmp_path):
    heading, rows = rows_of_the_template()
    rows[1][heading.index("patient_last_name")] = "Other"
    assert read(tmp_path, "a.csv", in_lines(heading, rows)) == [
        "a.csv:3: C305 error: patient_last_name differs from an earlier row of the same encounter"
        "  [encounter E1001, patient_last_name]  value 'xxxxx'",
        "a.csv:2: C307 error: the encounter is refused, because 1 of its rows cannot be read  [encounter E1001]",
    ]


def test_a_cell_that_cannot_be_read_refuses_its_encounter(tmp_path):
    heading, rows = rows_of_the_template()
    rows[1][heading.index("service_charge")] = "much"
    said = read(tmp_path, "a.csv", in_lines(heading, rows))
    assert said[0].startswith("a.csv:3: C304 error: service_charge ")
    assert said[0].endswith("[encounter E1001, service_charge]  value 'xxxx'")


def test_an_encounter_that_comes_again_is_passed_over(tmp_path):
    text = "".join(json.dumps(json.loads(json_template())) + "\n" for _ in range(2))
    assert read(tmp_path, "a.jsonl", text) == [
        "a.jsonl:2: C306 error: this encounter id came before in the same file; the encounter is passed over"
        "  [encounter E1001]"
    ]
