"""A run of submitting that is killed or stopped sends each claim once."""

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from claimloop.reconciliation.ledger.connection import Ledger
from claimloop.reconciliation.submissions import write_file
from claimloop.reconciliation.submissions.write_file import finish_interrupted
from claimloop.tests.reconciliation.making import dump, encounter, new_ledger, prove, rows, send
from claimloop.tests.reconciliation.submissions.outgoing import TWO, codes, files_in, outbox, to_each


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    ledger = new_ledger(tmp_path)
    yield ledger
    prove(ledger)
    ledger.close()


_KILLED = """
import os, signal, sys
from pathlib import Path
from claimloop.reconciliation.submissions import write_file
from claimloop.reconciliation.ledger.connection import open_ledger
from claimloop.tests.reconciliation.making import encounter, send
from claimloop.tests.reconciliation.submissions.outgoing import to_each

def kill(*_):
    os.kill(os.getpid(), signal.SIGKILL)

holder = write_file.ClaimFile if hasattr(write_file.ClaimFile, sys.argv[3]) else write_file
before = getattr(holder, sys.argv[3])
calls = []

def kill_at_last(*arguments):
    calls.append(arguments)
    return kill() if len(calls) == int(sys.argv[4]) else before(*arguments)

setattr(holder, sys.argv[3], kill_at_last)
ledger, folder = open_ledger(sys.argv[1]), Path(sys.argv[2])
if sys.argv[5] == "two partners":
    to_each(ledger, folder, {"name": "one", "payers": ["OTHER"]}, {"name": "two"})
else:
    send(ledger, folder, encounter("A1"), encounter("A2"))
"""


def killed_at(ledger: Ledger, folder: Path, step: str, time: int = 1, to: str = "one partner") -> None:
    """Submit in another process, which is killed when it comes to this function of `write_file` so many times."""
    arguments = [str(ledger.url), str(folder), step, str(time), to]
    process = subprocess.run([sys.executable, "-c", _KILLED, *arguments], check=False, env=os.environ)
    assert process.returncode == -signal.SIGKILL


@pytest.mark.parametrize("step", ["_record", "_take_numbers"])
def test_killed_before_the_commit_nothing_was_sent(ledger, tmp_path, step):
    before = dump(ledger)
    killed_at(ledger, tmp_path, step)
    assert dump(ledger) == before
    (hidden,) = outbox(tmp_path)
    assert re.fullmatch(r"\.acme_000000001\.837\.\w+\.partial", hidden)
    result = send(ledger, tmp_path, encounter("A1"), encounter("A2"))
    assert result.claims == 2
    assert outbox(tmp_path) == ["acme_000000001.837"]


def test_killed_between_the_commit_and_the_move_the_next_run_moves_the_file(ledger, tmp_path):
    killed_at(ledger, tmp_path, "_put_in_place")
    (hidden,) = outbox(tmp_path)
    assert re.fullmatch(r"\.acme_000000001\.837\.\w+\.partial", hidden)
    assert [row["encounter_id"] for row in rows(ledger, "claims")] == ["A1", "A2"]
    result = send(ledger, tmp_path, encounter("A1"), encounter("A2"))
    assert (result.file, result.already_sent) == (None, 2)
    assert outbox(tmp_path) == ["acme_000000001.837"]
    text = (tmp_path / "outbox" / "acme_000000001.837").read_text(encoding="ascii")
    assert re.findall(r"CLM\*([^*]*)", text) == ["A1-1", "A2-1"]


@pytest.mark.parametrize("time", [1, 2])
def test_killed_before_the_commit_nothing_was_sent_to_any_partner(ledger, tmp_path, time):
    before = dump(ledger)
    killed_at(ledger, tmp_path, "_record", time, "two partners")
    assert dump(ledger) == before
    assert all(name.endswith(".partial") for name in outbox(tmp_path))
    result, _ = to_each(ledger, tmp_path, *TWO)
    assert (result.claims, outbox(tmp_path)) == (2, ["one_000000001.837", "two_000000001.837"])


@pytest.mark.parametrize("time", [1, 2])
def test_killed_between_two_moves_the_next_run_moves_the_rest(ledger, tmp_path, time):
    killed_at(ledger, tmp_path, "_put_in_place", time, "two partners")
    assert len([name for name in outbox(tmp_path) if name.endswith(".partial")]) == 3 - time
    result, findings = to_each(ledger, tmp_path, *TWO)
    assert (result.claims, result.already_sent, codes(findings)) == (0, 2, ["P510", "P510"])
    assert outbox(tmp_path) == ["one_000000001.837", "two_000000001.837"]
    assert len(list((tmp_path / "outbox").glob("*.manifest.json"))) == 2


def test_no_room_for_the_second_partners_file_sends_nothing_to_the_first(ledger, tmp_path, monkeypatch):
    before = dump(ledger)
    sync = os.fsync
    synced: list[int] = []

    def full_at_second(descriptor: int) -> None:
        synced.append(descriptor)
        if len(synced) == 2:
            raise OSError(28, "No space left on device")
        sync(descriptor)

    monkeypatch.setattr(os, "fsync", full_at_second)
    with pytest.raises(OSError, match="No space"):
        to_each(ledger, tmp_path, *TWO)
    assert outbox(tmp_path) == []
    assert dump(ledger) == before
    assert to_each(ledger, tmp_path, *TWO)[0].claims == 2


def test_a_file_that_waits_in_another_folder_is_moved_too(ledger, tmp_path):
    killed_at(ledger, tmp_path, "_put_in_place")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    send(ledger, elsewhere, encounter("A3"))
    assert outbox(tmp_path) == ["acme_000000001.837"]
    assert outbox(elsewhere) == ["acme_000000002.837"]


def test_another_run_may_move_the_file_first(ledger, tmp_path, monkeypatch):
    put_in_place = write_file._put_in_place

    def overtaken(partial: Path, path: Path) -> None:
        monkeypatch.setattr(write_file, "_put_in_place", put_in_place)
        finish_interrupted(ledger, tmp_path / "outbox")
        put_in_place(partial, path)

    monkeypatch.setattr(write_file, "_put_in_place", overtaken)
    result = send(ledger, tmp_path, encounter("A1"))
    assert result.file is not None
    assert outbox(tmp_path) == [result.file.name]


def test_a_file_that_is_gone_before_it_is_moved_is_an_error(ledger, tmp_path, monkeypatch):
    put_in_place = write_file._put_in_place

    def gone(partial: Path, path: Path) -> None:
        partial.unlink()
        put_in_place(partial, path)

    monkeypatch.setattr(write_file, "_put_in_place", gone)
    with pytest.raises(FileNotFoundError):
        send(ledger, tmp_path, encounter("A1"))


def test_a_hidden_file_of_other_content_than_the_ledger_knows_is_dropped(ledger, tmp_path):
    killed_at(ledger, tmp_path, "_put_in_place")
    (hidden,) = files_in(tmp_path)
    hidden.write_text("torn", encoding="ascii")
    finish_interrupted(ledger, tmp_path / "outbox")
    assert outbox(tmp_path) == []


def test_another_ledgers_hidden_file_is_left_to_it(ledger, tmp_path):
    other_home = tmp_path / "other"
    other_home.mkdir()
    other = new_ledger(other_home)
    killed_at(other, tmp_path, "_put_in_place")
    waiting = outbox(tmp_path)
    finish_interrupted(ledger, tmp_path / "outbox")
    assert outbox(tmp_path) == waiting
    finish_interrupted(other, tmp_path / "outbox")
    assert outbox(tmp_path) == ["acme_000000001.837"]
    other.close()


def test_two_runs_at_once_send_everything_once(ledger, tmp_path):
    script = """
import sys
from pathlib import Path
from claimloop.reconciliation.ledger.connection import open_ledger
from claimloop.tests.reconciliation.making import encounter, send
folder = Path(sys.argv[2])
for number in range(8):
    send(open_ledger(sys.argv[1]), folder, encounter(f"{sys.argv[3]}{number}"), encounter(f"BOTH{number}"))
"""
    folders = [tmp_path / name for name in ("A", "B")]
    for folder in folders:  # the same outbox, but a source of its own
        folder.mkdir()
        (folder / "outbox").symlink_to(tmp_path / "outbox")
    (tmp_path / "outbox").mkdir()
    runs = [
        subprocess.Popen([sys.executable, "-c", script, str(ledger.url), str(folder), folder.name])
        for folder in folders
    ]
    assert [run.wait(timeout=90) for run in runs] == [0, 0]
    sent = [row["claim_control_number"] for row in rows(ledger, "claims")]
    assert len(sent) == len(set(sent)) == 24
    written = [
        number
        for path in files_in(tmp_path)
        for number in re.findall(r"CLM\*([^*]*)", path.read_text(encoding="ascii"))
    ]
    assert sorted(written) == sorted(str(number) for number in sent)
    assert not [name for name in outbox(tmp_path) if name.startswith(".")]


def test_a_file_that_was_left_waiting_gets_its_manifest_too(ledger, tmp_path):
    killed_at(ledger, tmp_path, "write_manifest")
    assert list((tmp_path / "outbox").glob("*.manifest.json")) == []
    finish_interrupted(ledger, tmp_path / "outbox")
    (path,) = (tmp_path / "outbox").glob("*.manifest.json")
    assert json.loads(path.read_text(encoding="utf-8"))["totals"]["claims"] == 2
