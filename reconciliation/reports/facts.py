"""Everything that a report shows, read from the ledger in one transaction: whole cents, whole days, exact ratios."""

from collections.abc import Iterable
from datetime import date

import msgspec
from sqlalchemy import Connection

from claimloop.reconciliation.configuration.as_of import AsOf
from claimloop.reconciliation.ledger import accounts
from claimloop.reconciliation.queries.totals import Totals
from claimloop.reconciliation.queries.totals import totals as totals_of
from claimloop.reconciliation.reports.first_pass import FirstPass, first_pass
from claimloop.reconciliation.reports.indicators import Indicator, indicators
from claimloop.reconciliation.reports.money_received import MoneyReceived, money_received
from claimloop.reconciliation.reports.period import Period, period_until
from claimloop.reconciliation.reports.receivables import Receivables, receivables
from claimloop.reconciliation.reports.runs import Run, runs_until
from claimloop.reconciliation.reports.waiting import Waiting, waiting
from claimloop.reconciliation.run_record import RunRecord

DAYS = 90
"""How far a report looks back by default."""


class Proof(msgspec.Struct, frozen=True):
    """An identity with its figures in cents: `whole` must be the sum of the parts, with a `difference` of zero."""

    identity: str
    whole: int
    parts: tuple[int, ...]

    @property
    def difference(self) -> int:
        """Return zero; anything else means that the ledger is wrong."""
        return self.whole - sum(self.parts)


class Facts(msgspec.Struct, frozen=True):
    """The facts of a report. Balances are those in the ledger now; ages are as of `day`, and the period ends on it.

    With `shows_values`, control numbers are not masked.
    """

    day: date
    practice: str
    shows_values: bool
    period: Period
    totals: Totals
    proofs: tuple[Proof, ...]
    indicators: tuple[Indicator, ...]
    money: MoneyReceived
    first_pass: FirstPass
    receivables: Receivables
    waiting: tuple[Waiting, ...]
    runs: tuple[Run, ...]


def read_facts(
    connection: Connection,
    when: AsOf,
    runs: Iterable[RunRecord] = (),
    *,
    days: int = DAYS,
    show_values: bool = False,
    totals: Totals | None = None,
) -> Facts:
    """Return the facts as of a day, with the trend of these runs. Pass `totals` where they are already known."""
    period = period_until(when.day, days)
    totals = totals or totals_of(connection)
    money = money_received(connection, period)
    first = first_pass(connection, period)
    owed = receivables(connection, when.day)
    return Facts(
        day=when.day,
        practice=_practice(when),
        shows_values=show_values,
        period=period,
        totals=totals,
        proofs=_proofs(totals, owed),
        indicators=indicators(connection, period, first, owed),
        money=money,
        first_pass=first,
        receivables=owed,
        waiting=waiting(connection, when, show_values=show_values),
        runs=runs_until(runs, when.day),
    )


def _practice(when: AsOf) -> str:
    """Return the billing provider of the configuration, or else the submitter; empty if there are no partners."""
    for partner in when.partners:
        provider = partner.billing_provider
        return (provider.organization if provider else "") or partner.submitter.name
    return ""


def _proofs(totals: Totals, owed: Receivables) -> tuple[Proof, ...]:
    balance = totals.balance
    return (
        Proof(
            accounts.IDENTITY,
            balance.charge,
            balance.parts,
        ),
        Proof(
            "payments = posted + suspense + resolved − provider-level adjustments",
            totals.payments,
            (totals.posted, totals.suspense, totals.resolved, -totals.provider_adjustments),
        ),
        Proof(
            "open = payer balances by age + payer credits",
            balance.open,
            (owed.insurance.amount, owed.payer_credits),
        ),
        Proof(
            "patient = patient balances by age + patient credits + paid by patients",
            balance.patient,
            (owed.patients.amount, owed.patient_credits, owed.patients_paid),
        ),
    )
