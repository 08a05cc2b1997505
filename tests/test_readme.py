"""What the README shows is what the commands print. `python tests/test_readme.py` writes the outputs anew."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

import claimloop.parsers

README = Path(__file__).parent.parent / "README.md"
_BLOCK = re.compile(r"```console\n\$ (?P<command>[^\n]+)\n(?P<output>.*?)```\n", re.DOTALL)


def rendered(text: str, folder: Path) -> str:
    """The README with each command's output as it is now; the commands run in the folder, in their order."""
    scripts = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = {**os.environ, "PATH": scripts, "COLUMNS": "120", "LC_ALL": "C.UTF-8"}

    def block(found: re.Match[str]) -> str:
        done = subprocess.run(
            ["bash", "-c", found["command"]],
            cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
        )  # fmt: skip
        output = "".join(f"{line.rstrip()}\n" for line in done.stdout.splitlines())
        return f"```console\n$ {found['command']}\n{output}```\n"

    return _BLOCK.sub(block, text)


def test_the_readme_shows_the_real_output_of_its_commands(tmp_path):
    text = README.read_text()

    assert len(_BLOCK.findall(text)) >= 10
    assert rendered(text, tmp_path) == text


def run_example(number: int, folder: Path) -> list[str]:
    """What the example with this number (from 0) prints, line by line."""
    code = re.findall(r"```python\n(.*?)```", README.read_text(), re.DOTALL)[number]
    done = subprocess.run([sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, check=True)
    return done.stdout.splitlines()


@pytest.fixture
def practice(tmp_path):
    """A folder with a remittance and a folder of remittances, as the README's Python takes them for granted."""
    remittances = README.parent / "samples/remittances"
    shutil.copytree(remittances, tmp_path / "remittances")
    shutil.copy(remittances / "medicaid-2026-10-27.835", tmp_path / "remit.835")
    return tmp_path


def printed(code: str, folder: Path) -> list[str]:
    """The lines that this Python prints in the folder; what it writes on stderr or an exit code fails."""
    done = subprocess.run([sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, check=True)
    assert done.stderr == ""
    return done.stdout.splitlines()


def test_the_readmes_python_runs(practice):
    records, frames = re.findall(r"```python\n(.*?)```", README.read_text(), re.DOTALL)

    assert len(printed(records, practice)) == 6
    assert len(frames.splitlines()) <= 10
    assert "CO" in " ".join(printed(frames, practice))


def test_the_help_of_the_parsers_leads_from_a_folder_to_the_denied_lines_in_ten_lines(practice):
    shown = [line.strip() for line in (claimloop.parsers.__doc__ or "").splitlines() if line.startswith("    ")]
    code = shown[shown.index("import polars as pl") :]

    assert len(code) <= 10
    (lines,) = printed("\n".join((*code, "print(len(denied), len(where), why['amount'].sum())")), practice)
    denied, where, amount = lines.split()
    assert int(denied) == int(where) > 0
    assert float(amount) > 0


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as scratch:
        README.write_text(rendered(README.read_text(), Path(scratch)))
