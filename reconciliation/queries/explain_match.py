"""Why a payment matched a claim, or none: every candidate claim, and how each field compares, with a score.

The rules of `posting/match.py` decide. The score shows staff how much of the payment agrees with the claim.
"""

from typing import Annotated, Any

import msgspec
from sqlalchemy import Connection, Row, or_, select

from claimloop.edi.columns import MONEY
from claimloop.edi.money import NotAnAmount, to_cents
from claimloop.edi.records.remittance import ClaimPayment
from claimloop.reconciliation.claims.states import find_claim, find_claims, find_members_claims
from claimloop.reconciliation.ledger import schema
from claimloop.reconciliation.ledger.conditions import is_held_item
from claimloop.reconciliation.ledger.stored_codes import match_rule_text
from claimloop.reconciliation.posting.match import PEOPLE, SubmittedClaim, member_ids, normalized
from claimloop.reconciliation.queries.suspense import reason_of_item

_AGREES, _LIKE, _DIFFERS = "agrees", "alike", "differs"
_WORTH = {_AGREES: 2, _LIKE: 1, _DIFFERS: 0}
_record = msgspec.json.Decoder(ClaimPayment)


class Comparison(msgspec.Struct, frozen=True):
    """One claim compared with a payment. `facts` has "agrees", "alike", or "differs" for each field of the payment.

    `score` is 1 if all fields agree; a field that is alike counts half.
    """

    claim_control_number: str
    facts: dict[str, str]
    score: float
    chosen: bool


class ServiceMatch(msgspec.Struct, frozen=True):
    """A service of a payment (0: at claim level) with its line, and the rule that matched them. Cents."""

    service: int
    line_control_number: str | None
    rule: str
    charge: Annotated[int, MONEY]
    paid: Annotated[int, MONEY]
    match_rule: str


class Explanation(msgspec.Struct, frozen=True, kw_only=True):
    """One payment: what matched it (`rule`) or why it is in suspense (`held`), the best candidates first. Cents.

    `match_rule` and `hold_reasons` have the codes of these texts.
    """

    trace_number: str
    claim_control_number: str
    charge: Annotated[int, MONEY]
    paid: Annotated[int, MONEY]
    rule: str
    held: tuple[str, ...]
    candidates: tuple[Comparison, ...]
    lines: tuple[ServiceMatch, ...]
    file: str
    segment: int
    match_rule: str
    hold_reasons: tuple[str, ...]
    likely_claim: str


def compare(payment: ClaimPayment, claim: SubmittedClaim, *, chosen: bool) -> Comparison:
    """Return how each field of the payment compares with the claim."""
    told = {
        "control number": _control_number(payment, claim),
        "member id": _overlap(member_ids(payment), {normalized(each.member_id) for each in claim.submissions}),
        "last name": _overlap(
            {normalized(party.name) for party in payment.parties if party.role in PEOPLE},
            {normalized(name) for name in claim.last_names},
        ),
        "charge": _charge(payment, claim),
        "procedures": _within(
            {service.billed_procedure.code.upper() for service in payment.services},
            {line.procedure for line in claim.lines},
        ),
        "days": _within(
            {service.service_date.start for service in payment.services if service.service_date},
            {line.service_date.start for line in claim.lines},
        ),
    }
    facts = {name: fact for name, fact in told.items() if fact}
    most = _WORTH[_AGREES] * len(facts)
    score = round(sum(_WORTH[fact] for fact in facts.values()) / most, 2) if facts else 0.0
    return Comparison(claim.patient_control_number, facts, score, chosen)


def _control_number(payment: ClaimPayment, claim: SubmittedClaim) -> str:
    sent = payment.patient_control_number
    numbers = {each.patient_control_number for each in claim.submissions}
    if not normalized(sent):
        return ""
    if sent in numbers:
        return _AGREES
    return _LIKE if any(normalized(number).startswith(normalized(sent)) for number in numbers) else _DIFFERS


def _overlap(told: set[str], ours: set[str]) -> str:
    told, ours = told - {""}, ours - {""}
    if not told or not ours:
        return ""
    if told & ours:
        return _AGREES
    alike = any(each.startswith(one) or one.startswith(each) for each in told for one in ours)
    return _LIKE if alike else _DIFFERS


def _charge(payment: ClaimPayment, claim: SubmittedClaim) -> str:
    try:
        cents = abs(to_cents(payment.charge))
    except NotAnAmount:
        return _DIFFERS
    return _AGREES if cents == claim.charge else _LIKE if 0 < cents < claim.charge else _DIFFERS


def _within(told: set[Any], ours: set[Any]) -> str:
    if not told:
        return ""
    return _AGREES if told <= ours else _LIKE if told & ours else _DIFFERS


def explain_claim(connection: Connection, wanted: str) -> list[Explanation]:
    """Return every payment that was posted to a claim, or came under this number, with every candidate claim."""
    claim_id = find_claim(connection, wanted)
    payments, remittances = schema.claim_payments.c, schema.remittances.c
    query = (
        select(
            payments.id, payments.claim_id, payments.match_rule, payments.segment, payments.record,
            payments.patient_control_number, payments.charge, payments.paid, payments.status, payments.reverses_id,
            payments.likely_claim_control_number, remittances.trace_number, remittances.file,
        )
        .join_from(schema.claim_payments, schema.remittances, remittances.id == payments.remittance_id)
        .where(or_(payments.claim_id == claim_id, payments.patient_control_number == wanted))
        .order_by(payments.id)
    )  # fmt: skip
    found = []
    for row in connection.execute(query).all():
        payment = _record.decode(row.record)
        held = _held(connection, row)
        found.append(
            Explanation(
                trace_number=row.trace_number,
                claim_control_number=row.patient_control_number,
                charge=row.charge,
                paid=row.paid,
                rule=match_rule_text(row.match_rule),
                held=tuple(text for _, text in held),
                candidates=_candidates(connection, payment, row.claim_id),
                lines=_lines(connection, row.id),
                file=row.file,
                segment=row.segment,
                match_rule=row.match_rule,
                hold_reasons=tuple(code for code, _ in held),
                likely_claim=row.likely_claim_control_number or "",
            )
        )
    return found


def _held(connection: Connection, payment: Row[*tuple[Any, ...]]) -> list[tuple[str, str]]:
    """Return why a payment or its services are in suspense: code and text of each item."""
    suspense, former = schema.suspense.c, schema.former_texts.c
    query = (
        select(suspense.hold_reason, former.text)
        .select_from(schema.suspense)
        .outerjoin(schema.former_texts, (former.table_name == schema.suspense.name) & (former.row_id == suspense.id))
        .where(suspense.claim_payment_id == payment.id, is_held_item())
        .order_by(suspense.id)
    )
    return [
        (code, reason_of_item(code, payment.status, payment.reverses_id, text))
        for code, text in connection.execute(query)
    ]


def _candidates(connection: Connection, payment: ClaimPayment, chosen: int | None) -> tuple[Comparison, ...]:
    number = normalized(payment.patient_control_number)
    by_number = find_claims(connection, {number} - {""})
    states = {state.claim.id: state for found in by_number.values() for state in found}
    for found in find_members_claims(connection, member_ids(payment), dict(states)).values():
        states |= {state.claim.id: state for state in found}
    compared = [compare(payment, state.claim, chosen=claim_id == chosen) for claim_id, state in states.items()]
    return tuple(sorted(compared, key=lambda each: (not each.chosen, -each.score, each.claim_control_number)))


def _lines(connection: Connection, payment_id: int) -> tuple[ServiceMatch, ...]:
    services, lines = schema.service_payments.c, schema.lines.c
    query = (
        select(services.ordinal, lines.line_control_number, services.match_rule, services.charge, services.paid)
        .select_from(schema.service_payments)
        .outerjoin(schema.lines, lines.id == services.line_id)
        .where(services.claim_payment_id == payment_id)
        .order_by(services.ordinal)
    )
    return tuple(
        ServiceMatch(ordinal, line, match_rule_text(rule), charge, paid, rule)
        for ordinal, line, rule, charge, paid in connection.execute(query)
    )
