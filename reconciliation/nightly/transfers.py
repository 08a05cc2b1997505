"""What was fetched from an SFTP account and sent to it: a file of JSON lines that is only ever added to.

Each line is on the disk before the next step is taken: so the next run understands one that was killed at any moment.
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
    """One step of one file. `place` is user@host:port; `mtime` is in seconds since 1970, as the server says it.

    `renaming`: the file lies complete on the server under a passing name, and is about to get its own. `not renamed`:
    the server refused that.
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
        """Which remote file this is of."""
        return self.place, self.folder, self.name


class Transfers:
    """The steps so far. One run at a time may have it open: the nightly run holds a lock."""

    def __init__(self, path: Path) -> None:
        """Read the file; what a power cut left of a line that was being written is taken off, as it never counted.

        Raises UserError where another line is not ours, OSError.
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
                raise UserError(f"{path}:{number}: not a line of claimloop's: {error}") from None

    def add(self, transfer: Transfer) -> None:
        """Keep one more step; it is on the disk when this returns, and not there at all where this raises OSError."""
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
        """True where the file, as it is now, came into the inbox."""
        return (key, size, mtime) in self._pulled

    def last_push(self, key: _Key) -> Transfer | None:
        """How far a file got the last time."""
        return self._pushed.get(key)

    def _learn(self, transfer: Transfer) -> None:
        if transfer.step == "pulled":
            self._pulled.add((transfer.key, transfer.size, transfer.mtime))
        else:
            self._pushed[transfer.key] = transfer


def transfers_of(account: SftpAccount, folder: Path) -> Transfers:
    """The transfers of an account, kept in this folder."""
    name = "".join(sign if sign.isalnum() or sign in "-_." else "_" for sign in account.name)
    return Transfers(folder / f"sftp-{name}.jsonl")


def sync_folder(folder: Path) -> None:
    """Make what was renamed, linked or made in a folder survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
