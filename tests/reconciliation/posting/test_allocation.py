"""What one claim payment does to the lines of its claim. `Book` proves every line's identity after each payment."""

from decimal import Decimal

import msgspec
import pytest

from claimloop.edi.records.parties import Party
from claimloop.edi.records.remittance import ClaimPayment
from claimloop.reconciliation.posting.allocation import Circumstances, Posting, plan
from claimloop.reconciliation.posting.dispositions import Disposition, Dispositions
from claimloop.reconciliation.posting.match import Ambiguous, Unmatched
from claimloop.tests.reconciliation.book import Book
from claimloop.tests.reconciliation.making import (
    OTHER_PAYER,
    PAYER,
    PAYMENT_DAY,
    answer,
    claim,
    line,
    service,
)


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


# Payments and adjustments of one payer.


def test_a_payment_in_full():
    book = one_line()
    book.post(only(paid=100))
    assert book.of(1) == {"insurance_cash": 100}


def test_the_contractual_part_is_taken_off():
    book = one_line()
    book.post(only("CO-45 30", paid=70))
    assert book.of(1) == {"insurance_cash": 70, "contractual": 30}


def test_deductible_coinsurance_and_copay_are_the_patients():
    book = one_line()
    book.post(only("CO-45 30", "PR-1 10", "PR-2 15", "PR-3 5", paid=40))
    assert book.of(1) == {"insurance_cash": 40, "contractual": 30, "patient": 30}


def test_cents_are_exact():
    book = one_line()
    book.post(only("CO-45 33.33", "CO-253 0.01", paid="66.66"))
    assert book.of(1) == {"insurance_cash": Decimal("66.66"), "contractual": Decimal("33.34")}


@pytest.mark.parametrize("denial", ["CO-16", "CO-4", "CO-50", "CO-97", "CO-29", "OA-18", "PI-16", "OA-109"])
def test_a_refused_line_stays_open_and_counts_as_denied(denial):
    book = one_line()
    book.post(only(f"{denial} 100"))
    assert book.of(1) == {"denied": 100}


def test_a_denial_of_part_of_the_charge():
    book = one_line()
    book.post(only("CO-45 20", "CO-97 30", paid=50))
    assert book.of(1) == {"insurance_cash": 50, "contractual": 20, "denied": 30}


def test_not_covered_and_the_patient_knew():
    book = one_line()
    book.post(only("PR-96 100"))
    assert book.of(1) == {"patient": 100}


def test_a_denial_is_told_by_money_and_reasons_not_by_the_claim_status():
    paid_as_denied, denied_as_paid = one_line(), one_line()
    paid_as_denied.post(only("CO-45 30", paid=70, status="4"))
    denied_as_paid.post(only("CO-16 100", status="1"))
    assert paid_as_denied.of(1) == {"insurance_cash": 70, "contractual": 30}
    assert denied_as_paid.of(1) == {"denied": 100}


def test_all_of_the_charge_contractual_and_nothing_paid_is_a_refusal_in_disguise():
    book = one_line()
    posting = book.post(only("CO-45 100"))
    assert book.of(1) == {"denied": 100}
    assert [done.effect for done in posting.effects] == ["denied"]


def test_a_refusal_in_disguise_at_claim_level():
    book = one_line()
    book.post(answer("D1-1", charge=100, adjustments=["CO-45 100"], paid=0))
    assert book.of(1) == {"denied": 100}


def test_a_service_that_is_paid_by_the_month_is_not_denied():
    book = one_line()
    book.post(only("CO-45 30", "CO-24 70"))
    assert book.of(1) == {"contractual": 100}


def test_a_practices_own_rule_for_bundled_lines_is_no_refusal():
    book = one_line()
    book.post(only("CO-97 100"), dispositions=Dispositions([Disposition("CO", "97", "contractual")]))
    assert book.of(1) == {"contractual": 100}


def test_all_contractual_but_for_a_cent_to_the_patient_is_no_refusal():
    book = one_line()
    book.post(only("CO-45 99.99", "PR-2 0.01"))
    assert book.of(1) == {"contractual": Decimal("99.99"), "patient": Decimal("0.01")}


def test_an_incentive_is_negative_and_keeps_its_sign():
    """CARC 144, openemr PR #35: a negative amount raises the payment."""
    book = one_line()
    book.post(only("CO-45 30", "CO-144 -2.50", paid="72.50"))
    assert book.of(1) == {"insurance_cash": Decimal("72.50"), "contractual": Decimal("27.50")}


def test_a_price_above_the_charge():
    book = one_line()
    book.post(only("CO-94 -20", paid=120))
    assert book.of(1) == {"insurance_cash": 120, "contractual": -20}


def test_the_same_reason_may_come_twice():
    book = one_line()
    book.post(only("CO-45 10", "CO-45 20", paid=70))
    assert book.of(1) == {"insurance_cash": 70, "contractual": 30}


def test_an_amount_under_an_unknown_group_stays_open():
    book = one_line()
    book.post(only("CR-45 30", paid=70))
    assert book.of(1) == {"insurance_cash": 70, "open": 30}


def test_a_payers_own_rule():
    book = one_line()
    own = Dispositions([Disposition("CO", "97", "written_off", payer=PAYER)])
    book.post(only("CO-97 30", paid=70), dispositions=own)
    assert book.of(1) == {"insurance_cash": 70, "written_off": 30}


def test_a_line_that_is_not_mentioned_stays_open():
    book = two_lines()
    book.post(answer("D1-1", service("99213", 100, 80, "CO-45 20")))
    assert book.of(1) == {"insurance_cash": 80, "contractual": 20}
    assert book.of(2) == {"open": 50}


def test_a_claim_may_be_split_over_two_payments():
    book = two_lines()
    book.post(answer("D1-1", service("99213", 100, 80, "CO-45 20")))
    book.post(answer("D1-1", service("17000", 50, 50), payer_claim_number="ICN2"))
    assert book.whole() == {"insurance_cash": 130, "contractual": 20}


def test_a_line_may_be_split_over_two_payments():
    book = one_line()
    book.post(answer("D1-1", service("99213", 60, 50, "CO-45 10", number="D11L01")))
    book.post(answer("D1-1", service("99213", 40, 40, number="D11L01"), payer_claim_number="ICN2"))
    assert book.of(1) == {"insurance_cash": 90, "contractual": 10}


# What stands at the claim.


def test_a_claim_level_decision_on_a_claim_of_one_line_goes_to_the_line():
    book = one_line()
    book.post(answer("D1-1", charge=100, paid=70, adjustments=["CO-45 20", "PR-2 10"]))
    assert book.of(1) == {"insurance_cash": 70, "contractual": 20, "patient": 10}
    assert book.of(0) == {}


def test_a_claim_level_decision_on_several_lines_stays_at_the_claim():
    book = two_lines()
    book.post(answer("D1-1", charge=150, paid=110, adjustments=["CO-45 30", "PR-2 10"]))
    assert book.of(1) == {"open": 100}
    assert book.of(2) == {"open": 50}
    assert book.of(0) == {"insurance_cash": 110, "contractual": 30, "patient": 10, "open": -150}
    assert book.whole() == {"insurance_cash": 110, "contractual": 30, "patient": 10}


def test_a_claim_level_denial_of_several_lines():
    book = two_lines()
    book.post(answer("D1-1", charge=150, paid=0, adjustments=["CO-16 150"]))
    assert book.whole() == {"denied": 150}


def test_claim_level_adjustments_beside_lines():
    """Both levels may carry adjustments of their own (RFI 689): CLP04 = Σ SVC03 − Σ CAS(2100)."""
    book = two_lines()
    payment = answer("D1-1", service("99213", 100, 80, "CO-45 20"), service("17000", 50, 50), adjustments=["PR-1 25"])
    assert payment.paid == 105
    book.post(payment)
    assert book.of(1) == {"insurance_cash": 80, "contractual": 20}
    assert book.of(2) == {"insurance_cash": 50}
    assert book.of(0) == {"insurance_cash": -25, "patient": 25}


def test_claim_level_adjustments_beside_the_one_line():
    book = one_line()
    book.post(answer("D1-1", service("99213", 100, 80, "CO-45 20"), adjustments=["PR-1 25"]))
    assert book.of(1) == {"insurance_cash": 55, "contractual": 20, "patient": 25}


# What is held.


def test_what_was_adjudicated_is_not_adjudicated_again():
    book = one_line()
    book.post(only("CO-45 30", paid=70))
    posting = book.post(only("CO-45 30", paid=70))
    assert reasons(posting) == ["already_adjudicated"]
    assert book.of(1) == {"insurance_cash": 70, "contractual": 30}
    assert book.held == 70_00


def test_a_second_payment_for_the_same_line_of_two_is_held():
    book = two_lines()
    book.post(answer("D1-1", service("17000", 50, 50)))
    posting = book.post(answer("D1-1", service("17000", 50, 50), payer_claim_number="ICN2"))
    assert reasons(posting) == ["already_adjudicated"]


def test_a_claim_charge_above_the_submitted_one_is_held():
    book = one_line()
    posting = book.post(answer("D1-1", charge=101, paid=101))
    assert reasons(posting) == ["charge_exceeds_submitted"]
    assert book.of(1) == {"open": 100}
    assert book.held == 101_00


def test_a_line_charge_above_the_submitted_one_is_held_and_the_other_line_is_posted():
    book = two_lines()
    posting = book.post(
        answer("D1-1", service("99213", 90, 90, number="D11L01"), service("17000", 60, 55, "CO-45 5", number="D11L02"))
    )
    assert reasons(posting) == ["charge_exceeds_submitted"]
    assert [held.line_control_number for held in posting.held] == ["D11L02"]
    assert book.of(1) == {"insurance_cash": 90, "open": 10}
    assert book.of(2) == {"open": 50}
    assert book.held == 55_00


def test_a_service_that_fits_no_line_is_held_with_its_number():
    book = two_lines()
    posting = book.post(
        answer("D1-1", service("99213", 100, 80, "CO-45 20"), service("99999", 50, 40, "CO-45 10", number="X9"))
    )
    assert [(held.service, held.line_control_number, held.amount) for held in posting.held] == [(2, "X9", 40_00)]
    assert book.of(2) == {"open": 50}


def test_a_refused_service_that_fits_no_line_is_listed_without_money():
    book = two_lines()
    posting = book.post(answer("D1-1", service("99213", 100, 80, "CO-45 20"), service("99999", 50, 0, "CO-16 50")))
    assert [(held.amount, held.hold_reason) for held in posting.held] == [(0, "no_line_matches")]
    assert book.of(2) == {"open": 50}


def test_what_cannot_be_read_is_held():
    posting = one_line().post(msgspec.structs.replace(only(paid=100), unreadable=1))
    assert reasons(posting) == ["unreadable_payment"]


def test_a_claim_that_does_not_balance_is_held_with_what_it_pays():
    book = one_line()
    posting = book.post(answer("D1-1", charge=100, paid=90, adjustments=["CO-45 20"]))
    assert reasons(posting) == ["payment_out_of_balance"]
    assert book.held == 90_00


def test_a_line_that_does_not_balance_holds_its_claim_though_the_sum_comes_out():
    book = two_lines()
    posting = book.post(answer("D1-1", service("99213", 100, 90), service("17000", 50, 60)))
    assert reasons(posting) == ["payment_out_of_balance"]


@pytest.mark.parametrize("paid", ["99.995", "0.001"])
def test_a_fraction_of_a_cent_is_no_money(paid):
    book = one_line()
    posting = book.post(only(f"CO-45 {100 - Decimal(paid)}", paid=paid))
    assert reasons(posting) == ["invalid_amount"]
    assert book.held == 0
    assert book.of(1) == {"open": 100}


def test_a_fraction_of_a_cent_in_an_adjustment_holds_what_was_paid():
    book = one_line()
    posting = book.post(only("CO-45 9.995", "CO-253 0.005", paid=90))
    assert reasons(posting) == ["invalid_amount"]
    assert book.held == 90_00


def test_an_amount_beyond_all_money_is_held():
    posting = one_line().post(answer("D1-1", charge="1" + "0" * 22, paid="1" + "0" * 22))
    assert reasons(posting) == ["invalid_amount"]


def test_without_a_claim_the_payment_is_held():
    around = Circumstances(PAYER, PAYMENT_DAY, Dispositions())
    posting = plan(answer("K1", charge=10, paid=10), Unmatched(), None, around)
    assert reasons(posting) == ["no_claim_matches"]
    assert {(leg.account, leg.amount) for leg in posting.legs} == {("insurance_cash", 10_00), ("suspense", -10_00)}


def test_between_two_claims_the_payment_is_held():
    around = Circumstances(PAYER, PAYMENT_DAY, Dispositions())
    both = Ambiguous((claim(line(1)), claim(line(1))), "normalized_control_number")
    assert reasons(plan(answer("D11", charge=10, paid=10), both, None, around)) == ["several_claims_match"]


# Who is not the payer, and who is not the last.


def test_a_forwarded_claim_keeps_the_patients_share_open():
    book = one_line()
    book.post(only("CO-45 30", "PR-2 20", paid=50, status="19"))
    assert book.of(1) == {"insurance_cash": 50, "contractual": 30, "open": 20}


def test_a_crossover_carrier_keeps_the_patients_share_open():
    book = one_line()
    payment = only("CO-45 30", "PR-2 20", paid=50)
    payment.parties.append(Party("TT", "2", "NEXT PLAN"))
    book.post(payment)
    assert book.of(1) == {"insurance_cash": 50, "contractual": 30, "open": 20}


@pytest.mark.parametrize("status", ["23", "25"])
def test_another_payers_claim_and_a_predetermination_decide_nothing(status):
    book = one_line()
    posting = book.post(only("OA-109 60", "PR-96 40", status=status))
    assert book.of(1) == {"open": 100}
    assert posting.held == []
    assert [done.effect for done in posting.effects] == ["open", "open"]


@pytest.mark.parametrize("status", ["23", "25"])
def test_the_decision_that_follows_is_the_first(status):
    book = one_line()
    book.post(only("OA-109 100", status=status))
    book.post(only("CO-45 30", paid=70), payer=OTHER_PAYER)
    assert book.of(1) == {"insurance_cash": 70, "contractual": 30}


@pytest.mark.parametrize("status", ["23", "25"])
def test_money_with_such_a_status_is_held(status):
    book = one_line()
    posting = book.post(only(paid=100, status=status))
    assert reasons(posting) == ["status_allows_no_payment"]
    assert book.of(1) == {"open": 100}
