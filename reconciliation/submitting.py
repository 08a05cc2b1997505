"""Encounters out: checked, built, written to one file for upload and booked in the ledger, all of it or nothing.

The file is written under a hidden name beside its place, then the ledger is committed, then the file is moved into
place. A run that was killed in between is finished, or undone, by the next one.
"""

import hashlib
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from itertools import chain, islice
from pathlib import Path

import msgspec
from sqlalchemy import Connection, select

from claimloop.builders.batch import BatchNumbers, BatchSummary, write_batch
from claimloop.builders.checks import check_encounter
from claimloop.builders.claims import claims_from
from claimloop.builders.encounter import Encounter
from claimloop.builders.intake import read_encounters
from claimloop.builders.partner import TradingPartner
from claimloop.edi.claim import Claim
from claimloop.edi.diagnostics import Report, Where, diagnose
from claimloop.edi.money import ZERO, to_cents
from claimloop.reconciliation import accounts, schema
from claimloop.reconciliation.claims_on_file import record_encoder
from claimloop.reconciliation.ledger import Ledger, insert_rows, next_id
from claimloop.reconciliation.matching import normalised

_VERSION = 1
_PARTIAL = ".partial"
_AT_ONCE = 500


class Submission(msgspec.Struct):
    """What became of the encounters. `file` is None where nothing was sendable."""

    file: Path | None = None
    claims: int = 0
    lines: int = 0
    charge: Decimal = ZERO
    encounters: int = 0
    refused: int = 0
    already_sent: int = 0


def submit(
    sources: Iterable[Path],
    partner: TradingPartner,
    ledger: Ledger,
    folder: Path,
    moment: datetime,
    report: Report,
    progress: Callable[[int], None] | None = None,
) -> Submission:
    """Build one 837P file of the sendable encounters and record it. `progress` is told the encounters seen.

    An unsendable encounter is reported with all of its findings, and one that was sent before with a note; neither
    keeps the others back. Raises LedgerError, or OSError where the folder cannot be written.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    finish_interrupted(ledger, folder)
    result = Submission()
    with ledger.writing() as connection:
        writing = _Writing(connection, partner, folder, moment, _ledger_tag(ledger))
        encounters = _counted(_read(sources, report), result, progress)
        sendable = _sendable(encounters, partner, moment, report, result)
        claims = writing.claims(_unsent(sendable, connection, report, result))
        first = next(claims, None)
        if first is None:
            return result
        writing.write(first, claims)
        result.claims, result.lines, result.charge = writing.claims_written, writing.lines_written, writing.charge
    _put_in_place(writing.partial, writing.path)
    result.file = writing.path
    return result


def finish_interrupted(ledger: Ledger, folder: Path) -> None:
    """Move a file that the ledger knows into place, where a run was killed before it could; drop its others.

    Hidden files carry a tag of their ledger: another ledger's may be all that is left of claims it holds as sent.
    Looks into `folder` and wherever files went before. While this holds the ledger, no other run is at work on one.
    """
    submissions = schema.submissions.c
    with ledger.writing() as connection:
        folders = {folder.resolve(), *map(Path, connection.scalars(select(submissions.folder).distinct()))}
        for partial in [path for each in sorted(folders) for path in each.glob(f".*{_PARTIAL}")]:
            name, _, of_ledger = partial.name.removeprefix(".").removesuffix(_PARTIAL).rpartition(".")
            own = of_ledger == _ledger_tag(ledger)
            with partial.open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
            known = select(submissions.id).where(submissions.file_name == name, submissions.sha256 == digest)
            if connection.scalar(known):
                _put_in_place(partial, partial.with_name(name))
            elif own:
                partial.unlink()


def _ledger_tag(ledger: Ledger) -> str:
    """Eight characters that tell ledgers apart by where they lie."""
    return hashlib.sha256(str(Path(str(ledger.url.database)).resolve()).encode()).hexdigest()[:8]


def _put_in_place(partial: Path, path: Path) -> None:
    """Give a file that the ledger knows its name, unless another run has done so; the move survives a power cut."""
    try:
        partial.replace(path)
    except FileNotFoundError:
        if not path.exists():
            raise
    descriptor = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _read(sources: Iterable[Path], report: Report) -> Iterator[Encounter]:
    for source in sources:
        yield from read_encounters(source, report)


def _counted(
    encounters: Iterator[Encounter], result: Submission, progress: Callable[[int], None] | None
) -> Iterator[Encounter]:
    for encounter in encounters:
        result.encounters += 1
        if progress:
            progress(result.encounters)
        yield encounter


def _sendable(
    encounters: Iterator[Encounter],
    partner: TradingPartner,
    moment: datetime,
    report: Report,
    result: Submission,
) -> Iterator[Encounter]:
    """The encounters without an error, each id once; the others are reported and counted."""
    seen: set[str] = set()
    for encounter in encounters:
        findings = check_encounter(encounter, partner, moment.date())
        where = Where(subject=f"encounter {encounter.encounter_id}")
        if encounter.encounter_id in seen:
            findings.append(diagnose("P511", where))
        if encounter.frequency != "1":
            findings.append(diagnose("P512", where, frequency=encounter.frequency))
        for finding in findings:
            report(finding)
        if any(finding.severity == "error" for finding in findings):
            result.refused += 1
            continue
        seen.add(encounter.encounter_id)
        yield encounter


def _unsent(
    encounters: Iterator[Encounter], connection: Connection, report: Report, result: Submission
) -> Iterator[Encounter]:
    """The encounters that do not stand in the ledger yet; a note for each of the others."""
    claims, submissions = schema.claims.c, schema.submissions.c
    query = (
        select(claims.encounter_id, claims.patient_control_number, submissions.file_name)
        .join_from(schema.claims, schema.submissions, submissions.id == claims.submission_id)
        .order_by(claims.id.desc())  # the first part of an encounter is the one that stays in `sent`
    )
    while some := list(islice(encounters, _AT_ONCE)):
        ids = [encounter.encounter_id for encounter in some]
        sent = {row[0]: row for row in connection.execute(query.where(claims.encounter_id.in_(ids)))}
        for encounter in some:
            if encounter.encounter_id not in sent:
                yield encounter
                continue
            _, claim, file = sent[encounter.encounter_id]
            where = Where(subject=f"encounter {encounter.encounter_id}")
            report(diagnose("P510", where, claim=claim, file=file))
            result.already_sent += 1


class _Writing:
    """One file and its rows, inside one transaction of the ledger."""

    def __init__(
        self, connection: Connection, partner: TradingPartner, folder: Path, moment: datetime, tag: str
    ) -> None:
        self._connection = connection
        self._partner = partner
        self._moment = moment
        interchange = _next_number(connection, "interchange")
        self._numbers = BatchNumbers(
            interchange, _next_number(connection, "group"), _next_number(connection, "set"), f"{interchange:09d}"
        )
        self.path = folder / partner.file_name_of(interchange)
        self.partial = folder / f".{self.path.name}.{tag}{_PARTIAL}"
        self.claims_written = self.lines_written = 0
        self.charge = ZERO
        self._id = next_id(connection, schema.submissions)
        self._next_claim = next_id(connection, schema.claims)
        self._next_line = next_id(connection, schema.lines)
        self._next_entry = next_id(connection, schema.entries)
        self._encounters: dict[str, tuple[str, int]] = {}

    def claims(self, encounters: Iterable[Encounter]) -> Iterator[Claim]:
        """The claims of the encounters; one with many lines makes several parts."""
        for encounter in encounters:
            for part, claim in enumerate(claims_from(encounter, self._partner, _VERSION), start=1):
                self._encounters[claim.patient_control_number] = encounter.encounter_id, part
                yield claim

    def write(self, first: Claim, rest: Iterator[Claim]) -> None:
        """Write and sync the hidden file, and all rows but not yet the commit."""
        if self.path.exists():
            raise FileExistsError(17, "the ledger did not write this file, and it is in the way", str(self.path))
        digest = hashlib.sha256()
        descriptor = os.open(self.partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(descriptor, "wb", buffering=1 << 16) as file:

                def write(text: str) -> None:
                    data = text.encode("ascii")
                    digest.update(data)
                    file.write(data)

                summary = write_batch(
                    chain((first,), rest), self._partner, self._numbers, self._moment, write, self._book
                )
                file.flush()
                os.fsync(file.fileno())
            self._finish(summary, digest.hexdigest())
        except BaseException:
            self.partial.unlink(missing_ok=True)
            raise

    def _finish(self, summary: BatchSummary, sha256: str) -> None:
        self.claims_written, self.lines_written = summary.claims, summary.lines
        self.charge = summary.charge
        for name, taken in (("interchange", 1), ("group", 1), ("set", len(summary.set_numbers))):
            _advance_number(self._connection, name, taken)
        insert_rows(
            self._connection,
            schema.submissions,
            [
                (
                    self._id, self.path.name, str(self.path.parent.resolve()), sha256, self._numbers.interchange,
                    self._partner.name, self._partner.usage, self._moment.isoformat(timespec="seconds"),
                    summary.claims, to_cents(summary.charge),
                )
            ],
        )  # fmt: skip

    def _book(self, claims: Sequence[Claim], set_number: str) -> None:
        """Rows and entries of the claims of one set: each line's charge becomes revenue that is open."""
        rows: dict[str, list[tuple[object, ...]]] = {"claims": [], "lines": [], "legs": [], "entries": []}
        day, posted = self._moment.date().isoformat(), self._moment.isoformat(timespec="seconds")
        for claim in claims:
            claim_id, self._next_claim = self._next_claim, self._next_claim + 1
            entry, self._next_entry = self._next_entry, self._next_entry + 1
            encounter_id, part = self._encounters.pop(claim.patient_control_number)
            period = claim.service_period
            rows["claims"].append(
                (
                    claim_id, self._id, set_number, encounter_id, _VERSION, part, claim.patient_control_number,
                    normalised(claim.patient_control_number), claim.payer.id, claim.payer.name,
                    claim.subscriber.person.id,
                    "\n".join({claim.patient_person.name: 0, claim.subscriber.person.name: 0}),
                    to_cents(claim.charge), period.start.isoformat(), period.end.isoformat(),
                    record_encoder.encode(claim),
                )
            )  # fmt: skip
            rows["lines"].append((self._take_line(), claim_id, 0, None, None, "", None, None, None, 0))
            legs = 0
            for number, line in enumerate(claim.lines, start=1):
                line_id, charge = self._take_line(), to_cents(line.charge)
                rows["lines"].append(
                    (
                        line_id, claim_id, number, line.line_control_number, line.procedure, " ".join(line.modifiers),
                        line.service_date.start.isoformat(), line.service_date.end.isoformat(), str(line.units),
                        charge,
                    )
                )  # fmt: skip
                if charge:  # a quality code is reported for nothing
                    rows["legs"].append((entry, legs + 1, accounts.OPEN, line_id, charge))
                    rows["legs"].append((entry, legs + 2, accounts.CHARGE, line_id, -charge))
                    legs += 2
            rows["entries"].append((entry, "claim submitted", day, posted, self._id, None, None))
        for name, some in rows.items():
            insert_rows(self._connection, schema.metadata.tables[name], some)

    def _take_line(self) -> int:
        line_id, self._next_line = self._next_line, self._next_line + 1
        return line_id


def _next_number(connection: Connection, name: str) -> int:
    """The control number after the last one of this kind that a file has."""
    last = connection.scalar(select(schema.control_numbers.c.last).where(schema.control_numbers.c.name == name))
    return (last or 0) + 1


def _advance_number(connection: Connection, name: str, by: int) -> None:
    numbers = schema.control_numbers
    taken = connection.execute(numbers.update().where(numbers.c.name == name).values(last=numbers.c.last + by)).rowcount
    if not taken:
        connection.execute(numbers.insert().values(name=name, last=by))
