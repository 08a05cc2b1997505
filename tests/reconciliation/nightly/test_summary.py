"""The run for a person: one line, and a message that sendmail takes."""

from datetime import date, datetime
from decimal import Decimal
from email import policy
from email.parser import BytesParser

import pytest

from claimloop.reconciliation.nightly.context import sentence
from claimloop.reconciliation.nightly.summary import last_line, message
from claimloop.reconciliation.run_record import (
    CLEAN,
    FAILED,
    WORK_LEFT,
    ControlTotal,
    RunRecord,
    Stage,
    TakenFile,
)


def a_run(exit_code: int = CLEAN, **changes) -> RunRecord:
    return RunRecord(datetime(2026, 11, 24, 2, 30), date(2026, 11, 24), exit_code=exit_code, **changes)


ENCOUNTERS = Stage("encounters", 0.4, {"read": 53, "claims built": 47}, {"charged": Decimal("19327")})
SECONDARIES = Stage("secondaries", 0.1, {"sent": 2}, {"charged": Decimal("100.5")})
REMITTANCES = Stage(
    "remittances", 0.1, {"remittances posted": 9, "remittances held": 1}, {"received": Decimal("6678.09")}
)


def test_a_run_in_which_nothing_happened():
    assert last_line(a_run()) == ("2026-11-24 clean: 0 claims out (0.00), 0 payments in (0.00); no work left")


def test_what_moved_and_what_waits():
    run = a_run(
        WORK_LEFT, stages=[ENCOUNTERS, SECONDARIES, REMITTANCES], in_quarantine=1,
        worklists={"denials": (11, Decimal("2167")), "suspense": (0, Decimal(0))},
    )  # fmt: skip

    assert last_line(run) == (
        "2026-11-24 work left: 49 claims out (19,427.50), 10 payments in (6,678.09); 11 denied lines (2,167.00), "
        "1 file in quarantine"
    )


def test_what_waits_in_its_folder_or_was_found_is_told():
    waiting = TakenFile("a", "", "waiting", "inbox/a", reason="it is still being written")
    run = a_run(WORK_LEFT, files=[waiting, waiting], errors=3)

    assert last_line(run).endswith("; 2 files not picked up, 3 errors found")


def test_what_failed_stands_first():
    run = a_run(
        FAILED, stages=[Stage("bank", problem="a: Permission denied")],
        control=[ControlTotal("a.835", "money", Decimal(10), {"posted": Decimal(9)})],
    )  # fmt: skip

    assert last_line(run).endswith("; FAILED bank: a: Permission denied, a.835: money differ by 1")
    assert last_line(run).startswith("2026-11-24 FAILED: ")


def test_a_rehearsal_says_so():
    assert last_line(a_run(rehearsed=True)).startswith("2026-11-24 dry run, nothing is kept; clean: ")


@pytest.mark.parametrize(
    ("stage", "told"),
    [
        (ENCOUNTERS, "encounters: 53 read, 47 claims built, 19,327.00 charged, 0.4 s"),
        (Stage("remittances", 0.1, {"remittances held": 1}), "remittances: 1 remittance in suspense, 0.1 s"),
        (Stage("bank"), "bank: nothing to do, 0.0 s"),
        (Stage("push", problem="h: no answer"), "push: not done, 0.0 s; FAILED: h: no answer"),
    ],
)
def test_a_stage_is_one_line(stage, told):
    assert sentence(stage) == told


def test_the_message_can_be_read_by_any_mail_program():
    quarantined = TakenFile("Müller 1.835", "835", "quarantined", "quarantine/x", reason="ends early")
    run = a_run(WORK_LEFT, stages=[ENCOUNTERS], files=[quarantined])

    sent = message(run, "claimloop@example.com", "billing@example.com").as_bytes()

    mail = BytesParser(policy=policy.default).parsebytes(sent)
    assert mail["To"] == "billing@example.com"
    assert mail["From"] == "claimloop@example.com"
    assert mail["Subject"] == "claimloop 2026-11-24 work left"
    text = mail.get_content()
    assert text.splitlines()[0] == last_line(run)
    assert "encounters: 53 read, 47 claims built, 19,327.00 charged, 0.4 s" in text
    assert "in quarantine now: Müller 1.835: ends early" in text


@pytest.mark.parametrize(
    "address", ["", "Büro <billing@example.com>", "büro@exämple.com", "a@example.com, b@example.com"]
)
def test_whatever_the_addresses_are_there_is_a_message(address):
    assert b"claimloop 2026-11-24 clean" in message(a_run(), address, address).as_bytes()
