"""Claim files out: written, checked, recorded in the ledger by one commit, then moved into place.

All files of a run, of all partners, are one transaction: each is written under a hidden name beside its place, then the
ledger is committed, then the files are moved. So a kill or a full disk leaves the run done or not begun, and an error
means that nothing was sent. What was killed between the commit and the last move is finished by the next run.
"""

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from sqlalchemy import Connection, select

from claimloop.builders.final_check import Unsendable, ask_pyx12, check_out
from claimloop.builders.partner import TradingPartner
from claimloop.builders.professional.batch import BatchSummary, BatchWriter, ControlNumbers
from claimloop.edi.diagnostics import Diagnostic
from claimloop.edi.money import to_cents
from claimloop.reconciliation.claims.charges import Book, NewSubmission
from claimloop.reconciliation.ledger import schema
from claimloop.reconciliation.ledger.connection import Ledger, LedgerError
from claimloop.reconciliation.ledger.inserts import SubmissionRow, insert
from claimloop.reconciliation.submissions.manifest import write_manifest
from claimloop.reconciliation.submissions.outbox import Outbox, SentFile

_PARTIAL = ".partial"
_BUILT = "built"


@contextmanager
def claim_files(outbox: Outbox) -> Iterator["ClaimFiles"]:
    """Give the claim files of a run, to which claims are added. At the end they are checked, recorded and in place.

    Raises Unsendable where claims fail the check of their file; LedgerError; and OSError where the folder cannot be
    written. Then nothing was sent, and no file and no row is left.
    """
    outbox.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    finish_interrupted(outbox.ledger, outbox.folder)
    files: ClaimFiles | None = None
    try:
        with outbox.ledger.writing() as connection:
            files = ClaimFiles(connection, outbox)
            yield files
            files.close()
            files.check()
    except BaseException:
        if files:
            files.drop()
        raise
    files.put_in_place()


class ClaimFiles:
    """The claim files of one run, in one transaction: one for each partner, or as many as its `claims_per_file` asks.

    `sent` has them once they are in place, in the order of the partners.
    """

    def __init__(self, connection: Connection, outbox: Outbox) -> None:
        self.connection = connection
        self.sent: list[SentFile] = []
        self._outbox = outbox
        self._book = Book(connection, outbox.moment)
        self._of_partner: dict[str, list[ClaimFile]] = {partner.name: [] for partner in outbox.partners}

    def add(self, partner: TradingPartner, submission: NewSubmission) -> None:
        """Add a claim to the partner's file. At most `claims_per_set` claims of each partner are in memory."""
        files = self._of_partner[partner.name]
        if files and files[-1].is_full:
            files[-1].close()
        if not files or files[-1].is_full:
            files.append(ClaimFile(self.connection, self._book, partner, self._outbox))
        files[-1].add(submission)

    def close(self) -> None:
        """Complete every file on disk, and its rows."""
        for files in self._of_partner.values():
            if files:
                files[-1].close()

    def check(self) -> None:
        """Judge every file. Raises Unsendable with the errors of all of them."""
        errors: dict[str, list[Diagnostic]] = {}
        for file in self._files():
            try:
                file.check()
            except Unsendable as failure:
                for encounter_id, findings in failure.by_encounter.items():
                    errors.setdefault(encounter_id, []).extend(findings)
        if errors:
            raise Unsendable(errors)
        if self._outbox.second_opinion:
            for file in self._files():
                file.ask_pyx12()

    def put_in_place(self) -> None:
        """Write the manifests and give the files their names; the ledger is committed."""
        self.sent = [file.put_in_place() for file in self._files()]

    def drop(self) -> None:
        """Remove the hidden files; their rows are rolled back."""
        for file in self._files():
            file.drop()

    def _files(self) -> list["ClaimFile"]:
        return [file for files in self._of_partner.values() for file in files]


class ClaimFile:
    """One claim file that takes claims one by one, and their rows; first under a hidden name.

    The rules above the guide judge it where a claim names other payers, whose balances they know; of other claims the
    encounter's checks have judged the same.
    """

    def __init__(self, connection: Connection, book: Book, partner: TradingPartner, outbox: Outbox) -> None:
        self._connection = connection
        self._book = book
        self._partner = partner
        self._outbox = outbox
        self._numbers = self._new_numbers()
        self._path = outbox.folder / partner.file_name_of(self._numbers.interchange, outbox.moment)
        if self._path.exists():
            raise FileExistsError(17, "the ledger did not write this file, and it is in the way", str(self._path))
        self._id = book.new_file()
        self._of_set: list[NewSubmission] = []
        self._encounters: dict[str, str] = {}
        self._is_coordinated = False
        self._summary: BatchSummary | None = None
        self._digest = hashlib.sha256()
        self._batch = BatchWriter(partner, self._numbers, outbox.moment, self._write)
        self._hidden = outbox.folder / f".{self._path.name}.{ledger_tag(outbox.ledger)}{_PARTIAL}"
        descriptor = os.open(self._hidden, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        self._stream = os.fdopen(descriptor, "wb", buffering=1 << 16)

    @property
    def is_full(self) -> bool:
        """Whether the file has as many claims as its partner wants."""
        return 0 < self._partner.claims_per_file <= len(self._encounters)

    def add(self, submission: NewSubmission) -> None:
        """Add a claim; a set is written as soon as it is complete."""
        claim = submission.claim
        self._of_set.append(submission)
        self._encounters[claim.patient_control_number] = submission.encounter_id
        self._is_coordinated = self._is_coordinated or bool(claim.other_payers)
        if len(self._of_set) >= self._partner.claims_per_set:
            self._write_set()

    def close(self) -> None:
        """Write the end of the file, sync it, and insert its row and its control numbers."""
        if self._of_set:
            self._write_set()
        self._summary = self._batch.close()
        with self._stream as stream:
            stream.flush()
            os.fsync(stream.fileno())
        self._record(self._summary)

    def check(self) -> None:
        """Judge the hidden file by the guide, the rules and the partner's companion guide. Raises Unsendable."""
        check_out(
            self._open, self._path.name, self._partner, self._encounters,
            situations=self._is_coordinated,
        )  # fmt: skip

    def ask_pyx12(self) -> None:
        """Have pyx12 judge the hidden file. Raises Unsendable."""
        ask_pyx12(self._open, self._path.name, self._partner, self._outbox.report)

    def put_in_place(self) -> SentFile:
        """Write the manifest and give the file its name."""
        with self._outbox.ledger.reading() as connection:
            write_manifest(connection, self._id, self._path)
        _put_in_place(self._hidden, self._path)
        assert self._summary is not None
        return SentFile(self._path, self._summary.claims, self._summary.lines, self._summary.charge)

    def drop(self) -> None:
        """Remove the hidden file, whatever state it is in."""
        with suppress(OSError):  # the disk may be full, which is what ended the run; what is unwritten is of no use
            self._stream.close()
        self._hidden.unlink(missing_ok=True)

    def _open(self) -> BinaryIO:
        return self._hidden.open("rb")

    def _write(self, text: str) -> None:
        data = text.encode("ascii")
        self._digest.update(data)
        self._stream.write(data)

    def _write_set(self) -> None:
        set_number = self._batch.add([each.claim for each in self._of_set])
        self._book.add(self._id, self._of_set, set_number)
        self._of_set = []

    def _record(self, summary: BatchSummary) -> None:
        numbers, partner, path = self._numbers, self._partner, self._path
        for name, last in (
            ("interchange", numbers.interchange),
            ("group", numbers.group),
            ("set", numbers.first_set + len(summary.set_numbers) - 1),
        ):
            self._take_numbers(name, last)
        insert(
            self._connection,
            [
                SubmissionRow(
                    id=self._id,
                    origin=_BUILT,
                    file_name=path.name,
                    folder=str(path.parent.resolve()),
                    sha256=self._digest.hexdigest(),
                    interchange_control_number=str(numbers.interchange),
                    group_control_number=str(numbers.group),
                    partner=partner.name,
                    usage=partner.usage,
                    created=self._outbox.moment.isoformat(timespec="seconds"),
                    claims=summary.claims,
                    charge=to_cents(summary.charge),
                )
            ],
        )

    def _new_numbers(self) -> ControlNumbers:
        """The control numbers after those of the partner's last file. Raises LedgerError where they are used up."""
        allowed = self._partner.control_numbers
        interchange = self._next_number("interchange", allowed.first)
        if interchange > allowed.last:
            name = self._partner.name
            raise LedgerError(f"the control numbers of partner {name} are used up: {allowed.last} was the last")
        return ControlNumbers(interchange, self._next_number("group"), self._next_number("set"))

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


def finish_interrupted(ledger: Ledger, folder: Path) -> None:
    """Move the files that the ledger knows into place, where a run was killed before it could; drop its others.

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
        for hidden in [path for each in sorted(folders) for path in each.glob(f".*{_PARTIAL}")]:
            name, _, of_ledger = hidden.name.removeprefix(".").removesuffix(_PARTIAL).rpartition(".")
            own = of_ledger == ledger_tag(ledger)
            try:
                with hidden.open("rb") as file:
                    digest = hashlib.file_digest(file, "sha256").hexdigest()
            except (
                FileNotFoundError
            ):  # the run that wrote it has moved it: after its commit it holds the ledger no more
                continue
            known = select(submissions.id).where(submissions.file_name == name, submissions.sha256 == digest)
            submission = connection.scalar(known)
            if submission:
                write_manifest(connection, submission, hidden.with_name(name))
                _put_in_place(hidden, hidden.with_name(name))
            elif own:
                hidden.unlink()


def ledger_tag(ledger: Ledger) -> str:
    """Eight characters that tell ledgers apart by where they lie."""
    return hashlib.sha256(ledger.place.encode()).hexdigest()[:8]


def _put_in_place(hidden: Path, path: Path) -> None:
    """Give a file that the ledger knows its name, unless another run has done so; the move survives a power cut."""
    try:
        hidden.replace(path)
    except FileNotFoundError:
        if not path.exists():
            raise
    descriptor = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
