"""Make and check 837P files in memory: from encounters to the bytes of the files."""

import io
from collections.abc import Iterable, Sequence, Set
from datetime import datetime
from decimal import Decimal
from functools import partial
from itertools import islice

import msgspec

from claimloop.builders.encounters.encounter import Encounter, NotAnEncounter
from claimloop.builders.final_check import FileHeld, ask_pyx12, check_out, until_sendable
from claimloop.builders.partner import TradingPartner
from claimloop.builders.professional.batch import ControlNumbers, write_batch
from claimloop.builders.sendable import check_sendable, claims_to_send
from claimloop.edi.diagnostics import Diagnostic, Report, Where, diagnose
from claimloop.edi.money import ZERO
from claimloop.edi.records.claim import Claim

_FIRST_VERSION = 1


class BuiltClaim(msgspec.Struct, frozen=True):
    """A claim in a file. An encounter of more than 50 lines makes several; `part` counts them from 1.

    `set_control_number` is the ST02 of the set that contains the claim.
    """

    encounter_id: str
    part: int
    set_control_number: str
    claim: Claim


class BuiltFile(msgspec.Struct, frozen=True):
    """An 837P file that passed every check: its name for the partner, its bytes, its numbers and its claims."""

    name: str
    content: bytes
    control_numbers: ControlNumbers
    claims: tuple[BuiltClaim, ...]

    @property
    def lines(self) -> int:
        """Return the number of service lines of all claims."""
        return sum(len(built.claim.lines) for built in self.claims)

    @property
    def charge(self) -> Decimal:
        """Return the charges of all claims, in dollars."""
        return sum((built.claim.charge for built in self.claims), ZERO)


class BuiltFiles(msgspec.Struct, frozen=True):
    """The result of `build_837p`.

    `held` has the ids of the held encounters, and the findings give the reasons. `findings` is empty where the caller
    passed a `report`. `next_numbers` are for the next call: keep them.
    """

    files: tuple[BuiltFile, ...]
    held: tuple[str, ...]
    findings: tuple[Diagnostic, ...]
    next_numbers: ControlNumbers


def build_837p(
    encounters: Iterable[Encounter],
    partner: TradingPartner,
    numbers: ControlNumbers,
    moment: datetime,
    report: Report | None = None,
    *,
    second_opinion: bool = False,
) -> BuiltFiles:
    """Build 837P files (005010X222A1) of encounters, as original claims to one partner, in memory.

    Every encounter is checked. One with an error is held with all of its findings, and the others are sent. Every
    finished file is checked by the guide, the rules above it and the partner's companion guide, and with
    `second_opinion` by pyx12. So every file in `files` may be sent. There is one file, or as many as the partner's
    `claims_per_file` requires. This does what `claimloop build` does, without a ledger: the caller keeps track of what
    was sent and acknowledged.

    `numbers` are the control numbers of the first file, and must be new to the partner. The result has the next ones.
    `moment` is the local time when the file is made: it goes into ISA, GS and BHT, and no service may be later.
    Findings go to `report`; without one they are on the result.

    Raises ValueError where the control numbers are used up or outside of the partner's range, OverlayError where the
    companion guide cannot be used, and OSError where it cannot be read. Nothing is raised for an encounter.

        built = build_837p(encounters, partner, ControlNumbers(1, 1, 1), datetime.now())
        for file in built.files:
            Path(file.name).write_bytes(file.content)
        print(built.held, built.findings)
    """
    findings: list[Diagnostic] = []
    say = report or findings.append
    ready, held = _ready(encounters, partner, moment, say)

    def attempt(failed: Set[str]) -> list[BuiltFile]:
        going = iter([one for one in ready if one.encounter_id not in failed])
        files: list[BuiltFile] = []
        own = numbers
        while portion := list(islice(going, partner.claims_per_file or None)):
            files.append(_write(portion, partner, own, moment))
            _check(files[-1], partner)
            own = _following(files[-1])
        for file in files if second_opinion else ():
            ask_pyx12(partial(io.BytesIO, file.content), file.name, partner, say)
        return files

    try:
        files = until_sendable(attempt, say)
    except FileHeld:  # its findings are reported, and belong to no single encounter
        files = []
    sent = {built.encounter_id for file in files for built in file.claims}
    held += [one.encounter_id for one in ready if one.encounter_id not in sent]
    next_numbers = _following(files[-1]) if files else numbers
    return BuiltFiles(tuple(files), tuple(dict.fromkeys(held)), tuple(findings), next_numbers)


class _Ready(msgspec.Struct, frozen=True):
    """A claim that may go into a file."""

    encounter_id: str
    part: int
    claim: Claim


def _ready(
    encounters: Iterable[Encounter], partner: TradingPartner, moment: datetime, report: Report
) -> tuple[list[_Ready], list[str]]:
    """Return the claims of the encounters without an error, and the ids of the others."""
    ready: list[_Ready] = []
    held: list[str] = []
    seen: set[str] = set()
    numbers: set[str] = set()
    for untyped in encounters:
        try:
            encounter = untyped.typed()
        except NotAnEncounter as problem:
            for finding in problem.findings:
                report(finding)
            held.append(str(untyped.encounter_id))
            continue
        findings = check_sendable(encounter, partner, moment.date(), seen)
        for finding in findings:
            report(finding)
        claims: Sequence[Claim] = ()
        if not any(finding.severity == "error" for finding in findings):
            claims = claims_to_send(encounter, partner, _FIRST_VERSION, report)
        taken = [claim.patient_control_number for claim in claims if claim.patient_control_number in numbers]
        if taken:
            report(diagnose("P525", Where(subject=f"encounter {encounter.encounter_id}"), taken[0]))
        if taken or not claims:
            held.append(encounter.encounter_id)
            continue
        seen.add(encounter.encounter_id)
        numbers.update(claim.patient_control_number for claim in claims)
        ready += [_Ready(encounter.encounter_id, part, claim) for part, claim in enumerate(claims, start=1)]
    return ready, held


def _write(portion: Sequence[_Ready], partner: TradingPartner, numbers: ControlNumbers, moment: datetime) -> BuiltFile:
    """Write one file of these claims. Raises ValueError where the control numbers do not fit."""
    allowed = partner.control_numbers
    if not allowed.first <= numbers.interchange <= allowed.last:
        own = f"{allowed.first} to {allowed.last}"
        raise ValueError(f"control number {numbers.interchange} is outside the range of partner {partner.name}, {own}")
    text = io.StringIO()
    summary = write_batch([one.claim for one in portion], partner, numbers, moment, text.write)
    claims = tuple(
        BuiltClaim(one.encounter_id, one.part, summary.set_of_claim[one.claim.patient_control_number], one.claim)
        for one in portion
    )
    name = partner.file_name_of(numbers.interchange, moment)
    return BuiltFile(name, text.getvalue().encode("ascii"), numbers, claims)


def _check(file: BuiltFile, partner: TradingPartner) -> None:
    """Judge a finished file. Raises Unsendable."""
    check_out(
        partial(io.BytesIO, file.content),
        file.name,
        partner,
        {built.claim.patient_control_number: built.encounter_id for built in file.claims},
        situations=any(built.claim.other_payers for built in file.claims),
    )


def _following(file: BuiltFile) -> ControlNumbers:
    return file.control_numbers.following(len({built.set_control_number for built in file.claims}))
