"""A ledger on PostgreSQL: in the default schema of a database, whose other tables may be anybody's."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, Engine, Table, create_engine, event
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError

from claimloop.reconciliation.ledger.triggers import TAKE_WRITERS_LOCK

_CONNECT_SECONDS = "10"

READING = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
"""How a connection is to begin so that it sees one unchanging state."""

WRITING = {"isolation_level": "READ COMMITTED"}
"""How a connection is to begin that then takes the writers' lock.

Each statement sees all that was committed before it, thus all that earlier holders of the lock wrote. The snapshot of
REPEATABLE READ would be taken by the statement that waits for the lock: before they were done.
"""


def drive(url: URL) -> Engine:
    """An engine for the database at this URL. Raises ImportError where psycopg is not installed."""
    import psycopg
    from psycopg.types.numeric import IntLoader

    def prepare(connection: Any, _record: object) -> None:
        connection.adapters.register_loader("numeric", IntLoader)  # sums of cents, which are never anything else
        connection.autocommit = True
        # Whole results are read, though through cursors; compiling a query takes longer than most of ours.
        connection.execute("SET cursor_tuple_fraction = 1; SET jit = off")
        connection.autocommit = False

    if "connect_timeout" not in url.query:
        url = url.update_query_dict({"connect_timeout": _CONNECT_SECONDS})
    url = url.set(drivername="postgresql+psycopg")
    engine = create_engine(url, module=psycopg, connect_args={"client_encoding": "utf8"}, hide_parameters=True)
    event.listen(engine, "connect", prepare)
    return engine


def errors() -> tuple[type[Exception], ...]:
    """What a statement may raise: SQLAlchemy's errors, and psycopg's own where rows are copied."""
    import psycopg

    return DBAPIError, psycopg.Error


def lock(connection: Connection, seconds: float) -> None:
    """Wait until nobody else writes to this ledger, at most so many seconds."""
    connection.exec_driver_sql(f"SET LOCAL lock_timeout = {int(seconds * 1000)}; SELECT {TAKE_WRITERS_LOCK}")


def why(error: Exception) -> str:
    """What the server says, in one line, without the DETAIL and CONTEXT in which it quotes rows."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    stated: str | None = getattr(getattr(cause, "diag", None), "message_primary", None)
    return stated or " ".join(str(cause).split())


def is_locked(error: Exception) -> bool:
    """True where the error says that somebody else writes for longer than was to be waited."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    return getattr(cause, "sqlstate", None) == "55P03"


def copy_rows(connection: Connection, table: Table, columns: str, rows: Iterable[tuple[Any, ...]]) -> None:
    """Insert the rows, cells in the order of `columns`, as one COPY."""
    raw: Any = connection.connection  # psycopg's, of which SQLAlchemy knows no COPY
    with raw.cursor() as cursor, cursor.copy(f"COPY {table.name} ({columns}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)
