"""Split X12 bytes into segments, in batches, for files of any size.

A batch holds the segments of one chunk of the file as plain strings, so that a reader's inner loop is a `for` over a
list and a `str.split`. Positions are computed only on demand. Memory is bounded by the chunk size plus the longest
segment, and no segment is longer than LONGEST_SEGMENT.
"""

import re
from collections.abc import Iterator
from typing import BinaryIO

import msgspec

from claimloop.edi.diagnostics import NotX12, Report, Where, diagnose
from claimloop.edi.syntax.delimiters import Delimiters, read_delimiters
from claimloop.edi.syntax.foreign import foreign_file

CHUNK = 1 << 18
LONGEST_SEGMENT = 1 << 24
FARTHEST_ISA = 1 << 20
"""Bytes within which the first ISA must begin."""

_ISA_HEAD = 512
"""A number of bytes that is enough for any ISA, padded or not, and the start of the segment after it."""

_BLANK = b" \t\r\n\v\f\0\x1a"
"""Bytes without meaning after the last segment: line breaks, and the padding of old systems."""

_ISA_START = re.compile(rb"ISA([^A-Za-z0-9 \r\n])..\1", re.DOTALL)
_FIXED = ((1, 2), (3, 2), (5, 2), (7, 2), (12, 5))
"""Elements of fixed length that identify an ISA even if its sender does not pad: qualifiers and version."""

_LINE_BREAKS = b"\r\n"
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_SEGMENT_START = re.compile(rb"[\s\0\x1a]*[A-Z][A-Z0-9]{1,2}(?=([^A-Za-z0-9]))")


class Batch:
    """Consecutive segments of one interchange, without their terminators and line breaks.

    `first` is the number of `segments[0]` in the file, counted from 1. `raw` holds the bytes as in the file, and
    `begins` is the offset of the first of them.
    """

    __slots__ = ("_starts", "_terminator", "begins", "delimiters", "file", "first", "raw", "segments")

    def __init__(
        self, segments: list[str], first: int, delimiters: Delimiters, file: str, raw: bytes, offset: int
    ) -> None:
        self.segments = segments
        self.first = first
        self.delimiters = delimiters
        self.file = file
        self.raw = raw
        self.begins = offset
        self._terminator = delimiters.segment.encode("latin-1")
        self._starts: list[int] = []

    def raws(self) -> list[bytes]:
        """Return the bytes of each segment with its terminator and any line breaks before and inside it. Joined, they
        are `raw`.
        """
        pieces = self.raw.split(self._terminator)
        last = pieces.pop()  # after the last terminator: nothing, or a segment without a terminator
        whole = [piece + self._terminator for piece in pieces]
        return [*whole, last] if last else whole

    def offset(self, number: int) -> int:
        """Return the byte offset in the file of the segment with this number, after line breaks and blanks
        before it.
        """
        if not self._starts:
            position = 0
            blank = bytes(byte for byte in b"\r\n " if byte != self._terminator[0])
            for piece in self.raw.split(self._terminator):
                self._starts.append(position + len(piece) - len(piece.lstrip(blank)))
                position += len(piece) + 1
        return self.begins + self._starts[number - self.first]

    def where(self, number: int, *, loop: str = "", subject: str = "", element: str = "") -> Where:
        """Return the place of the segment with this number, for a diagnostic."""
        return Where(self.file, number, self.offset(number), loop, subject, element)


class Outside(msgspec.Struct, frozen=True):
    """Bytes of a file that belong to no segment: before the first ISA, between interchanges, or after the last one."""

    raw: bytes
    offset: int


def read_batches(stream: BinaryIO, file: str, report: Report, *, chunk: int = CHUNK) -> Iterator[Batch]:
    """Yield the segments of every interchange in the stream, in order; `file` is the name used in findings.

    Each interchange has its own delimiters. Bytes before the first ISA and between interchanges are reported and
    skipped. So is anything longer than LONGEST_SEGMENT, which does not count as a segment. Raises NotX12 if no ISA
    begins within the first FARTHEST_ISA bytes. Segments, positions and findings do not depend on `chunk`.
    """
    for stretch in scan(stream, file, report, chunk=chunk):
        if isinstance(stretch, Batch):
            yield stretch


# Long: the branches of the loop share `position`, `base`, and `skipped`, and one invariant holds for all three. Smaller
# functions would have to pass them back and forth.
def scan(stream: BinaryIO, file: str, report: Report, *, chunk: int = CHUNK) -> Iterator[Batch | Outside]:
    """Yield every byte of the stream once, in order: the batches of `read_batches` and the bytes between them.

    Invariant: all bytes before `position` in the buffer have been yielded, and `position` is always at the start of a
    segment or inside a stretch that is being skipped. Each pass yields the bytes up to `limit`, the start of the next
    ISA or the end of the buffer, and then reads one more chunk. Searching for the last terminator before `limit` is
    sound because a delimiter cannot occur inside a value, so every byte up to it belongs to complete segments. What
    remains falls through: an unterminated rest before an ISA or the end of the file goes to `_unterminated`, and a rest
    that is longer than LONGEST_SEGMENT is skipped up to the next terminator, in several `Outside` stretches if need be.
    """
    buffer, position, delimiters, at_end = _first_interchange(stream, chunk)
    if position:
        _report_head(buffer[:position], file, report)
        yield Outside(buffer[:position], 0)
    base = 0  # offset in the file where the buffer begins
    searched = position + 1  # offset in the file where the search for the next ISA starts, after the current one
    number = 1
    skipped = 0  # bytes skipped so far of a stretch that is too long for a segment
    terminator = delimiters.segment.encode("latin-1")
    while True:
        start, following = _find_isa(buffer, max(searched - base, position), at_end=at_end)
        limit = start if start >= 0 else len(buffer)
        sure = limit if start >= 0 or at_end else max(limit - 2, position)  # the buffer may end in "I" or "IS"
        searched = base + sure
        if skipped:
            end = buffer.find(terminator, position, limit) + 1
            ended = end > 0 or following is not None or at_end
            end = end or sure
            if end > position:
                yield Outside(buffer[position:end], base + position)
            skipped, position = skipped + end - position, end
            if ended:
                _report_too_long(skipped, Where(file, number, base + end - skipped), report)
                skipped = 0
        if not skipped:
            end = buffer.rfind(terminator, position, limit) + 1
            if end > position:
                for stretch in _complete_segments(
                    buffer[position:end], number, delimiters, file, base + position, report
                ):
                    yield stretch
                    if isinstance(stretch, Batch):
                        number += len(stretch.segments)
                position = end
            if following or at_end:
                rest = buffer[position:sure]
                for stretch in _unterminated(
                    rest, number, delimiters, file, base + position, report, last=not following
                ):
                    yield stretch
                    if isinstance(stretch, Batch):
                        number += 1
            elif sure - position > LONGEST_SEGMENT:
                yield Outside(buffer[position:sure], base + position)
                skipped, position = sure - position, sure
        if following:
            delimiters, position, searched = following, start, base + start + 1
            terminator = delimiters.segment.encode("latin-1")
            continue
        if at_end:
            return
        buffer, base, position = buffer[position:], base + position, 0
        more = stream.read(chunk)
        at_end = not more
        buffer += more


def _complete_segments(
    raw: bytes, number: int, delimiters: Delimiters, file: str, offset: int, report: Report
) -> Iterator[Batch | Outside]:
    """Yield terminated segments as one batch, or as several around segments that are too long and are skipped."""
    if len(raw) <= LONGEST_SEGMENT:
        yield _batch(raw, number, delimiters, file, offset)
        return
    terminator = delimiters.segment.encode("latin-1")
    begin = position = 0
    while position < len(raw):
        end = raw.index(terminator, position) + 1
        if end - 1 - position > LONGEST_SEGMENT:
            if begin < position:
                batch = _batch(raw[begin:position], number, delimiters, file, offset + begin)
                number += len(batch.segments)
                yield batch
            _report_too_long(end - position, Where(file, number, offset + position), report)
            yield Outside(raw[position:end], offset + position)
            begin = end
        position = end
    if begin < position:
        yield _batch(raw[begin:position], number, delimiters, file, offset + begin)


def _unterminated(
    raw: bytes, number: int, delimiters: Delimiters, file: str, offset: int, report: Report, *, last: bool
) -> Iterator[Batch | Outside]:
    """Yield the bytes between the last terminator of an interchange and the next ISA or the end of the file.

    They form a segment without a terminator if they look like one, and always at the end of the file.
    """
    content = raw.strip(_BLANK)
    where = Where(file, number, offset)
    if len(raw) > LONGEST_SEGMENT:
        _report_too_long(len(raw), where, report)
    elif content:
        begin = _SEGMENT_START.match(raw)
        if last or (begin and begin[1] == delimiters.element.encode("latin-1")):
            unfinished = raw.rstrip(_BLANK)
            report(diagnose("X103", where, bytes=len(content)))
            yield _batch(unfinished, number, delimiters, file, offset)
            raw, offset = raw[len(unfinished) :], offset + len(unfinished)
        else:
            report(diagnose("X101", where, bytes=len(content)))
    if raw:
        yield Outside(raw, offset)


def _report_too_long(length: int, where: Where, report: Report) -> None:
    report(diagnose("X102", where, limit=LONGEST_SEGMENT, bytes=length))


def _report_head(head: bytes, file: str, report: Report) -> None:
    if head.startswith(_BYTE_ORDER_MARK):
        report(diagnose("X127", Where(file, 1, 0)))
    content = head.removeprefix(_BYTE_ORDER_MARK).strip(_BLANK)
    if content:
        report(diagnose("X101", Where(file, 1, 0), bytes=len(content)))


def _first_interchange(stream: BinaryIO, chunk: int) -> tuple[bytes, int, Delimiters, bool]:
    """Return the bytes read so far, the offset of the first ISA in them, its delimiters, and whether the stream is at
    its end.

    Raises NotX12 if no ISA begins within the first FARTHEST_ISA bytes.
    """
    buffer, searched, at_end = b"", 0, False
    while not at_end and len(buffer) < FARTHEST_ISA + _ISA_HEAD:
        more = stream.read(chunk)
        at_end = not more
        buffer += more
        start, delimiters = _find_isa(buffer, searched, at_end=at_end)
        if delimiters is not None and start <= FARTHEST_ISA:
            return buffer, start, delimiters, at_end
        searched = start if start >= 0 else max(len(buffer) - 2, 0)
    words = foreign_file(buffer[:_ISA_HEAD] if buffer[:_ISA_HEAD].strip(_BLANK) else buffer)
    raise NotX12(words or f"there is no ISA segment in the first {min(len(buffer), FARTHEST_ISA):,} bytes")


def _find_isa(buffer: bytes, start: int, *, at_end: bool) -> tuple[int, Delimiters | None]:
    """Return the offset of the first ISA segment at or after `start`, and its delimiters; -1 if there is none.

    The letters "ISA" may also occur in prose or in data, so the elements of fixed length are checked too. If the buffer
    ends before that is possible, return the offset without delimiters: the bytes before it are certain.
    """
    while (start := buffer.find(b"ISA", start)) >= 0:
        whole = at_end or len(buffer) - start >= _ISA_HEAD
        if not whole:
            return start, None
        if _ISA_START.match(buffer, start):
            head = buffer[start : start + _ISA_HEAD]
            elements = head.split(head[3:4], 16)
            if len(elements) == 17 and all(len(elements[i].translate(None, _LINE_BREAKS)) == n for i, n in _FIXED):
                try:
                    return start, read_delimiters(head.decode("latin-1"))
                except NotX12:
                    pass  # not an ISA after all: continue the search
        start += 3
    return -1, None


def _batch(raw: bytes, first: int, delimiters: Delimiters, file: str, offset: int) -> Batch:
    terminator = delimiters.segment
    text = raw
    for character in (b"\r", b"\n"):  # most files have none, and the test is much faster than a copy
        if character in raw and character.decode() != terminator:
            text = text.replace(character, b"")
    segments = _texts(text, delimiters)
    if not segments[-1]:
        segments.pop()
    return Batch(segments, first, delimiters, file, raw, offset)


def _texts(raw: bytes, delimiters: Delimiters) -> list[str]:
    """Return the segments as text: UTF-8 if a segment is valid UTF-8, else Latin-1, which loses nothing."""
    terminator = delimiters.segment
    if not str(delimiters).isascii():
        return raw.decode("latin-1").split(terminator)
    try:
        return raw.decode("utf-8").split(terminator)
    except UnicodeDecodeError:  # older systems send Latin-1; each segment is decoded separately
        return [_text(piece) for piece in raw.split(terminator.encode("latin-1"))]


def _text(raw: bytes) -> str:
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("latin-1")
