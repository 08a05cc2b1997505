"""Push files to an SFTP account, each once: upload under a temporary name, record that, and then rename.

A clearinghouse may remove a file as soon as it has its final name, so the server does not show whether it was sent. The
step `renaming` is therefore on disk before the rename. If the part is still there afterwards, the rename did not
happen; if it is gone, it did.
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
    printable,
)
from claimloop.reconciliation.nightly.transfers import Step, Transfer, Transfers, transfers_of

_PART = ".part"
_CHUNK = 1 << 15


class Pushed(msgspec.Struct, frozen=True):
    """What happened to a file. `problem` is one line, and is not empty if the file was not sent.

    `outcome` is `sent` (by this run, or by one that was killed before it recorded that), `known` (sent before, or
    already on the server), `waiting` (the connection was lost before it was tried), or `failed`.
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
    """Send each file that was not sent before to the account's folder; what was sent is recorded in `runs`.

    A name identifies a content, so different content under a name that was sent fails. `progress` is called with the
    bytes sent. A file that fails does not stop the others. Raises UserError, and OSError if `runs` cannot be written.
    """
    transfers = transfers_of(account, runs)
    pushed: list[Pushed] = []
    lost = False
    for path in files:
        if lost:
            pushed.append(Pushed(path, "waiting", f"{connection.label}: {printable(path.name)}: not tried"))
            continue
        try:
            upload = _Upload(path, account.push, connection, transfers, progress or (lambda _: None))
            pushed.append(Pushed(path, upload.run()))
        except (TransportError, OSError) as error:
            problem = str(error)
            if not isinstance(error, TransportError):
                why = printable(error.strerror or error)
                problem = f"{connection.label}: {printable(path_in(account.push, path.name))}: {why}"
            pushed.append(Pushed(path, "failed", problem))
            lost = isinstance(error, Unreachable)
    return pushed


class _Upload:
    """The upload of one file."""

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
            raise self._error("different content was sent under this name before; the file was not sent")
        if last is not None and last.step == "sent":
            return "known"
        return self._connection.attempt(f"sending {printable(self._target)}", self._send)

    def _send(self, session: Session) -> Literal["sent", "known"]:
        """Do what is still to do according to the recorded steps and the server; called again if the connection breaks.

        Invariant: a file is renamed at most once, and is recorded as sent only if it has its final name or the server
        removed it after the rename. A part of another content or size is overwritten, because it never had that name.
        """
        last = self._last()
        if last is not None and last.step == "renaming":
            left = _size(session, self._part)
            if left is None:
                session.stat(self._folder or ".")  # raises if the folder is gone, which proves nothing about the file
                self._note("sent")
                return "sent"
            if left == self._size:
                return self._rename(session)
            self._note("not renamed")
        there = _size(session, self._target)
        if there is not None:
            if there != self._size or self._equal_bytes(session, self._target, there) != there:
                raise self._error("the server has a different or unreadable file of this name; the file was not sent")
            self._note("sent")
            return "known"
        self._upload(session)
        left = _size(session, self._part)
        if left != self._size:
            raise self._error(f"{left or 0:,} of {self._size:,} bytes arrived")
        return self._rename(session)

    def _upload(self, session: Session) -> None:
        """Upload what the server lacks. Resume a part on the server if every byte of it is ours."""
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
        """Return how many leading bytes of a remote file are the same as ours; 0 if it cannot be read."""
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
            if not self._connection.is_broken(
                error
            ):  # the server answered that it failed; without an answer, the next try finds out
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
        return TransportError(f"{self._connection.label}: {printable(self._target)}: {problem}")


def _size(session: Session, path: str) -> int | None:
    """Return the size of a remote file; None if there is no such file."""
    try:
        return session.stat(path).st_size or 0
    except FileNotFoundError:
        return None
