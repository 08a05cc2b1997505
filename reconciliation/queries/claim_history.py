"""One claim's whole history, with file and segment of each fact. Read only."""

from collections.abc import Iterator
from operator import itemgetter
from typing import Annotated, Any

import msgspec
from sqlalchemy import Connection, func, select, tuple_

from claimloop.edi.columns import MONEY
from claimloop.edi.records.acknowledgement import ClaimStatus
from claimloop.reconciliation.acknowledgements.status import about
from claimloop.reconciliation.claims.manual_entries import record_decoder
from claimloop.reconciliation.claims.states import claim_states
from claimloop.reconciliation.ledger import schema
from claimloop.reconciliation.ledger.stored_codes import match_rule_text
from claimloop.reconciliation.queries.claims import ClaimRow, LineRow, claims, lines
from claimloop.reconciliation.queries.export import as_text
from claimloop.reconciliation.remittances.book_recoupments import recoveries_of

_claim_statuses = msgspec.json.Decoder(ClaimStatus)
_SENT_AS = {"7": "correction", "8": "void"}
_VERDICTS = {1: "accepted", 0: "rejected", None: "answered"}


class Submitted(msgspec.Struct, frozen=True, kw_only=True):
    """The claim went out to a payer, as a claim, a correction, or a void."""

    event: str = "submitted"
    day: str
    claim_control_number: str
    payer: str
    turn: int
    sent_as: str = msgspec.field(name="as")
    file: str
    set_number: str = msgspec.field(name="set")
    charge: Annotated[int, MONEY]


class AcknowledgedLine(msgspec.Struct, frozen=True):
    """What a 277CA reports about one line."""

    line_control_number: str
    procedure: str
    codes: tuple[str, ...]


class Acknowledged(msgspec.Struct, frozen=True, kw_only=True):
    """A TA1, 999, or 277CA about the claim's file, its set, or the claim: accepted, rejected, or answered."""

    event: str
    day: str
    claim_control_number: str
    kind: str
    about: str
    code: str
    text: str
    payer_claim_number: str
    lines: tuple[AcknowledgedLine, ...]
    file: str
    segment: int


class AdjustmentOfPayment(msgspec.Struct, frozen=True):
    """One adjustment (CAS) of a payment and its disposition."""

    line_control_number: str | None
    group: str
    reason: str
    amount: Annotated[int, MONEY]
    disposition: str


class Paid(msgspec.Struct, frozen=True, kw_only=True):
    """A payment or reversal was posted to the claim; `held` is the part of it in suspense."""

    event: str
    day: str
    payer: str
    trace_number: str
    payer_claim_number: str
    claim_status: str
    charge: Annotated[int, MONEY]
    paid: Annotated[int, MONEY]
    matched_by: str
    adjustments: tuple[AdjustmentOfPayment, ...]
    held: Annotated[int, MONEY]
    file: str
    segment: int
    match_rule: str


class ManualEntry(msgspec.Struct, frozen=True, kw_only=True):
    """Staff entered a decision."""

    event: str = "by hand"  # programs read this value; prose: allow by hand
    day: str
    kind: str
    line_control_number: str | None
    amount: Annotated[int, MONEY]
    from_: str = msgspec.field(name="from")
    to: str
    reference: str
    note: str


class Recouped(msgspec.Struct, frozen=True, kw_only=True):
    """A provider-level adjustment names the claim; `recouped` is what is open again of it now."""

    event: str = "recoupment"
    day: str
    payer: str
    trace_number: str
    reason: str
    reference: str
    amount: Annotated[int, MONEY]
    recouped: Annotated[int, MONEY]
    file: str
    segment: int


Event = Submitted | Acknowledged | Paid | ManualEntry | Recouped


class ClaimHistory(msgspec.Struct, frozen=True):
    """The claim and its lines with their balances now, and its events in order. Amounts are cents."""

    claim: ClaimRow
    lines: tuple[LineRow, ...]
    events: tuple[Event, ...]

    def as_text(self) -> dict[str, Any]:
        """Return it as programs read it."""
        return {
            "claim": as_text(self.claim),
            "lines": [as_text(line) for line in self.lines],
            "events": [as_text(event) for event in self.events],
        }


def encounter_of(connection: Connection, claim_id: int) -> str:
    """Return the id of the encounter that a claim of the ledger was made from."""
    table = schema.claims.c
    return str(connection.execute(select(table.encounter_id).where(table.id == claim_id)).scalar_one())


def story(connection: Connection, claim_id: int, *, show_values: bool = False) -> ClaimHistory:
    """Return the history of a claim. Free text of acknowledgements can name people: only with `show_values`."""
    (claim,) = claims(connection, claim_id)
    learned = (
        *_submitted(connection, claim_id),
        *_acknowledged(connection, claim_id, show_values=show_values),
        *_payments(connection, claim_id),
        *_by_hand(connection, claim_id),
        *_recovered(connection, claim_id),
    )
    events = sorted(learned, key=itemgetter(0))
    return ClaimHistory(claim, tuple(lines(connection, claim_id)), tuple(event for _, event in events))


_Learned = Iterator[tuple[str, Event]]
"""When the ledger recorded an event, and the event."""


def _submitted(connection: Connection, claim_id: int) -> _Learned:
    """Yield each submission to a payer."""
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
            Submitted(
                day=created[:10],
                claim_control_number=number,
                payer=payer,
                turn=turn,
                sent_as=_SENT_AS.get(frequency, "claim"),
                file=file,
                set_number=set_number,
                charge=charge,
            ),
        )


def _acknowledged(connection: Connection, claim_id: int, *, show_values: bool) -> _Learned:
    """Yield what acknowledgements report about its file, its set, itself, and its lines."""
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
            Acknowledged(
                event=_VERDICTS[row.accepted],
                day=row.day or row.received[:10],
                claim_control_number=row.patient_control_number,
                kind=row.kind,
                about="claim" if claim else "set" if row.set_control_number else "file",
                code=row.code,
                text="; ".join(texts),
                payer_claim_number=row.payer_claim_number,
                lines=tuple(
                    AcknowledgedLine(
                        line.line_control_number,
                        line.procedure.code,
                        tuple(code.category + ":" + code.status for one in line.statuses for code in one.codes),
                    )
                    for line in (claim.lines if claim else ())
                ),
                file=row.file,
                segment=row.segment,
            ),
        )


def _payments(connection: Connection, claim_id: int) -> _Learned:
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
            Paid(
                event="reversal" if row.reverses_id else "payment",
                day=row.payment_date,
                payer=row.payer_name,
                trace_number=row.trace_number,
                payer_claim_number=row.payer_claim_number,
                claim_status=row.status,
                charge=row.charge,
                paid=row.paid,
                matched_by=match_rule_text(row.match_rule),
                adjustments=_adjustments(connection, row.id),
                held=_held(connection, row.id),
                file=row.file,
                segment=row.segment,
                match_rule=row.match_rule,
            ),
        )


def _by_hand(connection: Connection, claim_id: int) -> _Learned:
    """Yield the manual entries on its lines."""
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
            ManualEntry(
                day=decision.day.isoformat(),
                kind=decision.kind,
                line_control_number=line,
                amount=amount,
                from_=decision.from_,
                to=decision.to,
                reference=decision.reference,
                note=decision.note,
            ),
        )


def _recovered(connection: Connection, claim_id: int) -> _Learned:
    """Yield the provider-level adjustments (PLB) that name it."""
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
            Recouped(
                day=row.payment_date,
                payer=row.payer_name,
                trace_number=row.trace_number,
                reason=row.reason,
                reference=row.reference,
                amount=row.amount,
                recouped=sum(state.recouped.get(row.payer_id, {}).values()),
                file=row.file,
                segment=row.segment,
            ),
        )


def _adjustments(connection: Connection, payment_id: int) -> tuple[AdjustmentOfPayment, ...]:
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
    return tuple(AdjustmentOfPayment(*row) for row in connection.execute(query))


def _held(connection: Connection, payment_id: int) -> int:
    held = schema.suspense.c
    query = select(func.coalesce(func.sum(held.amount), 0)).where(held.claim_payment_id == payment_id)
    return int(connection.scalar(query) or 0)
