"""What PostgreSQL stores, servers that do not answer, and the tables of other programs."""

import shutil
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import Connection

from claimloop.reconciliation.ledger import schema
from claimloop.reconciliation.ledger.connection import Ledger, LedgerError, next_id, open_ledger
from claimloop.reconciliation.queries.views import VIEWS
from claimloop.samples import copy_samples
from claimloop.tests.reconciliation.making import (
    answer,
    dump,
    encounter,
    prove,
    receive,
    remittance,
    rows,
    send,
    service,
    write_835,
)
from claimloop.tests.reconciliation.postgres.programs import connect, post, write

# What is stored.


def test_text_is_ordered_by_code_points_whatever_the_databases_language(ledger):
    with ledger.reading() as connection:
        collations = connection.exec_driver_sql(
            "SELECT DISTINCT data_type, collation_name FROM information_schema.columns"
            " WHERE table_schema = current_schema() AND data_type NOT IN ('integer', 'bigint', 'bytea')"
            " AND table_name <> 'schema_version'"  # alembic's
        )
        assert list(collations) == [("text", "C")]


def test_sums_are_whole_numbers(ledger):
    with ledger.reading() as connection:
        (total,) = connection.exec_driver_sql("SELECT sum(amount) FROM legs WHERE amount > 0").one()
    assert type(total) is int
    assert total > 0


def test_an_entrys_legs_are_looked_up_by_index_after_a_large_copy_too(ledger):
    """A plan is kept for the session: one that reads the whole journal would be taken for each later entry."""
    with ledger.writing() as connection:
        new = range(next_id(connection, schema.entries), 10_000)
        write(connection, [(n, m, "open", None, 3 - 2 * m) for n in new for m in (1, 2)], new)
    before = whole_reads_of_legs(ledger)
    with ledger.writing() as connection:
        for _ in range(5):
            post(connection, ("patient", 2, 5), ("open", 2, -5))
    assert whole_reads_of_legs(ledger) == before


def whole_reads_of_legs(ledger: Ledger) -> int:
    with ledger.reading() as connection:
        connection.exec_driver_sql("SELECT pg_stat_force_next_flush()")
    with ledger.reading() as connection:
        reads = connection.exec_driver_sql(
            "SELECT seq_scan FROM pg_stat_user_tables WHERE relname = 'legs' AND schemaname = current_schema()"
        ).scalar_one()
    return int(reads)


def test_a_nul_in_what_a_payer_sent_is_stored_as_the_replacement_character(empty, tmp_path):
    """The same on SQLite, which could keep it."""
    kept = {}
    for each in (empty, f"sqlite:///{tmp_path / 'claimloop.db'}"):
        folder = tmp_path / each.partition(":")[0]
        folder.mkdir()
        with closing(open_ledger(each)) as ledger:
            send(ledger, folder, encounter("A1"))
            sets = remittance("T\\N1", answer("A1\\N-1", service("99213", 100, 100)), answer("K\\N9", charge=5, paid=5))
            path = write_835(folder / "in.835", sets)
            path.write_bytes(path.read_bytes().replace(b"\\N", b"\0"))
            receive(ledger, path)
            prove(ledger)
            kept[each] = [rows(ledger, view) for view in ("lines", "remittances", "suspense")]
    on_server, on_file = kept.values()
    assert on_server == on_file
    assert on_server[1][0]["trace_number"] == "T\ufffd1"


# The database.


def refusal(url: str, *, create: bool = True) -> str:
    with pytest.raises(LedgerError) as caught:
        open_ledger(url, create=create)
    message = str(caught.value)
    assert len(message.splitlines()) == 1
    assert "secret" not in message
    return message


def test_both_forms_of_the_url_open_the_same_ledger(ledger, url):
    with closing(open_ledger(url.replace("postgresql://", "postgresql+psycopg://"))) as again:
        assert dump(again) == dump(ledger)


def test_without_create_nothing_is_made(empty):
    assert "there is no ledger in postgresql://" in refusal(empty, create=False)
    with connect(empty) as other:
        assert other.execute("SELECT count(*) FROM pg_tables WHERE schemaname = current_schema()").fetchone() == (0,)


def test_another_programs_tables_may_lie_beside_the_ledgers(empty):
    with connect(empty) as other:
        other.execute("CREATE TABLE patients (id integer)")
    with closing(open_ledger(empty)) as ledger:
        assert rows(ledger, "lines") == []


def test_another_programs_table_of_the_same_name_is_left_as_it_is(empty):
    with connect(empty) as other:
        other.execute("CREATE TABLE claims (id integer)")
    assert refusal(empty).endswith("has tables of another program with names of the ledger: claims")
    with connect(empty) as other:
        assert other.execute("SELECT tablename FROM pg_tables WHERE schemaname = current_schema()").fetchall() == [
            ("claims",)
        ]


def test_another_version_of_the_schema_is_not_touched(ledger, url):
    with ledger.writing() as connection:
        connection.execute(schema.schema_version.update().values(version_num="9999"))
    assert f"has ledger schema 9999, but this claimloop needs {schema.SCHEMA_VERSION}" in refusal(url)


def test_a_database_that_cannot_hold_every_name_is_refused(postgresql):
    with psycopg.connect(postgresql, autocommit=True) as server:
        server.execute("CREATE DATABASE latin ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0")
    try:
        assert refusal(postgresql.replace("/postgres?", "/latin?")).endswith(
            "has the encoding LATIN1; a ledger's database must use UTF8"
        )
    finally:
        with psycopg.connect(postgresql, autocommit=True) as server:
            server.execute("DROP DATABASE latin WITH (FORCE)")


@pytest.mark.parametrize(
    ("url", "says"),
    [
        (
            "postgresql://user:secret@127.0.0.1:1/claims",
            "ledger postgresql://127.0.0.1:1/claims: connection failed",
        ),
        ("postgresql://user@127.0.0.1:1/claims?password=secret", "connection failed"),
        ("postgresql+psycopg://user:secret@/claims?host=/no/such/folder", "No such file or directory"),
        ("postgresql://user:secret@host:port/claims", "the ledger's URL must be"),
        ("postgresql://user:secret@127.0.0.1:1/claims?colour=secretive", "invalid connection option"),
        ("postgresql+psycopg2://user:secret@host/claims", "not postgresql+psycopg2"),
    ],
)
def test_a_server_that_cannot_be_reached_is_one_line_without_the_password(url, says):
    assert says in refusal(url)


def test_a_connection_that_is_cut_is_one_line_and_keeps_nothing(ledger, url):
    before = dump(ledger)
    with pytest.raises(LedgerError) as caught, ledger.writing() as connection:
        post_when_cut(connection, url)
    assert len(str(caught.value).splitlines()) == 1
    assert dump(ledger) == before


def post_when_cut(connection: Connection, url: str) -> None:
    post(connection, ("patient", 2, 5), ("open", 2, -5))
    pid = connection.exec_driver_sql("SELECT pg_backend_pid()").scalar_one()
    with connect(url) as other:
        other.execute("SELECT pg_terminate_backend(%s, 5000)", (pid,))
    post(connection, ("patient", 2, 5), ("open", 2, -5))


def test_without_psycopg_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "psycopg", None)
    assert refusal("postgresql://user:secret@host/claims") == (
        "a ledger on PostgreSQL needs psycopg: pip install 'claimloop[postgres]'"
    )


# The command line.


def test_the_commands_say_on_a_server_what_they_say_on_a_file(empty, tmp_path):
    said = {}
    for ledger in ("sqlite:///claimloop.db", empty):
        folder = tmp_path / ledger.partition(":")[0]
        copy_samples(folder)
        shutil.copytree(folder / "remittances", folder / "inbox")
        claims = sorted(str(path.relative_to(folder)) for path in (folder / "encounters").glob("*.jsonl"))
        inbox = sorted(str(path.relative_to(folder)) for path in (folder / "inbox").glob("*.835"))
        said[ledger] = [
            run_command(folder, ledger, *arguments)
            for arguments in (
                ("build", *claims, "-o", "outbox"),
                ("receive", *inbox),
                ("receive", *inbox),
                ("status", "--json"),
                *(("export", view) for view in VIEWS if view != "entries"),
            )
        ]
    on_file, on_server = said.values()
    assert on_file == on_server
    assert [status for status, _ in on_file[:2]] == [1, 1], "the samples have refusals and suspense"
    assert '"claims":' in on_file[3][1]


def run_command(folder: Path, ledger: str, *arguments: str) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "-m", "claimloop.cli", "--quiet", "--ledger", ledger, *arguments],
        cwd=folder, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert "Traceback" not in done.stderr
    return done.returncode, done.stdout


def test_a_ledger_that_is_not_there_is_one_line(empty, tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "claimloop.cli", "--ledger", empty, "status"],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert (
        done.stderr
        == "claimloop: there is no ledger in postgresql:///postgres; the first `claimloop build` or `receive` creates it\n"
    )
