"""The work list `unanswered`: the response that each claim waits for, since when, and how late it is."""

from collections.abc import Iterator
from datetime import date
from functools import cache
from typing import Annotated

import msgspec
from sqlalchemy import Connection

from claimloop.edi.columns import DAY, MONEY, Shown
from claimloop.reconciliation.acknowledgements.status import ANSWERS
from claimloop.reconciliation.configuration.as_of import LATE, NOT_YET, AsOf
from claimloop.reconciliation.configuration.expectations import Limits
from claimloop.reconciliation.ledger.common_columns import ClaimNumber, PayerName, Since
from claimloop.reconciliation.worklists.awaiting_adjudication import Undecided, undecided
from claimloop.reconciliation.worklists.worklist import Worklist

_TA1, _999, _277CA, _835 = range(len(ANSWERS))


class Unanswered(msgspec.Struct, frozen=True, gc=False):
    """A claim, the response that it waits for, and how late it is. `open` is in cents."""

    claim_control_number: ClaimNumber
    payer_id: Annotated[str, Shown("id", listed=False)]
    payer_name: PayerName
    partner: Annotated[str, Shown("id", priority=4)]
    awaited: Annotated[str, Shown("code", priority=1, heading="waiting for")]
    since: Since
    due: Annotated[str, DAY]
    days_late: Annotated[int, Shown("count", priority=1)]
    late: Annotated[str, Shown("text", listed=False)]
    open: Annotated[int, MONEY]
    last_said: Annotated[str, Shown("code", priority=3, heading="last response")]
    file: str


class _Awaited(msgspec.Struct, frozen=True, gc=False):
    """The response (a place in `ANSWERS`) that a submission waits for. Days are ordinals."""

    sending: Undecided
    answer: int
    since: int
    due: int


def unanswered(connection: Connection, when: AsOf) -> Iterator[Unanswered]:
    """Yield a row for each current claim that its payer has not adjudicated and for which a response is late.

    The row names the first late response in the order of `ANSWERS`. With `everything`, the list also has the claims
    without a late response, each with the response that is due first.

    A later response implies the earlier ones: after a 277CA for the claim, it no longer waits for the 999. Limits are
    calendar days after the day on which the file was built. A response that is due today is not late yet. After a
    reversal without a correction, the claim waits for an 835 again, from the day of the reversal. Claims that the front
    end rejected are on the work list `rejected`.

    A claim waits for a TA1 if the partner's configuration requests one now (ISA14), because the ledger does not keep
    ISA14 of each file. Imported files have neither TA1 nor 999 here; they count from the day of import.

    The order: late claims first. Among these, the earliest kind of response comes first, because it concerns whole
    files; then the most days late; then the most money. Claims that are not late follow in the order of their due days.
    """
    today = when.day.toordinal()
    limits = cache(when.limits)
    asked = {partner.name for partner in when.partners if partner.interchange.acknowledgement_requested}
    found = []
    for sending in undecided(connection, when):
        if sending.acknowledgement.rejected:
            continue
        missing = _missing(sending, limits(sending.partner, sending.payer_id), asks_ta1=sending.partner in asked)
        late = next((each for each in missing if each.due < today), None)
        if late or when.everything:
            found.append(late or min(missing, key=lambda each: each.due))
    found.sort(key=lambda each: _urgency(each, today))
    for each in found:
        sending = each.sending
        yield Unanswered(
            claim_control_number=sending.claim_control_number,
            payer_id=sending.payer_id,
            payer_name=sending.payer_name,
            partner=sending.partner,
            awaited=ANSWERS[each.answer],
            since=date.fromordinal(each.since).isoformat(),
            due=date.fromordinal(each.due).isoformat(),
            days_late=today - each.due,
            late=LATE if each.due < today else NOT_YET,
            open=sending.open,
            last_said=sending.acknowledgement.last,
            file=sending.file,
        )


def _missing(sending: Undecided, limits: Limits, *, asks_ta1: bool) -> list[_Awaited]:
    """Return the missing responses that no later one implies, in their order. The 835 is always one of them."""
    if sending.reversed_on:
        since = _ordinal(sending.reversed_on)
        return [_Awaited(sending, _835, since, since + limits.remittance_days)]
    since = _ordinal(sending.sent)
    days = limits.ta1_days, limits.acknowledgement_days, limits.claim_status_days, limits.remittance_days
    first = max(sending.acknowledgement.furthest, _277CA if sending.imported else _TA1 if asks_ta1 else _999)
    return [_Awaited(sending, answer, since, since + days[answer]) for answer in range(first, len(ANSWERS))]


def _urgency(each: _Awaited, today: int) -> tuple[int, ...]:
    if each.due < today:
        return 0, each.answer, each.due - today, -each.sending.open
    return 1, each.due, each.answer, -each.sending.open


@cache
def _ordinal(day: str) -> int:
    return date.fromisoformat(day).toordinal()


LIST = Worklist(
    "unanswered",
    Unanswered,
    unanswered,
    money="open",
    title="Unanswered",
    about="claims with a late TA1, 999, 277CA, or 835",
    one="claim waiting for an answer",
    many="claims waiting for an answer",
    urgency=4,
    counts_all=True,
)
