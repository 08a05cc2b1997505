"""Rows by name: every row has the columns of its table, in its order."""

import pytest
from sqlalchemy import Table

from claimloop.reconciliation.ledger import schema
from claimloop.reconciliation.ledger.inserts import _TABLES


@pytest.mark.parametrize(("row", "table"), _TABLES.items())
def test_a_row_has_the_columns_of_its_table(row: type, table: Table) -> None:
    columns = [column.name for column in table.columns]
    assert list(row._fields) == columns  # type: ignore[attr-defined]
    optional = [column.name for column in table.columns if column.nullable]
    assert set(row._field_defaults) <= set(optional)  # type: ignore[attr-defined]


def test_every_table_that_is_written_in_bulk_has_a_row() -> None:
    elsewhere = {"schema_version", "control_numbers", "seals", "former_texts"}
    assert {table.name for table in _TABLES.values()} == schema.metadata.tables.keys() - elsewhere
