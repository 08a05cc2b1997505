"""What an adjustment does to its line: the shipped table, and a practice's own rules over it."""

import tomllib
from datetime import date

import msgspec
import pytest

from claimloop.reconciliation.ledger import accounts
from claimloop.reconciliation.posting.dispositions import MOVING, Disposition, Dispositions

DAY = date(2026, 10, 1)


def effect(group: str, reason: str, *own: Disposition, payers: tuple[str, ...] = ("P1",), day: date = DAY) -> str:
    return Dispositions(own).effect(group, reason, payers, day)


@pytest.mark.parametrize("reason", ["1", "2", "3", "24", "44", "45", "59", "94", "102", "103", "104", "131", "144"])
def test_the_contracts_price_is_contractual(reason):
    assert effect("CO", reason) == "contractual"


@pytest.mark.parametrize("reason", ["253", "237", "172"])
def test_what_a_law_takes_off_is_contractual(reason):
    assert effect("CO", reason) == "contractual"


@pytest.mark.parametrize(
    "reason", ["4", "11", "16", "18", "22", "27", "29", "50", "96", "97", "109", "197", "234", "252"]
)
def test_a_refusal_under_a_contract_is_denied_never_written_off(reason):
    """openemr #7186: a denied claim was written off."""
    assert effect("CO", reason) == "denied"


@pytest.mark.parametrize("reason", ["1", "2", "3", "96", "119", "204", "242"])
def test_all_of_group_pr_is_the_patients(reason):
    assert effect("PR", reason) == "patient"


def test_what_an_earlier_payer_did_moves_nothing():
    assert effect("OA", "23") == "information"


@pytest.mark.parametrize(("group", "reason"), [("OA", "18"), ("OA", "109"), ("PI", "97"), ("PI", "16")])
def test_neither_contract_nor_patient_is_denied(group, reason):
    assert effect(group, reason) == "denied"


@pytest.mark.parametrize(("group", "reason"), [("OA", "45"), ("PI", "45"), ("CR", "45"), ("", "45"), ("XX", "1")])
def test_what_the_table_cannot_know_stays_open(group, reason):
    assert effect(group, reason) == "open"


def test_a_reason_that_is_younger_than_the_table_is_denied_in_co_and_the_patients_in_pr():
    assert (effect("CO", "999"), effect("PR", "999")) == ("denied", "patient")


def test_a_payers_own_rule_wins_for_this_payer_only():
    own = Disposition("CO", "97", "contractual", payer="P1")
    assert effect("CO", "97", own) == "contractual"
    assert effect("CO", "97", own, payers=("P2",)) == "denied"


def test_a_rule_for_every_payer_wins_over_the_table():
    assert effect("CO", "97", Disposition("CO", "97", "written_off")) == "written_off"


def test_a_payers_default_for_a_group_wins_over_a_general_rule_for_the_reason():
    assert effect("CO", "45", Disposition("CO", "*", "open", payer="P1")) == "open"


def test_a_rule_for_the_reason_in_every_group_wins_over_a_groups_default():
    own = Disposition("*", "97", "written_off")
    assert effect("PI", "97", own) == "written_off"
    assert effect("CR", "97", own) == "written_off"
    assert effect("PI", "96", own) == "denied"


def test_the_remittances_payer_comes_before_the_claims():
    first = Disposition("CO", "97", "contractual", payer="TRN03")
    second = Disposition("CO", "97", "written_off", payer="PLAN")
    assert effect("CO", "97", first, second, payers=("TRN03", "PLAN")) == "contractual"
    assert effect("CO", "97", second, payers=("TRN03", "PLAN")) == "written_off"


@pytest.mark.parametrize(
    ("day", "does"),
    [
        (date(2026, 6, 30), "denied"),
        (date(2026, 7, 1), "contractual"),
        (date(2026, 12, 31), "contractual"),
        (date(2027, 1, 1), "denied"),
    ],
)
def test_a_rule_holds_from_its_first_to_its_last_day(day, does):
    own = Disposition("CO", "97", "contractual", start=date(2026, 7, 1), end=date(2026, 12, 31))
    assert effect("CO", "97", own, day=day) == does


def test_of_two_rules_for_the_same_the_later_in_the_file_wins():
    own = Disposition("CO", "97", "contractual"), Disposition("CO", "97", "open")
    assert effect("CO", "97", *own) == "open"


def test_rules_are_read_from_toml_with_their_dates():
    text = '[[disposition]]\ngroup = "CO"\nreason = "97"\ndisposition = "contractual"\nfrom = 2026-07-01\n'
    (rule,) = msgspec.convert(tomllib.loads(text)["disposition"], list[Disposition])
    assert (rule.start, rule.end) == (date(2026, 7, 1), date.max)


def test_an_effect_that_moves_money_is_the_name_of_its_account():
    assert set(MOVING) == {accounts.CONTRACTUAL, accounts.PATIENT, accounts.DENIED, accounts.WRITTEN_OFF}
