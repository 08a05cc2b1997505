"""The ledger's schema is brought up to date without losing a row, and the frozen first version is the models'."""

import shutil
import sqlite3
import stat
from contextlib import closing
from importlib.resources import files
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine, column, create_engine, make_url, table, text

from claimloop.reconciliation.audit import audit
from claimloop.reconciliation.ledger import postgres, schema
from claimloop.reconciliation.ledger.connection import Ledger, LedgerError, open_ledger
from claimloop.reconciliation.migrate import MIGRATIONS, Migrated, migrate
from claimloop.reconciliation.run_record import RunRecord, keep_run, recent_runs
from claimloop.tests.reconciliation.databases import Schemas
from claimloop.tests.reconciliation.making import (
    MOMENT,
    answer,
    copied,
    dump,
    encounter,
    new_ledger,
    provider_adjustment,
    receive_sets,
    remittance,
    rows,
    send,
    service,
)

NEXT = """
from alembic import op
import sqlalchemy as sa

revision = "0006"
down_revision = "0005"


def upgrade():
    op.add_column("deposits", sa.Column("branch", sa.Text))
    {more}
"""


def migrations_with_a_next_version(folder: Path, more: str = "") -> str:
    copy = folder / "migrations"
    shutil.copytree(str(files("claimloop.reconciliation.ledger.migrations")), copy)
    (copy / "versions" / "v0006_next.py").write_text(NEXT.format(more=more))
    return str(copy)


def url_of(ledger: Ledger) -> str:
    if ledger.url.get_backend_name() == "sqlite":
        return f"sqlite:///{ledger.name}"
    return ledger.url.render_as_string(hide_password=False)


def filled(folder: Path) -> str:
    ledger = copied(folder, send_one_and_pay)
    ledger.close()
    return url_of(ledger)


def send_one_and_pay(ledger: Ledger, folder: Path) -> None:
    send(ledger, folder, encounter("A1"))
    receive_sets(ledger, folder, remittance("T1", answer("A1-1", service("99213", 100, 80, "CO-45 20"))))


def test_a_ledger_of_today_is_left_alone(tmp_path):
    url = filled(tmp_path)
    assert migrate(url) == Migrated(schema.SCHEMA_VERSION, schema.SCHEMA_VERSION)
    assert list(tmp_path.glob("*.backup")) == []


def test_an_older_ledger_is_brought_up_to_date_with_all_its_rows(tmp_path):
    url = filled(tmp_path)
    done = migrate(url, migrations_with_a_next_version(tmp_path))
    assert (done.before, done.after) == ("0005", "0006")
    with pytest.raises(
        LedgerError, match="has ledger schema 0006, but this claimloop needs 0005: run `claimloop migrate`"
    ):
        open_ledger(url)
    with closing(open_ledger(url, any_version=True)) as ledger, ledger.reading() as connection:
        assert audit(connection).problems == []
        assert connection.execute(text("SELECT branch FROM deposits")).all() == []


def test_a_ledger_of_the_first_released_version_becomes_one_of_today(tmp_path, database, request):
    engine = empty_database(tmp_path, database, request)
    with engine.begin() as connection:
        upgrade_from_nothing(connection, "0003")
    url = engine.url.render_as_string(hide_password=False)
    engine.dispose()
    assert migrate(url).before == "0003"
    with closing(open_ledger(url)) as ledger, ledger.writing() as connection:
        keep_run(connection, RunRecord(started=MOMENT, day=MOMENT.date(), finished=MOMENT))
        assert [run.started for run in recent_runs(connection)] == [MOMENT]


IN_THEIR_ORDER = (
    "submissions", "claims", "sendings", "lines", "remittances", "claim_payments", "service_payments", "adjustments",
    "provider_adjustments", "legs", "entries", "seals",
)  # fmt: skip
FORMER_COLUMNS = {"hold_reason": "held_because", "match_rule": "matched_by"}
LATER_COLUMNS = {"likely_claim_control_number"}
FORMER_WORDING = {
    "control_number": "control number",
    "procedure_modifiers_date_charge": "procedure, modifiers, date, charge",
}


def in_schema_0003(name: str, row: tuple[object, ...]) -> dict[str, object]:
    """A row of today under the column names, and in the words, of the first released version."""
    columns = schema.metadata.tables[name].columns.keys()
    cells = {FORMER_COLUMNS.get(column, column): cell for column, cell in zip(columns, row, strict=True)}
    cells = {column: cell for column, cell in cells.items() if column not in LATER_COLUMNS}
    if "matched_by" in cells:
        cells["matched_by"] = FORMER_WORDING.get(str(cells["matched_by"]), cells["matched_by"])
    return cells


def test_what_plbs_took_back_before_is_worked_out_by_the_migration(tmp_path, database, request):
    """In the ledger of before the WO named a claim, and nothing came of it."""
    engine = empty_database(tmp_path, database, request)
    with closing(new_ledger(tmp_path)) as today:
        send(today, tmp_path, encounter("A1"))
        payment = answer("A1-1", service("99213", 100, 80, "CO-45 20"))
        receive_sets(today, tmp_path, remittance("T1", payment))
        receive_sets(today, tmp_path, remittance("T2", plb=[provider_adjustment("WO", 30, "NOT YET")]))
        kept = dump(today)
    with engine.begin() as connection:
        upgrade_from_nothing(connection, "0003")
        for function in ("entry_balances", "entry_is_sealed") if database == "postgresql" else ():
            # the frozen ones are those of a ledger in the schema public
            connection.execute(text(f"ALTER FUNCTION {function}() SET search_path FROM CURRENT"))
        for name in IN_THEIR_ORDER:
            for row in kept[name]:
                cells = in_schema_0003(name, row)
                cells |= {"reference": "ICN1"} if name == "provider_adjustments" else {}
                connection.execute(table(name, *map(column, cells)).insert().values(cells))
    url = engine.url.render_as_string(hide_password=False)
    engine.dispose()
    assert migrate(url).before == "0003"
    with closing(open_ledger(url)) as ledger:
        (claim,) = rows(ledger, "claims")
        assert (claim["insurance_paid"], claim["open"], claim["status"]) == ("50.00", "30.00", "open")
        with ledger.reading() as connection:
            assert audit(connection).problems == []


def test_a_migration_that_fails_leaves_the_ledger_as_it_was(tmp_path):
    url = filled(tmp_path)
    migrations = migrations_with_a_next_version(tmp_path, more='op.execute("SELECT no_such_column FROM claims")')
    with pytest.raises(LedgerError, match="no_such_column"):
        migrate(url, migrations)
    with closing(open_ledger(url)) as ledger, ledger.reading() as connection:
        assert audit(connection).problems == []


@pytest.mark.sqlite
def test_a_file_is_copied_first_for_its_owner_only_and_never_over_another_copy(tmp_path):
    url = filled(tmp_path)
    migrations = migrations_with_a_next_version(tmp_path)
    copy = migrate(url, migrations).copy
    assert copy is not None
    assert copy == tmp_path / "claimloop.db.0005.backup"
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    with closing(open_ledger(f"sqlite:///{copy}")) as before, before.reading() as connection:
        assert audit(connection).entries == 2
    with closing(sqlite3.connect(tmp_path / "claimloop.db")) as file:
        file.execute("UPDATE schema_version SET version_num = '0005'")
        file.commit()
    with pytest.raises(LedgerError, match=r"cannot keep a copy of the ledger as .*: File exists"):
        migrate(url, migrations)


def test_a_version_that_nobody_knows_is_refused(tmp_path):
    url = filled(tmp_path)
    with closing(open_ledger(url)) as ledger, ledger.writing() as connection:
        connection.execute(schema.schema_version.update().values(version_num="9999"))
    with pytest.raises(LedgerError, match="9999, which is unknown"):
        migrate(url)
    assert list(tmp_path.glob("*.backup")) == []


@pytest.mark.sqlite
def test_there_is_nothing_to_migrate_where_there_is_no_ledger(tmp_path):
    with pytest.raises(LedgerError, match="there is no ledger"):
        migrate(f"sqlite:///{tmp_path / 'none.db'}")


# The models and the migrations agree.


def upgrade_from_nothing(connection: Connection, to: str = "head") -> None:
    config = Config()
    config.set_main_option("script_location", MIGRATIONS)
    config.attributes["connection"] = connection
    command.upgrade(config, to)


def shape(connection: Connection) -> list[tuple[object, ...]]:
    """All tables, indexes, constraints, triggers and functions, but for the one table that alembic makes."""
    if connection.dialect.name == "sqlite":
        queries = ["SELECT type, name, tbl_name, sql FROM sqlite_master WHERE tbl_name <> 'schema_version'"]
    else:
        here = "n.nspname = current_schema()"
        queries = [
            "SELECT table_name, column_name, data_type, is_nullable, collation_name FROM information_schema.columns "
            "WHERE table_schema = current_schema() AND table_name <> 'schema_version'",
            "SELECT tablename, replace(indexdef, current_schema() || '.', '') FROM pg_indexes "
            "WHERE schemaname = current_schema() AND tablename <> 'schema_version'",
            f"SELECT conrelid::regclass::text, contype::text, pg_get_constraintdef(c.oid) FROM pg_constraint c "
            f"JOIN pg_namespace n ON n.oid = c.connamespace WHERE {here} AND conrelid::regclass::text <> 'schema_version'",
            f"SELECT replace(pg_get_triggerdef(t.oid), current_schema() || '.', '') FROM pg_trigger t "
            f"JOIN pg_class r ON r.oid = t.tgrelid JOIN pg_namespace n ON n.oid = r.relnamespace "
            f"WHERE {here} AND NOT tgisinternal",
            f"SELECT proname, prosrc FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE {here}",
        ]
    return sorted((tuple(row) for query in queries for row in connection.execute(text(query))), key=repr)


def _plain(shapes: list[tuple[object, ...]]) -> list[tuple[object, ...]]:
    return [tuple(" ".join(str(cell).split()) for cell in row) for row in shapes]


def test_the_migrations_end_in_the_schema_that_a_new_ledger_has(tmp_path, database, request):
    with closing(new_ledger(tmp_path)) as ledger, ledger.reading() as connection:
        wanted = _plain(shape(connection))
    assert len(wanted) > 40
    engine = empty_database(tmp_path, database, request)
    with engine.begin() as connection:
        upgrade_from_nothing(connection)
        assert _plain(shape(connection)) == wanted
    engine.dispose()


def empty_database(folder: Path, database: str, request: pytest.FixtureRequest) -> Engine:
    if database == "sqlite":
        return create_engine(f"sqlite:///{folder / 'empty.db'}")
    schemas = request.getfixturevalue("schemas")
    assert isinstance(schemas, Schemas)
    return postgres.drive(make_url(schemas.new()))
