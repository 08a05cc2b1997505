"""The suspense desk, and money that no remittance tells of: new entries, remembered, and taken once."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Literal

import pytest

from claimloop.edi.diagnostics import Diagnostic
from claimloop.reconciliation.claims.manual_entries import DecisionRow, Kind, ManualEntry, Place, decisions
from claimloop.reconciliation.claims.states import find_claim
from claimloop.reconciliation.decisions.decide import Decider, DecisionError
from claimloop.reconciliation.decisions.import_file import Taken, import_decisions
from claimloop.reconciliation.ledger.connection import Ledger
from claimloop.reconciliation.posting.dispositions import Dispositions
from claimloop.reconciliation.queries.claim_history import story
from claimloop.reconciliation.queries.export import Format, export
from claimloop.reconciliation.queries.totals import totals
from claimloop.tests.reconciliation.making import (
    DAY,
    MOMENT,
    Amount,
    answer,
    copied,
    dump,
    encounter,
    prove,
    provider_adjustment,
    receive_sets,
    remittance,
    reversal,
    rows,
    send,
    service,
    service_line,
)

MADE = "2026-10-03T08:00:00"
TODAY = date(2026, 10, 3)


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    """A1-1 with 99213 for 100.00 and 17000 for 50.00, and A2-1 with 99213 for 100.00."""
    ledger = filled(tmp_path)
    yield ledger
    ledger.close()


def filled(folder: Path) -> Ledger:
    return copied(folder, send_two)


def send_two(ledger: Ledger, folder: Path) -> None:
    send(
        ledger, folder,
        encounter("A1", service_line("99213", 100), service_line("17000", 50)),
        encounter("A2", service_line("99213", 100)),
    )  # fmt: skip


def end(ledger: Ledger, item: object, kind: Kind, claim: str = "", line: str = "", note: str = "") -> ManualEntry:
    with ledger.writing() as connection:
        decider = Decider(connection, Dispositions(), MADE)
        assert isinstance(item, int)
        return decider.end(item, kind, TODAY, claim=claim, line=line, note=note)


def enter(
    ledger: Ledger,
    kind: Kind,
    claim: str,
    amount: Amount,
    line: str = "",
    reference: str = "",
    from_: Place | Literal[""] = "",
    to: Place | Literal[""] = "",
) -> bool:
    decision = ManualEntry(
        kind, Decimal(amount), TODAY, reference or f"{kind} {claim} {line} {amount}", claim, line, from_=from_, to=to
    )
    with ledger.writing() as connection:
        return Decider(connection, Dispositions(), MADE).take(decision)


def balances(ledger: Ledger, claim: str) -> list[tuple[str, ...]]:
    """Of each line: paid, contractual, written off, patient, open, denied."""
    names = ("insurance_paid", "contractual", "written_off", "patient", "open", "denied")
    return [
        tuple(str(row[name]) for name in names)
        for row in rows(ledger, "lines")
        if row["claim_control_number"] == claim
    ]  # fmt: skip


def only_item(ledger: Ledger) -> dict[str, object]:
    (item,) = rows(ledger, "suspense")
    return dict(item)


def an_unknown_claim(ledger: Ledger, folder: Path) -> int:
    """An item of 80.00 for a claim of ours under a number that nobody knows; gives its number."""
    payment = answer("OLD-77", service("99213", 100, 80, "CO-45 20"))
    receive_sets(ledger, folder, remittance("T1", payment))
    item = only_item(ledger)["item"]
    assert isinstance(item, int)
    return item


def test_a_payment_posted_to_the_claim_that_a_person_named_does_what_its_payer_decided(ledger, tmp_path):
    end(ledger, an_unknown_claim(ledger, tmp_path), "post", "A2-1")
    assert balances(ledger, "A2-1") == [("80.00", "20.00", "0.00", "0.00", "0.00", "0.00")]
    assert rows(ledger, "suspense") == []
    prove(ledger)


def test_a_held_service_is_posted_to_the_line_that_a_person_named(ledger, tmp_path):
    payment = answer("A1-1", service("99213", 100, 70, "CO-45 30"), service("99999", 50, 35, "CO-45 15"))
    receive_sets(ledger, tmp_path, remittance("T1", payment))
    item = only_item(ledger)["item"]
    with pytest.raises(DecisionError, match="name one of them"):
        end(ledger, item, "post", "A1-1")
    end(ledger, item, "post", "A1-1", "2")
    assert balances(ledger, "A1-1")[1] == ("35.00", "15.00", "0.00", "0.00", "0.00", "0.00")
    prove(ledger)
    receive_sets(ledger, tmp_path, remittance("T2", reversal(payment)))
    assert {row[0] for row in balances(ledger, "A1-1")} == {"0.00"}, "the reversal undoes both services"
    assert rows(ledger, "suspense") == []
    prove(ledger)


def test_what_cannot_be_posted_as_it_stands_says_why_and_can_be_posted_to_a_line(ledger, tmp_path):
    paid = answer("A2-1", service("99213", 100, 80, "CO-45 20"))
    more = answer("A2-1", service("99213", 100, 5, "CO-45 95"), payer_claim_number="ICN9")
    receive_sets(ledger, tmp_path, remittance("T1", paid), remittance("T2", more))
    item = only_item(ledger)["item"]
    with pytest.raises(DecisionError, match=r"already adjudicated and not reversed\): name a line"):
        end(ledger, item, "post", "A2-1")
    before = dump(ledger)["entries"]
    end(ledger, item, "post", "A2-1", "1")
    assert len(dump(ledger)["entries"]) == len(before) + 1
    assert rows(ledger, "suspense") == []
    prove(ledger)


@pytest.mark.parametrize("kind", ["refund-suspense", "write-off-suspense", "other"])
def test_money_leaves_suspense_without_a_claim_and_the_remittance_still_balances(ledger, tmp_path, kind):
    end(ledger, an_unknown_claim(ledger, tmp_path), kind, note="paid to the wrong practice")
    (row,) = rows(ledger, "remittances")
    assert (row["posted"], row["suspense"], row["resolved"], row["difference"]) == ("0.00", "0.00", "80.00", "0.00")
    with ledger.reading() as connection:
        assert totals(connection).difference == 0
    prove(ledger)


def test_money_without_a_claim_payment_is_posted_to_a_line(ledger, tmp_path):
    receive_sets(ledger, tmp_path, remittance("T1", amount=15))
    end(ledger, only_item(ledger)["item"], "post", "A1-1", "2")
    assert balances(ledger, "A1-1")[1] == ("15.00", "0.00", "0.00", "0.00", "35.00", "0.00")
    receive_sets(ledger, tmp_path, remittance("T2", answer("A1-1", service("17000", 50, 30, "CO-45 5", "CO-29 15"))))
    assert balances(ledger, "A1-1")[1] == ("45.00", "5.00", "0.00", "0.00", "0.00", "0.00")
    prove(ledger)


def test_an_item_is_ended_once(ledger, tmp_path):
    item = an_unknown_claim(ledger, tmp_path)
    end(ledger, item, "refund-suspense")
    with pytest.raises(DecisionError, match=f"item {item} is settled: refunded to the payer"):
        end(ledger, item, "write-off-suspense")
    with pytest.raises(DecisionError, match="no open item 99"):
        end(ledger, 99, "refund-suspense")


def test_a_write_off_takes_what_was_denied_and_a_later_payment_leaves_a_credit(ledger, tmp_path):
    denied = answer("A2-1", service("99213", 100, 0, "CO-50 100"))
    receive_sets(ledger, tmp_path, remittance("T1", denied))
    enter(ledger, "write-off", "A2-1", 100)
    assert balances(ledger, "A2-1") == [("0.00", "0.00", "100.00", "0.00", "0.00", "0.00")]
    receive_sets(ledger, tmp_path, remittance("T2", reversal(denied)))
    assert balances(ledger, "A2-1") == [("0.00", "0.00", "100.00", "0.00", "0.00", "0.00")]
    receive_sets(ledger, tmp_path, remittance("T3", answer("A2-1", service("99213", 100, 80, "CO-45 20"))))
    assert balances(ledger, "A2-1") == [("80.00", "20.00", "100.00", "0.00", "-100.00", "0.00")]
    prove(ledger)
    enter(ledger, "transfer", "A2-1", 100, from_="written_off", to="open")
    assert balances(ledger, "A2-1") == [("80.00", "20.00", "0.00", "0.00", "0.00", "0.00")]
    prove(ledger)


def test_a_denial_becomes_the_patients_by_a_transfer(ledger, tmp_path):
    receive_sets(ledger, tmp_path, remittance("T1", answer("A2-1", service("99213", 100, 0, "CO-50 100"))))
    enter(ledger, "transfer", "A2-1", 60, from_="open", to="patient")
    assert balances(ledger, "A2-1") == [("0.00", "0.00", "0.00", "60.00", "40.00", "40.00")]


def test_what_the_patient_pays_pays_what_he_owes_and_the_rest_is_his_credit(ledger, tmp_path):
    payment = answer("A1-1", service("99213", 100, 60, "CO-45 20", "PR-3 20"), service("17000", 50, 40, "PR-1 10"))
    receive_sets(ledger, tmp_path, remittance("T1", payment))
    enter(ledger, "patient-payment", "A1-1", 35)
    owed = {(row["line_control_number"], row["account"]): row["amount"] for row in rows(ledger, "entries")[-6:]}
    assert sorted(map(str, owed.values())) == ["-10.00", "-20.00", "-5.00", "10.00", "20.00", "5.00"]
    prove(ledger)
    with pytest.raises(DecisionError, match=r"the patient paid 35\.00 of this claim, not 36"):
        enter(ledger, "patient-refund", "A1-1", 36)
    enter(ledger, "patient-refund", "A1-1", 35)
    prove(ledger)


def test_a_paper_check_is_paid_by_a_payer_and_belongs_to_no_remittance(ledger):
    enter(ledger, "payer-payment", "A1-1", 90, line="1")
    assert balances(ledger, "A1-1")[0] == ("90.00", "0.00", "0.00", "0.00", "10.00", "0.00")
    with ledger.reading() as connection:
        whole = totals(connection)
    assert (whole.balance.insurance_paid, whole.posted, whole.difference) == (90_00, 0, 0)
    enter(ledger, "payer-refund", "A1-1", 90)
    assert balances(ledger, "A1-1")[0][0] == "0.00"
    prove(ledger)


def test_a_recoupment_under_a_number_that_names_no_claim_opens_the_one_that_a_person_names(ledger, tmp_path):
    receive_sets(ledger, tmp_path, remittance("T1", answer("A2-1", service("99213", 100, 80, "CO-45 20"))))
    receive_sets(ledger, tmp_path, remittance("T2", plb=[provider_adjustment("WO", 30, "OVERPAID 7")]))
    with ledger.reading() as connection:
        before = totals(connection)
    enter(ledger, "recoupment", "A2-1", 30)
    assert balances(ledger, "A2-1") == [("50.00", "20.00", "0.00", "0.00", "30.00", "0.00")]
    with ledger.reading() as connection:
        after = totals(connection)
    assert (before.posted, before.provider_adjustments, before.difference) == (80_00, 30_00, 0)
    assert (after.posted, after.provider_adjustments, after.difference) == (50_00, 0, 0)
    with pytest.raises(DecisionError, match=r"payers paid 50\.00 of this claim, not 60"):
        enter(ledger, "recoupment", "A2-1", 60)
    prove(ledger)


@pytest.mark.parametrize(
    ("kind", "claim", "amount", "line", "problem"),
    [
        ("write-off", "A2-1", "100.01", "", r"the open balance is 100\.00 of this claim, not 100\.01"),
        ("write-off", "A1-1", "50.01", "2", r"the open balance is 50\.00 on this line"),
        ("payer-refund", "A1-1", "1", "", r"payers paid 0\.00"),
        ("patient-payment", "A9-1", "1", "", "no claim A9-1 was submitted"),
        ("patient-payment", "A1-1", "1", "7", "has no line 7"),
        ("patient-payment", "A1-1", "0", "", "greater than zero"),
        ("patient-payment", "A1-1", "0.001", "", "not a valid amount"),
        ("transfer", "A1-1", "1", "", "a transfer needs two different balances"),
    ],
)
def test_a_decision_that_moves_more_than_is_there_is_refused_and_changes_nothing(
    ledger, kind, claim, amount, line, problem
):  # fmt: skip
    before = dump(ledger)
    with pytest.raises(DecisionError, match=problem):
        enter(ledger, kind, claim, amount, line)
    assert dump(ledger) == before


def test_the_same_reference_is_taken_once_and_not_for_something_else(ledger):
    assert enter(ledger, "patient-payment", "A1-1", 20, reference="R1")
    before = dump(ledger)
    assert not enter(ledger, "patient-payment", "A1-1", 20, reference="R1")
    with pytest.raises(DecisionError, match="reference R1 was already used for another entry"):
        enter(ledger, "patient-payment", "A1-1", 21, reference="R1")
    assert dump(ledger) == before


def test_a_copay_at_the_visit_leaves_the_claim_open_for_its_payer(ledger):
    enter(ledger, "patient-payment", "A2-1", 20)
    assert balances(ledger, "A2-1") == [("0.00", "0.00", "0.00", "0.00", "100.00", "0.00")]


def decide_everything(ledger: Ledger, folder: Path) -> None:
    """Items of every kind and entered money, all decided."""
    receive_all(ledger, folder)
    by_trace = {row["trace_number"]: row["item"] for row in rows(ledger, "suspense")}
    end(ledger, by_trace["T1"], "post", "A2-1")
    end(ledger, by_trace["T2"], "post", "A1-1", "2")
    end(ledger, by_trace["T3"], "other", note="=booked as rent")
    enter(ledger, "patient-payment", "A1-1", 20)
    enter(ledger, "transfer", "A1-1", 5, "1", from_="open", to="written_off")


def receive_all(ledger: Ledger, folder: Path) -> None:
    receive_sets(ledger, folder, remittance("T1", answer("OLD-77", service("99213", 100, 80, "CO-45 20"))))
    held = answer("A1-1", service("99213", 90, 70, "CO-45 20"), service("99999", 50, 35, "CO-45 15"))
    receive_sets(ledger, folder, remittance("T2", held))
    receive_sets(ledger, folder, remittance("T3", amount=15))


def take_file(ledger: Ledger, path: Path) -> tuple[Taken, list[Diagnostic]]:
    findings: list[Diagnostic] = []
    return import_decisions(path, ledger, Dispositions(), MOMENT, findings.append), findings


@pytest.mark.parametrize("form", ["csv", "jsonl"])
def test_a_ledger_that_is_built_again_takes_the_decisions_from_an_export(ledger, tmp_path, form: Format):
    decide_everything(ledger, tmp_path)
    path = tmp_path / f"decisions.{form}"
    with path.open("w", encoding="utf-8", newline="") as out, ledger.reading() as connection:
        export(decisions(connection), DecisionRow, form, out)
    again = filled(tmp_path / "again")
    receive_all(again, tmp_path)
    taken, findings = take_file(again, path)
    assert (taken.taken, taken.known, taken.refused, findings) == (5, 0, 0, [])
    for view in ("lines", "claims", "remittances", "suspense", "decisions"):
        assert rows(again, view) == rows(ledger, view)
    taken, _ = take_file(again, path)
    assert (taken.taken, taken.known) == (0, 5)
    prove(again)
    again.close()


def test_a_decision_about_a_remittance_that_has_not_come_waits_for_a_later_import(ledger, tmp_path):
    decide_everything(ledger, tmp_path)
    path = tmp_path / "decisions.jsonl"
    with path.open("w", encoding="utf-8") as out, ledger.reading() as connection:
        export(decisions(connection), DecisionRow, "jsonl", out)
    again = filled(tmp_path / "again")
    taken, findings = take_file(again, path)
    assert (taken.taken, taken.refused) == (2, 3)
    assert all("has not been received yet" in finding.message for finding in findings)
    receive_all(again, tmp_path)
    assert take_file(again, path)[0].taken == 3
    again.close()


def test_every_row_that_cannot_be_taken_is_told_with_its_line(ledger, tmp_path):
    path = tmp_path / "money.csv"
    path.write_text(
        "kind,claim,line,amount,day,reference\n"
        "patient-payment,A1-1,,20.00,2026-10-03,R1\n"
        "patient-payment,A9-1,,20.00,2026-10-03,R2\n"
        "patient-gift,A1-1,,20.00,2026-10-03,R3\n"
        "patient-payment,A1-1,,twenty,yesterday,R4\n"
        "post,A1-1,,20.00,2026-10-03,R5\n"
    )
    taken, findings = take_file(ledger, path)
    assert (taken.taken, taken.refused) == (1, 4)
    assert [(finding.where.segment, finding.code) for finding in findings] == [(line, "P550") for line in (3, 4, 5, 6)]
    assert "amount" in findings[2].message
    assert "day" in findings[2].message


def test_a_claims_story_tells_what_persons_did(ledger, tmp_path):
    end(ledger, an_unknown_claim(ledger, tmp_path), "post", "A2-1")
    enter(ledger, "patient-payment", "A2-1", 20)
    with ledger.reading() as connection:
        claim_id = find_claim(connection, "A2-1")
        assert claim_id is not None
        events = story(connection, claim_id).as_text()["events"]
    assert [event["event"] for event in events] == ["submitted", "payment", "by hand"]
    assert (events[1]["matched_by"], events[1]["match_rule"]) == ("manual entry", "manual")
    assert (events[2]["kind"], events[2]["amount"]) == ("patient-payment", "20.00")


def test_the_day_of_service_is_not_the_day_of_the_decision(ledger):
    enter(ledger, "patient-payment", "A1-1", 20)
    assert rows(ledger, "entries")[-1]["day"] == TODAY.isoformat() != DAY.isoformat()
