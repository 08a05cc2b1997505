"""Thirty nights with everything that can happen: at the end the ledger is the truth, and every file is accounted for.

`CLAIMLOOP_NIGHTS_SEED=n` plays other nights.
"""

import os
import resource
import time
from collections import Counter
from datetime import date, datetime, timedelta
from pathlib import Path
from unittest.mock import patch

import freezegun.api
import msgspec
import pytest
from click.testing import CliRunner
from freezegun import freeze_time

from claimloop.builders.encounters.encounter import Encounter
from claimloop.cli import commands
from claimloop.reconciliation.audit import audit
from claimloop.reconciliation.queries.claims import lines
from claimloop.reconciliation.queries.export import as_text
from claimloop.reconciliation.run_record import FAILED, RunRecord, recent_runs
from claimloop.tests.reconciliation.nightly.practice import (
    HALF_PAST_TWO,
    TWO_PAYERS,
    World,
    add_partner,
    kept_files,
    ledger_of,
    run,
    run_and_kill,
    start_practice,
    told,
    unsendable,
    visit,
    with_second_coverage,
)

FIRST = date(2026, 9, 7)
NIGHTS, NIGHTS_WITH_VISITS, VISITS = 30, 14, 24
FULL_DISK_IN, REHEARSED_IN, BY_COMMAND_IN = 9, 12, (13, 14)
BELOW_CLI = [f"claimloop.{layer}" for layer in ("edi", "builders", "parsers", "reconciliation", "simulation")]
"""Where nobody reads the clock, and freezegun's own kinds of dates could not be written as JSON."""
SEED = int(os.environ.get("CLAIMLOOP_NIGHTS_SEED", "5"))


@pytest.mark.sqlite
def test_thirty_nights_lose_and_double_nothing(tmp_path):
    practice = start_practice(tmp_path)
    add_partner(practice, "otherhouse", *(payer for payer, _ in TWO_PAYERS))
    world = World(tmp_path, practice, SEED)
    killed = 0
    seconds = 0.3
    for night in range(NIGHTS):
        day = FIRST + timedelta(night)
        if night < NIGHTS_WITH_VISITS:
            _see_patients(world, night, day)
        world.deliver(day if night < NIGHTS - 2 else None)  # so the last night has what the next payers say
        if night % 3 == 1:
            world.put(b"not X12 at all %d" % night)
        mend_what_was_refused(practice, world)
        if night == FULL_DISK_IN:
            assert run_on_a_full_disk(practice, day).exit_code == FAILED
        while night != REHEARSED_IN and world.chance.random() < 0.5:
            killed += run_and_kill(practice, day, world.chance.uniform(0, seconds))
        rehearsed = run(practice, day, rehearse=True) if night == REHEARSED_IN else None
        started = time.perf_counter()
        done = run_by_command(practice, day) if night in BY_COMMAND_IN else run(practice, day)
        assert rehearsed is None or told(rehearsed) == told(done)
        seconds = 0.7 * seconds + 0.3 * (time.perf_counter() - started)
        assert [stage.problem for stage in done.stages if stage.problem] == []
        assert done.exit_code != FAILED
        assert [file.reason for file in done.files if "error of claimloop" in file.reason] == []
        assert sorted((practice / "inbox").iterdir()) == sorted((practice / "encounters").iterdir()) == []
        world.upload(day, {"mockclearing": "all", "otherhouse": "none"})
    assert killed, "no kill came while there was something to do"

    with ledger_of(practice) as ledger, ledger.reading() as connection:
        assert audit(connection).problems == []
        kept = [as_text(row) for row in lines(connection)]
        held = {(row["claim_control_number"], row["line_control_number"]): row for row in kept}
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
    """The visits of a day in two files; one of them has an encounter that cannot be sent, every sixth two payers."""
    numbers = range(night * VISITS, (night + 1) * VISITS)
    visits = [visit(number, day - timedelta(1)) for number in numbers]
    visits[::6] = map(with_second_coverage, visits[::6])
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


class FrozenClock:
    """What the command reads as `datetime`: the frozen clock, as a datetime that msgspec knows how to write."""

    @staticmethod
    def now() -> datetime:
        return freezegun.api.real_datetime.fromisoformat(datetime.now().isoformat())  # noqa: DTZ005 (local, as there)


def run_by_command(practice: Path, day: date) -> RunRecord:
    """A run as cron starts it, at half past two of the day by the clock itself."""
    options = ["--config", str(practice / "claimloop.toml"), "--json", "--quiet"]
    frozen = freeze_time(datetime.combine(day, HALF_PAST_TWO), ignore=BELOW_CLI)
    with frozen, patch("claimloop.commands.nightly.datetime", FrozenClock):
        done = CliRunner().invoke(commands, ["nightly", *options], catch_exceptions=False)
    record = msgspec.json.decode(done.stdout, type=RunRecord)
    assert (done.exit_code, record.started) == (record.exit_code, datetime.combine(day, HALF_PAST_TWO))
    return record


def assert_every_claim_went_out_once(world: World) -> None:
    """Once to its payer, and those with a second one at most once to that one."""
    numbers = Counter(
        segment.split("*")[1]
        for path in world.uploaded
        for segment in path.read_text().splitlines()
        if segment.startswith("CLM*")
    )
    assert set(numbers.values()) == {1}
    turns = Counter(number[-2:] for number in numbers)
    assert turns["-1"] == NIGHTS_WITH_VISITS * VISITS
    assert turns["-2"] > NIGHTS_WITH_VISITS
    assert turns.total() == len(numbers) == turns["-1"] + turns["-2"]
