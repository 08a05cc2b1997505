"""Payments that wait for others: whatever the order in which remittances come, the claim ends the same."""

from collections.abc import Sequence
from itertools import permutations
from pathlib import Path

import pytest

from claimloop.edi.records.parties import Party
from claimloop.edi.records.remittance import ClaimPayment
from claimloop.reconciliation.ledger.connection import Ledger
from claimloop.tests.reconciliation.making import (
    OTHER_PAYER,
    PAYER,
    answer,
    encounter,
    prove,
    receive_sets,
    remittance,
    reversal,
    rows,
    send,
    service,
    service_line,
    submitted,
)
from claimloop.tests.reconciliation.six_claims import of

ORIGINAL = answer("A1-1", service("99213", 100, 70, "CO-45 20", "PR-2 10", number="A11L01"), payer_claim_number="ONE")
BACK = reversal(ORIGINAL, "ONE")
BETTER = answer("A1-1", service("99213", 100, 80, "CO-45 20", number="A11L01"), payer_claim_number="TWO")
SECONDARY = answer(
    "A1-1", service("99213", 100, 0, "OA-23 100", number="A11L01"), status="2", payer_claim_number="SEC"
)  # fmt: skip


def after(folder: Path, payments: Sequence[tuple[str, ClaimPayment, str]]) -> dict[str, str]:
    """The claim's money when each payment has come in a remittance of its own, in this order."""
    folder.mkdir()
    ledger = submitted(folder, encounter("A1", service_line("99213", 100)))
    for trace, payment, payer in payments:
        amount = 0 if payment.paid < 0 else None
        receive_sets(ledger, folder, remittance(trace, payment, payer=payer, amount=amount))
    prove(ledger)
    money = of(ledger, "A1-1")
    ledger.close()
    return money


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_original_reversal_and_correction_end_the_same_in_any_order(tmp_path, order):
    came = [("T1", ORIGINAL, PAYER), ("T2", BACK, PAYER), ("T3", BETTER, PAYER)]
    money = after(tmp_path / "any", [came[place] for place in order])
    assert money == {"insurance_paid": "80.00", "contractual": "20.00"}


@pytest.mark.parametrize("order", list(permutations(range(4))))
def test_a_secondary_answer_among_them_changes_nothing(tmp_path, order):
    came = [("T1", ORIGINAL, PAYER), ("T2", BACK, PAYER), ("T3", BETTER, PAYER), ("S1", SECONDARY, OTHER_PAYER)]
    money = after(tmp_path / "any", [came[place] for place in order])
    assert money == {"insurance_paid": "80.00", "contractual": "20.00"}


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return submitted(tmp_path, encounter("A1", service_line("99213", 100)), encounter("A2", service_line("17000", 50)))


def test_what_was_settled_is_no_longer_in_suspense_and_the_remittances_come_out(ledger, tmp_path):
    receive_sets(ledger, tmp_path, remittance("T2", BACK, amount=0))
    assert next(row["hold_reason"] for row in rows(ledger, "suspense")) == "reversal_of_unposted_payment"
    receive_sets(ledger, tmp_path, remittance("T1", ORIGINAL))
    assert [row["claim_control_number"] for row in rows(ledger, "suspense")] == [None]  # the payment that was short
    assert {row["difference"] for row in rows(ledger, "remittances")} == {"0.00"}
    assert of(ledger, "A1-1") == {"open": "100.00"}
    prove(ledger)
    ledger.close()


# Without a number.


def unnumbered(number: str, *, member: str = "M1001", charge: int = 50, code: str = "17000") -> ClaimPayment:
    payment = answer(number, service(code, charge, charge))
    payment.parties = [Party("QC", "1", "MARLOWE", "ADA", id_qualifier="MI", id=member)]
    return payment


@pytest.mark.parametrize("number", ["0", "", "A2-1"[:3]])
def test_a_claim_is_known_by_member_day_procedure_and_charge(ledger, tmp_path, number):
    receive_sets(ledger, tmp_path, remittance("T1", unnumbered(number)))
    found = of(ledger, "A2-1")
    assert found == ({"insurance_paid": "50.00"} if len(number) < 2 else {"open": "50.00"})
    ledger.close()


@pytest.mark.parametrize(
    "payment",
    [
        unnumbered("0", member="OTHER"),
        unnumbered("0", charge=49),
        unnumbered("0", code="17003"),
        unnumbered("OTHERSYSTEM7"),
    ],
)
def test_what_speaks_against_it_leaves_it_to_a_person(ledger, tmp_path, payment):
    receive_sets(ledger, tmp_path, remittance("T1", payment))
    assert of(ledger, "A2-1") == {"open": "50.00"}
    assert len(rows(ledger, "suspense")) == 1
    ledger.close()


def test_two_claims_that_look_alike_are_left_to_a_person(ledger, tmp_path):
    send(ledger, tmp_path, encounter("A3", service_line("17000", 50)))
    receive_sets(ledger, tmp_path, remittance("T1", unnumbered("0")))
    (item,) = rows(ledger, "suspense")
    assert item["hold_reason"] == "several_claims_match"
    ledger.close()
