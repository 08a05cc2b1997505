"""Encounters in: what can be read is read exactly, what cannot is reported with its line."""

import csv
import io
import json
from decimal import Decimal

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from claimloop.builders.checks.encounter import check_encounter
from claimloop.builders.encounters.columns import columns, columns_in_words, rows_of
from claimloop.builders.encounters.encounter import PostalAddress
from claimloop.builders.encounters.intake import read_encounters
from claimloop.builders.encounters.templates import EXAMPLE, csv_template, json_schema, json_template
from claimloop.edi.diagnostics import Diagnostic
from claimloop.edi.records.claim_supplements import AmbulanceTransport
from claimloop.tests.builders.encounters.examples import FULL, TODAY, partner
from claimloop.tests.builders.encounters.strategies import encounter_lists, fits_in_csv

OTHER = replace(EXAMPLE, encounter_id="E1002")


@pytest.fixture
def read(tmp_path):
    """Write a file and read it: the encounters and the findings as text."""

    def reading(name, content):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        found: list[Diagnostic] = []
        encounters = list(read_encounters(path, found.append))
        return encounters, [finding.render(show_values=True) for finding in found]

    return reading


def as_json(encounter):
    return msgspec.json.encode(encounter)


def as_csv(*encounters, separator=","):
    out = io.StringIO()
    writer = csv.DictWriter(out, list(columns()), delimiter=separator)
    writer.writeheader()
    for encounter in encounters:
        writer.writerows(rows_of(encounter))
    return out.getvalue()


def table(**cells):
    """CSV of the example with one column changed in every row."""
    rows = [{**row, **cells} for row in rows_of(EXAMPLE)]
    out = io.StringIO()
    writer = csv.DictWriter(out, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def test_the_templates_are_encounters_that_can_be_sent(read):
    assert read("template.json", json_template()) == ([EXAMPLE], [])
    assert read("template.csv", csv_template()) == ([EXAMPLE], [])
    assert check_encounter(EXAMPLE, partner(), TODAY) == []


def test_json_holds_one_encounter_or_a_list(read):
    assert read("one.json", as_json(EXAMPLE)) == ([EXAMPLE], [])
    assert read("two.json", msgspec.json.encode([EXAMPLE, FULL])) == ([EXAMPLE, FULL], [])


def test_jsonl_holds_one_encounter_a_line(read):
    text = b"\xef\xbb\xbf" + as_json(EXAMPLE) + b"\r\n\r\n" + as_json(FULL) + b"\r\n"

    assert read("many.jsonl", text) == ([EXAMPLE, FULL], [])


def test_amounts_never_pass_through_a_float(read):
    record = json.loads(json_template())
    record["services"][0]["charge"] = "@"
    text = json.dumps(record).replace('"@"', "90071992547409.93")

    (encounter,), _ = read("exact.json", text)

    assert encounter.services[0].charge == Decimal("90071992547409.93")


def test_a_bad_line_of_jsonl_does_not_stop_the_others(read):
    text = b'{"encounter_id": "E1",\n' + as_json(EXAMPLE) + b"\n\xff\n" + as_json(OTHER)

    encounters, found = read("mixed.jsonl", text)

    assert encounters == [EXAMPLE, OTHER]
    assert [line.partition(": cannot")[0] for line in found] == [
        "mixed.jsonl:1: C301 error",
        "mixed.jsonl:3: C301 error",
    ]


@pytest.mark.parametrize(
    "line", ['{"x": 1,', '{"patient": "\xff', "[" * 100_000, '{"encounter_id": "E1", "frequency": 7']
)
def test_a_line_that_ends_too_early_is_reported(read, line):
    encounters, found = read("cut.jsonl", line)

    assert encounters == []
    assert found[0].startswith("cut.jsonl:1: C301 error: cannot read this record: it is not valid JSON")


def test_every_problem_of_a_record_is_reported(read):
    record = json.loads(json_template())
    record["patient"]["lastname"] = record["patient"].pop("last_name")
    record["services"][1]["charge"] = "1,250.00"
    record["services"][1]["service_date"] = "5/2/2024"
    record["services"][0]["modifiers"] = ["25", 59]
    record["frequency"] = "6"
    del record["encounter_id"]

    encounters, found = read("bad.jsonl", json.dumps(record))

    assert encounters == []
    assert found == [
        "bad.jsonl:1: C303 error: encounter_id is missing  [line 1, encounter_id]",
        "bad.jsonl:1: C302 error: patient.lastname is not a field of this record; did you mean last_name?"
        "  [line 1, patient.lastname]",
        "bad.jsonl:1: C303 error: patient.last_name is missing  [line 1, patient.last_name]",
        "bad.jsonl:1: C304 error: services#1.modifiers#2 is a number, not text  [line 1, services#1.modifiers#2]"
        "  value '59'",
        "bad.jsonl:1: C304 error: services#2.charge is text, not a number such as 1250.00, without thousands separators"
        " or currency symbols  [line 1, services#2.charge]  value '1,250.00'",
        "bad.jsonl:1: C304 error: services#2.service_date is text, not a date as YYYY-MM-DD"
        "  [line 1, services#2.service_date]  value '5/2/2024'",
        "bad.jsonl:1: C304 error: frequency is text, not one of 1, 7, 8  [line 1, frequency]  value '6'",
    ]


def test_a_bad_record_of_a_json_list_has_its_line(read):
    text = "[\n" + json_template() + ',\n\n{"encounter_id": ""}\n]'

    encounters, found = read("list.json", text)

    assert encounters == [EXAMPLE]
    line = len(json_template().splitlines()) + 4
    assert found[0].startswith(f"list.json:{line}: C304 error: encounter_id is empty text of the wrong length")


def test_json_that_is_cut_is_not_read(read):
    encounters, found = read("cut.json", "[" + json_template())

    assert encounters == []
    assert found[0].startswith("cut.json: C300 error: cannot read this file: it is not valid JSON")


@pytest.mark.parametrize("text", ["7", '"x"', "null", "[1]"])
def test_json_that_is_no_record_is_reported(read, text):
    encounters, found = read("odd.json", text)

    assert encounters == []
    assert "not a table of named values" in found[0]


def test_an_encounter_comes_once_in_a_file(read):
    encounters, found = read("twice.jsonl", as_json(EXAMPLE) + b"\n" + as_json(EXAMPLE))

    assert encounters == [EXAMPLE]
    assert found[0].startswith("twice.jsonl:2: C306 error")


def test_other_kinds_of_files_are_refused(read):
    assert read("visits.xlsx", b"PK")[1][0].startswith(
        "visits.xlsx: C300 error: cannot read this file: .xlsx is not an encounter file type"
    )
    assert "UTF-16" in read("visits.csv", csv_template().encode("utf-16"))[1][0]
    assert "not UTF-8" in read("visits.csv", table(patient_last_name="Müller").encode("cp1252"))[1][0]


def test_rows_of_an_encounter_may_be_scattered(read):
    rows = as_csv(EXAMPLE, OTHER).splitlines()
    scattered = "\r\n".join([rows[0], rows[1], rows[3], rows[2], rows[4]])

    assert read("scattered.csv", scattered) == ([EXAMPLE, OTHER], [])


def test_a_further_row_need_not_repeat_the_encounter(read):
    first, second = rows_of(EXAMPLE)
    second = {
        name: cell if columns()[name].of_the_row or name == "encounter_id" else "" for name, cell in second.items()
    }
    out = io.StringIO()
    writer = csv.DictWriter(out, list(first))
    writer.writeheader()
    writer.writerows([first, second])

    assert read("short.csv", out.getvalue()) == ([EXAMPLE], [])


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_csv_may_be_separated_as_spreadsheets_do(read, separator):
    assert read("sheet.csv", b"\xef\xbb\xbf" + as_csv(EXAMPLE, separator=separator).encode()) == ([EXAMPLE], [])


@pytest.mark.parametrize(
    ("column", "cell", "problem"),
    [
        ("service_charge", "1,250.00", "is not an amount: write 1250.00"),
        ("service_charge", "$125.00", "is not an amount: write 1250.00"),
        ("service_charge", "1_250", "is not an amount: write 1250.00"),
        ("service_charge", "NaN", "is not an amount: write 1250.00"),
        ("service_units", "1E2", "is not an amount: write 1250.00"),
        ("service_date", "5/2/2024", "is not a date: write YYYY-MM-DD"),
        ("service_date", "2024-02-30", "not a date as YYYY-MM-DD"),
        ("service_emergency", "maybe", "must be Y or N"),
        ("service_diagnosis_pointers", "1,2", "must be a whole number"),
        ("coverage_member_id", "1.23457E+11", "was changed to a number or formula by a spreadsheet"),
        ("coverage_member_id", '="00123"', "was changed to a number or formula by a spreadsheet"),
        ("patient_sex", "X", "not one of F, M, U"),
        ("frequency", "6", "not one of 1, 7, 8"),
        ("coverage_relationship", "son", "not one of self, spouse"),
    ],
)  # fmt: skip
def test_a_cell_that_is_not_what_its_column_holds_is_reported(read, column, cell, problem):
    encounters, found = read("bad.csv", table(**{column: cell}))

    assert encounters == []
    assert any(f"C304 error: {column}" in line and problem in line for line in found)


def test_an_amount_without_separators_is_read_as_it_is(read):
    (encounter,), _ = read("good.csv", table(service_charge="1250.0"))

    assert encounter.services[0].charge == Decimal("1250.0")


def test_a_missing_value_names_its_column_and_line(read):
    encounters, found = read("bad.csv", table(coverage_payer_id="", service_procedure=""))

    assert encounters == []
    assert found == [
        "bad.csv:2: C303 error: coverage_payer_id is missing  [encounter E1001, coverage_payer_id]",
        "bad.csv:2: C303 error: service_procedure is missing  [encounter E1001, service_procedure]",
        "bad.csv:3: C303 error: service_procedure is missing  [encounter E1001, service_procedure]",
    ]


def test_rows_that_contradict_each_other_refuse_the_encounter(read):
    rows = as_csv(EXAMPLE, OTHER).splitlines()
    rows[2] = rows[2].replace("Erin", "Eric")

    encounters, found = read("odd.csv", "\n".join(rows))

    assert encounters == [OTHER]
    assert [line.split(":")[2].split()[0] for line in found] == ["C305", "C307"]
    assert found[0].startswith("odd.csv:3: C305 error: patient_first_name differs")


def test_a_row_without_an_id_belongs_to_nobody(read):
    encounters, found = read("lost.csv", table(encounter_id=""))

    assert encounters == []
    assert found[0] == "lost.csv:2: C303 error: encounter_id is missing  [line 2]"


def test_cells_beyond_the_header_are_not_lost_silently(read):
    rows = csv_template().splitlines()

    encounters, found = read("wide.csv", "\n".join([rows[0], rows[1] + ",extra", rows[2]]))

    assert encounters == []
    assert "1 cell is not under any column" in found[0]


@pytest.mark.parametrize(
    ("header", "problem"),
    [
        ("encounter_id,patient_lastname", "patient_lastname is not a column; did you mean patient_last_name?"),
        ("encounter_id,encounter_id", "column encounter_id appears twice"),
        ("patient_last_name", "the header has no encounter_id column"),
        ("", "the header has no encounter_id column"),
    ],
)
def test_a_header_that_would_lose_data_is_refused(read, header, problem):
    encounters, found = read("head.csv", f"{header}\nE1,x\n")

    assert encounters == []
    assert found[0].startswith("head.csv:1: C300 error: cannot read this file: " + problem)


def test_an_open_quote_is_reported(read):
    encounters, found = read("quote.csv", 'encounter_id,note\nE1,"never closed\n')

    assert encounters == []
    assert "it is not valid CSV" in found[0]


@settings(max_examples=30, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_what_is_written_is_read_again(tmp_path_factory, data):
    batch = data.draw(encounter_lists(1, 4))
    folder = tmp_path_factory.mktemp("visits")
    (folder / "visits.jsonl").write_bytes(b"\n".join(as_json(encounter) for encounter in batch))
    flat = [encounter for encounter in batch if fits_in_csv(encounter)]
    (folder / "visits.csv").write_text(as_csv(*flat), newline="")
    found: list[Diagnostic] = []

    assert list(read_encounters(folder / "visits.jsonl", found.append)) == batch
    assert list(read_encounters(folder / "visits.csv", found.append)) == flat
    assert found == []


def test_the_schema_knows_every_name_and_lets_amounts_be_numbers():
    definitions = json.loads(json.dumps(json_schema()))["$defs"]

    service = definitions["Service"]
    assert service["additionalProperties"] is False
    assert service["properties"]["charge"]["type"] == ["string", "number"]
    assert service["required"] == ["procedure", "charge", "service_date"]


def test_the_columns_are_described():
    words = columns_in_words()

    assert "| patient_last_name | text | yes |" in words
    assert "| service_modifiers | texts separated by spaces |  |" in words
    assert len(words.splitlines()) == len(columns()) + 2


def test_csv_holds_a_second_coverage(read):
    second = replace(EXAMPLE.coverages[0], payer_id="88888", payer_name="Second Plan", member_id="S2")
    both = replace(EXAMPLE, coverages=(*EXAMPLE.coverages, second))

    assert read("both.csv", as_csv(both)) == ([both], [])


def test_csv_has_no_columns_for_a_third_coverage():
    with pytest.raises(ValueError, match="CSV holds 2 coverages"):
        rows_of(replace(EXAMPLE, coverages=EXAMPLE.coverages * 3))


def test_what_is_missing_of_a_second_coverage_is_named_by_its_column(read):
    encounters, found = read("both.csv", table(second_coverage_payer_id="88888"))

    assert encounters == []
    assert found[0] == (
        "both.csv:2: C303 error: second_coverage_payer_name is missing"
        "  [encounter E1001, second_coverage_payer_name]"
    )  # fmt: skip


def test_csv_holds_a_trip_by_ambulance(read):
    place = PostalAddress(line1="1 Main Street", city="Springfield", state="IL", zip="62704")
    trip = replace(EXAMPLE, ambulance=AmbulanceTransport("A", Decimal(12)), pick_up=place, drop_off=place)

    assert read("trip.csv", as_csv(trip)) == ([trip], [])


def test_a_patient_control_number_comes_once(read):
    own = replace(EXAMPLE, patient_control_number="PC-1")
    lines = as_json(own) + b"\n" + as_json(replace(own, encounter_id="E1002"))

    encounters, found = read("visits.jsonl", lines)

    assert encounters == [own]
    assert [text[:22] for text in found] == ["visits.jsonl:2: C308 e"]
