"""Files in the folders of the nightly run: which are complete, and moves that lose and overwrite nothing."""

import errno
import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator
from itertools import count
from pathlib import Path

import msgspec

_UNFINISHED = (".part", ".partial", ".tmp", ".temp", ".filepart", ".crdownload", ".swp", "~")
"""Ends of names that programs give to files while they write them."""

_NO_LINK = {errno.EXDEV, errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.EMLINK, errno.ENOSYS}
"""Why a second name for a file cannot be made: another disk, or a file system without links."""


class Look(msgspec.Struct, frozen=True):
    """A file as it was when it was looked at."""

    path: Path
    size: int
    modified: int


class Contents(msgspec.Struct, frozen=True):
    """What is in a folder: files that stayed the same between two looks, the oldest first, and those that did not."""

    complete: list[Look]
    being_written: list[Look]


def look_twice(folders: Iterable[Path], settle: Callable[[], object]) -> dict[Path, Contents]:
    """Look into the folders, `settle`, and look again. A folder that is not there is empty.

    Hidden files, folders, links and files with the names of unfinished ones are passed over. Raises OSError where a
    folder cannot be read.
    """
    before = {folder: _look(folder) for folder in folders}
    if any(before.values()):
        settle()
    found = {}
    for folder, looks in before.items():
        after = _look(folder)
        complete = [look for name, look in after.items() if looks.get(name) == look]
        written = [look for name, look in after.items() if looks.get(name) != look]
        found[folder] = Contents(sorted(complete, key=lambda look: (look.modified, look.path.name)), written)
    return found


def _look(folder: Path) -> dict[str, Look]:
    looks: dict[str, Look] = {}
    try:
        entries = os.scandir(folder)
    except FileNotFoundError:
        return looks
    with entries:
        for entry in entries:
            unfinished = entry.name.startswith(".") or entry.name.lower().endswith(_UNFINISHED)
            if not unfinished and entry.is_file(follow_symlinks=False):
                stat = entry.stat(follow_symlinks=False)
                looks[entry.name] = Look(folder / entry.name, stat.st_size, stat.st_mtime_ns)
    return looks


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file's content in hexadecimal. Raises OSError."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def free_place(file: Path, folder: Path, name: str = "") -> Path:
    """Where a file may lie in a folder under its name, or that name with a number, without being in another's way.

    The folder is made, for its owner only. A place that this very file has already, after an interrupted move, is its.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for place in _numbered(folder / (name or file.name)):
        if not os.path.lexists(place) or _is_same(file, place):
            return place
    raise AssertionError("numbers do not end")


def _numbered(path: Path) -> Iterator[Path]:
    yield path
    for number in count(2):
        yield path.with_name(f"{path.stem}-{number}{path.suffix}")


def _is_same(file: Path, place: Path) -> bool:
    try:
        return file.samefile(place)
    except OSError:
        return False


def move(file: Path, place: Path) -> None:
    """Give a file its new place, whole or not at all, over nothing that lies there; the move survives a power cut.

    Raises FileExistsError where another file lies there, OSError where it cannot be moved.
    """
    if not _is_same(file, place):
        try:
            os.link(file, place, follow_symlinks=False)
        except OSError as error:
            if error.errno not in _NO_LINK:
                raise
            _copy(file, place)
    _sync(place.parent)
    file.unlink()
    _sync(file.parent)


def _copy(file: Path, place: Path) -> None:
    """A copy that appears whole. The place is taken first, so that nothing that comes there meanwhile is lost."""
    os.close(os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    handle, partial = tempfile.mkstemp(dir=place.parent, prefix=f".{place.name}.", suffix=".partial")
    try:
        with os.fdopen(handle, "wb") as target, file.open("rb") as source:
            shutil.copyfileobj(source, target)
            target.flush()
            os.fsync(target.fileno())
        shutil.copystat(file, partial)
        Path(partial).replace(place)
    except BaseException:
        Path(partial).unlink(missing_ok=True)
        place.unlink(missing_ok=True)
        raise


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
