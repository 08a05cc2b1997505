"""Submitted claims with the payers' decisions, which the next claim (secondary, replacement, void) is made from."""

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
from claimloop.reconciliation.ledger.conditions import is_not_reversed, payment_is_in_effect

_AT_ONCE = 500
_claims = msgspec.json.Decoder(Claim)
_payments = msgspec.json.Decoder(ClaimPayment)


class SentClaim(msgspec.Struct):
    """A claim of the ledger with all its submissions and payer decisions.

    `claim` is the first submission. `payer_ranks` are the ranks of the payers that it was submitted to. `decisions` has
    the payments in effect by payer rank. `held` is true if part of a payment is in suspense.
    """

    id: int
    encounter_id: str
    part: int
    version: int
    claim: Claim
    payer_ranks: set[int]
    decisions: dict[int, list[Decision]]
    held: bool
    closed: bool

    @property
    def next_payer_rank(self) -> int:
        """Return the rank of the payer that the claim goes to next."""
        return max(self.payer_ranks) + 1

    @property
    def payer_claim_number(self) -> str:
        """Return CLP07 of the primary payer's newest decision."""
        return next((each.payment.payer_claim_number for each in reversed(self.decisions.get(1, ()))), "")


def sent_claims(connection: Connection, claim_ids: Sequence[int]) -> list[SentClaim]:
    """Return these claims in the given order."""
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
        for claim_id, encounter_id, part, version, rank, record in connection.execute(query):
            known = found.get(claim_id)
            if known is None:
                claim = _claims.decode(record)
                found[claim_id] = SentClaim(
                    claim_id, encounter_id, part, version, claim, {rank}, {}, held=False, closed=claim_id in closed
                )  # fmt: skip
            else:
                known.version = max(known.version, version)
                known.payer_ranks.add(rank)
        _add_decisions(connection, some, found)
    return [found[claim_id] for claim_id in claim_ids if claim_id in found]


def _add_decisions(connection: Connection, claim_ids: Sequence[int], found: dict[int, SentClaim]) -> None:
    payments, remittances, services, lines = (
        schema.claim_payments.c, schema.remittances.c, schema.service_payments.c, schema.lines.c,
    )  # fmt: skip
    query = (
        select(payments.id, payments.claim_id, payments.sequence, payments.record, remittances.payment_date)
        .join_from(schema.claim_payments, schema.remittances, remittances.id == payments.remittance_id)
        .where(
            payments.claim_id.in_(claim_ids), payment_is_in_effect(), payments.sequence > 0,
        )
        .order_by(payments.id)
    ).subquery()  # fmt: skip
    numbers: dict[int, dict[int, int]] = {}
    matched_lines = (
        select(services.claim_payment_id, services.ordinal, lines.number)
        .join_from(schema.service_payments, schema.lines, lines.id == services.line_id)
        .where(services.claim_payment_id.in_(select(query.c.id)), services.ordinal > 0)
    )
    for payment_id, ordinal, number in connection.execute(matched_lines):
        numbers.setdefault(payment_id, {})[ordinal] = number
    for payment_id, claim_id, rank, record, day in connection.execute(select(query).order_by(query.c.id)):
        payment = _payments.decode(record)
        places = numbers.get(payment_id, {})
        known = found[claim_id]
        if len(places) < len(payment.services):
            known.held = True
            continue
        in_order = tuple(places[ordinal] for ordinal in range(1, len(payment.services) + 1))
        known.decisions.setdefault(rank, []).append(Decision(payment, in_order, date.fromisoformat(day)))
    held = schema.suspense.c
    waiting = (
        select(payments.claim_id)
        .join_from(schema.suspense, schema.claim_payments, payments.id == held.claim_payment_id)
        .where(payments.claim_id.in_(claim_ids), held.amount != 0, is_not_reversed())
    )
    for claim_id in connection.scalars(waiting):
        found[claim_id].held = True


def due_for_next_payer(connection: Connection) -> list[int]:
    """Return the claims that are due to their next payer.

    The last payer adjudicated them, assigned an amount to the patient, and did not forward them (crossover).
    """
    return [each.id for some in claims_due_for_next_payer(connection) for each in some]


def claims_due_for_next_payer(connection: Connection) -> Iterator[list[SentClaim]]:
    """Yield the claims that are due to their next payer, a few hundred at a time."""
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
    """Return why the claim cannot go to its next payer; empty if it can."""
    rank = claim.next_payer_rank - 1
    if claim.closed:
        return "it was replaced or voided"
    if claim.held:
        return "part of a payer's decision is in suspense"
    if claim.next_payer_rank > 1 + len(claim.claim.other_payers):
        return "its encounter names no further payer"
    if rank not in claim.decisions:
        return f"payer {rank} has not adjudicated it yet"
    if any(decision.payment.forwarded for decision in claim.decisions[rank]):
        return f"payer {rank} forwarded it to the next payer (crossover)"
    return ""
