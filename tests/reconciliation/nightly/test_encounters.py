"""Encounters out: each one is on file afterwards, or stands in the quarantine, ready to be mended."""

import errno
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from unittest.mock import patch

import msgspec
import pytest
from msgspec.structs import replace

from claimloop.builders.encounters.encounter import Encounter
from claimloop.builders.final_check import FileHeld
from claimloop.edi.diagnostics import Where, diagnose
from claimloop.reconciliation.ledger.connection import LedgerError
from claimloop.reconciliation.nightly import encounters as stage_module
from claimloop.reconciliation.queries.claims import lines
from claimloop.reconciliation.run_record import CLEAN, FAILED, WORK_LEFT
from claimloop.reconciliation.submissions.submit import submit
from claimloop.tests.reconciliation.nightly.practice import (
    ledger_of,
    outcomes,
    run,
    stage_of,
    start_practice,
    unsendable,
    visit,
    why,
    write_encounters,
)

DAY = date(2026, 11, 24)
NEXT = DAY + timedelta(1)


@pytest.fixture
def practice(tmp_path):
    return start_practice(tmp_path)


def put(practice, name, *encounters):
    path = practice / "encounters" / name
    write_encounters(path, list(encounters))
    return path


def visits(*numbers) -> list[Encounter]:
    return [visit(number, DAY - timedelta(3)) for number in numbers]


def on_file(practice) -> set[str]:
    """The encounters of which lines are in the ledger, and on no line twice."""
    with ledger_of(practice) as ledger, ledger.reading() as connection:
        found = [(row.claim_control_number, row.line_control_number) for row in lines(connection)]
    assert len(found) == len(set(found))
    return {str(number).split("-")[0] for number, _ in found}


def sent(practice) -> list[str]:
    """CLM01 of every claim in the outbox."""
    return sorted(
        segment.split("*")[1]
        for path in (practice / "outbox").glob("*.837")
        for segment in path.read_text().splitlines()
        if segment.startswith("CLM*")
    )


def test_what_can_be_sent_goes_out_and_the_file_to_the_archive(practice):
    put(practice, "visits.jsonl", *visits(1, 2))

    done = run(practice, DAY)

    assert done.exit_code == CLEAN
    assert sent(practice) == ["N00001-1", "N00002-1"]
    assert outcomes(done) == {"visits.jsonl": "taken"}
    assert (practice / "archive/2026-11-24/encounters/visits.jsonl").exists()
    stage = stage_of(done, "encounters")
    assert (stage.counts["read"], stage.counts["claims built"]) == (2, 2)
    assert stage.amounts["charged"] == Decimal("925.00")


def test_what_is_refused_is_held_with_its_reasons_and_can_be_mended(practice):
    good, bad = visits(1, 2)
    put(practice, "visits.jsonl", good, unsendable(bad))

    done = run(practice, DAY)

    (held,) = [file for file in done.files if file.outcome == "held"]
    assert held.place == f"quarantine/{held.name}"
    assert done.exit_code == WORK_LEFT
    assert done.in_quarantine == 1
    assert why(practice, held.name)["findings"] == [
        "C342 error: not a valid ICD-10-CM code  [encounter N00002, diagnoses#1]  value '99.9X'"
    ]
    file = practice / held.place
    assert msgspec.json.decode(file.read_bytes(), type=Encounter) == unsendable(bad)

    file.unlink()
    put(practice, held.name, bad)
    again = run(practice, NEXT)

    assert on_file(practice) == {"N00001", "N00002"}
    assert again.in_quarantine == 0
    assert not list((practice / "quarantine").iterdir())


@pytest.mark.sqlite
def test_where_all_is_refused_the_file_itself_goes_into_quarantine(practice):
    content = put(practice, "visits.jsonl", *map(unsendable, visits(1, 2))).read_bytes()

    done = run(practice, DAY)

    assert outcomes(done) == {"visits.jsonl": "quarantined"}
    assert (practice / "quarantine/visits.jsonl").read_bytes() == content
    assert len(why(practice, "visits.jsonl")["findings"]) == 2
    assert not (practice / "archive").exists()


def test_a_file_with_a_line_that_cannot_be_read_stays_whole_for_a_person(practice):
    path = put(practice, "visits.jsonl", *visits(1, 2))
    path.write_bytes(path.read_bytes() + b'{"encounter_id": "N00003"')

    done = run(practice, DAY)

    assert outcomes(done) == {"visits.jsonl": "quarantined"}
    assert on_file(practice) == {"N00001", "N00002"}
    reason = why(practice, "visits.jsonl")
    assert reason["reason"] == "1 of its records cannot be read; 2 were sent and will not be sent again"
    assert reason["findings"][0].startswith("visits.jsonl:3: C301 error")

    (practice / "quarantine/visits.jsonl").unlink()
    put(practice, "visits.jsonl", *visits(1, 2, 3))
    run(practice, NEXT)

    assert on_file(practice) == {"N00001", "N00002", "N00003"}


@pytest.mark.sqlite
@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("visits.xlsx", b"PK", "C300"), ("visits.csv", "encounter_id,x".encode("utf-16"), "C300"),
        ("visits.json", b"[1, 2", "C300"), ("visits.jsonl", b"\xff\xfe", "C300"), ("visits.835", b"ISA*", "C300"),
    ],
)  # fmt: skip
def test_a_file_that_holds_no_encounters_is_put_into_quarantine_and_keeps_none_back(practice, name, content, reason):
    (practice / "encounters" / name).write_bytes(content)
    put(practice, "good.jsonl", *visits(1))

    done = run(practice, DAY)

    assert outcomes(done) == {name: "quarantined", "good.jsonl": "taken"}
    assert f" {reason} error" in why(practice, name)["findings"][0]
    assert done.exit_code == WORK_LEFT


@pytest.mark.sqlite
def test_an_empty_file_is_told(practice):
    put(practice, "visits.jsonl")

    run(practice, DAY)

    assert why(practice, "visits.jsonl")["reason"] == "it has no encounter"


def test_the_same_file_under_two_names_in_one_night_is_sent_once(practice):
    put(practice, "one.jsonl", *visits(1, 2))
    put(practice, "two.jsonl", *visits(1, 2))

    done = run(practice, DAY)

    assert sent(practice) == ["N00001-1", "N00002-1"]
    assert outcomes(done) == {"one.jsonl": "taken", "two.jsonl": "known"}
    assert done.files[1].reason == "the same content as archive/2026-11-24/encounters/one.jsonl"
    assert done.exit_code == CLEAN


def test_the_same_file_in_another_night_is_known(practice):
    put(practice, "one.jsonl", *visits(1))
    run(practice, DAY)
    put(practice, "one.jsonl", *visits(1))

    done = run(practice, NEXT)

    assert outcomes(done) == {"one.jsonl": "known"}
    assert stage_of(done, "encounters").counts["sent before"] == 1
    assert done.exit_code == CLEAN


@pytest.mark.parametrize(
    ("what", "in_one_night"), [("charge", True), ("charge", False), ("day", False), ("member", False)]
)
def test_an_id_that_comes_again_for_something_else_is_held(practice, what, in_one_night):
    (first,) = visits(1)
    service = first.services[0]
    other = {
        "charge": replace(first, services=(replace(service, charge=Decimal("1.00")), *first.services[1:])),
        "day": replace(first, services=(replace(service, service_date=DAY), *first.services[1:])),
        "member": replace(first, coverages=(replace(first.coverages[0], member_id="OTHER1"),)),
    }[what]
    put(practice, "a.jsonl", first)
    if not in_one_night:
        run(practice, DAY)
    put(practice, "b.jsonl", other, *visits(2))

    done = run(practice, DAY)

    assert sent(practice) == ["N00001-1", "N00002-1"]
    (held,) = [file for file in done.files if file.outcome == "held"]
    codes = [finding.split()[0] for finding in why(practice, held.name)["findings"]]
    assert codes == (["P511", "P526"] if in_one_night else ["P510", "P526"])
    assert msgspec.json.decode((practice / held.place).read_bytes(), type=Encounter) == other


def test_the_original_of_a_corrected_encounter_is_known(practice):
    (first,) = visits(1)
    dearer = replace(first, services=(replace(first.services[0], charge=Decimal("500")), *first.services[1:]))
    put(practice, "a.jsonl", first)
    run(practice, DAY)
    put(practice, "again.json", dearer)
    with patch.object(stage_module, "submit", partial(submit, again=True)):  # as `build --again` does
        run(practice, DAY)
    put(practice, "b.jsonl", first)
    put(practice, "c.jsonl", dearer, *visits(2))

    assert set(outcomes(run(practice, NEXT)).values()) == {"known", "taken"}


@pytest.mark.sqlite
def test_a_file_that_fails_its_check_as_a_whole_keeps_the_others_not_back(practice):
    put(practice, "bad.jsonl", *visits(1))
    put(practice, "good.jsonl", *visits(2))

    def check_and_send(sources, outbox):
        if any(path.name == "bad.jsonl" for path in sources):
            outbox.report(diagnose("C342", Where(subject="encounter N00001"), "secret"))
            raise FileHeld("a finished file failed its check; nothing was sent")
        return submit(sources, outbox)

    with patch.object(stage_module, "submit", check_and_send):
        done = run(practice, DAY)

    assert outcomes(done) == {"bad.jsonl": "quarantined", "good.jsonl": "taken"}
    reason = why(practice, "bad.jsonl")
    assert reason["reason"] == "a finished file failed its check; nothing was sent"
    assert [finding.split()[0] for finding in reason["findings"]] == ["C342"]
    assert sent(practice) == ["N00002-1"]


@pytest.mark.sqlite
def test_an_error_that_nobody_foresaw_keeps_one_file_back_and_tells_no_value(practice):
    put(practice, "bad.jsonl", *visits(1))
    put(practice, "good.jsonl", *visits(2))

    def stumble(sources, *others):
        if any(path.name == "bad.jsonl" for path in sources):
            raise KeyError("Testperson1")
        return submit(sources, *others)

    with patch.object(stage_module, "submit", stumble):
        done = run(practice, DAY)

    assert outcomes(done) == {"bad.jsonl": "quarantined", "good.jsonl": "taken"}
    assert why(practice, "bad.jsonl")["reason"].startswith("an error in claimloop itself, KeyError at test_encounters")
    log = (practice / "runs/nightly.log").read_text()
    assert "Testperson" not in log
    assert '"bug"' in log


@pytest.mark.sqlite
def test_an_outbox_that_cannot_be_written_leaves_everything_for_the_next_run(practice):
    put(practice, "a.jsonl", *visits(1))
    put(practice, "b.jsonl", *visits(2))
    with patch("claimloop.reconciliation.submissions.write_file.os.fsync", side_effect=OSError(errno.ENOSPC, "full")):
        done = run(practice, DAY)

    assert done.exit_code == FAILED
    assert outcomes(done) == {"a.jsonl": "waiting", "b.jsonl": "waiting"}

    assert run(practice, NEXT).exit_code == CLEAN
    assert sent(practice) == ["N00001-1", "N00002-1"]


@pytest.mark.sqlite
def test_a_file_that_cannot_be_put_away_does_not_stop_the_others(practice):
    put(practice, "a.jsonl", *visits(1))
    put(practice, "b.jsonl", *visits(2))

    def stuck(file, place):
        if file.name == "a.jsonl":
            raise PermissionError(1, "not permitted", str(file))
        file.rename(place)

    with patch("claimloop.reconciliation.nightly.archive.move", stuck):
        done = run(practice, DAY)

    assert outcomes(done) == {"a.jsonl": "waiting", "b.jsonl": "taken"}
    assert done.exit_code == FAILED

    again = run(practice, NEXT)

    assert outcomes(again) == {"a.jsonl": "taken"}
    assert sent(practice) == ["N00001-1", "N00002-1"]


@pytest.mark.sqlite
def test_a_file_that_grows_while_it_is_read_stays_and_is_taken_whole_by_the_next_run(practice):
    path = put(practice, "a.jsonl", *visits(1))

    def grow(*arguments):
        done = submit(*arguments)
        with path.open("ab") as file:
            file.write(msgspec.json.encode(*visits(2)) + b"\n")
        return done

    with patch.object(stage_module, "submit", grow):
        done = run(practice, DAY)

    assert outcomes(done) == {"a.jsonl": "waiting"}
    assert done.exit_code == WORK_LEFT
    assert on_file(practice) == {"N00001"}

    assert outcomes(run(practice, NEXT)) == {"a.jsonl": "taken"}
    assert on_file(practice) == {"N00001", "N00002"}


@pytest.mark.sqlite
def test_without_a_partner_the_encounters_wait(practice):
    configured = practice / "claimloop.toml"
    before_partner = configured.read_text().partition("[partner]")[0]
    configured.write_text(f"{before_partner}[nightly]\nsettle_seconds = 0\n")
    put(practice, "a.jsonl", *visits(1))

    done = run(practice, DAY)

    assert done.exit_code == FAILED
    assert stage_of(done, "encounters").problem == "there are encounters, but the configuration has no [partner]"
    assert (practice / "encounters/a.jsonl").exists()


@pytest.mark.sqlite
def test_a_ledger_that_fails_ends_the_stage_and_nothing_is_lost(practice):
    put(practice, "a.jsonl", *visits(1))
    with patch.object(stage_module, "submit", side_effect=LedgerError("the ledger is locked")):
        done = run(practice, DAY)

    assert (done.exit_code, stage_of(done, "encounters").problem) == (FAILED, "the ledger is locked")
    assert (practice / "encounters/a.jsonl").exists()
