"""A ledger for a dry run: everything that is done to it is undone at the end."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection

from claimloop.reconciliation.ledger.connection import Ledger, LedgerError


class Rehearsal(Ledger):
    """The ledger inside one transaction that is never committed; each `writing` is a savepoint in it."""

    is_rehearsal = True

    def __init__(self, ledger: Ledger, connection: Connection) -> None:
        super().__init__(connection.engine, ledger.url, ledger.name, ledger.place)
        self._connection_in_use = connection

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Provide the state of the rehearsal so far."""
        yield self._connection_in_use

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Begin a savepoint, so that a failure undoes only this part. Raises LedgerError if all is undone already."""
        raw: Any = self._connection_in_use.connection.dbapi_connection
        if raw is None or not getattr(raw, "in_transaction", True):  # SQLite rolls back by itself if the disk is full
            raise LedgerError(f"ledger {self.name} ended the dry run: its disk may be full")
        with self._connection_in_use.begin_nested():
            yield self._connection_in_use

    def close(self) -> None:
        """Do nothing: the caller that opened the ledger closes it."""


@contextmanager
def rehearse(ledger: Ledger) -> Iterator[Rehearsal]:
    """Hold the ledger as a writer does, and undo everything at the end. Raises LedgerError if it is locked."""
    with ledger.writing() as connection:
        try:
            yield Rehearsal(ledger, connection)
        finally:
            connection.rollback()
