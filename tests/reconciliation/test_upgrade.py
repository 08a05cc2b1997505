"""A ledger that an older version wrote is carried over: nothing is lost, and its exports stay as they were."""

import csv
import io
import lzma
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import get_args

import psycopg
import pytest
from sqlalchemy import Connection, text

from claimloop.reconciliation.audit import audit
from claimloop.reconciliation.configuration.as_of import AsOf
from claimloop.reconciliation.decisions.decide import Decider, DecisionError
from claimloop.reconciliation.ledger import schema
from claimloop.reconciliation.ledger.connection import Ledger, LedgerError, open_ledger
from claimloop.reconciliation.ledger.stored_codes import HoldReason, MatchRule, Settlement
from claimloop.reconciliation.migrate import migrate
from claimloop.reconciliation.posting.dispositions import Dispositions
from claimloop.reconciliation.queries.explain_match import explain_claim
from claimloop.reconciliation.queries.export import export
from claimloop.reconciliation.queries.suspense import suspense
from claimloop.reconciliation.queries.views import VIEWS
from claimloop.reconciliation.run_record import recent_runs
from claimloop.reconciliation.worklists.registry import WORKLISTS
from claimloop.tests.reconciliation.databases import Schemas
from claimloop.tests.reconciliation.making import (
    MOMENT,
    answer,
    new_ledger,
    prove,
    receive_sets,
    remittance,
    rows,
    service,
)

OLD = Path(__file__).parents[1] / "data" / "ledgers" / "0004"
ITS_SCHEMA = "claimloop_schema_of_0004"
AS_OF = AsOf(date(2026, 12, 1), everything=True)
NEW_COLUMNS = {"hold_reason"}
WORDED = {"suspense": "reason"}
"""The column of an output whose wording changed."""

WORDED_LISTS = WORDED | {"provider": "alarm", "deadlines": "said"}
"""The column of a work list whose wording changed."""

assert new_ledger is not None  # it makes conftest run each test on both databases

WORDS_OF_0004 = {
    "no such claim was submitted": "no_claim_matches",
    "the control number is known, but it is another patient's or service's claim": "other_patient_or_service",
    "more than one claim fits": "several_claims_match",
    "no line fits": "no_line_matches",
    "an amount is no money": "invalid_amount",
    "part of it cannot be read": "unreadable_payment",
    "it does not balance": "payment_out_of_balance",
    "its charge is negative, and it is no reversal": "negative_charge",
    "a predetermination pays nothing": "status_allows_no_payment",
    "a payment with claim status 23 pays nothing": "status_allows_no_payment",
    "a payment with claim status 25 pays nothing": "status_allows_no_payment",
    "already adjudicated, and not reversed": "already_adjudicated",
    "its charge exceeds the submitted one": "charge_exceeds_submitted",
    "reverses other amounts than were paid": "reversal_amounts_differ",
    "reverses what was never posted": "reversal_of_unposted_payment",
    "the same payment came before with other content": "same_payment_differs",
    "the payment's own data cannot be read": "unreadable_remittance",
    "a notice only: no money came with it": "notice_only",
    "the payment differs from its claims and provider adjustments": "remittance_out_of_balance",
}


def unpacked(name: str) -> bytes:
    return lzma.decompress((OLD / name).read_bytes())


def old_ledger(folder: Path, database: str, request: pytest.FixtureRequest, *statements: str) -> str:
    """The ledger of 0004 on this database, after some statements of somebody's; its URL."""
    if database == "sqlite":
        path = folder / "ledger.db"
        path.write_bytes(unpacked("ledger.db.xz"))
        with closing(sqlite3.connect(path)) as file:
            for statement in statements:
                file.execute(statement)
            file.commit()
        return f"sqlite:///{path}"
    schemas = request.getfixturevalue("schemas")
    assert isinstance(schemas, Schemas)
    url = schemas.new()
    with psycopg.connect(url, autocommit=True) as connection:
        (name,) = connection.execute("SELECT current_schema()").fetchone() or ("",)
        connection.execute(unpacked("ledger.sql.xz").replace(ITS_SCHEMA.encode(), str(name).encode()))
        for statement in statements:
            connection.execute(statement.encode())
    return url


@pytest.fixture
def migrated(tmp_path: Path, database: str, request: pytest.FixtureRequest) -> Iterator[Ledger]:
    url = old_ledger(tmp_path, database, request)
    done = migrate(url)
    assert (done.before, done.after) == ("0004", schema.SCHEMA_VERSION)
    with closing(open_ledger(url)) as ledger:
        yield ledger


def before(name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO((OLD / "outputs" / f"{name}.csv").read_text(), newline="")))


def exported(connection: Connection, name: str) -> str:
    out = io.StringIO(newline="")
    export(VIEWS[name].rows(connection), VIEWS[name].row, "csv", out)
    return out.getvalue()


def test_it_is_not_opened_before_it_is_migrated(tmp_path, database, request):
    url = old_ledger(tmp_path, database, request)
    with pytest.raises(
        LedgerError, match=r"has ledger schema 0004, but this claimloop needs .*: run `claimloop migrate`"
    ):
        open_ledger(url)


def test_its_audit_is_clean(migrated):
    with migrated.reading() as connection:
        found = audit(connection)
    assert found.problems == []
    assert f'"entries":{found.entries},' in (OLD / "outputs" / "audit.txt").read_text()
    prove(migrated)


def test_every_other_export_gives_the_same_bytes(migrated):
    with migrated.reading() as connection:
        for name in VIEWS.keys() - WORDED.keys():
            assert exported(connection, name).encode() == (OLD / "outputs" / f"export-{name}.csv").read_bytes(), name


def same_but_for_words(old: list[dict[str, str]], new: list[dict[str, str]], worded: str | None) -> None:
    """The columns are the old ones in their order and then new ones, the cells the same but for the wording."""
    assert len(old) == len(new)
    for was, now in zip(old, new, strict=True):
        assert list(now)[: len(was)] == list(was)
        assert set(now) - set(was) <= NEW_COLUMNS
        assert {name: now[name] for name in was if name != worded} == {
            name: cell for name, cell in was.items() if name != worded
        }


def test_the_export_of_suspense_has_a_code_for_each_sentence(migrated):
    old = before("export-suspense")
    with migrated.reading() as connection:
        new = list(csv.DictReader(io.StringIO(exported(connection, "suspense"), newline="")))
    same_but_for_words(old, new, "reason")
    for was, now in zip(old, new, strict=True):
        sentence = was["reason"].removeprefix("reversal of: ")
        assert now["hold_reason"] == WORDS_OF_0004[sentence]
        assert now["reason"].startswith("reversal of: ") == was["reason"].startswith("reversal of: ")
        assert ("23" in now["reason"], "25" in now["reason"]) == ("23" in sentence, "25" in sentence)


def test_every_work_list_has_the_same_rows(migrated):
    with migrated.reading() as connection:
        for name, worklist in WORKLISTS.items():
            out = io.StringIO(newline="")
            export(worklist.rows(connection, AS_OF), worklist.row, "csv", out)
            new = list(csv.DictReader(io.StringIO(out.getvalue(), newline="")))
            same_but_for_words(before(f"worklist-{name}"), new, WORDED_LISTS.get(name))


def test_every_row_has_a_code_and_no_sentence(migrated):
    queries = {
        "SELECT hold_reason FROM suspense": get_args(HoldReason),
        "SELECT hold_reason FROM remittances WHERE hold_reason <> ''": get_args(HoldReason),
        "SELECT match_rule FROM claim_payments": get_args(MatchRule),
        "SELECT match_rule FROM service_payments": get_args(MatchRule),
        "SELECT settled_by FROM suspense WHERE settles_id IS NOT NULL": get_args(Settlement),
    }
    with migrated.reading() as connection:
        for query, codes in queries.items():
            found = set(connection.scalars(text(query)))
            assert found
            assert found <= set(codes) - {"other"} | ({"other"} if "settled_by" in query else set())
        assert connection.execute(text("SELECT * FROM former_texts")).all() == []


def test_what_settled_an_item_is_kept_as_code_and_claim(migrated):
    query = (
        "SELECT settled_by, settled_claim_control_number, count(*) FROM suspense WHERE settles_id IS NOT NULL"
        " GROUP BY settled_by, settled_claim_control_number"
    )
    with migrated.reading() as connection:
        found = {(how, claim): count for how, claim, count in connection.execute(text(query))}
    assert found == {
        ("posted", "A2-1"): 1, ("posted", "A7-1"): 1, ("posted", "A8-1"): 1, ("posted", "A24-1"): 1,
        ("posted", "A28-1"): 1, ("posted", "A29-1"): 1, ("refunded", None): 2, ("written_off", None): 2,
        ("other", None): 1,
    }  # fmt: skip


def test_a_note_that_reads_like_a_posting_is_still_a_note(migrated):
    """ "settled: posted to A3-1 by another system" was a person's note about money put to another use."""
    with migrated.writing() as connection:
        item = connection.scalar(text("SELECT settles_id FROM suspense WHERE settled_by = 'other'"))
        with pytest.raises(DecisionError, match=r"put to another use \(posted to A3-1 by another system\)"):
            Decider(connection, Dispositions(), "2026-12-01T08:00:00").end(item, "refund-suspense", date(2026, 12, 1))


def test_the_likely_claim_of_a_held_payment_is_kept(migrated):
    with migrated.reading() as connection:
        held = [each for each in explain_claim(connection, "A10-1") if each.hold_reasons]
        query = "SELECT likely_claim_control_number FROM claim_payments WHERE claim_id IS NOT NULL"
        assert set(connection.scalars(text(query))) == {None}
    assert [(each.likely_claim, each.rule, each.hold_reasons) for each in held] == [
        ("A10-1", "", ("reversal_of_unposted_payment",))
    ]


def test_the_records_of_its_runs_can_be_read(migrated):
    with migrated.reading() as connection:
        assert [run.day for run in recent_runs(connection)] == [date(2026, 9, 28), date(2026, 10, 20)]


def test_a_further_remittance_settles_what_waits_in_it(migrated, tmp_path):
    """The reversal of A10-1 came first, in the old version; the payment that it reverses comes now."""
    original = answer(
        "A10-1",
        service("99213", 100, 70, "CO-45 20", "PR-2 10", number="A101L01", modifiers=("25",)),
        service("17000", 50, 50, number="A101L02"),
        payer_claim_number="ICNA10",
    )
    (receipt,) = receive_sets(migrated, tmp_path, remittance("N1", original))
    assert receipt.outcome == "posted"
    waiting = Counter(row["claim_control_number"] for row in rows(migrated, "suspense"))
    assert waiting["A10-1"] == 0
    (claim,) = [row for row in rows(migrated, "claims") if row["claim_control_number"] == "A10-1"]
    assert (claim["insurance_paid"], claim["open"]) == ("0.00", "150.00")
    with migrated.reading() as connection:
        assert audit(connection).problems == []
        settled = text("SELECT settled_by, settled_claim_control_number, hold_reason FROM suspense ORDER BY id DESC")
        assert connection.execute(settled).first() == ("posted", "A10-1", "reversal_of_unposted_payment")
    prove(migrated)


def test_items_of_it_can_be_resolved(migrated):
    with migrated.writing() as connection:
        decider = Decider(connection, Dispositions(), MOMENT.isoformat(timespec="seconds"))
        for row in list(suspense(connection)):
            if row.claim_control_number is None:
                decider.end(row.item, "refund-suspense", MOMENT.date())
    with migrated.reading() as connection:
        assert audit(connection).problems == []


def worded(table: str, column: str, value: str, where: str) -> str:
    """A statement that puts another sentence into rows."""
    quoted = value.replace("'", "''")
    return f"UPDATE {table} SET {column} = '{quoted}' WHERE {where}"


def unguarded(database: str, *tables: str) -> tuple[str, ...]:
    if database == "sqlite":
        return tuple(f"DROP TRIGGER {table}_refuses_update" for table in tables)
    return tuple(f"ALTER TABLE {table} DISABLE TRIGGER USER" for table in tables)


def guarded(database: str, *tables: str) -> tuple[str, ...]:
    if database == "sqlite":
        return tuple(
            f"CREATE TRIGGER {table}_refuses_update BEFORE UPDATE ON {table} BEGIN SELECT RAISE(ABORT, 'no'); END"
            for table in tables
        )
    return tuple(f"ALTER TABLE {table} ENABLE TRIGGER USER" for table in tables)


def test_every_sentence_that_a_version_stored_has_its_code(tmp_path, database, request):
    """Each in two rows, as it is and as a reversal's; those that no file can cause any more are among them."""
    old_ledger(tmp_path, "sqlite", request)
    with closing(sqlite3.connect(tmp_path / "ledger.db")) as file:
        ids = [row[0] for row in file.execute("SELECT id FROM suspense WHERE settles_id IS NULL ORDER BY id")]
    pairs = list(zip(WORDS_OF_0004, ids[::2], ids[1::2], strict=False))
    assert len(pairs) == len(WORDS_OF_0004)
    url = old_ledger(
        tmp_path, database, request,
        *unguarded(database, "suspense"),
        *(worded("suspense", "reason", sentence, f"id = {one}") for sentence, one, _ in pairs),
        *(worded("suspense", "reason", f"reversal of: {sentence}", f"id = {other}") for sentence, _, other in pairs),
        *guarded(database, "suspense"),
    )  # fmt: skip
    migrate(url)
    with closing(open_ledger(url)) as ledger, ledger.reading() as connection:
        found = {row: code for row, code in connection.execute(text("SELECT id, hold_reason FROM suspense"))}  # noqa: C416
        for sentence, one, other in pairs:
            assert (found[one], found[other]) == (WORDS_OF_0004[sentence], WORDS_OF_0004[sentence])
        assert connection.execute(text("SELECT * FROM former_texts")).all() == []


def test_a_sentence_that_no_version_stored_is_kept_and_shown(tmp_path, database, request):
    tables = "suspense", "remittances", "claim_payments", "service_payments"
    url = old_ledger(
        tmp_path, database, request,
        *unguarded(database, *tables),
        worded("suspense", "reason", "the moon wasn't full", "id = 1"),
        worded("remittances", "held_because", "no stamp", "trace_number = 'R2'"),
        worded("claim_payments", "matched_by", "a guess", "id = 1"),
        worded("service_payments", "matched_by", "another guess", "claim_payment_id = 1 AND ordinal = 1"),
        *guarded(database, *tables),
    )  # fmt: skip
    migrate(url)
    with closing(open_ledger(url)) as ledger, ledger.reading() as connection:
        item = next(row for row in suspense(connection) if row.item == 1)
        assert (item.reason, item.hold_reason) == ("the moon wasn't full", "other")
        kept = connection.execute(text("SELECT table_name, ordinal, text FROM former_texts ORDER BY table_name")).all()
        assert [tuple(row) for row in kept] == [
            ("claim_payments", 0, "a guess"), ("remittances", 0, "no stamp"),
            ("service_payments", 1, "another guess"), ("suspense", 0, "the moon wasn't full"),
        ]  # fmt: skip
        assert connection.scalar(text("SELECT hold_reason FROM remittances WHERE trace_number = 'R2'")) == "other"
        assert connection.scalar(text("SELECT match_rule FROM claim_payments WHERE id = 1")) == "other"
        assert audit(connection).problems == []


@pytest.mark.sqlite
def test_the_triggers_refuse_changes_again(tmp_path, request):
    url = old_ledger(tmp_path, "sqlite", request)
    migrate(url)
    with closing(sqlite3.connect(tmp_path / "ledger.db")) as file:
        for table in ("suspense", "remittances", "claim_payments", "service_payments"):
            with pytest.raises(sqlite3.IntegrityError, match="append only"):
                file.execute(
                    f"UPDATE {table} SET charge = 1" if "payments" in table else f"UPDATE {table} SET amount = 1"
                )
