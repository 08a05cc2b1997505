"""Files from an SFTP account into the inbox: each whole and on the disk before it has a name there.

A file is fetched into a hidden one beside its place, whose name has a digest of what it is a part of; so what a broken
connection or a killed run left is gone on with, and never mixed with something else.
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
    said,
)
from claimloop.reconciliation.nightly.transfers import Transfer, Transfers, sync_folder, transfers_of

Outcome = Literal["pulled", "known", "waiting", "failed"]

_UNDER_WAY = (".part", ".tmp", ".filepart", ".partial")
_CHUNK = 1 << 15
_SYNCED = 1 << 20
"""Bytes after which a part is synced: what is before the last multiple of it survives a power cut."""
_LONGEST_NAME = 160
_UNFIT = re.compile(r"[^\w .,()+=@#~&-]|^[-. ]")


class RemoteFile(msgspec.Struct, frozen=True):
    """A file on the server as it is now. `mtime` is in seconds since 1970."""

    folder: str
    name: str
    size: int
    mtime: int

    @property
    def path(self) -> str:
        """Its path there."""
        return path_in(self.folder, self.name)


class Pulled(msgspec.Struct, frozen=True):
    """What became of a remote file, or of a whole folder (`file` has no name then).

    `outcome`: it came into the inbox as `path`; it is known from before; it waits, because it is being written or was
    not tried after the connection was lost; it failed. `problem` is one line; a file that came in has one where it
    could not be deleted on the server.
    """

    file: RemoteFile
    outcome: Outcome
    path: Path | None = None
    problem: str = ""


class _Changed(Exception):
    """The remote file is not what it was: somebody is writing it."""


def pull(
    account: SftpAccount,
    connection: Connection,
    inbox: Path,
    runs: Path,
    settle_seconds: float,
    progress: Callable[[int], None] | None = None,
) -> list[Pulled]:
    """Bring every file of the account's folders into the inbox that has not come in before.

    Hidden files and those with an ending of files under way are passed over. A file is taken if its size and time are
    the same after `settle_seconds`, and told as waiting otherwise. What came in is remembered in `runs`. `progress` is
    told bytes. A file that fails does not keep the others back. Raises UserError, OSError where inbox or `runs` will
    not do.
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
                problem = f"{self._connection.label}: {said(file.path)}: a name that no file can have"
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

        seen = self._connection.attempt(f"looking into {said(folder)}", listing)
        files = [_remote_file(folder, each.filename, each) for each in seen if _is_regular(each)]
        taken = [file for file in files if not file.name.startswith(".") and not file.name.lower().endswith(_UNDER_WAY)]
        return sorted(taken, key=lambda file: file.name)

    def _fetch(self, file: RemoteFile) -> Path:
        """Bring one file in; gives its place. The part goes last, so until all is noted it is still the same file."""
        part = self._part(file)
        try:
            self._connection.attempt(
                f"fetching {said(file.path)}", lambda session: _download(session, file, part, self._progress)
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
        """Remove a file that came in from the server, unless it was changed since; gives the problem, if any."""

        def remove(session: Session) -> None:
            try:
                if _remote_file(file.folder, file.name, session.stat(file.path)) == file:
                    session.remove(file.path)
            except FileNotFoundError:
                pass  # by an earlier try, or by somebody else

        try:
            self._connection.attempt(f"deleting {said(file.path)}", remove)
        except (TransportError, OSError) as error:
            return self._problem(f"{file.path} came in but was not deleted", error)
        return ""

    def _is_known(self, file: RemoteFile) -> bool:
        key = (self._connection.place, file.folder, file.name)
        return self._transfers.was_pulled(key, file.size, file.mtime)

    def _part(self, file: RemoteFile) -> Path:
        """Where a file is fetched to. Another file, or the same one changed, has another name."""
        whole = "\0".join((self._connection.place, *map(str, msgspec.structs.astuple(file))))
        digest = hashlib.sha256(whole.encode("utf-8", "surrogateescape")).hexdigest()[:12]
        return self._inbox / f".{_local_name(file.name)}.{self._tag}-{digest}.part"

    def _drop_parts(self, wanted: set[Path]) -> None:
        """Parts of files that are no longer there as they were."""
        for part in self._inbox.glob(f".*.{self._tag}-*.part"):
            if part not in wanted:
                part.unlink(missing_ok=True)

    def _problem(self, what: str, error: Exception) -> str:
        if isinstance(error, TransportError):
            return str(error)
        if isinstance(error, UnicodeError):
            return f"{self._connection.label}: {said(what)}: a file there has a name that is not UTF-8"
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        return f"{self._connection.label}: {said(what)}: {said(reason)}"


def _remote_file(folder: str, name: str, attributes: Attributes) -> RemoteFile:
    return RemoteFile(folder, name, attributes.st_size or 0, attributes.st_mtime or 0)


def _is_regular(attributes: Attributes) -> bool:
    """True of a file; of a server that does not say what it is, `ls -l` does."""
    kind = stat.S_IFMT(attributes.st_mode or 0)
    return kind == stat.S_IFREG if kind else not attributes.longname.startswith(("d", "l"))


def _download(session: Session, file: RemoteFile, part: Path, progress: Callable[[int], None]) -> None:
    """Fetch what is missing of a file. Raises _Changed where it is no longer the one that was looked at."""
    descriptor = os.open(part, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    with os.fdopen(descriptor, "r+b") as target, opened(session, file.path, "rb") as source:
        os.fchmod(descriptor, 0o600)
        if os.fstat(descriptor).st_nlink > 1:  # a killed run has put it in place already
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
    """Give a part its name in the inbox, or the next free one: a link, which unlike a move never replaces a file."""
    for place in _places(inbox, name):
        try:
            os.link(part, place)
        except FileExistsError:
            if place.exists() and place.samefile(part):  # by a run that was killed right after
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
    """The name of a remote file as it is safe here: no separators, control signs or leading dots, not too long."""
    plain = _UNFIT.sub("_", name)
    suffix = Path(plain).suffix
    suffix = suffix if len(suffix.encode()) <= _LONGEST_NAME // 4 else ""
    stem = plain.removesuffix(suffix).encode()[: _LONGEST_NAME - len(suffix.encode())].decode(errors="ignore")
    return stem + suffix
