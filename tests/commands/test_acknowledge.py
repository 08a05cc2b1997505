"""`claimloop acknowledge`: exit codes, and nothing of the file's values outside the answer."""

import json
import subprocess
import sys
from pathlib import Path

from claimloop.tests.edi.guides.test_check import CLAIM


def acknowledge(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "claimloop.cli", "acknowledge", *map(str, arguments)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip


def written(folder: Path, text: str) -> Path:
    path = folder / "in.837"
    path.write_text(text)
    return path


def test_a_rejected_set_is_exit_1_and_its_bad_value_stands_in_the_999_only(tmp_path):
    done = acknowledge(written(tmp_path, CLAIM.replace("*MI*M1~", "*SECRET*M1~")), "-o", tmp_path, "--json")

    assert done.returncode == 1
    assert "SECRET" in (tmp_path / "in.837.999").read_text()
    assert "SECRET" not in done.stdout + done.stderr
    (group,) = json.loads(done.stdout)["interchanges"][0]["groups"]
    assert (group["verdict"], group["received"], group["accepted"]) == ("R", 1, 0)
    assert [(one["verdict"], one["codes"]) for one in group["sets"]] == [("R", ["5"])]


def test_errors_that_are_accepted_are_exit_0(tmp_path):
    file = written(tmp_path, CLAIM.replace("*100*UN*1*", "*100*XX*1*"))
    done = acknowledge(file, "-o", tmp_path, "--accept-errors", "--control-number", "7")

    assert done.returncode == 0
    assert "set 0001 837: accepted with errors (5), 1 error\n" in done.stdout
    assert (tmp_path / "in.837.ta1").read_text()[90:99] == "000000007"


def test_what_cannot_be_answered_is_one_line_and_exit_2(tmp_path):
    done = acknowledge(written(tmp_path, "hello"), "-o", tmp_path)

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "claimloop: not X12: there is no ISA segment in the first 5 bytes\n"
    assert [path.name for path in tmp_path.iterdir()] == ["in.837"]
