"""Remittances into the ledger: matched, posted or held, and balanced to the cent."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from claimloop.reconciliation.ledger.connection import Ledger
from claimloop.reconciliation.posting.dispositions import Disposition, Dispositions
from claimloop.reconciliation.remittances import post
from claimloop.tests.reconciliation.making import (
    OTHER_PAYER,
    answer,
    prove,
    provider_adjustment,
    receive,
    receive_sets,
    remittance,
    reversal,
    rows,
    service,
    write_835,
)
from claimloop.tests.reconciliation.six_claims import CLAIMS, denied, held, of, paid, six_claims, sums


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    ledger = six_claims(tmp_path)
    yield ledger
    prove(ledger)
    ledger.close()


# Posting.


def test_a_remittance_is_posted_to_its_claims(ledger, tmp_path):
    (receipt,) = receive_sets(ledger, tmp_path, remittance("T1", paid(1), denied(2)))
    assert (receipt.outcome, receipt.claims, str(receipt.posted)) == ("posted", 2, "120.00")
    assert of(ledger, "A1-1") == {"insurance_paid": "120.00", "contractual": "20.00", "patient": "10.00"}
    assert of(ledger, "A2-1") == {"open": "150.00", "denied": "150.00"}
    assert of(ledger, "A3-1") == {"open": "150.00"}
    assert held(ledger) == []


def test_every_set_of_a_file_is_a_remittance_of_its_own(ledger, tmp_path):
    receipts = receive_sets(ledger, tmp_path, remittance("T1", paid(1)), remittance("T2", paid(2)), remittance("T3"))
    assert [receipt.trace_number for receipt in receipts] == ["T1", "T2", "T3"]
    assert [row["posted"] for row in sums(ledger)] == ["120.00", "120.00", "0.00"]


def test_a_payers_rule_of_the_configuration(ledger, tmp_path):
    own = Dispositions([Disposition("CO", "97", "contractual", payer="PLAN")])
    receive(ledger, write_835(tmp_path / "in.835", remittance("T1", denied(2))), own)
    assert of(ledger, "A2-1") == {"contractual": "50.00", "open": "100.00", "denied": "100.00"}


@pytest.mark.parametrize(
    ("reason", "amount", "payment"), [("WO", "30", "90.00"), ("L6", "-1.25", "121.25"), ("FB", "-30.5", "150.50")]
)
def test_a_positive_provider_adjustment_takes_money_and_a_negative_one_gives_it(
    ledger, tmp_path, reason, amount, payment
):
    receive_sets(ledger, tmp_path, remittance("T1", paid(1), plb=[provider_adjustment(reason, amount)]))
    (row,) = rows(ledger, "remittances")
    assert row["payment_amount"] == payment
    assert row["posted"] == "120.00"
    assert row["provider_adjustments"] == f"{float(amount):.2f}"
    assert row["difference"] == "0.00"


def test_several_provider_adjustments(ledger, tmp_path):
    plb = [provider_adjustment("WO", "20", "A"), provider_adjustment("WO", "20", "B"), provider_adjustment("72", "-40")]
    receive_sets(ledger, tmp_path, remittance("T1", paid(1), plb=plb))
    assert sums(ledger)[0]["provider_adjustments"] == "0.00"
    kinds = [row["kind"] for row in rows(ledger, "entries")]
    assert kinds.count("provider adjustment") == 2 * len(plb)


def test_a_negative_net_is_carried_forward(ledger, tmp_path):
    """BPR02 is never negative (RFI 222): PLB FB with a minus brings it up to zero."""
    receive_sets(ledger, tmp_path, remittance("T1", paid(1)))
    receive_sets(
        ledger, tmp_path, remittance("T2", reversal(paid(1)), plb=[provider_adjustment("FB", "-120")], amount=0)
    )
    assert sums(ledger)[1] == {
        "trace_number": "T2", "payment_amount": "0.00", "posted": "-120.00", "suspense": "0.00",
        "provider_adjustments": "-120.00", "difference": "0.00",
    }  # fmt: skip
    assert of(ledger, "A1-1") == {"open": "150.00"}


def test_a_payment_that_differs_from_its_claims_is_held_for_the_difference(ledger, tmp_path):
    receive_sets(ledger, tmp_path, remittance("T1", paid(1), amount="119.98"))
    reason = "remittance_out_of_balance"
    assert held(ledger) == [(None, None, "-0.02", reason)]
    assert sums(ledger)[0]["suspense"] == "-0.02"


def test_an_unmatched_claim_is_held_with_its_money(ledger, tmp_path):
    receive_sets(ledger, tmp_path, remittance("T1", answer("K9", charge=90, paid=88, adjustments=["CO-45 2"])))
    assert held(ledger) == [("K9", None, "88.00", "no_claim_matches")]
    assert sums(ledger)[0]["posted"] == "0.00"


def test_an_unmatched_claim_without_money_is_listed_too(ledger, tmp_path):
    receive_sets(ledger, tmp_path, remittance("T1", answer("K9", charge=90, paid=0, adjustments=["CO-16 90"])))
    assert held(ledger) == [("K9", None, "0.00", "no_claim_matches")]


def test_a_claim_without_a_number_is_held(ledger, tmp_path):
    """The payer sends 0 where the claim had none (RFI 535)."""
    receive_sets(ledger, tmp_path, remittance("T1", answer("0", charge=90, paid=90)))
    assert held(ledger) == [("0", None, "90.00", "no_claim_matches")]


def test_the_claim_that_was_meant_is_remembered_where_a_payment_is_held(ledger, tmp_path):
    receive_sets(ledger, tmp_path, remittance("T1", answer("A11", service("99213", 100, 90), adjustments=[], paid=91)))
    with ledger.reading() as connection:
        assert connection.exec_driver_sql(
            "SELECT claim_id, match_rule, likely_claim_control_number FROM claim_payments"
        ).all() == [(None, "", "A1-1")]


def test_one_service_that_fits_no_line_is_held_alone(ledger, tmp_path):
    payment = answer("A1-1", service("99213", 100, 70, "CO-45 30"), service("99999", 50, 40, "CO-45 10", number="X1"))
    receive_sets(ledger, tmp_path, remittance("T1", payment))
    assert held(ledger) == [("A1-1", "X1", "40.00", "no_line_matches")]
    assert of(ledger, "A1-1") == {"insurance_paid": "70.00", "contractual": "30.00", "open": "50.00"}


def test_a_fraction_of_a_cent_is_held_and_the_remittance_still_comes_out(ledger, tmp_path):
    payment = answer("A1-1", charge=150, paid="99.995", adjustments=["CO-45 50.005"])
    receive_sets(ledger, tmp_path, remittance("T1", payment, amount="100"))
    assert held(ledger)[0][:3] == ("A1-1", None, "0.00")
    assert sums(ledger)[0]["suspense"] == "100.00"
    assert of(ledger, "A1-1") == {"open": "150.00"}


def test_an_amount_too_large_for_any_database_is_held(ledger, tmp_path):
    huge = "9" * 20
    receive_sets(ledger, tmp_path, remittance("T1", answer("A1-1", charge=huge, paid=huge), paid(2), amount=120))
    assert held(ledger)[0][:3] == ("A1-1", None, "0.00")
    assert of(ledger, "A2-1")["insurance_paid"] == "120.00"


@pytest.mark.parametrize(("handling", "method"), [("H", "NON"), ("H", "ACH"), ("I", "NON")])
def test_a_notice_with_an_amount_holds_everything(ledger, tmp_path, handling, method):
    (receipt,) = receive_sets(ledger, tmp_path, remittance("T1", paid(1), handling=handling, method=method))
    assert receipt.outcome == "held"
    assert held(ledger) == [("A1-1", None, "120.00", "notice_only")]
    assert of(ledger, "A1-1") == {"open": "150.00"}


def test_a_remittance_without_money_is_posted(ledger, tmp_path):
    (receipt,) = receive_sets(ledger, tmp_path, remittance("T1", denied(1), handling="H", method="NON"))
    assert receipt.outcome == "posted"
    assert of(ledger, "A1-1")["denied"] == "150.00"


# Reversals and order.


def test_a_reversal_in_another_file(ledger, tmp_path):
    receive_sets(ledger, tmp_path, remittance("T1", paid(1)))
    receive_sets(ledger, tmp_path, remittance("T2", reversal(paid(1)), denied(1)))
    assert of(ledger, "A1-1") == {"open": "150.00", "denied": "150.00"}
    assert [row["posted"] for row in sums(ledger)] == ["120.00", "-120.00"]


def test_a_reversal_takes_back_what_an_earlier_file_left_in_suspense(ledger, tmp_path):
    payment = answer("A1-1", service("99213", 100, 70, "CO-45 30"), service("99999", 50, 40, "CO-45 10"))
    receive_sets(ledger, tmp_path, remittance("T1", payment))
    receive_sets(ledger, tmp_path, remittance("T2", reversal(payment)))
    assert [item[2:] for item in held(ledger)] == [("40.00", "no_line_matches"), ("-40.00", "no_line_matches")]
    assert of(ledger, "A1-1") == {"open": "150.00"}


def test_a_payment_that_was_reversed_in_an_earlier_file_is_not_reversed_again(ledger, tmp_path):
    receive_sets(ledger, tmp_path, remittance("T1", paid(1)))
    receive_sets(ledger, tmp_path, remittance("T2", reversal(paid(1))))
    receive_sets(ledger, tmp_path, remittance("T3", reversal(paid(1))))
    assert held(ledger) == [("A1-1", None, "-120.00", "reversal_of_unposted_payment")]


@pytest.mark.parametrize("batch", [1, 2, 500])
def test_the_order_within_a_set_does_not_matter_also_beyond_one_batch(ledger, tmp_path, monkeypatch, batch):
    """Corrections first, then the reversals that make room for them."""
    monkeypatch.setattr(post, "_BATCH", batch)
    numbers = range(1, CLAIMS + 1)
    receive_sets(ledger, tmp_path, remittance("T1", *(denied(number) for number in numbers)))
    corrected = [paid(number) for number in numbers]
    reversed_ = [reversal(denied(number)) for number in numbers]
    receive_sets(ledger, tmp_path, remittance("T2", *corrected, *reversed_))
    assert held(ledger) == []
    for number in numbers:
        assert of(ledger, f"A{number}-1")["insurance_paid"] == "120.00"


@pytest.mark.parametrize("batch", [1, 500])
def test_payment_reversal_and_correction_of_one_claim_in_one_set(ledger, tmp_path, monkeypatch, batch):
    monkeypatch.setattr(post, "_BATCH", batch)
    receive_sets(ledger, tmp_path, remittance("T1", denied(1), reversal(denied(1)), paid(1)))
    assert of(ledger, "A1-1") == {"insurance_paid": "120.00", "contractual": "20.00", "patient": "10.00"}
    assert held(ledger) == []


@pytest.mark.parametrize("batch", [1, 500])
def test_a_chain_of_corrections_in_one_set_with_a_reversal_in_front(ledger, tmp_path, monkeypatch, batch):
    """The first correction waits for a reversal, and its own reversal and the second correction wait for it."""
    monkeypatch.setattr(post, "_BATCH", batch)
    first = answer("A1-1", service("99213", 100, 60, "CO-45 40"), service("17000", 50, 50), payer_claim_number="ICN2")
    receive_sets(ledger, tmp_path, remittance("T1", denied(1)))
    receive_sets(ledger, tmp_path, remittance("T2", reversal(first, "ICN2"), first, paid(1), reversal(denied(1))))
    assert held(ledger) == []
    assert of(ledger, "A1-1") == {"insurance_paid": "120.00", "contractual": "20.00", "patient": "10.00"}


def test_a_reversal_leaves_alone_a_line_whose_payment_was_held(ledger, tmp_path):
    payment = answer(
        "A1-1", service("99213", 90, 90, number="A11L01"), service("17000", 60, 55, "CO-45 5", number="A11L02")
    )
    receive_sets(ledger, tmp_path, remittance("T1", payment))
    receive_sets(ledger, tmp_path, remittance("T2", reversal(payment)))
    reason = "charge_exceeds_submitted"
    assert [item[1:] for item in held(ledger)] == [
        ("A11L02", "55.00", reason),
        ("A11L02", "-55.00", reason),
    ]
    assert {row["open"] for row in rows(ledger, "lines") if row["claim_control_number"] == "A1-1"} == {
        "100.00",
        "50.00",
    }


@pytest.mark.parametrize("status", ["23", "25"])
def test_a_payment_after_a_file_that_decided_nothing(ledger, tmp_path, status):
    nothing = answer("A1-1", charge=150, paid=0, adjustments=["OA-109 150"], status=status)
    receive_sets(ledger, tmp_path, remittance("T1", nothing, payer=OTHER_PAYER))
    receive_sets(ledger, tmp_path, remittance("T2", paid(1)))
    assert held(ledger) == []
    assert of(ledger, "A1-1")["insurance_paid"] == "120.00"


def test_what_decided_nothing_cannot_be_reversed(ledger, tmp_path):
    nothing = answer("A1-1", charge=150, paid=0, adjustments=["OA-109 150"], status="23")
    receive_sets(ledger, tmp_path, remittance("T1", nothing))
    receive_sets(ledger, tmp_path, remittance("T2", reversal(nothing)))
    assert held(ledger) == [("A1-1", None, "0.00", "reversal_of_unposted_payment")]


def test_what_no_reversal_made_room_for_is_held(ledger, tmp_path):
    receive_sets(ledger, tmp_path, remittance("T1", paid(1)))
    receive_sets(ledger, tmp_path, remittance("T2", paid(1)))
    assert held(ledger) == [("A1-1", None, "120.00", "already_adjudicated")]


def test_a_secondary_payers_file_before_the_primarys(ledger, tmp_path):
    secondary = answer(
        "A1-1", service("99213", 100, 8, "OA-23 90", "PR-2 2"), service("17000", 50, 0, "OA-23 50"), status="2"
    )
    receive_sets(ledger, tmp_path, remittance("S1", secondary, payer=OTHER_PAYER))
    receive_sets(ledger, tmp_path, remittance("T1", paid(1)))
    assert of(ledger, "A1-1") == {"insurance_paid": "128.00", "contractual": "20.00", "patient": "2.00"}


def test_the_primarys_reversal_in_a_file_after_the_secondarys(ledger, tmp_path):
    secondary = answer(
        "A1-1", service("99213", 100, 8, "OA-23 90", "PR-2 2"), service("17000", 50, 0, "OA-23 50"), status="2"
    )
    receive_sets(ledger, tmp_path, remittance("T1", paid(1)))
    receive_sets(ledger, tmp_path, remittance("S1", secondary, payer=OTHER_PAYER))
    receive_sets(ledger, tmp_path, remittance("T2", reversal(paid(1)), paid(1)))
    assert of(ledger, "A1-1") == {"insurance_paid": "128.00", "contractual": "20.00", "patient": "2.00"}
    assert held(ledger) == []
