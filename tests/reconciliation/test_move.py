"""A ledger is copied whole to the other kind of database, and goes on there."""

from contextlib import closing
from pathlib import Path

import pytest

from claimloop.reconciliation.audit import audit
from claimloop.reconciliation.ledger import copy
from claimloop.reconciliation.ledger.connection import LedgerError, open_ledger
from claimloop.reconciliation.migrate import move
from claimloop.tests.reconciliation.databases import Schemas
from claimloop.tests.reconciliation.making import (
    answer,
    dump,
    encounter,
    new_ledger,
    provider_adjustment,
    receive_sets,
    remittance,
    reversal,
    send,
    service,
)

FIRST = answer("A1-1", service("99213", 100, 80, "CO-45 20"))
CORRECTED = answer("A1-1", service("99213", 100, 70, "CO-45 20", "PR-2 10"))


def filled(folder: Path) -> str:
    """A ledger with a payment, its reversal and correction, an item in suspense and a provider-level adjustment."""
    with closing(new_ledger(folder)) as ledger:
        send(ledger, folder, encounter("A1"), encounter("A2"))
        unknown = answer("NOBODY", service("99213", 100, 80, "CO-45 20"))
        receive_sets(ledger, folder, remittance("T1", FIRST, unknown, plb=[provider_adjustment("L6", -3)]))
        receive_sets(ledger, folder, remittance("T2", reversal(FIRST), CORRECTED))
        return ledger.url.render_as_string(hide_password=False)


def other(folder: Path, database: str, request: pytest.FixtureRequest) -> str:
    """The URL of an empty database of the other kind."""
    if database == "postgresql":
        return f"sqlite:///{folder / 'moved.db'}"
    schemas = request.getfixturevalue("schemas")
    assert isinstance(schemas, Schemas)
    return schemas.new()


def test_every_row_arrives_and_the_audit_is_clean(tmp_path, database, request, monkeypatch):
    monkeypatch.setattr(copy, "_AT_ONCE", 1)
    url, to = filled(tmp_path), other(tmp_path, database, request)

    moved = move(url, to)

    with closing(open_ledger(url)) as before, closing(open_ledger(to)) as after:
        kept = dump(before)
        assert dump(after) == kept
    assert moved.rows == sum(map(len, kept.values())) - len(kept["schema_version"])
    assert (moved.audit.claims, moved.audit.remittances, moved.audit.problems) == (2, 2, [])


def test_the_copy_receives_the_next_remittance_and_knows_the_last_one(tmp_path, database, request):
    to = other(tmp_path, database, request)
    move(filled(tmp_path), to)

    with closing(open_ledger(to)) as ledger:
        (again,) = receive_sets(ledger, tmp_path, remittance("T2", reversal(FIRST), CORRECTED))
        (new,) = receive_sets(ledger, tmp_path, remittance("T3", answer("A2-1", service("99213", 100, 80, "CO-45 20"))))
        with ledger.reading() as connection:
            assert audit(connection).problems == []
    assert (again.outcome, new.outcome) == ("known", "posted")


def test_a_ledger_with_data_is_not_copied_over(tmp_path, database, request):
    url, to = filled(tmp_path), other(tmp_path, database, request)
    move(url, to)

    with pytest.raises(LedgerError, match="already has a ledger with data; copy into a new one"):
        move(url, to)
