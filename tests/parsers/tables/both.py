"""The same file by the columnar reader and by the record reader."""

from pathlib import Path
from typing import NamedTuple

import polars as pl

from claimloop.edi.diagnostics import Diagnostic, NotX12
from claimloop.parsers.remittance.reader import remittance_items
from claimloop.parsers.tables.columns import TABLE_NAMES
from claimloop.parsers.tables.frames import frame
from claimloop.parsers.tables.from_records import Rows
from claimloop.parsers.tables.reading import read_frames

DATA = Path(__file__).resolve().parents[2] / "data"
REMITTANCES = sorted(DATA.glob("835__*"))


class Read(NamedTuple):
    """Tables by name, and the findings as text."""

    tables: dict[str, pl.DataFrame]
    findings: list[str]


def by_columns(*paths: Path, stretch: int = 1_000_000) -> Read:
    """By columns as far as they go, small files too."""
    findings: list[Diagnostic] = []
    frames = list(read_frames(paths, findings.append, stretch=stretch, small=0))
    tables = {name: pl.concat([one[name] for one in frames] or [frame(name)]) for name in TABLE_NAMES}
    return Read(tables, [str(one) for one in findings if one.code != "T902"])


def by_records(*paths: Path) -> Read:
    """By the record reader alone: what is right."""
    findings: list[Diagnostic] = []
    rows = Rows(findings.append)
    for path in paths:
        with path.open("rb") as stream:
            try:
                rows.take(remittance_items(stream, str(path), findings.append))
            except NotX12:
                continue
    return Read({name: frame(name, rows.rows[name]) for name in TABLE_NAMES}, [str(one) for one in findings])


def differences(one: Read, other: Read) -> list[str]:
    """The tables, or the findings, in which the two differ."""
    found = [name for name in TABLE_NAMES if not one.tables[name].equals(other.tables[name])]
    return found + (["findings"] if one.findings != other.findings else [])
