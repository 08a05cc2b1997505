"""Rows as CSV, JSON and JSON Lines: the same in each form."""

import csv
import io
import json
from collections.abc import Sequence
from decimal import Decimal
from typing import Annotated

import msgspec
import pytest

from claimloop.edi.columns import MONEY, names_of
from claimloop.reconciliation.claims.manual_entries import ManualEntry
from claimloop.reconciliation.decisions.decide import Decider
from claimloop.reconciliation.posting.dispositions import Dispositions
from claimloop.reconciliation.queries.export import FORMATS, Format, as_text, export
from claimloop.reconciliation.queries.views import VIEWS
from claimloop.tests.reconciliation.making import (
    DAY,
    answer,
    encounter,
    new_ledger,
    receive_sets,
    remittance,
    send,
    service,
    service_line,
)


class Part(msgspec.Struct, frozen=True):
    """A record whose fields take its place in the row."""

    amount: Annotated[int, MONEY]
    item: int


class Row(msgspec.Struct, frozen=True):
    """A row with all that a row can have."""

    name: str
    modifiers: tuple[str, ...] = ()
    part: Part = Part(0, 1)
    line: str | None = msgspec.field(default=None, name="line")


ROWS = [
    Row("D1-1", ("25", "59"), Part(-500, 3)),
    Row('Zoë, "quoted"', (), Part(0, 4), "L1"),
]
NAMES = ("name", "modifiers", "amount", "item", "line")
TOLD = [
    {"name": "D1-1", "modifiers": ["25", "59"], "amount": "-5.00", "item": 3, "line": None},
    {"name": "Zoë, \"quoted\"", "modifiers": [], "amount": "0.00", "item": 4, "line": "L1"},
]  # fmt: skip


def exported(form: Format, some: Sequence[msgspec.Struct] = ROWS, row_type: type[msgspec.Struct] = Row) -> str:
    out = io.StringIO()
    assert export(iter(some), row_type, form, out) == len(some)
    return out.getvalue()


def test_names_of_a_row_have_those_of_a_record_in_their_place():
    assert names_of(Row) == NAMES


def test_json_and_json_lines_hold_the_same():
    lines = [json.loads(line) for line in exported("jsonl").splitlines()]
    assert lines == json.loads(exported("json")) == TOLD


def test_csv_has_one_row_each_under_its_headings():
    table = list(csv.reader(io.StringIO(exported("csv"))))
    assert table == [
        list(NAMES),
        ["D1-1", "25 59", "-5.00", "3", ""],
        ['Zoë, "quoted"', "", "0.00", "4", "L1"],
    ]


def test_letters_beyond_ascii_stay_themselves():
    assert all("Zoë" in exported(form) for form in FORMATS)


def test_without_rows_csv_still_has_its_headings():
    assert exported("csv", []) == "name,modifiers,amount,item,line\n"


def test_without_rows_the_json_forms_are_empty():
    assert json.loads(exported("json", [])) == []
    assert exported("jsonl", []) == ""


@pytest.mark.parametrize("text", ["=1+1", "+1+1", "-1+1", "@SUM(A1)", "\t=1", "=cmd|'/c calc'!A1", "-", "+"])
def test_no_cell_is_taken_for_a_formula(text):
    cell = list(csv.reader(io.StringIO(exported("csv", [Row(text)]))))[1][0]
    assert cell == "'" + text


@pytest.mark.parametrize("text", ["-5.00", "-0.05", "12", "D1-1", "99213", "a=b"])
def test_numbers_and_plain_text_stay_as_they_are(text):
    cell = list(csv.reader(io.StringIO(exported("csv", [Row(text)]))))[1][0]
    assert cell == text


@pytest.mark.parametrize("text", ["a\rb", "a\nb", "a\r\nb", "\r=1"])
def test_a_line_break_in_a_cell_makes_no_new_row(text):
    table = list(csv.reader(io.StringIO(exported("csv", [Row(text)]))))
    assert len(table) == 2
    assert table[1][3] == "1"


def test_a_payers_text_cannot_smuggle_a_formula_into_a_spreadsheet(tmp_path):
    ledger = new_ledger(tmp_path)
    receive_sets(ledger, tmp_path, remittance("=HYPERLINK(1)", answer("@K9", charge=9, paid=9)))
    for view in ("suspense", "remittances"):
        out = io.StringIO()
        with ledger.reading() as connection:
            export(VIEWS[view].rows(connection), VIEWS[view].row, "csv", out)
        assert "'=HYPERLINK(1)" in out.getvalue()
        assert ",=HYPERLINK" not in out.getvalue()
    ledger.close()


def test_every_view_says_the_same_in_every_form(tmp_path):
    ledger = new_ledger(tmp_path)
    send(ledger, tmp_path, encounter("A1", service_line("99213", 100, "25", "59"), service_line("17000", 50)))
    payment = answer("A1-1", service("99213", 100, 0, "CO-16 100", remarks=("N519", "M51")), service("8", 50, 50))
    receive_sets(ledger, tmp_path, remittance("T1", payment, amount=40))
    with ledger.writing() as connection:
        Decider(connection, Dispositions(), "2026-10-03T08:00:00").take(
            ManualEntry("patient-payment", Decimal(20), DAY, "receipt 1", "A1-1")
        )
    for name, view in VIEWS.items():
        with ledger.reading() as connection:
            found = list(view.rows(connection))
        assert found, name
        some = [as_text(row) for row in found]
        assert json.loads(exported("json", found, view.row)) == some
        table = list(csv.DictReader(io.StringIO(exported("csv", found, view.row))))
        assert [list(row) for row in table] == [list(names_of(view.row))] * len(some)
        for row, told in zip(some, table, strict=True):
            for name, cell in row.items():
                expected = " ".join(cell) if isinstance(cell, list) else "" if cell is None else str(cell)
                assert told[name] == expected
    ledger.close()
