"""The work lists in sums: how many items, how old, for which payer, and the rows that a report shows."""

import msgspec
from sqlalchemy import Connection

from claimloop.edi.columns import names_of
from claimloop.edi.diagnostics import mask
from claimloop.reconciliation.configuration.as_of import AsOf
from claimloop.reconciliation.reports.receivables import BUCKETS, bucket_of
from claimloop.reconciliation.worklists.registry import WORKLISTS
from claimloop.reconciliation.worklists.worklist import Worklist, days_waited, is_due

MOST_ROWS = 200

IDENTIFIERS = frozenset(("claim_control_number", "line_control_number", "claim", "reference"))
"""Columns that could identify a patient."""


class Some(msgspec.Struct):
    """How many rows, and their money in cents."""

    count: int = 0
    amount: int = 0

    def add(self, amount: int) -> None:
        """Count one more row."""
        self.count += 1
        self.amount += amount


class PayerWaiting(msgspec.Struct, frozen=True):
    """The rows of one payer."""

    payer_name: str
    waits: Some


class Waiting(msgspec.Struct, frozen=True):
    """One work list. `due` counts what needs work now; `listed` also counts what is not late yet.

    `ages` are the rows by age (empty if the list has no days), `payers` by payer, the most money first. `rows` are the
    first of them, with `columns`. What could identify a patient is masked unless the caller asked for it.
    """

    name: str
    due: Some
    listed: Some
    ages: tuple[Some, ...]
    payers: tuple[PayerWaiting, ...]
    columns: tuple[str, ...]
    rows: tuple[msgspec.Struct, ...]


def waiting(connection: Connection, when: AsOf, *, show_values: bool) -> tuple[Waiting, ...]:
    """Return every work list as of a day."""
    return tuple(_waiting(connection, each, when, show_values=show_values) for each in WORKLISTS.values())


def _waiting(connection: Connection, worklist: Worklist, when: AsOf, *, show_values: bool) -> Waiting:
    due, listed = Some(), Some()
    rows: list[msgspec.Struct] = []
    ages = [Some() for _ in BUCKETS]
    payers: dict[str, Some] = {}
    asked = msgspec.structs.replace(when, everything=worklist.counts_all)
    for row in worklist.rows(connection, asked):
        amount = worklist.amount(row)
        listed.add(amount)
        if is_due(row):
            due.add(amount)
        days = days_waited(row, when.day)
        if days is not None:
            ages[bucket_of(days)].add(amount)
        if (payer := getattr(row, "payer_name", None)) is not None:
            payers.setdefault(payer, Some()).add(amount)
        if len(rows) < MOST_ROWS:
            rows.append(row if show_values else _masked(row))
    by_payer = [PayerWaiting(payer, waits) for payer, waits in payers.items()]
    return Waiting(
        name=worklist.name,
        due=due,
        listed=listed,
        ages=tuple(ages) if any(age.count for age in ages) else (),
        payers=tuple(sorted(by_payer, key=lambda each: (-each.waits.amount, each.payer_name))),
        columns=names_of(worklist.row),
        rows=tuple(rows),
    )


def _masked(row: msgspec.Struct) -> msgspec.Struct:
    known = {name: getattr(row, name) for name in row.__struct_fields__ if name in IDENTIFIERS}
    hidden = {name: mask(value) for name, value in known.items() if isinstance(value, str)}
    return msgspec.structs.replace(row, **hidden)
