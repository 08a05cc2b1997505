"""polars frames in the shape of the definition: types, empty frames, frames from rows."""

from collections.abc import Iterable

import polars as pl

from claimloop.parsers.tables.columns import DECIMALS, DEFINITION, Column
from claimloop.parsers.tables.from_records import Row

ORDER = ("remittance_id", "segment")
"""Rows are in the order of the file: by remittance, then by the segment that begins their owner."""


def dtype(column: Column) -> pl.DataType:
    """Return the polars type of a column."""
    match column.kind:
        case "text":
            return pl.String()
        case "date":
            return pl.Date()
        case "integer":
            return pl.Int64()
        case "boolean":
            return pl.Boolean()
        case _:
            return pl.Decimal(18, DECIMALS[column.kind])


def schema(table: str) -> dict[str, pl.DataType]:
    """Return the types of a table's columns, in order."""
    return {column.name: dtype(column) for column in DEFINITION[table].columns}


def frame(table: str, rows: Iterable[Row] = ()) -> pl.DataFrame:
    """Return a frame of these rows."""
    return pl.DataFrame(list(rows), schema=schema(table), orient="row")
