"""The [nightly] table: checked as a whole when it is loaded, each problem in one line."""

from pathlib import Path

import pytest

from claimloop.builders.settings import ConfigurationError
from claimloop.reconciliation.configuration.load import load_configuration


def problems(folder: Path, text: str) -> list[str]:
    """What is wrong with a configuration; the path before each is left out."""
    path = folder / "claimloop.toml"
    path.write_text(text)
    with pytest.raises(ConfigurationError) as refusal:
        load_configuration(path)
    return [problem.removeprefix(f"{path}: ").replace(f"{folder}/", "") for problem in refusal.value.problems]


def load(folder: Path, text: str):
    (folder / "claimloop.toml").write_text(text)
    return load_configuration(folder / "claimloop.toml").nightly


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ('inbx = "in"', "nightly.inbx is not a field of this record; did you mean inbox?"),
        ('settle_second = "5"', "nightly.settle_second is not a field of this record; did you mean settle_seconds?"),
        ("settle_seconds = -1", "nightly.settle_seconds is a number, not a whole number from 0 to 3600"),
        ('inbox = ["a"]', "nightly.inbox is a list, not text"),
        ('mail_to = "a@b\\nBcc: c@d"', "nightly.mail_to: 'a@b\\nBcc: c@d' is not a valid mail address"),
        ('mail_from = "<"', "nightly.mail_from: '<' is not a valid mail address"),
        ('second_opinion = "yes"', "nightly.second_opinion is text, not true or false"),
    ],
)
def test_a_wrong_line_is_told_with_the_nearest_name(tmp_path, line, problem):
    assert problems(tmp_path, f"[nightly]\n{line}\n") == [problem]


def test_an_unknown_table_is_told(tmp_path):
    assert problems(tmp_path, "[nightli]\n") == ["nightli is not a field of this record; did you mean nightly?"]


@pytest.mark.parametrize(
    ("lines", "problem"),
    [
        ('inbox = "encounters"', "nightly.encounters and nightly.inbox are the same folder: encounters"),
        ('inbox = "x/../encounters"', "nightly.encounters and nightly.inbox are the same folder: encounters"),
        ('inbox = "encounters/in"', "nightly.inbox is inside nightly.encounters: encounters/in"),
        ('archive = "runs/archive"', "nightly.archive is inside nightly.runs: runs/archive"),
        ('quarantine = "inbox/a/b"', "nightly.quarantine is inside nightly.inbox: inbox/a/b"),
    ],
)
def test_folders_that_are_in_each_others_way_are_refused(tmp_path, lines, problem):
    assert problems(tmp_path, f"[nightly]\n{lines}\n") == [problem]


def test_a_folder_that_is_another_by_a_link_is_refused(tmp_path):
    (tmp_path / "encounters").mkdir()
    (tmp_path / "inbox").symlink_to("encounters")

    assert problems(tmp_path, "") == ["nightly.encounters and nightly.inbox are the same folder: encounters"]


def test_a_folder_that_is_a_file_is_refused(tmp_path):
    (tmp_path / "inbox").touch()

    assert problems(tmp_path, "") == ["nightly.inbox: inbox is not a folder"]


def test_every_problem_is_told_at_once(tmp_path):
    (tmp_path / "outbox").touch()

    assert len(problems(tmp_path, '[nightly]\ninbox = "encounters"\narchive = "runs/a"\n')) == 3


def test_folders_lie_beside_the_configuration_or_where_they_say(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    settings = load(tmp_path, '[nightly]\ninbox = "~/in"\narchive = "/srv/archive"\n')

    assert settings.encounters == str(tmp_path / "encounters")
    assert settings.inbox == str(tmp_path / "home/in")
    assert settings.archive == "/srv/archive"


def test_folders_are_absolute_wherever_the_command_is_run(tmp_path, monkeypatch):
    (tmp_path / "claimloop.toml").touch()
    monkeypatch.chdir(tmp_path.parent)

    settings = load_configuration(Path(tmp_path.name) / "claimloop.toml").nightly

    assert settings.inbox == str(tmp_path / "inbox")
