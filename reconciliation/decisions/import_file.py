"""Import manual entries from CSV or JSON Lines, one a row: made by staff, or exported by another ledger."""

import csv
import io
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec

from claimloop.builders.encounters.conform import misfits, nearest_name, spell_path
from claimloop.edi.diagnostics import Report, Where, diagnose
from claimloop.reconciliation.claims.manual_entries import COLUMNS, ENDING, ITEM, ManualEntry
from claimloop.reconciliation.decisions.decide import Decider, DecisionError
from claimloop.reconciliation.ledger.connection import Ledger
from claimloop.reconciliation.posting.dispositions import Dispositions

_NUMBERS = ("item_claim_payment", "item_service")


class Taken(msgspec.Struct):
    """The counts of a file: manual entries posted, already known, and those that could not be posted."""

    file: str
    taken: int = 0
    known: int = 0
    refused: int = 0


def import_decisions(
    path: Path, ledger: Ledger, dispositions: Dispositions, moment: datetime, report: Report
) -> Taken:  # fmt: skip
    """Post the manual entries of a file in one transaction; report (P550) and skip what cannot be posted.

    Raises OSError if the file cannot be read, and LedgerError.
    """
    result = Taken(path.name)
    made = moment.isoformat(timespec="seconds")
    with ledger.writing() as connection:
        decider = Decider(connection, dispositions, made)
        for line, row in _rows(path, report):
            try:
                new = decider.take(_decision(row))
            except DecisionError as problem:
                result.refused += 1
                report(diagnose("P550", Where(path.name, line), problem=str(problem)))
                continue
            result.taken += new
            result.known += not new
    return result


def _rows(path: Path, report: Report) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield the rows with their lines; report what is not a row."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        report(diagnose("P550", Where(path.name), problem=f"the file is not UTF-8 text (byte {error.start + 1})"))
        return
    if text.lstrip().startswith("{"):
        for number, line in enumerate(text.splitlines(), start=1):
            if line.strip():
                try:
                    yield number, msgspec.json.decode(line, type=dict[str, Any])
                except msgspec.DecodeError as error:
                    report(
                        diagnose("P550", Where(path.name, number), problem=f"the line is not a JSON object: {error}")
                    )
        return
    reader = csv.DictReader(io.StringIO(text, newline=""), restkey="", strict=True)
    try:
        for row in reader:
            yield reader.line_num, {
                name.strip(): _cell(value) for name, value in row.items() if isinstance(value, str)
            }  # fmt: skip
    except csv.Error as error:
        report(diagnose("P550", Where(path.name, reader.line_num), problem=f"it is not valid CSV ({error})"))


def _cell(text: str) -> str:
    """Return the cell without the apostrophe that an export writes so that spreadsheets do not evaluate a formula."""
    return text[1:].strip() if text.startswith(("'=", "'+", "'-", "'@")) else text.strip()


def _decision(row: dict[str, Any]) -> ManualEntry:
    """Return a row as a manual entry. Raises DecisionError with all its problems."""
    table: dict[str, Any] = {}
    item: dict[str, Any] = {}
    for name, value in row.items():
        if name not in COLUMNS:
            raise DecisionError(f"{name} is not a column{nearest_name(name, list(COLUMNS))}")
        if value in ("", None):
            continue
        if name in _NUMBERS and isinstance(value, str) and value.isdigit():
            value = int(value)
        if name in ITEM:
            item[name.removeprefix("item_")] = value
        else:
            table[name] = value
    if item:
        table["item"] = item
    problems = [f"{spell_path(each.path)} {each.problem}" for each in misfits(table, ManualEntry)]
    if problems:
        raise DecisionError("; ".join(problems))
    try:
        decision = msgspec.convert(table, ManualEntry)
    except msgspec.ValidationError as error:
        raise DecisionError(str(error)) from None
    if (decision.item is None) == (decision.kind in ENDING):
        raise DecisionError(f"{decision.kind} needs {'a claim' if decision.item else 'an item in suspense'}")
    return decision
