"""One claim's whole story, with file and segment of each fact."""

from collections.abc import Iterator
from operator import itemgetter
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, func, select, tuple_

from claimloop.edi.money import two_decimals
from claimloop.edi.records.acknowledgement import ClaimStatus
from claimloop.reconciliation.acknowledgements.status import about
from claimloop.reconciliation.claims.manual_entries import record_decoder
from claimloop.reconciliation.claims.states import claim_states
from claimloop.reconciliation.ledger import schema
from claimloop.reconciliation.ledger.stored_codes import match_rule_text
from claimloop.reconciliation.queries import views
from claimloop.reconciliation.remittances.book_recoupments import recoveries_of


def encounter_of(connection: Connection, claim_id: int) -> str:
    """The id of the encounter that a claim of the ledger was made from."""
    claims = schema.claims.c
    return str(connection.execute(select(claims.encounter_id).where(claims.id == claim_id)).scalar_one())


def story(connection: Connection, claim_id: int, *, show_values: bool = False) -> dict[str, Any]:
    """The claim (`claim`), its lines as they stand (`lines`), and what happened to it in order (`events`).

    Free text of a front end can name people: only with `show_values`.
    """
    (claim,) = views.claims(connection, claim_id)
    told = (
        *_submitted(connection, claim_id),
        *_acknowledged(connection, claim_id, show_values=show_values),
        *_payments(connection, claim_id),
        *_by_hand(connection, claim_id),
        *_recovered(connection, claim_id),
    )
    events = sorted(told, key=itemgetter(0))
    return {
        "claim": claim,
        "lines": list(views.lines(connection, claim_id)),
        "events": [event for _, event in events],
    }


_claim_statuses = msgspec.json.Decoder(ClaimStatus)
_SENT_AS = {"7": "correction", "8": "void"}


Event = tuple[str, dict[str, Any]]
"""When the ledger learned of it, and what it was."""


def _submitted(connection: Connection, claim_id: int) -> Iterator[Event]:
    """Each time that it went out, to whichever payer."""
    submissions, sendings, claims = schema.submissions.c, schema.sendings.c, schema.claims.c
    rows = connection.execute(
        select(
            submissions.created, submissions.file_name, sendings.set_control_number, claims.charge,
            sendings.patient_control_number, sendings.payer_name, sendings.turn, sendings.frequency,
        )
        .join_from(schema.sendings, schema.submissions, submissions.id == sendings.submission_id)
        .join(schema.claims, claims.id == sendings.claim_id)
        .where(claims.id == claim_id)
        .order_by(sendings.id)
    )  # fmt: skip
    for created, file, set_number, charge, number, payer, turn, frequency in rows:
        yield (
            created,
            {
                "event": "submitted",
                "day": created[:10],
                "claim_control_number": number,
                "payer": payer,
                "turn": turn,
                "as": _SENT_AS.get(frequency, "claim"),
                "file": file,
                "set": set_number,
                "charge": two_decimals(charge),
            },
        )


_VERDICTS = {1: "accepted", 0: "rejected", None: "answered"}


def _acknowledged(connection: Connection, claim_id: int, *, show_values: bool) -> Iterator[Event]:
    """What front ends said of it: of its file, of its set, of itself and of its lines."""
    sendings, statuses = schema.sendings.c, schema.statuses.c
    rows = connection.execute(
        select(sendings.patient_control_number, *statuses)
        .join_from(schema.sendings, schema.statuses, about(sendings))
        .where(sendings.claim_id == claim_id)
        .order_by(statuses.id)
    )
    for row in rows:
        claim = _claim_statuses.decode(row.record) if row.normalised_control_number else None
        texts = [status.text for status in claim.statuses if status.text] if claim and show_values else []
        yield (
            row.received,
            {
                "event": _VERDICTS[row.accepted],
                "day": row.day or row.received[:10],
                "claim_control_number": row.patient_control_number,
                "kind": row.kind,
                "about": "claim" if claim else "set" if row.set_control_number else "file",
                "code": row.code,
                "text": "; ".join(texts),
                "payer_claim_number": row.payer_claim_number,
                "lines": [
                    {
                        "line_control_number": line.line_control_number,
                        "procedure": line.procedure.code,
                        "codes": [code.category + ":" + code.status for one in line.statuses for code in one.codes],
                    }
                    for line in (claim.lines if claim else ())
                ],
                "file": row.file,
                "segment": row.segment,
            },
        )


def _payments(connection: Connection, claim_id: int) -> Iterator[Event]:
    payments, remittances, claims = schema.claim_payments.c, schema.remittances.c, schema.claims.c
    rows = connection.execute(
        select(
            payments.id, payments.status, payments.charge, payments.paid, payments.payer_claim_number,
            payments.match_rule, payments.reverses_id, payments.segment, remittances.trace_number,
            remittances.payment_date, remittances.payer_name, remittances.file, remittances.received,
        )
        .join_from(schema.claim_payments, schema.claims, claims.id == payments.claim_id)
        .join(schema.remittances, remittances.id == payments.remittance_id)
        .where(claims.id == claim_id)
        .order_by(payments.id)
    ).all()  # fmt: skip
    for row in rows:
        yield (
            row.received,
            {
                "event": "reversal" if row.reverses_id else "payment",
                "day": row.payment_date,
                "payer": row.payer_name,
                "trace_number": row.trace_number,
                "payer_claim_number": row.payer_claim_number,
                "claim_status": row.status,
                "charge": two_decimals(row.charge),
                "paid": two_decimals(row.paid),
                "matched_by": match_rule_text(row.match_rule),
                "adjustments": [_adjustment(each) for each in _adjustments(connection, row.id)],
                "held": two_decimals(_held(connection, row.id)),
                "file": row.file,
                "segment": row.segment,
                "match_rule": row.match_rule,
            },
        )


def _by_hand(connection: Connection, claim_id: int) -> Iterator[Event]:
    """What persons entered for it."""
    decisions, lines = schema.decisions.c, schema.lines.c
    rows = connection.execute(
        select(decisions.made, decisions.amount, decisions.record, lines.line_control_number)
        .join_from(schema.decisions, schema.lines, lines.id == decisions.line_id)
        .where(lines.claim_id == claim_id)
        .order_by(decisions.id)
    )
    for made, amount, record, line in rows:
        decision = record_decoder.decode(record)
        yield (
            made,
            {
                "event": "by hand",
                "day": decision.day.isoformat(),
                "kind": decision.kind,
                "line_control_number": line,
                "amount": two_decimals(amount),
                "from": decision.from_,
                "to": decision.to,
                "reference": decision.reference,
                "note": decision.note,
            },
        )


def _recovered(connection: Connection, claim_id: int) -> Iterator[Event]:
    """What payers took back, or gave back, by PLBs that name it; `recouped` is what is open again of it by now."""
    adjustments, recoveries, remittances = schema.provider_adjustments.c, schema.recoveries.c, schema.remittances.c
    which = recoveries_of(connection, claim_id)
    rows = connection.execute(
        select(
            remittances.payer_id, remittances.payer_name, remittances.trace_number, remittances.payment_date,
            remittances.file, remittances.received, adjustments.reason, adjustments.reference, adjustments.amount,
            recoveries.segment,
        )
        .join_from(schema.recoveries, schema.remittances, remittances.id == recoveries.remittance_id)
        .join(
            schema.provider_adjustments,
            (adjustments.remittance_id == recoveries.remittance_id) & (adjustments.ordinal == recoveries.ordinal),
        )
        .where(tuple_(recoveries.remittance_id, recoveries.ordinal).in_(which))
        .order_by(recoveries.remittance_id, recoveries.ordinal)
    ).all()  # fmt: skip
    (state,) = claim_states(connection, [claim_id]).values()
    for row in rows:
        yield (
            row.received,
            {
                "event": "recoupment",
                "day": row.payment_date,
                "payer": row.payer_name,
                "trace_number": row.trace_number,
                "reason": row.reason,
                "reference": row.reference,
                "amount": two_decimals(row.amount),
                "recouped": two_decimals(sum(state.recouped.get(row.payer_id, {}).values())),
                "file": row.file,
                "segment": row.segment,
            },
        )


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
