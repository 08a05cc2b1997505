"""Copy a whole ledger into a new one, on the same or the other kind of database."""

from collections.abc import Iterator
from itertools import islice
from typing import Any

from sqlalchemy import Connection, Table, func, select

from claimloop.reconciliation.ledger import postgres, schema
from claimloop.reconciliation.ledger.connection import Ledger, LedgerError, columns_of, insert_rows

_AT_ONCE = 5000


def copy_ledger(source: Ledger, target: Ledger) -> int:
    """Copy every row of the source into the empty target and return how many there are.

    The source is read in one unchanging state and the target is written in one transaction, so a copy that is
    interrupted leaves the target empty. Raises LedgerError where the target already has rows.
    """
    copied = 0
    with source.reading() as old, target.writing() as new:
        for table in _in_order():
            if new.scalar(select(func.count()).select_from(table)):
                raise LedgerError(f"{target.name} already has a ledger with data; copy into a new one")
        if new.dialect.name == "sqlite":
            # A reversal can have a lower id than the payment that it reverses.
            new.exec_driver_sql("PRAGMA defer_foreign_keys = ON")
        for table in _in_order():
            copied += _copy_table(old, new, table)
    return copied


def _in_order() -> list[Table]:
    """Every table with data, parents first; but legs come before their entries, which seal them."""
    tables = [table for table in schema.metadata.sorted_tables if table is not schema.schema_version]
    tables.remove(schema.legs)
    tables.insert(tables.index(schema.entries), schema.legs)
    return tables


def _copy_table(old: Connection, new: Connection, table: Table) -> int:
    count = 0

    def rows() -> Iterator[tuple[Any, ...]]:
        nonlocal count
        query = select(*table.columns).order_by(*table.primary_key.columns)
        for row in old.execution_options(yield_per=_AT_ONCE).execute(query):
            count += 1
            yield tuple(row)

    if new.dialect.name == "postgresql":
        # One statement for the table: PostgreSQL checks at its end that each reversal has its payment.
        postgres.copy_rows(new, table, columns_of(table), rows())
    else:
        each = rows()
        while some := list(islice(each, _AT_ONCE)):
            insert_rows(new, table, some)
    return count
