"""Other writers, of this program or any other, change nothing that is posted and lose nothing."""

import subprocess
import sys
from contextlib import closing

import psycopg
import pytest
from sqlalchemy import Connection, select

from claimloop.reconciliation.ledger import schema
from claimloop.reconciliation.ledger.connection import LedgerError, next_id, open_ledger
from claimloop.tests.reconciliation.making import (
    dump,
    prove,
    remittance,
    rows,
    send,
    write_835,
)
from claimloop.tests.reconciliation.postgres.programs import connect, post, url_of, write
from claimloop.tests.reconciliation.six_claims import CLAIMS, paid, visit

FOR_EVER = [name for name in schema.metadata.tables if name not in ("schema_version", "control_numbers")]


# What any program is refused.


@pytest.mark.parametrize("table", FOR_EVER)
@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM {table}",
        "UPDATE {table} SET {column} = {column}",
        "TRUNCATE {table} CASCADE",
        "INSERT INTO {table} SELECT * FROM {table} ON CONFLICT ({key}) DO UPDATE SET {column} = EXCLUDED.{column}",
        "MERGE INTO {table} USING {table} AS other ON true WHEN MATCHED THEN DELETE",
    ],
    ids=lambda statement: statement.split()[0].lower(),
)
def test_the_refusals_hold_for_any_program(ledger, url, table, statement):
    keys = [column.name for column in schema.metadata.tables[table].primary_key]
    before = dump(ledger)
    with connect(url) as other, pytest.raises(psycopg.errors.IntegrityConstraintViolation, match="append only"):
        other.execute(statement.format(table=table, column=keys[0], key=", ".join(keys)))
    assert dump(ledger) == before


def test_many_entries_in_one_copy_are_each_proved(ledger):
    before = dump(ledger)
    legs = [(n, m, "open", 2, 3 - 2 * m) for n in (70, 71) for m in (1, 2)]
    legs += [(72, 1, "open", 2, 2), (72, 2, "patient", 3, -2)]
    with pytest.raises(LedgerError, match="sum to zero"), ledger.writing() as connection:
        write(connection, legs, (70, 71, 72))
    assert dump(ledger) == before


def test_a_program_with_another_search_path_is_refused_as_well(empty):
    open_ledger(empty).close()
    with connect(empty) as other:
        (own,) = other.execute("SELECT current_schema()").fetchone()
        other.execute("CREATE TEMPORARY TABLE legs (entry_id integer, line_id integer, amount bigint)")
        other.execute("INSERT INTO pg_temp.legs VALUES (99, NULL, 1), (99, NULL, -1)")
        with pytest.raises(psycopg.errors.IntegrityConstraintViolation, match="sum to zero"):
            other.execute(f"INSERT INTO {own}.entries VALUES (99, 'test', '', '', NULL, NULL, NULL)")


def test_a_transaction_that_could_not_see_other_writers_posts_nothing(ledger, url):
    with connect(url) as other:
        other.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        with pytest.raises(psycopg.Error, match="READ COMMITTED transactions only"):
            other.execute("INSERT INTO legs VALUES (99, 1, 'open', NULL, 1)")


def test_a_leg_for_an_entry_that_another_transaction_is_posting_waits_and_is_refused(ledger, url):
    with connect(url) as other:
        other.execute("SET lock_timeout = '100ms'")
        with ledger.writing() as connection:
            entry = next_id(connection, schema.entries)
            post(connection, ("patient", 2, 5), ("open", 2, -5))
            with pytest.raises(psycopg.errors.LockNotAvailable):
                other.execute("INSERT INTO legs VALUES (%s, 9, 'open', 2, 5)", (entry,))
        other.rollback()
        with pytest.raises(psycopg.errors.IntegrityConstraintViolation, match="no further leg"):
            other.execute("INSERT INTO legs VALUES (%s, 9, 'open', 2, 5)", (entry,))


def test_a_refusal_quotes_no_row(ledger):
    with pytest.raises(LedgerError) as caught, ledger.writing() as connection:
        connection.execute(
            schema.sendings.insert().values(dump_of_first_sending(connection) | {"id": 77, "version": 2})
        )
    assert "own_control_numbers" in str(caught.value)
    assert "A1-1" not in str(caught.value)
    assert caught.value.__cause__ is None


def dump_of_first_sending(connection: Connection) -> dict[str, object]:
    return dict(connection.execute(select(schema.sendings)).mappings().first() or {})


# Several at once.

_RECEIVE = """
import sys
from pathlib import Path
from claimloop.reconciliation.ledger.connection import open_ledger
from claimloop.tests.reconciliation.making import receive
ledger = open_ledger(sys.argv[1])
for path in sys.argv[2:]:
    receive(ledger, Path(path))
ledger.close()
"""


def test_two_processes_that_receive_the_same_and_other_files_lose_and_double_nothing(schemas, tmp_path):
    sent = open_ledger(schemas.new())
    alone = open_ledger(schemas.new())
    files = [
        write_835(tmp_path / f"{number}.835", remittance(f"T{number}", paid(number))) for number in range(1, CLAIMS + 1)
    ]
    for each in (sent, alone):
        folder = tmp_path / str(id(each))
        folder.mkdir()
        send(each, folder, *(visit(number) for number in range(1, CLAIMS + 1)))
    for path in files:
        subprocess.run([sys.executable, "-c", _RECEIVE, url_of(alone), str(path)], check=True)

    orders = (files[:4], files[5:1:-1])
    both = [subprocess.Popen([sys.executable, "-c", _RECEIVE, url_of(sent), *map(str, order)]) for order in orders]
    assert [process.wait(timeout=60) for process in both] == [0, 0]

    prove(sent)
    assert rows(sent, "lines") == rows(alone, "lines")
    assert sorted(str(row["trace_number"]) for row in rows(sent, "remittances")) == [
        f"T{n}" for n in range(1, CLAIMS + 1)
    ]
    counts = [{table: len(some) for table, some in dump(each).items()} for each in (sent, alone)]
    assert counts[0] == counts[1]
    sent.close()
    alone.close()


def test_ledgers_in_two_schemas_do_not_wait_for_each_other(schemas, monkeypatch):
    monkeypatch.setattr("claimloop.reconciliation.ledger.connection._BUSY_SECONDS", 0.05)
    with closing(open_ledger(schemas.new())) as one, closing(open_ledger(schemas.new())) as other:
        with one.writing() as first, other.writing() as second:
            post(first, ("patient", None, 5), ("open", None, -5))
            post(second, ("patient", None, 5), ("open", None, -5))
        assert len(rows(one, "entries")) == len(rows(other, "entries")) == 2
