"""The last look at a finished file of claims before it goes out: our guides and rules, the partner's companion guide,
and pyx12 where a second opinion is asked for.
"""

from bisect import bisect_right
from pathlib import Path

from claimloop.builders.partner import TradingPartner
from claimloop.edi.diagnostics import Diagnostic, Report, Where, diagnose
from claimloop.edi.guides import pyx12_opinion, read_overlay
from claimloop.edi.syntax.tokens import read_batches
from claimloop.edi.validate import validate

NOBODY = ""
"""Stands for findings that are about no single claim."""


class Unsendable(Exception):
    """A finished file that must not go out; `by_claim` has its errors by control number."""

    def __init__(self, by_claim: dict[str, list[Diagnostic]]) -> None:
        super().__init__(f"{len(by_claim)} claims of a finished file fail its check")
        self.by_claim = by_claim


def check_out(
    file: Path, name: str, partner: TradingPartner, report: Report, *, situations: bool, second_opinion: bool
) -> None:
    """Judge a finished file, which will be called `name`. Raises Unsendable with every error.

    `situations` asks the rules above the guide too. `report` is told what pyx12 cannot judge. Raises OverlayError
    where the companion guide cannot be used, OSError.
    """
    overlay = read_overlay(Path(partner.companion_guide)) if partner.companion_guide else None
    errors: list[Diagnostic] = []

    def take(finding: Diagnostic) -> None:
        if finding.severity == "error":
            errors.append(finding)

    validate(file, take, situations=situations, most=None, overlay=overlay)
    if errors:
        raise Unsendable(_by_claim(file, errors))
    if second_opinion:
        opinion = pyx12_opinion(file)
        if opinion == "rejects":
            raise Unsendable({NOBODY: [diagnose("P521", Where(name), file=name)]})
        if opinion == "cannot read":
            report(diagnose("P522", Where(name), file=name, guide=partner.guide))


def _by_claim(file: Path, errors: list[Diagnostic]) -> dict[str, list[Diagnostic]]:
    """The errors by the claim that they are about; those of a subscriber or patient go to his first claim."""
    starts, numbers = _claims_in(file)
    by_claim: dict[str, list[Diagnostic]] = {}
    for error in errors:
        place = bisect_right(starts, error.where.segment or 0) - 1
        by_claim.setdefault(numbers[place] if place >= 0 else NOBODY, []).append(error)
    return by_claim


def _claims_in(file: Path) -> tuple[list[int], list[str]]:
    """Where the stretch of each claim begins, and its control number; NOBODY's are the billing provider's segments."""
    starts, numbers = [], []
    waiting: int | None = None
    with file.open("rb") as stream:
        for batch in read_batches(stream, file.name, lambda _: None):
            separator = batch.delimiters.element
            for number, text in enumerate(batch.segments, batch.first):
                tag, _, rest = text.partition(separator)
                if tag == "HL":
                    level = rest.split(separator)[2]
                    if level == "20":
                        starts.append(number)
                        numbers.append(NOBODY)
                        waiting = None
                    elif waiting is None:
                        waiting = number
                elif tag == "CLM":
                    starts.append(number if waiting is None else waiting)
                    numbers.append(rest.split(separator)[0])
                    waiting = None
    return starts, numbers
