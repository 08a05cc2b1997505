"""Read encounters: JSON, JSONL and CSV, as a stream of checked records.

A record that cannot be read is reported with its file and line (`Where.segment` is the line), and the others are still
read. Amounts never pass through a float: msgspec reads the digits of a JSON number into a Decimal.
"""

import os
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import msgspec

from claimloop.builders.encounters.conform import misfit_findings
from claimloop.builders.encounters.encounter import Encounter
from claimloop.builders.encounters.intake_csv import read_csv
from claimloop.edi.diagnostics import Report, Where, diagnose
from claimloop.edi.reading import Records, Stream

_DECODER = msgspec.json.Decoder(Encounter)
_NOT_JSON = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_UTF8_MARK = b"\xef\xbb\xbf"


def read_encounters(path: str | os.PathLike[str], report: Report | None = None) -> Records[Encounter]:
    """Read the encounters of a .json (one or a list), .jsonl or .csv file into memory, in its order.

    docs/encounters.md lists the fields and the columns. A record that cannot be read is a finding, with its line in
    `where.segment`, and is left out. So is a record that repeats an encounter id, or a patient control number of the
    practice's own. Raises OSError where the file cannot be read.

        encounters = read_encounters("visits.csv")
        print(len(encounters), encounters.errors)
    """
    stream = stream_encounters(path, report)
    return Records(list(stream), stream.findings)


def stream_encounters(path: str | os.PathLike[str], report: Report | None = None) -> Stream[Encounter]:
    """Read the encounters of a file one after another. JSONL and CSV take the memory of a few lines and all ids.

    Otherwise this works as `read_encounters`. OSError is raised when the first encounter is asked for.

        for encounter in stream_encounters("visits.jsonl"):
            print(encounter.encounter_id)
    """
    path = Path(path)
    return Stream(partial(encounter_items, path), report, path.name)


def encounter_items(path: Path, report: Report) -> Iterator[Encounter]:
    """Read the encounters of a .json (one or a list), .jsonl or .csv file, one by one, in order.

    JSONL is read line by line, in memory of a few lines and the ids seen. A record that repeats an encounter id, or a
    patient control number of the practice's own, is reported and skipped. Raises OSError where the file cannot be read.
    """
    readers: dict[str, Callable[[Path, Report], Iterator[tuple[Encounter, int]]]] = {
        ".json": _read_json,
        ".jsonl": _read_jsonl,
        ".ndjson": _read_jsonl,
        ".csv": read_csv,
    }
    reader = readers.get(path.suffix.lower())
    if reader is None:
        report(
            diagnose(
                "C300",
                Where(path.name),
                problem=f"{path.suffix or 'a name without a suffix'} is not an encounter file type",
            )
        )
        return
    with path.open("rb") as stream:
        if stream.read(2) in _UTF16:
            report(diagnose("C300", Where(path.name), problem="it is UTF-16 text, not UTF-8"))
            return
    seen: set[str] = set()
    numbers: set[str] = set()
    for encounter, line in reader(path, report):
        if encounter.encounter_id in seen:
            report(diagnose("C306", Where(path.name, line, subject=f"encounter {encounter.encounter_id}")))
            continue
        seen.add(encounter.encounter_id)
        own = encounter.patient_control_number
        if own:
            if own in numbers:
                report(diagnose("C308", Where(path.name, line, subject=f"encounter {encounter.encounter_id}"), own))
                continue
            numbers.add(own)
        yield encounter


def _read_jsonl(path: Path, report: Report) -> Iterator[tuple[Encounter, int]]:
    with path.open("rb") as stream:
        for number, line in enumerate(stream, start=1):
            text = line.removeprefix(_UTF8_MARK).strip() if number == 1 else line.strip()
            if text:
                encounter = _decode(text, path.name, number, report)
                if encounter is not None:
                    yield encounter, number


def _read_json(path: Path, report: Report) -> Iterator[tuple[Encounter, int]]:
    text = path.read_bytes().removeprefix(_UTF8_MARK)
    if not text.lstrip().startswith(b"["):
        line = 1 + text[: len(text) - len(text.lstrip())].count(b"\n")
        encounter = _decode(text, path.name, line, report)
        if encounter is not None:
            yield encounter, line
        return
    try:
        records = msgspec.json.decode(text, type=list[msgspec.Raw])
    except _NOT_JSON as error:
        report(diagnose("C300", Where(path.name), problem=f"it is not valid JSON ({error})"))
        return
    position, line = 0, 1
    for record in records:
        raw = bytes(record)
        start = text.index(raw, position)
        line += text.count(b"\n", position, start)
        encounter = _decode(raw, path.name, line, report)
        if encounter is not None:
            yield encounter, line
        position = start + len(raw)
        line += raw.count(b"\n")


def _decode(text: bytes, file: str, line: int, report: Report) -> Encounter | None:
    """Return the record, or None with every reason reported."""
    try:
        return _DECODER.decode(text)
    except _NOT_JSON as error:
        problem = str(error)
    try:
        record: object = msgspec.json.decode(text)
    except _NOT_JSON as error:
        report(diagnose("C301", Where(file, line, subject=f"line {line}"), problem=f"it is not valid JSON ({error})"))
        return None
    name = record.get("encounter_id") if isinstance(record, dict) else None
    subject = f"encounter {name}" if isinstance(name, str) and name else f"line {line}"
    where = Where(file, line, subject=subject)
    for finding in misfit_findings(record, Encounter, where) or [diagnose("C301", where, problem=problem)]:
        report(finding)
    return None
