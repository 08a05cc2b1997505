"""The journal, leg by leg. Read only."""

from collections.abc import Iterator
from typing import Annotated

import msgspec
from sqlalchemy import Connection, select

from claimloop.edi.columns import DAY, MONEY, TEXT, Shown
from claimloop.reconciliation.ledger import schema
from claimloop.reconciliation.ledger.common_columns import LineNumber
from claimloop.reconciliation.ledger.connection import stream

_legs, _lines, _claims, _entries = schema.legs.c, schema.lines.c, schema.claims.c, schema.entries.c
_remittances = schema.remittances.c


class LegRow(msgspec.Struct, frozen=True, gc=False):
    """A leg of an entry in cents. Debits are positive, and the legs of an entry sum to zero."""

    entry: Annotated[int, Shown("count", priority=1)]
    kind: Annotated[str, TEXT]
    day: Annotated[str, DAY]
    posted: Annotated[str, Shown("day", priority=4)]
    trace_number: Annotated[str | None, Shown("id", priority=4, heading="trace")]
    claim_control_number: Annotated[str | None, Shown("id", priority=1, heading="claim")]
    line_control_number: LineNumber
    account: Annotated[str, TEXT]
    amount: Annotated[int, MONEY]


def legs(connection: Connection) -> Iterator[LegRow]:
    """Yield each leg, entry by entry."""
    query = (
        select(
            _entries.id, _entries.kind, _entries.day, _entries.posted, _remittances.trace_number,
            _claims.patient_control_number, _lines.line_control_number, _legs.account, _legs.amount,
        )
        .join_from(schema.legs, schema.entries, _entries.id == _legs.entry_id)
        .outerjoin(schema.remittances, _remittances.id == _entries.remittance_id)
        .outerjoin(schema.lines, _lines.id == _legs.line_id)
        .outerjoin(schema.claims, _claims.id == _lines.claim_id)
        .order_by(_legs.entry_id, _legs.number)
    )  # fmt: skip
    for row in stream(connection, query):
        yield LegRow(*row)
