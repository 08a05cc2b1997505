"""The digest of a transaction set: the same for the same set in another envelope or with other delimiters."""

import hashlib
from functools import lru_cache

from claimloop.edi.delimiters import Delimiters
from claimloop.edi.tokens import Batch


class SetDigest:
    """SHA-256 over the segments between ST and SE, fed by slices of batches.

    Delimiters are written as control characters: element 1D, component 1F, repetition 1E, segment end 1C.
    Empty segments and line breaks do not count.
    """

    def __init__(self) -> None:
        self._hash = hashlib.sha256()

    def update(self, batch: Batch, start: int, end: int | None = None) -> None:
        """Take in `batch.segments[start:end]`."""
        segments = list(filter(None, batch.segments[start:end]))
        if segments:
            text = batch.delimiters.segment.join((*segments, ""))
            self._hash.update(text.translate(_normal_delimiters(batch.delimiters)).encode())

    def hexdigest(self) -> str:
        """64 hexadecimal digits."""
        return self._hash.hexdigest()


@lru_cache(maxsize=16)
def _normal_delimiters(delimiters: Delimiters) -> dict[int, str]:
    table = {delimiters.element: "\x1d", delimiters.segment: "\x1c"}
    table |= {delimiters.component: "\x1f"} if delimiters.component else {}
    table |= {delimiters.repetition: "\x1e"} if delimiters.repetition else {}
    return str.maketrans(table)
