"""Read encounters from CSV: one row a service line. All rows with one encounter_id make one encounter."""

import csv
import io
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path as FilePath
from typing import Any

import msgspec

from claimloop.builders.encounters.columns import Column, Unreadable, column_of, columns, read_cell
from claimloop.builders.encounters.conform import Path, misfits, nearest_name
from claimloop.builders.encounters.encounter import Encounter
from claimloop.edi.counts import counted
from claimloop.edi.diagnostics import Report, Where, diagnose

Table = dict[str, object]

_CODES = {"unknown": "C302", "missing": "C303", "wrong": "C304"}
_SEPARATORS = ",;\t"
_KEY = "encounter_id"


class _Rows:
    """The rows of one encounter so far: their values with their lines, and how many of them cannot be read."""

    def __init__(self, line: int) -> None:
        self.first_line = line
        self.said: dict[str, str] = {}
        self.table: Table = {}
        self.services: list[tuple[int, Table]] = []
        self.bad = 0


def read_csv(path: FilePath, report: Report) -> Iterator[tuple[Encounter, int]]:
    """Yield the encounters of a CSV file with the line where each begins, in the order of their first rows.

    The separator is the header's: comma, semicolon or tab. The whole file is in memory, because the rows of an
    encounter may be anywhere.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        problem = f"it is not UTF-8 text (byte {error.start + 1}), so save it as CSV UTF-8"
        report(diagnose("C300", Where(path.name), problem=problem))
        return
    first_line = text.partition("\n")[0]
    separator = max(_SEPARATORS, key=first_line.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    encounters: dict[str, _Rows] = {}
    try:
        header = _header([name.strip() for name in next(reader, [])], path.name, report)
        if header is None:
            return
        line = reader.line_num + 1
        for cells in reader:
            if any(cell.strip() for cell in cells):
                _take_row(header, cells, encounters, path.name, line, report)
            line = reader.line_num + 1
    except csv.Error as error:
        report(diagnose("C300", Where(path.name, reader.line_num), problem=f"it is not valid CSV ({error})"))
        return
    for key, rows in encounters.items():
        encounter = _encounter(key, rows, path.name, report)
        if encounter is not None:
            yield encounter, rows.first_line


def _header(names: list[str], file: str, report: Report) -> list[Column | None] | None:
    """Return the columns of the header, None for a blank name; or None where the header is not usable."""
    known = columns()
    problems = []
    for position, name in enumerate(names):
        if name and name not in known:
            near = nearest_name(name, list(known))  # a name that is far from all of them may be data, not a heading
            problems.append(f"{name} is not a column{near}" if near else f"heading {position + 1} is not a column")
        elif name and name in names[:position]:
            problems.append(f"column {name} appears twice")
    if _KEY not in names:
        problems = [f"the header has no {_KEY} column"]
    for problem in problems:
        report(diagnose("C300", Where(file, 1), problem=problem))
    return None if problems else [known.get(name) for name in names]


def _take_row(
    header: list[Column | None],
    cells: list[str],
    encounters: dict[str, _Rows],
    file: str,
    line: int,
    report: Report,
) -> None:
    filled = {column.name: cell.strip() for column, cell in zip(header, cells, strict=False) if column and cell.strip()}
    key = filled.get(_KEY, "")
    where = Where(file, line, subject=f"encounter {key}" if key else f"line {line}")
    rows = encounters.setdefault(key, _Rows(line)) if key else _Rows(line)
    stray = sum(1 for column, cell in zip(header, cells, strict=False) if column is None and cell.strip())
    stray += sum(1 for cell in cells[len(header) :] if cell.strip())
    bad = False
    if stray:
        bad = True
        report(diagnose("C301", where, problem=f"{counted(stray, 'cell is', 'cells are')} not under any column"))
    service: Table = {}
    for name, cell in filled.items():
        column = columns()[name]
        at = Where(file, line, subject=where.subject, element=name)
        if not column.of_the_row and name in rows.said:
            if rows.said[name] != cell:
                bad = True
                report(diagnose("C305", at, cell, field=name))
            continue
        try:
            value = read_cell(column, cell)
        except Unreadable as error:
            bad = True
            report(diagnose("C304", at, cell, field=name, problem=str(error)))
            continue
        if column.of_the_row:
            _put(service, column.path[1:], value)
        else:
            rows.said[name] = cell
            _put(rows.table, column.path, value)
    if not key:
        report(diagnose("C303", where, field=_KEY))
        return
    rows.bad += bad
    if service:
        rows.services.append((line, service))


def _put(table: Table, path: Path, value: object) -> None:
    """Set a value deep in nested tables. Create the tables along the way, and the items of a list before it."""
    place: Any = table
    for step, following in pairwise(path):
        fresh: Table | list[Table] = [] if isinstance(following, int) else {}
        if isinstance(step, int):
            place.extend({} for _ in range(step + 1 - len(place)))
            place = place[step]
        else:
            place = place.setdefault(step, fresh)
    place[path[-1]] = value


def _encounter(key: str, rows: _Rows, file: str, report: Report) -> Encounter | None:
    """Return the encounter of these rows, or None with every reason reported."""
    subject = f"encounter {key}"
    table = {
        "coverages": [],
        "diagnoses": [],
        **rows.table,
        "services": [service for _, service in rows.services],
    }
    found = [misfit for misfit in misfits(table, Encounter) if not (rows.bad and misfit.kind == "missing")]
    for misfit in found:
        line = rows.first_line
        if misfit.path[0] == "services" and len(misfit.path) > 1 and isinstance(misfit.path[1], int):
            line = rows.services[misfit.path[1]][0]
        name = column_of(misfit.path)
        where = Where(file, line, subject=subject, element=name)
        report(diagnose(_CODES[misfit.kind], where, misfit.value, field=name, problem=misfit.problem))
    if rows.bad:
        report(diagnose("C307", Where(file, rows.first_line, subject=subject), rows=rows.bad))
    if found or rows.bad:
        return None
    return msgspec.convert(table, Encounter)
