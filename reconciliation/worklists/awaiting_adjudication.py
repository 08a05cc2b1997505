"""Current submissions that no payer has adjudicated, with their acknowledgements and what is open. Read only."""

from collections.abc import Iterator, Sequence

import msgspec
from sqlalchemy import Connection, exists, func, select

from claimloop.reconciliation.acknowledgements.status import AcknowledgementStatus, acknowledgement_statuses
from claimloop.reconciliation.configuration.as_of import AsOf
from claimloop.reconciliation.ledger import schema
from claimloop.reconciliation.ledger.conditions import (
    is_current,
    is_newest_submission,
    item_is_open,
    payment_is_in_effect,
)
from claimloop.reconciliation.posting.match import normalized
from claimloop.reconciliation.submissions.import_837p import IMPORTED
from claimloop.reconciliation.worklists.open_balances import open_balances

_AT_ONCE = 500
_claims, _sendings, _submissions = schema.claims.c, schema.sendings.c, schema.submissions.c
_payments, _remittances, _suspense = schema.claim_payments.c, schema.remittances.c, schema.suspense.c


class Undecided(msgspec.Struct, frozen=True, gc=False):
    """The newest submission of a claim, not adjudicated. Days are ISO dates; `open` is what its payers owe, in cents.

    `partner` is the partner that the claim went to. For an imported claim it is the partner that takes the payer's
    claims, or empty if there is none. `reversed_on` is the day of the remittance that reversed an earlier
    adjudication; empty if there was none.
    """

    claim_control_number: str
    payer_id: str
    payer_name: str
    partner: str
    imported: bool
    service_from: str
    sent: str
    reversed_on: str
    open: int
    acknowledgement: AcknowledgementStatus
    file: str


def undecided(connection: Connection, when: AsOf) -> Iterator[Undecided]:
    """Yield these submissions in the order in which they were sent, except voids and claims with no open balance.

    A claim with a payment on the work list `suspense` is left out too: its payer has answered.
    """
    decided = exists().where(
        _payments.claim_id == _sendings.claim_id,
        _payments.sequence == _sendings.turn,
        payment_is_in_effect(),
    )
    query = (
        select(
            _sendings.id, _sendings.claim_id, _sendings.turn, _sendings.submission_id, _sendings.set_control_number,
            _sendings.patient_control_number, _sendings.normalised_control_number, _sendings.payer_id,
            _sendings.payer_name, _submissions.partner, _submissions.origin, _submissions.created,
            _submissions.file_name, _claims.service_from,
        )
        .join_from(schema.sendings, schema.claims, _claims.id == _sendings.claim_id)
        .join(schema.submissions, _submissions.id == _sendings.submission_id)
        .where(is_current(), is_newest_submission(), ~decided)
        .order_by(_sendings.id)
    )  # fmt: skip
    in_suspense = _in_suspense(connection)
    same: dict[str, str] = {}  # one text for all claims of a file, payer or day
    for some in connection.execute(query.execution_options(yield_per=_AT_ONCE)).partitions():
        rows = [tuple(row) for row in some if row.normalised_control_number not in in_suspense]
        said = acknowledgement_statuses(connection, [(row[0], row[3], row[4], row[6]) for row in rows])
        claim_ids = [row[1] for row in rows]
        left, taken_back = open_balances(connection, claim_ids), _reversed_on(connection, claim_ids)
        for sending, claim_id, turn, _, _, number, _, payer, name, partner, origin, created, file, served in rows:
            cents = left.get(claim_id, 0)
            if cents > 0:
                imported = origin == IMPORTED
                yield Undecided(
                    number, same.setdefault(payer, payer), same.setdefault(name, name),
                    when.partner_of(payer) if imported else same.setdefault(partner, partner), imported,
                    same.setdefault(served, served), same.setdefault(created[:10], created[:10]),
                    taken_back.get((claim_id, turn), ""), cents, said[sending], same.setdefault(file, file),
                )  # fmt: skip


def _in_suspense(connection: Connection) -> set[str]:
    """Return the normalized control numbers of the payments that are in suspense as a whole."""
    query = (
        select(_suspense.claim_control_number)
        .join_from(schema.suspense, schema.claim_payments, _payments.id == _suspense.claim_payment_id)
        .where(
            item_is_open(), _payments.claim_id.is_(None), _suspense.claim_control_number.is_not(None),
        )
    )  # fmt: skip
    return {normalized(number) for number in connection.scalars(query)}


def _reversed_on(connection: Connection, claim_ids: Sequence[int]) -> dict[tuple[int, int], str]:
    """Return the day of the newest reversal by claim and payer rank."""
    query = (
        select(_payments.claim_id, _payments.sequence, func.max(_remittances.payment_date))
        .join_from(schema.claim_payments, schema.remittances, _remittances.id == _payments.remittance_id)
        .where(_payments.claim_id.in_(claim_ids), _payments.reverses_id.is_not(None))
        .group_by(_payments.claim_id, _payments.sequence)
    )
    return {(claim_id, turn): day for claim_id, turn, day in connection.execute(query)}
