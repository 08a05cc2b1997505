"""A file as pieces from which it can be made again, byte for byte: for conversions that must come back.

The pieces are cut by the same scanner that readers use (`edi.tokens.scan`), so that a segment has the same number
and the same text here as there.
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
    """A segment, or bytes outside any segment; `raw` joined over all pieces of a file is the file.

    `raw` of a segment begins with its id (or blanks before it) and goes to its terminator and the line breaks behind
    that: `b"SE*2*0001~\\r\\n"`. `text` and `number` are those that readers see: without terminator and line breaks,
    UTF-8 or else Latin-1, counted from 1 in the file. Outside pieces have neither. `offset` is where `raw` begins.
    """

    kind: Literal["segment", "outside"]
    raw: bytes
    offset: int
    number: int = 0
    text: str = ""
    delimiters: Delimiters | None = None

    @property
    def ending(self) -> str | None:
        """What stands behind the text, mostly one and the same all over a file: `"~"`, `"~\\r\\n"`, `"\\r\\n"`.

        None where `raw` is not made of text and ending, so that only `raw` itself gives the bytes back: a line that
        is wrapped inside the segment, Latin-1 letters, and every outside piece.
        """
        if self.delimiters is None:
            return None
        text = written(self.text, "", self.delimiters)
        if not self.raw.startswith(text):
            return None
        return self.raw[len(text) :].decode(_encoding(self.delimiters))


def written(text: str, ending: str, delimiters: Delimiters) -> bytes:
    """The bytes of a segment whose `Piece.ending` is `ending`: `written(p.text, p.ending, p.delimiters) == p.raw`.

    Raises UnicodeEncodeError where a delimiter is no ASCII character and the text is not Latin-1.
    """
    return (text + ending).encode(_encoding(delimiters))


def pieces(stream: BinaryIO, file: str, report: Report, *, chunk: int = CHUNK) -> Iterator[Piece]:
    """Every byte of the stream once, in order, whatever stands there; findings are those of `read_batches`.

    Memory is bounded by the chunk and the longest segment. The pieces do not depend on `chunk`, but for bytes passed
    over that are longer than LONGEST_SEGMENT: they come in several pieces. Raises NotX12 where there is no ISA.
    """
    held: Piece | None = None  # the line breaks behind its terminator begin the next piece, perhaps the next batch
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
    """The bytes of the file again: `stream.writelines(render(pieces(…)))`."""
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
    """How many bytes at the start of `piece` belong to the end of the earlier one; at least one of them is a segment.

    None where the terminator is LF: a CR before it is part of the line's own end, and a LF is an empty segment.
    """
    if piece.raw[0] not in _LINE_BREAKS:
        return 0
    signs = piece.delimiters or earlier.delimiters
    if signs is None or signs.segment == "\n":
        return 0
    movable = bytes(byte for byte in _LINE_BREAKS if chr(byte) != signs.segment)
    return len(piece.raw) - len(piece.raw.lstrip(movable))


def _encoding(delimiters: Delimiters) -> str:
    return "utf-8" if str(delimiters).isascii() else "latin-1"
