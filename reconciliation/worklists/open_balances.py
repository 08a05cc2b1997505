"""What the payers of claims still owe."""

from collections.abc import Collection

from sqlalchemy import Connection, select

from claimloop.reconciliation.ledger import accounts, schema
from claimloop.reconciliation.ledger.balances import sum_of

_lines, _legs = schema.lines.c, schema.legs.c


def open_balances(connection: Connection, claim_ids: Collection[int]) -> dict[int, int]:
    """Return the open balances of some hundred claims, in cents; a claim without a leg has none."""
    query = (
        select(_lines.claim_id, sum_of(*accounts.accounts_of("open")))
        .join_from(schema.lines, schema.legs, _legs.line_id == _lines.id)
        .where(_lines.claim_id.in_(claim_ids))
        .group_by(_lines.claim_id)
    )
    return {claim_id: int(cents) for claim_id, cents in connection.execute(query)}
