"""Migrate a ledger's schema with alembic in one transaction, and move a ledger to another database."""

import os
import sqlite3
from contextlib import closing
from pathlib import Path

import msgspec
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import select

from claimloop.reconciliation.audit import Audit, audit
from claimloop.reconciliation.ledger import schema
from claimloop.reconciliation.ledger.connection import Ledger, LedgerError, open_ledger
from claimloop.reconciliation.ledger.copy import copy_ledger
from claimloop.reconciliation.remittances.book_recoupments import book_recoveries_of_old_schema

MIGRATIONS = "claimloop.reconciliation.ledger:migrations"
_HAS_RECOVERIES = "0004"


class Migrated(msgspec.Struct, frozen=True):
    """The versions before and after, and the backup of the file (None if nothing changed, or it is not a file)."""

    before: str
    after: str
    copy: Path | None = None


def migrate(url: str, migrations: str = MIGRATIONS) -> Migrated:
    """Migrate the ledger at a URL to the newest version of `migrations`, a script location of alembic.

    An SQLite file is first copied to `NAME.VERSION.backup`, readable by its owner only; an older copy is never
    overwritten. Raises LedgerError if there is no ledger, or its version is not one of these.
    """
    config = Config()
    config.set_main_option("script_location", migrations)
    newest = ScriptDirectory.from_config(config).get_current_head()
    assert newest is not None
    ledger = open_ledger(url, create=False, any_version=True)
    try:
        before = _version(ledger)
        if before == newest:
            return Migrated(before, newest)
        copy = _copy(Path(ledger.name), before) if ledger.url.get_backend_name() == "sqlite" else None
        try:
            with ledger.writing() as connection:
                config.attributes["connection"] = connection
                command.upgrade(config, "head")
                if before < _HAS_RECOVERIES:
                    book_recoveries_of_old_schema(connection)
        except CommandError as error:
            if copy:
                copy.unlink()
            raise LedgerError(f"{ledger.name} has ledger schema {before}, which is unknown: {error}") from None
        return Migrated(before, _version(ledger), copy)
    finally:
        ledger.close()


class Moved(msgspec.Struct, frozen=True):
    """The new ledger's name, the number of rows copied, and the audit of the copy."""

    ledger: str
    rows: int
    audit: Audit


def move(url: str, to: str) -> Moved:
    """Copy the ledger at a URL into a new one at another URL, and audit the copy. The old ledger does not change.

    Raises LedgerError if there is no ledger, its schema is not up to date, or the new ledger already has data.
    """
    with closing(open_ledger(url, create=False)) as source, closing(open_ledger(to)) as target:
        copied = copy_ledger(source, target)
        with target.reading() as connection:
            return Moved(target.name, copied, audit(connection))


def _version(ledger: Ledger) -> str:
    with ledger.reading() as connection:
        return str(connection.scalar(select(schema.schema_version.c.version_num)))


def _copy(path: Path, version: str) -> Path:
    """Copy the file and its journal into one file. Raises LedgerError if it cannot be written."""
    copy = path.with_name(f"{path.name}.{version}.backup")
    try:
        os.close(os.open(copy, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    except OSError as error:
        raise LedgerError(f"cannot keep a copy of the ledger as {copy}: {error.strerror}") from None
    try:
        with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(copy)) as target:
            source.backup(target)
    except sqlite3.Error as error:
        copy.unlink()
        raise LedgerError(f"cannot keep a copy of the ledger as {copy}: {error}") from None
    return copy
