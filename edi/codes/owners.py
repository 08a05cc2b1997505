"""An owner's newer list: read as the owner publishes it, kept for this user, overrides the list that we ship.

X12, CMS, and the others publish their lists as spreadsheets with different columns, so headings are recognized by
their words, and dates are read as ISO, US, or CCYYMMDD. The copy is kept in the user's data folder (CLAIMLOOP_CODES
names another). Only its owner can read it: the texts of some lists are licensed to the user, not to us.
"""

import csv
import io
import os
import re
import tempfile
from collections.abc import Iterator
from datetime import date
from itertools import islice
from pathlib import Path

from msgspec.structs import replace as changed
from platformdirs import user_data_path

from claimloop.edi.codes.table import COLUMNS, Code, CodeList, CodeListError, Table, parse

_HEADINGS = {
    "code": "code codes hcpc hcpcs carc rarc modifier pos alpha2",
    "start": "start startdate started begin begindate effective effectivedate effectivefrom from validfrom adddate",
    "stop": "stop stopdate end enddate deactivation deactivationdate deactivated termination terminationdate termdate "
    "expiration expirationdate effectiveto to validto through discontinued discontinueddate",
    "label": "label description name title text definition meaning codedescription longdescription shortdescription",
}
_COLUMN_OF = {heading: column for column, headings in _HEADINGS.items() for heading in headings.split()}
_LINES_BEFORE_HEADINGS = 25
_LONGEST_HEADING = 30
_CODE = re.compile(r"[0-9A-Z]{1,10}", re.ASCII)
_ISO = re.compile(r"([0-9]{4})-?([0-9]{2})-?([0-9]{2})", re.ASCII)
_AMERICAN = re.compile(r"([0-9]{1,2})/([0-9]{1,2})/([0-9]{4})", re.ASCII)
_MIDNIGHT = re.compile(r"[T ]+0{1,2}:00(:00)?(\.0+)?( ?AM)?$", re.ASCII)
_NEVER = 9999


def folder() -> Path:
    """Return the folder of this user's lists."""
    return Path(os.environ.get("CLAIMLOOP_CODES") or user_data_path("claimloop", appauthor=False) / "codes")


def stored(name: str) -> Table | None:
    """Return the list that the user loaded; None if there is none. Raises CodeListError if it cannot be read."""
    path = _path(name)
    try:
        return parse(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, csv.Error) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise CodeListError(f"{path}: {reason}; load it again, or `claimloop codes forget {name}`") from None


def overridden(ours: CodeList, theirs: Table) -> CodeList:
    """Return our list, overridden by an owner's rows. A column that the owner's file lacks keeps our values."""
    codes = {} if theirs.head.get("replaces") == "yes" else dict(ours.codes)
    for code, row in theirs.rows.items():
        known = ours.codes.get(code, row)
        codes[code] = Code(
            code,
            row.start if "start" in theirs.columns else known.start,
            row.stop if "stop" in theirs.columns else known.stop,
            row.label or known.label,
        )
    loaded = f"{theirs.head.get('source', '')}, {theirs.head.get('date', '')}"
    return CodeList(ours.name, changed(ours.about, loaded=loaded), dict(sorted(codes.items())))


def read_published(path: Path, *, width: int = 0) -> Table:
    """Read an owner's list from a file with one code per row, separated by commas, tabs, semicolons or bars.

    `width` is the length of the list's codes if they all have the same length: leading zeros that a spreadsheet dropped
    are restored. Raises CodeListError with the line of invalid content, and OSError if the file cannot be read.
    """
    lines = list(io.StringIO(_text(path), newline=""))
    first, separator, place = _headings(path, lines)
    rows: dict[str, Code] = {}
    reader = csv.reader(lines[first + 1 :], delimiter=separator)
    for values in _readable(path, reader):
        if not any(value.strip() for value in values):
            continue
        line = first + 1 + reader.line_num
        given = {column: values[at].strip() if at < len(values) else "" for column, at in place.items()}
        code = given["code"].upper()
        code = code.zfill(width) if code.isdigit() else code
        if not _CODE.fullmatch(code):
            raise CodeListError(f"{path}: line {line}: no code of uppercase letters and digits in the code column")
        try:
            row = Code(code, _day(given.get("start", "")), _day(given.get("stop", "")), _label(given.get("label", "")))
        except ValueError:
            raise CodeListError(f"{path}: line {line}: a date must be written as 2026-07-31 or 7/31/2026") from None
        if row.start and row.stop and row.stop < row.start:
            raise CodeListError(f"{path}: line {line}: code {code} stops before it starts")
        if rows.setdefault(code, row) != row:
            raise CodeListError(f"{path}: line {line}: code {code} is listed twice with different values")
    if not rows:
        raise CodeListError(f"{path}: no codes")
    return Table({}, tuple(column for column in COLUMNS if column in place), dict(sorted(rows.items())))


def store(name: str, table: Table, source: str, on: date, *, replace: bool) -> None:
    """Store an owner's list, completely or not at all, in place of an earlier one."""
    text = io.StringIO()
    origin = "".join(letter if letter.isprintable() else "?" for letter in source)
    text.write(f"# source: {origin}\n# date: {on.isoformat()}\n# replaces: {'yes' if replace else 'no'}\n")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(table.columns)
    for row in table.rows.values():
        values = (getattr(row, column) for column in table.columns)
        writer.writerow(value.isoformat() if isinstance(value, date) else value for value in values)
    keep(_path(name), text.getvalue())


def keep(path: Path, text: str) -> None:
    """Write a file completely or not at all, readable only by its owner."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle, partial = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            stream.write(text)
        Path(partial).replace(path)
    except OSError:
        Path(partial).unlink(missing_ok=True)
        raise


def remove(name: str) -> bool:
    """Delete the stored list. Return False if there is none."""
    try:
        _path(name).unlink()
    except FileNotFoundError:
        return False
    return True


def _path(name: str) -> Path:
    return folder() / f"{name}.csv"


def _text(path: Path) -> str:
    """Decode UTF-8, or else the encoding of a spreadsheet on Windows."""
    content = path.read_bytes()
    if b"\0" in content:
        raise CodeListError(f"{path}: this is not a text file, so save the list as CSV")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")


def _headings(path: Path, lines: list[str]) -> tuple[int, str, dict[str, int]]:
    """Return the line of the headings, the separator, and the index of each column."""
    for number, line in islice(enumerate(lines), _LINES_BEFORE_HEADINGS):
        if line.startswith("#"):
            continue
        for separator in (",", "\t", ";", "|"):
            place = _columns([heading.strip(' "\r\n') for heading in line.split(separator)])
            if "code" in place:
                return number, separator, place
    raise CodeListError(f"{path}: no heading names a column of codes (for example code, start, stop, description)")


def _columns(headings: list[str]) -> dict[str, int]:
    """Map each column to its index, the first of several that fit. If no heading is "code", accept "Reason Code" and
    the like.
    """
    words = [re.sub(r"[^a-z0-9]", "", heading.casefold()) for heading in headings]
    place: dict[str, int] = {}
    for at, word in enumerate(words):
        if word in _COLUMN_OF:
            place.setdefault(_COLUMN_OF[word], at)
    for at, word in enumerate(words):
        if word.endswith("code") and len(word) <= _LONGEST_HEADING:
            place.setdefault("code", at)
    return place


def _readable(path: Path, reader: Iterator[list[str]]) -> Iterator[list[str]]:
    """Yield the rows of a reader; a quote that is never closed is an error."""
    try:
        yield from reader
    except csv.Error as error:
        raise CodeListError(f"{path}: {error}") from None


def _day(text: str) -> date | None:
    """Return a date; None for an empty text or a date in the year 9999, which means the same. Raises ValueError."""
    text = _MIDNIGHT.sub("", text)
    if not text:
        return None
    if found := _ISO.fullmatch(text):
        year, month, day = map(int, found.groups())
    elif found := _AMERICAN.fullmatch(text):
        month, day, year = map(int, found.groups())
    else:
        raise ValueError(text)
    return None if year == _NEVER else date(year, month, day)


def _label(text: str) -> str:
    """Return one line without characters that could disturb a terminal."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())
