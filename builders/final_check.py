"""Check a finished file of claims before it is sent: our guides and rules, the partner's companion guide, and pyx12
where a second opinion is requested.
"""

from bisect import bisect_right
from collections.abc import Callable, Mapping, Set
from pathlib import Path
from typing import BinaryIO, TypeVar

from claimloop.builders.partner import TradingPartner
from claimloop.edi.counts import counted
from claimloop.edi.diagnostics import Diagnostic, Report, UserError, Where, diagnose
from claimloop.edi.guides import pyx12_opinion, read_overlay
from claimloop.edi.syntax.tokens import read_batches
from claimloop.edi.validate import validate

WHOLE_FILE = ""
"""Used instead of an id for findings that belong to no single claim."""

T = TypeVar("T")
Open = Callable[[], BinaryIO]
"""Opens the finished file, which is read up to three times."""


class FileHeld(UserError):
    """A finished file that fails its check as a whole. Nothing of it was sent."""


class Unsendable(Exception):
    """A finished file that must not be sent. `by_encounter` has its errors by the id of the encounter."""

    def __init__(self, by_encounter: dict[str, list[Diagnostic]]) -> None:
        super().__init__(f"{counted(len(by_encounter), 'claim')} failed the check of a finished file")
        self.by_encounter = by_encounter


def until_sendable(attempt: Callable[[Set[str]], T], report: Report) -> T:
    """Write and check files until every remaining claim may be sent. Each attempt leaves out encounters held before it.

    `attempt` takes the ids of those encounters, and raises Unsendable where one of its files fails `check_out`. The
    findings of a held encounter are reported. Raises FileHeld where an error belongs to no single encounter.
    """
    failed: set[str] = set()
    while True:
        try:
            return attempt(failed)
        except Unsendable as failure:
            failed |= _hold(failure, report)


def _hold(failure: Unsendable, report: Report) -> Set[str]:
    """Report the findings of the encounters that fail, and return their ids. Raises FileHeld for the whole file."""
    if WHOLE_FILE in failure.by_encounter:
        for finding in failure.by_encounter[WHOLE_FILE]:
            report(finding)
        raise FileHeld("a finished file failed its check; nothing was sent")
    for encounter_id, findings in failure.by_encounter.items():
        for finding in findings:
            of_encounter = f"encounter {encounter_id}"
            where = Where(subject=of_encounter, loop=finding.where.loop, element=finding.where.element)
            report(diagnose("P520", where, finding.value, problem=f"{finding.code} {finding.message}"))
    return failure.by_encounter.keys()


def check_out(
    open_file: Open,
    name: str,
    partner: TradingPartner,
    encounters: Mapping[str, str],
    *,
    situations: bool,
) -> None:
    """Check a finished file, which will be called `name`. Raises Unsendable with every error.

    `encounters` has the id of the encounter of each control number in the file. `situations` asks the rules above the
    guide too. Raises OverlayError where the companion guide cannot be used, OSError.
    """
    overlay = read_overlay(Path(partner.companion_guide)) if partner.companion_guide else None
    errors: list[Diagnostic] = []

    def take(finding: Diagnostic) -> None:
        if finding.severity == "error":
            errors.append(finding)

    with open_file() as stream:
        validate(stream, take, name=name, situations=situations, most=None, overlay=overlay)
    if errors:
        with open_file() as stream:
            raise Unsendable(_by_encounter(stream, errors, encounters))


def ask_pyx12(open_file: Open, name: str, partner: TradingPartner, report: Report) -> None:
    """Have pyx12 judge a file that passed `check_out`. Raises Unsendable where it rejects the file.

    Files are shown to pyx12 when all of them have passed, so that a new attempt never reports again what pyx12 cannot
    judge.
    """
    with open_file() as stream:
        opinion = pyx12_opinion(stream)
    if opinion == "rejects":
        raise Unsendable({WHOLE_FILE: [diagnose("P521", Where(name), file=name)]})
    if opinion == "cannot read":
        report(diagnose("P522", Where(name), file=name, guide=partner.guide))


def _by_encounter(
    stream: BinaryIO, errors: list[Diagnostic], encounters: Mapping[str, str]
) -> dict[str, list[Diagnostic]]:
    """Group the errors by the encounter of their claim. A subscriber's or patient's go to the first claim below."""
    starts, numbers = _claims_in(stream)
    by_encounter: dict[str, list[Diagnostic]] = {}
    for error in errors:
        place = bisect_right(starts, error.where.segment or 0) - 1
        number = numbers[place] if place >= 0 else WHOLE_FILE
        by_encounter.setdefault(encounters.get(number, WHOLE_FILE), []).append(error)
    return by_encounter


def _claims_in(stream: BinaryIO) -> tuple[list[int], list[str]]:
    """Return where each claim's segments begin, and its control number. A billing provider's belong to WHOLE_FILE."""
    starts, numbers = [], []
    waiting: int | None = None
    for batch in read_batches(stream, "", lambda _: None):
        separator = batch.delimiters.element
        for number, text in enumerate(batch.segments, batch.first):
            tag, _, rest = text.partition(separator)
            if tag == "HL":
                level = rest.split(separator)[2]
                if level == "20":
                    starts.append(number)
                    numbers.append(WHOLE_FILE)
                    waiting = None
                elif waiting is None:
                    waiting = number
            elif tag == "CLM":
                starts.append(number if waiting is None else waiting)
                numbers.append(rest.split(separator)[0])
                waiting = None
    return starts, numbers
