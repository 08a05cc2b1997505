"""The work list `suspense`: money and payments that are not applied."""

from collections.abc import Iterator
from typing import Annotated

import msgspec
from sqlalchemy import Connection

from claimloop.edi.columns import MONEY, Shown
from claimloop.reconciliation.configuration.as_of import AsOf
from claimloop.reconciliation.ledger.common_columns import Days, LineNumber, TraceNumber
from claimloop.reconciliation.queries import suspense as open_items
from claimloop.reconciliation.worklists.worklist import Worklist, days_since


class HeldItem(msgspec.Struct, frozen=True, gc=False):
    """An open item of suspense, also where its amount is zero. `amount` is in cents."""

    item: Annotated[int, Shown("count", priority=1)]
    amount: Annotated[int, MONEY]
    reason: Annotated[str, Shown("text", priority=1)]
    trace_number: TraceNumber
    claim_control_number: Annotated[str | None, Shown("id", priority=2, heading="claim")]
    line_control_number: LineNumber
    days: Days
    file: str
    segment: int | None
    hold_reason: Annotated[str, Shown("code", heading="hold reason", listed=False)]


def suspense(connection: Connection, when: AsOf) -> Iterator[HeldItem]:
    """Yield the items, the most money first."""
    for row in sorted(open_items.suspense(connection), key=lambda each: -abs(each.amount)):
        yield HeldItem(
            item=row.item,
            amount=row.amount,
            reason=row.reason,
            trace_number=row.trace_number,
            claim_control_number=row.claim_control_number,
            line_control_number=row.line_control_number,
            days=days_since(row.payment_date, when.day),
            file=row.file,
            segment=row.segment,
            hold_reason=row.hold_reason,
        )


LIST = Worklist(
    "suspense",
    HeldItem,
    suspense,
    money="amount",
    title="Suspense",
    about="money and payments that are not applied",
    one="item in suspense",
    many="items in suspense",
    urgency=5,
    next_step="claimloop resolve ITEM --to CLAIM",
)
