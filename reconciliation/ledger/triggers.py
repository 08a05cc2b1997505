"""Triggers that make the database itself reject a wrong entry, with the same effect on SQLite and PostgreSQL.

Those of PostgreSQL check a whole statement at once: one query checks a COPY of many rows.
"""

from collections.abc import Iterator, Sequence

from sqlalchemy import Connection

UNBALANCED = "the legs of an entry must sum to zero, line by line"
SEALED = "a posted entry takes no further leg"

WRITERS_LOCK = 0x_C1A1_100B - (1 << 32)
"""The first half of the advisory lock's key that every writer of a ledger on PostgreSQL holds (32 bits, signed)."""

TAKE_WRITERS_LOCK = f"pg_advisory_xact_lock({WRITERS_LOCK}, current_schema()::regnamespace::oid::integer)"
"""SQL: wait until no other transaction writes to the ledger in the current schema; held until this one ends."""


def create_triggers(connection: Connection, append_only: Sequence[str]) -> None:
    """Create the triggers of entries and legs, and those that keep the `append_only` tables unchanged."""
    for statement in _of_entries(connection):
        connection.exec_driver_sql(statement)
    keep_as_written(connection, append_only)


def keep_as_written(connection: Connection, tables: Sequence[str]) -> None:
    """Create the triggers that reject UPDATE, DELETE, and TRUNCATE on these tables."""
    for table in tables:
        for statement in _refusing_changes(connection, table):
            connection.exec_driver_sql(statement)


def _of_entries(connection: Connection) -> Iterator[str]:
    if connection.dialect.name == "sqlite":
        yield f"""CREATE TRIGGER entry_balances AFTER INSERT ON entries
            WHEN NOT EXISTS (SELECT 1 FROM legs WHERE entry_id = NEW.id)
              OR EXISTS (SELECT 1 FROM legs WHERE entry_id = NEW.id GROUP BY line_id HAVING sum(amount) <> 0)
            BEGIN SELECT RAISE(ABORT, '{UNBALANCED}'); END"""
        yield f"""CREATE TRIGGER entry_is_sealed BEFORE INSERT ON legs
            WHEN EXISTS (SELECT 1 FROM entries WHERE id = NEW.entry_id)
            BEGIN SELECT RAISE(ABORT, '{SEALED}'); END"""
        return
    yield _refusing_function(
        connection, "entry_balances", UNBALANCED,
        """EXISTS (
            SELECT 1 FROM added LEFT JOIN legs ON legs.entry_id = added.id
            GROUP BY added.id, legs.line_id HAVING count(legs.entry_id) = 0 OR sum(legs.amount) <> 0)""",
    )  # fmt: skip
    yield _refusing_function(
        connection,
        "entry_is_sealed",
        SEALED,
        "EXISTS (SELECT 1 FROM added JOIN entries ON entries.id = added.entry_id)",
    )
    for function, table in (("entry_balances", "entries"), ("entry_is_sealed", "legs")):
        yield f"""CREATE TRIGGER {function} AFTER INSERT ON {table}
            REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION {function}()"""
    yield """CREATE FUNCTION ledger_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            RAISE EXCEPTION USING ERRCODE = 'integrity_constraint_violation',
                MESSAGE = TG_TABLE_NAME || ': the ledger is append only';
        END $$"""


def _refusing_function(connection: Connection, name: str, message: str, wrong: str) -> str:
    """Return the SQL of a PostgreSQL trigger function that raises an error if `wrong` is true for the rows `added`.

    It takes the writers' lock, so that its query sees every entry and leg of other transactions. A snapshot older than
    the lock could miss some, so it allows only READ COMMITTED. It sets the search_path, so that its tables are always
    the ledger's. It always uses indexes: PostgreSQL keeps a plan for the session, and one made for a large statement
    would read the whole journal for each small one.
    """
    schema = connection.exec_driver_sql("SELECT quote_ident(current_schema())").scalar_one()
    return f"""CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql
        SET search_path = {schema}, pg_temp
        SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off
        AS $$ BEGIN
            IF current_setting('transaction_isolation') <> 'read committed' THEN
                RAISE EXCEPTION 'entries are posted in READ COMMITTED transactions only'
                    USING ERRCODE = 'invalid_transaction_state';
            END IF;
            PERFORM {TAKE_WRITERS_LOCK};
            IF {wrong} THEN
                RAISE EXCEPTION '{message}' USING ERRCODE = 'integrity_constraint_violation';
            END IF;
            RETURN NULL;
        END $$"""


def _refusing_changes(connection: Connection, table: str) -> Iterator[str]:
    if connection.dialect.name == "sqlite":
        for verb in ("UPDATE", "DELETE"):
            yield f"""CREATE TRIGGER {table}_refuses_{verb.lower()} BEFORE {verb} ON {table}
                BEGIN SELECT RAISE(ABORT, '{table}: the ledger is append only'); END"""
        return
    yield f"""CREATE TRIGGER {table}_refuses_change BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}
        FOR EACH STATEMENT EXECUTE FUNCTION ledger_is_append_only()"""
