"""One claim's whole story, with file and segment of each fact."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, Row, func, select

from claimloop.edi.money import two_decimals
from claimloop.reconciliation import schema, views
from claimloop.reconciliation.matching import normalised


def find_control_number(connection: Connection, wanted: str) -> str | None:
    """The control number of the claim that is meant: as sent, by its encounter id (newest version), or normalised."""
    claims = schema.claims.c
    for condition in (
        claims.patient_control_number == wanted,
        claims.encounter_id == wanted,
        claims.normalised_control_number == normalised(wanted),
    ):
        query = select(claims.patient_control_number).where(condition).order_by(claims.id.desc()).limit(1)
        found: str | None = connection.scalar(query)
        if found is not None:
            return found
    return None


def story(connection: Connection, control_number: str) -> dict[str, Any]:
    """The claim (`claim`), its lines as they stand (`lines`), and what happened to it in order (`events`)."""
    claim = next(row for row in views.claims(connection, control_number))
    return {
        "claim": claim,
        "lines": list(views.lines(connection, control_number)),
        "events": [_submitted(connection, control_number), *_payments(connection, control_number)],
    }


def _submitted(connection: Connection, control_number: str) -> dict[str, Any]:
    submissions, claims = schema.submissions.c, schema.claims.c
    row = connection.execute(
        select(submissions.created, submissions.file_name, claims.set_control_number, claims.charge)
        .join_from(schema.claims, schema.submissions, submissions.id == claims.submission_id)
        .where(claims.patient_control_number == control_number)
    ).one()
    return {
        "event": "submitted",
        "day": row[0][:10],
        "file": row[1],
        "set": row[2],
        "charge": two_decimals(row[3]),
    }


def _payments(connection: Connection, control_number: str) -> Iterator[dict[str, Any]]:
    payments, remittances, claims = schema.claim_payments.c, schema.remittances.c, schema.claims.c
    rows = connection.execute(
        select(
            payments.id, payments.status, payments.charge, payments.paid, payments.payer_claim_number,
            payments.matched_by, payments.reverses_id, payments.segment, remittances.trace_number,
            remittances.payment_date, remittances.payer_name, remittances.file,
        )
        .join_from(schema.claim_payments, schema.claims, claims.id == payments.claim_id)
        .join(schema.remittances, remittances.id == payments.remittance_id)
        .where(claims.patient_control_number == control_number)
        .order_by(payments.id)
    ).all()  # fmt: skip
    for row in rows:
        yield {
            "event": "reversal" if row.reverses_id else "payment",
            "day": row.payment_date,
            "payer": row.payer_name,
            "trace_number": row.trace_number,
            "payer_claim_number": row.payer_claim_number,
            "claim_status": row.status,
            "charge": two_decimals(row.charge),
            "paid": two_decimals(row.paid),
            "matched_by": row.matched_by,
            "adjustments": [_adjustment(each) for each in _adjustments(connection, row.id)],
            "held": two_decimals(_held(connection, row.id)),
            "file": row.file,
            "segment": row.segment,
        }


def _adjustments(connection: Connection, payment_id: int) -> list[Row[*tuple[Any, ...]]]:
    adjustments, services, lines = schema.adjustments.c, schema.service_payments.c, schema.lines.c
    query = (
        select(
            lines.line_control_number, adjustments.group_code, adjustments.reason, adjustments.amount,
            adjustments.disposition,
        )
        .select_from(schema.adjustments)
        .outerjoin(
            schema.service_payments,
            (services.claim_payment_id == adjustments.claim_payment_id)
            & (services.ordinal == adjustments.service_ordinal),
        )
        .outerjoin(schema.lines, lines.id == services.line_id)
        .where(adjustments.claim_payment_id == payment_id)
        .order_by(adjustments.ordinal)
    )  # fmt: skip
    return list(connection.execute(query))


def _adjustment(row: Row[*tuple[Any, ...]]) -> dict[str, Any]:
    return {
        "line_control_number": row.line_control_number,
        "group": row.group_code,
        "reason": row.reason,
        "amount": two_decimals(row.amount),
        "disposition": row.disposition,
    }


def _held(connection: Connection, payment_id: int) -> int:
    held = schema.suspense.c
    return (
        connection.scalar(select(func.coalesce(func.sum(held.amount), 0)).where(held.claim_payment_id == payment_id))
        or 0
    )
