"""Deposits and remittances find each other; what fits in two ways is for a person."""

from datetime import date, timedelta

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from claimloop.edi.diagnostics import Diagnostic
from claimloop.reconciliation.bank.business_days import BusinessDays
from claimloop.reconciliation.bank.deposit import Deposit
from claimloop.reconciliation.bank.payer_names import payer_keys
from claimloop.reconciliation.bank.read import read_bank_file
from claimloop.reconciliation.bank.reassociation import RemittancePayment, match_deposits
from claimloop.simulation.bank import write_nacha, write_statement
from claimloop.simulation.payments import Payment

MONDAY = date(2026, 3, 2)
TUESDAY, FRIDAY, NEXT_MONDAY = date(2026, 3, 3), date(2026, 3, 6), date(2026, 3, 9)
AETNA, CIGNA = "1066033492", "1591031071"
NAMES = {AETNA: "AETNA", CIGNA: "CIGNA HEALTH AND LIFE", "": ""}


def deposit(amount, trace="", company=AETNA, day=MONDAY, line=1, description="HCCLAIMPMT", name=None):
    name = NAMES[company] if name is None else name
    return Deposit(day, amount, trace, company, name, description, "march.csv", line)


def payment(number, amount, trace="", payer=AETNA, day=MONDAY, method="ACH"):
    return RemittancePayment(number, payer, NAMES[payer], trace, day, amount, method)


def match(deposits, payments, today=MONDAY, **changed):
    return match_deposits(deposits, payments, today, **changed)


def found(outcome):
    """The matches in short: amounts, payments, rule and differences."""
    return [
        ([d.amount for d in each.deposits], [p.id for p in each.payments], each.rule, each.differences)
        for each in outcome.matches
    ]


def open_ids(outcome):
    return [each.item.id for each in outcome.remittances_without_deposit]


def questions(outcome):
    return [(len(each.deposits), [p.id for p in each.payments], each.rule) for each in outcome.ambiguous]


# ---- by trace number


@pytest.mark.parametrize(("at_bank", "in_remittance"), [("E-100", "E100"), ("000123", "123"), ("e1 00", "0E100")])
def test_a_trace_number_and_its_amount_are_a_pair_however_the_number_is_printed(at_bank, in_remittance):
    outcome = match([deposit(500, at_bank)], [payment(1, 500, in_remittance)])
    assert found(outcome) == [([500], [1], "trace", ())]
    assert outcome.deposits_without_remittance == outcome.remittances_without_deposit == outcome.ambiguous == ()


def test_a_trace_number_with_another_amount_is_a_pair_for_a_person():
    outcome = match([deposit(450, "E100")], [payment(1, 500, "E100")])
    assert found(outcome) == [([450], [1], "trace only", ("amount",))]
    assert outcome.matches[0].left_over == -50
    assert outcome.matches[0].needs_work


def test_a_pair_whose_days_are_far_apart_says_so():
    outcome = match([deposit(500, "E100", day=date(2026, 3, 6))], [payment(1, 500, "E100", day=MONDAY)])
    assert found(outcome) == [([500], [1], "trace", ("date",))]
    assert not outcome.matches[0].needs_work


def test_a_pair_of_two_payers_is_one_only_where_the_amounts_agree():
    outcome = match([deposit(500, "E100", CIGNA)], [payment(1, 500, "E100", AETNA)])
    assert found(outcome) == [([500], [1], "trace", ("payer",))]
    outcome = match([deposit(400, "E100", CIGNA)], [payment(1, 500, "E100", AETNA)])
    assert found(outcome) == []
    assert open_ids(outcome) == [1]


def test_two_payers_who_use_one_trace_number_are_told_apart():
    deposits = [deposit(500, "7001", AETNA), deposit(500, "7001", CIGNA)]
    payments = [payment(1, 500, "7001", CIGNA), payment(2, 500, "7001", AETNA)]
    assert found(match(deposits, payments)) == [([500], [2], "trace", ()), ([500], [1], "trace", ())]


def test_a_trace_number_that_is_used_again_is_told_apart_by_the_day():
    deposits = [deposit(500, "7", day=MONDAY), deposit(500, "7", day=FRIDAY)]
    payments = [payment(1, 500, "7", day=FRIDAY), payment(2, 500, "7", day=MONDAY)]
    assert found(match(deposits, payments)) == [([500], [2], "trace", ()), ([500], [1], "trace", ())]


def test_two_deposits_that_are_alike_and_one_remittance_are_for_a_person():
    outcome = match([deposit(500, "E1", line=1), deposit(500, "E1", line=2)], [payment(1, 500, "E1")])
    assert (found(outcome), questions(outcome)) == ([], [(2, [1], "trace")])
    assert outcome.deposits_without_remittance == ()


def test_sets_of_one_trace_number_may_sum_to_the_deposit():
    outcome = match([deposit(900, "E1")], [payment(1, 500, "E1"), payment(2, 400, "E1")])
    assert found(outcome) == [([900], [1, 2], "trace sum", ())]


def test_deposits_of_one_trace_number_may_sum_to_the_remittance():
    outcome = match([deposit(500, "E1"), deposit(400, "E1")], [payment(1, 900, "E1")])
    assert found(outcome) == [([400, 500], [1], "trace sum", ())]


def test_one_trace_number_and_no_sum_is_for_a_person():
    outcome = match([deposit(901, "E1")], [payment(1, 500, "E1"), payment(2, 400, "E1")])
    assert questions(outcome) == [(1, [1, 2], "trace only")]


def test_a_trace_number_that_was_cut_is_known_by_its_beginning_and_the_amount():
    payments = [payment(1, 500, "8160320000123"), payment(2, 500, "9160320000123"), payment(3, 400, "8160320000124")]
    outcome = match([deposit(500, "816032000", company="")], payments)
    assert found(outcome) == [([500], [1], "cut trace", ())]


@pytest.mark.parametrize("number", ["8160320", "91603200001"])
def test_a_short_beginning_or_another_number_is_no_cut_trace(number):
    outcome = match([deposit(500, number)], [payment(1, 500, "8160320000123")])
    assert found(outcome) == []
    assert open_ids(outcome) == [1]


def test_a_beginning_that_fits_two_is_for_a_person():
    outcome = match([deposit(500, "81603200")], [payment(1, 500, "816032001"), payment(2, 500, "816032002")])
    assert questions(outcome) == [(1, [1, 2], "cut trace")]


# ---- by payer, amount and day


@pytest.mark.parametrize(
    "bank_side",
    [
        deposit(500),
        deposit(500, company="", name="AETNA AS01"),
        deposit(500, company="", name="", description="AETNA LIFE HCCLAIMPMT XX"),
        deposit(500, company=AETNA[1:], name="ZELIS"),
        deposit(500, day=date(2026, 3, 5)),
        deposit(500, day=date(2026, 2, 25)),
    ],
    ids=["company id", "name", "description", "tax id alone", "three days later", "three business days before"],
)
def test_a_deposit_without_trace_number_is_known_by_payer_amount_and_day(bank_side):
    assert found(match([bank_side], [payment(1, 500, "E1"), payment(2, 501, "E2")])) == [([500], [1], "payer", ())]


@pytest.mark.parametrize(
    "bank_side",
    [
        deposit(499),
        deposit(500, company=CIGNA),
        deposit(500, company="", name=""),
        deposit(500, day=FRIDAY),
        deposit(500, day=date(2026, 2, 24)),
        deposit(500, "OTHER"),
    ],
    ids=["amount", "payer", "nobody", "four days later", "four days before", "a trace number of its own"],
)
def test_it_is_not_known_where_one_of_them_differs(bank_side):
    outcome = match([bank_side], [payment(1, 500, "E1")])
    assert found(outcome) == []
    assert [each.item for each in outcome.deposits_without_remittance] == [bank_side]
    assert open_ids(outcome) == [1]


def test_the_window_goes_over_a_weekend():
    outcome = match([deposit(500, day=NEXT_MONDAY)], [payment(1, 500, "E1", day=FRIDAY)], window=1)
    assert found(outcome) == [([500], [1], "payer", ())]


def test_what_fits_two_remittances_is_for_a_person():
    outcome = match([deposit(500)], [payment(1, 500, "E1"), payment(2, 500, "E2", day=TUESDAY)])
    assert (found(outcome), questions(outcome)) == ([], [(1, [1, 2], "payer")])
    assert open_ids(outcome) == []


def test_what_fits_two_deposits_is_for_a_person():
    outcome = match([deposit(500), deposit(500, day=TUESDAY)], [payment(1, 500, "E1")])
    assert questions(outcome) == [(2, [1], "payer")]
    assert outcome.deposits_without_remittance == ()


def test_what_a_trace_number_has_settled_is_no_candidate_any_more():
    outcome = match([deposit(500), deposit(500, "E1", line=2)], [payment(1, 500, "E1"), payment(2, 500, "E2")])
    assert found(outcome) == [([500], [2], "payer", ()), ([500], [1], "trace", ())]


def test_all_remittances_of_a_payers_day_may_come_as_one_deposit():
    payments = [payment(1, 500, "E1"), payment(2, 400, "E2"), payment(3, 300, "E3"), payment(4, 1, "C1", CIGNA)]
    outcome = match([deposit(1200, day=TUESDAY)], payments)
    assert found(outcome) == [([1200], [1, 2, 3], "bulk", ())]
    assert open_ids(outcome) == [4]


def test_a_sum_that_two_days_come_to_is_for_a_person():
    payments = [payment(day * 2 + n, 250, f"E{day}{n}", day=MONDAY + timedelta(day)) for day in (0, 1) for n in (0, 1)]
    assert questions(match([deposit(500)], payments)) == [(1, [0, 1, 2, 3], "bulk")]


# ---- checks, no money, what waits


def test_a_check_is_known_by_its_number_and_amount_alone():
    outcome = match([deposit(500, "1001", company="", name="")], [payment(1, 500, "1001", method="CHK")])
    assert found(outcome) == [([500], [1], "check number", ())]


@pytest.mark.parametrize("bank_side", [deposit(499, "1001"), deposit(500)], ids=["amount", "number"])
def test_a_check_is_not_known_by_half_of_that(bank_side):
    outcome = match([bank_side], [payment(1, 500, "1001", method="CHK")])
    assert found(outcome) == []
    assert open_ids(outcome) == [1]


def test_a_remittance_of_no_money_expects_no_deposit():
    payments = [payment(1, 0, "E1"), payment(2, 500, "E2", method="NON")]
    outcome = match([deposit(500, "E2")], payments)
    assert outcome.no_deposit_expected == tuple(payments)
    assert outcome.remittances_without_deposit == outcome.matches == ()


@pytest.mark.parametrize(
    ("today", "days", "late"),
    [
        (date(2026, 3, 1), 0, False),
        (MONDAY, 0, False),
        (FRIDAY, 4, False),
        (date(2026, 3, 7), 5, True),
        (NEXT_MONDAY, 5, True),
    ],
)
def test_what_waits_is_late_after_four_business_days(today, days, late):
    outcome = match([deposit(500, "E1")], [payment(1, 400, "E2")], today)
    for waiting in (*outcome.deposits_without_remittance, *outcome.remittances_without_deposit):
        assert (waiting.days, waiting.late) == (days, late)
    assert len(outcome.deposits_without_remittance) == len(outcome.remittances_without_deposit) == 1


def test_a_holiday_is_no_business_day():
    outcome = match([], [payment(1, 400, "E2")], NEXT_MONDAY, holidays=[TUESDAY, date(2026, 3, 7)])
    assert [(each.days, each.late) for each in outcome.remittances_without_deposit] == [(4, False)]


def test_business_days_are_those_that_one_counts_on_fingers():
    holidays = [date(2026, 7, 3), date(2026, 7, 4)]
    days = BusinessDays(holidays)
    for length in range(400):
        end = date(2025, 12, 29) + timedelta(length)
        counted = [date(2025, 12, 29) + timedelta(day) for day in range(length)]
        counted = [day for day in counted if day.weekday() < 5 and day not in holidays]
        assert days.waited(date(2025, 12, 29), end) == len(counted)


def test_what_no_payer_paid_is_set_apart():
    rent = deposit(-90000, company="", name="LANDLORD", description="RENT")
    back = deposit(-500, description="REVERSAL")
    outcome = match([rent, back], [payment(1, 500, "E1")])
    assert outcome.other_deposits == (rent,)
    assert [each.item for each in outcome.deposits_without_remittance] == [back]


@pytest.mark.parametrize(
    ("bank_side", "payer", "same"),
    [
        ("AETNA AS01", "Aetna Life Insurance Company", True),
        ("UNITEDHEALTHCARE", "United Healthcare Insurance Co", True),
        ("THE CIGNA CORP", "CIGNA", True),
        ("BLUE CROSS BLUE", "Blue Shield of California", False),
        ("HEALTH NET", "Health Alliance", False),
        ("", "", False),
        ("1234567890", "1234567899", False),
    ],
)
def test_names_are_alike_in_what_is_their_own(bank_side, payer, same):
    assert (not payer_keys("", bank_side).isdisjoint(payer_keys("", payer))) is same


# ---- as a whole

COMPANIES = st.sampled_from([AETNA, CIGNA, ""])
DAYS = st.integers(0, 9).map(lambda number: MONDAY + timedelta(number))
TRACES = st.sampled_from(["", "0", "E1", "E2", "816032000", "8160320001", "8160320002"])
AMOUNTS = st.sampled_from([100, 200, 300, -100, 0])
DEPOSITS = st.lists(st.builds(deposit, AMOUNTS, TRACES, COMPANIES, DAYS, st.integers(1, 99)), max_size=8)
PAYMENTS = st.lists(
    st.builds(payment, st.just(0), AMOUNTS, TRACES, COMPANIES, DAYS, st.sampled_from(["ACH", "CHK", "NON"])), max_size=8
).map(lambda some: [msgspec.structs.replace(each, id=number) for number, each in enumerate(some)])


@settings(max_examples=400, deadline=None)
@given(DEPOSITS, PAYMENTS, st.randoms(use_true_random=False))
def test_the_order_of_what_is_given_makes_no_difference_and_nothing_is_lost(deposits, payments, chance):
    outcome = match(deposits, payments, FRIDAY)
    turned, mixed = list(deposits), list(payments)
    chance.shuffle(turned)
    chance.shuffle(mixed)
    assert match(turned, mixed, FRIDAY) == outcome

    placed = [each for group in (*outcome.matches, *outcome.ambiguous) for each in group.deposits]
    placed += [each.item for each in outcome.deposits_without_remittance] + list(outcome.other_deposits)
    assert sorted(map(repr, placed)) == sorted(map(repr, deposits))
    placed = [each for group in (*outcome.matches, *outcome.ambiguous) for each in group.payments]
    placed += [each.item for each in outcome.remittances_without_deposit] + list(outcome.no_deposit_expected)
    assert sorted(placed) == payments
    for each in outcome.matches:
        money = sum(d.amount for d in each.deposits) - sum(p.amount for p in each.payments)
        assert each.left_over == money
        assert ("amount" in each.differences) == (money != 0) == (each.rule == "trace only")


@pytest.mark.parametrize(("write", "name"), [(write_statement, "s.csv"), (write_nacha, "s.ach")])
def test_the_simulated_bank_and_its_remittances_all_find_each_other(tmp_path, write, name):
    paid = [
        Payment(f"E{n}", "60054", NAMES[payer], "BAY", "1234567893", "123456789", 100 + n % 7, day, "ACH", payer)
        for n, (payer, day) in enumerate([(AETNA, MONDAY), (CIGNA, TUESDAY), (AETNA, TUESDAY)] * 20)
    ]
    write(tmp_path / name, paid, *([MONDAY] if write is write_nacha else []))
    reported: list[Diagnostic] = []
    deposits = list(read_bank_file(tmp_path / name, reported.append))
    payments = [
        RemittancePayment(n, p.company_id, p.payer_name, p.trace_number, p.date, p.amount, p.method)
        for n, p in enumerate(paid)
    ]
    outcome = match(deposits, payments)
    assert reported == []
    assert sorted(p.id for each in outcome.matches for p in each.payments) == list(range(60))
    assert {(each.rule, each.differences) for each in outcome.matches} == {("trace", ())}


def test_many_that_are_all_alike_are_one_question():
    deposits = [deposit(500, line=line) for line in range(3000)]
    payments = [payment(number, 500, f"E{number}") for number in range(3000)]
    outcome = match(deposits, payments)
    assert [(len(each.deposits), len(each.payments)) for each in outcome.ambiguous] == [(3000, 3000)]
