"""Write claim files: check them, record them in the ledger by one commit, then move them into place.

All files of a run, for all partners, are one transaction. Each is written under a hidden name next to its final place;
then the ledger is committed; then the files are moved. So after a kill or a full disk, the run is either complete or
not begun, and an error means that nothing was sent. If a run is killed between the commit and the last move, the next
run finishes it.
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
    """Provide the claim files of a run, for adding claims. At the end they are checked, recorded, and in place.

    Raises Unsendable if claims fail the check of their file, LedgerError, and OSError if the folder cannot be written.
    Then nothing was sent, and no file and no row is left.
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
    """The claim files of one run, in one transaction: one for each partner, or more if `claims_per_file` limits them.

    `sent` has the files once they are in place, in the order of the partners.
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
        """Check every file. Raises Unsendable with the errors of all of them."""
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
    """One claim file, written claim by claim under a hidden name, and the ledger rows of its claims.

    The rules above the guide check only files in which a claim names other payers, for the balances of these payers.
    For other claims, the checks of the encounter already covered the same.
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
        """Return whether the file has as many claims as its partner allows."""
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
        """Check the hidden file against the guide, the rules, and the companion guide. Raises Unsendable."""
        check_out(
            self._open, self._path.name, self._partner, self._encounters,
            situations=self._is_coordinated,
        )  # fmt: skip

    def ask_pyx12(self) -> None:
        """Check the hidden file with pyx12. Raises Unsendable."""
        ask_pyx12(self._open, self._path.name, self._partner, self._outbox.report)

    def put_in_place(self) -> SentFile:
        """Write the manifest and give the file its name."""
        with self._outbox.ledger.reading() as connection:
            write_manifest(connection, self._id, self._path)
        _put_in_place(self._hidden, self._path)
        assert self._summary is not None
        return SentFile(self._path, self._summary.claims, self._summary.lines, self._summary.charge)

    def drop(self) -> None:
        """Remove the hidden file, complete or not."""
        with suppress(OSError):  # the disk may be full, which ended the run; what is not yet written is not needed
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
        """Return the control numbers after those of the partner's last file. Raises LedgerError if none are left."""
        allowed = self._partner.control_numbers
        interchange = self._next_number("interchange", allowed.first)
        if interchange > allowed.last:
            name = self._partner.name
            raise LedgerError(f"the control numbers of partner {name} are used up: {allowed.last} was the last")
        return ControlNumbers(interchange, self._next_number("group"), self._next_number("set"))

    def _next_number(self, name: str, first: int = 1) -> int:
        """Return the control number after the partner's last one of this kind."""
        numbers = schema.control_numbers.c
        known = select(numbers.last).where(numbers.partner == self._partner.name, numbers.name == name)
        return max((self._connection.scalar(known) or 0) + 1, first)

    def _take_numbers(self, name: str, last: int) -> None:
        numbers, partner = schema.control_numbers, self._partner.name
        one = (numbers.c.partner == partner) & (numbers.c.name == name)
        if not self._connection.execute(numbers.update().where(one).values(last=last)).rowcount:
            self._connection.execute(numbers.insert().values(partner=partner, name=name, last=last))


def finish_interrupted(ledger: Ledger, folder: Path) -> None:
    """Finish a run that was killed: move the files that the ledger knows into place, and delete its other hidden files.

    Hidden files carry a tag of their ledger. Those of another ledger stay: they may be the only copy of claims that it
    has as sent. The search covers `folder` and every folder of earlier files. This function holds the ledger's write
    lock, so no other run is writing a hidden file. A rehearsal changes none of them.
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
            except FileNotFoundError:
                continue  # the run that wrote it has moved it: after its commit it no longer holds the write lock
            known = select(submissions.id).where(submissions.file_name == name, submissions.sha256 == digest)
            submission = connection.scalar(known)
            if submission:
                write_manifest(connection, submission, hidden.with_name(name))
                _put_in_place(hidden, hidden.with_name(name))
            elif own:
                hidden.unlink()


def ledger_tag(ledger: Ledger) -> str:
    """Return eight characters that distinguish ledgers by their location."""
    return hashlib.sha256(ledger.place.encode()).hexdigest()[:8]


def _put_in_place(hidden: Path, path: Path) -> None:
    """Move a file that the ledger knows to its final name, unless another run did; the move survives a power cut."""
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
