"""The whole ledger in numbers, with its two identities. Read only."""

from typing import Any

import msgspec
from sqlalchemy import Connection, Select, func, select

from claimloop.reconciliation.claims.manual_entries import ENTERED_PAYMENTS
from claimloop.reconciliation.ledger import accounts, schema
from claimloop.reconciliation.ledger.balances import LineBalance, balance_at, balance_columns, sum_of
from claimloop.reconciliation.ledger.conditions import item_is_open
from claimloop.reconciliation.queries.claims import claims

_legs, _lines, _entries, _remittances = schema.legs.c, schema.lines.c, schema.entries.c, schema.remittances.c


class Totals(msgspec.Struct, frozen=True):
    """The identity of all lines, of all remittances, and how many there are. Amounts are cents."""

    claims: int
    lines: int
    claims_by_status: dict[str, int]
    balance: LineBalance
    remittances: int
    payments: int
    posted: int
    suspense: int
    resolved: int
    provider_adjustments: int
    suspense_items: int

    @property
    def difference(self) -> int:
        """Return zero, always: `payments − (posted + suspense + resolved − provider_adjustments)`."""
        return self.payments - (self.posted + self.suspense + self.resolved - self.provider_adjustments)


def totals(connection: Connection) -> Totals:
    """Return the identities over the whole ledger."""
    row = connection.execute(select(*balance_columns()).where(_legs.line_id.is_not(None))).one()
    without_line = connection.execute(
        select(
            -sum_of(accounts.SUSPENSE), sum_of(accounts.PROVIDER_ADJUSTMENT), -sum_of(*accounts.RESOLVED)
        ).where(_legs.line_id.is_(None))
    ).one()  # fmt: skip
    suspense, adjusted, resolved = map(int, without_line)
    entered = connection.scalar(
        select(func.coalesce(func.sum(_legs.amount), 0))
        .join_from(schema.legs, schema.entries, _entries.id == _legs.entry_id)
        .where(_entries.kind.in_(ENTERED_PAYMENTS), _legs.account == accounts.INSURANCE_CASH)
    )
    balance = balance_at(row, 0)
    by_status: dict[str, int] = {}
    for claim in claims(connection):
        by_status[claim.status] = by_status.get(claim.status, 0) + 1
    return Totals(
        claims=sum(by_status.values()),
        lines=_count(connection, select(func.count()).select_from(schema.lines).where(_lines.number > 0)),
        claims_by_status=by_status,
        balance=balance,
        remittances=_count(connection, select(func.count()).select_from(schema.remittances)),
        payments=_count(connection, select(func.coalesce(func.sum(_remittances.amount), 0))),
        posted=balance.insurance_paid - int(entered or 0),
        suspense=suspense,
        resolved=resolved,
        provider_adjustments=adjusted,
        suspense_items=_count(connection, select(func.count()).select_from(schema.suspense).where(item_is_open())),
    )


def _count(connection: Connection, query: Select[*tuple[Any, ...]]) -> int:
    return int(connection.scalar(query) or 0)
