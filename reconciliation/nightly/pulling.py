"""Pull files from an SFTP account into the inbox; each is complete and on disk before it has a name there.

A file is downloaded into a hidden part file, whose name has a digest of the remote file's identity. So a download that
a broken connection or a killed run interrupted is resumed, and never mixed with another file.
"""

import hashlib
import os
import re
import stat
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Literal

import msgspec

from claimloop.reconciliation.configuration.nightly_settings import SftpAccount
from claimloop.reconciliation.nightly.sftp import (
    Attributes,
    Connection,
    Session,
    TransportError,
    Unreachable,
    opened,
    path_in,
    printable,
)
from claimloop.reconciliation.nightly.transfers import Transfer, Transfers, sync_folder, transfers_of

Outcome = Literal["pulled", "known", "waiting", "failed"]

_UNDER_WAY = (".part", ".tmp", ".filepart", ".partial")
_CHUNK = 1 << 15
_SYNCED = 1 << 20
"""Bytes after which a part is synced: everything before the last multiple of it survives a power failure."""
_LONGEST_NAME = 160
_UNFIT = re.compile(r"[^\w .,()+=@#~&-]|^[-. ]")


class RemoteFile(msgspec.Struct, frozen=True):
    """The current state of a file on the server. `mtime` is in seconds since 1970."""

    folder: str
    name: str
    size: int
    mtime: int

    @property
    def path(self) -> str:
        """Return its path on the server."""
        return path_in(self.folder, self.name)


class Pulled(msgspec.Struct, frozen=True):
    """What happened to a remote file, or to a whole folder (then `file` has no name).

    `outcome` is `pulled` (it is in the inbox as `path`), `known` (it was pulled before), `waiting` (it is still being
    written, or the connection was lost before it was tried), or `failed`. `problem` is one line. A pulled file has one
    if it could not be deleted from the server.
    """

    file: RemoteFile
    outcome: Outcome
    path: Path | None = None
    problem: str = ""


class _Changed(Exception):
    """The remote file changed, so another program is writing it."""


def pull(
    account: SftpAccount,
    connection: Connection,
    inbox: Path,
    runs: Path,
    settle_seconds: float,
    progress: Callable[[int], None] | None = None,
) -> list[Pulled]:
    """Pull every file of the account's folders that was not pulled before into the inbox.

    Hidden files and those with a suffix of unfinished files are skipped. A file is pulled if its size and time are the
    same after `settle_seconds`, and reported as waiting otherwise. Pulled files are recorded in `runs`. `progress` is
    called with the bytes received. A file that fails does not stop the others. Raises UserError, and OSError if the
    inbox or `runs` cannot be written.
    """
    inbox.mkdir(mode=0o700, parents=True, exist_ok=True)
    return list(_Pull(account, connection, inbox, transfers_of(account, runs), progress).run(settle_seconds))


class _Pull:
    def __init__(
        self, account: SftpAccount, connection: Connection, inbox: Path, transfers: Transfers,
        progress: Callable[[int], None] | None,
    ) -> None:  # fmt: skip
        self._deletes = account.after_pull == "delete"
        self._folders = account.pull
        self._connection = connection
        self._inbox = inbox
        self._transfers = transfers
        self._progress = progress or (lambda _: None)
        self._tag = hashlib.sha256(account.name.encode()).hexdigest()[:6]

    def run(self, settle_seconds: float) -> Iterator[Pulled]:
        found: list[RemoteFile] = []
        complete = True
        for folder in self._folders:
            try:
                files = self._look(folder)
            except (TransportError, OSError, ValueError) as error:
                complete = False
                yield Pulled(RemoteFile(folder, "", 0, 0), "failed", problem=self._problem(folder, error))
                if isinstance(error, Unreachable):
                    return
            else:
                found += files
        if complete:
            self._drop_parts({self._part(file) for file in found})
        new = []
        for file in found:
            if self._is_known(file):
                self._part(file).unlink(missing_ok=True)
                yield Pulled(file, "known", problem=self._delete(file) if self._deletes else "")
            elif not file.name or "/" in file.name or "\0" in file.name:
                problem = f"{self._connection.label}: {printable(file.path)}: not a valid file name"
                yield Pulled(file, "failed", problem=problem)
            else:
                new.append(file)
        if new:
            self._connection.sleep(settle_seconds)
            yield from self._take(new)

    def _take(self, new: list[RemoteFile]) -> Iterator[Pulled]:
        settled: dict[str, list[RemoteFile]] = {}
        lost = False
        for file in new:
            if lost:
                yield Pulled(file, "waiting")
                continue
            try:
                if file.folder not in settled:
                    settled[file.folder] = self._look(file.folder)
                if file not in settled[file.folder] or not file.size:
                    yield Pulled(file, "waiting")
                    continue
                path = self._fetch(file)
            except _Changed:
                yield Pulled(file, "waiting")
            except (TransportError, OSError, ValueError) as error:
                yield Pulled(file, "failed", problem=self._problem(file.path, error))
                lost = isinstance(error, Unreachable)
            else:
                yield Pulled(file, "pulled", path, self._delete(file) if self._deletes else "")

    def _look(self, folder: str) -> list[RemoteFile]:
        def listing(session: Session) -> list[Attributes]:
            return session.listdir_attr(folder or ".")

        seen = self._connection.attempt(f"listing {printable(folder)}", listing)
        files = [_remote_file(folder, each.filename, each) for each in seen if _is_regular(each)]
        taken = [file for file in files if not file.name.startswith(".") and not file.name.lower().endswith(_UNDER_WAY)]
        return sorted(taken, key=lambda file: file.name)

    def _fetch(self, file: RemoteFile) -> Path:
        """Pull one file and return its path. The part is removed last, after the file is in place and recorded."""
        part = self._part(file)
        try:
            self._connection.attempt(
                f"downloading {printable(file.path)}", lambda session: _download(session, file, part, self._progress)
            )
        except _Changed:
            part.unlink(missing_ok=True)
            raise
        path = _put_in_place(part, self._inbox, _local_name(file.name))
        sync_folder(self._inbox)
        place = self._connection.place
        self._transfers.add(Transfer("pulled", place, file.folder, file.name, file.size, file.mtime))
        part.unlink(missing_ok=True)
        return path

    def _delete(self, file: RemoteFile) -> str:
        """Delete a pulled file from the server, unless it changed since; return the problem, if any."""

        def remove(session: Session) -> None:
            try:
                if _remote_file(file.folder, file.name, session.stat(file.path)) == file:
                    session.remove(file.path)
            except FileNotFoundError:
                pass  # an earlier try or another program deleted it

        try:
            self._connection.attempt(f"deleting {printable(file.path)}", remove)
        except (TransportError, OSError) as error:
            return self._problem(f"{file.path} was pulled but not deleted", error)
        return ""

    def _is_known(self, file: RemoteFile) -> bool:
        key = (self._connection.place, file.folder, file.name)
        return self._transfers.was_pulled(key, file.size, file.mtime)

    def _part(self, file: RemoteFile) -> Path:
        """Return the path of a file's part. Another file, or the same one after a change, has another name."""
        whole = "\0".join((self._connection.place, *map(str, msgspec.structs.astuple(file))))
        digest = hashlib.sha256(whole.encode("utf-8", "surrogateescape")).hexdigest()[:12]
        return self._inbox / f".{_local_name(file.name)}.{self._tag}-{digest}.part"

    def _drop_parts(self, wanted: set[Path]) -> None:
        """Remove the parts of files that are gone or changed."""
        for part in self._inbox.glob(f".*.{self._tag}-*.part"):
            if part not in wanted:
                part.unlink(missing_ok=True)

    def _problem(self, what: str, error: Exception) -> str:
        if isinstance(error, TransportError):
            return str(error)
        if isinstance(error, UnicodeError):
            return f"{self._connection.label}: {printable(what)}: a file has a name that is not UTF-8"
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        return f"{self._connection.label}: {printable(what)}: {printable(reason)}"


def _remote_file(folder: str, name: str, attributes: Attributes) -> RemoteFile:
    return RemoteFile(folder, name, attributes.st_size or 0, attributes.st_mtime or 0)


def _is_regular(attributes: Attributes) -> bool:
    """Return true for a regular file; if the server sends no file type, the `ls -l` line shows it."""
    kind = stat.S_IFMT(attributes.st_mode or 0)
    return kind == stat.S_IFREG if kind else not attributes.longname.startswith(("d", "l"))


def _download(session: Session, file: RemoteFile, part: Path, progress: Callable[[int], None]) -> None:
    """Download what is missing of a file. Raises _Changed if it is no longer the file that was listed."""
    descriptor = os.open(part, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    with os.fdopen(descriptor, "r+b") as target, opened(session, file.path, "rb") as source:
        os.fchmod(descriptor, 0o600)
        if os.fstat(descriptor).st_nlink > 1:  # a killed run already moved it into place
            return
        there = os.fstat(descriptor).st_size
        offset = there // _SYNCED * _SYNCED if there <= file.size else 0
        target.truncate(offset)
        target.seek(offset)
        source.seek(offset)
        while offset < file.size:
            piece = source.read(min(_CHUNK, file.size - offset, _SYNCED - offset % _SYNCED))
            if not piece:
                break
            target.write(piece)
            offset += len(piece)
            progress(len(piece))
            if offset % _SYNCED == 0 or offset == file.size:
                target.flush()
                os.fsync(descriptor)
    try:
        now = _remote_file(file.folder, file.name, session.stat(file.path))
    except FileNotFoundError:
        raise _Changed from None
    if now != file or part.stat().st_size != file.size:
        raise _Changed


def _put_in_place(part: Path, inbox: Path, name: str) -> Path:
    """Link a part to its name in the inbox, or to the next free one: unlike a move, a link never replaces a file."""
    for place in _places(inbox, name):
        try:
            os.link(part, place)
        except FileExistsError:
            if place.exists() and place.samefile(part):  # a run made the link and was killed right after
                return place
            continue
        except OSError:  # a file system without links
            if place.exists() or place.is_symlink():
                continue
            part.rename(place)
        return place
    raise AssertionError("there is always a free name")


def _places(inbox: Path, name: str) -> Iterator[Path]:
    whole = Path(name)
    yield inbox / name
    for number in count(2):
        yield inbox / f"{whole.stem}-{number}{whole.suffix}"


def _local_name(name: str) -> str:
    """Return a safe local name for a remote file: no separators, control characters, or leading dots, not too long."""
    plain = _UNFIT.sub("_", name)
    suffix = Path(plain).suffix
    suffix = suffix if len(suffix.encode()) <= _LONGEST_NAME // 4 else ""
    stem = plain.removesuffix(suffix).encode()[: _LONGEST_NAME - len(suffix.encode())].decode(errors="ignore")
    return stem + suffix
