"""What the database itself refuses, who may read the file, and what is said where it is no ledger."""

import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from decimal import Decimal
from pathlib import Path
from threading import Thread

import pytest
from sqlalchemy import Connection, Table, insert

from claimloop.edi.diagnostics import Diagnostic
from claimloop.reconciliation.acknowledgements.receive import receive_acknowledgements
from claimloop.reconciliation.bank.receive import receive_deposits
from claimloop.reconciliation.claims.manual_entries import ManualEntry
from claimloop.reconciliation.decisions.decide import Decider
from claimloop.reconciliation.ledger import schema
from claimloop.reconciliation.ledger.connection import Ledger, LedgerError, insert_rows, next_id, open_ledger
from claimloop.reconciliation.posting.dispositions import Dispositions
from claimloop.reconciliation.run_record import RunRecord, TakenFile, keep_file, keep_run
from claimloop.tests.reconciliation import databases
from claimloop.tests.reconciliation.inbox import Inbox
from claimloop.tests.reconciliation.making import (
    DAY,
    MOMENT,
    answer,
    copied,
    dump,
    encounter,
    provider_adjustment,
    receive_sets,
    remittance,
    reversal,
    rows,
    send,
    service,
    service_line,
)

MAY_CHANGE = {"schema_version", "control_numbers"}
FOR_EVER = [table for table in schema.metadata.sorted_tables if table.name not in MAY_CHANGE]


def ignore(_: Diagnostic) -> None:
    """Findings are not what is tested."""


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    """A ledger with a row in every table."""
    ledger = copied(tmp_path, fill_every_table)
    yield ledger
    ledger.close()


def fill_every_table(ledger: Ledger, folder: Path) -> None:
    send(ledger, folder, encounter("A1", service_line("99213", 100), service_line("17000", 50)))
    payment = answer("A1-1", service("99213", 100, 80, "CO-45 20"), service("99999", 50, 50))
    receive_sets(
        ledger,
        folder,
        remittance("T1", payment, reversal(payment), plb=[provider_adjustment("WO", 10, "ICN1")], amount=3),
    )
    with ledger.writing() as connection:
        Decider(connection, Dispositions(), "2026-10-03T08:00:00").take(
            ManualEntry("patient-payment", Decimal(20), DAY, "receipt 1", "A1-1")
        )
    ta1 = Inbox(folder).ta1("A")
    receive_acknowledgements(ta1, ledger, MOMENT, ignore)
    statement = folder / "bank.csv"
    statement.write_text("date,amount,description\n2026-10-01,3.00,TRN*1*T1*1111111111~\n")
    receive_deposits(statement, ledger, MOMENT, ignore)
    with ledger.writing() as connection:
        keep_run(connection, RunRecord(started=MOMENT, day=DAY, finished=MOMENT))
        keep_file(connection, TakenFile("in.835", "835", "taken", "archive/in.835", "00", 1), MOMENT)
        # Only a migration writes these: a sentence of an older version that has no code.
        insert_rows(connection, schema.former_texts, [("suspense", 1, 0, "a reason of old")])


def post(connection: Connection, *legs: tuple[str, int | None, int]) -> int:
    """Write the legs (account, line, cents), then their entry."""
    entry = next_id(connection, schema.entries)
    insert_rows(connection, schema.legs, [(entry, place, *leg) for place, leg in enumerate(legs, start=1)])
    insert_rows(connection, schema.entries, [(entry, "test", "2026-10-01", "2026-10-01", None, None, None)])
    return entry


def test_every_table_of_the_fixture_has_a_row(ledger):
    assert all(dump(ledger).values())


def test_legs_that_sum_to_zero_make_an_entry(ledger):
    before = len(rows(ledger, "entries"))
    with ledger.writing() as connection:
        post(connection, ("patient", 2, 30_00), ("open", 2, -30_00))
    assert len(rows(ledger, "entries")) == before + 2


@pytest.mark.parametrize(
    "legs",
    [
        [("patient", 2, 30_00), ("open", 2, -29_99)],
        [("patient", 2, 30_00)],
        [],
        [("patient", 2, 30_00), ("open", 3, -30_00)],
        [("insurance_cash", 2, 30_00), ("suspense", None, -30_00)],
    ],
    ids=["a cent is missing", "one leg", "no leg", "another line's leg", "from no line to a line"],
)
def test_an_entry_that_does_not_balance_line_by_line_is_refused(ledger, legs):
    before = dump(ledger)
    with pytest.raises(LedgerError, match="sum to zero"), ledger.writing() as connection:
        post(connection, *legs)
    assert dump(ledger) == before


def test_a_posted_entry_takes_no_further_leg(ledger):
    with pytest.raises(LedgerError, match="no further leg"), ledger.writing() as connection:
        insert_rows(connection, schema.legs, [(1, 98, "patient", 2, 1), (1, 99, "open", 2, -1)])


def test_legs_without_an_entry_are_not_kept(ledger):
    before = dump(ledger)
    with pytest.raises(LedgerError, match=r"(?i)foreign key"), ledger.writing() as connection:
        insert_rows(connection, schema.legs, [(999, 1, "patient", 2, 1), (999, 2, "open", 2, -1)])
    assert dump(ledger) == before


def test_a_leg_of_nothing_is_refused(ledger):
    with pytest.raises(LedgerError, match=r"(?i)check"), ledger.writing() as connection:
        post(connection, ("patient", 2, 0), ("open", 2, 0))


@pytest.mark.parametrize("table", FOR_EVER, ids=lambda table: table.name)
def test_nothing_that_was_written_is_changed(ledger, table: Table):
    for column in table.columns:
        with pytest.raises(LedgerError, match="append only"), ledger.writing() as connection:
            connection.exec_driver_sql(f'UPDATE {table.name} SET "{column.name}" = "{column.name}"')


@pytest.mark.parametrize("table", FOR_EVER, ids=lambda table: table.name)
def test_nothing_that_was_written_is_deleted(ledger, table: Table):
    with pytest.raises(LedgerError, match="append only"), ledger.writing() as connection:
        connection.execute(table.delete())


@pytest.mark.sqlite
@pytest.mark.parametrize("table", FOR_EVER, ids=lambda table: table.name)
def test_nothing_that_was_written_is_replaced(ledger, table: Table):
    """INSERT OR REPLACE deletes the row that is in its way."""
    before = dump(ledger)
    with pytest.raises(LedgerError, match=r"append only|no further leg"), ledger.writing() as connection:
        connection.exec_driver_sql(f"INSERT OR REPLACE INTO {table.name} SELECT * FROM {table.name} LIMIT 1")
    assert dump(ledger) == before


@pytest.mark.sqlite
def test_the_refusals_hold_for_any_program_that_opens_the_file(ledger):
    with closing(sqlite3.connect(str(ledger.url.database))) as other:
        for table in FOR_EVER:
            for statement in (f"DELETE FROM {table.name}", f"UPDATE {table.name} SET {table.columns[0].name} = 7"):
                with pytest.raises(sqlite3.IntegrityError, match="append only"):
                    other.execute(statement)


def test_an_error_in_the_middle_keeps_nothing(ledger):
    before = dump(ledger)

    def stop_in_the_middle() -> None:
        with ledger.writing() as connection:
            post(connection, ("patient", 2, 30_00), ("open", 2, -30_00))
            raise RuntimeError("power cut")

    with pytest.raises(RuntimeError, match="power cut"):
        stop_in_the_middle()
    assert dump(ledger) == before


def test_reading_sees_one_state_whatever_is_written_meanwhile(ledger):
    other = open_ledger(str(ledger.url))
    with ledger.reading() as connection:
        before = connection.exec_driver_sql("SELECT count(*) FROM entries").scalar()
        with other.writing() as writer:
            post(writer, ("patient", 2, 30_00), ("open", 2, -30_00))
        assert connection.exec_driver_sql("SELECT count(*) FROM entries").scalar() == before
    other.close()


# The file.


@pytest.mark.sqlite
def test_only_the_owner_may_read_the_file_and_what_sqlite_puts_beside_it(ledger, tmp_path):
    with ledger.writing() as connection:
        post(connection, ("patient", 2, 30_00), ("open", 2, -30_00))
        files = sorted(tmp_path.glob("claimloop.db*"))
        assert len(files) > 1
        assert {path.stat().st_mode & 0o777 for path in files} == {0o600}


def test_opening_again_finds_what_was_written(ledger):
    before = dump(ledger)
    again = open_ledger(str(ledger.url))
    assert dump(again) == before
    again.close()


@pytest.mark.sqlite
@pytest.mark.parametrize(("content", "problem"), [(b"", "is empty, so it is not a ledger"), (b"x", "is too short")])
def test_a_file_that_was_cut_off_is_not_opened_as_a_new_ledger(tmp_path, content, problem):
    path = tmp_path / "cut.db"
    path.write_bytes(content)
    with pytest.raises(LedgerError, match=problem):
        open_ledger(f"sqlite:///{path}", create=False)
    assert path.read_bytes() == content


@pytest.mark.sqlite
def test_an_empty_file_becomes_a_ledger(tmp_path):
    (tmp_path / "empty.db").touch()
    ledger = open_ledger(f"sqlite:///{tmp_path / 'empty.db'}")
    assert rows(ledger, "lines") == []
    ledger.close()


def refusal(url: str) -> str:
    with pytest.raises(LedgerError) as caught:
        open_ledger(url)
    message = str(caught.value)
    assert len(message.splitlines()) == 1
    return message


@pytest.mark.sqlite
def test_a_text_file_is_no_ledger(tmp_path):
    path = tmp_path / "remit.835"
    path.write_text("ISA*00*" + "x" * 2000, encoding="ascii")
    assert refusal(f"sqlite:///{path}") == f"{path} is not an SQLite database"
    assert path.read_text(encoding="ascii").startswith("ISA*00*x")


@pytest.mark.sqlite
def test_another_programs_database_is_no_ledger_and_stays_as_it_is(tmp_path):
    path = tmp_path / "other.db"
    with closing(sqlite3.connect(path)) as other:
        other.execute("CREATE TABLE patients (id)")
    before = path.read_bytes()
    assert refusal(f"sqlite:///{path}") == f"{path} is a database, but not claimloop's"
    assert path.read_bytes() == before


def test_another_version_of_the_schema_is_not_touched(ledger):
    with ledger.writing() as connection:
        connection.execute(schema.schema_version.update().values(version_num="9999"))
    message = refusal(str(ledger.url))
    assert "schema 9999" in message
    assert schema.SCHEMA_VERSION in message


@pytest.mark.sqlite
@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("claimloop.db", "sqlite:///FILE"),
        ("", "sqlite:///FILE"),
        ("sqlite://", "must name a file"),
        ("sqlite:///:memory:", "must name a file"),
        ("mysql://host/claims", "postgresql://USER@HOST/DATABASE, not mysql"),
        ("sqlite:////no/such/folder/claimloop.db", "No such file or directory"),
        ("sqlite:////tmp", "Is a directory"),
    ],
)
def test_what_is_no_ledgers_url_is_said_in_one_line(url, says):
    assert says in refusal(url)


# Several at once.

_WRITE = """
import sys
from claimloop.edi.diagnostics import Diagnostic
from claimloop.reconciliation.ledger import schema
from claimloop.reconciliation.ledger.connection import insert_rows, next_id, open_ledger
ledger = open_ledger(sys.argv[1])
for _ in range(25):
    with ledger.writing() as connection:
        entry = next_id(connection, schema.entries)
        insert_rows(connection, schema.legs, [(entry, 1, "patient", None, 1), (entry, 2, "open", None, -1)])
        insert_rows(connection, schema.entries, [(entry, "test", "2026-10-01", "2026-10-01", None, None, None)])
"""


def test_two_processes_that_open_a_new_ledger_and_write_lose_nothing(tmp_path):
    url = databases.in_use.url(tmp_path)
    writers = [subprocess.Popen([sys.executable, "-c", _WRITE, url]) for _ in range(2)]
    assert [writer.wait(timeout=60) for writer in writers] == [0, 0]
    ledger = open_ledger(url)
    assert len(rows(ledger, "entries")) == 2 * 25 * 2
    ledger.close()


def test_two_threads_that_write_lose_nothing(ledger):
    before = len(rows(ledger, "entries"))

    def write() -> None:
        for _ in range(20):
            with ledger.writing() as connection:
                post(connection, ("patient", 2, 1), ("open", 2, -1))

    threads = [Thread(target=write) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(rows(ledger, "entries")) == before + 2 * 20 * 2


def test_a_ledger_that_somebody_else_holds_is_one_clear_line(ledger, monkeypatch):
    monkeypatch.setattr("claimloop.reconciliation.ledger.connection._BUSY_SECONDS", 0.05)
    second = open_ledger(str(ledger.url))
    with ledger.writing(), pytest.raises(LedgerError, match="locked"), second.writing():
        pass
    second.close()


def test_a_control_number_names_one_claim_for_ever(ledger):
    sending = dump(ledger)["sendings"][0]
    again = dict(zip(schema.sendings.columns.keys(), sending, strict=True)) | {"id": 77, "version": 2}
    with pytest.raises(LedgerError, match=r"(?i)unique"), ledger.writing() as connection:
        connection.execute(insert(schema.sendings).values(again))
