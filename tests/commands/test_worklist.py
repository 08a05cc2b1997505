"""`claimloop worklist` on the command line: what is late makes the exit code, what is not late yet does not."""

import json
import re
from pathlib import Path

import pytest

from claimloop.tests.command import run


@pytest.fixture(scope="module")
def practice(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a demo that ran: its file went out on 6 October 2026, six of its claims were never answered."""
    folder = tmp_path_factory.mktemp("worklist") / "practice"
    assert run("demo", folder, cwd=folder.parent).returncode == 0
    return folder


def listed(practice: Path, *arguments: str) -> tuple[int, list[dict[str, object]]]:
    done = run("worklist", *arguments, "--json", cwd=practice)
    assert done.stderr == ""
    return done.returncode, [json.loads(line) for line in done.stdout.splitlines()]


def test_what_is_late_is_listed_with_exit_code_1(practice: Path):
    code, rows = listed(practice, "unanswered", "--as-of", "2026-10-09")
    assert (code, len(rows)) == (1, 6)
    assert {(row["awaited"], row["days_late"], row["late"]) for row in rows} == {("999", 1, "late")}


@pytest.mark.parametrize(("which", "day", "count"), [("unanswered", "2026-10-08", 6), ("deadlines", "2026-11-24", 18)])
def test_what_is_not_late_yet_is_listed_with_all_and_makes_no_exit_code(practice: Path, which, day, count):
    assert listed(practice, which, "--as-of", day) == (0, [])
    code, rows = listed(practice, which, "--as-of", day, "--all")
    assert (code, len(rows)) == (0, count)
    assert {row["late"] for row in rows} == {"not yet"}


def test_among_everything_one_that_is_late_makes_the_exit_code(practice: Path):
    code, rows = listed(practice, "deadlines", "--as-of", "2026-12-01", "--all")
    assert code == 1
    assert {row["late"] for row in rows} == {"soon", "not yet"}


def test_a_table_names_the_lists_own_columns(practice: Path):
    done = run("worklist", "deadlines", "--as-of", "2026-12-16", cwd=practice)
    assert done.returncode == 1
    heading, below = done.stdout.splitlines()[1:3]
    assert heading.split() == ["task", "claim", "line", "payer", "amount", "deadline", "days", "reason", "source"]
    assert below.split() == ["left"]
    assert re.search(r" 2026-12-15 +-1 ", done.stdout)


def test_the_configuration_says_how_long_an_answer_may_take(practice: Path, tmp_path: Path):
    settings = (practice / "claimloop.toml").read_text().replace("claimloop.db", str(practice / "claimloop.db"))
    patient = tmp_path / "patient.toml"
    patient.write_text(f"{settings}\n[[expect]]\nacknowledgement_days = 30\nclaim_status_days = 30\n")
    assert listed(practice, "unanswered", "--as-of", "2026-10-09", "--config", str(patient)) == (0, [])
