"""A ledger of one month, small enough to be worked out by hand: four of six claims are answered, one of them twice."""

from datetime import date, datetime
from pathlib import Path

import msgspec

from claimloop.reconciliation.claims.manual_entries import ManualEntry
from claimloop.reconciliation.configuration.as_of import AsOf
from claimloop.reconciliation.decisions.decide import Decider
from claimloop.reconciliation.ledger.connection import Ledger
from claimloop.reconciliation.posting.dispositions import Dispositions
from claimloop.reconciliation.queries.totals import totals
from claimloop.reconciliation.reports.facts import Facts, read_facts
from claimloop.reconciliation.run_record import ControlTotal, RunRecord, Stage
from claimloop.tests.reconciliation.making import (
    answer,
    copied,
    provider_adjustment,
    receive_sets,
    remittance,
    reversal,
    service,
)
from claimloop.tests.reconciliation.six_claims import denied, paid, send_six

TODAY = date(2026, 10, 31)
"""A Saturday, 60 days after the service; the claims were sent on October 2."""


def a_month(folder: Path) -> Ledger:
    """Six claims sent, four of them answered."""
    return copied(folder, _send_six_and_answer_four)


def _send_six_and_answer_four(ledger: Ledger, folder: Path) -> None:
    send_six(ledger, folder)
    answer_four(ledger, folder)


def answer_four(ledger: Ledger, folder: Path) -> None:
    """A1 and A3 are paid, A2 is denied and paid two weeks later, A4 is paid in part; 30.00 are for no claim of ours, and
    5.00 are kept back.
    """
    partly = answer(
        "A4-1", service("99213", 100, 80, "CO-45 20"), service("17000", 50, 0, "CO-197 50"), payer_claim_number="ICN4"
    )  # fmt: skip
    foreign = answer("X9-1", service("99213", 30, 30))
    first = remittance("T1", paid(1), denied(2), day=date(2026, 10, 12))
    second = remittance(
        "T2", paid(3), partly, foreign, plb=[provider_adjustment("WO", 5)], day=date(2026, 10, 20)
    )  # fmt: skip
    third = remittance("T3", reversal(denied(2)), paid(2), day=date(2026, 10, 28))
    for each in (first, second, third):
        receive_sets(ledger, folder, each)


def enter(ledger: Ledger, kind: str, claim: str, amount: int, day: date = date(2026, 10, 15)) -> None:
    """A decision of a person."""
    told = {"kind": kind, "amount": str(amount), "day": day.isoformat(), "reference": f"{kind} {claim}", "claim": claim}
    with ledger.writing() as connection:
        Decider(connection, Dispositions(), "2026-10-15T08:00:00").take(msgspec.convert(told, ManualEntry))


def facts_of(
    ledger: Ledger, today: date = TODAY, *, days: int = 30, show_values: bool = False, runs: tuple[RunRecord, ...] = ()
) -> Facts:
    """The facts as of a day."""
    with ledger.reading() as connection:
        return read_facts(connection, AsOf(today), runs, days=days, show_values=show_values)


def run_of(ledger: Ledger, day: date, problem: str = "", lost: int = 0) -> RunRecord:
    """A nightly run that found the ledger as it is; one of its stages had a problem, or something was lost."""
    with ledger.reading() as connection:
        whole = totals(connection)
    return RunRecord(
        started=datetime(day.year, day.month, day.day, 2), finished=datetime(day.year, day.month, day.day, 2, 1, 30),
        day=day, exit_code=2 if problem else 1, stages=[Stage("pull", problem=problem)], totals=whole,
        control=[ControlTotal("claims out", "claims", lost, {})],
    )  # fmt: skip
