"""Claims of the ledger as they went out, with what payers have decided of them: what a further claim is made from."""

from collections.abc import Iterator, Sequence
from datetime import date

import msgspec
from sqlalchemy import Connection, exists, func, select

from claimloop.builders.claims.next_payer import Decision
from claimloop.edi.records.adjustments import PATIENT_RESPONSIBILITY
from claimloop.edi.records.claim import Claim
from claimloop.edi.records.claim_payment import ClaimPayment
from claimloop.reconciliation.claims.states import closed_claims
from claimloop.reconciliation.ledger import schema
from claimloop.reconciliation.ledger.conditions import none_refers, refers_to_none

_AT_ONCE = 500
_claims = msgspec.json.Decoder(Claim)
_payments = msgspec.json.Decoder(ClaimPayment)


class SentClaim(msgspec.Struct):
    """A claim of the ledger with all that was sent and decided of it.

    `claim` is as it went out first; `turns` are the payers' turns that it was sent in; `decisions` has the payments
    that stand by the payer's turn. `held` says that part of a payment waits in suspense.
    """

    id: int
    encounter_id: str
    part: int
    version: int
    claim: Claim
    turns: set[int]
    decisions: dict[int, list[Decision]]
    held: bool
    closed: bool

    @property
    def next_payer_rank(self) -> int:
        """The turn of the payer that it goes to next."""
        return max(self.turns) + 1

    @property
    def payer_claim_number(self) -> str:
        """CLP07 of the newest decision of the primary."""
        return next((each.payment.payer_claim_number for each in reversed(self.decisions.get(1, ()))), "")


def sent_claims(connection: Connection, claim_ids: Sequence[int]) -> list[SentClaim]:
    """These claims, in their order."""
    found: dict[int, SentClaim] = {}
    for start in range(0, len(claim_ids), _AT_ONCE):
        some = claim_ids[start : start + _AT_ONCE]
        closed = closed_claims(connection, some)
        claims, sendings = schema.claims.c, schema.sendings.c
        query = (
            select(claims.id, claims.encounter_id, claims.part, sendings.version, sendings.turn, sendings.record)
            .join_from(schema.claims, schema.sendings, sendings.claim_id == claims.id)
            .where(claims.id.in_(some))
            .order_by(claims.id, sendings.version)
        )
        for claim_id, encounter_id, part, version, turn, record in connection.execute(query):
            known = found.get(claim_id)
            if known is None:
                claim = _claims.decode(record)
                found[claim_id] = SentClaim(
                    claim_id, encounter_id, part, version, claim, {turn}, {}, held=False, closed=claim_id in closed
                )  # fmt: skip
            else:
                known.version = max(known.version, version)
                known.turns.add(turn)
        _add_decisions(connection, some, found)
    return [found[claim_id] for claim_id in claim_ids if claim_id in found]


def _add_decisions(connection: Connection, claim_ids: Sequence[int], found: dict[int, SentClaim]) -> None:
    payments, remittances, services, lines = (
        schema.claim_payments.c, schema.remittances.c, schema.service_payments.c, schema.lines.c,
    )  # fmt: skip
    stands = none_refers(schema.claim_payments, "reverses_id", payments.id)
    query = (
        select(payments.id, payments.claim_id, payments.sequence, payments.record, remittances.payment_date)
        .join_from(schema.claim_payments, schema.remittances, remittances.id == payments.remittance_id)
        .where(
            payments.claim_id.in_(claim_ids), refers_to_none(payments.reverses_id), payments.sequence > 0, stands,
        )
        .order_by(payments.id)
    ).subquery()  # fmt: skip
    numbers: dict[int, dict[int, int]] = {}
    told = (
        select(services.claim_payment_id, services.ordinal, lines.number)
        .join_from(schema.service_payments, schema.lines, lines.id == services.line_id)
        .where(services.claim_payment_id.in_(select(query.c.id)), services.ordinal > 0)
    )
    for payment_id, ordinal, number in connection.execute(told):
        numbers.setdefault(payment_id, {})[ordinal] = number
    for payment_id, claim_id, turn, record, day in connection.execute(select(query).order_by(query.c.id)):
        payment = _payments.decode(record)
        places = numbers.get(payment_id, {})
        known = found[claim_id]
        if len(places) < len(payment.services):
            known.held = True
            continue
        in_order = tuple(places[ordinal] for ordinal in range(1, len(payment.services) + 1))
        known.decisions.setdefault(turn, []).append(Decision(payment, in_order, date.fromisoformat(day)))
    held = schema.suspense.c
    waiting = (
        select(payments.claim_id)
        .join_from(schema.suspense, schema.claim_payments, payments.id == held.claim_payment_id)
        .where(payments.claim_id.in_(claim_ids), held.amount != 0, stands)
    )
    for claim_id in connection.scalars(waiting):
        found[claim_id].held = True


def due_for_next_payer(connection: Connection) -> list[int]:
    """The claims whose last payer has decided, left something to the patient, and did not send them on himself."""
    return [each.id for some in claims_due_for_next_payer(connection) for each in some]


def claims_due_for_next_payer(connection: Connection) -> Iterator[list[SentClaim]]:
    """The same, some hundred at a time."""
    claims, sendings, payments = schema.claims.c, schema.sendings.c, schema.claim_payments.c
    last_turn = select(sendings.claim_id, func.max(sendings.turn).label("turn")).group_by(sendings.claim_id).subquery()
    candidates = connection.scalars(
        select(claims.id)
        .join_from(schema.claims, last_turn, last_turn.c.claim_id == claims.id)
        .where(
            claims.coverages > last_turn.c.turn,
            exists().where(payments.claim_id == claims.id, payments.sequence == last_turn.c.turn),
        )
        .order_by(claims.id)
    ).all()
    for start in range(0, len(candidates), _AT_ONCE):
        some = sent_claims(connection, candidates[start : start + _AT_ONCE])
        if due := [each for each in some if not why_no_next_claim(each) and _left_to_patient(each)]:
            yield due


def _left_to_patient(claim: SentClaim) -> bool:
    newest = claim.decisions[claim.next_payer_rank - 1]
    return any(
        adjustment.group == PATIENT_RESPONSIBILITY and adjustment.amount > 0
        for decision in newest
        for adjustment in decision.payment.every_adjustment
    )


def why_no_next_claim(claim: SentClaim) -> str:
    """Why there is no claim to the next payer, in plain words; empty where there is one."""
    turn = claim.next_payer_rank - 1
    if claim.closed:
        return "it was replaced or voided"
    if claim.held:
        return "part of a payer's decision waits in suspense"
    if claim.next_payer_rank > 1 + len(claim.claim.other_payers):
        return "its encounter names no further payer"
    if turn not in claim.decisions:
        return f"payer {turn} has not decided yet"
    if any(decision.payment.forwarded for decision in claim.decisions[turn]):
        return f"payer {turn} sent it on to the next payer himself (crossover)"
    return ""
