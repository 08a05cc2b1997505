"""Which answer a claim waits for, since when and how late it is; whatever comes implies what comes before it."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace

import msgspec
import pytest

from claimloop.builders.encounters.encounter import Coverage
from claimloop.edi.columns import names_of
from claimloop.reconciliation.acknowledgements.receive import receive_acknowledgements
from claimloop.reconciliation.claims.manual_entries import ManualEntry
from claimloop.reconciliation.configuration.as_of import AsOf
from claimloop.reconciliation.configuration.expectations import Expectation
from claimloop.reconciliation.decisions.decide import Decider
from claimloop.reconciliation.ledger.connection import Ledger
from claimloop.reconciliation.posting.dispositions import Dispositions
from claimloop.reconciliation.submissions.import_837p import import_837p
from claimloop.reconciliation.submissions.outbox import Outbox
from claimloop.reconciliation.submissions.secondary_correct_void import send_to_next_payer, send_voids
from claimloop.reconciliation.worklists.registry import WORKLISTS
from claimloop.reconciliation.worklists.worklist import is_due
from claimloop.tests.builders.encounters.examples import partner
from claimloop.tests.reconciliation.inbox import Inbox
from claimloop.tests.reconciliation.making import (
    MOMENT,
    Cell,
    answer,
    encounter,
    new_ledger,
    receive_sets,
    remittance,
    reversal,
    send,
    service,
    service_line,
    submitted,
    work,
)
from claimloop.tests.reconciliation.submissions import test_import_837p

SENT = MOMENT.date()  # a Friday
ASKS_TA1 = partner(interchange={"sender": "LKV001", "receiver": "ACME01", "acknowledgement_requested": True})
SECOND = Coverage(payer_id="OTHER", payer_name="Second Plan", member_id="S2", filing_indicator="CI")
NOTHING_EXPECTED_BEFORE_THE_835 = Expectation(acknowledgement_days=3660, claim_status_days=3660)


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    """A1-1 (101.00) and A2-1 (102.00) in the set 0001 of interchange 1, A3-1 (103.00) in its set 0002."""
    visits = [encounter(f"A{number}", service_line("99213", 100 + number)) for number in range(1, 4)]
    ledger = submitted(tmp_path, *visits, claims_per_set=2)
    yield ledger
    ledger.close()


@pytest.fixture
def inbox(tmp_path: Path) -> Inbox:
    return Inbox(tmp_path)


def take(ledger: Ledger, *files: Path) -> None:
    for path in files:
        receive_acknowledgements(path, ledger, MOMENT, lambda finding: None)


def unanswered(ledger: Ledger, when: AsOf) -> list[dict[str, Cell]]:
    found = work(ledger, "unanswered", when)
    assert all(tuple(row) == names_of(WORKLISTS["unanswered"].row) for row in found)
    return found


def after(days: int, *expectations: Expectation, ta1: bool = False) -> AsOf:
    """So many days after the file was sent, with everything."""
    return AsOf(SENT + timedelta(days), expectations, (ASKS_TA1 if ta1 else partner(),), everything=True)


def awaited(ledger: Ledger, when: AsOf) -> dict[str, tuple[Cell, Cell]]:
    """The answer that each claim waits for, and how many days it is late."""
    return {
        str(row["claim_control_number"]): (row["awaited"], row["days_late"]) for row in unanswered(ledger, when)
    }  # fmt: skip


def late(ledger: Ledger, when: AsOf) -> list[Cell]:
    """The claims that are on the list without everything."""
    only_late = msgspec.structs.replace(when, everything=False)
    return [row["claim_control_number"] for row in unanswered(ledger, only_late)]


def paid(number: str, charge: int):
    return answer(number, service("99213", charge, charge - 20, "CO-45 20"))


# Each answer in turn.


def test_a_row_says_what_is_awaited_since_when_and_until_when(ledger):
    row = unanswered(ledger, after(5))[0]
    assert row == {
        "claim_control_number": "A3-1", "payer_id": "PLAN", "payer_name": "Invented Plan", "partner": "acme",
        "awaited": "999", "since": "2026-10-02", "due": "2026-10-04", "days_late": 3, "late": "late", "open": "103.00",
        "last_said": "", "file": "acme_000000001.837",
    }  # fmt: skip


def test_a_ta1_is_awaited_only_where_the_partner_was_asked_for_one(ledger):
    assert awaited(ledger, after(0))["A1-1"] == ("999", -2)
    assert awaited(ledger, after(0, ta1=True))["A1-1"] == ("TA1", -1)
    assert awaited(ledger, after(2, ta1=True))["A1-1"] == ("TA1", 1)
    assert late(ledger, after(2)) == []


def test_an_answer_is_late_the_day_after_it_was_due_weekend_or_not(ledger):
    sunday = after(2)
    assert sunday.day.weekday() == 6
    assert (awaited(ledger, sunday)["A1-1"], late(ledger, sunday)) == (("999", 0), [])
    assert (awaited(ledger, after(3))["A1-1"], len(late(ledger, after(3)))) == (("999", 1), 3)


def test_each_answer_that_comes_makes_the_next_one_awaited(ledger, inbox, tmp_path):
    take(ledger, inbox.ta1("A"))
    assert awaited(ledger, after(1, ta1=True))["A1-1"] == ("999", -1)
    take(ledger, inbox.implementation("A", ("0001", "A"), ("0002", "A")))
    assert awaited(ledger, after(1, ta1=True))["A1-1"] == ("277CA", -2)
    take(ledger, inbox.claims(("A1-1", "A2:20", "20261003")))
    assert awaited(ledger, after(1, ta1=True)) == {"A1-1": ("835", -29), "A2-1": ("277CA", -2), "A3-1": ("277CA", -2)}
    receive_sets(ledger, tmp_path, remittance("T1", paid("A1-1", 101)))
    assert set(awaited(ledger, after(1, ta1=True))) == {"A2-1", "A3-1"}


def test_a_late_answer_leaves_the_list_when_it_arrives(ledger, inbox):
    assert late(ledger, after(3)) == ["A3-1", "A2-1", "A1-1"]
    take(ledger, inbox.implementation("A", ("0001", "A"), ("0002", "A")))
    assert late(ledger, after(3)) == []
    assert {row["last_said"] for row in unanswered(ledger, after(3))} == {"999 A"}


def test_a_999_answers_for_its_own_sets_only(ledger, inbox):
    take(ledger, inbox.implementation("P", ("0001", "A")))
    found = awaited(ledger, after(5))
    assert found == {"A1-1": ("277CA", 2), "A2-1": ("277CA", 2), "A3-1": ("999", 3)}


def test_a_group_that_is_accepted_as_a_whole_answers_for_all_its_sets(ledger, inbox):
    take(ledger, inbox.implementation("A"))
    assert {each for each, _ in awaited(ledger, after(5)).values()} == {"277CA"}


def test_a_277ca_implies_the_999_and_the_ta1(ledger, inbox):
    take(ledger, inbox.claims(("A1-1", "A1:19", "20261003")))
    assert awaited(ledger, after(5, ta1=True)) == {"A1-1": ("835", -25), "A2-1": ("TA1", 4), "A3-1": ("TA1", 4)}


def test_an_835_ends_all_waiting_whatever_came_before(ledger, tmp_path):
    receive_sets(ledger, tmp_path, remittance("T1", *(paid(f"A{number}-1", 100 + number) for number in (1, 2, 3))))
    assert unanswered(ledger, after(400, ta1=True)) == []


def test_the_835_is_late_where_no_other_answer_is(ledger):
    when = after(31, NOTHING_EXPECTED_BEFORE_THE_835)
    assert awaited(ledger, when)["A1-1"] == ("835", 1)
    assert awaited(ledger, after(30, NOTHING_EXPECTED_BEFORE_THE_835))["A1-1"] == ("835", 0)


def test_of_several_late_answers_the_first_is_named(ledger):
    assert awaited(ledger, after(40))["A1-1"] == ("999", 38)


# What is not waited for here.


def test_what_was_turned_away_is_on_another_list(ledger, inbox):
    take(ledger, inbox.claims(("A1-1", "A3:33", "20261003")), inbox.implementation("P", ("0002", "R")))
    assert late(ledger, after(9)) == ["A2-1"]
    take(ledger, inbox.claims(("A1-1", "A2:20", "20261004")))
    assert awaited(ledger, after(9))["A1-1"] == ("835", -21), "the newest 277CA counts"


def test_a_payment_that_waits_in_suspense_as_a_whole_is_an_answer(ledger, tmp_path):
    unlike = answer("A1-1", service("99999", 999, 900, "CO-45 99"))
    receive_sets(ledger, tmp_path, remittance("T1", unlike))
    assert [row["claim_control_number"] for row in work(ledger, "suspense", after(9))] == ["A1-1"]
    assert late(ledger, after(9)) == ["A3-1", "A2-1"]


def test_what_a_person_wrote_off_waits_for_no_answer(ledger):
    with ledger.writing() as connection:
        given = {"kind": "write-off", "amount": "101", "day": "2026-10-05", "reference": "W1", "claim": "A1-1"}
        Decider(connection, Dispositions(), "2026-10-05T08:00:00").take(msgspec.convert(given, ManualEntry))
    assert late(ledger, after(9)) == ["A3-1", "A2-1"]


def test_a_voided_claim_waits_for_nothing(ledger, tmp_path):
    receive_sets(ledger, tmp_path, remittance("T1", paid("A1-1", 101)))
    send_voids([1], Outbox((partner(),), ledger, tmp_path / "outbox", MOMENT, lambda finding: None))
    assert late(ledger, after(99)) == ["A3-1", "A2-1"]


# Again.


def test_a_reversal_without_a_correction_makes_the_835_awaited_again(ledger, tmp_path):
    receive_sets(ledger, tmp_path, remittance("T1", paid("A1-1", 101), day=date(2026, 10, 10)))
    receive_sets(ledger, tmp_path, remittance("T2", reversal(paid("A1-1", 101)), day=date(2026, 10, 20)))
    row = next(row for row in unanswered(ledger, after(60)) if row["claim_control_number"] == "A1-1")
    assert (row["awaited"], row["since"], row["due"], row["days_late"]) == ("835", "2026-10-20", "2026-11-19", 12)
    receive_sets(ledger, tmp_path, remittance("T3", paid("A1-1", 101), day=date(2026, 10, 25)))
    assert "A1-1" not in awaited(ledger, after(60))


def test_a_claim_that_went_to_its_next_payer_waits_from_that_day_with_what_is_left(tmp_path):
    ledger = new_ledger(tmp_path)
    visit = encounter("B1", service_line("99213", 100))
    send(ledger, tmp_path, msgspec.structs.replace(visit, coverages=(*visit.coverages, SECOND)))
    receive_sets(ledger, tmp_path, remittance("T1", answer("B1-1", service("99213", 100, 70, "CO-45 10", "PR-2 20"))))
    assert unanswered(ledger, after(60)) == [], "the first has decided, the second was not asked"
    later = datetime(2026, 10, 20, 9, 0)
    send_to_next_payer([1], Outbox((partner(),), ledger, tmp_path / "outbox", later, lambda finding: None))
    (row,) = unanswered(ledger, after(60))
    assert (row["claim_control_number"], row["payer_id"], row["since"], row["awaited"]) == (
        "B1-2", "OTHER", "2026-10-20", "999",
    )  # fmt: skip
    assert row["open"] == "20.00"


def test_claims_of_another_system_have_neither_ta1_nor_999_here(tmp_path):
    ledger = new_ledger(tmp_path)
    import_837p(test_import_837p.written(tmp_path, "a.837", test_import_837p.claim()), ledger, MOMENT, lambda _: None)
    (row,) = unanswered(ledger, after(3, ta1=True))
    assert (row["awaited"], row["since"], row["days_late"], row["partner"]) == ("277CA", "2026-10-02", 0, "acme")


# By whose limits.


@pytest.mark.parametrize(
    ("expectation", "days_late"),
    [
        (Expectation(acknowledgement_days=1), 4),
        (Expectation(partner="acme", acknowledgement_days=1), 4),
        (Expectation(payer="PLAN", acknowledgement_days=1), 4),
        (Expectation(partner="acme", payer="PLAN", acknowledgement_days=1), 4),
        (Expectation(partner="other", acknowledgement_days=1), 3),
        (Expectation(payer="OTHER", acknowledgement_days=1), 3),
        (Expectation(partner="acme", payer="OTHER", acknowledgement_days=1), 3),
    ],
)
def test_the_limits_are_those_of_the_partner_and_payer(ledger, expectation, days_late):
    assert awaited(ledger, after(5, expectation))["A1-1"] == ("999", days_late)


def test_the_more_special_limit_counts(ledger):
    tables = (
        Expectation(partner="acme", payer="PLAN", acknowledgement_days=4),
        Expectation(payer="PLAN", acknowledgement_days=3),
        Expectation(acknowledgement_days=0),
    )
    assert awaited(ledger, after(5, *tables))["A1-1"] == ("999", 1)


# What is urgent.


def test_the_first_answers_stand_first_then_the_most_days_late_then_the_most_money(ledger, inbox, tmp_path):
    send(ledger, tmp_path, encounter("B1", service_line("99213", 10)), moment=datetime(2026, 9, 20, 8, 0))
    send(ledger, tmp_path, encounter("C1", service_line("99213", 900)), moment=datetime(2026, 10, 30, 8, 0))
    send(ledger, tmp_path, encounter("D1", service_line("99213", 5)), moment=datetime(2026, 10, 29, 8, 0))
    take(ledger, inbox.implementation("P", ("0002", "A")))
    found = unanswered(ledger, AsOf(date(2026, 10, 31), partners=(partner(),), everything=True))
    assert [(row["claim_control_number"], row["awaited"], row["late"]) for row in found] == [
        ("B1-1", "999", "late"),
        ("A2-1", "999", "late"),
        ("A1-1", "999", "late"),
        ("A3-1", "277CA", "late"),
        ("D1-1", "999", "not yet"),
        ("C1-1", "999", "not yet"),
    ]


def test_only_what_is_late_is_listed_and_due_unless_everything_is_asked_for(ledger):
    everything = unanswered(ledger, after(1))
    assert len(everything) == 3
    assert not any(is_due(SimpleNamespace(**row)) for row in everything)
    assert late(ledger, after(1)) == []
    assert all(
        is_due(SimpleNamespace(**row))
        for row in unanswered(ledger, msgspec.structs.replace(after(3), everything=False))
    )


def test_many_claims_are_listed_each_once(tmp_path):
    ledger = new_ledger(tmp_path)
    send(ledger, tmp_path, *(encounter(f"B{number}", service_line("99213", 1 + number)) for number in range(1203)))
    amounts = [Decimal(str(row["open"])) for row in unanswered(ledger, after(9))]
    assert amounts == sorted(map(Decimal, range(1, 1204)), reverse=True)
