"""Rows of a view as CSV, JSON or JSON Lines."""

import csv
import json
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Literal, TextIO

if TYPE_CHECKING:
    from claimloop.reconciliation.queries.views import Cell

Format = Literal["csv", "json", "jsonl"]
FORMATS: tuple[Format, ...] = ("csv", "json", "jsonl")
_STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def export(rows: "Iterable[dict[str, Cell]]", columns: Sequence[str], form: Format, out: TextIO) -> int:
    """Write the rows as they come; how many there were. CSV has a heading even where there is no row."""
    count = 0
    if form == "csv":
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(columns)
        for row in rows:
            writer.writerow([_cell(row[column]) for column in columns])
            count += 1
    elif form == "jsonl":
        for row in rows:
            out.write(json.dumps(row, ensure_ascii=False) + "\n")
            count += 1
    else:
        out.write("[")
        for count, row in enumerate(rows, start=1):
            out.write(("," if count > 1 else "") + "\n" + json.dumps(row, ensure_ascii=False))
        out.write("\n]\n")
    return count


def _cell(value: "Cell") -> str | int:
    """A CSV cell. An apostrophe disarms text that a spreadsheet would take for a formula; numbers stay numbers."""
    if value is None:
        return ""
    if isinstance(value, list):
        return _cell(" ".join(value))
    if not isinstance(value, str):
        return value
    text = value.replace("\r", " ")  # csv does not quote it, and readers take it for the end of the row
    return "'" + text if value.startswith(_STARTS_A_FORMULA) and not _is_number(value) else text


def _is_number(text: str) -> bool:
    digits = text.removeprefix("-").replace(".", "", 1)
    return digits.isascii() and digits.isdigit()
