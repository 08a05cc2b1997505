"""Several payers of one claim: each decides about what the one before left, and the order of arrival is nothing."""

from itertools import permutations

import pytest

from claimloop.edi.records.remittance import ClaimPayment
from claimloop.tests.reconciliation.book import Book
from claimloop.tests.reconciliation.making import (
    OTHER_PAYER,
    PAYER,
    THIRD_PAYER,
    answer,
    line,
    reversal,
    service,
)

Arrival = tuple[str, ClaimPayment]


def one_line(*adjustments: str, paid: int, status: str, number: str = "ICN1") -> ClaimPayment:
    """An answer to a claim of one line, 99213 for 100.00."""
    return answer("D1-1", service("99213", 100, paid, *adjustments), status=status, payer_claim_number=number)


PRIMARY = PAYER, one_line("CO-45 20", "PR-2 20", paid=60, status="1")
SECONDARIES = {
    "pays the rest": one_line("OA-23 80", paid=20, status="2"),
    "pays a part, the patient the rest": one_line("OA-23 80", "PR-2 5", paid=15, status="2"),
    "repeats the reduction": one_line("CO-45 20", "OA-23 60", "PR-3 5", paid=15, status="2"),
    "refuses": one_line("OA-23 80", "CO-22 20", paid=0, status="2"),
    "refuses all of the charge": one_line("CO-22 100", paid=0, status="2"),
    "tells only what the first payer did": one_line("OA-23 100", paid=0, status="2"),
    "lays it on the patient again": one_line("OA-23 80", "PR-1 20", paid=0, status="2"),
}
AFTER_BOTH = {
    "pays the rest": {"insurance_cash": 80, "contractual": 20},
    "pays a part, the patient the rest": {"insurance_cash": 75, "contractual": 20, "patient": 5},
    "repeats the reduction": {"insurance_cash": 75, "contractual": 20, "patient": 5},
    "refuses": {"insurance_cash": 60, "contractual": 20, "denied": 20},
    "refuses all of the charge": {"insurance_cash": 60, "contractual": 20, "denied": 20},
    "tells only what the first payer did": {"insurance_cash": 60, "contractual": 20, "open": 20},
    "lays it on the patient again": {"insurance_cash": 60, "contractual": 20, "patient": 20},
}


@pytest.mark.parametrize("what", SECONDARIES)
def test_the_second_payer_decides_about_what_the_first_one_left(what):
    book = Book(line(1, "99213", 100))
    for payer, payment in (PRIMARY, (OTHER_PAYER, SECONDARIES[what])):
        assert not book.post(payment, payer).held
    assert book.of(1) == AFTER_BOTH[what]


@pytest.mark.parametrize("what", SECONDARIES)
def test_the_second_payer_may_come_first(what):
    book = Book(line(1, "99213", 100))
    for payer, payment in ((OTHER_PAYER, SECONDARIES[what]), PRIMARY):
        assert not book.post(payment, payer).held
    assert book.of(1) == AFTER_BOTH[what]


def test_a_secondary_payment_alone_leaves_the_first_payers_part_open():
    book = Book(line(1, "99213", 100))
    book.post(SECONDARIES["pays a part, the patient the rest"], OTHER_PAYER)
    assert book.of(1) == {"insurance_cash": 15, "patient": 5, "open": 80}


def test_what_the_first_payer_refused_the_second_may_pay():
    book = Book(line(1, "99213", 100))
    book.post(one_line("CO-96 100", paid=0, status="1"))
    book.post(one_line("CO-45 30", "PR-2 10", paid=60, status="2"), OTHER_PAYER)
    assert book.of(1) == {"insurance_cash": 60, "contractual": 30, "patient": 10}


def test_status_4_does_not_tell_whose_turn_it_is():
    """Then it is the rank of the first payer that has not decided (rules.md#payer-rank)."""
    book = Book(line(1, "99213", 100))
    book.post(PRIMARY[1], PAYER)
    posting = book.post(one_line("CO-31 100", paid=0, status="4"), OTHER_PAYER)
    assert posting.sequence == 2
    assert book.of(1) == {"insurance_cash": 60, "contractual": 20, "denied": 20}


def test_a_payer_that_always_calls_itself_tertiary():
    """RFI 546: some Medicaid plans do, also where they are the only one."""
    book = Book(line(1, "99213", 100))
    book.post(one_line("CO-45 40", "PR-3 5", paid=55, status="3"))
    assert book.of(1) == {"insurance_cash": 55, "contractual": 40, "patient": 5}
    other = Book(line(1, "99213", 100))
    other.post(one_line("CO-45 100", paid=0, status="3"))
    assert other.of(1) == {"denied": 100}


def test_three_payers_in_any_order():
    arrivals = [
        PRIMARY,
        (OTHER_PAYER, one_line("OA-23 80", "PR-2 12", paid=8, status="2")),
        (THIRD_PAYER, one_line("OA-23 88", "PR-3 2", paid=10, status="3")),
    ]
    for order in permutations(arrivals):
        book = Book(line(1, "99213", 100))
        for payer, payment in order:
            book.post(payment, payer)
        assert book.of(1) == {"insurance_cash": 78, "contractual": 20, "patient": 2}


def test_the_first_payers_reversal_under_the_seconds_decision_takes_back_its_own_part_only():
    book = Book(line(1, "99213", 100))
    book.post(PRIMARY[1], PAYER)
    book.post(SECONDARIES["pays a part, the patient the rest"], OTHER_PAYER)
    book.post(reversal(PRIMARY[1]), PAYER)
    assert book.of(1) == {"insurance_cash": 15, "patient": 5, "open": 80}


def test_the_first_payers_correction_under_the_seconds_decision_leaves_the_patients_share_to_the_second():
    book = Book(line(1, "99213", 100))
    book.post(PRIMARY[1], PAYER)
    book.post(SECONDARIES["pays a part, the patient the rest"], OTHER_PAYER)
    book.post(reversal(PRIMARY[1]), PAYER)
    book.post(one_line("CO-45 20", "PR-2 10", paid=70, status="1"), PAYER)
    assert book.of(1) == {"insurance_cash": 85, "contractual": 20, "patient": 5, "open": -10}


def test_the_seconds_reversal_gives_the_patients_share_back_to_the_firsts_decision():
    book = Book(line(1, "99213", 100))
    book.post(PRIMARY[1], PAYER)
    book.post(SECONDARIES["pays a part, the patient the rest"], OTHER_PAYER)
    book.post(reversal(SECONDARIES["pays a part, the patient the rest"]), OTHER_PAYER)
    assert book.of(1) == {"insurance_cash": 60, "contractual": 20, "patient": 20}


def test_a_line_that_the_second_payer_does_not_mention_keeps_the_firsts_decision():
    primary = answer(
        "D1-1", service("99213", 100, 60, "CO-45 20", "PR-2 20"), service("17000", 50, 30, "CO-45 10", "PR-2 10")
    )
    secondary = answer("D1-1", service("99213", 100, 20, "OA-23 80"), status="2")
    for order in permutations([(PAYER, primary), (OTHER_PAYER, secondary)]):
        book = Book(line(1, "99213", 100), line(2, "17000", 50))
        for payer, payment in order:
            book.post(payment, payer)
        assert book.of(1) == {"insurance_cash": 80, "contractual": 20}
        assert book.of(2) == {"insurance_cash": 30, "contractual": 10, "patient": 10}


@pytest.mark.parametrize("order", list(permutations([0, 1])))
def test_a_second_decision_at_the_claim_is_about_all_of_its_lines(order):
    primary = answer(
        "D1-1", service("99213", 100, 60, "CO-45 20", "PR-2 20"), service("17000", 50, 30, "CO-45 10", "PR-2 10")
    )
    secondary = answer("D1-1", charge=150, paid=22, adjustments=["CO-45 20", "OA-23 100", "PR-3 8"], status="2")
    arrivals = [(PAYER, primary), (OTHER_PAYER, secondary)]
    book = Book(line(1, "99213", 100), line(2, "17000", 50))
    for place in order:
        payer, payment = arrivals[place]
        book.post(payment, payer)
    assert book.whole() == {"insurance_cash": 112, "contractual": 30, "patient": 8}


@pytest.mark.parametrize("order", list(permutations([0, 1])))
def test_a_second_decision_by_lines_about_a_first_one_at_the_claim(order):
    primary = answer("D1-1", charge=150, paid=90, adjustments=["CO-45 30", "PR-2 30"])
    secondary = answer(
        "D1-1",
        service("99213", 100, 15, "CO-45 20", "OA-23 60", "PR-3 5"),
        service("17000", 50, 8, "CO-45 10", "OA-23 30", "PR-3 2"),
        status="2",
    )
    arrivals = [(PAYER, primary), (OTHER_PAYER, secondary)]
    book = Book(line(1, "99213", 100), line(2, "17000", 50))
    for place in order:
        payer, payment = arrivals[place]
        book.post(payment, payer)
    assert book.whole() == {"insurance_cash": 113, "contractual": 30, "patient": 7}


def test_a_second_decision_that_comes_in_two_parts():
    book = Book(line(1, "99213", 100))
    book.post(PRIMARY[1], PAYER)
    for part, paid in (("A", 6), ("B", 5)):
        payment = answer(
            "D1-1",
            service("99213", 50, paid, "OA-23 40", f"PR-2 {10 - paid}", number="D11L01"),
            status="2",
            payer_claim_number=part,
        )
        assert not book.post(payment, OTHER_PAYER).held
    assert book.of(1) == {"insurance_cash": 71, "contractual": 20, "patient": 9}
