"""Allow one run at a time. The operating system releases the lock when its holder dies, so it is never stale."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
from filelock import FileLock, Timeout

from claimloop.edi.diagnostics import UserError
from claimloop.edi.private_files import write_privately
from claimloop.reconciliation.nightly.folders import make_folder


class Holder(msgspec.Struct, frozen=True):
    """The run that holds the lock: its process, machine, and start time."""

    process: int
    machine: str
    started: str


class AnotherRun(UserError):
    """Another run is in progress and holds the lock."""


@contextmanager
def only_run(folder: Path, holder: Holder | None) -> Iterator[Holder | None]:
    """Hold the lock of a folder. Provide the previous holder if it was killed, so that this run can complete its work.

    A dry run passes no holder (None) and leaves no note. Raises AnotherRun if another run holds the lock, OSError if
    the folder cannot be written.
    """
    make_folder(folder)
    note = folder / ".running.json"
    lock = FileLock(folder / ".nightly.lock", timeout=0, mode=0o600)
    try:
        lock.acquire()
    except Timeout:
        other = _read(note)
        who = f" (process {other.process} on {other.machine}, since {other.started})" if other else ""
        raise AnotherRun(f"another nightly run is in progress{who}; this one did nothing") from None
    try:
        died = _read(note)
        if holder is not None:
            write_privately(note, lambda out: out(msgspec.json.encode(holder)))
        yield died
        if holder is not None:
            note.unlink(missing_ok=True)
    finally:
        lock.release()


def _read(note: Path) -> Holder | None:
    """Return the holder in the note; None if there is no note, or it was never finished."""
    try:
        return msgspec.json.decode(note.read_bytes(), type=Holder)
    except (FileNotFoundError, msgspec.DecodeError):
        return None
