"""Submitted claims and their lines, with their balances and a status. Read only."""

from collections.abc import Iterator
from typing import Annotated

import msgspec
from sqlalchemy import Connection, exists, func, select

from claimloop.edi.columns import Shown
from claimloop.reconciliation.acknowledgements.status import rejected_claims
from claimloop.reconciliation.ledger import schema
from claimloop.reconciliation.ledger.balances import LineBalance, balance_at, balance_columns
from claimloop.reconciliation.ledger.common_columns import ClaimNumber, LineNumber, PayerId, PayerName, Procedure
from claimloop.reconciliation.ledger.conditions import end_of_claim
from claimloop.reconciliation.ledger.connection import stream

_legs, _lines, _claims = schema.legs.c, schema.lines.c, schema.claims.c
_sendings, _submissions = schema.sendings.c, schema.submissions.c
_payments, _services = schema.claim_payments.c, schema.service_payments.c

Status = Annotated[str, Shown("text", priority=1)]


class LineRow(msgspec.Struct, frozen=True, gc=False):
    """A submitted line, or the money at claim level (`line_control_number` null). Balances are cents."""

    claim_control_number: ClaimNumber
    line_control_number: LineNumber
    payer_id: PayerId
    procedure: Procedure
    modifiers: Annotated[tuple[str, ...], Shown("code", priority=3)]
    service_date: Annotated[str | None, Shown("day", priority=2)]
    balance: LineBalance
    status: Status


class ClaimRow(msgspec.Struct, frozen=True, gc=False):
    """A submitted claim with the file that it was in. Balances are cents."""

    claim_control_number: ClaimNumber
    encounter_id: Annotated[str, Shown("id", priority=3, heading="encounter")]
    version: Annotated[int, Shown("count", priority=3)]
    payer_id: PayerId
    payer_name: PayerName
    service_date: Annotated[str, Shown("day", priority=2)]
    file: str
    submitted: Annotated[str, Shown("day", priority=3)]
    balance: LineBalance
    status: Status


def lines(connection: Connection, claim_id: int | None = None) -> Iterator[LineRow]:
    """Yield each submitted line, and each claim-level line that holds money now."""
    rejected = rejected_claims(connection, claim_id)
    answered = exists().where(_services.line_id == _lines.id)
    query = (
        select(
            _claims.patient_control_number, _lines.line_control_number, _claims.payer_id, _lines.procedure,
            _lines.modifiers, _lines.service_from, _lines.number, end_of_claim(), answered, _claims.id,
            *balance_columns(),
        )
        .join_from(schema.lines, schema.claims, _lines.claim_id == _claims.id)
        .outerjoin(schema.legs, _legs.line_id == _lines.id)
        .group_by(_lines.id, _claims.id)
        .order_by(_lines.id)
    )  # fmt: skip
    if claim_id is not None:
        query = query.where(_claims.id == claim_id)
    for row in stream(connection, query):
        claim, line, payer, procedure, modifiers, day, number, end, is_answered, of_claim, *_ = row
        balance = balance_at(row, 10)
        if number == 0 and not any(msgspec.structs.astuple(balance)):
            continue
        status = _status(balance, end, bool(is_answered) or number == 0, of_claim in rejected)
        yield LineRow(claim, line, payer, procedure, tuple(modifiers.split()), day, balance, status)


def claims(connection: Connection, claim_id: int | None = None) -> Iterator[ClaimRow]:
    """Yield each submitted claim."""
    rejected = rejected_claims(connection, claim_id)
    answered = exists().where(_payments.claim_id == _claims.id)
    query = (
        select(
            _claims.patient_control_number, _claims.encounter_id, _claims.version, _claims.payer_id,
            _claims.payer_name, _claims.service_from, _submissions.file_name,
            func.substr(_submissions.created, 1, 10), end_of_claim(), answered, _claims.id, *balance_columns(),
        )
        .join_from(schema.claims, schema.lines, _lines.claim_id == _claims.id)
        .join(schema.sendings, (_sendings.claim_id == _claims.id) & (_sendings.version == _claims.version))
        .join(schema.submissions, _submissions.id == _sendings.submission_id)
        .outerjoin(schema.legs, _legs.line_id == _lines.id)
        .group_by(_claims.id, _submissions.id)
        .order_by(_claims.id)
    )  # fmt: skip
    if claim_id is not None:
        query = query.where(_claims.id == claim_id)
    for row in stream(connection, query):
        number, encounter, version, payer, name, served, file, sent, end, is_answered, of_claim, *_ = row
        balance = balance_at(row, 11)
        status = _status(balance, end, bool(is_answered), of_claim in rejected)
        yield ClaimRow(number, encounter, version, payer, name, served, file, sent, balance, status)


def _status(balance: LineBalance, end: str, adjudicated: bool, rejected: bool) -> str:
    """Return what a biller asks first.

    replaced, voided: the claim is not current, and what is still charged is what payers have not taken back.
    rejected: no payer adjudicated it, because the clearinghouse or payer did not accept it. submitted: no answer yet.
    denied, partly denied: denied money needs work. open: adjudicated, but a payer still owes. paid: a payer paid.
    patient: only the patient owes. adjusted: nothing is owed and nothing was paid.
    """
    if end:
        return end
    if rejected:
        return "rejected"
    if not adjudicated:
        return "submitted"
    if balance.denied > 0:
        return "denied" if not balance.insurance_paid and not balance.patient else "partly denied"
    if balance.open:
        return "open"
    if balance.insurance_paid:
        return "paid"
    return "patient" if balance.patient else "adjusted"
