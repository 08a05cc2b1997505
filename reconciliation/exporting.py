"""Rows of a view as CSV, JSON or JSON Lines."""

import csv
import json
from collections.abc import Iterable, Sequence
from typing import Literal, TextIO

from claimloop.reconciliation.views import Cell

Format = Literal["csv", "json", "jsonl"]
FORMATS: tuple[Format, ...] = ("csv", "json", "jsonl")
_STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def export(rows: Iterable[dict[str, Cell]], columns: Sequence[str], form: Format, out: TextIO) -> int:
    """Write the rows as they come; how many there were. CSV has a heading even where there is no row."""
    count = 0
    if form == "csv":
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(columns)
        for count, row in enumerate(rows, start=1):
            writer.writerow([_cell(row[column]) for column in columns])
    elif form == "jsonl":
        for count, row in enumerate(rows, start=1):
            out.write(json.dumps(row, ensure_ascii=False) + "\n")
    else:
        out.write("[")
        for count, row in enumerate(rows, start=1):
            out.write(("," if count > 1 else "") + "\n" + json.dumps(row, ensure_ascii=False))
        out.write("\n]\n")
    return count


def _cell(value: Cell) -> str | int:
    """A CSV cell. Text that a spreadsheet would take for a formula is disarmed by an apostrophe; numbers are not text."""
    if value is None:
        return ""
    if isinstance(value, list):
        return _cell(" ".join(value))
    if isinstance(value, str) and value.startswith(_STARTS_A_FORMULA) and not _is_number(value):
        return "'" + value
    return value


def _is_number(text: str) -> bool:
    digits = text.removeprefix("-").replace(".", "", 1)
    return digits.isascii() and digits.isdigit()
