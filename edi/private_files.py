"""Files that appear whole or not at all, readable by their owner only."""

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO


def write_privately(path: Path, body: Callable[[Callable[[bytes], object]], object]) -> None:
    """Write a file by `body`, which is given a function that takes bytes; what stood there is replaced at the end.

    Where `body` raises, nothing is changed. Raises OSError where the folder cannot be written.
    """
    with _appearing(path) as handle, os.fdopen(handle, "wb") as stream:
        body(stream.write)


def write_text_privately(path: Path, body: Callable[[TextIO], object]) -> None:
    """The same for text, in UTF-8 and with line ends as `body` writes them."""
    with _appearing(path) as handle, os.fdopen(handle, "w", encoding="utf-8", newline="") as stream:
        body(stream)


@contextmanager
def _appearing(path: Path) -> Iterator[int]:
    """A descriptor of a hidden file beside the path, which takes its place at the end."""
    handle, partial = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        yield handle
        Path(partial).replace(path)
    except BaseException:
        Path(partial).unlink(missing_ok=True)
        raise
