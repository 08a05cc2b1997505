"""Answer 837P files as a payer: one pass over the claims, in memory that does not grow with their number."""

from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path

import msgspec

from claimloop.edi.dates import NotADate, read_date
from claimloop.edi.diagnostics import UserError
from claimloop.simulation.earlier import find_originals
from claimloop.simulation.payer import FrontEnd, Payer
from claimloop.simulation.payments import Payment
from claimloop.simulation.rules import Rules, load_rules
from claimloop.simulation.scenarios import choose
from claimloop.simulation.submitted import read_submitted
from claimloop.simulation.truth_file import TruthFile

TRUTH = "truth.jsonl"


class FolderNotEmpty(UserError):
    """The folder for the answers is not empty. The message is one line."""


class Summary(msgspec.Struct, frozen=True):
    """What was read and written.

    `remittances` are the 835 files in the order of arrival, `repeats` those that repeat another. `scenarios` counts the
    claims by scenario ("" ordinary); `received` is the day on which the claims are taken to have arrived.
    """

    claims: int
    lines: int
    refused: int
    received: date
    remittances: list[Path]
    repeats: list[Path]
    payments: list[Payment]
    scenarios: dict[str, int]
    truth: Path


def simulate(
    files: Sequence[Path],
    folder: Path,
    seed: int,
    *,
    scenarios: Sequence[str] = ("usual",),
    rules: Path | Rules | None = None,
    earlier: Sequence[Path] = (),
    as_of: date | None = None,
    front_end: FrontEnd | None = None,
    progress: Callable[[int], None] | None = None,
) -> Summary:
    """Answer the claims of the files into `folder`: 835s, and what the ledger must contain at the end (`truth.jsonl`).

    The same files and seed give the same bytes. `as_of` is the day on which the claims arrived; by default BHT04 of the
    first claim. `earlier` holds files that an earlier run with the same seed, scenarios and rules has answered; their
    claims may be replaced and voided. `progress` receives the number of claims. Raises NotX12 if a file contains no
    interchange, OSError, RulesError, UnknownScenario, FolderNotEmpty.
    """
    rates = choose(scenarios)
    how = rules if isinstance(rules, Rules) else load_rules(rules)
    received = as_of or _first_day(files)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise FolderNotEmpty(f"{folder} is not empty")
    with TruthFile(folder / TRUTH) as truth:
        payer = Payer(folder, seed, rates, how, received, truth, front_end)
        payer.originals = find_originals(files, earlier, payer.number)
        for claim in (claim for path in files for claim in read_submitted(path)):
            payer.answer(claim)
            if progress is not None:
                progress(payer.claims)
        payer.remitter.finish()
        paths, repeats = payer.files.finish()
        truth.finish({copy.name: original.name for copy, original in repeats})
    return Summary(
        payer.claims, payer.lines, payer.refused, received, paths, [copy for copy, _ in repeats],
        payer.remitter.payments, dict(sorted(payer.scenarios.items())), folder / TRUTH,
    )  # fmt: skip


def _first_day(files: Sequence[Path]) -> date:
    """Return BHT04 of the first claim, else GS04 of its group, else its last day of service."""
    for path in files:
        for claim in read_submitted(path):
            for text in (claim.batch_date, claim.group.date, claim.last_day):
                try:
                    return read_date(text)
                except NotADate:
                    continue
            break
    return date(2000, 1, 1)
