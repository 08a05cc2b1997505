"""X12 bytes to segments, in batches, for files of any size.

A batch holds the segments of one chunk of the file as plain strings, so that a reader's inner loop is a `for` over
a list and a `str.split`; positions are worked out only when somebody asks. Memory is bounded by the chunk size
plus the longest segment.
"""

from collections.abc import Iterator
from typing import BinaryIO

from claimloop.edi.delimiters import Delimiters, read_delimiters
from claimloop.edi.diagnostics import NotX12, Report, Where, diagnose

CHUNK = 1 << 18
LONGEST_SEGMENT = 1 << 24
FARTHEST_ISA = 1 << 20
"""Bytes within which the first ISA must begin."""

_ISA_HEAD = 512
"""Bytes that are enough for any ISA, padded or not, and the segment behind it."""

_BLANK = b" \t\r\n\v\f\0\x1a"
"""Bytes that mean nothing behind the last segment: line breaks, and the padding of old systems."""

_LINE_BREAKS = b"\r\n"
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


class Batch:
    """Consecutive segments of one interchange, without their terminators and without line breaks.

    `first` is the number of `segments[0]` in the file, counted from 1.
    """

    __slots__ = ("_bytes", "_offset", "_starts", "_terminator", "delimiters", "file", "first", "segments")

    def __init__(
        self, segments: list[str], first: int, delimiters: Delimiters, file: str, raw: bytes, offset: int
    ) -> None:
        self.segments = segments
        self.first = first
        self.delimiters = delimiters
        self.file = file
        self._bytes = raw
        self._offset = offset
        self._terminator = delimiters.segment.encode("latin-1")
        self._starts: list[int] = []

    def offset(self, number: int) -> int:
        """Byte offset in the file of the segment with this number."""
        if not self._starts:
            position = 0
            for piece in self._bytes.split(self._terminator):
                self._starts.append(position)
                position += len(piece) + 1
        position = self._starts[number - self.first]
        while (byte := self._bytes[position : position + 1]) in (
            b"\r",
            b"\n",
            b" ",
        ) and byte != self._terminator:
            position += 1
        return self._offset + position

    def where(self, number: int, *, loop: str = "", subject: str = "", element: str = "") -> Where:
        """The place of the segment with this number, for a diagnostic."""
        return Where(self.file, number, self.offset(number), loop, subject, element)


def read_batches(stream: BinaryIO, file: str, report: Report, *, chunk: int = CHUNK) -> Iterator[Batch]:
    """The segments of every interchange in the stream, in order; `file` is the name that findings carry.

    Each interchange has its own delimiters. Bytes before the first ISA and between interchanges are reported and
    passed over. Raises NotX12 where no ISA begins within the first FARTHEST_ISA bytes. The segments and their
    positions do not depend on `chunk`.
    """
    buffer, position, delimiters, at_end = _first_interchange(stream, chunk)
    outside = buffer[:position].removeprefix(_BYTE_ORDER_MARK).strip(_BLANK)
    if outside:
        report(diagnose("X101", Where(file, 1, 0), bytes=len(outside)))
    base = 0  # where in the file the buffer begins
    number = 1
    terminator = delimiters.segment.encode("latin-1")
    behind_isa = 1  # where to look for the next interchange: not at the ISA that is being read
    while True:
        start, following = _find_isa(buffer, position + behind_isa, at_end=at_end)
        end = buffer.rfind(terminator, position, len(buffer) if start < 0 else start) + 1
        if end > position:
            batch = _batch(buffer[position:end], number, delimiters, file, base + position)
            number += len(batch.segments)
            yield batch
            position, behind_isa = end, 0
        if following:
            outside = buffer[position:start].strip(_BLANK)
            if outside:
                report(diagnose("X101", Where(file, number, base + position), bytes=len(outside)))
            delimiters, position, behind_isa = following, start, 1
            terminator = delimiters.segment.encode("latin-1")
            continue
        if at_end:
            break
        buffer, base, position = buffer[position:], base + position, 0
        if len(buffer) > LONGEST_SEGMENT:
            report(diagnose("X102", Where(file, number, base), limit=LONGEST_SEGMENT))
            return
        more = stream.read(chunk)
        at_end = not more
        buffer += more
    unfinished = buffer[position:].rstrip(_BLANK)
    if unfinished.strip(_BLANK):
        report(diagnose("X103", Where(file, number, base + position), bytes=len(unfinished.strip(_BLANK))))
        yield _batch(unfinished, number, delimiters, file, base + position)


def _first_interchange(stream: BinaryIO, chunk: int) -> tuple[bytes, int, Delimiters, bool]:
    """The bytes read so far, where in them the first ISA stands, its delimiters, and whether the stream is at its end.

    Raises NotX12.
    """
    buffer, at_end = b"", False
    while not at_end and len(buffer) < FARTHEST_ISA + _ISA_HEAD:
        more = stream.read(chunk)
        at_end = not more
        buffer += more
        start, delimiters = _find_isa(buffer, 0, at_end=at_end)
        if delimiters is not None:
            return buffer, start, delimiters, at_end
    if not buffer.strip(_BLANK):
        raise NotX12("the file is empty")
    if buffer[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise NotX12("the file is UTF-16 text; X12 is one byte a character")
    raise NotX12(f"there is no ISA segment in the first {len(buffer):,} bytes")


def _find_isa(buffer: bytes, start: int, *, at_end: bool) -> tuple[int, Delimiters | None]:
    """Where the first ISA segment at or behind `start` stands, and its delimiters; -1 where there is none.

    The letters may stand in prose or in data as well, so the elements of fixed length are looked at too. Where the
    buffer ends before that can be decided, the place is returned without delimiters: what stands before it is sure.
    """
    while (start := buffer.find(b"ISA", start)) >= 0:
        whole = at_end or len(buffer) - start >= _ISA_HEAD
        if whole and buffer[start + 3 : start + 4] != buffer[start + 6 : start + 7]:
            start += 3
            continue
        if not whole:
            return start, None
        head = buffer[start : start + _ISA_HEAD].decode("latin-1")
        elements = [_unwrapped(element) for element in head.split(head[3:4] or "*", 16)]
        if len(elements) == 17 and all(len(elements[i]) == 2 for i in (1, 3, 5, 7)) and len(elements[12]) == 5:
            try:
                return start, read_delimiters(head)
            except NotX12:
                pass  # no ISA after all: look on
        start += 3
    return -1, None


def _unwrapped(text: str) -> str:
    return text.replace("\r", "").replace("\n", "")


def _batch(raw: bytes, first: int, delimiters: Delimiters, file: str, offset: int) -> Batch:
    terminator = delimiters.segment
    breaks = bytes(byte for byte in _LINE_BREAKS if chr(byte) != terminator)
    segments = _texts(raw.translate(None, breaks), delimiters)
    if not segments[-1]:
        segments.pop()
    return Batch(segments, first, delimiters, file, raw, offset)


def _texts(raw: bytes, delimiters: Delimiters) -> list[str]:
    """The segments as text: UTF-8 where a segment is valid UTF-8, else Latin-1, which loses nothing."""
    terminator = delimiters.segment
    if not str(delimiters).isascii():
        return raw.decode("latin-1").split(terminator)
    try:
        return raw.decode("utf-8").split(terminator)
    except UnicodeDecodeError:  # older systems send Latin-1; each segment is judged by itself
        return [_text(piece) for piece in raw.split(terminator.encode("latin-1"))]


def _text(raw: bytes) -> str:
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("latin-1")
