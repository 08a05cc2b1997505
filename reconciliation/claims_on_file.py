"""What the ledger knows of submitted claims, as the records that matching and posting work on."""

from collections.abc import Collection
from datetime import date
from itertools import groupby

import msgspec
from sqlalchemy import Connection, select

from claimloop.edi.dates import DateRange
from claimloop.edi.remittance import ClaimPayment
from claimloop.reconciliation import schema
from claimloop.reconciliation.matching import SubmittedClaim, SubmittedLine
from claimloop.reconciliation.posting import ClaimState, EarlierPayment, Held, Leg

record_encoder = msgspec.json.Encoder(decimal_format="string")
_claim_payment_decoder = msgspec.json.Decoder(ClaimPayment)
_AT_ONCE = 500
"""Most parameters of one IN list; SQLite takes 999 for sure."""


def find_claims(connection: Connection, control_numbers: Collection[str]) -> dict[str, list[ClaimState]]:
    """The claims with one of these normalised control numbers, with their balances and payments that stand."""
    wanted = list(control_numbers)
    states: dict[str, list[ClaimState]] = {}
    for start in range(0, len(wanted), _AT_ONCE):
        _find_some(connection, wanted[start : start + _AT_ONCE], states)
    return states


def _find_some(connection: Connection, wanted: list[str], states: dict[str, list[ClaimState]]) -> None:
    claims, lines = schema.claims.c, schema.lines.c
    query = (
        select(
            claims.normalised_control_number, claims.id, claims.patient_control_number, claims.payer_id,
            claims.charge, lines.id, lines.number, lines.line_control_number, lines.procedure, lines.modifiers,
            lines.service_from, lines.service_to, lines.charge,
        )
        .join_from(schema.claims, schema.lines, lines.claim_id == claims.id)
        .where(claims.normalised_control_number.in_(wanted))
        .order_by(claims.id, lines.number)
    )  # fmt: skip
    by_id: dict[int, ClaimState] = {}
    for _, rows in groupby(connection.execute(query), key=lambda row: int(row[1])):
        bucket, *rest = [tuple(row) for row in rows]
        number, claim_id, control_number, payer_id, charge, bucket_id = bucket[:6]
        found = tuple(
            SubmittedLine(
                row[5], row[6], row[7], row[8], tuple(row[9].split()),
                DateRange(date.fromisoformat(row[10]), date.fromisoformat(row[11])), row[12],
            )
            for row in rest
        )  # fmt: skip
        claim = SubmittedClaim(claim_id, control_number, payer_id, charge, bucket_id, found)
        # A claim without payments has its whole charge open; `_add_payments` reads the balances of the others.
        balances = {line.id: {"charge": -line.charge, "open": line.charge} for line in found} | {bucket_id: {}}
        state = ClaimState(claim, balances, [])
        states.setdefault(number, []).append(state)
        by_id[claim_id] = state
    if by_id:
        _add_payments(connection, by_id)


def _add_payments(connection: Connection, by_id: dict[int, ClaimState]) -> None:
    payments = schema.claim_payments.c
    undone = select(payments.reverses_id).where(payments.reverses_id.is_not(None))
    query = (
        select(payments.claim_id, payments.id, payments.sequence, payments.record, payments.payer_id)
        .where(
            payments.claim_id.in_(by_id),
            payments.reverses_id.is_(None),
            payments.sequence > 0,
            payments.id.not_in(undone),
        )
        .order_by(payments.id)
    )
    paid: set[int] = set()
    for claim_id, payment_id, sequence, record, payer_id in connection.execute(query).all():
        paid.add(claim_id)
        by_id[claim_id].payments.append(
            EarlierPayment(
                payment_id, payer_id, sequence, _claim_payment_decoder.decode(record),
                _charges(connection, payment_id), _legs(connection, payment_id), _held(connection, payment_id),
            )
        )  # fmt: skip
    for claim_id in paid:
        state = by_id[claim_id]
        state.balances = {line_id: {} for line_id in state.balances}
        legs = schema.legs.c
        for line_id, account, amount in connection.execute(
            select(legs.line_id, legs.account, legs.amount).where(legs.line_id.in_(state.balances))
        ):
            balances = state.balances[line_id]
            balances[account] = balances.get(account, 0) + amount


def _charges(connection: Connection, payment_id: int) -> dict[int, int]:
    services = schema.service_payments.c
    charges: dict[int, int] = {}
    for line_id, charge in connection.execute(
        select(services.line_id, services.charge).where(
            services.claim_payment_id == payment_id, services.line_id.is_not(None)
        )
    ):
        charges[line_id] = charges.get(line_id, 0) + charge
    return charges


def _legs(connection: Connection, payment_id: int) -> list[Leg]:
    legs, entries = schema.legs.c, schema.entries.c
    query = (
        select(legs.account, legs.line_id, legs.amount)
        .join_from(schema.entries, schema.legs, legs.entry_id == entries.id)
        .where(entries.claim_payment_id == payment_id)
        .order_by(legs.entry_id, legs.number)
    )
    return [Leg(*row) for row in connection.execute(query)]


def _held(connection: Connection, payment_id: int) -> list[Held]:
    held = schema.suspense.c
    query = select(held.service_ordinal, held.line_control_number, held.amount, held.reason).where(
        held.claim_payment_id == payment_id
    )
    return [Held(*row) for row in connection.execute(query)]
