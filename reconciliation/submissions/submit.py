"""Encounters out: checked, built, written to one file for upload and booked in the ledger, all of it or nothing."""

from collections.abc import Callable, Iterable, Iterator, Sequence, Set
from datetime import datetime
from decimal import Decimal
from itertools import islice
from pathlib import Path

import msgspec
from sqlalchemy import Connection

from claimloop.builders.claims.coverages import billed_payer
from claimloop.builders.encounters.encounter import Encounter
from claimloop.builders.encounters.intake import encounter_items
from claimloop.builders.partner import TradingPartner
from claimloop.builders.sendable import check_sendable, claims_to_send
from claimloop.edi.diagnostics import Diagnostic, Report, Where, diagnose
from claimloop.edi.money import ZERO
from claimloop.reconciliation.claims.charges import Outgoing
from claimloop.reconciliation.claims.states import find_sent, find_taken
from claimloop.reconciliation.ledger.connection import Ledger
from claimloop.reconciliation.submissions.write_file import FileOut, send

_AT_ONCE = 500

Takes = Callable[[Encounter], bool]
Source = Path | Encounter
"""A file of encounters, or an encounter whose types were checked (`Encounter.typed`)."""


class Wishes(msgspec.Struct, frozen=True):
    """What is to be sent, and how: encounters that `takes` is true for; with `again` also what was sent before, as a
    new claim that takes the place of the earlier one; `second_opinion` by pyx12 before a file goes out.
    `tell_unreadable` reports records that cannot be read.
    """

    takes: Takes = lambda _: True
    again: bool = False
    second_opinion: bool = False
    tell_unreadable: bool = True


_ALL = Wishes()


class Submission(msgspec.Struct):
    """What became of the encounters. `file` is the first of the `files`, None where nothing was sendable."""

    file: Path | None = None
    files: list[Path] = []
    claims: int = 0
    lines: int = 0
    charge: Decimal = ZERO
    encounters: int = 0
    refused: int = 0
    already_sent: int = 0

    def add(self, sent: FileOut) -> None:
        """One more file went out."""
        self.file = self.file or sent.path
        self.files.append(sent.path)
        self.claims += sent.claims
        self.lines += sent.lines
        self.charge += sent.charge


def submit(
    sources: Iterable[Source],
    partner: TradingPartner,
    ledger: Ledger,
    folder: Path,
    moment: datetime,
    report: Report,
    progress: Callable[[int], None] | None = None,
    wishes: Wishes = _ALL,
) -> Submission:
    """Build 837P files of the sendable encounters and record them. `progress` is told the encounters seen.

    An unsendable encounter is reported with all of its findings, and one that was sent before with a note; neither
    keeps the others back. Every finished file is checked before anything is kept of it. Raises LedgerError; FileHeld
    where a file fails its check and no claim can be named for it; OSError where the folder cannot be written.
    """
    sources = list(sources)
    attempt = _Attempt(partner, moment, report, progress, wishes, set())

    def prepare(connection: Connection, failed: Set[str]) -> Iterator[Outgoing]:
        nonlocal attempt
        attempt = _Attempt(partner, moment, report, progress, wishes, failed)
        return attempt.outgoing(sources, connection)

    for sent in send(prepare, partner, ledger, folder, moment, report, second_opinion=wishes.second_opinion):
        attempt.result.add(sent)
    return attempt.result


def submit_to_each(
    sources: Iterable[Source],
    partners: Sequence[TradingPartner],
    ledger: Ledger,
    folder: Path,
    moment: datetime,
    report: Report,
    progress: Callable[[int], None] | None = None,
    wishes: Wishes = _ALL,
) -> Submission:
    """The same for several partners: each gets the claims of its payers. A payer that no partner takes is reported."""
    sources = list(sources)
    by_payer = {payer: partner.name for partner in partners for payer in partner.payers}
    others = next((partner.name for partner in partners if not partner.payers), "")

    def partner_of(encounter: Encounter) -> str:
        return by_payer.get(billed_payer(encounter), others)

    whole = Submission()
    for partner in partners:
        own = msgspec.structs.replace(
            wishes, takes=_for(partner.name, partner_of), tell_unreadable=partner is partners[0]
        )
        one = submit(sources, partner, ledger, folder, moment, report, progress, own)
        whole.file = whole.file or one.file
        for name in ("files", "claims", "lines", "charge", "encounters", "refused", "already_sent"):
            setattr(whole, name, getattr(whole, name) + getattr(one, name))
    if not others:
        for encounter in _read(sources, _say_nothing):
            if not partner_of(encounter):
                payer = billed_payer(encounter)
                report(diagnose("P523", Where(subject=f"encounter {encounter.encounter_id}"), payer=payer))
                whole.encounters += 1
                whole.refused += 1
    return whole


def _for(name: str, partner_of: Callable[[Encounter], str]) -> Takes:
    return lambda encounter: partner_of(encounter) == name


class _Attempt:
    """One try to send all encounters but those that `failed` before; only the first one reports."""

    def __init__(
        self, partner: TradingPartner, moment: datetime, report: Report,
        progress: Callable[[int], None] | None, wishes: Wishes, failed: Set[str],
    ) -> None:  # fmt: skip
        self.result = Submission(files=[], refused=len(failed))
        self._partner = partner
        self._moment = moment
        self._report: Report = _say_nothing if failed else report
        self._progress = progress
        self._wishes = wishes
        self._failed = failed

    def outgoing(self, sources: Iterable[Source], connection: Connection) -> Iterator[Outgoing]:
        """The claims to send; one encounter with many lines makes several parts."""
        for encounter, version, closes in self._unsent(self._sendable(sources), connection):
            claims = claims_to_send(encounter, self._partner, version, self._report)
            if not claims:
                self.result.refused += 1
            for part, claim in enumerate(claims, start=1):
                yield Outgoing(claim, encounter.encounter_id, version, part, closes=closes if part == 1 else ())

    def _sendable(self, sources: Iterable[Source]) -> Iterator[Encounter]:
        """The encounters without an error, each id once; the others are reported and counted."""
        seen: set[str] = set()
        result = self.result
        for encounter in _read(sources, self._report if self._wishes.tell_unreadable else _say_nothing):
            if not self._wishes.takes(encounter):
                continue
            result.encounters += 1
            if self._progress:
                self._progress(result.encounters)
            if encounter.encounter_id in self._failed:
                continue
            findings = check_sendable(encounter, self._partner, self._moment.date(), seen)
            for finding in findings:
                self._report(finding)
            if any(finding.severity == "error" for finding in findings):
                result.refused += 1
                continue
            seen.add(encounter.encounter_id)
            yield encounter

    def _unsent(
        self, encounters: Iterator[Encounter], connection: Connection
    ) -> Iterator[tuple[Encounter, int, tuple[int, ...]]]:
        """The encounters that are to go out, with their version and the claims that they take the place of.

        Those that stand in the ledger are left out with a note, unless they are to go out again.
        """
        taken: set[str] = set()
        while some := list(islice(encounters, _AT_ONCE)):
            sent = find_sent(connection, [encounter.encounter_id for encounter in some])
            own = [encounter.patient_control_number for encounter in some if encounter.patient_control_number]
            taken |= find_taken(connection, own) if own else set()
            for encounter in some:
                before = sent.get(encounter.encounter_id)
                if before is None and encounter.patient_control_number in taken:
                    where = Where(subject=f"encounter {encounter.encounter_id}")
                    self._report(diagnose("P525", where, encounter.patient_control_number))
                    self.result.refused += 1
                elif before is None:
                    if encounter.patient_control_number:
                        taken.add(encounter.patient_control_number)
                    yield encounter, 1, ()
                elif self._wishes.again:
                    yield encounter, before.version + 1, before.claim_ids
                else:
                    where = Where(subject=f"encounter {encounter.encounter_id}")
                    self._report(diagnose("P510", where, claim=before.number, file=before.file))
                    self.result.already_sent += 1


def _read(sources: Iterable[Source], report: Report) -> Iterator[Encounter]:
    for source in sources:
        if isinstance(source, Encounter):
            yield source
        else:
            yield from encounter_items(source, report)


def _say_nothing(_: Diagnostic) -> None:
    """For what was reported before."""
