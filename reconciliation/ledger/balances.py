"""Balances of the ledger: sums of legs by account, and the columns of money that `accounts.CHART` defines."""

from collections.abc import Sequence
from typing import Annotated, Any

import msgspec
from sqlalchemy import ColumnElement, case, func

from claimloop.edi.columns import MONEY, Shown
from claimloop.reconciliation.ledger import accounts, schema

_legs = schema.legs.c
_LESS = Shown("money", priority=2)


class LineBalance(msgspec.Struct, frozen=True):
    """The columns of money of one line, claim, or ledger, in cents. `open` includes `denied`."""

    charge: Annotated[int, MONEY]
    insurance_paid: Annotated[int, MONEY]
    contractual: Annotated[int, _LESS]
    written_off: Annotated[int, _LESS]
    patient: Annotated[int, _LESS]
    open: Annotated[int, MONEY]
    denied: Annotated[int, MONEY]

    @property
    def parts(self) -> tuple[int, ...]:
        """Return what the charge is split into, in the order of `accounts.PARTS`."""
        return tuple(getattr(self, column) for column in accounts.PARTS)

    @property
    def difference(self) -> int:
        """Return the charge less its parts: always zero (`accounts.IDENTITY`)."""
        return self.charge - sum(self.parts)


COLUMNS: tuple[str, ...] = LineBalance.__struct_fields__


def sum_of(*names: str) -> ColumnElement[int]:
    """Return the sum of these accounts over the legs that a query groups."""
    return func.coalesce(func.sum(case((_legs.account.in_(names), _legs.amount), else_=0)), 0)


def balance_columns() -> tuple[ColumnElement[int], ...]:
    """Return the columns of money over the legs that a query groups, for `balance_at`. Charges are credits."""
    sums = ((column, sum_of(*accounts.accounts_of(column))) for column in COLUMNS)
    return tuple(-total if column == accounts.WHOLE else total for column, total in sums)


def balance_at(row: Sequence[Any], start: int) -> LineBalance:
    """Return the balance that a query selected by `balance_columns` from this place on."""
    return LineBalance(*map(int, row[start : start + len(COLUMNS)]))
