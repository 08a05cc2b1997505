"""What front ends said of each claim: turned away before any payer decided, or taken in. Read only.

It follows from the statements alone, in whatever order they came (DOMAIN 3.9, 3.10): a rejected interchange, group or
set takes all its claims with it; of a claim the newest 277CA counts, and of one day a rejection wins.
"""

from collections.abc import Collection, Iterator
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, exists, or_, select

from claimloop.reconciliation import schema
from claimloop.reconciliation.claims_on_file import closed_claims

_statuses, _sendings, _payments = schema.statuses.c, schema.sendings.c, schema.claim_payments.c

REJECTED, ACCEPTED = 0, 1


def about(sendings: Any) -> ColumnElement[bool]:
    """True where a statement is about a sending: its file, its set, or the claim in it."""
    return or_(
        and_(
            _statuses.submission_id == sendings.submission_id,
            _statuses.set_control_number.in_(("", sendings.set_control_number)),
        ),
        _statuses.normalised_control_number == sendings.normalised_control_number,
    )


def rejections(connection: Connection, claim_id: int | None = None) -> Iterator[Row[Any]]:
    """The statements by which claims were turned away that no payer has decided about since: with `claim_id` and
    `sending_id`, the newest sending of a claim that stands.
    """
    by_file = select(_sendings.id, _statuses.id.label("status_id")).join_from(
        schema.sendings, schema.statuses, _statuses.submission_id == _sendings.submission_id
    ).where(_statuses.set_control_number.in_(("", _sendings.set_control_number)))  # fmt: skip
    later = schema.statuses.alias().c
    by_claim = select(_sendings.id, _statuses.id.label("status_id")).join_from(
        schema.sendings, schema.statuses, _statuses.normalised_control_number == _sendings.normalised_control_number
    ).where(
        ~exists().where(
            later.normalised_control_number == _statuses.normalised_control_number,
            later.accepted == ACCEPTED,
            later.day > _statuses.day,
        )
    )  # fmt: skip
    resent = schema.sendings.alias().c
    found: list[Row[Any]] = []
    for which in (by_file, by_claim):
        turned_away = which.where(
            _statuses.accepted == REJECTED,
            ~exists().where(resent.claim_id == _sendings.claim_id, resent.version > _sendings.version),
            ~exists().where(_payments.claim_id == _sendings.claim_id, _payments.sequence == _sendings.turn),
        )
        if claim_id is not None:
            turned_away = turned_away.where(_sendings.claim_id == claim_id)
        pairs = turned_away.subquery()
        query = (
            select(_sendings.claim_id, _sendings.id.label("sending_id"), *schema.statuses.c)
            .join_from(schema.sendings, pairs, pairs.c.id == _sendings.id)
            .join(schema.statuses, _statuses.id == pairs.c.status_id)
            .order_by(_statuses.id, _sendings.id)
        )
        found += connection.execute(query)
    closed = closed_claims(connection, {row.claim_id for row in found})
    yield from (row for row in found if row.claim_id not in closed)


def rejected_claims(connection: Connection, claim_id: int | None = None) -> set[int]:
    """The claims that wait to be filed again, because a front end turned them away."""
    return {row.claim_id for row in rejections(connection, claim_id)}


def last_words(connection: Connection, sending_ids: Collection[int]) -> dict[int, str]:
    """What was said last of each of the sendings: kind and code; of one day, what came last."""
    said: dict[int, tuple[str, int, str]] = {}
    wanted = list(sending_ids)
    for start in range(0, len(wanted), 500):
        query = (
            select(_sendings.id, _statuses.id, _statuses.day, _statuses.received, _statuses.kind, _statuses.code)
            .join_from(schema.sendings, schema.statuses, about(_sendings))
            .where(_sendings.id.in_(wanted[start : start + 500]))
        )
        for sending, status, day, received, kind, code in connection.execute(query):
            known = said.get(sending)
            word = (day or received[:10], status, f"{kind} {code}")
            if known is None or word > known:
                said[sending] = word
    return {sending: text for sending, (_, _, text) in said.items()}
