"""Files into an account: each under its own name once, whatever happens on the way."""

import os
import signal
from contextlib import suppress
from itertools import count

import pytest

from claimloop.edi.diagnostics import UserError
from claimloop.reconciliation.nightly.sftp import Unreachable
from claimloop.tests.reconciliation.nightly.client import client
from claimloop.tests.reconciliation.nightly.killing import Killed, killed_at
from claimloop.tests.reconciliation.nightly.sftp_account import outcomes
from claimloop.tests.reconciliation.nightly.sftp_server import cutting_wire

ALL_BYTES = bytes(range(256)) * 700


def cut_after(number):
    """A hook that breaks the connection once, at this many bytes written."""
    breaks = [number]

    def hook(served, what, so_far):
        if what == "written" and breaks and so_far >= breaks[0]:
            breaks.pop()
            served.cut()

    return hook


def test_every_file_arrives_byte_for_byte_under_its_own_name(place):
    contents = {"1.837": ALL_BYTES, "2.837": b"ISA~\r\n\x00\xff", "3.837": b""}
    files = [place.file(name, content) for name, content in contents.items()]
    pushed = place.push(*files)
    assert [(each.path, each.outcome, each.problem) for each in pushed] == [(path, "sent", "") for path in files]
    assert place.there() == contents
    assert place.served.received == list(contents.items())
    assert {path.stat().st_mode & 0o777 for path in place.runs.iterdir()} == {0o600}


def test_until_it_is_whole_a_file_has_a_passing_name(place):
    names = []
    place.served.hook = lambda served, what, _: names.append(list(place.there())) if what != "renamed" else None
    place.push(place.file("1.837", ALL_BYTES))
    assert names.count(["1.837.part"]) == len(names) > 1


def test_a_file_that_was_sent_is_not_sent_again(place):
    path = place.file("1.837", b"one")
    place.push(path)
    (place.in_ / "1.837").unlink()
    assert outcomes(place.push(path)) == ["known"]
    assert place.there() == {}


def test_another_content_under_a_name_that_was_sent_is_refused(place):
    place.push(place.file("1.837", b"one"))
    (place.in_ / "1.837").unlink()
    (pushed,) = place.push(place.file("1.837", b"two"))
    assert pushed.outcome == "failed"
    assert pushed.problem == (
        "sftp clearing (127.0.0.1): in/1.837: different content was sent under this name before; the file was not sent"
    )
    assert place.there() == {}


def test_a_file_that_is_there_already_counts_as_sent(place):
    (place.in_ / "1.837").write_bytes(ALL_BYTES)
    path = place.file("1.837", ALL_BYTES)
    assert outcomes(place.push(path)) == ["known"]
    (place.in_ / "1.837").unlink()
    assert outcomes(place.push(path)) == ["known"]
    assert place.served.received == []


@pytest.mark.parametrize("other", [b"two", b"longer", b""])
def test_another_file_of_that_name_on_the_server_is_never_replaced(place, other):
    (place.in_ / "1.837").write_bytes(other)
    (pushed, after) = place.push(place.file("1.837", b"one"), place.file("2.837", b"two"))
    assert pushed.outcome == "failed"
    assert pushed.problem.startswith(
        "sftp clearing (127.0.0.1): in/1.837: the server has a different or unreadable file of this name"
    )
    assert after.outcome == "sent"
    assert place.there() == {"1.837": other, "2.837": b"two"}


def test_a_file_of_that_name_that_may_not_be_read_is_told(place):
    (place.in_ / "1.837").write_bytes(b"one")
    place.served.unreadable = True
    (pushed,) = place.push(place.file("1.837", b"one"))
    assert "different or unreadable file" in pushed.problem


def test_a_broken_upload_goes_on_where_it_broke(place):
    content = os.urandom(3_000_000)
    place.served.hook = cut_after(2_000_000)
    assert outcomes(place.push(place.file("1.837", content))) == ["sent"]
    assert place.served.received == [("1.837", content)]
    assert place.served.written < 3_000_000 + 200_000
    assert place.pauses == [1]


def test_a_part_of_something_else_is_not_gone_on_with(place):
    (place.in_ / "1.837.part").write_bytes(ALL_BYTES[:1000] + b"?" + ALL_BYTES[1001:5000])
    (place.in_ / "2.837.part").write_bytes(ALL_BYTES + b"and more")
    (place.in_ / "3.837.part").write_bytes(ALL_BYTES[:-1] + b"?")
    place.push(*(place.file(f"{number}.837", ALL_BYTES) for number in (1, 2, 3)))
    assert place.there() == {f"{number}.837": ALL_BYTES for number in (1, 2, 3)}


def test_a_part_that_may_not_be_read_is_sent_anew(place):
    (place.in_ / "1.837.part").write_bytes(ALL_BYTES[:1000])
    place.served.unreadable = True
    assert outcomes(place.push(place.file("1.837", ALL_BYTES))) == ["sent"]
    assert place.served.written == len(ALL_BYTES)
    assert place.there() == {"1.837": ALL_BYTES}


def test_a_missing_folder_is_told_in_a_line_for_each_file(place):
    place.in_.rmdir()
    pushed = place.push(place.file("1.837", b"one"), place.file("2.837", b"two"))
    assert [each.problem for each in pushed] == [
        f"sftp clearing (127.0.0.1): in/{name}: No such file or directory" for name in ("1.837", "2.837")
    ]


def test_a_file_that_is_not_there_does_not_keep_the_others_back(place):
    pushed = place.push(place.outbox / "0.837", place.file("1.837", b"one"))
    assert outcomes(pushed) == ["failed", "sent"]


def test_a_rename_that_is_refused_is_tried_again_next_time(place):
    place.served.refuses_rename = True
    path = place.file("1.837", b"one")
    (pushed,) = place.push(path)
    assert pushed.problem == "sftp clearing (127.0.0.1): in/1.837: not here"
    place.served.refuses_rename = False
    assert outcomes(place.push(path)) == ["sent"]
    assert place.served.received == [("1.837", b"one")]


def test_a_part_that_is_swept_away_after_a_refused_rename_is_not_taken_for_sent(place):
    place.served.refuses_rename = True
    path = place.file("1.837", b"one")
    place.push(path)
    (place.in_ / "1.837.part").unlink()
    place.served.refuses_rename = False
    assert outcomes(place.push(path)) == ["sent"]
    assert place.served.received == [("1.837", b"one")]


def test_a_folder_that_is_gone_is_not_taken_for_a_file_that_was_fetched(place):
    path = place.file("1.837", b"one")

    def cut(served, what, _):
        if what == "renaming":
            served.cut()
            raise ConnectionError

    place.served.hook = cut
    place.push(path, tries=1)
    place.served.hook = lambda *_: None
    (place.in_ / "1.837.part").rename(place.folder / "elsewhere")
    place.in_.rmdir()
    (pushed,) = place.push(path)
    assert pushed.outcome == "failed"
    place.in_.mkdir()
    (place.folder / "elsewhere").rename(place.in_ / "1.837.part")
    assert outcomes(place.push(path)) == ["sent"]
    assert place.served.received == [("1.837", b"one")]


@pytest.mark.parametrize("takes_away", [False, True])
@pytest.mark.parametrize("moment", ["renaming", "renamed"])
def test_a_connection_that_breaks_around_the_rename_sends_once(place, moment, takes_away):
    place.served.takes_away = takes_away
    breaks = [1]

    def cut(served, what, _):
        if what == moment and breaks:
            breaks.pop()
            served.cut()
            if what == "renaming":
                raise ConnectionError

    place.served.hook = cut
    assert outcomes(place.push(place.file("1.837", b"one"))) == ["sent"]
    assert place.served.received == [("1.837", b"one")]


@pytest.mark.parametrize("takes_away", [False, True])
def test_a_kill_at_any_step_sends_once(place, takes_away):
    place.served.takes_away = takes_away
    content = bytes(range(256)) * 300
    with place.connected() as connection:
        for step in count(1):
            path = place.file(f"{step}.837", content)
            killed = False
            try:
                with killed_at(step):
                    place.push(path, connection=connection)
            except Killed:
                killed = True
            (again,) = place.push(path, connection=connection)
            assert again.problem == ""
            assert outcomes(place.push(path, connection=connection)) == ["known"]
            assert place.served.received == [(path.name, content)], step
            assert place.there() == ({} if takes_away else {path.name: content})
            (place.in_ / path.name).unlink(missing_ok=True)
            place.served.received.clear()
            if not killed:
                break
    assert step > 20


@pytest.mark.parametrize("moment", ["written", "renaming", "renamed"])
def test_a_client_that_is_killed_outright_is_followed_by_one_that_sends_once(place, moment):
    content = os.urandom(1_500_000)
    path = place.file("1.837", content)
    place.served.takes_away = True
    with client(place, "push", path) as process:

        def kill(served, what, so_far):
            if what == moment and (what != "written" or so_far > 1_000_000):
                process.send_signal(signal.SIGKILL)
                process.wait(10)

        place.served.hook = kill
        assert process.wait(20) == -signal.SIGKILL
    place.served.hook = lambda *_: None
    assert outcomes(place.push(path)) == ["sent"]
    assert place.served.received == [("1.837", content)]
    assert place.there() == {}


@pytest.mark.parametrize("after", [500, 2_500, 4_000, 5_000, 40_000, 150_000, 180_000])
def test_a_line_that_is_cut_anywhere_sends_once(place, after):
    place.served.takes_away = True
    with cutting_wire(place.served.port, after) as port:
        place.known_hosts.write_text(place.served.known_hosts(port))
        path = place.file("1.837", ALL_BYTES)
        with suppress(Unreachable):  # a server that hangs up while it is shown the key is left alone till the next run
            place.push(path, port=port)
        (pushed,) = place.push(path, port=port)
    assert pushed.problem == ""
    assert place.served.received == [("1.837", ALL_BYTES)]


def test_after_the_connection_is_lost_for_good_the_others_wait(place):
    def lock_out(served, what, _):
        served.authorized = ""
        served.cut()

    place.served.hook = lock_out
    pushed = place.push(*(place.file(f"{number}.837", b"x") for number in (1, 2)))
    assert outcomes(pushed) == ["failed", "waiting"]
    assert pushed[1].problem == "sftp clearing (127.0.0.1): 2.837: not tried"


def test_what_a_power_cut_left_of_a_note_never_counted(place):
    first, second = place.file("1.837", b"one"), place.file("2.837", b"two")
    place.push(first)
    (notes,) = place.runs.iterdir()
    whole = notes.read_bytes()
    notes.write_bytes(whole + b'{"step":"sent","place":"practice@127.0\x00\x00')
    assert outcomes(place.push(first, second)) == ["known", "sent"]
    assert notes.read_bytes().startswith(whole)
    assert len(notes.read_bytes().splitlines()) == 4
    assert outcomes(place.push(first, second)) == ["known", "known"]


def test_notes_that_are_not_ours_are_named(place):
    place.runs.mkdir()
    (place.runs / "sftp-clearing.jsonl").write_text("something\n")
    with pytest.raises(UserError, match=r"sftp-clearing\.jsonl:1: not a valid transfer record"):
        place.push(place.file("1.837", b"one"))


def test_a_note_that_does_not_fit_on_the_disk_leaves_no_trace(place, monkeypatch):
    path = place.file("1.837", b"one")
    real = os.fsync
    calls = []

    def full(descriptor):
        calls.append(descriptor)
        if len(calls) > 3:
            raise OSError(28, "No space left on device")
        real(descriptor)

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        (pushed,) = place.push(path)
    assert pushed.outcome == "failed"
    assert "No space left on device" in pushed.problem
    assert outcomes(place.push(path)) == ["sent"]
    assert place.served.received == [("1.837", b"one")]
