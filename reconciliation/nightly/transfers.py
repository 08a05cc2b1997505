"""Record what was pulled from an SFTP account and pushed to it, in an append-only file of JSON lines.

Each line is on disk before the next step begins, so the next run can complete one that was killed at any time.
"""

import errno
import os
from pathlib import Path
from typing import Literal

import msgspec

from claimloop.edi.diagnostics import UserError
from claimloop.reconciliation.configuration.nightly_settings import SftpAccount

Step = Literal["pulled", "renaming", "not renamed", "sent"]
_Key = tuple[str, str, str]


class Transfer(msgspec.Struct, frozen=True, omit_defaults=True):
    """One step of one file. `place` is user@host:port; `mtime` is the server's, in seconds since 1970.

    Step `renaming`: the file is complete on the server under a temporary name, and is about to be renamed. Step
    `not renamed`: the rename failed.
    """

    step: Step
    place: str
    folder: str
    name: str
    size: int
    mtime: int = 0
    sha256: str = ""

    @property
    def key(self) -> _Key:
        """Return what identifies the remote file."""
        return self.place, self.folder, self.name


class Transfers:
    """The steps so far. Only one run at a time may open the file; the nightly run holds a lock."""

    def __init__(self, path: Path) -> None:
        """Read the file, and remove an unfinished last line that a power failure left, because it never counted.

        Raises UserError if any other line is invalid, and OSError.
        """
        self._path = path
        self._pulled: set[tuple[_Key, int, int]] = set()
        self._pushed: dict[_Key, Transfer] = {}
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        with os.fdopen(descriptor, "r+b") as file:
            content = file.read()
            whole = content[: content.rfind(b"\n") + 1]
            if len(whole) < len(content):
                file.truncate(len(whole))
            os.fsync(file.fileno())
        sync_folder(path.parent)
        for number, line in enumerate(whole.splitlines(), start=1):
            try:
                self._learn(msgspec.json.decode(line, type=Transfer))
            except msgspec.MsgspecError as error:
                raise UserError(f"{path}:{number}: not a valid transfer record: {error}") from None

    def add(self, transfer: Transfer) -> None:
        """Append a step; it is on disk when this returns, and not in the file at all if this raises OSError."""
        with self._path.open("ab", buffering=0) as file:
            before = file.tell()
            try:
                line = msgspec.json.encode(transfer) + b"\n"
                if file.write(line) != len(line):
                    raise OSError(errno.ENOSPC, "the disk is full", str(self._path))
                os.fsync(file.fileno())
            except BaseException:
                file.truncate(before)
                raise
        self._learn(transfer)

    def was_pulled(self, key: _Key, size: int, mtime: int) -> bool:
        """Return true if the file with this size and time was pulled."""
        return (key, size, mtime) in self._pulled

    def last_push(self, key: _Key) -> Transfer | None:
        """Return the last step of a file."""
        return self._pushed.get(key)

    def _learn(self, transfer: Transfer) -> None:
        if transfer.step == "pulled":
            self._pulled.add((transfer.key, transfer.size, transfer.mtime))
        else:
            self._pushed[transfer.key] = transfer


def transfers_of(account: SftpAccount, folder: Path) -> Transfers:
    """Return the transfers of an account, which are recorded in this folder."""
    name = "".join(each if each.isalnum() or each in "-_." else "_" for each in account.name)
    return Transfers(folder / f"sftp-{name}.jsonl")


def sync_folder(folder: Path) -> None:
    """Sync a folder, so that files renamed, linked, or created in it survive a power failure."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
