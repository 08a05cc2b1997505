"""Read 835 files into frames: plain claims by columns, everything else by records, in the order of the file."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from decimal import Decimal
from pathlib import Path

import polars as pl

from claimloop.edi.diagnostics import NotX12, Report, Where, diagnose
from claimloop.edi.money import ZERO
from claimloop.edi.syntax.delimiters import Delimiters
from claimloop.edi.syntax.tokens import Batch
from claimloop.parsers.remittance.reader import FileReader, remittance_items
from claimloop.parsers.remittance.set_reader import RemittanceItem
from claimloop.parsers.tables.assembling import Counts, keyed, merged, placed, runs_of, segment_counts
from claimloop.parsers.tables.columnar import Claims, read_claims
from claimloop.parsers.tables.columns import DEFINITION
from claimloop.parsers.tables.frames import frame
from claimloop.parsers.tables.from_records import Rows
from claimloop.parsers.tables.stretches import STRETCH, Part, Stretch, stretches

Frames = dict[str, pl.DataFrame]
Progress = Callable[[int], None]
SMALL = 250_000
"""Bytes below which the record reader is faster than starting polars."""

_ROWS_AT_ONCE = 50_000
_WORKERS = 2


class _SkippingReader(FileReader):
    """The record reader, which can skip claims that the columnar reader has read."""

    def skip(self, claims: int, paid: Decimal, header_number: str | None) -> list[RemittanceItem]:
        """Close the open claim, and count claims that follow. Return the items that this completes."""
        self._end_claim()
        items = list(self._ready)
        self._ready.clear()
        self._claim_count += claims
        self._claims_paid += paid
        if header_number is not None:
            self._lx, self._unused_lx = header_number, ""
        return items

    def takes_claims(self) -> bool:
        """Return True in the body of an 835, where a claim may follow without a finding."""
        return self._remittance is not None and self._header is None and bool(self._lx)

    def header_number(self) -> str:
        """Return the LX in effect."""
        return self._lx


class _Run(Batch):
    """Consecutive segments of a part. Their offsets are computed from the whole part."""

    __slots__ = ("_whole",)

    def __init__(self, segments: list[str], first: int, delimiters: Delimiters, whole: Batch) -> None:
        super().__init__(segments, first, delimiters, whole.file, b"", whole.begins)
        self._whole = whole

    def offset(self, number: int) -> int:
        """Return the byte offset in the file of the segment with this number."""
        return self._whole.offset(number)


def read_frames(
    paths: Iterable[Path],
    report: Report,
    *,
    workers: int = _WORKERS,
    progress: Progress | None = None,
    stretch: int = STRETCH,
    waiting: int = _WORKERS + 1,
    small: int = SMALL,
) -> Iterator[Frames]:
    """Yield the tables of the files, piece by piece, in flat memory. Keys continue from piece to piece.

    At most `waiting` stretches are in memory, and those below `small` bytes go to the record reader. `progress` is
    called with the bytes done. A file that is not X12 is skipped, with finding T902. Raises OSError where a file cannot
    be read.
    """
    return _Reading(report, progress or (lambda _done: None), stretch, small).read(paths, workers, waiting)


class _Reading:
    """The state between stretches: keys, the reader of the open file, bytes done."""

    def __init__(self, report: Report, progress: Progress, size: int, small: int) -> None:
        self._size = size
        self._small = small
        self._rows = Rows(report)
        self._report = report
        self._progress = progress
        self._reader: _SkippingReader | None = None
        self._number = 1  # of the next segment of the open file
        self._done = 0

    def read(self, paths: Iterable[Path], workers: int, most: int) -> Iterator[Frames]:
        """Yield all frames of all files."""
        waiting: deque[tuple[Stretch, Future[Claims | None] | None]] = deque()
        with ThreadPoolExecutor(max_workers=max(workers, 1)) as pool:
            for stretch in stretches(paths, self._size, max(workers, 1)):
                waiting.append((stretch, pool.submit(_read, stretch, self._small) if stretch.delimiters else None))
                while len(waiting) >= most:
                    yield from self._finish(*waiting.popleft())
            while waiting:
                yield from self._finish(*waiting.popleft())

    def _finish(self, stretch: Stretch, future: Future[Claims | None] | None) -> Iterator[Frames]:
        if stretch.delimiters is None or future is None:
            yield from self._by_records(stretch.parts[0].path)
            return
        yield from self._taken(stretch, future.result())
        self._done += sum(len(part.raw) for part in stretch.parts)
        self._progress(self._done)

    def _taken(self, stretch: Stretch, claims: Claims | None) -> Iterator[Frames]:
        """Yield the frames of a stretch. Where it could not be read by columns, try its halves."""
        assert stretch.delimiters is not None
        first = stretch.parts[0]
        if claims is not None and not first.opens and not (self._reader and self._reader.takes_claims()):
            claims = None
        if claims is not None:
            yield self._assembled(stretch, claims)
        elif len(stretch.parts) == 1 or sum(len(part.raw) for part in stretch.parts) < self._small:
            for part in stretch.parts:
                self._read_whole(part, stretch.delimiters)
            yield self._drained()
        else:
            middle = len(stretch.parts) // 2
            for parts in (stretch.parts[:middle], stretch.parts[middle:]):
                half = Stretch(parts, stretch.delimiters)
                yield from self._taken(half, read_claims(half.raw(), stretch.delimiters))

    def _by_records(self, path: Path) -> Iterator[Frames]:
        """Read a whole file by the record reader."""
        with path.open("rb") as stream:
            try:
                for item in remittance_items(stream, str(path), self._report):
                    self._rows.take((item,))
                    if len(self._rows.rows["adjustments"]) + len(self._rows.rows["references"]) > _ROWS_AT_ONCE:
                        self._progress(self._done + stream.tell())
                        yield self._drained()
            except NotX12 as error:
                self._report(diagnose("T902", Where(str(path)), reason=str(error)))
            self._done += stream.tell()
        yield self._drained()
        self._progress(self._done)

    def _read_whole(self, part: Part, delimiters: Delimiters) -> None:
        """Read a part of a plain file by the record reader."""
        reader = self._opened(part)
        breaks = bytes(byte for byte in b"\r\n" if chr(byte) != delimiters.segment)
        terminator = delimiters.segment.encode()
        pieces = part.raw.translate(None, breaks).split(terminator)[:-1]
        whole = Batch([], self._number, delimiters, str(part.path), part.raw, part.begins)
        self._rows.take(reader.read(_Run([_text(piece) for piece in pieces], self._number, delimiters, whole)))
        self._rows.take(reader.skip(0, ZERO, None))
        self._number += len(pieces)
        self._closed(part)

    def _opened(self, part: Part) -> _SkippingReader:
        if part.opens or self._reader is None:
            self._reader = _SkippingReader(str(part.path), self._report)
            self._number = 1
        return self._reader

    def _closed(self, part: Part) -> None:
        if part.ends and self._reader is not None:
            self._rows.take(self._reader.finish())
            self._reader = None

    def _assembled(self, stretch: Stretch, claims: Claims) -> Frames:
        """Combine the claims read by columns, with keys and places, with the rows of the record reader."""
        rows = self._rows
        before = Counts(rows.claims, rows.services, rows.remittances)
        assert stretch.delimiters is not None
        carried = self._reader.header_number() if self._reader and not stretch.parts[0].opens else ""
        files: list[str] = []
        firsts: list[int] = []
        counts = segment_counts(stretch, claims)
        runs = runs_of(claims, counts)
        at = 0
        for part, count in zip(stretch.parts, counts, strict=True):
            reader = self._opened(part)
            whole = Batch([], self._number, stretch.delimiters, str(part.path), part.raw, part.begins)
            base = self._number - at
            files.append(str(part.path))
            firsts.append(base)
            while runs and runs[0].start < at + count:
                run = runs.popleft()
                if run.segments is None:
                    rows.take(reader.skip(run.claims, run.paid, run.header_number))
                    rows.skip(run.claims, run.services)
                else:
                    rows.take(reader.read(_Run(run.segments, run.start + base, stretch.delimiters, whole)))
            rows.take(reader.skip(0, ZERO, None))
            at += count
            self._number += count
            self._closed(part)
        drained = self._drained()
        assert rows.claims - before.claims == (claims.owners["claim"].max() or 0), "claims were counted in two ways"
        owners = keyed(claims.owners, files, firsts, counts, before)
        return {
            name: merged(placed(name, claims.frames[name], owners, carried), drained[name])
            if name in claims.frames
            else drained[name]
            for name in DEFINITION
        }

    def _drained(self) -> Frames:
        """Return the rows so far as frames, and remove them."""
        frames = {name: frame(name, rows) for name, rows in self._rows.rows.items()}
        for gathered in self._rows.rows.values():
            gathered.clear()
        return frames


def _read(stretch: Stretch, small: int) -> Claims | None:
    """Read by columns where that is faster."""
    raw = stretch.raw()
    return read_claims(raw, stretch.delimiters) if stretch.delimiters and len(raw) >= small else None


def _text(raw: bytes) -> str:
    """Decode as `edi.tokens` does: UTF-8, else Latin-1."""
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("latin-1")
