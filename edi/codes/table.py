"""A code list as a dated table: the codes, the period in which each is active, and a label in our own words.

A table is a CSV file with the columns code, start, stop, label. Lines of the form `# key: text` before it describe the
list and the source of the copy. Dates are ISO dates or empty; start and stop are the first and the last day on which
the code may be used.
"""

import csv
from collections.abc import Iterator, Mapping
from datetime import date
from importlib.resources import files
from typing import Literal

import msgspec

from claimloop.edi.diagnostics import UserError

Status = Literal["active", "unknown", "not yet", "stopped"]
COLUMNS = ("code", "start", "stop", "label")


class CodeListError(UserError):
    """A code list that is missing or cannot be read. The message is one line for the user."""


class Code(msgspec.Struct, frozen=True, gc=False):
    """One code. A start or stop of None is unknown, or has not been set."""

    code: str
    start: date | None = None
    stop: date | None = None
    label: str = ""


class About(msgspec.Struct, frozen=True, omit_defaults=True):
    """Where a list comes from. `date` is the day of the copy, `loaded` an owner's list that overrides ours."""

    list: str = ""
    owner: str = ""
    source: str = ""
    date: str = ""
    license: str = ""
    note: str = ""
    loaded: str = ""


class CodeList(msgspec.Struct, frozen=True):
    """All codes of one list, in the order of the table."""

    name: str
    about: About
    codes: Mapping[str, Code]

    def __contains__(self, code: object) -> bool:
        return code in self.codes

    def __iter__(self) -> Iterator[Code]:
        return iter(self.codes.values())

    def __len__(self) -> int:
        return len(self.codes)

    def status(self, code: str, on: date | None) -> Status:
        """Return whether a code may be used on a day, or without a day whether it exists. A code without dates is
        active.
        """
        row = self.codes.get(code)
        if row is None:
            return "unknown"
        if on is not None:
            if row.start is not None and on < row.start:
                return "not yet"
            if row.stop is not None and on > row.stop:
                return "stopped"
        return "active"

    def label(self, code: str) -> str:
        """Return a short label; empty if no label was certain enough, or if there is no such code."""
        row = self.codes.get(code)
        return row.label if row else ""


class Table(msgspec.Struct, frozen=True):
    """A table as it is in a file: its `# key: text` lines, its columns, and its rows."""

    head: dict[str, str]
    columns: tuple[str, ...]
    rows: dict[str, Code]


def shipped() -> tuple[str, ...]:
    """Return the names of the lists that come with claimloop, sorted."""
    return tuple(sorted(file.name[:-4] for file in files(__package__).iterdir() if file.name.endswith(".csv")))


def read_shipped(name: str) -> Table:
    """Return the table of a shipped list. Raises KeyError if no list has that name."""
    file = files(__package__).joinpath(f"{name}.csv")
    if not name.isidentifier() or not file.is_file():
        raise KeyError(name)
    return parse(file.read_text(encoding="utf-8"))


def parse(text: str) -> Table:
    """Parse a table. Raises ValueError with the line if the text is not one."""
    lines = text.splitlines()
    head: dict[str, str] = {}
    first = 0
    for line in lines:
        if not line.startswith("#"):
            break
        key, _, said = line[1:].partition(":")
        head[key.strip()] = said.strip()
        first += 1
    reader = csv.reader(lines[first:])
    columns = tuple(next(reader, ()))
    if columns[:1] != ("code",) or not set(columns) <= set(COLUMNS):
        raise ValueError(f"line {first + 1}: the columns are not {', '.join(COLUMNS)}")
    rows: dict[str, Code] = {}
    for values in reader:
        if len(values) != len(columns):
            raise ValueError(f"line {first + reader.line_num}: {len(values)} columns instead of {len(columns)}")
        row = dict(zip(columns, values, strict=True))
        start, stop = row.get("start"), row.get("stop")
        try:
            rows[row["code"]] = Code(
                row["code"],
                date.fromisoformat(start) if start else None,
                date.fromisoformat(stop) if stop else None,
                row.get("label", ""),
            )
        except ValueError as error:
            raise ValueError(f"line {first + reader.line_num}: {error}") from None
    return Table(head, columns, rows)
