"""The chart of accounts, and what derives from it (rules.md#ledger-identities)."""

from typing import get_args

from claimloop.reconciliation.claims.manual_entries import PLACES
from claimloop.reconciliation.ledger import accounts
from claimloop.reconciliation.ledger.balances import COLUMNS, LineBalance


def test_a_balance_has_the_columns_of_the_chart_in_their_order():
    of_chart = dict.fromkeys(column for account in accounts.CHART for column in account.columns)
    assert COLUMNS == tuple(of_chart) == get_args(accounts.Column)


def test_every_account_of_a_line_has_its_place_in_the_identity():
    placed = [account.columns[0] for account in accounts.CHART if account.columns]
    assert set(placed) == {accounts.WHOLE, *accounts.PARTS}
    assert accounts.IDENTITY == "charge = insurance paid + contractual + written off + patient + open"


def test_a_column_adds_up_the_accounts_that_name_it():
    assert accounts.accounts_of("open") == (accounts.OPEN, accounts.DENIED)
    assert accounts.accounts_of("denied") == (accounts.DENIED,)
    assert accounts.accounts_of("patient") == (accounts.PATIENT, accounts.PATIENT_CASH)


def test_what_is_settled_stands_in_one_part_each():
    parts = [next(each.columns[0] for each in accounts.CHART if each.name == name) for name in accounts.SETTLED]
    assert sorted(parts) == sorted(accounts.PARTS)


def test_a_transfer_moves_between_parts_of_a_charge():
    assert set(PLACES) < set(accounts.PARTS)


def test_the_parts_of_a_balance_are_those_of_the_identity():
    balance = LineBalance(
        charge=100, insurance_paid=1, contractual=2, written_off=3, patient=4, open=90, denied=50
    )  # fmt: skip
    assert balance.parts == (1, 2, 3, 4, 90)
    assert balance.difference == 0
