"""TA1, 999 and 277CA move each claim that we sent, in whatever order and file they come."""

from collections.abc import Iterator
from datetime import date
from itertools import permutations
from pathlib import Path

import msgspec
import pytest

from claimloop.edi.diagnostics import Diagnostic
from claimloop.reconciliation.acknowledgements.receive import Acknowledged, receive_acknowledgements
from claimloop.reconciliation.claims.states import find_claim
from claimloop.reconciliation.configuration.as_of import AsOf
from claimloop.reconciliation.ledger.connection import Ledger
from claimloop.reconciliation.queries.claim_history import story
from claimloop.reconciliation.submissions.outbox import Outbox
from claimloop.reconciliation.submissions.secondary_correct_void import send_corrections
from claimloop.simulation.answers import ACKNOWLEDGEMENTS
from claimloop.simulation.answers import answer as simulate_answers
from claimloop.tests.builders.encounters.examples import partner
from claimloop.tests.reconciliation.inbox import Inbox
from claimloop.tests.reconciliation.making import (
    MOMENT,
    answer,
    encounter,
    new_ledger,
    receive_sets,
    remittance,
    rows,
    send,
    service,
    service_line,
    submitted,
    work,
)


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    """A1-1 and A2-1 in the set 0001 of interchange 1, A3-1 and A4-1 in its set 0002."""
    visits = [encounter(f"A{number}", service_line("99213", 100 + number)) for number in range(1, 5)]
    ledger = submitted(tmp_path, *visits, claims_per_set=2)
    yield ledger
    ledger.close()


@pytest.fixture
def inbox(tmp_path: Path) -> Inbox:
    return Inbox(tmp_path)


def take(ledger: Ledger, *files: Path) -> tuple[list[Acknowledged], list[Diagnostic]]:
    findings: list[Diagnostic] = []
    return [receive_acknowledgements(path, ledger, MOMENT, findings.append) for path in files], findings


def statuses(ledger: Ledger) -> dict[str, str]:
    found = {str(row["claim_control_number"]): str(row["status"]) for row in rows(ledger, "claims")}
    assert list(found.values()) == [row["status"] for row in rows(ledger, "lines")]
    return found


def worklist(ledger: Ledger, name: str) -> dict[str, dict[str, object]]:
    found = work(ledger, name, AsOf(date(2026, 10, 13), everything=True))
    return {str(row["claim_control_number"]): dict(row) for row in found}


def test_a_rejected_interchange_takes_all_its_claims_with_it(ledger, inbox):
    (result,), findings = take(ledger, inbox.ta1("R", "020"))
    assert (result.rejected, result.foreign, findings) == (1, 0, [])
    assert set(statuses(ledger).values()) == {"rejected"}
    rejected = worklist(ledger, "rejected")
    assert list(rejected) == ["A4-1", "A3-1", "A2-1", "A1-1"], "the most money first"
    assert rejected["A4-1"]["said"] == "TA1 R 020"
    assert worklist(ledger, "unanswered") == {}


def test_a_rejected_set_takes_its_own_claims_only(ledger, inbox):
    take(ledger, inbox.ta1("A"), inbox.implementation("P", ("0001", "A"), ("0002", "R")))
    assert statuses(ledger) == {
        "A1-1": "submitted", "A2-1": "submitted", "A3-1": "rejected", "A4-1": "rejected",
    }  # fmt: skip
    assert worklist(ledger, "unanswered")["A1-1"]["last_said"] == "999 A"


def test_a_rejected_group_takes_all_its_sets(ledger, inbox):
    take(ledger, inbox.implementation("R"))
    assert set(statuses(ledger).values()) == {"rejected"}


def test_a_277ca_speaks_of_single_claims(ledger, inbox):
    take(
        ledger,
        inbox.claims(("A1-1", "A2:20", "20261003"), ("a2_1", "A3:33", "20261003"), ("A3-1", "A7:21", "20261003")),
    )
    assert statuses(ledger) == {
        "A1-1": "submitted", "A2-1": "rejected", "A3-1": "rejected", "A4-1": "submitted",
    }  # fmt: skip
    unanswered = worklist(ledger, "unanswered")
    assert unanswered["A1-1"]["last_said"] == "277CA A2:20"
    assert worklist(ledger, "rejected")["A2-1"]["said"] == "277CA A3:33"


def test_the_newest_277ca_counts_and_of_one_day_a_rejection(ledger, inbox):
    taken_later = inbox.claims(("A1-1", "A2:20", "20261005"), ("A2-1", "A7:21", "20261005"))
    earlier = inbox.claims(("A1-1", "A3:33", "20261003"), ("A2-1", "A2:20", "20261003"))
    same_day = inbox.claims(("A3-1", "A2:20", "20261003")), inbox.claims(("A3-1", "A6:21", "20261003"))
    take(ledger, taken_later, earlier, *same_day)
    assert statuses(ledger) == {
        "A1-1": "submitted", "A2-1": "rejected", "A3-1": "rejected", "A4-1": "submitted",
    }  # fmt: skip


def test_any_order_of_arrival_gives_the_same_status(tmp_path):
    seen = set()
    for place, order in enumerate(permutations(range(4))):
        folder = tmp_path / str(place)
        folder.mkdir()
        ledger = submitted(folder, *(encounter(f"A{number}", service_line("99213", 100)) for number in (1, 2)))
        inbox = Inbox(folder)
        files = [
            inbox.ta1("A"),
            inbox.implementation("A", ("0001", "A")),
            inbox.claims(("A1-1", "A1:19", "20261003"), ("A2-1", "A1:19", "20261003")),
            inbox.claims(("A1-1", "A2:20", "20261004"), ("A2-1", "A3:33", "20261004")),
        ]
        take(ledger, *(files[each] for each in order))
        seen.add(tuple(statuses(ledger).items()))
        ledger.close()
    assert seen == {(("A1-1", "submitted"), ("A2-1", "rejected"))}


def test_the_same_statement_is_taken_once_in_whatever_file(ledger, inbox):
    first, again = (inbox.claims(("A1-1", "A3:33", "20261003")) for _ in range(2))
    (new, known), _ = take(ledger, first, again)
    assert (new.rejected, new.known) == (1, 0)
    assert (known.rejected, known.known) == (0, 2), "the batch's own statement is known too"


def test_a_payment_outweighs_what_a_front_end_said(ledger, inbox, tmp_path):
    take(ledger, inbox.claims(("A1-1", "A3:33", "20261003")))
    receive_sets(ledger, tmp_path, remittance("T1", answer("A1-1", service("99213", 101, 80, "CO-45 21"))))
    assert statuses(ledger)["A1-1"] == "paid"
    assert "A1-1" not in worklist(ledger, "rejected")


def test_statements_about_nothing_of_ours_are_kept_and_told(ledger, inbox):
    results, findings = take(ledger, inbox.ta1("A", number=77), inbox.claims(("X9-1", "A2:20", "20261003")))
    assert [each.foreign for each in results] == [1, 2]
    assert [finding.code for finding in findings] == ["P560", "P560"]
    assert set(statuses(ledger).values()) == {"submitted"}


def test_a_rejected_claim_goes_again_as_a_new_one_without_being_told_so(ledger, inbox, tmp_path):
    take(ledger, inbox.claims(("A1-1", "A3:33", "20261003")))
    edited = tmp_path / "edited.jsonl"
    edited.write_bytes(msgspec.json.encode(encounter("A1", service_line("99214", 130))))
    findings: list[Diagnostic] = []
    outbox = Outbox((partner(),), ledger, tmp_path / "outbox", MOMENT, findings.append)
    assert send_corrections([edited], outbox).claims == 1
    assert findings == []
    found = statuses(ledger)
    assert (found["A1-1"], found["A1-2"]) == ("replaced", "submitted")
    assert b"CLM*A1-2*130***11:B:1*" in next((tmp_path / "outbox").glob("*2.837*")).read_bytes()


def test_the_story_names_file_and_segment_of_each_statement(ledger, inbox):
    take(ledger, inbox.ta1("A"), inbox.implementation("A", ("0001", "A")), inbox.claims(("A1-1", "A3:33", "20261003")))
    with ledger.reading() as connection:
        claim_id = find_claim(connection, "A1-1")
        assert claim_id is not None
        events = story(connection, claim_id).as_text()["events"]
    told = [(event["event"], event.get("kind"), event.get("about"), event.get("code")) for event in events[1:]]
    assert told == [
        ("accepted", "TA1", "file", "A 000"),
        ("accepted", "999", "file", "A"),
        ("accepted", "999", "set", "A"),
        ("rejected", "277CA", "claim", "A3:33"),
    ]
    assert events[-1]["payer_claim_number"] == "ICNA1-1"
    assert all(event["file"] and event["segment"] for event in events[1:])


def test_a_front_ends_own_words_are_shown_on_request_only(ledger, inbox):
    path = inbox.claims(("A1-1", "A3:33", "20261003"))
    path.write_text(path.read_text().replace("*U*100~", "*U*100********ADA MARLOWE UNKNOWN~"))
    take(ledger, path)
    with ledger.reading() as connection:
        claim_id = find_claim(connection, "A1-1")
        assert claim_id is not None
        stories = [story(connection, claim_id, show_values=each) for each in (False, True)]
    masked, shown = (each.as_text()["events"][-1]["text"] for each in stories)
    assert (masked, shown) == ("", "ADA MARLOWE UNKNOWN")


def test_the_simulated_payers_answers_say_what_the_truth_says(tmp_path):
    ledger = new_ledger(tmp_path)
    visits = [encounter(f"B{number}", service_line("99213", 100 + number)) for number in range(60)]
    sent = send(ledger, tmp_path, *visits)
    simulate_answers(sent.files, tmp_path / "answers", 7, scenarios=("usual", "rejected=0.2"))
    truth = [msgspec.json.decode(line) for line in (tmp_path / "answers" / ACKNOWLEDGEMENTS).read_bytes().splitlines()]
    files = [path for path in sorted((tmp_path / "answers").iterdir()) if path.suffix in (".ta1", ".999", ".277")]
    assert len(files) >= 2
    _, findings = take(ledger, *files)
    assert findings == []
    of_claims = {row["claim_control_number"]: row["accepted"] for row in truth if "claim_control_number" in row}
    assert len(of_claims) == 60
    assert False in of_claims.values()
    assert {number: status != "rejected" for number, status in statuses(ledger).items()} == of_claims
    ledger.close()
