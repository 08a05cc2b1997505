"""A reversal undoes what it mirrors (rules.md#reversals). The correction is then a decision like any other."""

import msgspec

from claimloop.edi.records.remittance import ClaimPayment
from claimloop.reconciliation.posting.allocation import Posting
from claimloop.tests.reconciliation.book import Book
from claimloop.tests.reconciliation.making import OTHER_PAYER, PAYER, answer, line, reversal, service


def one_line() -> Book:
    """A claim of one line, 99213 for 100.00."""
    return Book(line(1, "99213", 100))


def two_lines() -> Book:
    """A claim of two lines, 99213 for 100.00 and 17000 for 50.00."""
    return Book(line(1, "99213", 100), line(2, "17000", 50))


def only(*adjustments: str, paid: int | str = 0, status: str = "1") -> ClaimPayment:
    """An answer to the claim of one line."""
    return answer("D1-1", service("99213", 100, paid, *adjustments), status=status)


def reasons(posting: Posting) -> list[str]:
    return [held.hold_reason for held in posting.held]


def test_a_reversal_reopens_the_line():
    book = one_line()
    book.post(only("CO-45 30", paid=70))
    posting = book.post(reversal(only("CO-45 30", paid=70)))
    assert book.of(1) == {"open": 100}
    assert posting.reverses == 1


def test_a_reversal_of_a_denial_takes_the_denial_back():
    book = one_line()
    book.post(only("CO-16 100"))
    book.post(reversal(only("CO-16 100")))
    assert book.of(1) == {"open": 100}


def test_a_reversal_of_a_refusal_in_disguise():
    book = one_line()
    book.post(only("CO-45 100"))
    book.post(reversal(only("CO-45 100")))
    assert book.of(1) == {"open": 100}


def test_a_reversal_and_its_correction():
    book = one_line()
    book.post(only("CO-16 100"))
    book.post(reversal(only("CO-16 100")))
    book.post(only("CO-45 30", paid=70))
    assert book.of(1) == {"insurance_cash": 70, "contractual": 30}


def test_a_correction_of_a_correction():
    book = one_line()
    for paid in (70, 60, 50):
        book.post(only(f"CO-45 {100 - paid}", paid=paid))
        book.post(reversal(only(f"CO-45 {100 - paid}", paid=paid)))
    book.post(only("CO-45 60", paid=40))
    assert book.of(1) == {"insurance_cash": 40, "contractual": 60}


def test_a_correction_before_its_reversal_may_be_tried_again():
    book = one_line()
    book.post(only("CO-16 100"))
    correction = answer("D1-1", service("99213", 100, 70, "CO-45 30"), payer_claim_number="ICN2")
    posting = book.post(correction)
    assert posting.may_change
    assert reasons(posting) == ["already_adjudicated"]
    assert book.of(1) == {"denied": 100}


def test_a_reversal_of_a_claim_level_decision():
    book = two_lines()
    payment = answer("D1-1", charge=150, paid=110, adjustments=["CO-45 30", "PR-2 10"])
    book.post(payment)
    book.post(reversal(payment))
    assert book.of(0) == {}
    assert book.of(1) == {"open": 100}
    assert book.of(2) == {"open": 50}


def test_a_reversal_whose_lines_and_reasons_come_in_another_order():
    book = two_lines()
    payment = answer("D1-1", service("99213", 100, 70, "CO-45 20", "PR-2 10"), service("17000", 50, 50))
    book.post(payment)
    turned = reversal(payment)
    turned.services.reverse()
    turned.services[1].adjustments.reverse()
    book.post(turned)
    assert book.whole() == {"open": 150}


def test_a_reversal_under_another_group_code_is_still_the_mirror():
    """RFI 1147 forbids it (4010 used CR), and payers do it."""
    book = one_line()
    book.post(only("CO-45 30", paid=70))
    book.post(reversal(only("OA-45 30", paid=70)))
    assert book.of(1) == {"open": 100}


def test_a_reversal_of_what_was_never_posted_is_held():
    book = one_line()
    posting = book.post(reversal(only("CO-45 30", paid=70)))
    assert reasons(posting) == ["reversal_of_unposted_payment"]
    assert [held.amount for held in posting.held] == [-70_00]
    assert book.of(1) == {"open": 100}


def test_a_reversal_of_other_amounts_is_held():
    book = one_line()
    book.post(only("CO-45 30", paid=70))
    posting = book.post(reversal(only("CO-45 20", paid=80)))
    assert reasons(posting) == ["reversal_amounts_differ"]
    assert book.of(1) == {"insurance_cash": 70, "contractual": 30}


def test_a_reversal_with_its_signs_not_turned_is_held():
    book = one_line()
    book.post(only("CO-45 30", paid=70))
    posting = book.post(only("CO-45 30", paid=70, status="22"))
    assert reasons(posting) == ["reversal_amounts_differ"]


def test_a_payment_is_reversed_once():
    book = one_line()
    book.post(only("CO-45 30", paid=70))
    book.post(reversal(only("CO-45 30", paid=70)))
    posting = book.post(reversal(only("CO-45 30", paid=70)))
    assert reasons(posting) == ["reversal_of_unposted_payment"]


def test_of_two_equal_payments_the_one_with_the_payers_number_is_reversed():
    book = Book(line(1, "17110", 90), line(2, "17110", 90))
    book.post(answer("D1-1", service("17110", 90, 70, "CO-45 20", number="D11L01"), payer_claim_number="A"))
    book.post(answer("D1-1", service("17110", 90, 70, "CO-45 20", number="D11L02"), payer_claim_number="B"))
    book.post(reversal(answer("D1-1", service("17110", 90, 70, "CO-45 20", number="D11L01")), payer_claim_number="A"))
    assert book.of(1) == {"open": 90}
    assert book.of(2) == {"insurance_cash": 70, "contractual": 20}


def test_one_payer_never_reverses_what_another_one_paid():
    book = one_line()
    book.post(only("CO-45 30", paid=70), payer=PAYER)
    posting = book.post(reversal(only("CO-45 30", paid=70), payer_claim_number="OTHER"), payer=OTHER_PAYER)
    assert reasons(posting) == ["reversal_amounts_differ"]
    assert book.of(1) == {"insurance_cash": 70, "contractual": 30}


def test_a_reversal_takes_back_what_is_held_of_its_original():
    book = two_lines()
    payment = answer("D1-1", service("99213", 100, 80, "CO-45 20"), service("99999", 50, 40, "CO-45 10"))
    book.post(payment)
    assert book.held == 40_00
    posting = book.post(reversal(payment))
    assert reasons(posting) == ["no_line_matches"]
    assert book.held == 0
    assert book.whole() == {"open": 150}


def test_a_negative_charge_that_is_no_reversal_is_held():
    book = one_line()
    book.post(only("CO-45 30", paid=70))
    posting = book.post(msgspec.structs.replace(reversal(only("CO-45 30", paid=70)), status="1"))
    assert reasons(posting) == ["negative_charge"]
    assert book.of(1) == {"insurance_cash": 70, "contractual": 30}
