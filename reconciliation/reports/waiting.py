"""The work lists in sums: how much waits, how old, for which payer, and the rows that a report shows."""

from datetime import date

import msgspec
from sqlalchemy import Connection

from claimloop.edi.diagnostics import mask
from claimloop.reconciliation.configuration.as_of import NOT_YET, AsOf
from claimloop.reconciliation.queries.views import Cell
from claimloop.reconciliation.reports.receivables import BUCKETS, bucket_of
from claimloop.reconciliation.worklists.registry import AMOUNTS, COLUMNS, WORKLISTS

MOST_ROWS = 200

IDENTIFIERS = frozenset(("claim_control_number", "line_control_number", "claim", "reference"))
"""Columns that could lead to a person."""

_WHOLE = frozenset(("unanswered",))
"""Lists that are read with what is not late yet."""


class Some(msgspec.Struct):
    """How many rows, and the money of them in cents."""

    count: int = 0
    amount: int = 0

    def add(self, amount: int) -> None:
        """One more."""
        self.count += 1
        self.amount += amount


class PayerWaiting(msgspec.Struct, frozen=True):
    """What waits of one payer."""

    payer_name: str
    waits: Some


class Waiting(msgspec.Struct, frozen=True):
    """One work list. `due` is what somebody has to do something about by now; `listed` has also what is not late yet.

    `ages` are the rows by bucket of their days (empty where the list has none), `payers` by payer, the most money
    first. `rows` are the first of them, of `columns`; what could lead to a person is masked unless it was asked for.
    """

    name: str
    due: Some
    listed: Some
    ages: tuple[Some, ...]
    payers: tuple[PayerWaiting, ...]
    columns: tuple[str, ...]
    rows: tuple[dict[str, Cell], ...]


def waiting(connection: Connection, when: AsOf, *, show_values: bool) -> tuple[Waiting, ...]:
    """Every work list as of a day."""
    return tuple(_waiting(connection, name, when, show_values=show_values) for name in WORKLISTS)


def _waiting(connection: Connection, name: str, when: AsOf, *, show_values: bool) -> Waiting:
    columns = COLUMNS[name]
    money = AMOUNTS[name]
    due, listed = Some(), Some()
    rows: list[dict[str, Cell]] = []
    ages = [Some() for _ in BUCKETS]
    payers: dict[str, Some] = {}
    asked = msgspec.structs.replace(when, everything=name in _WHOLE)
    for row in WORKLISTS[name](connection, asked):
        amount = int(str(row[money]).replace(".", ""))
        listed.add(amount)
        if row.get("late") != NOT_YET:
            due.add(amount)
        days = _days(row, when.day)
        if days is not None:
            ages[bucket_of(days)].add(amount)
        if "payer_name" in row:
            payers.setdefault(str(row["payer_name"]), Some()).add(amount)
        if len(rows) < MOST_ROWS:
            rows.append(dict(row) if show_values else _masked(row))
    by_payer = [PayerWaiting(payer, waits) for payer, waits in payers.items()]
    return Waiting(
        name=name,
        due=due,
        listed=listed,
        ages=tuple(ages) if any(age.count for age in ages) else (),
        payers=tuple(sorted(by_payer, key=lambda each: (-each.waits.amount, each.payer_name))),
        columns=columns,
        rows=tuple(rows),
    )


def _days(row: dict[str, Cell], today: date) -> int | None:
    """How long a row has waited: what its list says, or since the day that it names."""
    days, since = row.get("days"), row.get("since")
    if isinstance(days, int):
        return days
    return (today - date.fromisoformat(since)).days if isinstance(since, str) and since else None


def _masked(row: dict[str, Cell]) -> dict[str, Cell]:
    return {
        column: mask(cell) if column in IDENTIFIERS and isinstance(cell, str) else cell for column, cell in row.items()
    }
