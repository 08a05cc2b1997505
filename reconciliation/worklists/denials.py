"""The work list `denials`: lines that are denied and not resolved."""

from collections.abc import Iterator
from typing import Annotated

import msgspec
from sqlalchemy import Connection, select

from claimloop.edi.columns import MONEY, Shown
from claimloop.edi.records.adjustments import denial_category
from claimloop.reconciliation.configuration.as_of import AsOf
from claimloop.reconciliation.ledger import schema
from claimloop.reconciliation.ledger.common_columns import (
    ClaimNumber,
    Days,
    LineNumber,
    PayerId,
    Procedure,
    TraceNumber,
)
from claimloop.reconciliation.queries.denials import remarks_of
from claimloop.reconciliation.worklists.standing_denials import denied_lines, with_their_denials
from claimloop.reconciliation.worklists.worklist import Worklist, days_since

_lines, _claims, _services = schema.lines.c, schema.claims.c, schema.service_payments.c
_payments, _adjustments, _remittances = schema.claim_payments.c, schema.adjustments.c, schema.remittances.c


class DeniedLine(msgspec.Struct, frozen=True, gc=False):
    """A line, or a claim that its payer denied as a whole, of which something is still denied (cents).

    `kind` is the denial category of the first reason that has one. `trace_number`, `file`, and `segment` are those of
    the last denial.
    """

    claim_control_number: ClaimNumber
    line_control_number: LineNumber
    payer_id: PayerId
    procedure: Procedure
    denied: Annotated[int, MONEY]
    kind: Annotated[str, Shown("text", priority=2, heading="category")]
    reasons: Annotated[tuple[str, ...], Shown("text", priority=2)]
    remarks: Annotated[tuple[str, ...], Shown("text", priority=3)]
    days: Days
    trace_number: TraceNumber
    file: str
    segment: int


def denials(connection: Connection, when: AsOf) -> Iterator[DeniedLine]:
    """Yield the lines, the most money first."""
    denied = denied_lines()
    query = with_their_denials(
        select(
            denied.c.line_id, denied.c.denied, _claims.patient_control_number, _lines.line_control_number,
            _claims.payer_id, _lines.procedure, _adjustments.group_code, _adjustments.reason, _services.ordinal,
            _payments.record, _payments.segment, _remittances.payment_date, _remittances.trace_number,
            _remittances.file,
        ),
        denied,
    ).order_by(denied.c.denied.desc(), denied.c.line_id, _payments.id, _adjustments.ordinal)  # fmt: skip
    found: dict[int, DeniedLine] = {}
    for row in connection.execute(query):
        known = found.get(row.line_id)
        reasons = dict.fromkeys((*(known.reasons if known else ()), f"{row.group_code}-{row.reason}"))
        remarks = dict.fromkeys((*(known.remarks if known else ()), *remarks_of(row.record, row.ordinal)))
        found[row.line_id] = DeniedLine(
            claim_control_number=row.patient_control_number,
            line_control_number=row.line_control_number,
            payer_id=row.payer_id,
            procedure=row.procedure,
            denied=int(row.denied),
            kind=(known.kind if known else "") or denial_category(row.reason),
            reasons=tuple(reasons),
            remarks=tuple(remarks),
            days=days_since(row.payment_date, when.day),
            trace_number=row.trace_number,
            file=row.file,
            segment=row.segment,
        )
    yield from found.values()


LIST = Worklist(
    "denials",
    DeniedLine,
    denials,
    money="denied",
    title="Denied",
    about="lines that are denied and not resolved",
    one="denied line",
    many="denied lines",
    urgency=3,
    next_step="claimloop correct CLAIM --with ENCOUNTER -o outbox",
)
