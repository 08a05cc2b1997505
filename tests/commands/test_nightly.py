"""`claimloop nightly` and `init` as a user meets them: subprocesses, exit codes, one line on stdout."""

import json
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from claimloop.reconciliation.configuration.load import load_configuration
from claimloop.tests.command import ENVIRONMENT, run

NO_WAIT = "\n[nightly]\nsettle_seconds = 0\n"


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The samples after `init --samples`."""
    folder = tmp_path_factory.mktemp("cli") / "practice"
    done = run("init", folder, "--samples", cwd=folder.parent)
    assert done.returncode == 0, done.stderr
    assert done.stdout == f"{folder}: a made-up practice is set up. Next: cd {folder} && claimloop nightly\n"
    with (folder / "claimloop.toml").open("a") as file:
        file.write(NO_WAIT)
    return folder


@pytest.fixture
def practice(first: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(first, tmp_path / "practice"))


@pytest.fixture
def empty(tmp_path: Path) -> Path:
    """A practice that has just begun."""
    (tmp_path / "claimloop.toml").write_text(NO_WAIT)
    return tmp_path


def test_the_samples_wait_for_their_first_night(first):
    assert sorted(path.name for path in first.iterdir()) == ["claimloop.toml", "encounters", "inbox", "outbox"]
    assert len(list((first / "encounters").iterdir())) == 4
    assert len(list((first / "inbox").iterdir())) == 8
    assert all(path.stat().st_mode & 0o077 == 0 for path in [first, *first.rglob("*")])


def test_the_samples_want_a_fresh_folder(first):
    done = run("init", first, "--samples", cwd=first)

    assert (done.returncode, done.stderr) == (
        2, f"claimloop: {first} is not empty; the samples need a new folder\n",
    )  # fmt: skip


def test_a_first_night_a_rehearsal_and_a_second_one(practice):
    rehearsed = run("nightly", "--dry-run", "--as-of", "2026-11-24", cwd=practice)
    done = run("nightly", "--as-of", "2026-11-24", cwd=practice)
    again = run("nightly", "--as-of", "2026-11-24", "--quiet", cwd=practice)

    assert [each.returncode for each in (rehearsed, done, again)] == [1, 1, 1]
    assert done.stdout.startswith("2026-11-24 work left: 47 claims out (19,327.00), 10 payments in (6,678.09); ")
    assert rehearsed.stdout == done.stdout.replace("work left", "dry run, nothing is kept; work left", 1)
    assert re.sub(r"[\d.]+ s\b", "", rehearsed.stderr) == re.sub(
        r"[\d.]+ s\b", "", done.stderr.partition("report: ")[0]
    )
    assert again.stdout.startswith("2026-11-24 work left: 0 claims out (0.00), 0 payments in (0.00); ")
    assert again.stdout.count("\n") == 1
    assert again.stderr == ""
    assert (practice / "runs/latest/report.html").exists()


def test_the_record_is_json_on_stdout(practice):
    done = run("nightly", "--json", "--quiet", "--as-of", "2026-11-24", "--only", "encounters", cwd=practice)

    record = json.loads(done.stdout)
    assert done.returncode == record["exit_code"] == 1
    assert (record["day"], record["only"]) == ("2026-11-24", ["encounters"])
    assert record == json.loads((practice / "runs/latest/run.json").read_text())


def test_where_nothing_is_due_the_exit_code_is_0(empty):
    done = run("nightly", cwd=empty)

    assert done.returncode == 0, done.stderr
    assert done.stdout.endswith(" clean: 0 claims out (0.00), 0 payments in (0.00); no work left\n")


def test_a_failure_has_exit_code_2_and_says_what(empty):
    (empty / "encounters").mkdir()
    (empty / "encounters/a.jsonl").write_text("{}")

    done = run("nightly", cwd=empty)

    assert done.returncode == 2
    assert "FAILED encounters: there are encounters, but the configuration has no [partner]" in done.stdout


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[nightly]\ninbx = 'a'\n", "nightly.inbx is not a field of this record; did you mean inbox?"),
        (
            "[nightly]\ninbox = 'encounters'\n",
            "nightly.encounters and nightly.inbox are the same folder: {}/encounters",
        ),
        ("[nightly\n", "not valid TOML: Expected ']' at the end of a table declaration (at line 1, column 9)"),
    ],
)
def test_a_wrong_configuration_is_one_line_and_exit_code_2(tmp_path, text, told):
    (tmp_path / "claimloop.toml").write_text(text)

    done = run("nightly", cwd=tmp_path)

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"claimloop: claimloop.toml: {told.format(tmp_path)}\n"


def test_without_a_configuration_a_user_is_told_how_to_start(tmp_path):
    done = run("nightly", cwd=tmp_path)

    assert (done.returncode, done.stderr) == (
        2, "claimloop: there is no claimloop.toml here; start with `claimloop init`\n",
    )  # fmt: skip


def test_a_folder_for_runs_that_cannot_be_made_is_one_line(empty):
    (empty / "claimloop.toml").write_text("[nightly]\nruns = '/proc/none/runs'\n")

    done = run("nightly", cwd=empty)

    assert (done.returncode, done.stdout) == (2, "")
    assert re.fullmatch(r"claimloop: /proc/none\S*: .+\n", done.stderr)


def test_a_second_run_is_refused_and_after_a_kill_the_next_one_takes_up(practice):
    text = (practice / "claimloop.toml").read_text()
    (practice / "claimloop.toml").write_text(text.replace("settle_seconds = 0", "settle_seconds = 600"))
    waiting = subprocess.Popen(
        [sys.executable, "-m", "claimloop.cli", "nightly"], cwd=practice, env=ENVIRONMENT,
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert waiting.stderr is not None
        assert waiting.stderr.readline().startswith("pull: ")

        second = run("nightly", cwd=practice)

        assert (second.returncode, second.stdout) == (2, "")
        assert re.fullmatch(
            rf"claimloop: another nightly run is in progress \(process {waiting.pid} on \S+, since \S+\); "
            "this one did nothing\n",
            second.stderr,
        )
    finally:
        waiting.send_signal(signal.SIGKILL)
        waiting.communicate()
    (practice / "claimloop.toml").write_text(text)

    third = run("nightly", "--as-of", "2026-11-24", cwd=practice)

    assert third.returncode == 1
    assert "was interrupted; this run completes it" in third.stderr
    assert third.stdout.startswith("2026-11-24 work left: 47 claims out (19,327.00), 10 payments in")


def test_a_run_on_another_day_of_a_configuration_elsewhere(practice):
    done = run("nightly", "--config", "practice/claimloop.toml", "--as-of", "2026-11-24", cwd=practice.parent)

    assert done.returncode == 1, done.stdout
    assert (practice / "archive/2026-11-24/encounters/commercial.jsonl").exists()


def test_the_starter_can_be_run_at_once(tmp_path):
    assert run("init", "practice", cwd=tmp_path).returncode == 0

    done = run("nightly", cwd=tmp_path / "practice")

    assert done.returncode == 0, done.stderr


def test_what_the_starter_shows_in_comments_can_be_used(tmp_path):
    assert run("init", cwd=tmp_path).returncode == 0
    path = tmp_path / "claimloop.toml"
    text = path.read_text()
    shown = re.sub(r"^#(?=[^ ])", "", text, flags=re.MULTILINE)
    path.write_text(shown)

    configuration = load_configuration(path)

    assert len(re.findall(r"^#\w+ = ", text, re.MULTILINE)) > 20
    assert configuration.nightly.mail_to == "billing@example.com"
    assert configuration.sftp[0].pull == ("/outgoing",)
    assert configuration.dispositions[0].reason == "97"
    path.write_text(text)
    shown_settings, plain = configuration.nightly, load_configuration(path).nightly
    assert {name for name in plain.__struct_fields__ if getattr(plain, name) != getattr(shown_settings, name)} == {
        "mail_to",
        "mail_from",
    }, "the others show their defaults"
