"""The README and the pages of docs show what the commands print, and the Python of the first hour runs."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import claimloop.parsers
from claimloop.tests.rendered import ROOT, pages, rendered

FIRST_HOUR = ROOT / "docs/start/first-hour.md"


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.name)
def test_a_page_shows_the_real_output_of_its_commands(page: Path):
    text = page.read_text()

    assert rendered(text) == text, "`make rendered` rewrites the outputs"


def test_a_page_is_rendered_command_by_command():
    page = """<!-- run: echo before > file -->
```console
$ cat file
stale
$ cat missing
```

```console
a picture without a command
```
"""
    assert (
        rendered(page)
        == """<!-- run: echo before > file -->
```console
$ cat file
before
$ cat missing
cat: missing: No such file or directory
```

```console
a picture without a command
```
"""
    )


def test_a_hidden_command_that_fails_is_an_error():
    with pytest.raises(subprocess.CalledProcessError):
        rendered("<!-- run: false -->\n")


@pytest.fixture
def practice(tmp_path):
    """A folder with a remittance and a folder of remittances, which the page's Python reads."""
    remittances = ROOT / "samples/remittances"
    shutil.copytree(remittances, tmp_path / "remittances")
    shutil.copy(remittances / "medicaid-2026-10-27.835", tmp_path / "remit.835")
    return tmp_path


def printed(code: str, folder: Path) -> list[str]:
    """The lines that this Python prints in the folder; what it writes on stderr or an exit code fails."""
    done = subprocess.run([sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, check=True)
    assert done.stderr == ""
    return done.stdout.splitlines()


def test_the_python_of_the_first_hour_runs(practice):
    records, frames = re.findall(r"```python\n(.*?)```", FIRST_HOUR.read_text(), re.DOTALL)

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
