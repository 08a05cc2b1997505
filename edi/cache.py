"""Keep tables that are slow to build in the user's cache folder. They contain data only and are never required.

The folder is `claimloop` in the user's cache folder; CLAIMLOOP_CACHE names another one. A cached file only saves time:
one that is missing, damaged or from another version is rebuilt. If the folder is not writable, everything works as
before, only slower.
"""

import contextlib
import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import msgspec
from platformdirs import user_cache_path

from claimloop.edi.private_files import write_privately

Table = TypeVar("Table")
_DIGEST_BYTES = 32


def cache_folder() -> Path:
    """Return the folder for cached tables."""
    return Path(os.environ.get("CLAIMLOOP_CACHE") or user_cache_path("claimloop", appauthor=False))


def cached(name: str, version: str, kind: type[Table], make: Callable[[], Table]) -> Table:
    """Return the table `name`: from the cache if it was built for the same `version`, else from `make`.

    `version` must name everything that the table depends on: the versions of its sources and of the code that builds
    it.
    """
    key = hashlib.sha256(version.encode()).hexdigest()[:16]
    path = cache_folder() / f"{name}-{key}.msgpack"
    table = _read(path, kind)
    if table is None:
        table = make()
        with contextlib.suppress(OSError):  # a folder that is not writable costs only time
            _write(path, msgspec.msgpack.encode(table))
    return table


def _read(path: Path, kind: type[Table]) -> Table | None:
    try:
        content = path.read_bytes()
        digest, body = content[:_DIGEST_BYTES], content[_DIGEST_BYTES:]
        return msgspec.msgpack.decode(body, type=kind) if hashlib.sha256(body).digest() == digest else None
    except (OSError, msgspec.DecodeError):
        return None


def _write(path: Path, body: bytes) -> None:
    """Write the file completely or not at all, readable only by its owner."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_privately(path, lambda write: write(hashlib.sha256(body).digest() + body))
