"""The log of the nightly runs: one JSON object a line, rotating, readable by its owner only, values masked."""

import logging
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from io import TextIOWrapper
from logging.handlers import RotatingFileHandler
from pathlib import Path

import msgspec

from claimloop.reconciliation.nightly.folders import make_folder

MOST_BYTES, KEPT = 5_000_000, 20
"""Of one file of the log, and how many older ones stay beside it."""

Log = Callable[..., None]
"""Takes the event in a word or two, and facts by name."""


class _PrivateFile(RotatingFileHandler):
    def _open(self) -> TextIOWrapper:
        return os.fdopen(
            os.open(self.baseFilename, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600), "a", encoding="utf-8"
        )

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802
        """What cannot be logged is the run's problem: a full disk must not pass unseen."""
        error = sys.exception()
        if error is not None:
            raise error


@contextmanager
def open_log(path: Path, now: Callable[[], datetime], *, most_bytes: int = MOST_BYTES) -> Iterator[Log]:
    """The log at a path; `now` dates its lines. Writing raises OSError where the line cannot be kept."""
    make_folder(path.parent)
    handler = _PrivateFile(path, maxBytes=most_bytes, backupCount=KEPT, encoding="utf-8", delay=True)
    logger = logging.Logger("claimloop.nightly")
    logger.addHandler(handler)

    def log(event: str, **facts: object) -> None:
        line = {"at": now().isoformat(timespec="milliseconds"), "event": event, **facts}
        logger.info("%s", msgspec.json.encode(line, enc_hook=str).decode())

    try:
        yield log
    finally:
        handler.close()
