"""`claimloop show --balance`: the sums of an 835 on the command line."""

import json
import subprocess
import sys
from pathlib import Path

WRONG = Path(__file__).parents[1] / "data" / "835__ediworkbench__835-total-does-not-reconcile.x12"
OTHER = Path(__file__).parents[1] / "data" / "999__imsweb__x12-999-accepted.x12"


def show(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "claimloop.cli", "show", *map(str, arguments)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_the_sums_that_do_not_come_out_are_shown_with_their_parts():
    done = show(WRONG, "--balance")
    assert done.returncode == 0
    assert "-25.00  PLB (32) L6 12345" in done.stdout
    assert "10 sums, 1 out of balance." in done.stdout


def test_as_json_each_sum_is_a_line():
    (wrong,) = map(json.loads, show(WRONG, "--balance", "--json").stdout.splitlines())
    assert (wrong["code"], wrong["level"], wrong["difference"]) == ("R222", "remittance", "10")
    assert len(show(WRONG, "--balance", "--all", "--json").stdout.splitlines()) == 10


def test_all_without_balance_and_a_file_without_sums_are_the_users_mistakes():
    for done in (show(WRONG, "--all"), show(OTHER, "--balance")):
        assert (done.returncode, done.stdout) == (2, "")
        assert len(done.stderr.strip().splitlines()) == 1
