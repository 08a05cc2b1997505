"""Record TA1, 999, 997, and 277CA acknowledgements of our claim files and claims in the ledger, each only once.

Two acknowledgements are the same if their content is, even in different files. Module `status` derives the
acknowledgement status of a claim from them.
"""

import hashlib
from collections.abc import Callable, Iterator
from datetime import date, datetime
from itertools import islice
from pathlib import Path

import msgspec
from msgspec.structs import replace
from sqlalchemy import Connection, select

from claimloop.edi.diagnostics import Report, Where, diagnose
from claimloop.edi.records.acknowledgement import (
    AcknowledgementItem,
    BatchStatus,
    ClaimStatus,
    GroupAcknowledgement,
    InterchangeAcknowledgement,
    SetAcknowledgement,
    Status,
    newest,
)
from claimloop.edi.syntax.envelope import Source
from claimloop.parsers.acknowledgements.reader import acknowledgement_items
from claimloop.reconciliation.ledger import schema
from claimloop.reconciliation.ledger.connection import Ledger, next_id
from claimloop.reconciliation.ledger.inserts import StatusRow, insert
from claimloop.reconciliation.posting.match import normalized

_AT_ONCE = 500
_CLAIM_STATUS = "277CA"
_encode = msgspec.json.Encoder().encode

Content = InterchangeAcknowledgement | GroupAcknowledgement | SetAcknowledgement | BatchStatus | ClaimStatus


class Acknowledged(msgspec.Struct):
    """The counts of a file of acknowledgements: the new ones by their answer, and those received before.

    `foreign` counts the new ones for files and claims that this ledger does not have.
    """

    file: str
    accepted: int = 0
    rejected: int = 0
    other: int = 0
    known: int = 0
    foreign: int = 0


class _Statement(msgspec.Struct):
    """One row to write. `interchange`, `group`, and `set_number` identify a claim file of ours, `claim` a claim."""

    kind: str
    content: Content
    source: Source
    accepted: bool | None
    code: str
    day: date | None = None
    interchange: str = ""
    group: str = ""
    set_number: str = ""
    claim: str = ""
    payer_claim_number: str = ""


def receive_acknowledgements(
    path: Path, ledger: Ledger, moment: datetime, report: Report, progress: Callable[[int], None] | None = None
) -> Acknowledged:
    """Record a file of TA1, 999, 997, and 277CA in one transaction.

    `progress` is called with the number of bytes read so far. Raises NotX12, LedgerError, and OSError if the file
    cannot be read.
    """
    result = Acknowledged(path.name)
    received = moment.isoformat(timespec="seconds")
    with path.open("rb") as stream, ledger.writing() as connection:
        next_row = next_id(connection, schema.statuses)
        for some in _batched(_statements(acknowledgement_items(stream, path.name, report)), _AT_ONCE):
            next_row = _take(connection, some, next_row, received, result)
            if progress:
                progress(stream.tell())
    if result.foreign:
        report(diagnose("P560", Where(path.name), count=result.foreign))
    return result


def _statements(items: Iterator[AcknowledgementItem]) -> Iterator[_Statement]:
    for item in items:
        match item:
            case InterchangeAcknowledgement():
                yield _Statement(
                    "TA1", item, item.source, item.accepted, f"{item.code} {item.note}".strip(),
                    interchange=item.control_number,
                )  # fmt: skip
            case GroupAcknowledgement():
                yield from _of_group(item)
            case BatchStatus() if item.statuses:
                yield _Statement(
                    _CLAIM_STATUS, item, item.source, False if item.accepted is False else None, _code(item.statuses),
                    _day(item.statuses), interchange=item.batch_reference,
                )  # fmt: skip
            case ClaimStatus() if item.control_number:
                yield _Statement(
                    _CLAIM_STATUS, item, item.source, item.accepted, _code(item.statuses), _day(item.statuses),
                    claim=item.control_number, payer_claim_number=item.payer_claim_number,
                )  # fmt: skip


def _of_group(group: GroupAcknowledgement) -> Iterator[_Statement]:
    """Yield the group, and each set that it reports; for a partially accepted group, the sets decide."""
    of_group = replace(group, sets=())
    code = " ".join((group.code, *group.codes))
    yield _Statement(group.kind, of_group, group.source, group.accepted, code, group=group.control_number)
    for one in group.sets:
        source = replace(group.source, segment=one.segment)
        yield _Statement(
            group.kind, one, source, one.accepted, " ".join((one.code, *one.codes)), group=group.control_number,
            set_number=one.control_number,
        )  # fmt: skip


def _code(statuses: tuple[Status, ...]) -> str:
    """Return the newest statuses as category:status:entity."""
    return " ".join(
        ":".join(part for part in (code.category, code.status, code.entity) if part)
        for status in newest(statuses)
        for code in status.codes
    )


def _day(statuses: tuple[Status, ...]) -> date | None:
    return max((status.effective for status in statuses if status.effective), default=None)


def _take(
    connection: Connection, some: list[_Statement], next_row: int, received: str, result: Acknowledged
) -> int:  # fmt: skip
    """Write the new ones and return the next free row id."""
    table = schema.statuses.c
    by_digest = {_digest(each): each for each in some}
    known = set(connection.scalars(select(table.digest).where(table.digest.in_(by_digest))))
    result.known += len(some) - len(by_digest) + len(known)
    new = {digest: each for digest, each in by_digest.items() if digest not in known}
    numbers = {normalized(each.claim) for each in new.values() if each.claim}
    sendings = schema.sendings.c
    ours = set(
        connection.scalars(
            select(sendings.normalised_control_number).where(sendings.normalised_control_number.in_(numbers)).distinct()
        )
    )
    rows = []
    for digest, each in new.items():
        submission = None if each.claim else _submission(connection, each)
        number = normalized(each.claim) if each.claim else None
        result.foreign += number not in ours if each.claim else submission is None
        result.accepted += each.accepted is True
        result.rejected += each.accepted is False
        result.other += each.accepted is None
        rows.append(
            StatusRow(
                id=next_row,
                kind=each.kind,
                digest=digest,
                file=each.source.file,
                segment=each.source.segment,
                received=received,
                submission_id=submission,
                set_control_number=each.set_number,
                claim_control_number=each.claim or None,
                normalised_control_number=number,
                accepted=None if each.accepted is None else int(each.accepted),
                day=each.day.isoformat() if each.day else "",
                code=each.code,
                payer_claim_number=each.payer_claim_number,
                record=_encode(each.content),
            )
        )
        next_row += 1
    insert(connection, rows)
    return next_row


def _submission(connection: Connection, statement: _Statement) -> int | None:
    """Return the claim file that a statement is about; None if it matches none, or several (of several partners)."""
    submissions, sendings = schema.submissions.c, schema.sendings.c
    query = select(submissions.id)
    if statement.interchange:
        digits = statement.interchange.partition("-")[0].lstrip("0")
        query = query.where(submissions.interchange_control_number == digits)
    else:
        query = query.where(submissions.group_control_number == statement.group.lstrip("0"))
    if statement.set_number:
        of_file = select(sendings.submission_id).where(sendings.set_control_number == statement.set_number)
        query = query.where(submissions.id.in_(of_file))
    found = connection.scalars(query.limit(2)).all()
    return found[0] if len(found) == 1 else None


def _digest(statement: _Statement) -> str:
    """Return a digest of the content, without its position in the file."""
    text = _encode((statement.kind, statement.group, _without_source(statement.content)))
    return hashlib.sha256(text).hexdigest()


def _without_source(content: Content) -> object:
    match content:
        case SetAcknowledgement():
            return replace(content, segment=0, errors=tuple(replace(error, segment=0) for error in content.errors))
        case ClaimStatus():
            lines = tuple(replace(line, source=Source(), statuses=_placeless(line.statuses)) for line in content.lines)
            return replace(content, source=Source(), statuses=_placeless(content.statuses), lines=lines)
        case BatchStatus():
            return replace(content, source=Source(), statuses=_placeless(content.statuses))
    return replace(content, source=Source())


def _placeless(statuses: tuple[Status, ...]) -> tuple[Status, ...]:
    return tuple(replace(status, segment=0) for status in statuses)


def _batched(statements: Iterator[_Statement], most: int) -> Iterator[list[_Statement]]:
    while some := list(islice(statements, most)):
        yield some
