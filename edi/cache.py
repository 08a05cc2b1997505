"""Tables that take long to make are kept in the user's cache folder: data only, and never needed to work.

The folder is `claimloop` in the user's cache folder (CLAIMLOOP_CACHE names another). A file there is worth nothing
but time: one that is missing, damaged or made by another version is made again, and where the folder cannot be
written everything works as before, only slower.
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
    """Where the tables are kept."""
    return Path(os.environ.get("CLAIMLOOP_CACHE") or user_cache_path("claimloop", appauthor=False))


def cached(name: str, version: str, kind: type[Table], make: Callable[[], Table]) -> Table:
    """The table `name` as `make` gives it, read from the cache where it was made before for the same `version`.

    `version` says everything that the table depends on: the versions of its sources and of the code that makes it.
    """
    key = hashlib.sha256(version.encode()).hexdigest()[:16]
    path = cache_folder() / f"{name}-{key}.msgpack"
    table = _read(path, kind)
    if table is None:
        table = make()
        with contextlib.suppress(OSError):  # a folder that cannot be written costs time, nothing else
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
    """Write the file whole or not at all, readable by its owner only."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_privately(path, lambda write: write(hashlib.sha256(body).digest() + body))
