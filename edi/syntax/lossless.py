"""Split a file into pieces that restore it byte for byte, for conversions that must be reversible.

The scanner is the one that readers use (`edi.syntax.tokens.scan`), so a segment has the same number and the same text
in both.
"""

from collections.abc import Iterable, Iterator
from typing import BinaryIO, Literal

import msgspec
from msgspec.structs import replace

from claimloop.edi.diagnostics import Report
from claimloop.edi.syntax.delimiters import Delimiters
from claimloop.edi.syntax.tokens import CHUNK, Batch, Outside, scan

_LINE_BREAKS = b"\r\n"


class Piece(msgspec.Struct, frozen=True, omit_defaults=True):
    """A segment, or bytes outside any segment. Joined over all pieces of a file, `raw` is the file.

    `raw` of a segment begins with its id (or blanks before it) and extends through its terminator and the line breaks
    after it: `b"SE*2*0001~\\r\\n"`. `text` and `number` are those that readers see: without terminator and line breaks,
    decoded as UTF-8 or else Latin-1, counted from 1 in the file. Outside pieces have neither. `offset` is the offset of
    `raw` in the file.
    """

    kind: Literal["segment", "outside"]
    raw: bytes
    offset: int
    number: int = 0
    text: str = ""
    delimiters: Delimiters | None = None

    @property
    def ending(self) -> str | None:
        """Return what follows the text in `raw`, usually the same throughout a file: `"~"`, `"~\\r\\n"`, `"\\r\\n"`.

        None if text and ending do not add up to `raw`, so that only `raw` itself restores the bytes. This is the case
        for a line break inside the segment, for Latin-1 letters, and for every outside piece.
        """
        if self.delimiters is None:
            return None
        text = written(self.text, "", self.delimiters)
        if not self.raw.startswith(text):
            return None
        return self.raw[len(text) :].decode(_encoding(self.delimiters))


def written(text: str, ending: str, delimiters: Delimiters) -> bytes:
    """Return the bytes of a segment whose `Piece.ending` is `ending`: `written(p.text, p.ending, p.delimiters) ==
    p.raw`.

    Raises UnicodeEncodeError if a delimiter is not ASCII and the text is not Latin-1.
    """
    return (text + ending).encode(_encoding(delimiters))


def pieces(stream: BinaryIO, file: str, report: Report, *, chunk: int = CHUNK) -> Iterator[Piece]:
    """Yield every byte of the stream once, in order, whether or not it is valid X12. Findings are those of
    `read_batches`.

    Memory is bounded by the chunk and the longest segment. The pieces do not depend on `chunk`, except that skipped
    bytes longer than LONGEST_SEGMENT are split into several pieces. Raises NotX12 if there is no ISA.
    """
    held: Piece | None = None  # line breaks after its terminator start the next piece, perhaps in the next batch
    for piece in _cut(scan(stream, file, report, chunk=chunk)):
        if held is not None:
            breaks = _line_breaks_before(piece, held)
            if breaks:
                held = replace(held, raw=held.raw + piece.raw[:breaks])
                piece = replace(piece, raw=piece.raw[breaks:], offset=piece.offset + breaks)
            yield held
        held = piece if piece.raw else None
    if held is not None:
        yield held


def render(parts: Iterable[Piece]) -> Iterator[bytes]:
    """Yield the bytes of the file again: `stream.writelines(render(pieces(…)))`."""
    return (piece.raw for piece in parts)


def _cut(stretches: Iterable[Batch | Outside]) -> Iterator[Piece]:
    for stretch in stretches:
        if isinstance(stretch, Outside):
            yield Piece("outside", stretch.raw, stretch.offset)
            continue
        offset = stretch.begins
        for number, (text, raw) in enumerate(zip(stretch.segments, stretch.raws(), strict=True), stretch.first):
            yield Piece("segment", raw, offset, number, text, stretch.delimiters)
            offset += len(raw)


def _line_breaks_before(piece: Piece, earlier: Piece) -> int:
    """Return how many bytes at the start of `piece` belong to the end of the earlier piece.

    At least one of the two pieces is a segment. If the terminator is LF, return 0: a CR before it belongs to the line's
    own end, and another LF is an empty segment.
    """
    if piece.raw[0] not in _LINE_BREAKS:
        return 0
    delimiters = piece.delimiters or earlier.delimiters
    if delimiters is None or delimiters.segment == "\n":
        return 0
    movable = bytes(byte for byte in _LINE_BREAKS if chr(byte) != delimiters.segment)
    return len(piece.raw) - len(piece.raw.lstrip(movable))


def _encoding(delimiters: Delimiters) -> str:
    return "utf-8" if str(delimiters).isascii() else "latin-1"
