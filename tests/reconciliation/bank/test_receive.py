"""What the bank booked and what remittances announced: once each, and on a list while one waits for the other."""

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import msgspec
import pytest

from claimloop.edi.diagnostics import Diagnostic
from claimloop.edi.records.remittance import ClaimPayment
from claimloop.edi.records.service_payment import QualifiedAmount
from claimloop.reconciliation.bank.receive import Banked, is_bank_file, receive_deposits
from claimloop.reconciliation.claims.manual_entries import ManualEntry
from claimloop.reconciliation.configuration.as_of import AsOf
from claimloop.reconciliation.decisions.decide import Decider
from claimloop.reconciliation.ledger.connection import Ledger
from claimloop.reconciliation.posting.dispositions import Dispositions
from claimloop.tests.reconciliation.making import (
    PAYER,
    Cell,
    answer,
    encounter,
    provider_adjustment,
    receive_sets,
    remittance,
    service,
    submitted,
    work,
)

MOMENT = datetime(2026, 10, 20, 7, 0)


@pytest.fixture
def ledger(tmp_path: Path):
    """A1-1 with one line of 100.00."""
    ledger = submitted(tmp_path, encounter("A1"))
    yield ledger
    ledger.close()


def take(ledger: Ledger, folder: Path, *rows: str) -> Banked:
    path = folder / "bank.csv"
    path.write_text("\n".join(("date,amount,company,company_id,description,addenda", *rows)))
    assert is_bank_file(path)
    findings: list[Diagnostic] = []
    result = receive_deposits(path, ledger, MOMENT, findings.append)
    assert findings == []
    return result


def worklist(ledger: Ledger, name: str, today: date, *, everything: bool = True) -> list[dict[str, Cell]]:
    return work(ledger, name, AsOf(today, everything=everything))


def paid(amount: int) -> ClaimPayment:
    return answer("A1-1", service("99213", 100, amount, f"CO-45 {100 - amount}"))


EFT = f"2026-10-01,80.00,INVENTED PLAN,{PAYER},HCCLAIMPMT,TRN*1*T1*{PAYER}~"


def test_a_deposit_and_its_remittance_wait_for_one_another_and_are_late_after_four_business_days(ledger, tmp_path):
    receive_sets(ledger, tmp_path, remittance("T1", paid(80)))
    (row,) = worklist(ledger, "deposits", date(2026, 10, 2))
    assert (row["state"], row["trace_number"], row["amount"], row["late"]) == (
        "no deposit", "T1", "80.00", "not yet",
    )  # fmt: skip
    (row,) = worklist(ledger, "deposits", date(2026, 10, 9))
    assert row["late"] == "late"
    take(ledger, tmp_path, EFT)
    assert worklist(ledger, "deposits", date(2026, 10, 9)) == []


def test_a_deposit_without_a_remittance_is_listed_until_that_comes(ledger, tmp_path):
    take(ledger, tmp_path, EFT)
    (row,) = worklist(ledger, "deposits", date(2026, 10, 9))
    assert (row["state"], row["payer_name"], row["file"]) == ("no remittance", "INVENTED PLAN", "bank.csv:2")
    receive_sets(ledger, tmp_path, remittance("T1", paid(80)))
    assert worklist(ledger, "deposits", date(2026, 10, 9)) == []


def test_another_amount_than_announced_is_for_a_person(ledger, tmp_path):
    receive_sets(ledger, tmp_path, remittance("T1", paid(80)))
    take(ledger, tmp_path, EFT.replace("80.00", "75.50"))
    (row,) = worklist(ledger, "deposits", date(2026, 10, 2))
    assert row["state"] == "the bank has -4.50 more"


def test_statements_that_overlap_give_each_deposit_once(ledger, tmp_path):
    assert take(ledger, tmp_path, EFT, EFT).deposits == 2, "two alike in one statement are two"
    again = take(ledger, tmp_path, EFT, EFT, EFT.replace("T1", "T2"))
    assert (again.deposits, again.known, str(again.amount)) == (1, 2, "80.00")


# Provider-level money.


def plb(ledger: Ledger, folder: Path, trace: str, day: date, *adjustments: tuple[str, int, str]) -> None:
    told = [provider_adjustment(reason, amount, reference) for reason, amount, reference in adjustments]
    receive_sets(ledger, folder, remittance(trace, plb=told, day=day))


def register(ledger: Ledger, today: date = date(2026, 10, 31)) -> list[tuple[object, ...]]:
    """Everything that is not even."""
    return [
        (row["reason"], row["reference"], row["balance"], row["alarm"]) for row in worklist(ledger, "provider", today)
    ]


def due(ledger: Ledger, today: date = date(2026, 10, 31)) -> list[tuple[object, ...]]:
    """What somebody has to look at, and what is entered or booked of it."""
    return [
        (row["reference"], row["balance"], row["recouped"])
        for row in worklist(ledger, "provider", today, everything=False)
    ]


def test_what_is_given_for_good_moved_forward_or_booked_on_its_claim_is_for_nobody(ledger, tmp_path):
    receive_sets(ledger, tmp_path, remittance("T1", paid(80)))
    plb(ledger, tmp_path, "T2", date(2026, 10, 5), ("LS", -5, "BONUS"), ("FB", -40, "T2"), ("WO", 30, "ICN1"))
    assert due(ledger) == []
    assert len(register(ledger)) == 3


def test_what_was_recovered_for_an_unknown_claim_is_for_a_person_until_it_is_entered(ledger, tmp_path):
    receive_sets(ledger, tmp_path, remittance("T1", paid(80)))
    plb(ledger, tmp_path, "T2", date(2026, 10, 5), ("WO", 30, "OLD-77"))
    assert due(ledger) == [("OLD-77", "30.00", "0.00")]
    with ledger.writing() as connection:
        decision = ManualEntry("recoupment", Decimal(30), date(2026, 10, 6), "old 77", "A1-1")
        Decider(connection, Dispositions(), "2026-10-06T08:00:00").take(decision)
    assert due(ledger) == []


def test_a_forward_balance_is_open_until_it_comes_back(ledger, tmp_path):
    plb(ledger, tmp_path, "T1", date(2026, 7, 1), ("FB", -40, "T1"))
    assert register(ledger, date(2026, 7, 5)) == [("FB", "T1", "-40.00", "")]
    assert register(ledger) == [("FB", "T1", "-40.00", "moved forward, but not applied since")]
    plb(ledger, tmp_path, "T2", date(2026, 8, 1), ("FB", 25, "T1"))
    plb(ledger, tmp_path, "T3", date(2026, 9, 1), ("FB", 15, "T1"))
    assert register(ledger) == []


def test_more_comes_back_than_was_moved_forward_or_what_never_was(ledger, tmp_path):
    plb(ledger, tmp_path, "T1", date(2026, 7, 1), ("FB", -40, "T1"))
    plb(ledger, tmp_path, "T2", date(2026, 8, 1), ("FB", 50, "T1"), ("FB", 10, "T0"))
    assert register(ledger) == [
        ("FB", "T1", "10.00", "more applied than was moved forward"),
        ("FB", "T0", "10.00", "applied, but never moved forward"),
    ]


def test_the_same_overpayment_is_taken_once_unless_it_was_given_back(ledger, tmp_path):
    plb(ledger, tmp_path, "T1", date(2026, 7, 1), ("WO", 30, "ICN1"))
    assert register(ledger) == [("WO", "ICN1", "30.00", "")]
    plb(ledger, tmp_path, "T2", date(2026, 8, 1), ("72", -30, "ICN1"))
    assert register(ledger) == []
    plb(ledger, tmp_path, "T3", date(2026, 9, 1), ("WO", 30, "ICN1"), ("WO", 30, "icn-1"))
    assert register(ledger) == [("WO", "ICN1", "60.00", "recovered twice")]


def test_a_recovery_names_the_claim_that_its_reference_belongs_to(ledger, tmp_path):
    receive_sets(ledger, tmp_path, remittance("T1", paid(80)))
    plb(ledger, tmp_path, "T2", date(2026, 10, 5), ("WO", 30, "ICN1"))
    (row,) = worklist(ledger, "provider", date(2026, 10, 31))
    assert (row["claim"], row["taken"], row["given"], row["days"]) == ("A1-1", "30.00", "0.00", 26)


def test_interest_is_what_the_claims_say(ledger, tmp_path):
    with_interest = msgspec.structs.replace(paid(80), amounts=[QualifiedAmount("I", Decimal("1.25"))])
    right = remittance("T1", with_interest, plb=[provider_adjustment("L6", Decimal("-1.25"), "")])
    receive_sets(ledger, tmp_path, right)
    assert register(ledger) == [("L6", "", "-1.25", "")]
    plb(ledger, tmp_path, "T2", date(2026, 10, 5), ("L6", -3, ""))
    assert register(ledger) == [("L6", "", "-4.25", "interest is not what the claims say in T2")]


def test_the_order_of_arrival_does_not_matter(ledger, tmp_path):
    plb(ledger, tmp_path, "T2", date(2026, 8, 1), ("FB", 40, "T1"))
    assert register(ledger) == [("FB", "T1", "40.00", "applied, but never moved forward")]
    plb(ledger, tmp_path, "T1", date(2026, 7, 1), ("FB", -40, "T1"))
    assert register(ledger) == []
