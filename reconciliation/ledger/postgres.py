"""A ledger on PostgreSQL, in the default schema of a database that may have other programs' tables."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, Engine, Table, create_engine, event
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError

from claimloop.reconciliation.ledger.triggers import TAKE_WRITERS_LOCK

_CONNECT_SECONDS = "10"

READING = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
"""Options of a connection that sees one unchanging state."""

WRITING = {"isolation_level": "READ COMMITTED"}
"""Options of a connection that then takes the writers' lock.

Each statement sees everything committed before it, so everything that earlier holders of the lock wrote. In REPEATABLE
READ, the statement that waits for the lock would take its snapshot before those holders were done.
"""


def drive(url: URL) -> Engine:
    """Return an engine for the database at this URL. Raises ImportError if psycopg is not installed."""
    import psycopg
    from psycopg.types.numeric import IntLoader

    def prepare(connection: Any, _record: object) -> None:
        connection.adapters.register_loader("numeric", IntLoader)  # every numeric here is a sum of cents
        connection.autocommit = True
        # Results are read completely, although through cursors. JIT compilation takes longer than most queries here.
        connection.execute("SET cursor_tuple_fraction = 1; SET jit = off")
        connection.autocommit = False

    if "connect_timeout" not in url.query:
        url = url.update_query_dict({"connect_timeout": _CONNECT_SECONDS})
    url = url.set(drivername="postgresql+psycopg")
    engine = create_engine(url, module=psycopg, connect_args={"client_encoding": "utf8"}, hide_parameters=True)
    event.listen(engine, "connect", prepare)
    return engine


def errors() -> tuple[type[Exception], ...]:
    """Return what a statement may raise: SQLAlchemy's errors, and psycopg's own while rows are copied."""
    import psycopg

    return DBAPIError, psycopg.Error


def lock(connection: Connection, seconds: float) -> None:
    """Wait at most this many seconds until no other transaction writes to this ledger."""
    connection.exec_driver_sql(f"SET LOCAL lock_timeout = {int(seconds * 1000)}; SELECT {TAKE_WRITERS_LOCK}")


def why(error: Exception) -> str:
    """Return the server's message in one line, without DETAIL and CONTEXT, which quote rows."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    stated: str | None = getattr(getattr(cause, "diag", None), "message_primary", None)
    return stated or " ".join(str(cause).split())


def is_locked(error: Exception) -> bool:
    """Return true if the error means that the wait for the writers' lock timed out."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    return getattr(cause, "sqlstate", None) == "55P03"


def copy_rows(connection: Connection, table: Table, columns: str, rows: Iterable[tuple[Any, ...]]) -> None:
    """Insert the rows, cells in the order of `columns`, as one COPY."""
    raw: Any = connection.connection  # psycopg's connection, because SQLAlchemy has no COPY
    with raw.cursor() as cursor, cursor.copy(f"COPY {table.name} ({columns}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)
