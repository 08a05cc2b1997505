"""Build claim files from the encounters picked up; encounters with errors are held with their findings.

Afterwards, every encounter is either in the ledger or in quarantine, ready to be fixed and moved back. The encounter
files are read again to prove it.
"""

from collections.abc import Iterable, Iterator
from decimal import Decimal
from itertools import chain, islice
from pathlib import Path

import msgspec
from sqlalchemy import Connection

from claimloop.builders.encounters.encounter import Encounter
from claimloop.builders.encounters.intake import encounter_items
from claimloop.edi.counts import counted
from claimloop.edi.diagnostics import Diagnostic, Where, diagnose
from claimloop.edi.money import ZERO
from claimloop.edi.private_files import write_privately
from claimloop.reconciliation.claims.states import find_sent
from claimloop.reconciliation.intake import Count
from claimloop.reconciliation.ledger.connection import LedgerError
from claimloop.reconciliation.nightly.archive import (
    Arrived,
    archive,
    has_changed,
    leave,
    quarantine,
    write_reason,
)
from claimloop.reconciliation.nightly.context import Night, in_one_line
from claimloop.reconciliation.nightly.counting import count_file
from claimloop.reconciliation.nightly.folders import free_place
from claimloop.reconciliation.nightly.sent_before import sent_as_they_are
from claimloop.reconciliation.run_record import ControlTotal, Stage, TakenFile
from claimloop.reconciliation.submissions.outbox import Outbox
from claimloop.reconciliation.submissions.submit import submit

GROUP = "encounters"
_AT_ONCE = 500
_HELD = ".refused.jsonl"


def send_encounters(night: Night, stage: Stage, files: list[Arrived], outbox: Path) -> None:
    """Build the claims of all encounters in the files, write 837P files to the outbox, and move the encounter files.

    Raises LedgerError; the next run does what is left.
    """
    if not files:
        return
    if not night.configuration.partners:
        stage.fail("there are encounters, but the configuration has no [partner]")
        return
    once = list({file.sha256: file for file in reversed(files)}.values())[::-1]
    sent = _Sent(night, stage, outbox)
    for file in chain(sent.send(once), (file for file in files if file not in once)):
        try:
            _move_away(night, stage, file, sent.findings)
        except OSError as error:
            leave(night, stage, file.look, in_one_line(error))
    stage.count("claims built", sent.claims)
    stage.count("sent before", sent.already_sent)
    stage.amount("charged", sent.charge)
    stage.count("files built", len(sent.files))
    prove_built(night, "claims built", sent.files, sent.claims, sent.charge)


class _Sent:
    """The totals of all submissions of the night."""

    def __init__(self, night: Night, stage: Stage, outbox: Path) -> None:
        self.claims = self.already_sent = 0
        self.charge = ZERO
        self.files: list[Path] = []
        self.findings: dict[str, list[Diagnostic]] = {}
        """Findings by encounter id, or by the file's name if they belong to no encounter."""
        self._night = night
        self._stage = stage
        self._outbox = outbox

    def send(self, files: list[Arrived]) -> Iterator[Arrived]:
        """Submit the encounters of these files together or, if that fails, those of each file alone.

        Yield the files that are done. A file that fails alone is quarantined, or stays if the file is not the cause.
        """
        try:
            self._submit(files)
        except LedgerError:
            raise
        except Exception as error:
            if len(files) > 1:
                for file in files:
                    yield from self.send([file])
            elif isinstance(error, OSError):
                leave(self._night, self._stage, files[0].look, in_one_line(error))
            else:
                findings = [finding for some in self.findings.values() for finding in some]
                quarantine(self._night, files[0], GROUP, self._night.reason_of(error), findings)
        else:
            yield from files

    def _submit(self, files: list[Arrived]) -> None:
        night = self._night
        night.take_findings()
        self.findings = {}
        try:
            with night.edge.progress("encounters", None) as progress:
                outbox = Outbox(
                    night.configuration.partners, night.ledger, self._outbox, night.moment, night.report,
                    night.settings.second_opinion, progress,
                )  # fmt: skip
                submission = submit([file.path for file in files], outbox)
        finally:
            for finding in night.take_findings():
                subject = finding.where.subject.removeprefix("encounter ")
                self.findings.setdefault(finding.where.file or subject, []).append(finding)
        self.claims += submission.claims
        self.already_sent += submission.already_sent
        self.charge += submission.charge
        self.files += submission.files


def _move_away(night: Night, stage: Stage, file: Arrived, findings: dict[str, list[Diagnostic]]) -> None:
    """Read a file again, hold every encounter that is not in the ledger with the same content, and move the file.

    If all encounters are held, or something cannot be read, the file itself is quarantined. Otherwise the held
    encounters are quarantined in a file of their own. Raises OSError, LedgerError.
    """
    if has_changed(night, file):
        return
    unreadable: list[Diagnostic] = []
    held: list[Encounter] = []
    read = on_file = 0
    encounters = encounter_items(file.path, unreadable.append)
    with night.ledger.reading() as connection:
        while some := list(islice(encounters, _AT_ONCE)):
            not_on_file = _not_on_file(night, connection, some)
            read += len(some)
            on_file += len({each.encounter_id for each in some} - {each.encounter_id for each in not_on_file})
            held += not_on_file
    lost = {(each.where.segment, each.where.subject) for each in unreadable if each.severity == "error"}
    reasons = [finding for each in held for finding in findings.get(each.encounter_id, [])]
    reasons += night.take_findings() + [finding.masked() for finding in unreadable]
    stage.count("read", read + len(lost))
    stage.count("held", len(held) + len(lost))
    night.record.control.append(
        ControlTotal(
            f"encounters of {file.path.name}",
            "encounters",
            read + len(lost),
            {"on file": on_file, "held": len(held), "unreadable": len(lost)},
        )
    )
    if lost and on_file:
        why = f"{len(lost)} of its records cannot be read; {on_file} were sent and will not be sent again"
        quarantine(night, file, GROUP, why, reasons)
    elif not on_file:
        why = "none of its encounters can be sent" if read or lost else "it has no encounter"
        quarantine(night, file, GROUP, why, reasons)
    else:
        if held:
            _hold(night, file, held, reasons)
        archive(night, file, GROUP, GROUP)


def _not_on_file(night: Night, connection: Connection, some: list[Encounter]) -> list[Encounter]:
    """Return the encounters that are not in the ledger with this content; report an id of another visit (P526)."""
    before = find_sent(connection, [each.encounter_id for each in some])
    on_file = sent_as_they_are(connection, [each for each in some if each.encounter_id in before])
    held = [each for each in some if each.encounter_id not in on_file]
    for each in held:
        if each.encounter_id in before:
            where = Where(subject=f"encounter {each.encounter_id}")
            night.report(diagnose("P526", where, claim=before[each.encounter_id].number))
    return held


def _hold(night: Night, file: Arrived, held: list[Encounter], reasons: list[Diagnostic]) -> None:
    """Write the held encounters to a file of their own in quarantine, ready to be fixed."""
    source, folder = file.path, Path(night.settings.quarantine)
    name = f"{source.stem.removesuffix('.refused')}-{file.sha256[:8]}{_HELD}"
    place = folder / name
    reason = f"{counted(len(held), 'encounter')} of {source.name} held"
    if not night.rehearsed:
        text = b"".join(msgspec.json.encode(encounter) + b"\n" for encounter in held)
        if not place.exists() or place.read_bytes() != text:  # staff may be editing the file of an earlier run
            place = free_place(source, folder, name)
            write_privately(place, lambda out: out(text))
        write_reason(night, place, source, reason, reasons)
    night.record_file(TakenFile(place.name, GROUP, "held", night.from_root(place), reason=reason))


def prove_built(night: Night, name: str, files: Iterable[Path], claims: int, charge: Decimal) -> None:
    """Add control totals of claim files: the claims and charges in them."""
    found = Count()
    for file in files:
        in_file = count_file(file, {"CLM": 2})["CLM"]
        found.number += in_file.number
        found.amount += in_file.amount
    night.record.control.append(ControlTotal(name, "claims", claims, {"in 837P files": found.number}))
    night.record.control.append(ControlTotal(name, "charge", charge, {"in 837P files": found.amount}))
