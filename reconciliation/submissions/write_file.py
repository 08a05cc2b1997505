"""A file of claims out: written, recorded in the ledger by one commit, then moved into place; all of it or nothing.

The file is written under a hidden name beside its place, then the ledger is committed, then the file is moved. A run
that was killed in between is finished, or undone, by the next one.
"""

import hashlib
import os
from collections.abc import Callable, Iterable, Iterator, Sequence, Set
from datetime import datetime
from decimal import Decimal
from itertools import chain, islice
from pathlib import Path

import msgspec
from sqlalchemy import Connection, select

from claimloop.builders.final_check import check_out, until_sendable
from claimloop.builders.partner import TradingPartner
from claimloop.builders.professional.batch import BatchSummary, ControlNumbers, write_batch
from claimloop.edi.diagnostics import Report
from claimloop.edi.money import ZERO, to_cents
from claimloop.edi.records.claim import Claim
from claimloop.reconciliation.claims.charges import Book, Outgoing
from claimloop.reconciliation.ledger import schema
from claimloop.reconciliation.ledger.connection import Ledger, LedgerError, insert_rows
from claimloop.reconciliation.submissions.manifest import write_manifest

_PARTIAL = ".partial"
_BUILT = "built"


class FileOut(msgspec.Struct, frozen=True):
    """A file in its place, and what is in it."""

    path: Path
    claims: int
    lines: int
    charge: Decimal


Prepare = Callable[[Connection, Set[str]], Iterable[Outgoing]]
"""Gives the claims that are to go out, but for those of encounters (their ids) that failed in an earlier try."""


def send(
    prepare: Prepare,
    partner: TradingPartner,
    ledger: Ledger,
    folder: Path,
    moment: datetime,
    report: Report,
    *,
    second_opinion: bool = False,
) -> list[FileOut]:
    """Write as many files as the partner wants the claims in, check and record them, and put them into their places.

    A claim that fails the check of its file is reported and stays back; the others go out. Raises FileHeld where no
    claim can be named for it, LedgerError, and OSError where the folder cannot be written: then nothing was sent.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    finish_interrupted(ledger, folder)

    def attempt(failed: Set[str]) -> list[FileInHand]:
        written: list[FileInHand] = []
        try:
            with ledger.writing() as connection:
                rest = iter(prepare(connection, failed))
                for first in rest:
                    portion = islice(rest, partner.claims_per_file - 1) if partner.claims_per_file else rest
                    in_hand = FileInHand(connection, partner, folder, moment, ledger_tag(ledger))
                    in_hand.write(chain((first,), portion))
                    written.append(in_hand)
                    in_hand.check(report, second_opinion=second_opinion)
        except BaseException:
            for in_hand in written:
                in_hand.partial.unlink(missing_ok=True)
            raise
        return written

    return [in_hand.put_in_place(ledger) for in_hand in until_sendable(attempt, report)]


def finish_interrupted(ledger: Ledger, folder: Path) -> None:
    """Move a file that the ledger knows into place, where a run was killed before it could; drop its others.

    Hidden files carry a tag of their ledger: another ledger's may be all that is left of claims it holds as sent.
    Looks into `folder` and wherever files went before. While this holds the ledger, no other run is at work on one.
    A rehearsal touches none of them.
    """
    if ledger.is_rehearsal:
        return
    submissions = schema.submissions.c
    with ledger.writing() as connection:
        known_folders = select(submissions.folder).where(submissions.origin == _BUILT).distinct()
        folders = {folder.resolve(), *map(Path, connection.scalars(known_folders))}
        for partial in [path for each in sorted(folders) for path in each.glob(f".*{_PARTIAL}")]:
            name, _, of_ledger = partial.name.removeprefix(".").removesuffix(_PARTIAL).rpartition(".")
            own = of_ledger == ledger_tag(ledger)
            try:
                with partial.open("rb") as file:
                    digest = hashlib.file_digest(file, "sha256").hexdigest()
            except (
                FileNotFoundError
            ):  # the run that wrote it has moved it: after its commit it holds the ledger no more
                continue
            known = select(submissions.id).where(submissions.file_name == name, submissions.sha256 == digest)
            submission = connection.scalar(known)
            if submission:
                write_manifest(connection, submission, partial.with_name(name))
                _put_in_place(partial, partial.with_name(name))
            elif own:
                partial.unlink()


def ledger_tag(ledger: Ledger) -> str:
    """Eight characters that tell ledgers apart by where they lie."""
    return hashlib.sha256(ledger.place.encode()).hexdigest()[:8]


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


class FileInHand:
    """One file and its rows, inside one transaction of the ledger; `put_in_place` after the commit.

    `encounters` has the id of the encounter of each control number in it. `is_coordinated` is true where a claim names
    other payers: their balances are judged by the rules above the guide; of other claims the encounter's checks are.
    """

    def __init__(
        self, connection: Connection, partner: TradingPartner, folder: Path, moment: datetime, tag: str
    ) -> None:
        self._connection = connection
        self._partner = partner
        self._moment = moment
        interchange = self._next_number("interchange", partner.control_numbers.first)
        if interchange > partner.control_numbers.last:
            last = partner.control_numbers.last
            raise LedgerError(f"the control numbers of partner {partner.name} are used up: {last} was the last")
        self._numbers = ControlNumbers(interchange, self._next_number("group"), self._next_number("set"))
        self.path = folder / partner.file_name_of(interchange, moment)
        self.partial = folder / f".{self.path.name}.{tag}{_PARTIAL}"
        self._book = Book(connection, moment)
        self._in_hand: dict[str, Outgoing] = {}
        self.encounters: dict[str, str] = {}
        self.is_coordinated = False
        self.summary: BatchSummary | None = None

    def write(self, outgoing: Iterable[Outgoing]) -> None:
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

                claims = self._claims(outgoing)
                self.summary = write_batch(claims, self._partner, self._numbers, self._moment, write, self._add)
                file.flush()
                os.fsync(file.fileno())
            self._finish(self.summary, digest.hexdigest())
        except BaseException:
            self.partial.unlink(missing_ok=True)
            raise

    def check(self, report: Report, *, second_opinion: bool) -> None:
        """Judge the hidden file. Raises Unsendable."""
        check_out(
            lambda: self.partial.open("rb"), self.path.name, self._partner, self.encounters, report,
            situations=self.is_coordinated, second_opinion=second_opinion,
        )  # fmt: skip

    def put_in_place(self, ledger: Ledger) -> FileOut:
        """Write the manifest and give the file its name; the ledger knows it by now."""
        with ledger.reading() as connection:
            write_manifest(connection, self._book.submission_id, self.path)
        _put_in_place(self.partial, self.path)
        assert self.summary is not None
        return FileOut(self.path, self.summary.claims, self.summary.lines, self.summary.charge)

    def _claims(self, outgoing: Iterable[Outgoing]) -> Iterator[Claim]:
        for each in outgoing:
            self._in_hand[each.claim.patient_control_number] = each
            self.encounters[each.claim.patient_control_number] = each.encounter_id
            self.is_coordinated = self.is_coordinated or bool(each.claim.other_payers)
            yield each.claim

    def _add(self, claims: Sequence[Claim], set_number: str) -> None:
        self._book.add([self._in_hand.pop(claim.patient_control_number) for claim in claims], set_number)

    def _finish(self, summary: BatchSummary, sha256: str) -> None:
        numbers = self._numbers
        for name, last in (
            ("interchange", numbers.interchange),
            ("group", numbers.group),
            ("set", numbers.first_set + len(summary.set_numbers) - 1),
        ):
            self._take_numbers(name, last)
        insert_rows(
            self._connection,
            schema.submissions,
            [
                (
                    self._book.submission_id, _BUILT, self.path.name, str(self.path.parent.resolve()), sha256,
                    str(numbers.interchange), str(numbers.group), self._partner.name, self._partner.usage,
                    self._moment.isoformat(timespec="seconds"), summary.claims, to_cents(summary.charge or ZERO),
                )
            ],
        )  # fmt: skip

    def _next_number(self, name: str, first: int = 1) -> int:
        """The control number after the last one of this kind that a file for the partner has."""
        numbers = schema.control_numbers.c
        known = select(numbers.last).where(numbers.partner == self._partner.name, numbers.name == name)
        return max((self._connection.scalar(known) or 0) + 1, first)

    def _take_numbers(self, name: str, last: int) -> None:
        numbers, partner = schema.control_numbers, self._partner.name
        one = (numbers.c.partner == partner) & (numbers.c.name == name)
        if not self._connection.execute(numbers.update().where(one).values(last=last)).rowcount:
            self._connection.execute(numbers.insert().values(partner=partner, name=name, last=last))
