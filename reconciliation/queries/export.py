"""Rows as text: CSV, JSON, or JSON Lines. Only here and in the commands is money more than cents."""

import csv
import json
from collections.abc import Callable, Iterable
from functools import cache
from operator import attrgetter
from typing import Any, Literal, TextIO, get_origin

import msgspec

from claimloop.edi.columns import fields_of, is_record, mark_of, names_of
from claimloop.edi.money import two_decimals

Format = Literal["csv", "json", "jsonl"]
FORMATS: tuple[Format, ...] = ("csv", "json", "jsonl")
_STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r")


class _Spelling(msgspec.Struct, frozen=True):
    """How the rows of one type are written: the names, how to get the values, and which are cents or lists."""

    names: tuple[str, ...]
    values: Callable[[Any], tuple[Any, ...]]
    money: tuple[int, ...]
    several: tuple[int, ...]


def export(rows: Iterable[msgspec.Struct], row_type: type[msgspec.Struct], form: Format, out: TextIO) -> int:
    """Write the rows as they come and return how many there were. CSV has a heading even without a row."""
    count = 0
    if form == "csv":
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(names_of(row_type))
        for row in rows:
            writer.writerow(map(_csv_cell, _cells(row, _spelling(type(row)))))
            count += 1
    elif form == "jsonl":
        for row in rows:
            out.write(json.dumps(as_text(row), ensure_ascii=False) + "\n")
            count += 1
    else:
        out.write("[")
        for count, row in enumerate(rows, start=1):
            out.write(("," if count > 1 else "") + "\n" + json.dumps(as_text(row), ensure_ascii=False))
        out.write("\n]\n")
    return count


def as_text(row: msgspec.Struct) -> dict[str, Any]:
    """Return a row as programs read it: money as text with two decimals, lists for tuples, records in them likewise."""
    spelling = _spelling(type(row))
    return dict(zip(spelling.names, _cells(row, spelling), strict=True))


def _cells(row: msgspec.Struct, spelling: _Spelling) -> list[Any]:
    cells = list(spelling.values(row))
    for place in spelling.money:
        cells[place] = two_decimals(cells[place])
    for place in spelling.several:
        cells[place] = [as_text(each) if isinstance(each, msgspec.Struct) else each for each in cells[place]]
    return cells


@cache
def _spelling(row_type: type[msgspec.Struct]) -> _Spelling:
    paths = list(_paths(row_type))
    marks = [mark_of(hint) for _, hint in paths]
    return _Spelling(
        names_of(row_type),
        attrgetter(*(path for path, _ in paths)),
        tuple(place for place, mark in enumerate(marks) if mark is not None and mark.kind == "money"),
        tuple(place for place, (_, hint) in enumerate(paths) if _is_tuple(hint)),
    )


def _paths(row_type: type[msgspec.Struct]) -> Iterable[tuple[str, Any]]:
    """Yield the path of each value from the row, and its type."""
    for attribute, (_, hint) in zip(row_type.__struct_fields__, fields_of(row_type), strict=True):
        if is_record(hint):
            yield from ((f"{attribute}.{path}", inner) for path, inner in _paths(hint))
        else:
            yield attribute, hint


def _is_tuple(hint: Any) -> bool:
    """Return whether a field holds several values. `Annotated` has its bare type as origin."""
    return get_origin(getattr(hint, "__origin__", hint)) is tuple or get_origin(hint) is tuple


def _csv_cell(value: Any) -> str | int:
    """Return a CSV cell. An apostrophe disarms text that a spreadsheet would take for a formula, but not a number."""
    if value is None:
        return ""
    if isinstance(value, list):
        return _csv_cell(" ".join(value))
    if isinstance(value, int):
        return value
    text = str(value).replace("\r", " ")  # csv does not quote it, and readers take it for the end of the row
    return "'" + text if text.startswith(_STARTS_A_FORMULA) and not _is_number(text) else text


def _is_number(text: str) -> bool:
    digits = text.removeprefix("-").replace(".", "", 1)
    return digits.isascii() and digits.isdigit()
