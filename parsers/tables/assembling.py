"""Combine the rows of the columnar reader and the record reader: keys, places, and the order of the file."""

import itertools
from collections import deque
from decimal import Decimal

import msgspec
import polars as pl

from claimloop.edi.money import ZERO
from claimloop.parsers.tables.columnar import Claims
from claimloop.parsers.tables.columns import DEFINITION
from claimloop.parsers.tables.frames import ORDER, dtype
from claimloop.parsers.tables.stretches import Stretch


class SegmentRun(msgspec.Struct, frozen=True):
    """Rows from `start` on that one reader has. `segments` is None where the columnar reader has them."""

    start: int
    segments: list[str] | None
    claims: int = 0
    services: int = 0
    paid: Decimal = ZERO
    header_number: str | None = None


def segment_counts(stretch: Stretch, claims: Claims) -> list[int]:
    """Return the number of segments of each part of the stretch."""
    if len(stretch.parts) == 1 or stretch.delimiters is None:
        return [len(claims.lines)]
    return [part.raw.count(stretch.delimiters.segment.encode()) for part in stretch.parts]


def runs_of(claims: Claims, counts: list[int]) -> deque[SegmentRun]:
    """Split the stretch into runs of one reader each. No run crosses the end of a part."""
    changes = (claims.reads != claims.reads.shift(1)).fill_null(value=True).arg_true().to_list()
    starts = sorted({*changes, *itertools.accumulate(counts[:-1], initial=0)})
    ends = [*starts[1:], len(claims.lines)]
    until = pl.Series(ends, dtype=pl.UInt32)
    owners, taken, headers = claims.owners, claims.frames["claims"], claims.headers
    opened = [0, *owners.filter("opens")["row"].search_sorted(until).to_list()]
    lines = [0, *owners.filter(~pl.col("opens"))["row"].search_sorted(until).to_list()]
    totals = pl.concat([pl.Series([ZERO], dtype=pl.Decimal(38, 2)), taken["paid"].cum_sum().cast(pl.Decimal(38, 2))])
    paid = [ZERO, *totals.gather(owners["row"].gather(taken["owner"]).search_sorted(until)).to_list()]
    numbers = pl.concat([pl.Series([None], dtype=pl.String), headers["number"]])
    number_at_end = numbers.gather(headers["row"].search_sorted(until)).to_list()
    reads = claims.reads.gather(until - 1).to_list()
    runs: deque[SegmentRun] = deque()
    for at, (start, end) in enumerate(zip(starts, ends, strict=True)):
        if reads[at]:
            runs.append(SegmentRun(start, claims.lines.slice(start, end - start).to_list()))
            continue
        runs.append(
            SegmentRun(
                start,
                None,
                opened[at + 1] - opened[at],
                lines[at + 1] - lines[at],
                paid[at + 1] - paid[at],
                number_at_end[at],
            )
        )
    return runs


class Counts(msgspec.Struct, frozen=True):
    """The highest keys that were assigned before a stretch."""

    claims: int
    services: int
    remittances: int


def keyed(owners: pl.DataFrame, files: list[str], firsts: list[int], counts: list[int], before: Counts) -> pl.DataFrame:
    """Return keys and places of each owner. `firsts` turns a row of a part into a segment number of its file."""
    starts = pl.Series(list(itertools.accumulate(counts[:-1], initial=0)), dtype=pl.UInt32)
    part = starts.search_sorted(owners["row"], side="right").cast(pl.Int64) - 1
    return owners.select(
        (pl.col("claim").cast(pl.Int64) + before.claims).alias("claim_id"),
        (pl.col("service").cast(pl.Int64) + before.services).alias("service_id"),
        (pl.col("set").cast(pl.Int64) + before.remittances).alias("remittance_id"),
        pl.lit(pl.Series(files, dtype=pl.String).gather(part)).alias("file"),
        (pl.col("row").cast(pl.Int64) + pl.lit(pl.Series(firsts, dtype=pl.Int64).gather(part))).alias("segment"),
    )


def placed(name: str, table: pl.DataFrame, owners: pl.DataFrame, carried: str) -> pl.DataFrame:
    """Return a table with the columns of its definition. `carried` is the LX in effect where the stretch begins."""
    columns = []
    for column in DEFINITION[name].columns:
        if column.name in owners.columns:
            columns.append(pl.lit(owners[column.name]).gather("owner").alias(column.name))
        elif column.name == "header_number":
            columns.append(pl.col("header_number").fill_null(pl.lit(carried or None, pl.String)))
        elif column.name in table.columns:
            columns.append(pl.col(column.name))
        else:
            columns.append(pl.lit(None, dtype(column)).alias(column.name))
    return table.select(columns)


def merged(by_columns: pl.DataFrame, by_records: pl.DataFrame) -> pl.DataFrame:
    """Merge the rows of both readers in the order of the file."""
    if not len(by_records):
        return by_columns
    if not len(by_columns):
        return by_records
    return pl.concat([by_columns, by_records]).sort(*ORDER, maintain_order=True)
