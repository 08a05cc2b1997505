"""First-pass results: how the primary payer first adjudicated each original claim.

The result is everything that the remittance with the first posted payment reports about the claim, except reversals.
Later reversals, corrections, and other payers do not change it. So a denial counts here even if the payer later pays
on appeal (rules.md#indicators).
"""

from datetime import date

import msgspec
from sqlalchemy import CTE, Connection, case, func, select

from claimloop.edi.codes import label
from claimloop.edi.records.adjustments import denial_category
from claimloop.reconciliation.ledger import accounts, schema
from claimloop.reconciliation.ledger.conditions import is_no_reversal
from claimloop.reconciliation.reports.period import Period, summed

_payments, _remittances, _claims = schema.claim_payments.c, schema.remittances.c, schema.claims.c
_adjustments, _sendings, _submissions = schema.adjustments.c, schema.sendings.c, schema.submissions.c

_PRIMARY = 1
_BUILT = "built"


class Decided(msgspec.Struct, frozen=True):
    """Claims first adjudicated in some time, with their charges and denied amounts in cents.

    `denied_whole` counts the denied claims on which the payer paid nothing. `days` is the total of the days from
    building the 837P to the payment date over all `timed` claims; claims of another system are not timed.
    """

    claims: int = 0
    charge: int = 0
    denied_claims: int = 0
    denied_whole: int = 0
    denied: int = 0
    timed: int = 0
    days: int = 0

    def __add__(self, other: "Decided") -> "Decided":
        return Decided(*summed(msgspec.structs.astuple(self), msgspec.structs.astuple(other)))


class Reason(msgspec.Struct, frozen=True):
    """Why money was denied: group and CARC, what they mean in our words, and the amount in cents."""

    group: str
    reason: str
    label: str
    kind: str
    claims: int
    amount: int


class PayerDecided(msgspec.Struct, frozen=True):
    """The first-pass results of one payer."""

    payer_name: str
    decided: Decided


class FirstPass(msgspec.Struct, frozen=True):
    """The first-pass results of a period; payers and reasons with the largest denied amount first."""

    whole: Decided
    by_step: tuple[Decided, ...]
    payers: tuple[PayerDecided, ...]
    reasons: tuple[Reason, ...]


def first_pass(connection: Connection, period: Period) -> FirstPass:
    """Return the results of the claims that were first adjudicated in the period."""
    first = _first_adjudications(period)
    denied = (
        select(first.c.claim_id, func.sum(_adjustments.amount).label("amount"))
        .join_from(first, schema.adjustments, _adjustments.claim_payment_id == first.c.payment_id)
        .where(_adjustments.disposition == accounts.DENIED)
        .group_by(first.c.claim_id)
        .having(func.sum(_adjustments.amount) > 0)
        .subquery()
    )
    decided = (
        select(first.c.claim_id, first.c.payment_date, func.sum(first.c.paid).label("paid"))
        .group_by(first.c.claim_id, first.c.payment_date)
        .subquery()
    )
    whole = case((denied.c.amount.is_not(None) & (decided.c.paid == 0), 1), else_=0)
    sent = func.substr(_submissions.created, 1, 10)
    query = (
        select(
            _claims.payer_name, decided.c.payment_date, func.count(), func.sum(_claims.charge),
            func.count(denied.c.amount), func.sum(whole), func.coalesce(func.sum(denied.c.amount), 0),
            _submissions.origin, sent.label("sent"),
        )
        .join_from(decided, schema.claims, _claims.id == decided.c.claim_id)
        .join(schema.sendings, (_sendings.claim_id == _claims.id) & (_sendings.version == _claims.version))
        .join(schema.submissions, _submissions.id == _sendings.submission_id)
        .outerjoin(denied, denied.c.claim_id == decided.c.claim_id)
        .group_by(_claims.payer_name, decided.c.payment_date, _submissions.origin, "sent")
    )  # fmt: skip
    steps = [Decided()] * len(period.starts)
    payers: dict[str, Decided] = {}
    for payer, day, claims, charge, denied_claims, whole_ones, amount, origin, sent_on in connection.execute(query):
        timed = claims if origin == _BUILT else 0
        days = (date.fromisoformat(day) - date.fromisoformat(sent_on)).days
        part = Decided(claims, int(charge), denied_claims, int(whole_ones), int(amount), timed, timed * days)
        steps[period.place(day)] += part
        payers[payer] = payers.get(payer, Decided()) + part
    by_payer = [PayerDecided(payer, part) for payer, part in payers.items()]
    return FirstPass(
        whole=sum(steps, Decided()),
        by_step=tuple(steps),
        payers=tuple(sorted(by_payer, key=lambda each: (-each.decided.denied, each.payer_name))),
        reasons=_reasons(connection, first),
    )


def _reasons(connection: Connection, first: CTE) -> tuple[Reason, ...]:
    query = (
        select(
            _adjustments.group_code, _adjustments.reason, func.count(first.c.claim_id.distinct()),
            func.sum(_adjustments.amount),
        )
        .join_from(first, schema.adjustments, _adjustments.claim_payment_id == first.c.payment_id)
        .where(_adjustments.disposition == accounts.DENIED)
        .group_by(_adjustments.group_code, _adjustments.reason)
    )  # fmt: skip
    found = [
        Reason(group, reason, label("adjustment_reason", reason), denial_category(reason), int(claims), int(amount))
        for group, reason, claims, amount in connection.execute(query)
    ]
    return tuple(sorted(found, key=lambda each: (-each.amount, each.group, each.reason)))


def _first_adjudications(period: Period) -> CTE:
    """Select the claim payments that are part of a first adjudication in the period."""
    first = (
        select(_payments.claim_id, func.min(_payments.id).label("id"))
        .where(
            _payments.claim_id.is_not(None), is_no_reversal(), _payments.sequence == _PRIMARY
        )
        .group_by(_payments.claim_id)
        .subquery()
    )  # fmt: skip
    opening = schema.claim_payments.alias()
    return (
        select(_payments.id.label("payment_id"), _payments.claim_id, _payments.paid, _remittances.payment_date)
        .select_from(first)
        .join(opening, opening.c.id == first.c.id)
        .join(schema.remittances, _remittances.id == opening.c.remittance_id)
        .join(schema.claims, _claims.id == first.c.claim_id)
        .join(
            schema.claim_payments,
            (_payments.claim_id == first.c.claim_id)
            & (_payments.remittance_id == opening.c.remittance_id)
            & (_payments.sequence == _PRIMARY)
            & is_no_reversal(),
        )
        .where(
            _claims.version == 1,
            period.has(_remittances.payment_date),
        )
        .cte()
    )  # fmt: skip
