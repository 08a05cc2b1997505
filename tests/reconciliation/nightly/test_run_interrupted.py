"""A run that is killed, loses a file, or cannot do one of its stages says so, and the next run completes it."""

import errno
import os
from decimal import Decimal
from unittest.mock import patch

import msgspec
import pytest

from claimloop.reconciliation.nightly import archive
from claimloop.reconciliation.run_record import FAILED, recent_runs
from claimloop.reconciliation.submissions import write_file
from claimloop.reconciliation.worklists.registry import WORKLISTS
from claimloop.tests.reconciliation.nightly.one_night import DAY, NEXT, kept, put
from claimloop.tests.reconciliation.nightly.practice import (
    ledger_of,
    outcomes,
    run,
    stage_of,
    start_practice,
)


class Killed(BaseException):
    """Nothing catches it."""


@pytest.fixture
def practice(tmp_path):
    return start_practice(tmp_path)


@pytest.mark.sqlite
@pytest.mark.parametrize("after", ["before it is moved", "after the link"])
@pytest.mark.parametrize("later", [DAY, NEXT])
def test_a_run_that_is_killed_between_register_and_move_is_finished(practice, after, later):
    put(practice, 1)
    (practice / "inbox/odd").write_bytes(b"no X12")

    def struck(file, place):
        if after == "after the link":
            os.link(file, place)
        raise Killed

    for _ in range(2):  # once for the encounters, once for the inbox
        with patch.object(archive, "move", struck), pytest.raises(Killed):
            run(practice, DAY)
        run(practice, later, only=("encounters",))
    done = run(practice, later)

    assert done.interrupted_before == ""
    assert [path.name for folder in ("encounters", "inbox") for path in (practice / folder).iterdir()] == []
    archived = [path.relative_to(practice).as_posix() for path in practice.rglob("archive/*/*/*")]
    day = DAY if after == "after the link" else later
    assert archived == [f"archive/{day}/encounters/visits.jsonl"]
    assert sorted(path.name for path in (practice / "quarantine").iterdir()) == ["odd", "odd.reason.json"]
    with ledger_of(practice) as ledger, ledger.reading() as connection:
        assert {file.outcome for each in recent_runs(connection) for file in each.files} <= {"taken", "quarantined"}


@pytest.mark.sqlite
def test_a_run_after_one_that_was_killed_says_so(practice):
    put(practice, 1)
    with patch.object(archive, "move", side_effect=Killed), pytest.raises(Killed):
        run(practice, DAY)
    said: list[str] = []

    done = run(practice, NEXT, more={"say": said.append})

    assert done.interrupted_before == "2026-11-24T02:30:00"
    assert said[0] == "the run of 2026-11-24T02:30:00 was interrupted; this run completes it"


@pytest.mark.sqlite
def test_a_file_that_was_killed_before_it_had_its_place_gets_it_though_nothing_is_due(practice):
    put(practice, 1)
    with patch.object(write_file, "_put_in_place", side_effect=Killed), pytest.raises(Killed):
        run(practice, DAY)
    (practice / "encounters/visits.jsonl").unlink()
    assert list((practice / "outbox").glob("*.837")) == []

    run(practice, NEXT)

    assert len(list((practice / "outbox").glob("*.837"))) == 1


@pytest.mark.sqlite
def test_a_file_that_got_lost_makes_a_failed_run(practice):
    put(practice, 1)

    with patch.object(archive, "move", lambda file, _place: file.unlink()):
        done = run(practice, DAY)

    (wrong,) = [total for total in done.control if total.difference]
    assert (wrong.name, wrong.difference) == ("files of encounters", 1)
    assert done.exit_code == FAILED


@pytest.mark.sqlite
def test_a_claim_that_got_lost_on_its_way_into_the_file_makes_a_failed_run(practice):
    put(practice, 1, 2)
    with patch.object(write_file, "_put_in_place", _without_its_last_claim):
        done = run(practice, DAY)

    wrong = [(total.name, total.unit, total.difference) for total in done.control if total.difference]
    assert wrong == [("claims built", "claims", 1), ("claims built", "charge", Decimal("340"))]
    assert done.exit_code == FAILED


def _without_its_last_claim(partial, path):
    head, _, _ = partial.read_text().rpartition("CLM*")
    path.write_text(head)
    partial.unlink()


@pytest.mark.sqlite
def test_a_stage_that_stumbles_does_not_stop_the_others(practice):
    put(practice, 1)
    broken = msgspec.structs.replace(WORKLISTS["denials"], rows=lambda *_: 1 / 0)
    with patch.dict(WORKLISTS, {"denials": broken}):
        done = run(practice, DAY)

    assert done.exit_code == FAILED
    assert stage_of(done, "worklists").problem.startswith("an error in claimloop itself, ZeroDivisionError at test_run")
    assert outcomes(done) == {"visits.jsonl": "taken"}
    assert stage_of(done, "record").counts == {"kept": 1}


@pytest.mark.sqlite
def test_a_log_that_cannot_be_written_is_told_and_the_run_has_failed(practice):
    put(practice, 1)
    with patch("claimloop.reconciliation.nightly.log._append", side_effect=OSError(errno.ENOSPC, "No space left")):
        done = run(practice, DAY)

    assert done.exit_code == FAILED
    assert stage_of(done, "log").problem == "No space left"
    assert outcomes(done) == {"visits.jsonl": "taken"}
    assert kept(practice) == done


@pytest.mark.sqlite
def test_a_record_that_cannot_be_written_makes_a_failed_run(practice):
    with patch("claimloop.reconciliation.nightly.run.write_privately", side_effect=OSError(errno.ENOSPC, "full")):
        done = run(practice, DAY)

    assert (done.exit_code, done.stages[-1].problem) == (FAILED, "full")
