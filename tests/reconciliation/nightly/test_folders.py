"""What is complete in a folder, and moves that lose and overwrite nothing."""

import errno
import os
from contextlib import suppress
from pathlib import Path
from unittest.mock import patch

import pytest

from claimloop.edi.private_files import write_privately
from claimloop.reconciliation.nightly.folders import (
    Contents,
    drop_unwritten,
    free_place,
    look_twice,
    make_folder,
    move,
    plain_name,
)

real_link = os.link


def names(looks):
    return [look.path.name for look in looks]


def seen(folder, settle=lambda: None) -> Contents:
    return look_twice([folder], settle)[folder]


def test_what_stays_the_same_is_complete_the_oldest_first(tmp_path):
    for name, when in (("b", 2), ("a", 3), ("c", 1)):
        (tmp_path / name).write_bytes(b"x")
        os.utime(tmp_path / name, (when, when))

    assert names(seen(tmp_path).complete) == ["c", "b", "a"]


@pytest.mark.parametrize("change", ["grows", "is touched", "comes"])
def test_a_file_that_changes_between_two_looks_is_being_written(tmp_path, change):
    path = tmp_path / "a.835"
    if change != "comes":
        path.write_bytes(b"ISA")
        os.utime(path, (1, 1))

    def settle():
        if change == "is touched":
            os.utime(path, (2, 2))
        else:
            with path.open("ab") as file:
                file.write(b"*")
            os.utime(path, (1, 1))

    (tmp_path / "other").touch()
    found = seen(tmp_path, settle)

    assert (names(found.complete), names(found.being_written)) == (["other"], ["a.835"])


def test_the_names_of_unfinished_files_are_waited_for(tmp_path):
    for name in ("a.835.part", "b.tmp", "c.FILEPART", "d~"):
        (tmp_path / name).touch()

    found = seen(tmp_path)

    assert (names(found.complete), len(found.being_written)) == ([], 4)


def test_what_is_no_file_is_told_and_what_is_hidden_passed_over(tmp_path):
    (tmp_path / "folder").mkdir()
    (tmp_path / "link").symlink_to("/etc/hostname")
    (tmp_path / "nowhere").symlink_to("gone")
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / ".hidden").touch()

    found = seen(tmp_path)

    assert names(found.no_files) == ["folder", "link", "nowhere", "pipe"]
    assert found.complete == found.being_written == []


def test_a_file_that_goes_away_meanwhile_is_passed_over(tmp_path):
    (tmp_path / "a").touch()

    assert seen(tmp_path, (tmp_path / "a").unlink) == Contents()


def test_there_is_no_waiting_for_an_empty_folder_or_none(tmp_path):
    assert seen(tmp_path / "none", pytest.fail) == seen(tmp_path, pytest.fail) == Contents()


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("remit (2).835", "remit (2).835"),
        ("Überweisung 1.835", "Überweisung 1.835"),
        ("a\nb\t.835", "a_b_.835"),
        (os.fsdecode(b"a\xff.jsonl"), "a_.jsonl"),
        ("x" * 300 + ".jsonl", "x" * 154 + ".jsonl"),
        ("é" * 120 + ".csv", "é" * 78 + ".csv"),
        ("x." + "y" * 250, ("x." + "y" * 250)[:160]),
    ],
)
def test_a_plain_name_can_be_written_down_everywhere(name, plain):
    assert plain_name(name) == plain
    assert plain_name(plain) == plain


def test_folders_that_are_made_are_their_owners_alone(tmp_path):
    make_folder(tmp_path / "archive" / "2026-11-24" / "inbox")

    for folder in ("archive", "archive/2026-11-24", "archive/2026-11-24/inbox"):
        assert (tmp_path / folder).stat().st_mode & 0o777 == 0o700


def test_a_place_that_is_taken_gets_a_number_even_by_a_broken_link(tmp_path):
    folder = tmp_path / "archive"
    folder.mkdir()
    (folder / "a.835").touch()
    (folder / "a-2.835").symlink_to("gone")

    assert free_place(tmp_path / "a.835", folder) == folder / "a-3.835"


def other_disk(_source, _target, **_):
    raise OSError(errno.EXDEV, "another disk")


def other_disk_at_first(source, target, **options):
    """From the inbox to the archive no link can be made; within the archive it can."""
    if Path(source).parent != Path(target).parent:
        other_disk(source, target)
    real_link(source, target, **options)


@pytest.mark.parametrize("link", [real_link, other_disk, other_disk_at_first])
def test_a_moved_file_is_whole_private_and_alone(tmp_path, link):
    file, folder = tmp_path / "a.835", tmp_path / "archive"
    folder.mkdir()
    file.write_bytes(b"ISA*")
    file.chmod(0o644)
    os.utime(file, ns=(5, 7))

    with patch("os.link", link):
        move(file, folder / "a.835")

    assert list(tmp_path.iterdir()) == [folder]
    assert list(folder.iterdir()) == [folder / "a.835"]
    assert (folder / "a.835").read_bytes() == b"ISA*"
    stat = (folder / "a.835").stat()
    assert (stat.st_mode & 0o777, stat.st_mtime_ns) == (0o600, 7)


@pytest.mark.parametrize("link", [real_link, other_disk, other_disk_at_first])
def test_a_move_overwrites_nothing(tmp_path, link):
    file, place = tmp_path / "a.835", tmp_path / "place"
    file.write_bytes(b"new")
    place.write_bytes(b"old")

    with patch("os.link", link), pytest.raises(FileExistsError):
        move(file, place)

    assert (file.read_bytes(), place.read_bytes()) == (b"new", b"old")
    assert sorted(tmp_path.iterdir()) == [file, place]


@pytest.mark.parametrize("link", [other_disk, other_disk_at_first])
def test_a_copy_that_fails_leaves_nothing_behind(tmp_path, link):
    file, folder = tmp_path / "a.835", tmp_path / "archive"
    folder.mkdir()
    file.write_bytes(b"new")

    with (
        patch("os.link", link), patch("shutil.copyfileobj", side_effect=OSError(errno.ENOSPC, "full")),
        pytest.raises(OSError, match="full"),
    ):  # fmt: skip
        move(file, folder / "a.835")

    assert (file.read_bytes(), list(folder.iterdir())) == (b"new", [])


def test_a_move_that_was_killed_after_the_link_is_finished(tmp_path):
    file, folder = tmp_path / "a.835", tmp_path / "archive"
    folder.mkdir()
    file.write_bytes(b"ISA*")
    os.link(file, folder / "a.835")

    place = free_place(file, folder)
    move(file, place)

    assert place == folder / "a.835"
    assert list(tmp_path.iterdir()) == [folder]
    assert list(folder.iterdir()) == [place]


def test_what_was_only_begun_to_be_written_is_removed_and_nothing_else(tmp_path):
    kept = [".nightly.lock", ".running.json", ".a.837.0a1b2c3d.partial", "a.json", ".env.settings", ".a.835.x-0a.part"]
    for name in (*kept, ".a.837.manifest.json.x9_abcde", ".b.refused.jsonl.12345678"):
        (tmp_path / name).touch()

    drop_unwritten(tmp_path)
    drop_unwritten(tmp_path / "none")

    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(kept)


def test_what_write_privately_leaves_when_it_is_killed_is_removed(tmp_path):
    with (
        patch.object(Path, "replace", side_effect=BaseException),
        patch.object(Path, "unlink"),
        suppress(BaseException),
    ):
        write_privately(tmp_path / "run.json", lambda out: out(b"{}"))
    assert len(list(tmp_path.iterdir())) == 1

    drop_unwritten(tmp_path)

    assert list(tmp_path.iterdir()) == []
