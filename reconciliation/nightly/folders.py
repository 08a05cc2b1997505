"""Find complete files in the folders of the nightly run, and move files without losing or overwriting any."""

import errno
import hashlib
import os
import re
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator, Set
from itertools import count
from pathlib import Path
from stat import S_IFREG, S_ISREG

import msgspec

_UNFINISHED = (".part", ".partial", ".tmp", ".temp", ".filepart", ".crdownload", ".swp", "~")
"""Suffixes that programs give to files while they write them."""

_UNWRITTEN = re.compile(r"\..+\.(json|jsonl|csv|html|eml)\.[a-z0-9_]{8}")
_LONGEST_NAME, _LONGEST_SUFFIX = 160, 20

_NO_LINK = {errno.EXDEV, errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.EMLINK, errno.ENOSYS}
"""Errors of a file system that cannot make a link: another disk, or no support for links."""


class Look(msgspec.Struct, frozen=True):
    """The state of a file when it was looked at."""

    path: Path
    size: int
    modified: int
    mode: int = S_IFREG


class Contents(msgspec.Struct, frozen=True):
    """The contents of a folder.

    `complete` are files that stayed the same between two looks, the oldest first. `being_written` are files that
    changed or have the name of an unfinished file. `no_files` are folders, links, and pipes.
    """

    complete: list[Look] = []
    being_written: list[Look] = []
    no_files: list[Look] = []


def look_twice(folders: Iterable[Path], settle: Callable[[], object]) -> dict[Path, Contents]:
    """Look into the folders, call `settle`, and look again.

    A missing folder counts as empty. Hidden files are skipped. Raises OSError if a folder cannot be read.
    """
    before = {folder: set(_look(folder)) for folder in folders}
    if any(before.values()):
        settle()
    return {folder: _contents(folder, looks) for folder, looks in before.items()}


def _contents(folder: Path, before: Set[Look]) -> Contents:
    found = Contents([], [], [])
    for look in _look(folder):
        if not S_ISREG(look.mode):
            found.no_files.append(look)
        elif look in before and not look.path.name.lower().endswith(_UNFINISHED):
            found.complete.append(look)
        else:
            found.being_written.append(look)
    found.complete.sort(key=lambda look: (look.modified, look.path.name))
    return found


def _look(folder: Path) -> Iterator[Look]:
    try:
        paths = sorted(path for path in folder.iterdir() if not path.name.startswith("."))
    except FileNotFoundError:
        return
    yield from filter(None, map(look_at, paths))


def look_at(path: Path) -> Look | None:
    """Return the current state of a file; None if it is gone."""
    try:
        stat = path.lstat()
    except FileNotFoundError:
        return None
    return Look(path, stat.st_size, stat.st_mtime_ns, stat.st_mode)


def plain_name(name: str) -> str:
    """Return a file's name as ledger, logs, and other disks can store it: UTF-8, printable, at most 160 bytes.

    This leaves room for what is appended to it. The suffix stays because it is the format of an encounter file.
    """
    text = os.fsencode(name).decode("utf-8", "replace").replace("\N{REPLACEMENT CHARACTER}", "_")
    plain = Path("".join(character if character.isprintable() else "_" for character in text))
    if len(os.fsencode(plain)) <= _LONGEST_NAME:
        return str(plain)
    suffix = plain.suffix if len(plain.suffix) <= _LONGEST_SUFFIX else ""
    stem = os.fsencode(str(plain).removesuffix(suffix))[: _LONGEST_NAME - len(suffix.encode())]
    return stem.decode("utf-8", "ignore") + suffix


def drop_unwritten(folder: Path) -> None:
    """Remove files that a killed run began to write with `write_privately` and did not finish."""
    for path in folder.glob(".*"):
        if _UNWRITTEN.fullmatch(path.name):
            path.unlink(missing_ok=True)


def make_folder(folder: Path) -> None:
    """Create a folder and its missing parents, for their owner only."""
    if not folder.is_dir():
        make_folder(folder.parent)
        folder.mkdir(mode=0o700, exist_ok=True)


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file's content in hexadecimal. Raises OSError."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def free_place(file: Path, folder: Path, name: str = "") -> Path:
    """Return a free path for a file in a folder: its name, or that name with a number if another file has it.

    The folder is created for its owner only. A path that already is this file, after an interrupted move, is free.
    """
    make_folder(folder)
    for place in _numbered(folder / (name or file.name)):
        if not os.path.lexists(place) or is_same(file, place):
            return place
    raise AssertionError("numbers do not end")


def _numbered(path: Path) -> Iterator[Path]:
    yield path
    for number in count(2):
        yield path.with_name(f"{path.stem}-{number}{path.suffix}")


def is_same(file: Path, place: Path) -> bool:
    """Return true if two paths are the same file."""
    try:
        return file.samefile(place)
    except OSError:
        return False


def move(file: Path, place: Path) -> None:
    """Move a file completely or not at all, overwriting nothing. The move survives a power failure.

    Afterwards only its owner can read it. Raises FileExistsError if another file is there, OSError if it cannot be
    moved.
    """
    if not is_same(file, place):
        try:
            os.link(file, place, follow_symlinks=False)
        except OSError as error:
            if error.errno not in _NO_LINK:
                raise
            _copy(file, place)
    if place.stat().st_uid == os.geteuid():
        place.chmod(0o600)
    _sync(place.parent)
    file.unlink()
    _sync(file.parent)


def _copy(file: Path, place: Path) -> None:
    """Copy a file so that the copy appears only when it is complete, and only if nothing is there."""
    handle, partial = tempfile.mkstemp(dir=place.parent, prefix=f".{place.name}.", suffix=".partial")
    try:
        with os.fdopen(handle, "wb") as target, file.open("rb") as source:
            shutil.copyfileobj(source, target)
            target.flush()
            os.fsync(target.fileno())
            stat = os.fstat(source.fileno())
        os.utime(partial, ns=(stat.st_atime_ns, stat.st_mtime_ns))
        try:
            os.link(partial, place)
        except OSError as error:
            if error.errno not in _NO_LINK:
                raise
            _replace_nothing(Path(partial), place)
    finally:
        Path(partial).unlink(missing_ok=True)


def _replace_nothing(file: Path, place: Path) -> None:
    """Move a file within a folder that supports no links: an empty file reserves the name first."""
    os.close(os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    try:
        file.replace(place)
    except BaseException:
        place.unlink()
        raise


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
