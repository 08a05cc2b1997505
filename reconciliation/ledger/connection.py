"""Open a ledger: an SQLite file that only its owner can read, or PostgreSQL. Every change is one transaction."""

import os
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from operator import itemgetter
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, Row, Select, Table, create_engine, event, func, inspect, select
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.exc import TimeoutError as NoConnectionFree

from claimloop.edi.diagnostics import UserError
from claimloop.reconciliation.ledger import postgres, schema, seals
from claimloop.reconciliation.ledger.column_types import Text, without_nul

_BUSY_SECONDS = 30
CONNECTIONS = 15
"""The most connections that the threads of one open ledger have at once (SQLAlchemy's default); others wait."""

_TRIES = 1000
_SQLITE_HEADER = 100
"""Bytes at the beginning of every SQLite database (www.sqlite.org/fileformat.html, 1.3)."""
_SQLITE = "sqlite:///"
_OURS = {"schema_version", "entries", "legs"}
_FORMS = "sqlite:///FILE or postgresql://USER@HOST/DATABASE"


class LedgerError(UserError, RuntimeError):
    """The ledger cannot be used; the message gives the reason in one line."""


class NoLedger(LedgerError):
    """There is no ledger at the URL, and the caller did not allow one to be created."""


class Ledger:
    """An open ledger. `reading` and `writing` provide a connection inside a transaction."""

    is_rehearsal = False
    """True if nothing is kept (`rehearsal`); then no file of the real ledger may be touched."""

    def __init__(self, engine: Engine, url: URL, name: str, place: str) -> None:
        self._engine = engine
        self.url = url
        self.name = name
        """The file, or the database without user and password, for messages."""
        self.place = place
        """What identifies this ledger wherever it is opened from, without a password."""

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Provide a connection that sees one unchanging state of the ledger."""
        with self._connection(writes=False) as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Provide the only connection that can write at this time. All of its changes are kept, or none."""
        with self._connection(writes=True) as connection:
            yield connection

    @contextmanager
    def _connection(self, *, writes: bool) -> Iterator[Connection]:
        options: Mapping[str, Any] = {}
        explain = _sqlite_errors
        if self._engine.name == "postgresql":
            options = postgres.WRITING if writes else postgres.READING
            explain = _postgres_errors
        with (
            explain(self.name),
            self._connect().execution_options(claimloop_writes=writes, **options) as connection,
            connection.begin(),
        ):
            yield connection
            if writes and connection.in_transaction():
                seals.seal(connection)

    def _connect(self) -> Connection:
        try:
            return self._engine.connect()
        except NoConnectionFree:
            message = f"the ledger {self.name} is busy: more than {CONNECTIONS} threads use it at once"
            raise LedgerError(message) from None

    def close(self) -> None:
        """Close the database file, or the connections."""
        self._engine.dispose()


def open_ledger(url: str, *, create: bool = True, any_version: bool = False) -> Ledger:
    """Open the ledger at a URL such as `sqlite:///claimloop.db`; with `create`, create it if there is none.

    Everything after `sqlite:///` is the file's name, including special characters. A `postgresql:` URL is SQLAlchemy's,
    for psycopg 3; the tables are in the first schema of the search_path. Raises LedgerError if the URL names no
    database, if the database cannot be opened or is not a ledger, or if its schema has another version (unless
    `any_version`).
    """
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        raise LedgerError(f"the ledger's URL must be {_FORMS}") from None
    if parsed.drivername == "sqlite":
        ledger = _open_file(url, create=create)
    elif parsed.drivername in ("postgresql", "postgresql+psycopg"):
        ledger = _open_database(parsed)
    else:
        raise LedgerError(f"the ledger's URL must be {_FORMS}, not {parsed.drivername}")
    try:
        if parsed.drivername == "sqlite":
            _make_file_ready(ledger)
        else:
            _make_database_ready(ledger, create=create)
        with ledger.reading() as connection:
            version = connection.scalar(select(schema.schema_version.c.version_num))
        if version != schema.SCHEMA_VERSION and not any_version:
            raise LedgerError(
                f"{ledger.name} has ledger schema {version}, but this claimloop needs {schema.SCHEMA_VERSION}: "
                "run `claimloop migrate`, or use a newer claimloop"
            )
    except BaseException:
        ledger.close()
        raise
    return ledger


def undo(connection: Connection) -> None:
    """Undo everything since `writing` began."""
    (connection.get_nested_transaction() or connection).rollback()


def stream(connection: Connection, query: Select[*tuple[Any, ...]]) -> Iterator[Row[*tuple[Any, ...]]]:
    """Yield the rows of a query as they come, so that memory stays flat."""
    result = connection.execute(query.execution_options(yield_per=1000))
    try:
        yield from result
    finally:
        if not connection.closed:  # a reader that stopped early leaves the server nothing open
            result.close()


def next_id(connection: Connection, table: Table) -> int:
    """Return the next free id of a table, valid until this writing transaction ends."""
    return 1 + (connection.scalar(select(func.max(table.c.id))) or 0)


def insert_rows(connection: Connection, table: Table, rows: Sequence[tuple[Any, ...]]) -> None:
    """Insert tuples in the order of the table's columns. This is many times faster than one insert a row."""
    if not rows:
        return
    if any("\0" in "".join(filter(None, map(cell, rows))) for cell in _texts(table)):
        rows = [tuple(map(_stored, row)) for row in rows]
    if connection.dialect.name == "postgresql":
        postgres.copy_rows(connection, table, columns_of(table), rows)
    else:
        connection.exec_driver_sql(_insert(table), rows)


@cache
def _texts(table: Table) -> list[Callable[[tuple[Any, ...]], str | None]]:
    """Return a getter for each text column of a row."""
    return [itemgetter(place) for place, column in enumerate(table.columns) if isinstance(column.type, Text)]


def _stored(cell: Any) -> Any:
    return without_nul(cell) if isinstance(cell, str) else cell


@cache
def columns_of(table: Table) -> str:
    """The columns by name: a migrated database has them in another order."""
    return ", ".join(f'"{column.name}"' for column in table.columns)


@cache
def _insert(table: Table) -> str:
    """SQLite's statement."""
    marks = ", ".join("?" * len(table.columns))
    return f"INSERT INTO {table.name} ({columns_of(table)}) VALUES ({marks})"


# A file.


def _open_file(url: str, *, create: bool) -> Ledger:
    name = url.removeprefix(_SQLITE)
    if name in ("", url, ":memory:"):
        raise LedgerError("the ledger's URL must name a file: sqlite:///FILE")
    path = Path(name)
    if not create and not path.exists():
        raise NoLedger(f"there is no ledger {path}; the first `claimloop build` or `receive` creates it")
    _check_size(path, create=create)
    _make_private(path)
    parsed = URL.create("sqlite", database=name)
    options = {"isolation_level": None, "timeout": _BUSY_SECONDS}
    engine = create_engine(parsed, connect_args=options, hide_parameters=True)
    event.listen(engine, "connect", _prepare_connection)
    event.listen(engine, "begin", _begin)
    return Ledger(engine, parsed, name, str(path.resolve()))


def _make_file_ready(ledger: Ledger) -> None:
    """Create the tables if there are none; reject a database of another program."""
    with ledger.reading() as connection:
        tables = set(inspect(connection).get_table_names())
    if not tables:
        with ledger.writing() as connection:
            if not inspect(connection).get_table_names():  # another process may have created them meanwhile
                schema.create(connection)
    elif "schema_version" not in tables:
        raise LedgerError(f"{ledger.name} is a database, but not claimloop's")


def _check_size(path: Path, *, create: bool) -> None:
    """Reject what SQLite would take for a new database, so that a ledger that was cut off never looks like a new one.

    An empty file is accepted only with `create`: a run that was killed just after it made the file leaves one.
    """
    size = path.stat().st_size if path.is_file() else _SQLITE_HEADER
    if size == 0 and not create:
        raise LedgerError(f"{path} is empty, so it is not a ledger: restore it from a backup, or remove the file")
    if 0 < size < _SQLITE_HEADER:
        raise LedgerError(f"{path} is not a ledger: it is too short for an SQLite database")


def _make_private(path: Path) -> None:
    """Create the file so that only its owner can read it. SQLite gives its journals the same mode."""
    try:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    except OSError as error:
        raise LedgerError(f"cannot open the ledger {path}: {error.strerror}") from None


def _prepare_connection(connection: Any, _record: object) -> None:
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA recursive_triggers = ON")  # otherwise INSERT OR REPLACE deletes without delete triggers
    for _ in range(_TRIES):
        if connection.execute("PRAGMA page_count").fetchone() != (0,):  # leave another program's file unchanged
            break
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError:  # another process opens the file; SQLite waits for it only at BEGIN
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("COMMIT")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA cache_size = -32000")


def _begin(connection: Connection) -> None:
    """Take SQLite's write lock at the beginning: a reader that starts to write later could find it taken."""
    writes = connection.get_execution_options().get("claimloop_writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


@contextmanager
def _sqlite_errors(name: str) -> Iterator[None]:
    try:
        yield
    except (DBAPIError, sqlite3.Error) as error:  # SQLAlchemy's errors, and the driver's own while sealing
        cause = error.orig if isinstance(error, DBAPIError) else error
        if "file is not a database" in str(cause):
            raise LedgerError(f"{name} is not an SQLite database") from None
        raise LedgerError(f"ledger {name}: {cause}") from error


# A PostgreSQL database.


def _open_database(url: URL) -> Ledger:
    where = URL.create("postgresql", host=url.host, port=url.port, database=url.database)
    place = where.set(username=url.username, query=url.difference_update_query(["password"]).query)
    try:
        engine = postgres.drive(url)
    except ImportError:
        raise LedgerError("a ledger on PostgreSQL needs psycopg: pip install 'claimloop[postgres]'") from None
    event.listen(engine, "begin", _lock_for_writing)
    return Ledger(engine, url, where.render_as_string(), place.render_as_string())


def _make_database_ready(ledger: Ledger, *, create: bool) -> None:
    """Create the tables if there are none; reject a database where another program's tables have these names."""
    with ledger.reading() as connection:
        tables = _tables_of_our_names(connection)
    if tables >= _OURS:
        return
    if tables:
        named = ", ".join(sorted(tables))
        raise LedgerError(f"{ledger.name} has tables of another program with names of the ledger: {named}")
    if not create:
        raise NoLedger(f"there is no ledger in {ledger.name}; the first `claimloop build` or `receive` creates it")
    with ledger.writing() as connection:
        encoding = connection.exec_driver_sql("SHOW server_encoding").scalar()
        if encoding != "UTF8":
            raise LedgerError(f"{ledger.name} has the encoding {encoding}; a ledger's database must use UTF8")
        if not _tables_of_our_names(connection):  # another process may have created them meanwhile
            schema.create(connection)


def _tables_of_our_names(connection: Connection) -> set[str]:
    return schema.metadata.tables.keys() & set(inspect(connection).get_table_names())


def _lock_for_writing(connection: Connection) -> None:
    if connection.get_execution_options().get("claimloop_writes", False):
        postgres.lock(connection, _BUSY_SECONDS)


@contextmanager
def _postgres_errors(name: str) -> Iterator[None]:
    try:
        yield
    except postgres.errors() as error:
        if postgres.is_locked(error):
            message = f"ledger {name} is locked: another program has been writing to it for {_BUSY_SECONDS} seconds"
            raise LedgerError(message) from None
        raise LedgerError(f"ledger {name}: {postgres.why(error)}") from None
