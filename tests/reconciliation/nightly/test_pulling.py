"""Files out of an account into the inbox: all of them, whole, once, and nothing else."""

import os
import signal
from contextlib import suppress
from itertools import count

import pytest

from claimloop.reconciliation.nightly import pulling
from claimloop.reconciliation.nightly.pulling import _local_name
from claimloop.reconciliation.nightly.sftp import Unreachable
from claimloop.reconciliation.nightly.transfers import Transfers
from claimloop.tests.reconciliation.nightly.client import client
from claimloop.tests.reconciliation.nightly.killing import Killed, killed_at
from claimloop.tests.reconciliation.nightly.sftp_account import SETTLE, outcomes
from claimloop.tests.reconciliation.nightly.sftp_server import cutting_wire

ALL_BYTES = bytes(range(256)) * 700


def test_every_file_comes_in_byte_for_byte_readable_by_its_owner_only(place):
    (place.out / "more").mkdir()
    contents = {"a.835": ALL_BYTES, "b 2.835": b"ISA~\r\n\x00\xff", "c": b"x"}
    for name, content in contents.items():
        place.write_out(name, content)
    pulled = place.pull()
    assert place.came() == contents
    assert [(each.outcome, each.path, each.problem) for each in pulled] == [
        ("pulled", place.inbox / name, "") for name in contents
    ]
    assert {path.stat().st_mode & 0o777 for path in place.inbox.iterdir()} == {0o600}
    assert {path.stat().st_nlink for path in place.inbox.iterdir()} == {1}
    assert {path.stat().st_mode & 0o777 for path in place.runs.iterdir()} == {0o600}
    assert place.pauses == [SETTLE]
    assert sorted(path.name for path in place.out.iterdir()) == ["a.835", "b 2.835", "c", "more"]


def test_what_came_in_before_is_not_fetched_again_and_nobody_waits(place):
    place.write_out("a.835", ALL_BYTES)
    place.pull()
    (place.inbox / "a.835").unlink()
    read = place.served.read
    assert outcomes(place.pull()) == ["known"]
    assert place.came() == {}
    assert place.served.read == read
    assert place.pauses == [SETTLE]


def test_a_file_that_was_changed_since_comes_in_beside_the_first(place):
    place.write_out("a.835.txt", b"one")
    place.pull()
    place.write_out("a.835.txt", b"other")
    assert place.pull()[0].path == place.inbox / "a.835-2.txt"
    assert place.came() == {"a.835.txt": b"one", "a.835-2.txt": b"other"}


def test_a_file_of_somebody_else_in_the_inbox_is_never_replaced(place):
    place.inbox.mkdir()
    (place.inbox / "a.835").write_bytes(b"by hand")
    (place.inbox / "a-2.835").symlink_to(place.folder / "nowhere")
    place.write_out("a.835", b"from the server")
    assert place.pull()[0].path == place.inbox / "a-3.835"
    assert (place.inbox / "a.835").read_bytes() == b"by hand"
    assert not (place.folder / "nowhere").exists()


def test_without_links_a_file_is_moved_and_replaces_none_either(place, monkeypatch):
    def no_links(*_):
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", no_links)
    place.inbox.mkdir()
    (place.inbox / "a.835").write_bytes(b"by hand")
    place.write_out("a.835", b"from the server")
    place.pull()
    assert place.came() == {"a.835": b"by hand", "a-2.835": b"from the server"}


def test_with_delete_a_file_is_removed_once_it_is_safe(place):
    place.write_out("a.835", ALL_BYTES)
    seen = []
    place.served.hook = lambda served, what, _: seen.append(what)
    assert outcomes(place.pull(after_pull="delete")) == ["pulled"]
    assert place.came() == {"a.835": ALL_BYTES}
    assert place.served.removed == ["out/a.835"]
    assert list(place.out.iterdir()) == []


def test_with_delete_what_came_in_before_goes_too_but_not_what_was_changed_since(place):
    place.write_out("a.835", b"one")
    place.pull()
    assert outcomes(place.pull(after_pull="delete")) == ["known"]
    assert list(place.out.iterdir()) == []


def test_a_server_that_lets_nothing_be_deleted_is_told_of_and_the_file_is_there(place, monkeypatch):
    from asyncssh import SFTPPermissionDenied

    def refuse(*_):
        raise SFTPPermissionDenied("read only")

    monkeypatch.setattr("asyncssh.SFTPServer.remove", refuse)
    place.write_out("a.835", b"one")
    for outcome in ("pulled", "known"):
        (pulled,) = place.pull(after_pull="delete")
        assert pulled.outcome == outcome
        assert pulled.problem == ("sftp clearing (127.0.0.1): out/a.835 was pulled but not deleted: read only")
    assert place.came() == {"a.835": b"one"}


def test_hidden_files_files_under_way_folders_and_links_are_passed_over(place):
    for name in (".hidden", "a.835.part", "a.835.TMP", "a.filepart", "a.partial"):
        place.write_out(name, b"x")
    (place.out / "folder").mkdir()
    (place.out / "link").symlink_to(place.folder / "key")
    assert place.pull() == []
    assert place.pauses == []


@pytest.mark.parametrize("grown", [b"more", b""])
def test_a_file_that_is_being_written_is_left_alone(place, grown):
    place.write_out("a.835", b"begun")
    place.write_out("b.835", b"done")
    times = (place.out / "a.835").stat().st_mtime + 1

    def write(seconds):
        place.pauses.append(seconds)
        place.write_out("a.835", b"begun" + grown)
        os.utime(place.out / "a.835", (times, times))

    with place.connected() as connection:
        connection.sleep = write
        assert outcomes(place.pull(connection, after_pull="delete")) == ["waiting", "pulled"]
    assert place.came() == {"b.835": b"done"}
    assert [path.name for path in place.out.iterdir()] == ["a.835"]


def test_a_file_that_grows_while_it_is_fetched_waits(place):
    place.write_out("a.835", b"begun")

    def grow(served, what, _):
        if what == "read":
            place.write_out("a.835", b"begun and more")

    place.served.hook = grow
    assert outcomes(place.pull()) == ["waiting"]
    assert place.came() == {}
    place.served.hook = lambda *_: None
    place.pull()
    assert place.came() == {"a.835": b"begun and more"}


def test_an_empty_file_waits_for_its_content(place):
    place.write_out("a.835", b"")
    assert outcomes(place.pull(after_pull="delete")) == ["waiting"]
    assert place.came() == {}
    assert [path.name for path in place.out.iterdir()] == ["a.835"]


def test_a_folder_that_is_missing_is_told_in_a_line_and_the_others_are_taken(place):
    place.write_out("a.835", b"one")
    missing, pulled = place.pull(pull=("gone", "out"))
    assert missing.outcome == "failed"
    assert missing.problem == "sftp clearing (127.0.0.1): gone: No such file or directory"
    assert pulled.outcome == "pulled"


def test_a_file_that_may_not_be_read_does_not_keep_the_others_back(place):
    for name in ("a.835", "b.835"):
        place.write_out(name, b"x")
    (place.out / "a.835").unlink()
    (place.out / "a.835").mkdir()
    place.served.names = [b"a.835x"]  # listed, but not there
    failed, pulled = sorted(place.pull(), key=lambda each: each.outcome)
    assert (failed.outcome, pulled.outcome) == ("failed", "pulled")
    assert failed.problem == "sftp clearing (127.0.0.1): out/a.835x: No such file or directory"


def test_names_that_reach_outside_are_refused_and_nothing_is_written_there(place):
    place.served.names = [b"x/../../../escaped", b"/etc/escaped", b"", b"a\x00b", b"..", b"../escaped"]
    place.write_out("good", b"x")
    pulled = place.pull()
    assert outcomes(pulled) == ["failed"] * 4 + ["pulled"]
    assert place.came() == {"good": b"x"}
    assert not list(place.folder.rglob("escaped*"))
    assert all(each.problem.startswith("sftp clearing (127.0.0.1): ") for each in pulled[:4])


def test_strange_names_are_made_plain(place):
    for name in ("new\nline", "back\\slash", "-rf", "q?*", "\u202eevil", "x" * 250 + ".835", "Ünïcode"):
        place.write_out(name, name.encode())
    assert outcomes(place.pull()) == ["pulled"] * 7
    came = set(place.came())
    assert came == {"new_line", "back_slash", "_rf", "q__", "_evil", "x" * 156 + ".835", "Ünïcode"}


def test_names_that_become_the_same_do_not_replace_each_other(place):
    for name in ("a?", "a*", "a_"):
        place.write_out(name, name.encode())
    place.pull()
    assert sorted(place.came().values()) == [b"a*", b"a?", b"a_"]


@pytest.mark.parametrize("name", ["", ".", "..", "a" * 400, "ü" * 200 + "." + "b" * 300, "a." + "b" * 100])
def test_any_name_becomes_one_that_a_folder_can_hold(name):
    local = _local_name(name)
    assert "/" not in local
    assert len(local.encode()) <= 160


def test_a_name_that_is_not_utf_8_is_told_and_other_folders_are_taken(place):
    (place.folder / "remote" / "two").mkdir()
    (place.folder / "remote" / "two" / "b.835").write_bytes(b"two")
    place.served.names = [b"caf\xe9.835"]
    failed = place.pull(pull=("out",))[0]
    assert failed.problem == "sftp clearing (127.0.0.1): out: a file has a name that is not UTF-8"
    place.served.names = []
    assert outcomes(place.pull(pull=("two",))) == ["pulled"]


def test_files_of_one_name_from_two_folders_both_come_in(place):
    (place.folder / "remote" / "two").mkdir()
    (place.folder / "remote" / "two" / "a.835").write_bytes(b"two")
    place.write_out("a.835", b"one")
    place.pull(pull=("out", "two"))
    assert place.came() == {"a.835": b"one", "a-2.835": b"two"}


def test_a_broken_download_goes_on_where_it_broke(place):
    content = os.urandom(3_500_000)
    place.write_out("a.835", content)
    breaks = [3_000_000]

    def cut(served, what, so_far):
        if what == "read" and breaks and so_far >= breaks[0]:
            breaks.pop()
            served.cut()

    place.served.hook = cut
    assert outcomes(place.pull()) == ["pulled"]
    assert place.came() == {"a.835": content}
    assert place.served.read <= 3_000_000 + 3_500_000 - 2 * pulling._SYNCED + 100_000
    assert place.pauses == [SETTLE, 1]


def test_a_part_of_a_file_that_was_changed_meanwhile_is_dropped(place):
    place.write_out("a.835", b"x" * 2_000_000)

    def cut(served, what, so_far):
        if what == "read" and so_far >= 1_500_000:
            served.cut()

    place.served.hook = cut
    (failed,) = place.pull(tries=1)
    assert failed.outcome == "failed"
    assert failed.problem.startswith(
        "sftp clearing (127.0.0.1): downloading out/a.835: the connection was lost after one try: "
    )
    (part,) = place.came()
    assert part.startswith(".a.835.")
    place.served.hook = lambda *_: None
    place.write_out("a.835", b"y" * 1_900_000)
    place.pull()
    assert place.came() == {"a.835": b"y" * 1_900_000}


def test_after_the_connection_is_lost_for_good_the_others_wait(place):
    for name in ("a", "b", "c"):
        place.write_out(name, b"x")

    def lock_out(served, what, _):
        if what == "read":
            served.authorized = ""
            served.cut()

    place.served.hook = lock_out
    pulled = place.pull()
    assert outcomes(pulled) == ["failed", "waiting", "waiting"]
    assert [bool(each.problem) for each in pulled] == [True, False, False]


def test_a_full_disk_is_told_and_the_connection_not_blamed(place, monkeypatch):
    place.write_out("a.835", b"x")

    real, calls = os.fsync, []

    def full(descriptor):
        calls.append(descriptor)
        if len(calls) > 2:  # after those of the notes that are opened
            raise OSError(28, "No space left on device")
        real(descriptor)

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        (failed,) = place.pull(after_pull="delete")
    assert failed.problem == "sftp clearing (127.0.0.1): out/a.835: No space left on device"
    assert place.pauses == [SETTLE]
    assert outcomes(place.pull(after_pull="delete")) == ["pulled"]
    assert place.came() == {"a.835": b"x"}


@pytest.mark.parametrize("after_pull", ["leave", "delete"])
def test_a_kill_at_any_step_loses_and_doubles_nothing(place, monkeypatch, after_pull):
    monkeypatch.setattr(pulling, "_CHUNK", 40)
    monkeypatch.setattr(pulling, "_SYNCED", 80)
    content = bytes(range(200))
    with place.connected() as connection:
        for step in count(1):
            place.inbox, place.runs = place.folder / f"inbox{step}", place.folder / f"runs{step}"
            place.write_out("a.835", content)
            killed = False
            try:
                with killed_at(step):
                    place.pull(connection, after_pull=after_pull)
            except Killed:
                killed = True
            place.pull(connection, after_pull=after_pull)
            assert place.came() == {"a.835": content}, step
            assert (place.inbox / "a.835").stat().st_nlink == 1
            assert [path.name for path in place.out.iterdir()] == (["a.835"] if after_pull == "leave" else [])
            if not killed:
                break
    assert step > 30


def test_a_file_that_a_killed_run_has_put_in_place_is_not_written_again(place, monkeypatch):
    def kill(*_):
        raise Killed

    place.write_out("a.835", ALL_BYTES)
    with monkeypatch.context() as patched:
        patched.setattr(Transfers, "add", kill)
        with pytest.raises(Killed):
            place.pull()
    assert place.came()["a.835"] == ALL_BYTES
    read = place.served.read
    assert outcomes(place.pull()) == ["pulled"]
    assert place.served.read == read
    assert place.came() == {"a.835": ALL_BYTES}


@pytest.mark.parametrize("after", [0, 1_500_000])
def test_a_client_that_is_killed_outright_is_followed_by_one_that_finishes(place, after):
    content = os.urandom(2_500_000)
    place.write_out("a.835", content)
    with client(place, "pull") as process:

        def kill(served, what, so_far):
            if what == "read" and so_far >= after:
                process.send_signal(signal.SIGKILL)

        place.served.hook = kill
        assert process.wait(20) == -signal.SIGKILL
    place.served.hook = lambda *_: None
    read = place.served.read
    assert not (place.inbox / "a.835").exists()
    assert outcomes(place.pull()) == ["pulled"]
    assert place.came() == {"a.835": content}
    assert place.served.read - read <= len(content) - after // pulling._SYNCED * pulling._SYNCED


@pytest.mark.parametrize("after", [500, 2_500, 4_000, 5_000, 6_000, 40_000, 150_000])
def test_a_line_that_is_cut_anywhere_loses_and_doubles_nothing(place, after):
    place.write_out("a.835", ALL_BYTES)
    with cutting_wire(place.served.port, after) as port:
        place.known_hosts.write_text(place.served.known_hosts(port))
        with suppress(Unreachable):  # a server that hangs up while it is shown the key is left alone till the next run
            place.pull(port=port)
        (pulled,) = place.pull(port=port)
    assert pulled.problem == ""
    assert place.came() == {"a.835": ALL_BYTES}
