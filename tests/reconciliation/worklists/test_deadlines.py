"""Until when a claim has to be on file, and a refusal appealed; gone from the list once it is worked."""

from collections.abc import Iterator
from datetime import date, datetime
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
from claimloop.reconciliation.submissions.outbox import Outbox
from claimloop.reconciliation.submissions.secondary_correct_void import send_corrections, send_to_next_payer
from claimloop.reconciliation.worklists.registry import WORKLISTS
from claimloop.reconciliation.worklists.worklist import is_due
from claimloop.tests.builders.encounters.examples import partner
from claimloop.tests.reconciliation.inbox import Inbox
from claimloop.tests.reconciliation.making import (
    MOMENT,
    OTHER_PAYER,
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

SERVICE, PAYMENT = date(2026, 9, 1), date(2026, 10, 1)
FILING, APPEAL = "2026-11-30", "2026-11-30"
"""90 days after the service, 60 days after the payment: the same day."""

SECOND = Coverage(payer_id="OTHER", payer_name="Second Plan", member_id="S2", filing_indicator="CI")


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    """A1-1 with lines of 100.00 and 50.00; A2-1 with one of 120.00; A3-1 with one of 90.00, and a second payer."""
    third = encounter("A3", service_line("99213", 90))
    ledger = submitted(
        tmp_path,
        encounter("A1", service_line("99213", 100), service_line("17000", 50)),
        encounter("A2", service_line("99213", 120)),
        msgspec.structs.replace(third, coverages=(*third.coverages, SECOND)),
    )
    yield ledger
    ledger.close()


def take(ledger: Ledger, folder: Path, *said: tuple[str, str, str]) -> None:
    receive_acknowledgements(Inbox(folder).claims(*said), ledger, MOMENT, lambda finding: None)


def outbox(ledger: Ledger, folder: Path) -> Outbox:
    return Outbox((partner(),), ledger, folder / "outbox", datetime(2026, 10, 20, 9, 0), lambda finding: None)


def write_off(ledger: Ledger, claim: str, amount: int) -> None:
    with ledger.writing() as connection:
        given = {"kind": "write-off", "amount": str(amount), "day": "2026-10-05", "reference": claim, "claim": claim}
        Decider(connection, Dispositions(), "2026-10-05T08:00:00").take(msgspec.convert(given, ManualEntry))


def deadlines(
    ledger: Ledger, day: date = date(2026, 10, 20), *expectations: Expectation, everything: bool = True
) -> list[dict[str, Cell]]:
    found = work(ledger, "deadlines", AsOf(day, expectations, (partner(),), everything))
    assert all(tuple(row) == names_of(WORKLISTS["deadlines"].row) for row in found)
    return found


def told(rows: list[dict[str, Cell]]) -> list[tuple[Cell, ...]]:
    return [(row["what"], row["claim_control_number"], row["line_control_number"]) for row in rows]


def everything_accepted(ledger: Ledger, folder: Path) -> None:
    take(ledger, folder, *((f"A{number}-1", "A2:20", "20261003") for number in (1, 2, 3)))


# Filing.


def test_a_claim_of_which_nobody_says_that_he_has_it_is_to_be_filed(ledger):
    first, second, third = deadlines(ledger)
    assert first == {
        "what": "file", "claim_control_number": "A1-1", "line_control_number": None, "payer_id": "PLAN",
        "payer_name": "Invented Plan", "amount": "150.00", "since": "2026-09-01", "deadline": FILING, "days_left": 41,
        "late": "not yet", "said": "", "file": "acme_000000001.837",
    }  # fmt: skip
    assert told([second, third]) == [("file", "A2-1", None), ("file", "A3-1", None)]


def test_a_277ca_that_takes_the_claim_in_or_an_835_puts_it_on_file(ledger, tmp_path):
    take(ledger, tmp_path, ("A1-1", "A2:20", "20261003"))
    receive_sets(ledger, tmp_path, remittance("T1", answer("A2-1", service("99213", 120, 90, "CO-45 30"))))
    assert told(deadlines(ledger)) == [("file", "A3-1", None)]


def test_an_accepted_file_is_no_claim_on_file_yet(ledger, tmp_path):
    path = Inbox(tmp_path).implementation("A")
    receive_acknowledgements(path, ledger, MOMENT, lambda finding: None)
    assert [row["said"] for row in deadlines(ledger)] == ["999 A"] * 3


def test_a_claim_that_was_turned_away_is_to_be_filed_until_it_goes_again_and_is_taken_in(ledger, tmp_path):
    take(ledger, tmp_path, ("A1-1", "A3:33", "20261003"), ("A2-1", "A2:20", "20261003"), ("A3-1", "A2:20", "20261003"))
    (row,) = deadlines(ledger)
    assert (row["claim_control_number"], row["said"], row["amount"]) == ("A1-1", "277CA A3:33", "150.00")
    edited = tmp_path / "edited.jsonl"
    edited.write_bytes(msgspec.json.encode(encounter("A1", service_line("99214", 130))))
    send_corrections([edited], outbox(ledger, tmp_path))
    (row,) = deadlines(ledger)
    assert (row["claim_control_number"], row["said"], row["since"]) == ("A1-2", "", "2026-09-01")
    take(ledger, tmp_path, ("A1-2", "A2:20", "20261021"))
    assert deadlines(ledger) == []


def test_a_277ca_that_takes_back_an_earlier_one_puts_the_claim_on_the_list_again(ledger, tmp_path):
    everything_accepted(ledger, tmp_path)
    take(ledger, tmp_path, ("A1-1", "A7:21", "20261005"))
    assert told(deadlines(ledger)) == [("file", "A1-1", None)]


def test_the_first_date_of_service_counts(tmp_path):
    ledger = new_ledger(tmp_path)
    late_and_early = service_line(day=date(2026, 9, 20)), service_line("17000", day=date(2026, 8, 5))
    send(ledger, tmp_path, encounter("B1", *late_and_early))
    (row,) = deadlines(ledger)
    assert (row["since"], row["deadline"]) == ("2026-08-05", "2026-11-03")


def test_a_claim_due_to_its_next_payer_is_to_be_filed_there_until_it_is_sent_and_taken_in(ledger, tmp_path):
    everything_accepted(ledger, tmp_path)
    receive_sets(ledger, tmp_path, remittance("T1", answer("A3-1", service("99213", 90, 60, "CO-45 10", "PR-2 20"))))
    (row,) = deadlines(ledger, date(2026, 10, 20), Expectation(payer="OTHER", filing_days=180))
    assert (row["what"], row["claim_control_number"], row["payer_id"], row["payer_name"]) == (
        "file", "A3-1", "OTHER", "Second Plan",
    )  # fmt: skip
    assert (row["amount"], row["said"], row["deadline"]) == ("20.00", "payer 1 adjudicated", "2027-02-28")
    send_to_next_payer([3], outbox(ledger, tmp_path))
    (row,) = deadlines(ledger)
    assert (row["claim_control_number"], row["said"]) == ("A3-2", "")
    take(ledger, tmp_path, ("A3-2", "A2:20", "20261021"))
    assert deadlines(ledger) == []


def test_a_reversed_payment_shows_that_the_claim_is_on_file(ledger, tmp_path):
    payment = answer("A1-1", service("99213", 100, 80, "CO-45 20"), service("17000", 50, 40, "CO-45 10"))
    receive_sets(ledger, tmp_path, remittance("T1", payment))
    receive_sets(ledger, tmp_path, remittance("T2", reversal(payment)))
    assert "A1-1" not in [row["claim_control_number"] for row in deadlines(ledger)]


def test_what_is_written_off_has_no_deadline(ledger):
    write_off(ledger, "A2-1", 120)
    assert "A2-1" not in [row["claim_control_number"] for row in deadlines(ledger)]


# Appeals.


def refuse(ledger: Ledger, folder: Path, trace: str = "T1", day: date = PAYMENT) -> None:
    refused = answer("A1-1", service("99213", 100, 80, "CO-45 20"), service("17000", 50, 0, "CO-197 30", "CO-16 20"))
    receive_sets(ledger, folder, remittance(trace, refused, day=day))


def test_a_line_that_is_refused_can_be_appealed_from_the_day_of_its_remittance(ledger, tmp_path):
    everything_accepted(ledger, tmp_path)
    refuse(ledger, tmp_path)
    (row,) = deadlines(ledger)
    line = [each["line_control_number"] for each in work(ledger, "denials", AsOf(PAYMENT))]
    assert row == {
        "what": "appeal", "claim_control_number": "A1-1", "line_control_number": line[0], "payer_id": "PLAN",
        "payer_name": "Invented Plan", "amount": "50.00", "since": "2026-10-01", "deadline": APPEAL, "days_left": 41,
        "late": "not yet", "said": "CO-197 CO-16", "file": "in.835",
    }  # fmt: skip


def test_an_appeal_is_off_the_list_when_the_line_is_paid_or_written_off(ledger, tmp_path):
    everything_accepted(ledger, tmp_path)
    refused = answer("A2-1", service("99213", 120, 0, "CO-50 120"))
    receive_sets(ledger, tmp_path, remittance("T1", refused))
    assert told(deadlines(ledger))[0][:2] == ("appeal", "A2-1")
    receive_sets(
        ledger, tmp_path, remittance("T2", reversal(refused), answer("A2-1", service("99213", 120, 90, "CO-45 30")))
    )
    assert deadlines(ledger) == []
    refuse(ledger, tmp_path, "T3")
    write_off(ledger, "A1-1", 50)
    assert deadlines(ledger) == []


def test_a_refusal_that_was_reversed_and_made_again_counts_from_the_second_one(ledger, tmp_path):
    everything_accepted(ledger, tmp_path)
    refused = answer("A2-1", service("99213", 120, 0, "CO-50 120"))
    receive_sets(ledger, tmp_path, remittance("T1", refused))
    receive_sets(ledger, tmp_path, remittance("T2", reversal(refused), refused, day=date(2026, 10, 15)))
    assert [row["since"] for row in deadlines(ledger)] == ["2026-10-15"]


def test_of_two_payers_that_refused_the_last_one_counts_with_its_own_limit(ledger, tmp_path):
    everything_accepted(ledger, tmp_path)
    receive_sets(ledger, tmp_path, remittance("T1", answer("A3-1", service("99213", 90, 0, "CO-50 70", "PR-1 20"))))
    send_to_next_payer([3], outbox(ledger, tmp_path))
    second = answer("A3-2", service("99213", 90, 0, "CO-29 90"), status="2")
    receive_sets(ledger, tmp_path, remittance("T2", second, payer=OTHER_PAYER, day=date(2026, 11, 2)))
    (row,) = deadlines(ledger, date(2026, 11, 3), Expectation(payer="OTHER", appeal_days=10))
    assert (row["payer_id"], row["payer_name"], row["since"], row["deadline"], row["said"]) == (
        "OTHER", "Second Plan", "2026-11-02", "2026-11-12", "CO-29",
    )  # fmt: skip


# Limits and urgency.


@pytest.mark.parametrize(
    ("expectation", "filing", "appeal"),
    [
        (Expectation(payer="PLAN", filing_days=365, appeal_days=120), "2027-09-01", "2027-01-29"),
        (Expectation(partner="acme", filing_days=365), "2027-09-01", APPEAL),
        (Expectation(partner="acme", payer="PLAN", appeal_days=120), FILING, "2027-01-29"),
        (Expectation(payer="OTHER", filing_days=365, appeal_days=120), FILING, APPEAL),
        (Expectation(partner="other", filing_days=365, appeal_days=120), FILING, APPEAL),
    ],
)
def test_the_limits_are_those_of_the_partner_and_payer(ledger, tmp_path, expectation, filing, appeal):
    refuse(ledger, tmp_path)
    found = {row["what"]: row["deadline"] for row in deadlines(ledger, date(2026, 10, 20), expectation)}
    assert found == {"file": filing, "appeal": appeal}


def test_a_deadline_is_listed_from_its_warning_on_and_stays_when_it_has_passed(ledger):
    def at(day: date, *expectations: Expectation) -> set[tuple[Cell, Cell]]:
        found = deadlines(ledger, day, *expectations, everything=False)
        assert all(is_due(SimpleNamespace(**row)) for row in found)
        return {(row["days_left"], row["late"]) for row in found}

    assert at(date(2026, 11, 15)) == set()
    assert at(date(2026, 11, 16)) == {(14, "soon")}
    assert at(date(2026, 11, 30)) == {(0, "soon")}
    assert at(date(2026, 12, 1)) == {(-1, "passed")}
    assert at(date(2028, 1, 1)) == {(-397, "passed")}
    assert at(date(2026, 11, 15), Expectation(payer="PLAN", warn_days=15)) == {(15, "soon")}


def test_what_has_time_left_is_listed_on_request_and_is_not_due(ledger):
    rows = deadlines(ledger, date(2026, 11, 15))
    assert len(rows) == 3
    assert not any(is_due(SimpleNamespace(**row)) for row in rows)


def test_the_fewest_days_left_stand_first_then_the_most_money(ledger, tmp_path):
    refuse(ledger, tmp_path, day=date(2026, 9, 15))
    early = service_line("99213", 5, day=date(2026, 8, 5))
    send(ledger, tmp_path, encounter("B1", early))
    assert told(deadlines(ledger))[0] == ("file", "B1-1", None)
    assert [(row["what"], row["claim_control_number"], row["amount"]) for row in deadlines(ledger)] == [
        ("file", "B1-1", "5.00"),
        ("appeal", "A1-1", "50.00"),
        ("file", "A2-1", "120.00"),
        ("file", "A3-1", "90.00"),
    ]


def test_many_refused_lines_are_listed_each_once(tmp_path):
    ledger = new_ledger(tmp_path)
    numbers = range(603)
    send(ledger, tmp_path, *(encounter(f"B{number}", service_line("99213", 1 + number)) for number in numbers))
    refused = (answer(f"B{number}-1", service("99213", 1 + number, 0, f"CO-50 {1 + number}")) for number in numbers)
    receive_sets(ledger, tmp_path, remittance("T1", *refused))
    found = [str(row["amount"]) for row in deadlines(ledger)]
    assert found == [f"{1 + number}.00" for number in reversed(numbers)]
