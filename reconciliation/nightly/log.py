"""The log of the nightly runs: one JSON object a line, rotated, readable by its owner only, values masked."""

import errno
import os
from collections.abc import Callable
from datetime import datetime
from itertools import pairwise
from pathlib import Path

import msgspec

from claimloop.reconciliation.nightly.folders import make_folder

MOST_BYTES, KEPT = 5_000_000, 20
"""The largest size of a log file, and how many older ones are kept."""

Log = Callable[..., None]
"""Logs an event, in a word or two, with facts by name. Raises OSError if the line cannot be written."""


def open_log(path: Path, now: Callable[[], datetime], *, most_bytes: int = MOST_BYTES) -> Log:
    """Open the log at a path; `now` dates its lines. A line is written completely or not at all."""
    make_folder(path.parent)

    def log(event: str, **facts: object) -> None:
        facts = {"at": now().isoformat(timespec="milliseconds"), "event": event, **facts}
        line = msgspec.json.encode(facts, enc_hook=str) + b"\n"
        if path.exists() and path.stat().st_size + len(line) > most_bytes:
            _rotate(path)
        _append(path, line)

    return log


def _append(path: Path, line: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        before = os.fstat(descriptor).st_size
        try:
            if os.write(descriptor, line) < len(line):
                raise OSError(errno.ENOSPC, "the disk is full", str(path))
        except OSError:
            os.ftruncate(descriptor, before)
            raise
    finally:
        os.close(descriptor)


def _rotate(path: Path) -> None:
    """Rename `nightly.log` to `nightly.log.1`, that to `nightly.log.2`, and so on; drop the oldest."""
    parts = [path, *(path.with_name(f"{path.name}.{number}") for number in range(1, KEPT + 1))]
    for newer, older in reversed(list(pairwise(parts))):
        if newer.exists():
            newer.replace(older)
