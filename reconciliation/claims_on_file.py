"""What the ledger knows of submitted claims, as the records that matching and posting work on."""

from collections.abc import Collection
from datetime import date
from functools import lru_cache
from itertools import groupby
from operator import itemgetter

import msgspec
from sqlalchemy import Connection, select

from claimloop.edi.dates import DateRange
from claimloop.edi.remittance import ClaimPayment
from claimloop.reconciliation import accounts, schema
from claimloop.reconciliation.dispositions import MOVING
from claimloop.reconciliation.matching import SubmittedClaim, SubmittedLine
from claimloop.reconciliation.posting import ClaimState, EarlierPayment, Held

record_encoder = msgspec.json.Encoder()
_claim_payment_decoder = msgspec.json.Decoder(ClaimPayment)
_AT_ONCE = 500
"""Most parameters of one IN list; SQLite takes 999 for sure."""


def find_claims(connection: Connection, control_numbers: Collection[str]) -> dict[str, list[ClaimState]]:
    """The claims with one of these normalised control numbers, with their payments that stand."""
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
            claims.charge, claims.member_id, claims.last_names, lines.id, lines.number, lines.line_control_number,
            lines.procedure, lines.modifiers, lines.service_from, lines.service_to, lines.charge,
        )
        .join_from(schema.claims, schema.lines, lines.claim_id == claims.id)
        .where(claims.normalised_control_number.in_(wanted))
        .order_by(claims.id, lines.number)
    )  # fmt: skip
    by_id: dict[int, ClaimState] = {}
    for _, rows in groupby(connection.execute(query).all(), key=itemgetter(1)):
        bucket, *rest = rows
        number, claim_id, control_number, payer_id, charge, member_id, last_names, bucket_id = bucket[:8]
        found = tuple(
            SubmittedLine(line, place, sent, procedure, _modifiers(modifiers), _period(start, end), line_charge)
            for *_, line, place, sent, procedure, modifiers, start, end, line_charge in rest
        )
        claim = SubmittedClaim(
            claim_id, control_number, payer_id, charge, bucket_id, found, member_id, tuple(last_names.splitlines())
        )
        state = ClaimState(claim, [])
        states.setdefault(number, []).append(state)
        by_id[claim_id] = state
    if by_id:
        _add_payments(connection, by_id)


@lru_cache(maxsize=4096)
def _period(start: str, end: str) -> DateRange:
    return DateRange(date.fromisoformat(start), date.fromisoformat(end))


@lru_cache(maxsize=4096)
def _modifiers(text: str) -> tuple[str, ...]:
    return tuple(text.split())


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
    standing: dict[int, EarlierPayment] = {}
    for claim_id, payment_id, sequence, record, payer_id in connection.execute(query).all():
        payment = _claim_payment_decoder.decode(record)
        standing[payment_id] = EarlierPayment(payment_id, payer_id, sequence, payment, {}, {}, [])
        by_id[claim_id].payments.append(standing[payment_id])
    payment_ids = list(standing)
    for start in range(0, len(payment_ids), _AT_ONCE):
        some = payment_ids[start : start + _AT_ONCE]
        _add_held(connection, some, standing)
        _add_decisions(connection, some, standing)


def _add_held(connection: Connection, payment_ids: list[int], standing: dict[int, EarlierPayment]) -> None:
    held = schema.suspense.c
    query = select(
        held.claim_payment_id, held.service_ordinal, held.line_control_number, held.amount, held.reason
    ).where(held.claim_payment_id.in_(payment_ids))
    for payment_id, *item in connection.execute(query):
        standing[payment_id].held.append(Held(*item))


def _add_decisions(connection: Connection, payment_ids: list[int], standing: dict[int, EarlierPayment]) -> None:
    """What each payment was about and decided, as it was taken down when it was posted."""
    services, adjustments = schema.service_payments.c, schema.adjustments.c
    line_of: dict[tuple[int, int], int] = {}
    query = select(services.claim_payment_id, services.ordinal, services.line_id, services.charge, services.paid)
    for payment_id, ordinal, line_id, charge, paid in connection.execute(
        query.where(services.claim_payment_id.in_(payment_ids), services.line_id.is_not(None))
    ):
        earlier = standing[payment_id]
        earlier.charges[line_id] = earlier.charges.get(line_id, 0) + charge
        if all(held.service != ordinal for held in earlier.held):
            line_of[payment_id, ordinal] = line_id
            _decide(earlier, line_id, accounts.INSURANCE_CASH, paid)
    moves = select(
        adjustments.claim_payment_id, adjustments.service_ordinal, adjustments.disposition, adjustments.amount
    )
    for payment_id, ordinal, disposition, amount in connection.execute(
        moves.where(adjustments.claim_payment_id.in_(payment_ids), adjustments.disposition.in_(MOVING))
    ):
        _decide(standing[payment_id], line_of[payment_id, ordinal], disposition, amount)


def _decide(earlier: EarlierPayment, line_id: int, account: str, amount: int) -> None:
    balances = earlier.decision.setdefault(line_id, {})
    balances[account] = balances.get(account, 0) + amount
