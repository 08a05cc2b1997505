"""Encounters out: checked, built, written to one file for upload and booked in the ledger, all of it or nothing."""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from decimal import Decimal
from itertools import islice
from pathlib import Path

import msgspec
from sqlalchemy import Connection, select

from claimloop.builders.checks import check_encounter
from claimloop.builders.claims import claims_from
from claimloop.builders.encounter import Encounter
from claimloop.builders.intake import read_encounters
from claimloop.builders.partner import TradingPartner
from claimloop.edi.diagnostics import Report, Where, diagnose
from claimloop.edi.money import ZERO
from claimloop.reconciliation import schema
from claimloop.reconciliation.booking import Outgoing
from claimloop.reconciliation.ledger import Ledger
from claimloop.reconciliation.outgoing import finish_interrupted, send

_VERSION = 1
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
        encounters = _counted(_read(sources, report), result, progress)
        sendable = _sendable(encounters, partner, moment, report, result)
        outgoing = _outgoing(_unsent(sendable, connection, report, result), partner)
        in_hand = send(outgoing, partner, connection, folder, moment, ledger)
    if in_hand is not None:
        sent = in_hand.put_in_place()
        result.file, result.claims, result.lines, result.charge = sent.path, sent.claims, sent.lines, sent.charge
    return result


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
    claims, sendings, submissions = schema.claims.c, schema.sendings.c, schema.submissions.c
    query = (
        select(claims.encounter_id, claims.patient_control_number, submissions.file_name)
        .join_from(schema.claims, schema.sendings, sendings.claim_id == claims.id)
        .join(schema.submissions, submissions.id == sendings.submission_id)
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


def _outgoing(encounters: Iterable[Encounter], partner: TradingPartner) -> Iterator[Outgoing]:
    """The claims of the encounters; one with many lines makes several parts."""
    for encounter in encounters:
        for part, claim in enumerate(claims_from(encounter, partner, _VERSION), start=1):
            yield Outgoing(claim, encounter.encounter_id, _VERSION, part)
