"""Key figures that practices compare, each with its formula in words (rules.md#indicators).

Only what the ledger can say: HFMA's clean-claim rate is not among them, because the ledger does not see what people
mended before a claim was sent; nor are net figures, because the net price of an open claim is not known.
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
    """A ratio of two whole numbers, so that it is exact; what they are of, says the formula."""

    name: str
    title: str
    formula: str
    unit: Unit
    numerator: int
    denominator: int

    @property
    def tenths(self) -> int | None:
        """The figure in tenths of its unit, halves rounded up; null where there is nothing to divide by."""
        if self.denominator <= 0:
            return None
        scale = 1000 if self.unit == "percent" else 10
        return (2 * scale * self.numerator + self.denominator) // (2 * self.denominator)


def indicators(connection: Connection, period: Period, first: FirstPass, owed: Receivables) -> tuple[Indicator, ...]:
    """All of them, of a period and of the balances of today."""
    decided = first.whole
    charged, charged_days = _charged(connection, period)
    turned_away, sent = _turned_away(connection, period)
    return (
        Indicator(
            "initial_denial_rate", "Initial denial rate, by claims",
            "claims of which the primary payer refused something in his first decision ÷ claims with a first decision "
            "in the period (claims as sent first, without corrections)",
            "percent", decided.denied_claims, decided.claims,
        ),
        Indicator(
            "initial_denial_rate_charge", "Initial denial rate, by charge",
            "what was refused in those first decisions ÷ the charges of the claims that they decided",
            "percent", decided.denied, decided.charge,
        ),
        Indicator(
            "aged_over_90", "Payers' balances older than 90 days",
            "what payers owe or refused on claims with a first service more than 90 days ago ÷ all that payers owe or "
            "refused (at billed charges; credits not counted)",
            "percent", owed.insurance.over_90, owed.insurance.amount,
        ),
        Indicator(
            "days_in_receivables", "Days in receivables, gross",
            "what payers and patients owe now ÷ charges a day, by service date in the period (gross: at billed "
            "charges, before contracts take their part)",
            "days", (owed.insurance.amount + owed.patients.amount) * charged_days, charged,
        ),
        Indicator(
            "days_to_decision", "Days from sending to first decision",
            "days from building the 837P to the payment date of the first remittance with a decision of the primary "
            "payer, mean over the claims first decided in the period",
            "days", decided.days, decided.timed,
        ),
        Indicator(
            "front_end_rejections", "Turned away by a front end",
            "sendings in the period that a TA1, 997, 999 or 277CA turned away ÷ sendings in the period of which any "
            "acknowledgement came",
            "percent", turned_away, sent,
        ),
    )  # fmt: skip


def _charged(connection: Connection, period: Period) -> tuple[int, int]:
    """What was charged for services of the period, and its days; a period before the first service has not begun."""
    query = select(func.coalesce(func.sum(_claims.charge), 0)).where(period.has(_claims.service_from), is_current())
    earliest = connection.scalar(
        select(func.min(_claims.service_from)).where(_claims.service_from <= period.last.isoformat())
    )
    begun = max(period.first, date.fromisoformat(earliest)) if earliest else period.first
    return int(connection.scalar(query) or 0), (period.last - begun).days + 1


def _turned_away(connection: Connection, period: Period) -> tuple[int, int]:
    """How many sendings a front end turned away, and of how many it said anything."""
    turned_away = _spoken_of(connection, period, _statuses.accepted == REJECTED)
    return turned_away, _spoken_of(connection, period, true())


def _spoken_of(connection: Connection, period: Period, said: ColumnElement[bool]) -> int:
    """How many sendings of the period front ends made such a statement about: by file, by set or by claim."""
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
            .where(said, period.has(sent))
        )

    return int(
        connection.scalar(select(func.count()).select_from(union(*map(about, (of_the_file, of_the_claim))).subquery()))
        or 0
    )
