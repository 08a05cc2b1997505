"""Payments that were held because what they build on had not come, tried again when it has: a reversal before its
original, a correction before its reversal, whatever the remittances and the order in which they came.
"""

from collections.abc import Collection

from sqlalchemy import Connection

from claimloop.reconciliation import schema
from claimloop.reconciliation.claims_on_file import find_claims
from claimloop.reconciliation.dispositions import Dispositions
from claimloop.reconciliation.matching import Matched, match_claim
from claimloop.reconciliation.posting import Circumstances, plan
from claimloop.reconciliation.releasing import Item, items, release

_AT_ONCE = 500


def settle_waiting(connection: Connection, numbers: Collection[str], dispositions: Dispositions, posted: str) -> None:
    """Try what waits for claims with these normalised control numbers, until nothing more can be settled.

    `posted` is the moment that the entries bear.
    """
    wanted = sorted(numbers)
    for start in range(0, len(wanted), _AT_ONCE):
        some = schema.suspense.c.waits_for.in_(wanted[start : start + _AT_ONCE])
        while any(_settle(connection, item, dispositions, posted) for item in items(connection, some)):
            pass


def _settle(connection: Connection, item: Item, dispositions: Dispositions, posted: str) -> bool:
    """Post what was held, if it can be by now. True where it was."""
    if item.payment is None or item.waits_for is None:
        return False
    states = find_claims(connection, [item.waits_for]).get(item.waits_for, [])
    match = match_claim(item.payment, [state.claim for state in states])
    state = next((each for each in states if isinstance(match, Matched) and each.claim is match.claim), None)
    posting = plan(item.payment, match, state, Circumstances(item.payer_id, item.day, dispositions))
    if posting.claim is None or state is None:
        return False
    release(connection, item, item.payment, posting, state, posted)
    return True
