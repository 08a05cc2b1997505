"""Files that appear whole or not at all, readable by their owner only."""

import os
import tempfile
from collections.abc import Callable
from pathlib import Path


def write_privately(path: Path, body: Callable[[Callable[[bytes], object]], object]) -> None:
    """Write a file by `body`, which is given a function that takes bytes; what stood there is replaced at the end.

    Where `body` raises, nothing is changed. Raises OSError where the folder cannot be written.
    """
    handle, partial = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as stream:
            body(stream.write)
        Path(partial).replace(path)
    except BaseException:
        Path(partial).unlink(missing_ok=True)
        raise
