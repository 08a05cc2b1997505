"""A seal covers the entries of a transaction, their legs and the seal before it: the formula, read row by row."""

import hashlib
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import select

from claimloop.reconciliation.ledger import schema, seals
from claimloop.reconciliation.ledger.connection import Ledger, LedgerError
from claimloop.tests.reconciliation.making import (
    answer,
    copied,
    encounter,
    receive_sets,
    remittance,
    reversal,
    send,
    service,
    service_line,
)

PAYMENT = answer("A1-1", service("99213", 100, 60, "CO-45 20", "PR-3 20"), service("17000", 50, 0, "CO-50 50"))


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return copied(tmp_path, write_four_times)


def write_four_times(ledger: Ledger, folder: Path) -> None:
    for name in ("A1", "A2"):
        send(ledger, folder, encounter(name, service_line("99213", 100), service_line("17000", 50)))
    receive_sets(ledger, folder, remittance("T1", PAYMENT, answer("X1", service("99213", 9, 9))))
    receive_sets(ledger, folder, remittance("T2", reversal(PAYMENT)))


def test_each_seal_is_the_hash_of_the_seal_before_and_of_its_rows(ledger):
    with ledger.reading() as connection:
        entries = [tuple(row) for row in connection.execute(select(schema.entries).order_by(schema.entries.c.id))]
        legs = [tuple(row) for row in connection.execute(select(schema.legs).order_by(*schema.legs.primary_key))]
        seals = connection.execute(
            select(schema.seals.c.up_to, schema.seals.c.digest).order_by(schema.seals.c.id)
        ).all()
    assert len(seals) == 4
    before, sealed = "", 0
    for up_to, digest in seals:
        told = "".join(f"{row!r}\n" for rows in (entries, legs) for row in rows if sealed < row[0] <= up_to)
        assert digest == hashlib.sha256((before + told).encode()).hexdigest()
        before, sealed = digest, up_to


@pytest.mark.parametrize("at_once", [1, 2, 3])
def test_a_seal_does_not_depend_on_how_many_entries_are_read_at_once(ledger, monkeypatch, at_once):
    with ledger.reading() as connection:
        newest = connection.scalar(select(schema.entries.c.id).order_by(schema.entries.c.id.desc()).limit(1))
        whole = seals._digest(connection, "", 0, newest)
        monkeypatch.setattr(seals, "_AT_ONCE", at_once)
        assert seals._digest(connection, "", 0, newest) == whole


@pytest.mark.sqlite
def test_a_damaged_page_of_the_journal_is_one_clear_error(ledger, tmp_path):
    ledger.close()
    path = tmp_path / "claimloop.db"
    with closing(sqlite3.connect(path)) as connection:
        ((size,),) = connection.execute("PRAGMA page_size")
        ((root,),) = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'legs'")
    with path.open("r+b") as file:
        file.seek((root - 1) * size)
        file.write(b"\xff" * size)
    with pytest.raises(LedgerError, match=r"claimloop\.db: .*malformed"), ledger.reading() as connection:
        list(seals.broken_seals(connection))
