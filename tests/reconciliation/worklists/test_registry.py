"""What waits for a person, with its money, the most first; gone from the list once it is worked."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import msgspec
import pytest

from claimloop.builders.encounters.encounter import Coverage
from claimloop.reconciliation.claims.manual_entries import ManualEntry
from claimloop.reconciliation.configuration.as_of import AsOf
from claimloop.reconciliation.decisions.decide import Decider
from claimloop.reconciliation.ledger.connection import Ledger
from claimloop.reconciliation.posting.dispositions import Dispositions
from claimloop.reconciliation.queries.views import Cell
from claimloop.reconciliation.worklists.registry import COLUMNS, WORKLISTS
from claimloop.tests.reconciliation.making import (
    answer,
    encounter,
    receive_sets,
    remittance,
    reversal,
    service,
    service_line,
    submitted,
)

TODAY = date(2026, 10, 31)
SECOND = Coverage(payer_id="OTHER", payer_name="Second Plan", member_id="S2", filing_indicator="CI")


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    """A1-1 with two lines; A2-1 with one; A3-1 with one, and a second payer."""
    third = encounter("A3", service_line("99213", 100))
    ledger = submitted(
        tmp_path,
        encounter("A1", service_line("99213", 100), service_line("17000", 50)),
        encounter("A2", service_line("99213", 120)),
        msgspec.structs.replace(third, coverages=(*third.coverages, SECOND)),
    )
    yield ledger
    ledger.close()


def worklist(ledger: Ledger, name: str) -> list[dict[str, Cell]]:
    with ledger.reading() as connection:
        found = list(WORKLISTS[name](connection, AsOf(TODAY)))
    assert all(tuple(row) == COLUMNS[name] for row in found)
    return found


def enter(ledger: Ledger, kind: str, claim: str, amount: int) -> None:
    with ledger.writing() as connection:
        decision = msgspec.convert(
            {"kind": kind, "amount": str(amount), "day": "2026-10-05", "reference": f"{kind} {claim}", "claim": claim},
            ManualEntry,
        )
        Decider(connection, Dispositions(), "2026-10-05T08:00:00").take(decision)


def test_a_denial_waits_with_its_reasons_until_it_is_written_off(ledger, tmp_path):
    small = answer("A1-1", service("99213", 100, 80, "CO-45 20"), service("17000", 50, 0, "CO-197 50", remarks=("N1",)))
    large = answer("A2-1", service("99213", 120, 0, "CO-50 100", "CO-16 20", remarks=("M76", "MA130")))
    receive_sets(ledger, tmp_path, remittance("T1", small, large))
    first, second = worklist(ledger, "denials")
    assert (first["claim_control_number"], first["denied"], first["reasons"]) == ("A2-1", "120.00", ["CO-50", "CO-16"])
    assert (first["remarks"], first["days"], first["kind"]) == (["M76", "MA130"], 30, "necessity")
    assert (second["procedure"], second["kind"], second["remarks"]) == ("17000", "authorization", ["N1"])
    enter(ledger, "write-off", "A2-1", 120)
    assert [row["claim_control_number"] for row in worklist(ledger, "denials")] == ["A1-1"]
    receive_sets(ledger, tmp_path, remittance("T2", reversal(small)))
    assert worklist(ledger, "denials") == []


def test_suspense_is_listed_by_its_money(ledger, tmp_path):
    receive_sets(
        ledger,
        tmp_path,
        remittance("T1", answer("X1", service("99213", 10, 10)), answer("X2", service("99213", 90, 90))),
    )
    assert [(row["amount"], row["days"]) for row in worklist(ledger, "suspense")] == [("90.00", 30), ("10.00", 30)]


def test_what_the_next_payer_is_to_be_asked_for(ledger, tmp_path):
    assert worklist(ledger, "secondary") == []
    receive_sets(ledger, tmp_path, remittance("T1", answer("A3-1", service("99213", 100, 70, "CO-45 10", "PR-2 20"))))
    (row,) = worklist(ledger, "secondary")
    assert row == {
        "claim_control_number": "A3-1", "payer_name": "Invented Plan", "next_payer": "Second Plan", "turn": 2,
        "open": "20.00",
    }  # fmt: skip


def test_a_copay_is_no_credit_while_the_claim_is_open_and_one_afterwards(ledger, tmp_path):
    enter(ledger, "patient-payment", "A2-1", 30)
    assert worklist(ledger, "credits") == []
    receive_sets(ledger, tmp_path, remittance("T1", answer("A2-1", service("99213", 120, 90, "CO-45 20", "PR-3 10"))))
    (row,) = worklist(ledger, "credits")
    assert (row["claim_control_number"], row["whose"], row["credit"]) == ("A2-1", "patient", "20.00")


def test_what_payers_paid_twice_is_a_credit(ledger, tmp_path):
    enter(ledger, "payer-payment", "A2-1", 100)
    receive_sets(ledger, tmp_path, remittance("T1", answer("A2-1", service("99213", 120, 90, "CO-45 30"))))
    (row,) = worklist(ledger, "credits")
    assert (row["whose"], row["credit"]) == ("payer", "100.00")
