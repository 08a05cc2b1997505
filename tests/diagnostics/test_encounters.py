"""What is said of an encounter that cannot be sent as it is (C3xx), word for word.

`encounter.json` can be sent. Each case of `encounters.txt` changes something in it: `#` says what, `-` takes a name
away, `+` gives it a value (as JSON; `services#1` is the first of the services), `=` is what is read then.
"""

import csv
import io
import json
from datetime import date
from typing import NamedTuple

import pytest

from claimloop.builders.checks.encounter import check_encounter
from claimloop.builders.encounters.intake import read_encounters
from claimloop.builders.encounters.templates import csv_template
from claimloop.edi.diagnostics import Diagnostic
from claimloop.tests.builders.encounters.examples import TODAY, partner
from claimloop.tests.diagnostics.said import HERE, expected, says, told

GOOD = (HERE / "encounter.json").read_text(encoding="utf-8")


class Changed(NamedTuple):
    """A case of encounters.txt."""

    what: str
    changes: tuple[str, ...]
    expected: tuple[str, ...]


def cases():
    for text in (HERE / "encounters.txt").read_text(encoding="utf-8").strip().split("\n\n"):
        what, *lines = text.splitlines()
        changes = tuple(line for line in lines if line[0] in "+-")
        yield Changed(what.removeprefix("# "), changes, expected(line[2:] for line in lines if line[0] == "="))


CASES = tuple(cases())


def changed(record, change):
    """The record after a change such as `+ services#1.charge = "0.00"` or `- patient.birth_date`."""
    path, _, value = change[2:].partition(" = ")
    *parents, name = path.replace("#", ".#").split(".")
    place = record
    for parent in parents:
        place = place[int(parent[1:]) - 1] if parent[0] == "#" else place[parent]
    if change[0] == "-":
        del place[name]
    elif name[0] == "#":
        place.append(json.loads(value))
    else:
        place[name] = json.loads(value)
    return record


def check(path, report, to=None):
    """What `claimloop build` says of a file before it writes anything."""
    for each in read_encounters(path, report):
        for finding in check_encounter(each, to or partner(), TODAY):
            report(finding)


@says()
def test_nothing_is_said_of_the_good_encounter(folder, report):
    path = folder / "a.json"
    path.write_text(GOOD)
    check(path, report)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.what)
def test_what_cannot_be_sent_is_said(tmp_path, case):
    record = json.loads(GOOD)
    for change in case.changes:
        changed(record, change)
    path = tmp_path / "a.json"
    path.write_text(json.dumps(record), encoding="utf-8")
    found: list[Diagnostic] = []
    check(path, found.append)
    assert told(found) == list(case.expected)


def with_services(number, **changes):
    """A file with the first service of the good encounter as often as this."""
    record = json.loads(GOOD) | changes
    record["services"] = record["services"][:1] * number
    return json.dumps(record)


@says("C365 note: 51 lines are sent as 2 claims of at most 50 lines  [encounter E1001, services]")
def test_more_lines_than_a_claim_holds_make_two_claims(folder, report):
    path = folder / "a.json"
    path.write_text(with_services(51))
    check(path, report)


@says("C367 error: cannot replace or void 51 lines with one claim of at most 50  [encounter E1001, services]")
def test_a_corrected_claim_cannot_become_two(folder, report):
    path = folder / "a.json"
    path.write_text(with_services(51, frequency="7", payer_claim_number="ICN1"))
    check(path, report)


@says("C368 error: encounter has 1301 services, but the limit is 1300  [encounter E1001, services]")
def test_an_encounter_has_no_more_than_1300_services(folder, report):
    path = folder / "a.json"
    path.write_text(with_services(1301))
    check(path, report)


@says("C330 error: no billing provider in the encounter or in the configuration  [encounter E1001, billing_provider]")
def test_a_practice_without_a_billing_provider_is_told_so(folder, report):
    path = folder / "a.json"
    path.write_text(json.dumps(json.loads(GOOD) | {"billing_provider": None}))
    check(path, report, partner(billing_provider=None))


@says("a.txt: C300 error: cannot read this file: .txt is not an encounter file type")
def test_a_file_of_another_kind(folder, report):
    path = folder / "a.txt"
    path.write_text(GOOD)
    check(path, report)


@says("a.json: C300 error: cannot read this file: it is UTF-16 text, not UTF-8")
def test_a_file_in_two_bytes_a_character(folder, report):
    path = folder / "a.json"
    path.write_text(GOOD, encoding="utf-16")
    check(path, report)


@says(
    "a.json: C300 error: cannot read this file: it is not valid JSON (Input data was truncated)",
)
def test_a_list_of_records_that_breaks_off(folder, report):
    path = folder / "a.json"
    path.write_text("[" + GOOD)
    check(path, report)


@says("a.csv: C300 error: cannot read this file: it is not UTF-8 text (byte 15), so save it as CSV UTF-8")
def test_a_table_that_an_old_spreadsheet_wrote(folder, report):
    path = folder / "a.csv"
    path.write_text("encounter_id\nMÜLLER\n", encoding="latin-1")
    check(path, report)


@says("a.csv:2: C300 error: cannot read this file: it is not valid CSV (unexpected end of data)")
def test_a_table_with_a_quotation_mark_that_is_not_closed(folder, report):
    path = folder / "a.csv"
    path.write_text('encounter_id\n"E1001\n')
    check(path, report)


@says("a.csv:1: C300 error: cannot read this file: the header has no encounter_id column")
def test_a_table_without_its_header(folder, report):
    path = folder / "a.csv"
    path.write_text("E1001,Example,Erin\n")
    check(path, report)


@says("a.csv:1: C300 error: cannot read this file: heading 2 is not a column")
def test_a_table_with_a_column_of_its_own(folder, report):
    path = folder / "a.csv"
    path.write_text("encounter_id,wish\nE1001,health\n")
    check(path, report)


@says("a.json:1: C301 error: cannot read this record: it is not valid JSON (Input data was truncated)  [line 1]")
def test_a_record_that_breaks_off(folder, report):
    path = folder / "a.json"
    path.write_text("{")
    check(path, report)


@says("a.json:1: C302 error: the record has an unknown name  [encounter E1001]  value •••• (masked: 4 letters)")
def test_a_record_with_a_name_of_its_own(folder, report):
    path = folder / "a.json"
    path.write_text(json.dumps(json.loads(GOOD) | {"wish": "health"}))
    check(path, report)


@says(
    "a.jsonl:1: C303 error: patient is missing  [encounter E1, patient]",
    "a.jsonl:1: C303 error: coverages is missing  [encounter E1, coverages]",
    "a.jsonl:1: C303 error: diagnoses is missing  [encounter E1, diagnoses]",
    "a.jsonl:1: C303 error: services is missing  [encounter E1, services]",
)
def test_a_record_of_an_id_alone(folder, report):
    path = folder / "a.jsonl"
    path.write_text('{"encounter_id": "E1"}\n')
    check(path, report)


@says("a.jsonl:2: C306 error: duplicate encounter ID in this file: the encounter was skipped  [encounter E1001]")
def test_an_encounter_that_comes_again(folder, report):
    path = folder / "a.jsonl"
    path.write_text(2 * (json.dumps(json.loads(GOOD)) + "\n"))
    check(path, report)


@says(
    "a.jsonl:2: C308 error: duplicate patient control number in this file: the encounter was skipped"
    "  [encounter E1002]  value ••-• (masked: 2 letters, 1 digit)"
)
def test_a_control_number_that_comes_again(folder, report):
    path = folder / "a.jsonl"
    first = json.loads(GOOD) | {"patient_control_number": "PC-1"}
    path.write_text(json.dumps(first) + "\n" + json.dumps(first | {"encounter_id": "E1002"}) + "\n")
    check(path, report)


@says(
    "C394 error: 51 services need several claims of at most 50, but a payer adjudicated them as one"
    "  [encounter E1001, services]",
    "C365 note: 51 lines are sent as 2 claims of at most 50 lines  [encounter E1001, services]",
)
def test_a_decision_about_more_lines_than_a_claim_holds(folder, report):
    path = folder / "a.json"
    second = {"payer_id": "OTHER", "payer_name": "Other Plan", "member_id": "X1", "filing_indicator": "CI"}
    first = json.loads(GOOD)["coverages"][0] | {"decision": {"paid": "1.00", "decided_on": "2024-06-01"}}
    path.write_text(with_services(51, coverages=[first, second]))
    check(path, report)


@says(
    "C335 error: not a valid ICD-10-CM code on the date of service  [encounter E1001, diagnoses#1]  value 'A00.8'",
    "C336 error: diagnosis must be coded to the highest specificity  [encounter E1001, diagnoses#2]  value 'L57'",
)
def test_diagnoses_of_which_the_list_of_the_day_knows_better(folder, report):
    path = folder / "a.json"
    services = [json.loads(GOOD)["services"][0] | {"service_date": "2026-05-04"}]
    path.write_text(json.dumps(json.loads(GOOD) | {"diagnoses": ["A00.8", "L57"], "services": services}))
    (encounter,) = read_encounters(path, report)
    for finding in check_encounter(encounter, partner(), date(2026, 6, 30)):
        report(finding)


def write_table(path, column, cell):
    """The CSV template, with this cell in its second row."""
    heading, *rows = csv.reader(csv_template().splitlines())
    rows[1][heading.index(column)] = cell
    lines = io.StringIO()
    csv.writer(lines, lineterminator="\n").writerows([heading, *rows])
    path.write_text(lines.getvalue())


@says(
    "a.csv:3: C304 error: service_charge is not an amount: write 1250.00, without thousands separators or currency symbols"
    "  [encounter E1001, service_charge]  value •••• (masked: 4 letters)",
    "a.csv:2: C307 error: encounter is held: 1 row could not be read  [encounter E1001]",
)
def test_a_cell_that_cannot_be_read_refuses_its_encounter(folder, report):
    write_table(folder / "a.csv", "service_charge", "much")
    check(folder / "a.csv", report)


@says(
    "a.csv:3: C305 error: patient_last_name differs from an earlier row of the same encounter"
    "  [encounter E1001, patient_last_name]  value ••••• (masked: 5 letters)",
    "a.csv:2: C307 error: encounter is held: 1 row could not be read  [encounter E1001]",
)
def test_rows_of_one_encounter_say_the_same_of_its_patient(folder, report):
    write_table(folder / "a.csv", "patient_last_name", "Other")
    check(folder / "a.csv", report)


@says(
    "a.csv:2: C301 error: cannot read this record: 1 cell is not under any column  [encounter E1]",
    "a.csv:2: C307 error: encounter is held: 1 row could not be read  [encounter E1]",
)
def test_a_row_longer_than_the_header(folder, report):
    path = folder / "a.csv"
    path.write_text("encounter_id,patient_last_name\nE1,Example,Erin\n")
    check(path, report)


@says("a.csv:2: C303 error: encounter_id is missing  [line 2]")
def test_a_row_of_no_encounter(folder, report):
    path = folder / "a.csv"
    path.write_text("encounter_id,patient_last_name\n,Example\n")
    check(path, report)
