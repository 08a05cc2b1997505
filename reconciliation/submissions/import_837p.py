"""Import claims that another system submitted, so that a practice can reconcile from its first day.

Each 837P file is one transaction. Files and claims whose content is already known are left unchanged.
"""

import hashlib
from collections.abc import Callable, Iterator
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import msgspec
from sqlalchemy import Connection, select

from claimloop.edi.diagnostics import Report
from claimloop.edi.money import ZERO, to_cents
from claimloop.edi.records.claim import Claim
from claimloop.parsers.professional.reader import ClaimFile, claim_file_items
from claimloop.reconciliation.claims.charges import Book, NewSubmission
from claimloop.reconciliation.claims.history_for_billing import SentClaim, sent_claims
from claimloop.reconciliation.claims.states import find_sent
from claimloop.reconciliation.ledger import schema
from claimloop.reconciliation.ledger.conditions import VOID
from claimloop.reconciliation.ledger.connection import Ledger
from claimloop.reconciliation.ledger.inserts import SubmissionRow, insert
from claimloop.reconciliation.posting.submitted_claims import how_it_follows, payer_rank, unusable, why_unusable

IMPORTED = "imported"
_AT_ONCE = 500
_REPLACEMENT = "7"
_F8 = "F8"


class Imported(msgspec.Struct):
    """What became of a file: how many claims are new, known, or not importable; `charge` is that of the new claims.

    `outcome` is "known" if the same file was imported before; then nothing changed.
    """

    file: str
    outcome: str = "imported"
    claims: int = 0
    lines: int = 0
    charge: Decimal = ZERO
    known: int = 0
    refused: int = 0


def import_837p(
    path: Path, ledger: Ledger, moment: datetime, report: Report, progress: Callable[[int], None] | None = None
) -> Imported:
    """Import the claims of an 837P file as submitted. `progress` gets the number of bytes read so far.

    A claim that cannot be read completely is reported (P540) and left out. Raises NotX12, LedgerError, and OSError if
    the file cannot be read.
    """
    with path.open("rb") as stream:
        sha256 = hashlib.file_digest(stream, "sha256").hexdigest()
    result = Imported(path.name)
    with path.open("rb") as stream, ledger.writing() as connection:
        if connection.scalar(select(schema.submissions.c.id).where(schema.submissions.c.sha256 == sha256)):
            result.outcome = "known"
            return result
        taking = _Taking(connection, moment, report, result)
        for record in claim_file_items(stream, path.name, report):
            if isinstance(record, ClaimFile):
                taking.begin(record)
            else:
                taking.take(record)
            if progress:
                progress(stream.tell())
        taking.finish(path, sha256)
    return result


class _Taking:
    """The claims of one file on their way into the ledger."""

    def __init__(self, connection: Connection, moment: datetime, report: Report, result: Imported) -> None:
        self._connection = connection
        self._moment = moment
        self._report = report
        self._result = result
        self._book = Book(connection, moment, imported=True)
        self._file_id = self._book.new_file()
        self._waiting: list[Claim] = []
        self._header: ClaimFile | None = None
        self._set_number = ""
        self._sent = 0

    def begin(self, header: ClaimFile) -> None:
        """Begin the next set."""
        self._flush()
        self._header = self._header or header
        self._set_number = header.transaction.control_number

    def take(self, claim: Claim) -> None:
        """Take the next claim of the set."""
        if problem := why_unusable(claim):
            self._refuse(claim, problem)
            return
        self._waiting.append(claim)
        if len(self._waiting) >= _AT_ONCE:
            self._flush()

    def _refuse(self, claim: Claim, problem: str) -> None:
        self._report(unusable(claim, problem))
        self._result.refused += 1

    def finish(self, path: Path, sha256: str) -> None:
        """Write the row of the claim file, if any claim in it is new."""
        self._flush()
        header = self._header
        if header is None or not self._sent:
            return
        interchange = header.interchange
        insert(
            self._connection,
            [
                SubmissionRow(
                    id=self._file_id,
                    origin=IMPORTED,
                    file_name=path.name,
                    folder=str(path.parent.resolve()),
                    sha256=sha256,
                    interchange_control_number=interchange.control_number,
                    group_control_number="",
                    partner=interchange.sender.strip(),
                    usage=interchange.usage,
                    created=self._moment.isoformat(timespec="seconds"),
                    claims=self._sent,
                    charge=to_cents(self._result.charge),
                )
            ],
        )

    def _flush(self) -> None:
        """Book the claims read so far.

        A control number that repeats begins a new lookup, so that the claim finds the one before it.
        """
        rest, self._waiting = self._waiting, []
        while rest:
            numbers: set[str] = set()
            some = []
            for claim in rest:
                if claim.patient_control_number in numbers:
                    break
                numbers.add(claim.patient_control_number)
                some.append(claim)
            rest = rest[len(some) :]
            self._book.add(self._file_id, list(self._new_submissions(some, numbers)), self._set_number)

    def _new_submissions(self, claims: list[Claim], numbers: set[str]) -> Iterator[NewSubmission]:
        known = _known(self._connection, numbers)
        taken_ids = find_sent(self._connection, numbers)
        for claim in claims:
            number = claim.patient_control_number
            before = known.get(number) or self._by_payers_number(claim)
            if before is None and claim.frequency == VOID:
                self._refuse(claim, "it voids an unknown claim")
                continue
            made = self._made(claim, before, fresh_id=number not in taken_ids)
            if made is None:
                self._result.known += 1
                continue
            self._sent += 1
            self._result.claims += 1
            if made.claim_id is None:
                self._result.lines += len(claim.lines)
                self._result.charge += claim.charge
            yield made

    def _made(self, claim: Claim, before: SentClaim | None, *, fresh_id: bool) -> NewSubmission | None:
        """Return how the claim enters the ledger; None if it is already there."""
        turn = payer_rank(claim)
        if before is None:
            number = claim.patient_control_number
            sender = self._header.interchange.sender.strip() if self._header else ""
            return NewSubmission(claim, number if fresh_id else f"{sender}/{number}", turn=turn)
        again = NewSubmission(claim, before.encounter_id, before.version + 1, before.part, turn)
        match how_it_follows(claim, before.claim, before.payer_ranks):
            case "known":
                return None
            case "further payer":
                again.claim_id = before.id
            case "void":
                again.claim_id, again.closes = before.id, (before.id,)
            case "replacement":
                again.closes = (before.id,)
        return again

    def _by_payers_number(self, claim: Claim) -> SentClaim | None:
        """Return the claim that a correction or void names by its payer claim number."""
        number = next((each.value for each in claim.references if each.qualifier == _F8), "")
        if claim.frequency not in (_REPLACEMENT, VOID) or not number:
            return None
        payments = schema.claim_payments.c
        query = select(payments.claim_id).where(
            payments.payer_claim_number == number, payments.claim_id.is_not(None)
        ).order_by(payments.id.desc()).limit(1)  # fmt: skip
        claim_id = self._connection.scalar(query)
        return sent_claims(self._connection, [claim_id])[0] if claim_id is not None else None


def _known(connection: Connection, numbers: set[str]) -> dict[str, SentClaim]:
    """Return the newest claim that was sent under each of these numbers, if it is current."""
    sendings = schema.sendings.c
    query = (
        select(sendings.patient_control_number, sendings.claim_id)
        .where(sendings.patient_control_number.in_(numbers))
        .order_by(sendings.id)
    )
    newest = {number: claim_id for number, claim_id in connection.execute(query)}  # noqa: C416
    by_id = {sent.id: sent for sent in sent_claims(connection, list(set(newest.values())))}
    return {number: by_id[claim_id] for number, claim_id in newest.items() if not by_id[claim_id].closed}
