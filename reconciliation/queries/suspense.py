"""Open items of suspense. Read only."""

from collections.abc import Iterator
from typing import Annotated

import msgspec
from sqlalchemy import Connection, select

from claimloop.edi.columns import MONEY, Shown
from claimloop.reconciliation.ledger import schema
from claimloop.reconciliation.ledger.common_columns import LineNumber, TraceNumber
from claimloop.reconciliation.ledger.conditions import item_is_open
from claimloop.reconciliation.ledger.connection import stream
from claimloop.reconciliation.ledger.stored_codes import hold_reason_text

_remittances, _suspense, _payments = schema.remittances.c, schema.suspense.c, schema.claim_payments.c
_former = schema.former_texts.c


class SuspenseRow(msgspec.Struct, frozen=True, gc=False):
    """An item that needs work, also where its amount is zero. `amount` is in cents."""

    trace_number: TraceNumber
    claim_control_number: Annotated[str | None, Shown("id", priority=2, heading="claim")]
    line_control_number: LineNumber
    amount: Annotated[int, MONEY]
    reason: Annotated[str, Shown("text", priority=1)]
    item: Annotated[int, Shown("count", priority=1)]
    file: str
    segment: int | None
    payment_date: Annotated[str, Shown("day", priority=2, heading="paid on")]
    hold_reason: Annotated[str, Shown("code", heading="hold reason", listed=False)]


def suspense(connection: Connection) -> Iterator[SuspenseRow]:
    """Yield each open item."""
    query = (
        select(
            _remittances.trace_number, _suspense.claim_control_number, _suspense.line_control_number,
            _suspense.amount, _suspense.id, _remittances.file, _payments.segment, _remittances.payment_date,
            _suspense.hold_reason, _payments.status, _payments.reverses_id, _former.text,
        )
        .join_from(schema.suspense, schema.remittances, _remittances.id == _suspense.remittance_id)
        .outerjoin(schema.claim_payments, _payments.id == _suspense.claim_payment_id)
        .outerjoin(
            schema.former_texts, (_former.table_name == schema.suspense.name) & (_former.row_id == _suspense.id)
        )
        .where(item_is_open())
        .order_by(_suspense.id)
    )  # fmt: skip
    for trace, claim, line, amount, item, file, segment, day, hold_reason, *about in stream(connection, query):
        reason = reason_of_item(hold_reason, *about)
        yield SuspenseRow(trace, claim, line, amount, reason, item, file, segment, day, hold_reason)


def reason_of_item(hold_reason: str, claim_status: str | None, reverses: int | None, former_text: str | None) -> str:
    """Return why an item is in suspense, in words: those of an older version where it had no code for them."""
    return former_text or hold_reason_text(hold_reason, claim_status, reverses=reverses is not None)
