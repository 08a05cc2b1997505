"""What waits for a person, with its money, the most first; gone from the list once it is worked."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import msgspec
import pytest

from claimloop.builders.encounters.encounter import Coverage
from claimloop.edi.columns import fields_of, mark_of, names_of
from claimloop.reconciliation.claims.manual_entries import ManualEntry
from claimloop.reconciliation.configuration.as_of import AsOf
from claimloop.reconciliation.decisions.decide import Decider
from claimloop.reconciliation.ledger.connection import Ledger
from claimloop.reconciliation.posting.dispositions import Dispositions
from claimloop.reconciliation.worklists.registry import WORKLISTS, counted_rows
from claimloop.tests.reconciliation.making import (
    Cell,
    answer,
    encounter,
    receive_sets,
    remittance,
    reversal,
    service,
    service_line,
    submitted,
    work,
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
    found = work(ledger, name, AsOf(TODAY))
    assert all(tuple(row) == names_of(WORKLISTS[name].row) for row in found)
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


# What every list has.


def test_every_list_has_words_and_a_place_of_its_own_in_the_report():
    every = list(WORKLISTS.values())
    assert sorted(each.urgency for each in every) == list(range(1, len(every) + 1))
    assert all(each.title and each.about and each.one and each.many for each in every)
    assert [name for name, each in WORKLISTS.items() if each.name != name] == []


@pytest.mark.parametrize("name", WORKLISTS)
def test_the_amount_at_stake_is_a_column_of_money(name):
    worklist = WORKLISTS[name]
    (mark,) = (mark_of(hint) for column, hint in fields_of(worklist.row) if column == worklist.money)
    assert mark is not None
    assert mark.kind == "money"


def test_a_list_without_its_column_of_money_is_refused():
    with pytest.raises(TypeError, match="work list denials: rows have no field owing"):
        msgspec.structs.replace(WORKLISTS["denials"], money="owing")


def test_a_list_counts_its_rows_in_words():
    assert [WORKLISTS["denials"].counted(count) for count in (0, 1, 12)] == [
        "no denied lines", "1 denied line", "12 denied lines",
    ]  # fmt: skip
    assert counted_rows("a list of an older version", 2) == "2 a list of an older version"
