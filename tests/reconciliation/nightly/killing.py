"""A run that is killed at its n-th step, whatever that is: a call to the server, a sync, a link, a note."""

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

import paramiko

from claimloop.reconciliation.nightly.transfers import Transfers

STEPS: list[tuple[Any, str]] = [
    (paramiko.SFTPClient, "listdir_attr"), (paramiko.SFTPClient, "stat"), (paramiko.SFTPClient, "open"),
    (paramiko.SFTPClient, "rename"), (paramiko.SFTPClient, "remove"), (paramiko.SFTPFile, "write"),
    (paramiko.SFTPFile, "read"), (Transfers, "add"), (os, "fsync"), (os, "link"), (Path, "unlink"),
]  # fmt: skip


class Killed(BaseException):
    """Nothing catches it, and nothing is done after it."""


@contextmanager
def killed_at(step: int) -> Iterator[None]:
    """From the n-th moment on every further step raises: even n after a step is done, odd n before."""
    count = [0]

    def strike() -> None:
        if threading.current_thread() is not threading.main_thread():  # the server has its own life
            return
        count[0] += 1
        if count[0] >= step:
            raise Killed

    def struck(real: Callable[..., object]) -> Callable[..., object]:
        def call(*args: Any, **kwargs: Any) -> object:
            strike()
            result = real(*args, **kwargs)
            strike()
            return result

        return call

    patches = [patch.object(owner, name, struck(getattr(owner, name))) for owner, name in STEPS]
    for each in patches:
        each.start()
    try:
        yield
    finally:
        for each in patches:
            each.stop()
