"""Cut files into stretches for the columnar reader: whole claims, a few megabytes each, small files together.

A file is plain where its segments can be found without `edi.tokens`: it begins with an ISA, every later interchange
directly follows a segment and has the same delimiters, all of them ASCII, and only blanks follow the last segment.
Every other file goes to the record reader as a whole.
"""

import itertools
import re
from collections.abc import Iterable, Iterator
from os import SEEK_END
from pathlib import Path
from typing import BinaryIO

import msgspec

from claimloop.edi.diagnostics import NotX12
from claimloop.edi.syntax.delimiters import Delimiters, read_delimiters

STRETCH = 8_000_000
"""Bytes of a stretch. Reading it takes about twenty times as much memory."""

_LONGEST_STRETCH = 64_000_000
"""Bytes without the beginning of a claim for which a file is still read by columns."""

_SLACK = 1 << 16
"""A part ends before a claim, so it is shorter than requested. The margin keeps the last one from being tiny."""

_BLOCK = 1 << 20
_HEAD = 512
_BLANK = b" \t\r\n\v\f\0\x1a"
_BREAKS = b"\r\n"
_MOST_BREAKS = 16
"""Bytes of line breaks between two segments after which an ISA or a CLP is still found."""

_ISA = re.compile(rb"ISA([^A-Za-z0-9 \r\n])..\1", re.DOTALL)
_LENGTHS = ((1, 2), (3, 2), (5, 2), (7, 2), (12, 5))


class Part(msgspec.Struct, frozen=True):
    """Whole segments of one file from offset `begins` on. `opens` and `ends` mark the file's first and last part."""

    path: Path
    raw: bytes
    begins: int
    opens: bool
    ends: bool


class Stretch(msgspec.Struct, frozen=True):
    """Parts with the same delimiters, to be read together. A file that is not plain has no delimiters and no bytes."""

    parts: tuple[Part, ...]
    delimiters: Delimiters | None

    def raw(self) -> bytes:
        """All bytes."""
        return self.parts[0].raw if len(self.parts) == 1 else b"".join(part.raw for part in self.parts)


def stretches(paths: Iterable[Path], size: int = STRETCH, workers: int = 1) -> Iterator[Stretch]:
    """Yield the files in order, in stretches of about `size` bytes, of which `workers` can share a large file evenly.

    Raises OSError where a file cannot be read.
    """
    together: list[Part] = []
    gathered = 0
    of: Delimiters | None = None
    for path in paths:
        with path.open("rb") as stream:
            small = stream.read(size + 1)
            whole = len(small) <= size
            delimiters = plain_delimiters(small, ()) if whole else plain_delimiters(small, _blocks(stream))
            if together and (delimiters != of or not whole or gathered + len(small) > size):
                yield Stretch(tuple(together), of)
                together, gathered = [], 0
            of = delimiters
            if delimiters is None:
                yield Stretch((Part(path, b"", 0, opens=True, ends=True),), None)
            elif whole:
                together.append(Part(path, small.rstrip(_trailing(delimiters)), 0, opens=True, ends=True))
                gathered += len(small)
            else:
                length = stream.seek(0, SEEK_END)
                stream.seek(0)
                count = -(-length // (size * workers)) * workers
                yield from _cut(path, stream, delimiters, length // count + _SLACK)
    if together:
        yield Stretch(tuple(together), of)


def _blocks(stream: BinaryIO) -> Iterator[bytes]:
    while block := stream.read(_BLOCK):
        yield block


def _trailing(delimiters: Delimiters) -> bytes:
    """Return the bytes that may follow the last segment without meaning."""
    return bytes(byte for byte in _BLANK if chr(byte) != delimiters.segment)


def plain_delimiters(start: bytes, blocks: Iterable[bytes]) -> Delimiters | None:
    """Return the delimiters of a plain file that begins with `start` and continues with `blocks`, else None."""
    delimiters = _isa_delimiters(start, 0)
    if delimiters is None or not str(delimiters).isascii() or len(set(str(delimiters))) != len(str(delimiters)):
        return None
    terminator = delimiters.segment.encode()
    claim = f"CLP{delimiters.element}".encode()
    since_claim = 0
    joined = b""
    for block in itertools.chain((start,), blocks):
        sure_from = _HEAD if joined else 1
        joined = joined[-2 * _HEAD :] + block
        # An ISA so close to the end that it may be cut is examined again with the next block.
        if not _interchanges_are_plain(joined, sure_from, len(joined) - _HEAD, delimiters) or terminator not in joined:
            return None
        since_claim = 0 if claim in block else since_claim + len(block)
        if since_claim > _LONGEST_STRETCH // 2:
            return None
    if not _interchanges_are_plain(joined, max(len(joined) - _HEAD, 1), len(joined), delimiters):
        return None
    return delimiters if joined.rstrip(_trailing(delimiters)).endswith(terminator) else None


def _interchanges_are_plain(raw: bytes, first: int, until: int, delimiters: Delimiters) -> bool:
    """Return True where every ISA in these bytes directly follows a segment and has these delimiters."""
    terminator = delimiters.segment.encode()
    start = first - 1
    while 0 <= (start := raw.find(b"ISA", start + 1)) < until:  # many times faster than the pattern
        if not _ISA.match(raw, start):
            continue
        before = raw[max(start - _MOST_BREAKS, 0) : start].rstrip(_BREAKS.replace(terminator, b""))
        if not before.endswith(terminator) or _isa_delimiters(raw, start) != delimiters:
            return False
    return True


def _isa_delimiters(raw: bytes, start: int) -> Delimiters | None:
    """Return the delimiters of the ISA at this place; None where `edi.tokens` would not accept it."""
    if not _ISA.match(raw, start):
        return None
    head = raw[start : start + _HEAD]
    elements = head.split(head[3:4], 16)
    if len(elements) < 17 or any(len(elements[place].translate(None, _BREAKS)) != size for place, size in _LENGTHS):
        return None
    try:
        return read_delimiters(head.decode("latin-1"))
    except NotX12:
        return None


def _cut(path: Path, stream: BinaryIO, delimiters: Delimiters, usual: int) -> Iterator[Stretch]:
    """Cut a large file into parts that begin at a CLP, except for the first."""
    buffer, begins, opens = b"", 0, True
    trailing = _trailing(delimiters)
    size = usual
    while True:
        more = stream.read(size - len(buffer)) if len(buffer) < size else b""
        buffer += more
        if not more and len(buffer) < size:
            raw = buffer.rstrip(trailing)
            yield Stretch((Part(path, raw, begins, opens=opens, ends=True),), delimiters)
            return
        end = _last_claim(buffer, delimiters)
        if end <= 0:
            size += usual
            continue
        yield Stretch((Part(path, buffer[:end], begins, opens=opens, ends=False),), delimiters)
        buffer, begins, opens, size = buffer[end:], begins + end, False, usual


def _last_claim(raw: bytes, delimiters: Delimiters) -> int:
    """Return where the last CLP begins that is not the first segment; 0 where there is none."""
    claim, terminator = f"CLP{delimiters.element}".encode(), delimiters.segment.encode()
    found = len(raw)
    while (found := raw.rfind(claim, 0, found)) > 0:
        before = raw[max(found - _MOST_BREAKS, 0) : found].rstrip(_BREAKS.replace(terminator, b""))
        if before.endswith(terminator):
            return found
    return 0
