"""Post payments from suspense once the payment that they depend on has arrived.

Examples are a reversal that arrived before its original, and a correction that arrived before the reversal, in one
remittance or in several. The result does not depend on the order in which the remittances arrived.
"""

from collections.abc import Collection

from sqlalchemy import Connection

from claimloop.reconciliation.claims.states import find_claims
from claimloop.reconciliation.ledger import schema
from claimloop.reconciliation.posting.allocation import Circumstances, mirrors, plan
from claimloop.reconciliation.posting.claim_state import ClaimState
from claimloop.reconciliation.posting.dispositions import Dispositions
from claimloop.reconciliation.posting.match import Matched, SubmittedClaim, match_claim
from claimloop.reconciliation.remittances.release import Item, items, release

_AT_ONCE = 500


def retry_held(connection: Connection, numbers: Collection[str], dispositions: Dispositions, posted: str) -> None:
    """Try the payments in suspense for claims with these normalized control numbers until none can be posted.

    A payment that other payments of the same payer leave no room for is still posted if its own reversal is in suspense
    too, because that reversal undoes it next. `posted` is the time of posting of the entries.

    Each payment posted can make room for another one, so the payments of a number are tried until a round posts none.
    The loop ends because every round that continues posts at least one item, and a posted item never returns. What
    cannot be posted stays in suspense unchanged.
    """
    wanted = sorted(numbers)
    for start in range(0, len(wanted), _AT_ONCE):
        some = schema.suspense.c.waits_for.in_(wanted[start : start + _AT_ONCE])
        progress = True  # a payment posted under one number of a claim may make room under another number
        while progress:
            progress = False
            groups = _by_number(items(connection, some))
            states = _States(connection, groups)
            for group in groups.values():
                progress |= _retry_number(connection, group, states, dispositions, posted)


class _States:
    """The claims submitted under some control numbers, found together, and found again after they changed."""

    def __init__(self, connection: Connection, numbers: Collection[str]) -> None:
        self._connection = connection
        self._found = find_claims(connection, numbers)

    def under(self, number: str) -> list[ClaimState]:
        """Return the claims submitted under this number."""
        if number not in self._found:
            self._found[number] = find_claims(self._connection, [number]).get(number, [])
        return self._found[number]

    def changed(self, claim: SubmittedClaim) -> None:
        """Forget a claim that something was posted to, so that it is found again under each of its numbers."""
        for number in [n for n, states in self._found.items() if any(each.claim.id == claim.id for each in states)]:
            del self._found[number]


def _by_number(waiting: Collection[Item]) -> dict[str, list[Item]]:
    groups: dict[str, list[Item]] = {}
    for item in waiting:
        if item.waits_for is not None:
            groups.setdefault(item.waits_for, []).append(item)
    return groups


def _retry_number(
    connection: Connection, waiting: list[Item], states: _States, dispositions: Dispositions, posted: str
) -> bool:  # fmt: skip
    """Post the items in suspense under one number that can be posted. Return true if there was one.

    Items are posted one at a time, the oldest possible first, and the rest is read again after each. Only if none can
    be posted in the ordinary way is a payment posted whose reversal is in suspense too.
    """
    number, progress = waiting[0].waits_for, False
    while waiting:
        reversed_too = (item for item in waiting if _is_reversed(item, waiting))
        if not any(
            _retry(connection, item, states, dispositions, posted, taken_back=False) for item in waiting
        ) and not any(_retry(connection, item, states, dispositions, posted, taken_back=True) for item in reversed_too):
            break
        progress = True
        waiting = items(connection, schema.suspense.c.waits_for == number)
    return progress


def _is_reversed(item: Item, waiting: Collection[Item]) -> bool:
    """Return true if the reversal of this payment is in suspense too."""
    if item.payment is None or item.payment.is_reversal:
        return False
    return any(
        other.payment is not None
        and other.payment.is_reversal
        and other.waits_for == item.waits_for
        and mirrors(other.payment, other.payer_id, item.payment, item.payer_id)
        for other in waiting
    )


def _retry(
    connection: Connection, item: Item, states: _States, dispositions: Dispositions, posted: str, *, taken_back: bool
) -> bool:  # fmt: skip
    """Post an item of suspense if that is possible now. Return true if it was posted."""
    if item.payment is None or item.waits_for is None:
        return False
    known = states.under(item.waits_for)
    match = match_claim(item.payment, [state.claim for state in known])
    state = next((each for each in known if isinstance(match, Matched) and each.claim is match.claim), None)
    around = Circumstances(item.payer_id, item.day, dispositions, taken_back=taken_back)
    posting = plan(item.payment, match, state, around)
    if posting.claim is None or state is None:
        return False
    release(connection, item, item.payment, posting, state, posted)
    states.changed(state.claim)
    return True
