"""The log: every line an object of its own, rotating, private; what cannot be written is not passed over."""

import json
import resource
from contextlib import contextmanager
from datetime import date, datetime
from itertools import count

import pytest

from claimloop.reconciliation.nightly.log import KEPT, open_log

NOON = datetime(2026, 11, 24, 12)


@contextmanager
def full_disk(most):
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_line_is_one_object_whatever_is_in_it(tmp_path):
    log = open_log(tmp_path / "a.log", lambda: NOON)
    log("file", name='a"b\nc %s', day=date(2026, 11, 24), counts={"read": 3}, path=tmp_path)

    (line,) = (tmp_path / "a.log").read_text().splitlines()
    assert json.loads(line) == {
        "at": "2026-11-24T12:00:00.000", "event": "file", "name": 'a"b\nc %s', "day": "2026-11-24",
        "counts": {"read": 3}, "path": str(tmp_path),
    }  # fmt: skip


def test_the_log_rotates_and_every_part_is_private_and_whole(tmp_path):
    numbers = count()
    log = open_log(tmp_path / "runs" / "a.log", lambda: NOON, most_bytes=400)
    for _ in range(40):
        log("stage", number=next(numbers))

    parts = sorted((tmp_path / "runs").iterdir())
    lines = [json.loads(line)["number"] for part in parts for line in part.read_text().splitlines()]
    assert sorted(lines) == list(range(40))
    assert len(parts) > 3
    assert all(part.stat().st_mode & 0o077 == 0 and part.stat().st_size <= 400 for part in parts)


def test_the_oldest_parts_go(tmp_path):
    log = open_log(tmp_path / "a.log", lambda: NOON, most_bytes=1)
    for number in range(KEPT + 10):
        log("stage", number=number)

    assert len(list(tmp_path.iterdir())) == KEPT + 1


def test_a_log_is_gone_on_with(tmp_path):
    for number in range(2):
        open_log(tmp_path / "a.log", lambda: NOON)("start", number=number)

    assert len((tmp_path / "a.log").read_text().splitlines()) == 2


def test_a_line_for_which_there_is_no_room_is_an_error_and_leaves_no_part_of_it(tmp_path):
    log = open_log(tmp_path / "a.log", lambda: NOON)
    log("start")
    before = (tmp_path / "a.log").read_bytes()
    for most in (len(before), len(before) + 50):
        with full_disk(most), pytest.raises(OSError, match=r"full|too large"):
            log("stage", what="x" * 100)
        assert (tmp_path / "a.log").read_bytes() == before
    log("end")

    assert [json.loads(line)["event"] for line in (tmp_path / "a.log").read_text().splitlines()] == ["start", "end"]


def test_nothing_is_made_before_the_first_line(tmp_path):
    open_log(tmp_path / "a.log", lambda: NOON)

    assert list(tmp_path.iterdir()) == []
