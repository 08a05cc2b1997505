"""What the README shows is what the commands print. `python tests/test_readme.py` writes the outputs anew."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

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


def test_the_readmes_python_runs(tmp_path):
    sample = README.parent / "samples/remittances/medicaid-2026-10-27.835"
    (tmp_path / "remit.835").write_bytes(sample.read_bytes())

    assert len(run_example(0, tmp_path)) == 5


def test_the_readmes_tables_have_the_denied_lines(tmp_path):
    pytest.importorskip("polars")
    shutil.copytree(README.parent / "samples/remittances", tmp_path / "remittances")

    printed = "\n".join(run_example(1, tmp_path))
    assert "CO" in printed
    assert "17261" in printed


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as scratch:
        README.write_text(rendered(README.read_text(), Path(scratch)))
