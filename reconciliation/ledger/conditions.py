"""Conditions on columns that refer to another row, worded so that a query for few rows reads few rows.

SQLite takes `IS NULL` on a unique column for one row at most, and so reads all that refer to none first; and
`NOT IN (SELECT …)` lists the whole table for each query.
"""

from functools import cache

from sqlalchemy import ColumnElement, FromClause, Table, exists, func


def refers_to_none(reference: ColumnElement[int]) -> ColumnElement[bool]:
    """True where the reference is null; ids count from 1."""
    return func.coalesce(reference, 0) == 0


def none_refers(table: Table, reference: str, to: ColumnElement[int]) -> ColumnElement[bool]:
    """True where no row of the table has `to` as its reference."""
    return ~exists().where(_referring(table).c[reference] == to)


@cache
def _referring(table: Table) -> FromClause:
    """One for all queries: to make an alias takes longer than the queries."""
    return table.alias()
