"""Prove every identity of the ledger from its rows (rules.md#ledger-identities), and its chain of seals. Read only."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection, Select, func, select

from claimloop.edi.money import two_decimals
from claimloop.reconciliation.claims.states import claim_states
from claimloop.reconciliation.ledger import accounts, schema
from claimloop.reconciliation.ledger.seals import broken_seals
from claimloop.reconciliation.posting.match import normalized
from claimloop.reconciliation.posting.settlement import Balances
from claimloop.reconciliation.queries.remittances import remittances
from claimloop.reconciliation.remittances.book_recoupments import RECOVERS, wrongly_recouped

_AT_ONCE = 500
_legs, _lines, _claims, _entries = schema.legs.c, schema.lines.c, schema.claims.c, schema.entries.c
_remittances, _suspense = schema.remittances.c, schema.suspense.c

Progress = Callable[[int], None]


class Audit(msgspec.Struct):
    """How many rows of each kind were checked, and every problem found."""

    entries: int = 0
    lines: int = 0
    claims: int = 0
    remittances: int = 0
    problems: list[str] = []

    @property
    def clean(self) -> bool:
        """Return true if there is no problem."""
        return not self.problems


def audit(connection: Connection, progress: Progress | None = None) -> Audit:
    """Check every identity. `progress` is called with the number of claims whose balances were recomputed."""
    result = Audit(
        entries=_count(connection, schema.entries),
        lines=connection.scalar(select(func.count()).select_from(schema.lines).where(_lines.number > 0)) or 0,
        claims=_count(connection, schema.claims),
        remittances=_count(connection, schema.remittances),
    )
    for proof in (
        _broken_file,
        _entries_that_do_not_balance,
        _lost_legs,
        _remittances_that_differ,
        _suspense_that_differs,
        _recoveries_that_differ,
        _recoupments_that_differ,
    ):
        result.problems += proof(connection)
    result.problems += broken_seals(connection)
    result.problems += _claims_that_differ(connection, progress)
    return result


def _count(connection: Connection, table: Any) -> int:
    return connection.scalar(select(func.count()).select_from(table)) or 0


def _broken_file(connection: Connection) -> Iterator[str]:
    """Yield what SQLite's own checks find: a damaged file, rows that refer to missing rows. PostgreSQL has none."""
    if connection.dialect.name != "sqlite":
        return
    for (result,) in connection.exec_driver_sql("PRAGMA integrity_check(20)"):
        if result != "ok":
            yield f"the database file: {result}"
    for table, row, parent, _ in connection.exec_driver_sql("PRAGMA foreign_key_check"):
        yield f"{table} row {row} refers to a missing row of {parent}"


def _entries_that_do_not_balance(connection: Connection) -> Iterator[str]:
    query = (
        select(_legs.entry_id, _legs.line_id)
        .group_by(_legs.entry_id, _legs.line_id)
        .having(func.sum(_legs.amount) != 0)
    )
    for entry, line in connection.execute(query.order_by(_legs.entry_id)):
        yield f"entry {entry}: its legs of {f'line {line}' if line else 'no line'} do not sum to zero"


def _lost_legs(connection: Connection) -> Iterator[str]:
    """Yield legs without an entry, and entries without a leg."""
    lost = select(_legs.entry_id).outerjoin_from(schema.legs, schema.entries, _entries.id == _legs.entry_id)
    for entry in connection.scalars(lost.where(_entries.id.is_(None)).distinct()):
        yield f"entry {entry} is missing, but its legs exist"
    empty = select(_entries.id).outerjoin_from(schema.entries, schema.legs, _entries.id == _legs.entry_id)
    for entry in connection.scalars(empty.where(_legs.entry_id.is_(None))):
        yield f"entry {entry} has no leg"


def _remittances_that_differ(connection: Connection) -> Iterator[str]:
    for row in remittances(connection):
        if row.difference:
            yield f"remittance {row.trace_number} of payer {row.payer_id}: difference {two_decimals(row.difference)}"


def _suspense_that_differs(connection: Connection) -> Iterator[str]:
    """Check that each remittance's items total its suspense balance, and that each settlement cancels its item."""
    items = _by_remittance(
        select(_suspense.remittance_id, func.sum(_suspense.amount)).group_by(_suspense.remittance_id), connection
    )
    booked = _by_remittance(
        select(_entries.remittance_id, -func.sum(_legs.amount))
        .join_from(schema.legs, schema.entries, _entries.id == _legs.entry_id)
        .where(_legs.account == accounts.SUSPENSE)
        .group_by(_entries.remittance_id),
        connection,
    )
    for remittance in sorted(items | booked):
        listed, held = items.get(remittance, 0), booked.get(remittance, 0)
        if listed != held:
            held_and_listed = f"{two_decimals(held)} in suspense, but its items total {two_decimals(listed)}"
            yield f"remittance row {remittance}: {held_and_listed}"
    settling = schema.suspense.alias()
    uneven = select(_suspense.id).join_from(schema.suspense, settling, settling.c.settles_id == _suspense.id)
    for item in connection.scalars(uneven.where(settling.c.amount != -_suspense.amount)):
        yield f"item {item} in suspense was settled with a different amount"


def _recoveries_that_differ(connection: Connection) -> Iterator[str]:
    """Check that the recoveries recorded are those of the provider-level adjustments."""
    adjustments, recoveries = schema.provider_adjustments.c, schema.recoveries.c
    recovering = (
        select(
            adjustments.remittance_id, adjustments.ordinal, adjustments.reference, adjustments.amount,
            _remittances.payer_id,
        )
        .join_from(schema.provider_adjustments, schema.remittances, _remittances.id == adjustments.remittance_id)
        .where(adjustments.reason.in_(RECOVERS), _remittances.hold_reason == "")
    )  # fmt: skip
    expected = {
        (remittance, place, payer_id, normalized(reference), amount)
        for remittance, place, reference, amount, payer_id in connection.execute(recovering)
        if normalized(reference)
    }
    query = select(
        recoveries.remittance_id, recoveries.ordinal, recoveries.payer_id, recoveries.normalised_reference,
        recoveries.amount,
    )  # fmt: skip
    kept = {tuple(row) for row in connection.execute(query)}
    for remittance, place, *_ in sorted(kept ^ expected):
        yield f"remittance row {remittance}: provider-level adjustment {place} differs from its recorded recovery"


def _recoupments_that_differ(connection: Connection) -> Iterator[str]:
    """Check that each claim's recouped amount follows from payments, provider-level adjustments, and manual entries."""
    for claim, booked, due in wrongly_recouped(connection):
        amounts = f"{two_decimals(booked)} recouped, {two_decimals(due)} due"
        yield f"claim {claim.patient_control_number}: {amounts}"


def _by_remittance(query: Select[Any], connection: Connection) -> dict[int, int]:
    return {remittance: int(amount) for remittance, amount in connection.execute(query) if amount}


def _claims_that_differ(connection: Connection, progress: Progress | None) -> Iterator[str]:
    """Check that each line's balances equal those recomputed from payments in effect and manual entries."""
    done = 0
    claim_ids = connection.scalars(select(_claims.id).order_by(_claims.id)).all()
    for start in range(0, len(claim_ids), _AT_ONCE):
        some = claim_ids[start : start + _AT_ONCE]
        booked = _balances(connection, some)
        for state in claim_states(connection, some).values():
            settled = state.settled()
            number = state.claim.patient_control_number
            for line_id, charge in ((line.id, line.charge) for line in state.claim.lines):
                yield from _differences(
                    f"claim {number} line {line_id}", booked.get(line_id, {}), settled.get(line_id, {})
                )
                charged = -booked.get(line_id, {}).get(accounts.CHARGE, 0)
                if not state.claim.closed and charged != charge:
                    amounts = f"charged {two_decimals(charged)}, submitted {two_decimals(charge)}"
                    yield f"claim {number} line {line_id}: {amounts}"
            claim_level = state.claim.claim_level_id
            yield from _differences(f"claim {number}", booked.get(claim_level, {}), settled.get(claim_level, {}))
        done += len(some)
        if progress:
            progress(done)


def _differences(subject: str, booked: Balances, settled: Balances) -> Iterator[str]:
    owed = booked.get(accounts.PATIENT, 0) + booked.get(accounts.PATIENT_CASH, 0)
    for account in accounts.SETTLED:
        actual = owed if account == accounts.PATIENT else booked.get(account, 0)
        if actual != settled.get(account, 0):
            due = two_decimals(settled.get(account, 0))
            yield f"{subject}: {account} is {two_decimals(actual)}, but the payments total {due}"
    if sum(booked.values()):
        yield f"{subject}: its legs do not sum to zero"


def _balances(connection: Connection, claim_ids: Sequence[int]) -> dict[int, Balances]:
    query = (
        select(_legs.line_id, _legs.account, func.sum(_legs.amount))
        .join_from(schema.legs, schema.lines, _lines.id == _legs.line_id)
        .where(_lines.claim_id.in_(claim_ids))
        .group_by(_legs.line_id, _legs.account)
    )
    found: dict[int, Balances] = {}
    for line_id, account, amount in connection.execute(query):
        found.setdefault(line_id, {})[account] = int(amount)
    return found
