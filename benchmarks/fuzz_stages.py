"""The stages of reading and what each must guarantee: used by benchmarks/fuzz.py and by the tests."""

import io
import os
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from zlib import crc32

from rich.console import Console

from claimloop.benchmarks.broken_bytes import NAME
from claimloop.edi.diagnostics import Diagnostic
from claimloop.edi.listing import MOST
from claimloop.edi.syntax.lossless import Piece, pieces, render, written
from claimloop.edi.syntax.tokens import CHUNK
from claimloop.edi.validate import validate
from claimloop.parsers.checking import check_file
from claimloop.parsers.kinds import kind_of
from claimloop.parsers.professional.reader import claim_file_items
from claimloop.parsers.remittance.reader import remittance_items
from claimloop.parsers.show.show import show_file, show_json

_NAME = NAME.decode()
_SMALL = 1 << 16
_SHOWN = 1 << 13
"""Bytes up to which a file is laid out in tables, because rich takes a tenth of a millisecond for a line."""

_NOT_CLOSED = ("X110", "X113", "X118")
"""These name the last segment of an envelope, and are known only at the end of the file."""


def tokens(_path: Path, raw: bytes) -> None:
    """Check that the pieces add up to the file, that their offsets are right, and that chunk sizes do not matter."""
    found: list[Diagnostic] = []
    parts = _pieces(raw, CHUNK, found)
    position = 0
    for piece in parts:
        assert piece.offset == position
        position += len(piece.raw)
        if piece.delimiters is not None and piece.ending is not None:
            assert written(piece.text, piece.ending, piece.delimiters) == piece.raw
    if len(raw) < _SMALL:
        other: list[Diagnostic] = []
        chunk = 1 + crc32(raw) % 3_000
        assert _pieces(raw, chunk, other) == parts
        assert other == found


def _pieces(raw: bytes, chunk: int, found: list[Diagnostic]) -> list[Piece]:
    parts = list(pieces(io.BytesIO(raw), "fuzz.x12", found.append, chunk=chunk))
    assert b"".join(render(parts)) == raw
    return parts


def structure(path: Path, raw: bytes) -> None:
    """Check syntax and envelopes."""
    _judge(path, raw, guide=False)


def guide(path: Path, raw: bytes) -> None:
    """Check syntax, envelopes and guide."""
    _judge(path, raw, guide=True)


def _judge(path: Path, raw: bytes, *, guide: bool) -> None:
    found: list[Diagnostic] = []
    counts = validate(path, found.append, guide=guide)
    _prove(found, raw)
    assert counts.segments <= len(raw)
    numbers = [finding.where.segment for finding in found if finding.where.segment and finding.code not in _NOT_CLOSED]
    assert numbers == sorted(numbers)


def _prove(found: list[Diagnostic], raw: bytes) -> None:
    """Check that findings are bounded, and that each is valid."""
    assert max(Counter(finding.code for finding in found).values(), default=0) <= 2 * MOST
    _prove_each(found, raw)


def _prove_each(found: list[Diagnostic], raw: bytes) -> None:
    """Check that findings are inside the file, are one printable line each, and name no patient."""
    for finding in found:
        assert finding.where.offset is None or 0 <= finding.where.offset <= len(raw)
        assert str(finding).isprintable()
        assert _NAME not in str(finding), str(finding)
        assert finding.render(show_values=True).isprintable()


def check(path: Path, raw: bytes) -> None:
    """Run every check on the file, content included. What its readers report must be printable, too."""
    found: list[Diagnostic] = []
    check_file(path, found.append, guide=False)
    _prove(found, raw)


def parse(path: Path, raw: bytes) -> None:
    """Read the file with every reader, and find its kind."""
    found: list[Diagnostic] = []
    for read in (remittance_items, claim_file_items):
        with path.open("rb") as stream:
            for _ in read(stream, path.name, found.append):
                pass
    _prove_each(found[:MOST], raw)
    assert kind_of(path) is not None


def show(path: Path, raw: bytes) -> None:
    """Show the file to people and to programs."""
    found: list[Diagnostic] = []
    with Path(os.devnull).open("w") as nowhere:
        for show_values in (True, False):
            show_json(path, lambda line: None, found.append, show_values=show_values)
        if len(raw) < _SHOWN:
            show_file(path, Console(file=nowhere, width=120), found.append, show_values=True)
    _prove_each(found[:MOST], raw)


STAGES: dict[str, Callable[[Path, bytes], None]] = {
    stage.__name__: stage for stage in (tokens, structure, guide, check, parse, show)
}
