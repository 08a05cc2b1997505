"""A ledger that forgets: everything that is done to it is undone at the end, for a dry run."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection

from claimloop.reconciliation.ledger.connection import Ledger, LedgerError


class Rehearsal(Ledger):
    """The ledger inside one transaction that is never kept; each `writing` is a savepoint of it."""

    is_rehearsal = True

    def __init__(self, ledger: Ledger, connection: Connection) -> None:
        super().__init__(connection.engine, ledger.url, ledger.name, ledger.place)
        self._in_hand = connection

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """What the rehearsal has come to so far."""
        yield self._in_hand

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A part that is undone alone where it fails. Raises LedgerError where the whole is undone already."""
        raw: Any = self._in_hand.connection.dbapi_connection
        if raw is None or not getattr(raw, "in_transaction", True):  # SQLite does so itself where the disk is full
            raise LedgerError(f"the ledger {self.name} has ended the rehearsal: its disk may be full")
        with self._in_hand.begin_nested():
            yield self._in_hand

    def close(self) -> None:
        """Nothing: the ledger that is rehearsed on is its owner's."""


@contextmanager
def rehearse(ledger: Ledger) -> Iterator[Rehearsal]:
    """Hold the ledger, as a writer does, and undo everything at the end. Raises LedgerError where it is taken."""
    with ledger.writing() as connection:
        try:
            yield Rehearsal(ledger, connection)
        finally:
            connection.rollback()
