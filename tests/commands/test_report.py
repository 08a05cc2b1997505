"""`claimloop report` as a user meets it."""

import json
from pathlib import Path

import pytest

from claimloop.tests.command import run


@pytest.fixture(scope="module")
def practice(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a demo that ran."""
    folder = tmp_path_factory.mktemp("cli") / "practice"
    done = run("demo", folder, cwd=folder.parent)
    assert done.returncode == 0, done.stderr
    return folder


def test_the_report_is_one_private_file(practice: Path, tmp_path: Path):
    path = tmp_path / "report.html"
    done = run("report", "-o", path, "--as-of", "2026-11-20", cwd=practice)

    assert (done.returncode, done.stdout, done.stderr) == (0, "", f"{path}: as of 2026-11-20\n")
    assert path.stat().st_mode & 0o077 == 0
    page = path.read_text()
    assert "<h1>Claims report</h1>" in page
    assert page.count("difference $0.00") == 4
    assert "D1106" not in page
    assert "D1106" not in run("report", "--json", "--as-of", "2026-11-20", cwd=practice).stdout


def test_the_facts_are_printed_as_json_in_cents(practice: Path):
    done = run("report", "--json", "--as-of", "2026-11-20", "--days", "365", cwd=practice)

    told = json.loads(done.stdout)
    assert (done.returncode, done.stderr) == (0, "")
    assert (told["day"], told["period"]["step"], told["practice"]) == (
        "2026-11-20",
        "month",
        "Brindle Cove Dermatology PLLC",
    )
    assert told["money"]["whole"]["payments"] == 667809
    assert told["money"]["whole"]["posted"] == 663152
    assert sum(each["received"]["payments"] for each in told["money"]["payers"]) == 667809
    assert told["totals"]["claims"] == 47
    assert list(Path(practice).glob("*.html")) == []


def test_control_numbers_are_shown_on_request_only(practice: Path):
    shown = run("report", "--json", "--show-values", "--as-of", "2026-11-20", cwd=practice).stdout

    denials = next(each for each in json.loads(shown)["waiting"] if each["name"] == "denials")
    assert denials["rows"][0]["claim_control_number"].startswith("D1")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "claimloop: name the file to write with -o report.html, or print the figures with --json\n"),
        (("-o", "nowhere/report.html"), "claimloop: there is no folder nowhere\n"),
    ],
)
def test_a_mistake_is_one_clear_line(practice: Path, arguments: tuple[str, ...], message: str):
    done = run("report", *arguments, cwd=practice)

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(message)
    assert done.stderr.count("\n") == 1


def test_a_report_needs_a_ledger(tmp_path: Path):
    done = run("report", "-o", "report.html", cwd=tmp_path)

    assert done.returncode == 2
    assert "there is no ledger claimloop.db" in done.stderr
    assert not list(tmp_path.iterdir())
