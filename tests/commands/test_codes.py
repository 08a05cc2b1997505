"""`claimloop codes`: the lists, one code, an owner's newer list and back."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.fixture
def run(tmp_path: Path):
    """Run a command of `claimloop codes` with lists of its own."""

    def run_codes(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "claimloop.cli", "codes", *map(str, arguments)],
            cwd=tmp_path, env={**os.environ, "CLAIMLOOP_CODES": str(tmp_path / "lists")},
            capture_output=True, text=True, check=False,
        )  # fmt: skip

    return run_codes


def test_the_lists_are_named_with_their_counts_and_dates(run):
    done = run()
    assert done.returncode == 0, done.stderr
    rows = {line.split()[0]: line.split()[1:] for line in done.stdout.splitlines() if line}
    assert rows["place_of_service"][0] == "52"
    assert rows["diagnoses"] == ["74719", "2025-10-01", "to", "2026-09-30"]


def test_one_code_is_shown_with_its_status(run):
    done = run("show", "place_of_service", "27")
    assert done.returncode == 0
    assert done.stdout.split() == [
        "code", "status", "start", "stop", "meaning", "─" * 59,
        "27", "active", "2023-10-01", "outreach", "site", "or", "street",
    ]  # fmt: skip


def test_a_code_that_stopped_or_does_not_exist_exits_with_1(run):
    stopped = run("show", "countries", "AN", "--json")
    assert (stopped.returncode, json.loads(stopped.stdout)["status"]) == (1, "stopped")
    missing = run("show", "countries", "XX")
    assert (missing.returncode, missing.stderr) == (1, "claimloop: countries has no code XX\n")


def test_a_diagnosis_is_shown_with_its_status(run):
    assert run("show", "diagnoses", "L57.0").stdout == "L57.0  billable\n"


def test_a_newer_list_is_loaded_used_and_forgotten(run, tmp_path: Path):
    (tmp_path / "pos.csv").write_text("Code,Effective Date,Description\n28,1/1/2020,A new place\n")
    assert run("load", "place_of_service", "pos.csv").stdout == "place_of_service: 1 code from pos.csv\n"
    assert "A new place" in run("show", "place_of_service", "28").stdout
    assert "pos.csv" in run().stdout
    assert run("forget", "place_of_service").stdout == "place_of_service: the loaded list was removed\n"
    assert run("forget", "place_of_service").stdout == "place_of_service: no list was loaded\n"


def test_a_newer_release_of_diagnoses_is_loaded(run, tmp_path: Path):
    (tmp_path / "cms.txt").write_text("A000    Cholera due to one\n")
    done = run("load", "diagnoses", "cms.txt", "--from", "2026-10-01")
    assert done.stdout == "diagnoses: 1 code for 2026-10-01 to 2027-03-31\n"


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("show", "nonsense"), "there is no code list nonsense; `claimloop codes` lists them"),
        (("load", "nonsense", "pos.csv"), "there is no code list nonsense; `claimloop codes` lists them"),
        (("load", "states", "pos.csv"), "pos.csv: no heading names a column of codes"),
        (("load", "diagnoses", "pos.csv"), "give --from"),
        (("show", "diagnoses"), "there are too many diagnoses to list"),
    ],
)
def test_a_mistake_is_one_line_and_exit_2(run, tmp_path: Path, arguments, says):
    (tmp_path / "pos.csv").write_text("nothing\n")
    done = run(*arguments)
    assert done.returncode == 2
    assert says in done.stderr
    assert done.stderr.count("\n") == 1
