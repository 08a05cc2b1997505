"""Files to an SFTP account, each once: uploaded under a passing name, noted, and only then given its own.

A clearinghouse may take a file away the moment it has its name, so whether it was sent is not to be seen there. The
note `renaming` is on the disk before the rename: a part that is there afterwards was not renamed, one that is gone was.
"""

import hashlib
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Literal

import msgspec

from claimloop.reconciliation.configuration.nightly_settings import SftpAccount
from claimloop.reconciliation.nightly.sftp import (
    Connection,
    Session,
    TransportError,
    Unreachable,
    opened,
    path_in,
    said,
)
from claimloop.reconciliation.nightly.transfers import Step, Transfer, Transfers, transfers_of

_PART = ".part"
_CHUNK = 1 << 15


class Pushed(msgspec.Struct, frozen=True):
    """What became of a file. `problem` is one line, and is there where the file is not on the server.

    `outcome`: it was sent, by this run or by one that was killed before it could say so; it is known to have been sent,
    or was there; it waits, because it was not tried after the connection was lost; it failed.
    """

    path: Path
    outcome: Literal["sent", "known", "waiting", "failed"]
    problem: str = ""


def push(
    account: SftpAccount,
    connection: Connection,
    files: Sequence[Path],
    runs: Path,
    progress: Callable[[int], None] | None = None,
) -> list[Pushed]:
    """Send each file to the account's folder, unless that has been done; what was done is remembered in `runs`.

    A file's name stands for its content: another content under a name that was sent is refused. `progress` is told
    bytes. A file that fails does not keep the others back. Raises UserError, OSError where `runs` will not do.
    """
    transfers = transfers_of(account, runs)
    pushed: list[Pushed] = []
    lost = False
    for path in files:
        if lost:
            pushed.append(Pushed(path, "waiting", f"{connection.label}: {said(path.name)}: not tried"))
            continue
        try:
            upload = _Upload(path, account.push, connection, transfers, progress or (lambda _: None))
            pushed.append(Pushed(path, upload.run()))
        except (TransportError, OSError) as error:
            problem = str(error)
            if not isinstance(error, TransportError):
                why = said(error.strerror or error)
                problem = f"{connection.label}: {said(path_in(account.push, path.name))}: {why}"
            pushed.append(Pushed(path, "failed", problem))
            lost = isinstance(error, Unreachable)
    return pushed


class _Upload:
    """One file on its way."""

    def __init__(
        self, path: Path, folder: str, connection: Connection, transfers: Transfers, progress: Callable[[int], None]
    ) -> None:
        self._path = path
        self._folder = folder
        self._target = path_in(folder, path.name)
        self._part = self._target + _PART
        self._connection = connection
        self._transfers = transfers
        self._progress = progress
        with path.open("rb") as file:
            self._sha256 = hashlib.file_digest(file, "sha256").hexdigest()
            self._size = os.fstat(file.fileno()).st_size

    def run(self) -> Literal["sent", "known"]:
        last = self._last()
        if last is not None and last.step != "not renamed" and last.sha256 != self._sha256:
            raise self._error("something else was sent under this name before; it was not sent")
        if last is not None and last.step == "sent":
            return "known"
        return self._connection.attempt(f"sending {said(self._target)}", self._send)

    def _send(self, session: Session) -> Literal["sent", "known"]:
        """All that is still to do, as far as notes and server tell; called again after the connection broke."""
        last = self._last()
        if last is not None and last.step == "renaming":
            left = _size(session, self._part)
            if left is None:
                session.stat(self._folder or ".")  # a folder that is gone says nothing of the file
                self._note("sent")
                return "sent"
            if left == self._size:
                return self._rename(session)
            self._note("not renamed")
        there = _size(session, self._target)
        if there is not None:
            if there != self._size or self._equal_bytes(session, self._target, there) != there:
                raise self._error(
                    "the server has a file of this name that is not, or cannot be read as, the same; it was not sent"
                )
            self._note("sent")
            return "known"
        self._upload(session)
        left = _size(session, self._part)
        if left != self._size:
            raise self._error(f"{left or 0:,} of {self._size:,} bytes arrived")
        return self._rename(session)

    def _upload(self, session: Session) -> None:
        """Send what the server has not. A part that lies there is gone on with if all of it is ours, byte by byte."""
        there = _size(session, self._part) or 0
        is_ours = 0 < there <= self._size and self._equal_bytes(session, self._part, there) == there
        offset = there if is_ours else 0
        if is_ours and offset == self._size:
            return
        mode = "r+b" if is_ours else "wb"
        with self._path.open("rb") as source, opened(session, self._part, mode) as target:
            target.set_pipelined(True)
            source.seek(offset)
            target.seek(offset)
            while piece := source.read(_CHUNK):
                target.write(piece)
                self._progress(len(piece))

    def _equal_bytes(self, session: Session, remote: str, size: int) -> int:
        """How many bytes of a remote file of this size are those of ours; none where it may not be read."""
        equal = 0
        try:
            with self._path.open("rb") as ours, opened(session, remote, "rb") as theirs:
                while equal < size:
                    piece = theirs.read(min(_CHUNK, size - equal))
                    if not piece or piece != ours.read(len(piece)):
                        break
                    equal += len(piece)
        except OSError as error:
            if self._connection.is_broken(error):
                raise
            return 0
        return equal

    def _rename(self, session: Session) -> Literal["sent"]:
        self._note("renaming")
        try:
            session.rename(self._part, self._target)
        except OSError as error:
            if not self._connection.is_broken(error):  # an answer: it was not done. No answer: the next try finds out.
                self._note("not renamed")
            raise
        self._note("sent")
        return "sent"

    def _last(self) -> Transfer | None:
        return self._transfers.last_push((self._connection.place, self._folder, self._path.name))

    def _note(self, step: Step) -> None:
        place, name = self._connection.place, self._path.name
        self._transfers.add(Transfer(step, place, self._folder, name, self._size, sha256=self._sha256))

    def _error(self, problem: str) -> TransportError:
        return TransportError(f"{self._connection.label}: {said(self._target)}: {problem}")


def _size(session: Session, path: str) -> int | None:
    """The size of a remote file, None where there is none."""
    try:
        return session.stat(path).st_size or 0
    except FileNotFoundError:
        return None
