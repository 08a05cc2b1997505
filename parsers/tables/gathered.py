"""The tables of 835 files in memory."""

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from claimloop.edi.diagnostics import Diagnostic, Report, Where
from claimloop.edi.listing import MOST, Listing
from claimloop.parsers.tables.columns import TABLE_NAMES, Progress
from claimloop.parsers.tables.frames import frame
from claimloop.parsers.tables.reading import Frames, read_frames

MOST_WORKERS = 8
_STRETCH = 10_000_000


@dataclass(frozen=True)
class Tables:
    """Nine frames; docs/tables.md lists their columns. `findings` is empty where the caller passed a `report`."""

    remittances: pl.DataFrame
    claims: pl.DataFrame
    services: pl.DataFrame
    adjustments: pl.DataFrame
    provider_adjustments: pl.DataFrame
    remarks: pl.DataFrame
    references: pl.DataFrame
    amounts: pl.DataFrame
    parties: pl.DataFrame
    findings: list[Diagnostic] = field(default_factory=list)

    def __repr__(self) -> str:
        counts = ", ".join(f"{name} {len(getattr(self, name)):,}" for name in TABLE_NAMES)
        return f"Tables({counts}; {len(self.findings):,} findings)"


def gather_tables(paths: list[Path], report: Report | None, workers: int | None, progress: Progress | None) -> Tables:
    """Return all tables of these files."""
    findings: list[Diagnostic] = []
    listing = Listing(findings.append, MOST)
    pieces: dict[str, list[pl.DataFrame]] = {name: [] for name in TABLE_NAMES}
    for frames in frames_of(paths, report or listing, workers, progress, _STRETCH):
        for name, piece in frames.items():
            if len(piece):
                pieces[name].append(piece)
    whole = {name: pl.concat(many, rechunk=False) if many else frame(name) for name, many in pieces.items()}
    listing.finish(Where(), "input")
    return Tables(**whole, findings=findings)


def frames_of(
    paths: list[Path], report: Report, workers: int | None, progress: Progress | None, stretch: int, spare: int = 1
) -> Iterator[Frames]:
    """Yield frames, with progress out of the size of all files. `spare` stretches wait while others are read."""
    workers = workers or min(os.cpu_count() or 1, MOST_WORKERS)
    total = sum(path.stat().st_size for path in paths) if progress else 0
    return read_frames(
        paths,
        report,
        workers=workers,
        progress=(lambda done: progress(done, total)) if progress else None,
        stretch=stretch,
        waiting=workers + spare,
    )
