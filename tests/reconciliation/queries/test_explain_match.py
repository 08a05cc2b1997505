"""Why a payment went to a claim or to none: the claims that it could be for, fact by fact."""

from pathlib import Path

import msgspec
import pytest

from claimloop.edi.records.parties import Party
from claimloop.edi.records.remittance import ClaimPayment
from claimloop.reconciliation.ledger.connection import Ledger
from claimloop.reconciliation.queries.explain_match import explain_claim
from claimloop.tests.reconciliation.making import (
    answer,
    encounter,
    receive_sets,
    remittance,
    service,
    service_line,
    submitted,
)


@pytest.fixture
def ledger(tmp_path: Path):
    """A1-1 with 99213 and 17000, A2-1 with 99213 alone, of one patient."""
    ledger = submitted(
        tmp_path,
        encounter("A1", service_line("99213", 100), service_line("17000", 50)),
        encounter("A2", service_line("99213", 100)),
    )
    yield ledger
    ledger.close()


def explained(ledger: Ledger, folder: Path, payment: ClaimPayment, wanted: str):
    receive_sets(ledger, folder, remittance("T1", payment))
    with ledger.reading() as connection:
        return explain_claim(connection, wanted)


def of_member(payment: ClaimPayment) -> ClaimPayment:
    return msgspec.structs.replace(payment, parties=[Party("QC", "1", "MARLOWE", "ADA", id_qualifier="MI", id="M1001")])


def test_the_chosen_claim_comes_first_with_what_agrees_and_each_lines_rule(ledger, tmp_path):
    payment = of_member(answer("A1-1", service("99213", 100, 80, "CO-45 20"), service("17000", 50, 50)))
    (told,) = explained(ledger, tmp_path, payment, "A1")
    chosen, other = told.candidates
    assert (chosen.claim_control_number, chosen.chosen, chosen.score) == ("A1-1", True, 1.0)
    assert set(chosen.facts) == {"control number", "member id", "last name", "charge", "procedures", "days"}
    assert (other.claim_control_number, other.facts["control number"], other.facts["charge"]) == (
        "A2-1", "differs", "differs",
    )  # fmt: skip
    assert chosen.score > other.score
    assert [line.match_rule for line in told.lines] == ["procedure_modifiers_date_charge"] * 2


def test_a_payment_that_was_held_names_the_claims_that_it_could_be_for(ledger, tmp_path):
    payment = of_member(answer("OLD77", service("17000", 50, 40, "CO-45 10")))
    (told,) = explained(ledger, tmp_path, payment, "OLD77")
    assert (told.rule, told.held, told.hold_reasons) == ("", ("no submitted claim matches",), ("no_claim_matches",))
    best = told.candidates[0]
    assert (best.claim_control_number, best.chosen, best.facts["procedures"], best.facts["charge"]) == (
        "A1-1", False, "agrees", "alike",
    )  # fmt: skip


def test_nothing_is_told_of_a_claim_without_a_payment(ledger):
    with ledger.reading() as connection:
        assert explain_claim(connection, "A2-1") == []
