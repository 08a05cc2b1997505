"""Settle items of suspense. Each settlement is a new entry of the item's own remittance; no posted row changes."""

from datetime import date
from typing import Any

import msgspec
from sqlalchemy import Connection, func, select

from claimloop.edi.records.remittance import ClaimPayment
from claimloop.reconciliation.ledger import schema
from claimloop.reconciliation.ledger.conditions import item_is_open
from claimloop.reconciliation.ledger.connection import next_id
from claimloop.reconciliation.ledger.inserts import EntryRow, LegRow, SuspenseRow
from claimloop.reconciliation.ledger.stored_codes import HoldReason, Settlement
from claimloop.reconciliation.posting.allocation import Posting, suspense_legs
from claimloop.reconciliation.posting.claim_state import ClaimState
from claimloop.reconciliation.posting.settlement import Leg
from claimloop.reconciliation.remittances.rows import Rows

_payments = msgspec.json.Decoder(ClaimPayment)


class Item(msgspec.Struct, frozen=True):
    """An item of suspense and what it belongs to. `amount` is in cents.

    `payment` and `payment_id` are the claim payment, or None if the item belongs to the remittance only. `claim_id` is
    the claim that the payment's other services were posted to. `place` is the position of the CLP in its set, and
    `service` that of the SVC in the CLP (None for the whole payment); both count from 1.
    """

    id: int
    amount: int
    hold_reason: HoldReason
    remittance_id: int
    payer_id: str
    day: date
    claim_control_number: str | None
    line_control_number: str | None
    waits_for: str | None
    payment_id: int | None
    claim_id: int | None
    place: int
    service: int | None
    payment: ClaimPayment | None


def items(connection: Connection, *which: Any) -> list[Item]:
    """Return the open items that meet these conditions, the oldest first."""
    held, payments, remittances = schema.suspense.c, schema.claim_payments.c, schema.remittances.c
    query = (
        select(
            held.id, held.amount, held.hold_reason, held.remittance_id, remittances.payer_id, remittances.payment_date,
            held.claim_control_number, held.line_control_number, held.waits_for, payments.id.label("payment_id"),
            payments.claim_id, payments.ordinal, held.service_ordinal, payments.record,
        )
        .join_from(schema.suspense, schema.remittances, remittances.id == held.remittance_id)
        .outerjoin(schema.claim_payments, payments.id == held.claim_payment_id)
        .where(item_is_open(), *which)
        .order_by(held.id)
    )  # fmt: skip
    return [
        Item(
            row.id, row.amount, row.hold_reason, row.remittance_id, row.payer_id, date.fromisoformat(row.payment_date),
            row.claim_control_number, row.line_control_number, row.waits_for, row.payment_id, row.claim_id,
            row.ordinal or 0, row.service_ordinal, _payments.decode(row.record) if row.record else None,
        )
        for row in connection.execute(query)
    ]  # fmt: skip


def release(
    connection: Connection, item: Item, payment: ClaimPayment, posting: Posting, state: ClaimState, posted: str
) -> int | None:
    """Post an item according to `posting`; `payment` is its whole payment, or the held service alone.

    Return the id of the entry, or None if no money moved. `posted` is the time of posting of the entry.
    """
    payment_id, entry = next_id(connection, schema.claim_payments), next_id(connection, schema.entries)
    suspense_id = next_id(connection, schema.suspense)
    rows = Rows()
    place = _free_place(connection, item.remittance_id)
    rows.add_payment(payment_id, item.remittance_id, place, item.payer_id, payment, posting, item.payment_id)
    legs = [leg for leg in (*posting.legs, *suspense_legs(-item.amount)) if leg.amount]
    kind = "reversal" if posting.reverses else "claim payment"
    if legs:
        _enter(rows, entry, kind, item, item.day, posted, payment_id, legs)
    number = item.claim_control_number
    rows.suspense.append(
        SuspenseRow(
            id=suspense_id,
            remittance_id=item.remittance_id,
            claim_payment_id=payment_id,
            service_ordinal=None,
            entry_id=entry if legs else None,
            claim_control_number=number,
            line_control_number=None,
            amount=-item.amount,
            hold_reason=item.hold_reason,
            settles_id=item.id,
            settled_by="posted",
            settled_claim_control_number=state.claim.patient_control_number,
        )
    )
    for further, held in enumerate(posting.held, start=1):
        rows.suspense.append(
            SuspenseRow(
                id=suspense_id + further,
                remittance_id=item.remittance_id,
                claim_payment_id=payment_id,
                service_ordinal=held.service,
                entry_id=entry if held.amount else None,
                claim_control_number=number,
                line_control_number=held.line_control_number,
                amount=held.amount,
                hold_reason=held.hold_reason,
            )
        )
    rows.write(connection)
    return entry if legs else None


def release_money(
    connection: Connection, item: Item, legs: list[Leg], day: date, posted: str, settled_by: Settlement,
    claim_control_number: str | None = None,
) -> int | None:  # fmt: skip
    """Settle an item with these legs, which move its amount, without posting a claim payment; return the entry's id.

    `claim_control_number` is that of the claim that the money was posted to.
    """
    rows = Rows()
    entry = next_id(connection, schema.entries) if item.amount else None
    if entry is not None:
        _enter(rows, entry, "suspense resolved", item, day, posted, None, legs)
    rows.suspense.append(
        SuspenseRow(
            id=next_id(connection, schema.suspense),
            remittance_id=item.remittance_id,
            claim_payment_id=item.payment_id,
            service_ordinal=item.service,
            entry_id=entry,
            claim_control_number=item.claim_control_number,
            line_control_number=item.line_control_number,
            amount=-item.amount,
            hold_reason=item.hold_reason,
            settles_id=item.id,
            settled_by=settled_by,
            settled_claim_control_number=claim_control_number,
        )
    )
    rows.write(connection)
    return entry


def _enter(
    rows: Rows, entry: int, kind: str, item: Item, day: date, posted: str, payment_id: int | None, legs: list[Leg]
) -> None:  # fmt: skip
    rows.legs += [LegRow(entry, place, leg.account, leg.line_id, leg.amount) for place, leg in enumerate(legs, start=1)]
    rows.entries.append(
        EntryRow(
            id=entry,
            kind=kind,
            day=day.isoformat(),
            posted=posted,
            remittance_id=item.remittance_id,
            claim_payment_id=payment_id,
        )
    )


def _free_place(connection: Connection, remittance_id: int) -> int:
    """Return a position below zero: the positions of the file stay with the rows as they were received."""
    payments = schema.claim_payments.c
    lowest = connection.scalar(select(func.min(payments.ordinal)).where(payments.remittance_id == remittance_id))
    return min(lowest or 0, 0) - 1
