"""Files in the folders of the nightly run: which are complete, and moves that lose and overwrite nothing."""

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
"""Ends of names that programs give to files while they write them."""

_UNWRITTEN = re.compile(r"\..+\.(json|jsonl|csv|html|eml)\.[a-z0-9_]{8}")
_LONGEST_NAME, _LONGEST_SUFFIX = 160, 20

_NO_LINK = {errno.EXDEV, errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.EMLINK, errno.ENOSYS}
"""Why a second name for a file cannot be made: another disk, or a file system without links."""


class Look(msgspec.Struct, frozen=True):
    """A file as it was when it was looked at."""

    path: Path
    size: int
    modified: int
    mode: int = S_IFREG


class Contents(msgspec.Struct, frozen=True):
    """What is in a folder: files that stayed the same between two looks, the oldest first; those that did not, or have
    the name of an unfinished one; and what is no file: a folder, a link, a pipe.
    """

    complete: list[Look] = []
    being_written: list[Look] = []
    no_files: list[Look] = []


def look_twice(folders: Iterable[Path], settle: Callable[[], object]) -> dict[Path, Contents]:
    """Look into the folders, `settle`, and look again. A folder that is not there is empty; what is hidden is passed
    over. Raises OSError where a folder cannot be read.
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
    """A file as it is now; None where it is gone."""
    try:
        stat = path.lstat()
    except FileNotFoundError:
        return None
    return Look(path, stat.st_size, stat.st_mtime_ns, stat.st_mode)


def plain_name(name: str) -> str:
    """A file's name as ledger, logs and other disks can hold it: UTF-8, printable, of at most 160 bytes.

    So there is room for what is put behind it. The suffix stays, which tells the kind of an encounter file.
    """
    text = os.fsencode(name).decode("utf-8", "replace").replace("\N{REPLACEMENT CHARACTER}", "_")
    plain = Path("".join(sign if sign.isprintable() else "_" for sign in text))
    if len(os.fsencode(plain)) <= _LONGEST_NAME:
        return str(plain)
    suffix = plain.suffix if len(plain.suffix) <= _LONGEST_SUFFIX else ""
    stem = os.fsencode(str(plain).removesuffix(suffix))[: _LONGEST_NAME - len(suffix.encode())]
    return stem.decode("utf-8", "ignore") + suffix


def drop_unwritten(folder: Path) -> None:
    """Remove what a killed run had begun to write by `write_privately` in a folder, and did not finish."""
    for path in folder.glob(".*"):
        if _UNWRITTEN.fullmatch(path.name):
            path.unlink(missing_ok=True)


def make_folder(folder: Path) -> None:
    """Make a folder, and those above it that are missing, for their owner only."""
    if not folder.is_dir():
        make_folder(folder.parent)
        folder.mkdir(mode=0o700, exist_ok=True)


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file's content in hexadecimal. Raises OSError."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def free_place(file: Path, folder: Path, name: str = "") -> Path:
    """Where a file may lie in a folder under its name, or that name with a number, without being in another's way.

    The folder is made, for its owner only. A place that this very file has already, after an interrupted move, is its.
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
    """Whether two names are of one file."""
    try:
        return file.samefile(place)
    except OSError:
        return False


def move(file: Path, place: Path) -> None:
    """Give a file its new place, whole or not at all, over nothing that lies there; the move survives a power cut.

    It can be read by its owner only then. Raises FileExistsError where another file lies there, OSError where it cannot
    be moved.
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
    """A copy that appears whole, and only where nothing is."""
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
    """A move within a folder where no links can be made: an empty file holds the place for the moment between."""
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
