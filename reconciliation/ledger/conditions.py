"""Conditions that queries share, each defined once: payments in effect, current claims, open items of suspense.

They are worded so that a query for few rows reads few rows. SQLite takes `IS NULL` on a unique column for one row at
most, and so reads all rows that refer to none first. `NOT IN (SELECT …)` lists the whole table for each query.
"""

from functools import cache

from sqlalchemy import ColumnElement, FromClause, Table, case, exists, func

from claimloop.reconciliation.ledger import schema

VOID = "8"
"""CLM05-3 of a claim that voids an earlier one."""

_claims, _payments, _suspense = schema.claims.c, schema.claim_payments.c, schema.suspense.c


def refers_to_none(reference: ColumnElement[int]) -> ColumnElement[bool]:
    """Return true where the reference is null; ids count from 1."""
    return func.coalesce(reference, 0) == 0


def none_refers(table: Table, reference: str, to: ColumnElement[int]) -> ColumnElement[bool]:
    """Return true where no row of the table has `to` as its reference."""
    return ~exists().where(_other(table).c[reference] == to)


def is_no_reversal() -> ColumnElement[bool]:
    """Return true for a claim payment that reverses no other."""
    return refers_to_none(_payments.reverses_id)


def is_not_reversed() -> ColumnElement[bool]:
    """Return true for a claim payment that no reversal undid."""
    return none_refers(schema.claim_payments, "reverses_id", _payments.id)


def payment_is_in_effect() -> ColumnElement[bool]:
    """Return true for a claim payment that is not a reversal and was not reversed."""
    return is_no_reversal() & is_not_reversed()


def denial_is_in_effect() -> ColumnElement[bool]:
    """Return true for a claim payment whose denials count: neither it nor the row that it was held as was reversed."""
    return is_not_reversed() & none_refers(schema.claim_payments, "reverses_id", _payments.origin_id)


def is_replaced() -> ColumnElement[bool]:
    """Return true for a claim whose encounter was sent in a higher version."""
    later = _other(schema.claims).c
    return exists().where(later.encounter_id == _claims.encounter_id, later.version > _claims.version)


def is_voided() -> ColumnElement[bool]:
    """Return true for a claim that a void was sent for."""
    void = _other(schema.sendings).c
    return exists().where(void.claim_id == _claims.id, void.frequency == VOID)


def is_current() -> ColumnElement[bool]:
    """Return true for a claim that was neither replaced nor voided."""
    return ~is_replaced() & ~is_voided()


def end_of_claim() -> ColumnElement[str]:
    """Return `voided` or `replaced`; empty while the claim is current."""
    return case((is_voided(), "voided"), (is_replaced(), "replaced"), else_="")


def is_newest_submission() -> ColumnElement[bool]:
    """Return true for the submission of a claim that no later one followed."""
    later, sendings = _other(schema.sendings).c, schema.sendings.c
    return ~exists().where(later.claim_id == sendings.claim_id, later.version > sendings.version)


def is_held_item() -> ColumnElement[bool]:
    """Return true for a row of `suspense` that is an item, not the settlement of one."""
    return refers_to_none(_suspense.settles_id)


def item_is_open() -> ColumnElement[bool]:
    """Return true for an item of suspense that nothing settled."""
    return is_held_item() & none_refers(schema.suspense, "settles_id", _suspense.id)


@cache
def _other(table: Table) -> FromClause:
    """Return an alias of the table, the same for all queries: to make one takes longer than the queries."""
    return table.alias()
