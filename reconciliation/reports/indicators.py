"""Key indicators that practices compare, each with its formula in words (rules.md#indicators).

They use only what the ledger knows. HFMA's clean-claim rate is not among them, because the ledger does not see what
staff fixed before a claim was submitted. Net figures are not either, because the net price of an open claim is unknown.
"""

from datetime import date
from typing import Literal

import msgspec
from sqlalchemy import ColumnElement, Connection, Select, and_, func, select, true, union

from claimloop.reconciliation.acknowledgements.status import REJECTED
from claimloop.reconciliation.ledger import schema
from claimloop.reconciliation.ledger.conditions import is_current
from claimloop.reconciliation.reports.first_pass import FirstPass
from claimloop.reconciliation.reports.period import Period
from claimloop.reconciliation.reports.receivables import Receivables

_claims, _sendings, _submissions = schema.claims.c, schema.sendings.c, schema.submissions.c
_statuses = schema.statuses.c

Unit = Literal["percent", "days"]


class Indicator(msgspec.Struct, frozen=True):
    """A ratio of two whole numbers, so that it is exact; the formula defines them."""

    name: str
    title: str
    formula: str
    unit: Unit
    numerator: int
    denominator: int

    @property
    def tenths(self) -> int | None:
        """Return the figure in tenths of its unit, halves rounded up; None if there is nothing to divide by."""
        if self.denominator <= 0:
            return None
        scale = 1000 if self.unit == "percent" else 10
        return (2 * scale * self.numerator + self.denominator) // (2 * self.denominator)


def indicators(connection: Connection, period: Period, first: FirstPass, owed: Receivables) -> tuple[Indicator, ...]:
    """Return all indicators of a period and of the balances in the ledger now."""
    decided = first.whole
    charged, charged_days = _charged(connection, period)
    rejected, answered = _front_end_rejections(connection, period)
    return (
        Indicator(
            "initial_denial_rate", "Initial denial rate, by claims",
            "claims with a denial by the primary payer at first adjudication ÷ claims first adjudicated in the period "
            "(original claims only, without corrections)",
            "percent", decided.denied_claims, decided.claims,
        ),
        Indicator(
            "initial_denial_rate_charge", "Initial denial rate, by charge",
            "amounts denied at first adjudication ÷ charges of the claims first adjudicated in the period",
            "percent", decided.denied, decided.charge,
        ),
        Indicator(
            "aged_over_90", "Payer A/R over 90 days",
            "open payer balances, including denied amounts, of claims whose first date of service is more than 90 days "
            "ago ÷ all open payer balances (at billed charges, credits not counted)",
            "percent", owed.insurance.over_90, owed.insurance.amount,
        ),
        Indicator(
            "days_in_receivables", "Days in A/R, gross",
            "open payer and patient balances now ÷ average charges per day, by date of service in the period (gross: "
            "at billed charges, before contractual adjustments)",
            "days", (owed.insurance.amount + owed.patients.amount) * charged_days, charged,
        ),
        Indicator(
            "days_to_decision", "Days from submission to first adjudication",
            "average days from building the 837P to the payment date of the first remittance in which the primary "
            "payer adjudicated the claim, over the claims first adjudicated in the period",
            "days", decided.days, decided.timed,
        ),
        Indicator(
            "front_end_rejections", "Front-end rejection rate",
            "submissions in the period that a TA1, 997, 999, or 277CA rejected ÷ submissions in the period with any "
            "acknowledgement",
            "percent", rejected, answered,
        ),
    )  # fmt: skip


def _charged(connection: Connection, period: Period) -> tuple[int, int]:
    """Return the charges for services in the period, and its days; it begins with the first service at the earliest."""
    query = select(func.coalesce(func.sum(_claims.charge), 0)).where(period.has(_claims.service_from), is_current())
    earliest = connection.scalar(
        select(func.min(_claims.service_from)).where(_claims.service_from <= period.last.isoformat())
    )
    begun = max(period.first, date.fromisoformat(earliest)) if earliest else period.first
    return int(connection.scalar(query) or 0), (period.last - begun).days + 1


def _front_end_rejections(connection: Connection, period: Period) -> tuple[int, int]:
    """Return how many submissions the front end rejected, and how many have any acknowledgement."""
    rejected = _acknowledged(connection, period, _statuses.accepted == REJECTED)
    return rejected, _acknowledged(connection, period, true())


def _acknowledged(connection: Connection, period: Period, condition: ColumnElement[bool]) -> int:
    """Count the period's submissions with such an acknowledgement of their file, their set, or themselves."""
    of_the_file = and_(
        _statuses.submission_id == _sendings.submission_id,
        _statuses.set_control_number.in_(("", _sendings.set_control_number)),
    )
    of_the_claim = _statuses.normalised_control_number == _sendings.normalised_control_number
    sent = func.substr(_submissions.created, 1, 10)

    def about(which: ColumnElement[bool]) -> Select[tuple[int]]:
        return (
            select(_sendings.id)
            .join_from(schema.statuses, schema.sendings, which)
            .join(schema.submissions, _submissions.id == _sendings.submission_id)
            .where(condition, period.has(sent))
        )

    return int(
        connection.scalar(select(func.count()).select_from(union(*map(about, (of_the_file, of_the_claim))).subquery()))
        or 0
    )
