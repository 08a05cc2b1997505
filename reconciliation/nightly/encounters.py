"""Encounters out: picked up, checked, built into 837P files in the outbox; what cannot go is held with its reasons.

An encounter is either on file in the ledger afterwards, or it stands in the quarantine, ready to be mended and moved
back: the files are read once more to prove it.
"""

from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path

import msgspec

from claimloop.builders.encounter import Encounter
from claimloop.builders.intake import read_encounters
from claimloop.edi.diagnostics import Diagnostic
from claimloop.edi.money import ZERO
from claimloop.edi.private_files import write_privately
from claimloop.reconciliation.claims_on_file import find_sent
from claimloop.reconciliation.nightly.counting import Count, count_file
from claimloop.reconciliation.nightly.folders import free_place
from claimloop.reconciliation.nightly.night import Night, in_one_line
from claimloop.reconciliation.nightly.putting_away import Arrived, archive, quarantine, write_reason
from claimloop.reconciliation.nightly.record import ControlTotal, Stage, TakenFile
from claimloop.reconciliation.outgoing import Refused
from claimloop.reconciliation.submitting import Submission, Wishes, submit_to_each

GROUP = "encounters"
_HELD = ".refused.jsonl"


def send_encounters(night: Night, stage: Stage, files: list[Arrived], outbox: Path) -> None:
    """Build the claims of all encounters in the files, put the 837P files into the outbox, and put the files away.

    Raises LedgerError, and OSError where the outbox or the quarantine cannot be written: what is not done by then is
    done by the next run.
    """
    if not files:
        return
    if not night.configuration.partners:
        stage.problem = "there are encounters, but no [partner] in the configuration"
        return
    by_name: dict[str, list[Diagnostic]] = {}
    sent = _Sent()
    for some in _submit(night, files, outbox, sent, by_name):
        _put_away(night, stage, some, by_name)
    night.take_findings()
    stage.count("claims built", sent.claims)
    stage.count("sent before", sent.already_sent)
    stage.amount("charged", sent.charge)
    stage.count("files built", len(sent.files))
    prove_built(night, "claims built", sent.files, sent.claims, sent.charge)


class _Sent(msgspec.Struct):
    """What went out, of all submissions of the night."""

    claims: int = 0
    already_sent: int = 0
    charge: Decimal = ZERO
    files: list[Path] = []

    def add(self, submission: Submission) -> None:
        self.claims += submission.claims
        self.already_sent += submission.already_sent
        self.charge += submission.charge
        self.files += submission.files


def _submit(
    night: Night, files: list[Arrived], outbox: Path, sent: _Sent, by_name: dict[str, list[Diagnostic]]
) -> Iterable[Arrived]:
    """Send the encounters of all files together; where the finished file is refused as a whole, of each file alone.

    Gives the files that are done; one that is refused alone goes into quarantine.
    """
    try:
        _submit_some(night, files, outbox, sent, by_name)
    except Refused:
        for file in files:
            try:
                _submit_some(night, [file], outbox, sent, by_name)
            except Refused as problem:
                quarantine(night, file, GROUP, in_one_line(problem), by_name.get(file.path.name, []))
            else:
                yield file
        return
    yield from files


def _submit_some(
    night: Night, files: list[Arrived], outbox: Path, sent: _Sent, by_name: dict[str, list[Diagnostic]]
) -> None:
    night.take_findings()
    wishes = Wishes(second_opinion=night.settings.second_opinion)
    sources = [file.path for file in files]
    try:
        with night.edge.progress("encounters", None) as progress:
            sent.add(
                submit_to_each(
                    sources, night.configuration.partners, night.ledger, outbox, night.moment, night.report, progress,
                    wishes,
                )
            )  # fmt: skip
    finally:
        for finding in night.take_findings():
            subject = finding.where.subject.removeprefix("encounter ")
            by_name.setdefault(finding.where.file or subject, []).append(finding)


def _put_away(night: Night, stage: Stage, file: Arrived, by_name: dict[str, list[Diagnostic]]) -> None:
    """Read a file once more: what is not on file now is held. All of it held: the file itself goes into quarantine."""
    unreadable: list[Diagnostic] = []
    encounters = list(read_encounters(file.path, unreadable.append))
    lost = {(each.where.segment, each.where.subject) for each in unreadable if each.severity == "error"}
    with night.ledger.reading() as connection:
        on_file = find_sent(connection, [each.encounter_id for each in encounters])
    held = [each for each in encounters if each.encounter_id not in on_file]
    stage.count("read", len(encounters) + len(lost))
    stage.count("held", len(held) + len(lost))
    night.record.control.append(
        ControlTotal(
            f"encounters of {file.path.name}",
            "encounters",
            len(encounters) + len(lost),
            {"on file": len(on_file), "held": len(held), "unreadable": len(lost)},
        )
    )
    reasons = [finding for each in held for finding in by_name.get(each.encounter_id, [])]
    reasons += [finding.masked() for finding in unreadable]
    if not on_file:
        why = "none of its encounters can be sent" if encounters or lost else "it holds no encounter"
        quarantine(night, file, GROUP, why, reasons)
        return
    if held or lost:
        _hold(night, file, held, len(lost), reasons)
    archive(night, file, GROUP, GROUP)


def _hold(night: Night, file: Arrived, held: list[Encounter], lost: int, reasons: list[Diagnostic]) -> None:
    """Put the encounters that were refused into a file of their own in quarantine, ready to be mended."""
    source, folder = file.path, Path(night.settings.quarantine)
    name = f"{source.stem.removesuffix('.refused')}-{file.sha256[:8]}{_HELD}"
    place = folder / name
    reason = f"{len(held)} encounters of {source.name} are refused, {lost} cannot be read (their lines are named)"
    if not night.rehearsed:
        text = b"".join(msgspec.json.encode(encounter) + b"\n" for encounter in held)
        if not place.exists() or place.read_bytes() != text:  # somebody may be mending what was held before
            place = free_place(source, folder, name)
            write_privately(place, lambda out: out(text))
        write_reason(night, place, source, reason, reasons)
    night.record.files.append(TakenFile(place.name, GROUP, "held", str(place), reason=reason))


def prove_built(night: Night, name: str, files: Iterable[Path], claims: int, charge: Decimal) -> None:
    """Control totals of files that were built: the claims and charges that are in them."""
    found = Count()
    for file in files:
        in_file = count_file(file)["CLM"]
        found.number += in_file.number
        found.amount += in_file.amount
    night.record.control.append(ControlTotal(name, "claims", claims, {"in 837P files": found.number}))
    night.record.control.append(ControlTotal(name, "charge", charge, {"in 837P files": found.amount}))
