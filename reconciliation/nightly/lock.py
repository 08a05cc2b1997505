"""One run at a time. The operating system lets go of the lock when its holder dies, so none is ever stale."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
from filelock import FileLock, Timeout

from claimloop.edi.diagnostics import UserError
from claimloop.edi.private_files import write_privately
from claimloop.reconciliation.nightly.folders import make_folder


class Holder(msgspec.Struct, frozen=True):
    """Who is at work: process, machine, and the moment of its start."""

    process: int
    machine: str
    started: str


class AnotherRun(UserError):
    """The lock is held by a run that is at work."""


@contextmanager
def only_run(folder: Path, holder: Holder | None) -> Iterator[Holder | None]:
    """Hold the lock of a folder; gives the holder before, where it died at work and there is something to take up.

    Who rehearses holds it as nobody (None), and leaves no trace. Raises AnotherRun where another run holds it, OSError
    where the folder cannot be written.
    """
    make_folder(folder)
    note = folder / ".running.json"
    lock = FileLock(folder / ".nightly.lock", timeout=0, mode=0o600)
    try:
        lock.acquire()
    except Timeout:
        other = _read(note)
        who = f" (process {other.process} on {other.machine}, since {other.started})" if other else ""
        raise AnotherRun(f"another nightly run is at work{who}; this one did nothing") from None
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
    """Who wrote the note; None where there is none, or it was never finished."""
    try:
        return msgspec.json.decode(note.read_bytes(), type=Holder)
    except (FileNotFoundError, msgspec.DecodeError):
        return None
