"""The definition: one place that says which columns there are."""

import dataclasses
from pathlib import Path

import pytest

from claimloop.edi.records.remittance import (
    Adjustment,
    ClaimPayment,
    ProviderAdjustment,
    ServicePayment,
)
from claimloop.parsers.tables.columns import DEFINITIONS, TABLE_NAMES
from claimloop.parsers.tables.gathered import Tables
from claimloop.parsers.tables.page import page

ROOT = Path(__file__).resolve().parents[3]


def test_the_committed_page_is_the_one_that_the_definition_makes():
    path = ROOT / "docs" / "tables.md"
    made = "python -m claimloop.parsers.tables.page > docs/tables.md"
    assert path.read_text(encoding="utf-8") == page(), made


def test_there_is_an_attribute_for_every_table():
    assert [field.name for field in dataclasses.fields(Tables)] == [*TABLE_NAMES, "findings"]


@pytest.mark.parametrize("definition", DEFINITIONS, ids=lambda definition: definition.name)
def test_every_column_has_one_name_and_says_where_it_comes_from(definition):
    names = definition.names()
    assert len(set(names)) == len(names)
    assert all(column.source for column in definition.columns)
    assert {"remittance_id", "file", "segment"} <= set(names)


@pytest.mark.parametrize(
    ("table", "record"),
    [
        ("claims", ClaimPayment),
        ("services", ServicePayment),
        ("adjustments", Adjustment),
        ("provider_adjustments", ProviderAdjustment),
    ],
)
def test_money_that_a_record_has_is_in_its_table(table, record):
    definition = next(one for one in DEFINITIONS if one.name == table)
    fields = {column.field for column in definition.columns if column.kind == "money"}
    amounts = {"charge", "paid", "patient_responsibility", "amount"} & set(record.__struct_fields__)
    assert fields == amounts
