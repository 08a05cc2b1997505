"""Payments that were held because what they build on had not come, tried again when it has: a reversal before its
original, a correction before its reversal, whatever the remittances and the order in which they came.
"""

from collections.abc import Collection

from sqlalchemy import Connection

from claimloop.reconciliation.claims.states import find_claims
from claimloop.reconciliation.ledger import schema
from claimloop.reconciliation.posting.allocation import Circumstances, ClaimState, mirrors, plan
from claimloop.reconciliation.posting.dispositions import Dispositions
from claimloop.reconciliation.posting.match import Matched, SubmittedClaim, match_claim
from claimloop.reconciliation.remittances.release import Item, items, release

_AT_ONCE = 500


def retry_held(connection: Connection, numbers: Collection[str], dispositions: Dispositions, posted: str) -> None:
    """Try what waits for claims with these normalized control numbers, until nothing more can be settled.

    A payment for which there is no room is posted all the same where its own reversal waits too: that undoes it next.
    `posted` is the moment that the entries bear.
    """
    wanted = sorted(numbers)
    for start in range(0, len(wanted), _AT_ONCE):
        some = schema.suspense.c.waits_for.in_(wanted[start : start + _AT_ONCE])
        settled = True  # what is settled under one number of a claim may make room under another one
        while settled:
            settled = False
            groups = _by_number(items(connection, some))
            states = _States(connection, groups)
            for group in groups.values():
                settled |= _settle_claim(connection, group, states, dispositions, posted)


class _States:
    """The claims that went out with each of some control numbers, found all at once, and anew when they changed."""

    def __init__(self, connection: Connection, numbers: Collection[str]) -> None:
        self._connection = connection
        self._found = find_claims(connection, numbers)

    def under(self, number: str) -> list[ClaimState]:
        """Those that went out with this number."""
        if number not in self._found:
            self._found[number] = find_claims(self._connection, [number]).get(number, [])
        return self._found[number]

    def changed(self, claim: SubmittedClaim) -> None:
        """Something was posted to the claim: it is to be found anew, under each of its numbers."""
        for number in [n for n, states in self._found.items() if any(each.claim.id == claim.id for each in states)]:
            del self._found[number]


def _by_number(waiting: Collection[Item]) -> dict[str, list[Item]]:
    groups: dict[str, list[Item]] = {}
    for item in waiting:
        if item.waits_for is not None:
            groups.setdefault(item.waits_for, []).append(item)
    return groups


def _settle_claim(
    connection: Connection, waiting: list[Item], states: _States, dispositions: Dispositions, posted: str
) -> bool:  # fmt: skip
    """Settle what can be of the items that wait under one number. True where something was."""
    number, settled = waiting[0].waits_for, False
    while waiting:
        taken_back = (item for item in waiting if _is_taken_back(item, waiting))
        if not any(
            _settle(connection, item, states, dispositions, posted, taken_back=False) for item in waiting
        ) and not any(_settle(connection, item, states, dispositions, posted, taken_back=True) for item in taken_back):
            break
        settled = True
        waiting = items(connection, schema.suspense.c.waits_for == number)
    return settled


def _is_taken_back(item: Item, waiting: Collection[Item]) -> bool:
    """True where the reversal of this payment is among what waits."""
    if item.payment is None or item.payment.is_reversal:
        return False
    return any(
        other.payment is not None
        and other.payment.is_reversal
        and other.waits_for == item.waits_for
        and mirrors(other.payment, other.payer_id, item.payment, item.payer_id)
        for other in waiting
    )


def _settle(
    connection: Connection, item: Item, states: _States, dispositions: Dispositions, posted: str, *, taken_back: bool
) -> bool:  # fmt: skip
    """Post what was held, if it can be by now. True where it was."""
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
