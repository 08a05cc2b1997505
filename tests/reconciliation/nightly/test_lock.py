"""One run at a time, and whoever died at work is told of."""

import os
import signal

import pytest

from claimloop.reconciliation.nightly.lock import AnotherRun, Holder, only_run

FIRST, SECOND = Holder(17, "ward", "2026-11-24T02:30:00"), Holder(18, "ward", "2026-11-25T02:30:00")


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_a_second_run_is_refused_and_told_who_is_at_work(tmp_path):
    with only_run(tmp_path / "runs", FIRST), pytest.raises(AnotherRun) as refusal, only_run(tmp_path / "runs", SECOND):
        pass

    assert str(refusal.value) == (
        "another nightly run is in progress (process 17 on ward, since 2026-11-24T02:30:00); this one did nothing"
    )


def test_after_a_run_the_next_one_has_nothing_to_take_up(tmp_path):
    with only_run(tmp_path, FIRST) as died:
        assert died is None
    with only_run(tmp_path, SECOND) as died:
        assert died is None


def test_a_run_that_was_killed_is_told_to_the_next_and_its_lock_is_free(tmp_path):
    child = os.fork()
    if not child:
        with only_run(tmp_path, FIRST):
            os.kill(os.getpid(), signal.SIGKILL)
    os.waitpid(child, 0)

    with only_run(tmp_path, SECOND) as died:
        assert died == FIRST
    with only_run(tmp_path, SECOND) as died:
        assert died is None


def test_a_run_that_was_broken_off_by_hand_is_told_to_the_next(tmp_path):
    with pytest.raises(KeyboardInterrupt), only_run(tmp_path, FIRST):
        raise KeyboardInterrupt

    with only_run(tmp_path, SECOND) as died:
        assert died == FIRST


def test_a_rehearsal_holds_the_lock_and_leaves_no_trace(tmp_path):
    with only_run(tmp_path, None), pytest.raises(AnotherRun) as refusal, only_run(tmp_path, SECOND):
        pass

    assert str(refusal.value) == "another nightly run is in progress; this one did nothing"
    assert names(tmp_path) == [".nightly.lock"]


def test_a_rehearsal_does_not_take_up_what_was_left(tmp_path):
    with pytest.raises(KeyboardInterrupt), only_run(tmp_path, FIRST):
        raise KeyboardInterrupt
    for _ in range(2):
        with only_run(tmp_path, None) as died:
            assert died == FIRST


@pytest.mark.parametrize("note", [b"", b"{", b'{"process":', b'{"process":"x"}', b"\xff"])
def test_a_note_that_was_never_finished_says_nothing(tmp_path, note):
    (tmp_path / ".running.json").write_bytes(note)

    with only_run(tmp_path, FIRST) as died:
        assert died is None
    assert names(tmp_path) == [".nightly.lock"]


def test_lock_and_note_are_their_owners_alone(tmp_path):
    with only_run(tmp_path / "var" / "runs", FIRST):
        for path in (tmp_path / "var").rglob("*"):
            assert path.stat().st_mode & 0o077 == 0
