"""The audit finds nothing in a ledger that claimloop wrote, and whatever somebody changed behind its back."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from claimloop.reconciliation.audit import Audit, audit
from claimloop.reconciliation.ledger.connection import Ledger
from claimloop.tests.reconciliation.decisions.test_decide import decide_everything, send_two
from claimloop.tests.reconciliation.making import (
    answer,
    copied,
    encounter,
    new_ledger,
    provider_adjustment,
    receive_sets,
    remittance,
    reversal,
    send,
    service,
    service_line,
)


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    """A little of everything: payments, a reversal, provider adjustments, suspense, decisions."""
    ledger = copied(tmp_path, write_a_little_of_everything)
    yield ledger
    ledger.close()


def write_a_little_of_everything(ledger: Ledger, folder: Path) -> None:
    send_two(ledger, folder)
    decide_everything(ledger, folder)
    send(ledger, folder, encounter("A3", service_line("99213", 100), service_line("17000", 50)))
    payment = answer("A3-1", service("99213", 100, 60, "CO-45 20", "PR-3 20"), service("17000", 50, 0, "CO-50 50"))
    receive_sets(ledger, folder, remittance("T7", payment, plb=[provider_adjustment("WO", 10, "A3-1")]))
    receive_sets(ledger, folder, remittance("T8", reversal(payment), answer("X1", service("99213", 9, 9))))


def prove(ledger: Ledger) -> Audit:
    with ledger.reading() as connection:
        return audit(connection)


def test_a_ledger_that_claimloop_wrote_is_clean(ledger):
    result = prove(ledger)
    assert result.problems == []
    assert (result.claims, result.lines, result.remittances) == (3, 5, 5)
    assert result.entries > 10


def test_an_empty_ledger_is_clean(tmp_path):
    with closing(new_ledger(tmp_path)) as ledger:
        assert prove(ledger).clean


TAMPERING = {
    "a leg's amount, in pairs": (
        "UPDATE legs SET amount = amount + 1 WHERE entry_id = 1 AND number = 1;"
        "UPDATE legs SET amount = amount - 1 WHERE entry_id = 1 AND number = 2",
        "were changed after",
    ),
    "a leg's amount": ("UPDATE legs SET amount = amount + 1 WHERE entry_id = 2 AND number = 1", "do not sum to zero"),
    "the day of an entry": ("UPDATE entries SET day = '2020-01-01' WHERE id = 3", "were changed after"),
    "an entry": ("DELETE FROM legs WHERE entry_id = 4; DELETE FROM entries WHERE id = 4", "were changed after"),
    "an entry without its legs": ("DELETE FROM entries WHERE id = 4", "entry 4 is missing, but its legs exist"),
    "a seal": ("DELETE FROM seals WHERE id = 2", "seal 2 is missing"),
    "the newest seal": ("DELETE FROM seals WHERE id = (SELECT max(id) FROM seals)", "were never sealed"),
    "a remittance's amount": ("UPDATE remittances SET amount = amount + 5 WHERE id = 1", "difference 0.05"),
    "an item of suspense": ("UPDATE suspense SET amount = amount + 5 WHERE id = 1", "its items total"),
    "a charge": ("UPDATE lines SET charge = charge + 5 WHERE id = 2", "submitted 100.05"),
    "a disposition": ("UPDATE adjustments SET disposition = 'open' WHERE disposition = 'contractual'", "the payments total 0.00"),
    "what a decision says": ("DELETE FROM decisions WHERE kind = 'transfer'", "written_off is 5.00, but the payments total 0.00"),
    "what was recouped": ("UPDATE recoupments SET amount = amount + 5 WHERE id = 1", "A3-1: 0.05 recouped, 0.00 due"),
    "who recouped it": ("UPDATE recoupments SET payer_id = 'X' WHERE id = 1", "A3-1: 0.00 recouped, 0.00 due"),
    "what a PLB takes back": ("UPDATE recoveries SET amount = 9000", "differs from its recorded recovery"),
    "that a PLB takes something back": ("DELETE FROM recoveries", "differs from its recorded recovery"),
    "a row that others point to": ("DELETE FROM remittances WHERE id = 1", "refers to a missing row of remittances"),
}  # fmt: skip


@pytest.mark.sqlite
@pytest.mark.parametrize("what", TAMPERING)
def test_what_was_changed_behind_the_triggers_is_found(ledger, tmp_path, what):
    statements, problem = TAMPERING[what]
    with closing(sqlite3.connect(tmp_path / "claimloop.db")) as file:
        for (name,) in file.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            file.execute(f"DROP TRIGGER {name}")
        file.executescript(statements)
        file.commit()
    assert problem in "\n".join(prove(ledger).problems)
