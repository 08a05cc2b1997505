"""Denied amounts that are in effect, with the codes that the payer gave. Read only."""

from collections.abc import Iterator
from typing import Annotated

import msgspec
from sqlalchemy import Connection, select

from claimloop.edi.columns import MONEY, Shown
from claimloop.edi.records.remittance import ClaimPayment
from claimloop.reconciliation.ledger import accounts, schema
from claimloop.reconciliation.ledger.common_columns import ClaimNumber, LineNumber, PayerId, Procedure, TraceNumber
from claimloop.reconciliation.ledger.conditions import denial_is_in_effect
from claimloop.reconciliation.ledger.connection import stream

_lines, _claims, _remittances = schema.lines.c, schema.claims.c, schema.remittances.c
_payments, _services, _adjustments = schema.claim_payments.c, schema.service_payments.c, schema.adjustments.c
_decoder = msgspec.json.Decoder(ClaimPayment)


class DenialRow(msgspec.Struct, frozen=True, gc=False):
    """One denied adjustment: group and reason code (CAS), and the remark codes that came with it. Cents."""

    claim_control_number: ClaimNumber
    line_control_number: LineNumber
    payer_id: PayerId
    procedure: Procedure
    group: Annotated[str, Shown("code", priority=1)]
    reason: Annotated[str, Shown("code", priority=1)]
    remarks: Annotated[tuple[str, ...], Shown("text", priority=3)]
    amount: Annotated[int, MONEY]
    trace_number: TraceNumber
    payment_date: Annotated[str, Shown("day", priority=2, heading="paid on")]


def denials(connection: Connection) -> Iterator[DenialRow]:
    """Yield each denied amount that no reversal undid."""
    query = (
        select(
            _claims.patient_control_number, _lines.line_control_number, _claims.payer_id, _lines.procedure,
            _adjustments.group_code, _adjustments.reason, _adjustments.amount, _remittances.trace_number,
            _remittances.payment_date, _payments.record, _adjustments.service_ordinal,
        )
        .select_from(schema.adjustments)
        .join(schema.claim_payments, _payments.id == _adjustments.claim_payment_id)
        .join(schema.claims, _claims.id == _payments.claim_id)
        .join(schema.remittances, _remittances.id == _payments.remittance_id)
        .join(
            schema.service_payments,
            (_services.claim_payment_id == _payments.id) & (_services.ordinal == _adjustments.service_ordinal),
            isouter=True,
        )
        .outerjoin(schema.lines, _lines.id == _services.line_id)
        .where(_adjustments.disposition == accounts.DENIED, denial_is_in_effect())
        .order_by(_payments.id, _adjustments.ordinal)
    )  # fmt: skip
    for claim, line, payer, procedure, group, reason, amount, trace, day, record, ordinal in stream(connection, query):
        remarks = remarks_of(record, ordinal)
        yield DenialRow(claim, line, payer, procedure, group, reason, remarks, amount, trace, day)


def remarks_of(record: bytes, service: int) -> tuple[str, ...]:
    """Return the remark codes of a service of a claim payment (0: at claim level) and those of the whole payment."""
    payment = _decoder.decode(record)
    of_service = [remark.code for remark in payment.services[service - 1].remarks] if service else []
    return (*of_service, *(payment.outpatient.remarks if payment.outpatient else ()))
