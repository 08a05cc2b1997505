"""Write tables to files: parquet, CSV or JSON Lines, stretch by stretch."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import BinaryIO, Protocol

import msgspec
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from claimloop.edi.diagnostics import Diagnostic, Report, Where
from claimloop.edi.listing import MOST, Listing
from claimloop.parsers.tables.columns import DEFINITION, TABLE_NAMES, Form, Progress
from claimloop.parsers.tables.frames import frame
from claimloop.parsers.tables.gathered import frames_of

_STRETCH = 500_000
"""Bytes read at once: less than `read_tables` takes, which favors speed."""

_ROW_GROUP = 20_000
_DICTIONARY = 1 << 16
"""Bytes of distinct values up to which a column is written as a dictionary. Claim numbers exceed it."""

_FORMULA = r"^[=+\-@\t\r]"
_NUMBER = r"^-?(?:[0-9]+\.?[0-9]*|\.[0-9]+)$"


class TableFiles(msgspec.Struct, frozen=True, omit_defaults=True):
    """The rows and the file of each table. `findings` is empty where the caller passed a `report`."""

    folder: str
    form: Form
    rows: dict[str, int]
    files: dict[str, str]
    findings: list[Diagnostic] = []


class _Sink(Protocol):
    def write(self, table: pl.DataFrame) -> None: ...

    def finish(self) -> None: ...


class _Parquet:
    """Collect rows in an unnamed file until all are there.

    A parquet file costs memory for every row group until it is closed, and nine are open at once. So each is written
    at the end, one at a time, in row groups of some size.
    """

    def __init__(self, out: BinaryIO, name: str, waiting: BinaryIO) -> None:
        self._out = out
        self._columns = DEFINITION[name].columns
        self._schema = _arrow(frame(name)).schema
        self._waiting = waiting
        options = pa.ipc.IpcWriteOptions(compression="lz4", use_threads=False)
        self._stream = pa.ipc.new_stream(self._waiting, self._schema, options=options)

    def write(self, table: pl.DataFrame) -> None:
        self._stream.write_table(_arrow(table))

    def finish(self) -> None:
        self._stream.close()
        self._waiting.seek(0)
        memory = pa.system_memory_pool()  # this pool returns the memory that it does not need
        integers = [column.name for column in self._columns if column.kind == "integer"]
        with (
            pa.ipc.open_stream(self._waiting, memory_pool=memory) as batches,
            pq.ParquetWriter(
                self._out,
                self._schema,
                compression="zstd",
                use_dictionary=[column.name for column in self._columns if column.kind != "integer"],
                column_encoding=dict.fromkeys(integers, "DELTA_BINARY_PACKED"),
                dictionary_pagesize_limit=_DICTIONARY,
                memory_pool=memory,
            ) as writer,
        ):
            for group in _groups(batches):
                writer.write_table(group)
                memory.release_unused()


def _groups(batches: pa.RecordBatchReader) -> Iterator[pa.Table]:
    gathered: list[pa.RecordBatch] = []
    rows = 0
    for batch in batches:
        gathered.append(batch)
        rows += len(batch)
        if rows >= _ROW_GROUP:
            yield pa.Table.from_batches(gathered)
            gathered, rows = [], 0
    if gathered:
        yield pa.Table.from_batches(gathered)


class _Csv:
    """Numbers stay numbers. An apostrophe disarms text that a spreadsheet would take for a formula."""

    def __init__(self, out: BinaryIO, name: str, waiting: BinaryIO) -> None:
        self._out = out
        self._texts = [pl.col(column.name) for column in DEFINITION[name].columns if column.kind == "text"]
        frame(name).write_csv(out)

    def write(self, table: pl.DataFrame) -> None:
        disarmed = [
            pl.when(text.str.contains(_FORMULA) & ~text.str.contains(_NUMBER))
            .then(pl.concat_str(pl.lit("'"), text))
            .otherwise(text)
            .str.replace_all("\r", " ", literal=True)
            .name.keep()
            for text in self._texts
        ]
        table.with_columns(disarmed).write_csv(self._out, include_header=False)

    def finish(self) -> None:
        """Do nothing: a CSV file has no trailer."""


class _JsonLines:
    """Amounts and quantities are text, so that no reader turns them into floats."""

    def __init__(self, out: BinaryIO, name: str, waiting: BinaryIO) -> None:
        self._out = out

    def write(self, table: pl.DataFrame) -> None:
        table.with_columns(pl.selectors.decimal().cast(pl.String)).write_ndjson(self._out)

    def finish(self) -> None:
        """Do nothing: a JSON Lines file has no trailer."""


_SINKS: dict[Form, type[_Parquet] | type[_Csv] | type[_JsonLines]] = {
    "parquet": _Parquet,
    "csv": _Csv,
    "jsonl": _JsonLines,
}


def write_table_files(
    paths: list[Path],
    folder: Path,
    form: Form,
    report: Report | None,
    workers: int | None,
    progress: Progress | None,
) -> TableFiles:
    """Write every table. The files appear when all are complete."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    findings: list[Diagnostic] = []
    listing = Listing(findings.append, MOST)
    rows = dict.fromkeys(TABLE_NAMES, 0)
    partial: dict[str, Path] = {}
    files = {name: folder / f"{name}.{form}" for name in TABLE_NAMES}
    try:
        with ExitStack() as open_files:
            sinks: dict[str, _Sink] = {}
            for name in TABLE_NAMES:
                handle, hidden = tempfile.mkstemp(dir=folder, prefix=f".{name}.")  # mode 0600
                partial[name] = Path(hidden)
                out = open_files.enter_context(os.fdopen(handle, "wb"))
                waiting = open_files.enter_context(tempfile.TemporaryFile(dir=folder))
                sinks[name] = _SINKS[form](out, name, waiting)
            for frames in frames_of(paths, report or listing, workers, progress, _STRETCH, spare=0):
                for name, table in frames.items():
                    if len(table):
                        sinks[name].write(table)
                        rows[name] += len(table)
            for sink in sinks.values():
                sink.finish()
        for name, hidden_file in partial.items():
            hidden_file.replace(files[name])
    finally:
        for hidden_file in partial.values():
            hidden_file.unlink(missing_ok=True)
    listing.finish(Where(), "input")
    return TableFiles(str(folder), form, rows, {name: str(path) for name, path in files.items()}, findings)


def _arrow(table: pl.DataFrame) -> pa.Table:
    """Return plain strings, because older readers of parquet do not know string views."""
    return table.to_arrow(compat_level=pl.CompatLevel.oldest())
