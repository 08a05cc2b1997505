"""Opening the ledger: one SQLite file, readable by its owner only; every change is one transaction."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, Table, create_engine, event, func, inspect, select
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DatabaseError

from claimloop.edi.diagnostics import UserError
from claimloop.reconciliation import schema

_BUSY_SECONDS = 30
_SQLITE = "sqlite:///"


class LedgerError(UserError, RuntimeError):
    """The ledger cannot be used; the message says why, in one line."""


class Ledger:
    """An open ledger. `reading` and `writing` give a connection inside a transaction."""

    def __init__(self, engine: Engine, url: URL) -> None:
        self._engine = engine
        self.url = url

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection that sees one unchanging state of the ledger."""
        with _one_line_errors(self.url), self._engine.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A connection that may write; nobody else can meanwhile. All of it is kept, or nothing."""
        with (
            _one_line_errors(self.url),
            self._engine.connect().execution_options(claimloop_writes=True) as connection,
            connection.begin(),
        ):
            yield connection

    def close(self) -> None:
        """Close the database file."""
        self._engine.dispose()


def open_ledger(url: str, *, create: bool = True) -> Ledger:
    """Open the ledger at a URL such as `sqlite:///claimloop.db`; with `create` a missing file becomes a new ledger.

    All behind `sqlite:///` is the file's name, whatever characters it has. Raises LedgerError where the URL names no
    SQLite file, the file is no ledger, or its schema is another version.
    """
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise LedgerError("the ledger's URL is not of the form sqlite:///FILE") from None
    if parsed.get_backend_name() != "sqlite":
        raise LedgerError(f"only sqlite:///FILE ledgers are built yet, not {parsed.get_backend_name()}")
    name = url.removeprefix(_SQLITE)
    if name in ("", url, ":memory:"):
        raise LedgerError("the ledger must be a file: sqlite:///FILE")
    path = Path(name)
    if not create and not path.exists():
        raise LedgerError(f"there is no ledger {path}; the first `claimloop build` or `receive` makes one")
    _make_private(path)
    parsed = URL.create("sqlite", database=name)
    options = {"isolation_level": None, "timeout": _BUSY_SECONDS}
    engine = create_engine(parsed, connect_args=options, hide_parameters=True)
    event.listen(engine, "connect", _prepare_connection)
    event.listen(engine, "begin", _begin)
    ledger = Ledger(engine, parsed)
    try:
        _make_ready(ledger, path)
    except BaseException:
        ledger.close()
        raise
    return ledger


def _make_ready(ledger: Ledger, path: Path) -> None:
    """Create the tables where there are none; refuse a database that is not ours or has another version."""
    with ledger.reading() as connection:
        tables = set(inspect(connection).get_table_names())
    if not tables:
        with ledger.writing() as connection:
            if not inspect(connection).get_table_names():  # two processes may have come at once
                schema.create(connection)
    elif "schema_version" not in tables:
        raise LedgerError(f"{path} is a database, but not claimloop's")
    with ledger.reading() as connection:
        version = connection.scalar(select(schema.schema_version.c.version))
    if version != schema.SCHEMA_VERSION:
        raise LedgerError(f"{path} has ledger schema {version}, this claimloop works with {schema.SCHEMA_VERSION}")


def next_id(connection: Connection, table: Table) -> int:
    """The next free id of a table; good until this writing transaction ends."""
    return 1 + (connection.scalar(select(func.max(table.c.id))) or 0)


def insert_rows(connection: Connection, table: Table, rows: Sequence[tuple[Any, ...]]) -> None:
    """Insert tuples in the order of the table's columns: the bulk path, many times faster than one by one."""
    if rows:
        marks = ",".join("?" * len(table.columns))
        connection.exec_driver_sql(f"INSERT INTO {table.name} VALUES ({marks})", list(rows))


def _make_private(path: Path) -> None:
    """Create the file so that only its owner can read it (SQLite gives its journals the same mode)."""
    try:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    except OSError as error:
        raise LedgerError(f"cannot open the ledger {path}: {error.strerror}") from None


def _prepare_connection(connection: Any, _record: object) -> None:
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA recursive_triggers = ON")  # or INSERT OR REPLACE would delete behind their backs
    if connection.execute("PRAGMA page_count").fetchone() == (0,):  # a new file; another program's stays as it is
        connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA cache_size = -32000")


def _begin(connection: Connection) -> None:
    """SQLite takes the write lock at once: a reader that turns writer later could find it taken."""
    writes = connection.get_execution_options().get("claimloop_writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


@contextmanager
def _one_line_errors(url: URL) -> Iterator[None]:
    try:
        yield
    except DatabaseError as error:
        if "file is not a database" in str(error.orig):
            raise LedgerError(f"{url.database} is not an SQLite database") from None
        raise LedgerError(f"the ledger {url.database}: {error.orig}") from error
