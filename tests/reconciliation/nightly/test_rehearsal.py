"""A dry run changes nothing, and says what the run then does."""

import hashlib
import sqlite3
from contextlib import suppress
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import inspect, select

from claimloop.reconciliation.ledger import schema
from claimloop.reconciliation.ledger.connection import LedgerError, NoLedger, insert_rows, open_ledger
from claimloop.reconciliation.ledger.rehearsal import rehearse
from claimloop.reconciliation.run_record import CLEAN, FAILED
from claimloop.samples import copy_first_night
from claimloop.tests.reconciliation import databases
from claimloop.tests.reconciliation.nightly.practice import (
    ledger_of,
    outcomes,
    run,
    stage_of,
    start_practice,
    told,
    visit,
    write_encounters,
)

DAY = date(2026, 11, 24)


@pytest.fixture
def practice(tmp_path):
    return start_practice(tmp_path)


@pytest.fixture
def samples(practice):
    copy_first_night(practice.parent / "first")
    for folder in ("encounters", "inbox"):
        for path in (practice.parent / "first" / folder).iterdir():
            path.rename(practice / folder / path.name)
    return practice


def on_disk(folder: Path) -> dict[str, str]:
    """Every file but the lock, by its content."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""
        for path in folder.rglob("*")
        if path.name not in (".nightly.lock", "runs")
    }


def in_ledger(practice: Path) -> dict[str, list[object]]:
    """Every row of every table."""
    with ledger_of(practice) as ledger, ledger.reading() as connection:
        return {name: list(connection.execute(select(table))) for name, table in schema.metadata.tables.items()}


def test_a_rehearsal_says_what_the_run_then_does_and_changes_nothing(samples):
    run(samples, DAY)
    write_encounters(samples / "encounters/more.jsonl", [visit(1, DAY)])
    (samples / "inbox/odd").write_bytes(b"no X12")
    (samples / "inbox/again").write_bytes(b"no X12")
    files, rows = on_disk(samples), in_ledger(samples)

    rehearsed = run(samples, DAY, rehearse=True)

    assert on_disk(samples) == files
    assert in_ledger(samples) == rows
    assert rehearsed.rehearsed
    done = run(samples, DAY)
    assert told(rehearsed) == told(done)


def test_the_first_rehearsal_makes_no_ledger(samples):
    files = on_disk(samples)

    rehearsed = run(samples, DAY, rehearse=True)

    assert on_disk(samples) == files
    with pytest.raises(NoLedger):
        open_ledger(databases.in_use.url(samples), create=False)
    assert told(rehearsed) == told(run(samples, DAY))


def test_a_rehearsal_leaves_no_table_in_a_database(practice):
    run(practice, DAY, rehearse=True)

    url = databases.in_use.url(practice)
    if url.startswith("sqlite"):
        assert not (practice / "claimloop.db").exists()
        return
    with ledger_of(practice) as ledger, ledger.reading() as connection:  # this makes it
        assert inspect(connection).get_table_names()
        assert connection.execute(select(schema.files)).all() == []


@pytest.mark.sqlite
def test_a_rehearsal_tells_what_lies_in_the_outbox_already_and_would_be_sent(tmp_path):
    practice = start_practice(
        tmp_path, '[[sftp]]\nname = "house"\nhost = "h"\nuser = "u"\nkey = "k"\nknown_hosts = "h"\npush = "/in"\n'
    )
    write_encounters(practice / "encounters/a.jsonl", [visit(1, DAY)])
    run(practice, DAY, only=("encounters",))
    write_encounters(practice / "encounters/b.jsonl", [visit(2, DAY)])

    rehearsed = run(practice, DAY, rehearse=True)

    assert stage_of(rehearsed, "push").counts == {"would be sent": 2}


@pytest.mark.sqlite
def test_a_rehearsal_of_nothing_is_clean(practice):
    assert run(practice, DAY, rehearse=True).exit_code == CLEAN


@pytest.mark.sqlite
def test_a_rehearsal_leaves_a_file_with_an_odd_name(practice):
    (practice / "inbox/a\nb").write_bytes(b"no X12")

    rehearsed = run(practice, DAY, rehearse=True)

    assert outcomes(rehearsed) == {"a_b": "waiting"}
    assert [path.name for path in (practice / "inbox").iterdir()] == ["a\nb"]


@pytest.mark.sqlite
def test_a_rehearsal_on_a_ledger_that_is_none_has_failed_and_leaves_it_alone(practice):
    (practice / "claimloop.db").write_bytes(b"not a database at all")

    assert run(practice, DAY, rehearse=True).exit_code == FAILED
    assert (practice / "claimloop.db").read_bytes() == b"not a database at all"


ROW = (1, "0" * 64, 0, "a", "835", "taken", "archive/a", "2026-11-24T02:30:00")


def test_what_is_written_in_a_rehearsal_is_seen_there_and_nowhere_else(practice):
    with ledger_of(practice) as ledger:
        with rehearse(ledger) as forgetful:
            with forgetful.writing() as connection:
                insert_rows(connection, schema.files, [ROW])
            with forgetful.reading() as connection:
                assert len(connection.execute(select(schema.files)).all()) == 1
        with ledger.reading() as connection:
            assert connection.execute(select(schema.files)).all() == []


def test_a_part_of_a_rehearsal_that_fails_is_undone_alone(practice):
    with ledger_of(practice) as ledger, rehearse(ledger) as forgetful:
        with forgetful.writing() as connection:
            insert_rows(connection, schema.files, [ROW])
        with suppress(ZeroDivisionError), forgetful.writing() as connection:
            insert_rows(connection, schema.files, [(2, *ROW[1:])])
            raise ZeroDivisionError
        with forgetful.reading() as connection:
            assert connection.scalars(select(schema.files.c.id)).all() == [1]


@pytest.mark.sqlite
def test_a_rehearsal_that_the_database_has_ended_writes_nothing_for_real(practice):
    """SQLite undoes a whole transaction by itself where the disk is full; the next savepoint would be one of its own."""
    with ledger_of(practice) as ledger:
        with rehearse(ledger) as forgetful:
            with forgetful.reading() as connection:
                raw = connection.connection.dbapi_connection
                assert isinstance(raw, sqlite3.Connection)
                raw.execute("ROLLBACK")
            with pytest.raises(LedgerError, match="ended the dry run"), forgetful.writing():
                pass
        with ledger.reading() as connection:
            assert connection.execute(select(schema.files)).all() == []
