"""Write files that appear complete or not at all, readable only by their owner."""

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO


def write_privately(path: Path, body: Callable[[Callable[[bytes], object]], object]) -> None:
    """Write a file. `body` receives a function that accepts bytes; the finished file replaces an earlier one.

    If `body` raises, nothing is changed. Raises OSError if the folder is not writable.
    """
    with _appearing(path) as handle, os.fdopen(handle, "wb") as stream:
        body(stream.write)


def write_text_privately(path: Path, body: Callable[[TextIO], object]) -> None:
    """Write a text file in the same way, in UTF-8 and with line ends as `body` writes them."""
    with _appearing(path) as handle, os.fdopen(handle, "w", encoding="utf-8", newline="") as stream:
        body(stream)


@contextmanager
def _appearing(path: Path) -> Iterator[int]:
    """Yield a descriptor of a hidden file next to the path, which replaces the path at the end."""
    handle, partial = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        yield handle
        Path(partial).replace(path)
    except BaseException:
        Path(partial).unlink(missing_ok=True)
        raise
