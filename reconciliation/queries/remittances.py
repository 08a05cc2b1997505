"""Remittances, each with the proof that all of its money is somewhere. Read only."""

from collections.abc import Iterator
from typing import Annotated

import msgspec
from sqlalchemy import Connection, case, func, select

from claimloop.edi.columns import MONEY, Shown
from claimloop.reconciliation.ledger import accounts, schema
from claimloop.reconciliation.ledger.balances import sum_of
from claimloop.reconciliation.ledger.common_columns import PayerId, PayerName
from claimloop.reconciliation.ledger.connection import stream

_legs, _entries, _remittances = schema.legs.c, schema.entries.c, schema.remittances.c


class RemittanceRow(msgspec.Struct, frozen=True, gc=False):
    """A remittance in cents: `payment_amount = posted + suspense + resolved − provider_adjustments`.

    `resolved` is what staff took out of suspense without posting it. `difference` is always zero.
    """

    trace_number: Annotated[str, Shown("id", priority=1, heading="trace")]
    payer_id: PayerId
    payment_date: Annotated[str, Shown("day", priority=2, heading="paid on")]
    payment_amount: Annotated[int, Shown("money", priority=1, heading="payment")]
    posted: Annotated[int, MONEY]
    suspense: Annotated[int, MONEY]
    provider_adjustments: Annotated[int, Shown("money", priority=2, heading="provider adj.")]
    difference: Annotated[int, Shown("money", priority=2)]
    payer_name: PayerName
    file: str
    resolved: Annotated[int, Shown("money", priority=3)]


def remittances(connection: Connection) -> Iterator[RemittanceRow]:
    """Yield each remittance."""
    with_line = case((_legs.line_id.is_not(None) & (_legs.account == accounts.INSURANCE_CASH), _legs.amount), else_=0)
    query = (
        select(
            _remittances.trace_number, _remittances.payer_id, _remittances.payment_date, _remittances.payer_name,
            _remittances.file, _remittances.amount, func.coalesce(func.sum(with_line), 0), -sum_of(accounts.SUSPENSE),
            sum_of(accounts.PROVIDER_ADJUSTMENT), -sum_of(*accounts.RESOLVED),
        )
        .select_from(schema.remittances)
        .outerjoin(schema.entries, _entries.remittance_id == _remittances.id)
        .outerjoin(schema.legs, _legs.entry_id == _entries.id)
        .group_by(_remittances.id)
        .order_by(_remittances.id)
    )  # fmt: skip
    for trace, payer, day, name, file, *amounts in stream(connection, query):
        amount, posted, suspense, adjusted, resolved = map(int, amounts)
        yield RemittanceRow(
            trace_number=trace,
            payer_id=payer,
            payment_date=day,
            payment_amount=amount,
            posted=posted,
            suspense=suspense,
            provider_adjustments=adjusted,
            difference=amount - (posted + suspense + resolved - adjusted),
            payer_name=name,
            file=file,
            resolved=resolved,
        )
