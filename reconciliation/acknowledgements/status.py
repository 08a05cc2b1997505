"""Derive the acknowledgement status of each claim: accepted, or rejected before any payer adjudicated it. Read only.

It follows from the acknowledgements alone, in any order (rules.md#acknowledgements, rules.md#claim-acknowledgements). A
rejected interchange, group, or set rejects all its claims. The newest 277CA of a claim counts, and on the same day a
rejection overrides an acceptance.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection, Row, and_, exists, or_, select

from claimloop.reconciliation.claims.states import closed_claims
from claimloop.reconciliation.ledger import schema
from claimloop.reconciliation.ledger.conditions import is_newest_submission

_statuses, _sendings, _payments = schema.statuses.c, schema.sendings.c, schema.claim_payments.c

REJECTED, ACCEPTED = 0, 1

ANSWERS = ("TA1", "999", "277CA", "835")
"""The answers to a claim file in their order; a later one implies that the earlier ones were in order."""


def about(sendings: Any) -> ColumnElement[bool]:
    """Return true if an acknowledgement is about a submission: its file, its set, or its claim."""
    return or_(
        and_(
            _statuses.submission_id == sendings.submission_id,
            _statuses.set_control_number.in_(("", sendings.set_control_number)),
        ),
        _statuses.normalised_control_number == sendings.normalised_control_number,
    )


def rejections(connection: Connection, claim_id: int | None = None) -> Iterator[Row[Any]]:
    """Yield the acknowledgements that rejected claims that no payer adjudicated since.

    `claim_id` and `sending_id` of a row are those of the newest submission of a current claim.
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
    found: list[Row[Any]] = []
    for which in (by_file, by_claim):
        rejected = which.where(
            _statuses.accepted == REJECTED,
            is_newest_submission(),
            ~exists().where(_payments.claim_id == _sendings.claim_id, _payments.sequence == _sendings.turn),
        )
        if claim_id is not None:
            rejected = rejected.where(_sendings.claim_id == claim_id)
        pairs = rejected.subquery()
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
    """Return the claims that were rejected and must be filed again."""
    return {row.claim_id for row in rejections(connection, claim_id)}


class AcknowledgementStatus(msgspec.Struct, frozen=True, gc=False):
    """The acknowledgement status of one submission.

    `furthest` counts the answers of `ANSWERS` that arrived or that a later one implies. `rejected` is true if any
    acknowledgement rejects it, `accepted` if a 277CA accepts it. `last` is the kind and code of the newest
    acknowledgement; on the same day, of the one received last.
    """

    furthest: int = 0
    rejected: bool = False
    accepted: bool = False
    last: str = ""


class _Statement(msgspec.Struct, frozen=True, gc=False):
    """One acknowledgement. `of_its_own` is true if it names the set or the claim; `order` sorts by date and receipt."""

    kind: str
    of_its_own: bool
    accepted: int | None
    day: str
    order: tuple[str, int]
    word: str


def acknowledgement_statuses(
    connection: Connection, sendings: Collection[tuple[int, int, str, str]]
) -> dict[int, AcknowledgementStatus]:
    """Return the status of up to a few hundred submissions, given id, file, set, and normalized control number."""
    columns = _statuses.kind, _statuses.accepted, _statuses.day, _statuses.received, _statuses.code, _statuses.id
    sets = {"", *(one_set for _, _, one_set, _ in sendings)}
    about_files = select(_statuses.submission_id, _statuses.set_control_number, *columns).where(
        _statuses.submission_id.in_({submission for _, submission, _, _ in sendings}),
        _statuses.set_control_number.in_(sets),
    )
    of_files: dict[tuple[int, str], list[_Statement]] = defaultdict(list)
    for submission, one_set, *said in connection.execute(about_files):
        of_files[submission, one_set].append(_statement(one_set != "", *said))
    about_claims = select(_statuses.normalised_control_number, *columns).where(
        _statuses.normalised_control_number.in_([number for *_, number in sendings])
    )
    of_claims: dict[str, list[_Statement]] = defaultdict(list)
    for number, *said in connection.execute(about_claims):
        of_claims[number].append(_statement(True, *said))
    found = {}
    for sending, submission, one_set, number in sendings:
        of_file = of_files.get((submission, ""), [])
        if one_set:
            of_file = of_file + of_files.get((submission, one_set), [])
        found[sending] = _together(of_file, of_claims.get(number, []))
    return found


def _statement(
    of_its_own: bool, kind: str, accepted: int | None, day: str, received: str, code: str, number: int
) -> _Statement:  # fmt: skip
    return _Statement(kind, of_its_own, accepted, day, (day or received[:10], number), f"{kind} {code}")


def _together(of_file: list[_Statement], of_claim: list[_Statement]) -> AcknowledgementStatus:
    if not of_file and not of_claim:
        return _NOTHING
    against = max((each.day for each in of_claim if each.accepted == REJECTED), default=None)
    in_favor = max((each.day for each in of_claim if each.accepted == ACCEPTED), default=None)
    is_rejected = against is not None and (in_favor is None or against >= in_favor)
    return AcknowledgementStatus(
        furthest=3 if of_claim else max(map(_reach, of_file)),
        rejected=is_rejected or any(each.accepted == REJECTED for each in of_file),
        accepted=in_favor is not None and not is_rejected,
        last=max((*of_file, *of_claim), key=lambda each: each.order).word,
    )


def _reach(statement: _Statement) -> int:
    """Return how many of the answers have arrived, given this one.

    A partially accepted group does not count as a 999 of its sets. A 277CA for the whole file implies that its sets
    were read.
    """
    if statement.kind == "TA1":
        return 1
    return 2 if statement.of_its_own or statement.accepted is not None or statement.kind == "277CA" else 1


_NOTHING = AcknowledgementStatus()
