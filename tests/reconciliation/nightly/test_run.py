"""A whole run: its record is true, even if something goes wrong."""

import errno
import json
import os
import sqlite3
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from unittest.mock import patch

import msgspec
import pytest

from claimloop.builders.encounters.encounter import Encounter
from claimloop.reconciliation.configuration.load import load_configuration
from claimloop.reconciliation.ledger import connection as ledger_module
from claimloop.reconciliation.nightly import STAGES, archive
from claimloop.reconciliation.nightly.lock import AnotherRun, Holder, only_run
from claimloop.reconciliation.nightly.run import Wishes, run_night
from claimloop.reconciliation.nightly.summary import last_line
from claimloop.reconciliation.run_record import CLEAN, FAILED, WORK_LEFT, recent_runs
from claimloop.samples import copy_first_night
from claimloop.tests.reconciliation.nightly.one_night import DAY, NEXT, kept, latest, put
from claimloop.tests.reconciliation.nightly.practice import (
    edge,
    ledger_of,
    outcomes,
    run,
    stage_of,
    start_practice,
    unsendable,
    visit,
    write_encounters,
)


@pytest.fixture
def practice(tmp_path):
    return start_practice(tmp_path)


@pytest.fixture
def samples(practice):
    """A practice whose folders hold the encounters and remittances of the samples."""
    copy_first_night(practice.parent / "first")
    for folder in ("encounters", "inbox"):
        for path in (practice.parent / "first" / folder).iterdir():
            path.rename(practice / folder / path.name)
    return practice


def test_where_nothing_is_due_a_run_is_clean_and_says_so(practice):
    done = run(practice, DAY)

    assert done.exit_code == CLEAN
    assert done.files == []
    assert [stage.name for stage in done.stages if stage.problem] == []
    assert done.stages[-1].name == "record"


def test_the_samples_come_out_as_their_readme_says(samples):
    done = run(samples, DAY)

    assert done.exit_code == WORK_LEFT
    assert stage_of(done, "encounters").counts["claims built"] == 47
    assert stage_of(done, "remittances").amounts["received"] == Decimal("6678.09")
    assert [total.name for total in done.control if total.difference] == []
    assert done.totals is not None
    assert done.totals.difference == done.totals.balance.difference == 0
    with ledger_of(samples) as ledger, ledger.reading() as connection:
        (in_ledger,) = recent_runs(connection)
    assert (in_ledger.day, in_ledger.worklists, in_ledger.files) == (done.day, done.worklists, done.files)
    assert kept(samples) == done

    again = run(samples, DAY)

    assert again.files == []
    assert again.worklists == done.worklists
    assert again.totals == done.totals


@pytest.mark.sqlite
def test_every_file_and_folder_is_its_owners_alone(samples):
    previous = os.umask(0)
    try:
        run(samples, DAY)
    finally:
        os.umask(previous)

    for folder in ("archive", "quarantine", "runs", "outbox"):
        for path in [samples / folder, *(samples / folder).rglob("*")]:
            assert path.is_symlink() or path.stat().st_mode & 0o077 == 0, path


@pytest.mark.sqlite
def test_no_person_is_named_in_record_log_mail_or_reasons(samples):
    put(samples, 1)
    encounters = [
        msgspec.json.decode(line, type=Encounter)
        for path in (samples / "encounters").glob("*.jsonl")
        for line in path.read_bytes().splitlines()
    ]
    said: list[str] = []
    run(samples, DAY, more={"say": said.append, "report": lambda finding: said.append(finding.render())})

    told = ["\n".join(said)]
    told += [path.read_text() for path in (samples / "quarantine").glob("*.reason.json")]
    told += [(samples / "runs/nightly.log").read_text()]
    told += [(latest(samples) / name).read_text() for name in ("run.json", "summary.eml")]
    values = {
        value
        for each in encounters
        for value in (
            each.patient.last_name, each.patient.first_name, str(each.patient.birth_date),
            each.patient.address.line1 if each.patient.address else "", *(one.member_id for one in each.coverages),
        )
        if len(value) > 3
    }  # fmt: skip
    assert len(values) > 50
    assert [value for value in values for text in told if value in text] == []


def test_only_the_stages_that_are_wanted_are_done(samples):
    done = run(samples, DAY, only=("remittances",))

    assert done.only == ["remittances"]
    assert stage_of(done, "remittances").counts["files taken"] == 8
    assert {stage.name for stage in done.stages} & set(STAGES) == {"remittances"}
    assert len(list((samples / "encounters").iterdir())) == 4
    assert not (samples / "outbox").exists()


@pytest.mark.sqlite
def test_what_a_single_stage_leaves_to_a_person_is_told_without_work_lists(samples):
    done = run(samples, DAY, only=("remittances",))  # nothing was sent, so all of it is in suspense

    assert done.exit_code == WORK_LEFT
    assert last_line(done).endswith("; 9 need work")


@pytest.mark.sqlite
def test_a_problem_with_an_odd_name_can_be_written_down(practice):
    (practice / "inbox" / os.fsdecode(b"a\xff\n")).write_bytes(b"no X12")

    def stuck(file, _place):
        raise PermissionError(errno.EPERM, "Operation not permitted", str(file))

    with patch.object(archive, "move", stuck):
        done = run(practice, DAY)

    assert done.exit_code == FAILED
    assert stage_of(done, "pick up").problem == f"a__: {practice}/inbox/a\\udcff : Operation not permitted"
    assert kept(practice) == done


@pytest.mark.sqlite
def test_the_day_of_a_run_is_the_day_of_its_archive_and_lists(practice):
    put(practice, 1)

    done = run(practice, NEXT, day=DAY)

    assert done.day == DAY
    assert done.started.date() == NEXT
    assert done.files[0].place == "archive/2026-11-24/encounters/visits.jsonl"
    assert run(practice, NEXT, day=DAY + timedelta(90)).worklists["unanswered"][0] == 1


@pytest.mark.sqlite
def test_a_configuration_elsewhere_keeps_its_files_beside_it(practice, monkeypatch):
    put(practice, 1)
    monkeypatch.chdir(practice.parent)
    configuration = load_configuration(Path("practice/claimloop.toml"))

    done = run_night(practice, configuration, edge(datetime(2026, 11, 24)), Wishes())

    assert done.exit_code == CLEAN
    assert done.files[0].place == "archive/2026-11-24/encounters/visits.jsonl"
    assert (practice / done.files[0].place).exists()


@pytest.mark.sqlite
def test_folders_of_one_name_in_different_places_are_told_apart(tmp_path):
    practice = start_practice(tmp_path, 'encounters = "ours/in"\ninbox = "theirs/in"\n')
    for folder in ("ours/in", "theirs/in"):
        (practice / folder).mkdir(parents=True)
    write_encounters(practice / "ours/in/a.jsonl", [visit(1, DAY)])
    (practice / "theirs/in/a.jsonl").write_bytes(b"no X12")

    done = run(practice, DAY)

    assert [(file.came_from, file.outcome) for file in done.files] == [
        ("ours/in", "taken"), ("theirs/in", "quarantined"),
    ]  # fmt: skip
    assert [total.went for total in done.control if total.name == "files of in"] == [{"taken": 1}, {"quarantined": 1}]


@pytest.mark.sqlite
def test_a_second_run_at_the_same_time_does_nothing(practice):
    put(practice, 1)
    with only_run(practice / "runs", Holder(1, "ward", "now")), pytest.raises(AnotherRun):
        run(practice, DAY)

    assert (practice / "encounters/visits.jsonl").exists()
    assert not latest(practice).is_symlink()


@pytest.mark.sqlite
@pytest.mark.parametrize("content", [b"not a database at all", b"SQLite format 3\0" + bytes(5000)])
def test_a_ledger_that_cannot_be_opened_makes_a_record_of_a_failed_run(practice, content):
    run(practice, DAY)
    (practice / "claimloop.db").write_bytes(content)
    put(practice, 1)

    done = run(practice, NEXT)

    assert done.exit_code == FAILED
    assert stage_of(done, "ledger").problem
    assert (practice / "encounters/visits.jsonl").exists()
    assert (practice / "claimloop.db").read_bytes() == content
    assert kept(practice) == done
    assert f"FAILED ledger: {stage_of(done, 'ledger').problem}" in (latest(practice) / "summary.eml").read_text()


@pytest.mark.sqlite
def test_a_ledger_that_is_damaged_inside_fails_and_loses_no_file(samples):
    run(samples, DAY)
    database = samples / "claimloop.db"
    content = bytearray(database.read_bytes())
    content[4096 * 4 :] = bytes(len(content) - 4096 * 4)
    database.write_bytes(content)
    put(samples, 1)

    done = run(samples, NEXT)

    assert done.exit_code == FAILED
    assert (samples / "encounters/visits.jsonl").exists()


@pytest.mark.sqlite
def test_a_ledger_that_another_program_holds_fails_this_run_and_not_the_next(practice, monkeypatch):
    run(practice, DAY)
    put(practice, 1)
    (practice / "inbox/a").write_bytes(b"no X12")
    monkeypatch.setattr(ledger_module, "_BUSY_SECONDS", 0)
    with sqlite3.connect(practice / "claimloop.db", isolation_level=None) as other:
        other.execute("BEGIN IMMEDIATE")
        done = run(practice, NEXT)
        other.execute("ROLLBACK")
    other.close()

    assert done.exit_code == FAILED
    assert "locked" in stage_of(done, "encounters").problem
    assert "locked" in stage_of(done, "record").problem
    assert kept(practice) == done

    assert outcomes(run(practice, NEXT)) == {"visits.jsonl": "taken", "a": "quarantined"}


@pytest.mark.sqlite
def test_two_runs_in_one_second_have_a_folder_each_and_latest_is_the_newer(practice):
    run(practice, DAY)
    run(practice, DAY)

    folders = sorted(path.name for path in (practice / "runs").iterdir() if path.is_dir() and not path.is_symlink())
    assert folders == ["2026-11-24T023000", "2026-11-24T023000-2"]
    assert latest(practice).readlink() == Path("2026-11-24T023000-2")


@pytest.mark.sqlite
def test_the_log_tells_the_run_line_by_line(practice):
    put(practice, 1)
    write_encounters(practice / "encounters/bad.jsonl", [unsendable(visit(2, DAY))])
    run(practice, DAY)

    lines = [json.loads(line) for line in (practice / "runs/nightly.log").read_text().splitlines()]

    assert [line["event"] for line in lines][:1] == ["start"]
    assert [line["event"] for line in lines][-1:] == ["end"]
    assert {line["event"] for line in lines} == {"start", "stage", "file", "finding", "end"}
    assert lines[-1]["exit_code"] == WORK_LEFT
