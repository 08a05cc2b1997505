"""What waits for a person, each list with the money that hangs on it, the most first. Read only; amounts are text.

What is late has lists of its own, the most urgent first: `awaiting`, `deadlines`.
"""

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, select

from claimloop.edi.money import two_decimals
from claimloop.edi.records.adjustments import kind_of
from claimloop.edi.records.remittance import ClaimPayment
from claimloop.reconciliation.acknowledgements.status import rejections
from claimloop.reconciliation.bank.receive import unpaired
from claimloop.reconciliation.claims.history_for_billing import claims_due_for_next_payer
from claimloop.reconciliation.configuration.as_of import LATE, NOT_YET, SETTLED, AsOf
from claimloop.reconciliation.ledger import accounts, schema
from claimloop.reconciliation.queries import views
from claimloop.reconciliation.queries.views import Cell
from claimloop.reconciliation.worklists.deadlines import deadlines
from claimloop.reconciliation.worklists.provider_adjustments import register
from claimloop.reconciliation.worklists.standing_denials import of_their_refusals, refused_lines
from claimloop.reconciliation.worklists.unanswered import unanswered

Worklist = Callable[[Connection, AsOf], Iterator[dict[str, Cell]]]
"""Rows of one list as of a day."""

COLUMNS: dict[str, tuple[str, ...]] = {
    "denials": (
        "claim_control_number", "line_control_number", "payer_id", "procedure", "denied", "kind", "reasons",
        "remarks", "days", "trace_number", "file", "segment",
    ),
    "suspense": (
        "item", "amount", "reason", "trace_number", "claim_control_number", "line_control_number", "days", "file",
        "segment", "hold_reason",
    ),
    "secondary": ("claim_control_number", "payer_name", "next_payer", "turn", "open"),
    "credits": ("claim_control_number", "payer_name", "whose", "credit"),
    "rejected": (
        "claim_control_number", "payer_name", "charge", "said", "days", "file", "segment",
    ),
    "deposits": ("state", "payer_name", "trace_number", "date", "amount", "days", "late", "rule", "file"),
    "provider": (
        "reason", "reference", "payer_name", "balance", "taken", "given", "first", "last", "days", "alarm", "claim",
        "recouped", "late",
    ),
    "unanswered": (
        "claim_control_number", "payer_id", "payer_name", "partner", "awaited", "since", "due", "days_late", "late",
        "open", "last_said", "file",
    ),
    "deadlines": (
        "what", "claim_control_number", "line_control_number", "payer_id", "payer_name", "amount", "since", "deadline",
        "days_left", "late", "said", "file",
    ),
}  # fmt: skip
"""The columns of each list, in their order."""

AMOUNTS: dict[str, str] = {
    "denials": "denied", "suspense": "amount", "secondary": "open", "credits": "credit", "rejected": "charge",
    "deposits": "amount", "provider": "balance", "unanswered": "open", "deadlines": "amount",
}  # fmt: skip
"""The column of each list with the money that hangs on a row."""

_AT_ONCE = 500
_legs, _lines, _claims = schema.legs.c, schema.lines.c, schema.claims.c
_payments, _remittances = schema.claim_payments.c, schema.remittances.c


def denials(connection: Connection, when: AsOf) -> Iterator[dict[str, Cell]]:
    """One row a line (or claim, where its payer refused it as a whole) of which something is still denied."""
    services, adjustments = schema.service_payments.c, schema.adjustments.c
    refused = refused_lines()
    query = of_their_refusals(
        select(
            refused.c.line_id, refused.c.denied, _claims.patient_control_number, _lines.line_control_number,
            _claims.payer_id, _lines.procedure, adjustments.group_code, adjustments.reason, services.ordinal,
            _payments.record, _payments.segment, _remittances.payment_date, _remittances.trace_number,
            _remittances.file,
        ),
        refused,
    ).order_by(refused.c.denied.desc(), refused.c.line_id, _payments.id, adjustments.ordinal)  # fmt: skip
    found: dict[int, dict[str, Cell]] = {}
    for row in connection.execute(query):
        payment = msgspec.json.decode(row.record, type=ClaimPayment)
        remarks = [remark.code for remark in payment.services[row.ordinal - 1].remarks] if row.ordinal else []
        remarks += payment.outpatient.remarks if payment.outpatient else ()
        known = found.get(row.line_id, {})
        before = known.get("reasons"), known.get("remarks")
        reasons = list(before[0]) if isinstance(before[0], list) else []
        told = list(before[1]) if isinstance(before[1], list) else []
        reasons += [each for each in [f"{row.group_code}-{row.reason}"] if each not in reasons]
        told += [each for each in remarks if each not in told]
        found[row.line_id] = {
            "claim_control_number": row.patient_control_number,
            "line_control_number": row.line_control_number,
            "payer_id": row.payer_id,
            "procedure": row.procedure,
            "denied": two_decimals(int(row.denied)),
            "kind": known.get("kind") or kind_of(row.reason),
            "reasons": reasons,
            "remarks": told,
            "days": _days(row.payment_date, when.day),
            "trace_number": row.trace_number,
            "file": row.file,
            "segment": row.segment,
        }
    yield from found.values()


def suspense(connection: Connection, when: AsOf) -> Iterator[dict[str, Cell]]:
    """One row an item that nobody has ended, also where no money hangs on it."""
    for row in sorted(views.suspense(connection), key=lambda each: -abs(_cents(each["amount"]))):
        row["days"] = _days(str(row["payment_date"]), when.day)
        yield {column: row[column] for column in COLUMNS["suspense"]}


def secondary(connection: Connection, _when: AsOf) -> Iterator[dict[str, Cell]]:
    """One row a claim that is due to its next payer."""
    found: list[tuple[int, int, str, str, str, int]] = []
    for some in claims_due_for_next_payer(connection):
        left = (
            select(_lines.claim_id, views.sum_of(accounts.OPEN, accounts.DENIED))
            .join_from(schema.legs, schema.lines, _lines.id == _legs.line_id)
            .where(_lines.claim_id.in_([sent.id for sent in some]))
            .group_by(_lines.claim_id)
        )
        open_of = {claim_id: int(cents) for claim_id, cents in connection.execute(left)}
        for sent in some:
            claim, turn = sent.claim, sent.next_payer_rank
            next_payer = claim.other_payers[turn - 2].payer.name
            found.append(
                (-open_of.get(sent.id, 0), sent.id, claim.patient_control_number, claim.payer.name, next_payer, turn)
            )
    for cents, _, number, payer, next_payer, turn in sorted(found):
        yield {
            "claim_control_number": number,
            "payer_name": payer,
            "next_payer": next_payer,
            "turn": turn,
            "open": two_decimals(-cents),
        }


def credits(connection: Connection, _when: AsOf) -> Iterator[dict[str, Cell]]:
    """One row a claim that was paid more than is owed: by payers (less than nothing is open), or by the patient once
    payers owe nothing more.
    """
    amounts = views.sum_of(accounts.OPEN, accounts.DENIED), views.sum_of(accounts.PATIENT)
    below = (
        select(_lines.claim_id, amounts[0].label("open"), amounts[1].label("patient"))
        .join_from(schema.lines, schema.legs, _legs.line_id == _lines.id)
        .group_by(_lines.claim_id)
        .having((amounts[0] < 0) | (amounts[1] < 0))
        .subquery()
    )
    query = (
        select(_claims.patient_control_number, _claims.payer_name, below.c.open, below.c.patient)
        .join_from(below, schema.claims, _claims.id == below.c.claim_id)
        .order_by(_claims.id)
    )
    found = []
    for number, payer, still_open, owed in connection.execute(query):
        if still_open < 0:
            found.append((-int(still_open), number, payer, "payer"))
        if owed < 0 and still_open <= 0:
            found.append((-int(owed), number, payer, "patient"))
    for credit, number, payer, whose in sorted(found, key=lambda each: -each[0]):
        yield {
            "claim_control_number": number,
            "payer_name": payer,
            "whose": whose,
            "credit": two_decimals(credit),
        }


def rejected(connection: Connection, when: AsOf) -> Iterator[dict[str, Cell]]:
    """One row a claim that a front end turned away: it is not filed until it goes out again."""
    found = {row.sending_id: row for row in rejections(connection)}
    sendings = schema.sendings.c
    rows: list[Row[Any]] = []
    wanted = list(found)
    for start in range(0, len(wanted), _AT_ONCE):
        query = (
            select(sendings.id, sendings.patient_control_number, sendings.payer_name, _claims.charge)
            .join_from(schema.sendings, schema.claims, _claims.id == sendings.claim_id)
            .where(sendings.id.in_(wanted[start : start + _AT_ONCE]))
        )
        rows += connection.execute(query)
    for row in sorted(rows, key=lambda each: (-each.charge, each.id)):
        why = found[row.id]
        yield {
            "claim_control_number": row.patient_control_number,
            "payer_name": row.payer_name,
            "charge": two_decimals(row.charge),
            "said": f"{why.kind} {why.code}",
            "days": _days(why.day or why.received, when.day),
            "file": why.file,
            "segment": why.segment,
        }


def deposits(connection: Connection, when: AsOf) -> Iterator[dict[str, Cell]]:
    """One row a deposit without its remittance, a remittance without its deposit, and what only a person can pair.

    Of what waits only what is late, unless everything is asked for.
    """
    rows = list(unpaired(connection, when))
    yield from sorted(rows, key=lambda row: (row["late"] != LATE, -abs(_cents(row["amount"]))))


def provider(connection: Connection, when: AsOf) -> Iterator[dict[str, Cell]]:
    """One row a reference of provider-level money that something is wrong with, or by which a payer took what is booked
    on no claim; with `everything` also what is given or taken for good, moved forward, or recouped of its claim.
    """
    for item in register(connection, when.day):
        if item.is_due or (when.everything and item.balance):
            yield {
                "reason": item.reason,
                "reference": item.reference,
                "payer_name": item.payer_name,
                "balance": two_decimals(item.balance),
                "taken": two_decimals(item.taken),
                "given": two_decimals(item.given),
                "first": item.first.isoformat(),
                "last": item.last.isoformat(),
                "days": (when.day - item.last).days,
                "alarm": item.alarm,
                "claim": item.claim,
                "recouped": two_decimals(item.recouped),
                "late": "" if item.is_due else NOT_YET if item.is_under_way else SETTLED,
            }


WORKLISTS: dict[str, Worklist] = {
    "denials": denials,
    "suspense": suspense,
    "secondary": secondary,
    "credits": credits,
    "rejected": rejected,
    "deposits": deposits,
    "provider": provider,
    "unanswered": unanswered,
    "deadlines": deadlines,
}


def is_due(row: dict[str, Cell]) -> bool:
    """Whether a row waits for a person by now; what does not is listed because everything was asked for."""
    return row.get("late") not in (NOT_YET, SETTLED)


def _cents(amount: Cell) -> int:
    return int(str(amount).replace(".", ""))


def _days(since: str, today: date) -> int:
    return (today - date.fromisoformat(since[:10])).days
