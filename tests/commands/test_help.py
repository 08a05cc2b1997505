"""`claimloop --help` and the help of each command: summaries whole at 80 columns, examples that can be pasted."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from claimloop.cli import SECTIONS, commands
from claimloop.tests.command import run


def every_command(group: click.Group = commands, path: tuple[str, ...] = ()) -> Iterator[tuple[str, click.Command]]:
    for name, command in group.commands.items():
        yield " ".join((*path, name)), command
        if isinstance(command, click.Group):
            yield from every_command(command, (*path, name))


EVERY = dict(every_command())
EXAMPLES = [(name, example) for name, command in EVERY.items() for example in getattr(command, "examples", ())]


def help_of(*names: str, columns: int = 80) -> str:
    done = CliRunner(env={"COLUMNS": str(columns)}).invoke(commands, [*names, "--help"], terminal_width=columns)
    assert done.exit_code == 0, done.output
    return done.output


@pytest.mark.parametrize("name", ["", *(name for name, each in EVERY.items() if isinstance(each, click.Group))])
def test_each_summary_of_a_group_is_whole_on_one_line_of_80_columns(name: str):
    group = EVERY[name] if name else commands
    assert isinstance(group, click.Group)
    lines = help_of(*name.split()).splitlines()

    assert max(map(len, lines)) <= 80
    for command in group.commands.values():
        summary = (command.help or "").partition("\n")[0].rstrip(".")
        assert any(line.split() == [command.name, *summary.split()] for line in lines), command.name


def test_the_commands_are_grouped_and_each_is_in_one_section():
    text = help_of()

    assert [heading for heading in SECTIONS if f"\n{heading}:\n" in text] == [
        "Start", "Send", "Receive", "Work", "Analyze", "Files", "Maintain",
    ]  # fmt: skip
    named = [command.name or "" for some in SECTIONS.values() for command in some]
    assert sorted(named) == sorted(commands.commands)
    assert "\nCommands:\n" not in text


@pytest.mark.parametrize("name", EVERY)
def test_each_command_has_a_summary_an_example_and_options_that_are_described(name: str):
    command = EVERY[name]
    summary = (command.help or "").partition("\n")[0]

    assert summary.endswith(".")
    assert summary[0].isupper()
    assert getattr(command, "examples", ())
    for option in command.params:
        if isinstance(option, click.Option):
            assert option.help, option.name


@pytest.mark.parametrize("columns", [40, 80, 200])
def test_an_example_is_on_a_line_of_its_own_at_any_width(columns: int):
    for name, example in EXAMPLES:
        assert f"\n  {example}\n" in help_of(*name.split(), columns=columns)


@pytest.fixture(scope="module")
def practice(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a demo, as the examples take it for granted, with a list that an owner published."""
    folder = tmp_path_factory.mktemp("examples") / "practice"
    assert run("--quiet", "demo", folder, cwd=folder.parent).returncode == 0
    (folder / "carc.csv").write_text("Code,Description\n97,included in another service\n")
    return folder


@pytest.mark.parametrize(("name", "example"), EXAMPLES, ids=[example for _, example in EXAMPLES])
def test_an_example_runs_in_the_folder_of_the_demo(practice: Path, tmp_path: Path, name: str, example: str):
    assert example.startswith("claimloop ")
    folder = shutil.copytree(practice, tmp_path / "practice")
    if example.startswith("claimloop demo practice"):
        shutil.rmtree(folder)
        folder.mkdir()
    scripts = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    lists = {"CLAIMLOOP_CODES": str(tmp_path / "lists")}
    done = subprocess.run(
        ["bash", "-c", example],
        cwd=folder, env={**os.environ, **lists, "PATH": scripts}, capture_output=True, text=True, check=False,
    )  # fmt: skip

    # 1 is work that is left; a mistake of the example itself would be 2.
    assert done.returncode in (0, 1), done.stderr
    assert "Traceback" not in done.stderr
    assert "claimloop: " not in done.stderr
