"""Every figure of a small ledger, worked out by hand; the same on both databases."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import msgspec
import pytest

from claimloop.builders.encounters.encounter import Coverage
from claimloop.reconciliation.claims.history_for_billing import due_for_next_payer
from claimloop.reconciliation.configuration.as_of import AsOf
from claimloop.reconciliation.ledger.connection import Ledger
from claimloop.reconciliation.queries.totals import totals
from claimloop.reconciliation.reports.facts import Facts, read_facts
from claimloop.reconciliation.reports.first_pass import Decided
from claimloop.reconciliation.reports.money_received import Received
from claimloop.reconciliation.submissions.outbox import Outbox
from claimloop.reconciliation.submissions.secondary_correct_void import send_corrections, send_to_next_payer
from claimloop.reconciliation.worklists.registry import WORKLISTS
from claimloop.tests.builders.encounters.examples import partner
from claimloop.tests.reconciliation.making import (
    MOMENT,
    answer,
    encounter,
    new_ledger,
    receive_sets,
    remittance,
    send,
    service,
    service_line,
)
from claimloop.tests.reconciliation.reports.a_month import TODAY, a_month, enter, facts_of, run_of


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    """Six claims sent, four of them answered."""
    ledger = a_month(tmp_path)
    yield ledger
    ledger.close()


def outbox(ledger: Ledger, folder: Path) -> Outbox:
    """Claims that follow others go out."""
    return Outbox((partner(),), ledger, folder / "outbox", MOMENT, lambda _: None)


def figure(facts: Facts, name: str) -> int | None:
    return next(each.tenths for each in facts.indicators if each.name == name)


def test_the_money_of_a_month_stands_in_its_weeks_with_what_became_of_it(ledger: Ledger):
    money = facts_of(ledger).money

    assert facts_of(ledger).period.starts == tuple(
        date(2026, *each) for each in ((9, 28), (10, 5), (10, 12), (10, 19), (10, 26))
    )
    assert money.by_step[2:] == (
        Received(1, 120_00, 120_00),
        Received(1, 225_00, 200_00, 30_00, 0, 5_00),
        Received(1, 120_00, 120_00),
    )
    assert money.by_step[:2] == (Received(), Received())
    assert money.whole == Received(3, 465_00, 440_00, 30_00, 0, 5_00)
    assert money.whole.difference == 0
    (payer,) = money.payers
    assert (payer.payer_name, payer.by_step) == ("INVENTED PLAN", (0, 0, 120_00, 225_00, 120_00))


def test_what_is_dated_outside_the_period_is_not_in_its_money(ledger: Ledger):
    assert facts_of(ledger, date(2026, 10, 27), days=5).money.whole.payments == 0
    assert facts_of(ledger, date(2026, 10, 27), days=8).money.whole.payments == 225_00


def test_money_entered_by_hand_is_told_apart_by_kind(ledger: Ledger):
    enter(ledger, "patient-payment", "A1-1", 10)
    enter(ledger, "payer-payment", "A5-1", 40)
    enter(ledger, "patient-payment", "A3-1", 4, day=date(2026, 8, 1))

    entered = facts_of(ledger).money.entered

    assert [(each.kind, each.count, each.amount) for each in entered] == [
        ("patient-payment", 1, 10_00), ("payer-payment", 1, 40_00),
    ]  # fmt: skip


def test_a_first_decision_counts_as_it_was_though_it_was_corrected_later(ledger: Ledger):
    first = facts_of(ledger).first_pass

    assert first.by_step[2:] == (
        Decided(2, 300_00, 1, 1, 150_00, 2, 20),
        Decided(2, 300_00, 1, 0, 50_00, 2, 36),
        Decided(),
    )
    assert first.whole == Decided(4, 600_00, 2, 1, 200_00, 4, 56)
    assert [(each.payer_name, each.decided.denied) for each in first.payers] == [("Invented Plan", 200_00)]


def test_refusals_are_told_by_group_and_reason_in_our_own_words(ledger: Ledger):
    reasons = facts_of(ledger).first_pass.reasons

    assert [(each.group, each.reason, each.kind, each.claims, each.amount) for each in reasons] == [
        ("CO", "16", "information_missing", 1, 100_00),
        ("CO", "197", "authorization", 1, 50_00),
        ("CO", "97", "bundling", 1, 50_00),
    ]
    assert reasons[1].label == "no authorization"


def test_the_decision_about_a_corrected_claim_is_no_first_one(ledger: Ledger, tmp_path: Path):
    edited = tmp_path / "edited.jsonl"
    edited.write_bytes(
        msgspec.json.encode(encounter("A4", service_line("99213", 100, "25"), service_line("17110", 50)))
    )
    sent = send_corrections([edited], outbox(ledger, tmp_path))
    receive_sets(
        ledger, tmp_path,
        remittance("T4", answer("A4-2", service("99213", 100, 80, "CO-45 20"), service("17110", 50, 50))),
    )  # fmt: skip

    assert sent.claims == 1
    assert facts_of(ledger).first_pass.whole == Decided(4, 600_00, 2, 1, 200_00, 4, 56)


def test_open_balances_stand_in_the_bucket_of_their_age(ledger: Ledger):
    owed = facts_of(ledger).receivables

    assert owed.insurance.amounts == (0, 350_00, 0, 0, 0)
    assert owed.insurance.claims == (0, 3, 0, 0, 0)
    assert owed.patients.amounts == (0, 30_00, 0, 0, 0)
    assert (owed.denied, owed.payer_credits, owed.patient_credits) == (50_00, 0, 0)
    assert [(each.payer_name, each.owed.amount, each.denied) for each in owed.payers] == [
        ("Invented Plan", 350_00, 50_00)
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("today", "place"),
    [
        (date(2026, 9, 1), 0), (date(2026, 10, 1), 0), (date(2026, 10, 2), 1), (date(2026, 10, 31), 1),
        (date(2026, 11, 1), 2), (date(2026, 11, 30), 2), (date(2026, 12, 1), 3), (date(2026, 12, 30), 3),
        (date(2026, 12, 31), 4), (date(2026, 8, 1), 0), (date(1, 1, 1), 0),
    ],
)  # fmt: skip
def test_a_balance_grows_older_day_by_day(ledger: Ledger, today: date, place: int):
    amounts = facts_of(ledger, today).receivables.insurance.amounts

    assert [where for where, amount in enumerate(amounts) if amount] == [place]


def test_a_credit_lowers_no_bucket_and_is_told_beside_them(ledger: Ledger):
    enter(ledger, "payer-payment", "A5-1", 200)
    enter(ledger, "patient-payment", "A1-1", 25)

    facts = facts_of(ledger)

    owed = facts.receivables
    assert (owed.insurance.amount, owed.payer_credits) == (200_00, -50_00)
    assert (owed.patients.amount, owed.patient_credits, owed.patients_paid) == (20_00, -15_00, 25_00)
    assert [proof.difference for proof in facts.proofs] == [0, 0, 0, 0]


def test_a_balance_belongs_to_the_payer_that_was_asked_last(ledger: Ledger, tmp_path: Path):
    visit = encounter("B1", service_line("99213", 100))
    second = Coverage(
        payer_id="MEDIGAP", payer_name="Second Plan", member_id="S2002", filing_indicator="CI", insurance_type="47"
    )
    send(ledger, tmp_path, msgspec.structs.replace(visit, coverages=(*visit.coverages, second)))
    primary = answer("B1-1", service("99213", 100, 70, "CO-45 10", "PR-2 20"))
    receive_sets(ledger, tmp_path, remittance("T4", primary))

    def owed() -> dict[str, int]:
        return {each.payer_name: each.owed.amount for each in facts_of(ledger).receivables.payers}

    assert owed() == {"Invented Plan": 370_00}
    with ledger.reading() as connection:
        due = due_for_next_payer(connection)
    send_to_next_payer(due, outbox(ledger, tmp_path))
    assert owed() == {"Invented Plan": 350_00, "Second Plan": 20_00}


def test_every_work_list_is_summed_with_its_money(ledger: Ledger):
    waiting = {each.name: each for each in facts_of(ledger).waiting}

    assert set(waiting) == set(WORKLISTS)
    assert (waiting["denials"].due.count, waiting["denials"].due.amount) == (1, 50_00)
    assert (waiting["suspense"].due.count, waiting["suspense"].due.amount) == (1, 30_00)
    unanswered = waiting["unanswered"]
    assert (unanswered.due.count, unanswered.due.amount) == (2, 300_00)
    assert [(each.payer_name, each.waits.count) for each in unanswered.payers] == [("Invented Plan", 2)]
    assert [age.count for age in unanswered.ages] == [2, 0, 0, 0, 0]


def test_what_is_not_late_yet_is_listed_and_is_nobodys_work(ledger: Ledger):
    waiting = {each.name: each for each in facts_of(ledger, date(2026, 10, 2)).waiting}

    assert (waiting["unanswered"].due.count, waiting["unanswered"].listed.count) == (0, 2)


def test_control_numbers_are_masked_unless_they_are_asked_for(ledger: Ledger):
    def numbers(*, show_values: bool) -> set[object]:
        waiting = facts_of(ledger, show_values=show_values).waiting
        found = [getattr(row, "claim_control_number", None) for each in waiting for row in each.rows]
        return {number for number in found if number}

    assert numbers(show_values=False) == {"••-•"}
    assert numbers(show_values=True) == {"A4-1", "A5-1", "A6-1", "X9-1"}


def test_key_figures_are_exact_ratios(ledger: Ledger):
    facts = facts_of(ledger, days=90)

    assert figure(facts, "initial_denial_rate") == 500
    assert figure(facts, "initial_denial_rate_charge") == 333
    assert figure(facts, "aged_over_90") == 0
    assert figure(facts, "days_to_decision") == 140
    # 380.00 are owed; 900.00 were charged in the 61 days from the first service on.
    assert figure(facts, "days_in_receivables") == 258
    assert figure(facts, "front_end_rejections") is None


def test_without_charges_in_the_period_there_are_no_days_in_receivables(ledger: Ledger):
    assert figure(facts_of(ledger, days=30), "days_in_receivables") is None


def test_every_identity_comes_out(ledger: Ledger):
    proofs = facts_of(ledger).proofs

    assert [(proof.whole, proof.difference) for proof in proofs] == [(900_00, 0), (465_00, 0), (350_00, 0), (30_00, 0)]


def test_the_trend_has_the_runs_up_to_the_day(ledger: Ledger):
    runs = (
        run_of(ledger, date(2026, 10, 29), problem="no route to host"),
        msgspec.structs.replace(run_of(ledger, date(2026, 10, 30)), rehearsed=True),
        run_of(ledger, TODAY, lost=1),
        run_of(ledger, date(2026, 11, 1)),
    )

    first, second = facts_of(ledger, runs=runs).runs

    assert (first.day, first.exit_code, first.seconds) == (date(2026, 10, 29), 2, 90)
    assert (first.problems, second.problems) == (("pull: no route to host",), ())
    assert (first.open, first.denied, first.suspense) == (350_00, 50_00, 30_00)
    assert (first.unbalanced, second.unbalanced) == ((), ("claims out",))


def test_totals_that_are_known_already_are_taken_as_they_are(ledger: Ledger):
    with ledger.reading() as connection:
        known = totals(connection)
        assert read_facts(connection, AsOf(TODAY), totals=known).totals is known


def test_an_empty_ledger_has_facts_too(tmp_path: Path):
    facts = facts_of(new_ledger(tmp_path))

    assert (facts.totals.claims, facts.money.payers, facts.first_pass.reasons) == (0, (), ())
    assert {each.tenths for each in facts.indicators} == {None}
    assert [proof.difference for proof in facts.proofs] == [0, 0, 0, 0]
