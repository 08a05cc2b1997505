"""Thirty nights with everything that can happen: at the end the ledger is the truth, and every file is accounted for.

`CLAIMLOOP_NIGHTS_SEED=n` plays other nights.
"""

import os
import resource
import time
from collections import Counter
from datetime import date, timedelta
from pathlib import Path

import msgspec
import pytest

from claimloop.builders.encounter import Encounter
from claimloop.reconciliation.auditing import audit
from claimloop.reconciliation.nightly.record import FAILED, recent_runs
from claimloop.reconciliation.views import lines
from claimloop.tests.reconciliation.nightly.practice import (
    World,
    kept_files,
    ledger_of,
    run,
    run_and_kill,
    start_practice,
    unsendable,
    visit,
)

FIRST = date(2026, 9, 7)
NIGHTS, NIGHTS_WITH_VISITS, VISITS = 30, 16, 24
FULL_DISK_IN = 9
SEED = int(os.environ.get("CLAIMLOOP_NIGHTS_SEED", "5"))


@pytest.mark.sqlite
def test_thirty_nights_lose_and_double_nothing(tmp_path):
    practice = start_practice(tmp_path)
    world = World(tmp_path, practice, SEED)
    killed = 0
    seconds = 0.3
    for night in range(NIGHTS):
        day = FIRST + timedelta(night)
        if night < NIGHTS_WITH_VISITS:
            _see_patients(world, night, day)
        world.deliver(day if night < NIGHTS - 1 else None)
        if night % 3 == 1:
            world.put(b"not X12 at all %d" % night)
        mend_what_was_refused(practice, world)
        if night == FULL_DISK_IN:
            assert run_on_a_full_disk(practice, day).exit_code == FAILED
        while world.chance.random() < 0.5:
            killed += run_and_kill(practice, day, world.chance.uniform(0, seconds))
        started = time.perf_counter()
        done = run(practice, day)
        seconds = 0.7 * seconds + 0.3 * (time.perf_counter() - started)
        assert [stage.problem for stage in done.stages if stage.problem] == []
        assert done.exit_code != FAILED
        assert sorted((practice / "inbox").iterdir()) == sorted((practice / "encounters").iterdir()) == []
        world.upload(day, "all")
    assert killed, "no kill came while there was something to do"

    with ledger_of(practice) as ledger, ledger.reading() as connection:
        assert audit(connection).problems == []
        held = {(row["claim_control_number"], row["line_control_number"]): row for row in lines(connection)}
        assert len(recent_runs(connection)) >= NIGHTS
    differing = Counter[object]()
    for row in world.truth():
        scenario = row.pop("scenario")
        if scenario == "rejected":  # the truth of the 835s alone; the 277CA has said so here
            row["status"] = "rejected"
        if held.pop((row["claim_control_number"], row["line_control_number"]), None) != row:
            differing[scenario] += 1
    assert differing == {}
    assert held == {}, "the ledger holds lines that the truth does not know"
    assert_every_claim_went_out_once(world)
    assert kept_files(practice) == world.delivered
    assert list((practice / "outbox").iterdir()) == []


def _see_patients(world: World, night: int, day: date) -> None:
    """The visits of a day in two files; one of them has an encounter that cannot be sent."""
    numbers = range(night * VISITS, (night + 1) * VISITS)
    visits = [visit(number, day - timedelta(1)) for number in numbers]
    visits[3] = unsendable(visits[3])
    world.put_encounters(f"visits {night}.jsonl", visits[: VISITS // 2])
    world.put_encounters("visits.json", visits[VISITS // 2 :])
    if night % 4 == 2:
        world.put_encounters(f"once more {night}.jsonl", visits[: VISITS // 2])


def mend_what_was_refused(practice: Path, world: World) -> None:
    """A person takes what is held out of the quarantine, mends it and puts it down again."""
    for held in sorted((practice / "quarantine").glob("*.refused.jsonl")):
        records = [msgspec.json.decode(line, type=Encounter) for line in held.read_bytes().splitlines()]
        held.unlink()
        world.put_encounters(held.name, [msgspec.structs.replace(each, diagnoses=("L57.0",)) for each in records])


def run_on_a_full_disk(practice: Path, day: date):
    """A run in which no file can grow: as where the disk is full, but for other programs."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, hard))
    try:
        return run(practice, day)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def assert_every_claim_went_out_once(world: World) -> None:
    numbers = Counter(
        segment.split("*")[1]
        for path in world.uploaded
        for segment in path.read_text().splitlines()
        if segment.startswith("CLM*")
    )
    assert len(numbers) == NIGHTS_WITH_VISITS * VISITS
    assert set(numbers.values()) == {1}
