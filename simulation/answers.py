"""Write all answers to claim files: TA1 and 999 at once, 277CA, 835s, the bank's files, and the expected results."""

from collections.abc import Callable, Sequence
from datetime import date, datetime, time
from pathlib import Path

import msgspec

from claimloop.builders.acknowledgements.acknowledge import acknowledge
from claimloop.builders.acknowledgements.files import write_answers
from claimloop.edi.diagnostics import Diagnostic
from claimloop.simulation.bank import write_nacha, write_statement
from claimloop.simulation.chance import digits
from claimloop.simulation.rules import Rules
from claimloop.simulation.simulator import Summary, simulate
from claimloop.simulation.status_answers import StatusAnswers, StatusTruth

ACKNOWLEDGEMENTS = "acknowledgements.jsonl"
STATEMENT, NACHA = "bank.csv", "bank.ach"


class FileTruth(msgspec.Struct, frozen=True):
    """The TA1 and 999 result of a file: a row of `acknowledgements.jsonl` without a claim."""

    file: str
    accepted: bool
    answers: list[str]


class Answers(msgspec.Struct, frozen=True):
    """The files that were written. `summary` describes the 835s and their expected results."""

    summary: Summary
    acknowledgements: list[Path]
    statuses: list[Path]
    acknowledgement_truth: Path
    statement: Path
    nacha: Path


def answer(
    files: Sequence[Path],
    folder: Path,
    seed: int,
    *,
    scenarios: Sequence[str] = ("usual",),
    rules: Path | Rules | None = None,
    earlier: Sequence[Path] = (),
    as_of: date | None = None,
    progress: Callable[[int], None] | None = None,
) -> Answers:
    """Answer the files as `simulate` does, and add acknowledgements and the bank's files.

    The 835s answer the claims as sent, even if TA1 or 999 rejects the file: a file that another system damaged may
    still show what its payer pays. Raises what `simulate` and `acknowledge` raise.
    """
    truth = folder / ACKNOWLEDGEMENTS
    encode = msgspec.json.Encoder().encode
    acknowledgements: list[Path] = []
    with StatusAnswers(seed) as front_end:
        summary = simulate(
            files, folder, seed, scenarios=scenarios, rules=rules, earlier=earlier, as_of=as_of,
            front_end=front_end, progress=progress,
        )  # fmt: skip
        truth.touch(mode=0o600)
        with truth.open("wb") as rows:

            def tell(row: FileTruth | StatusTruth) -> None:
                rows.write(encode(row) + b"\n")

            for path in files:
                written, accepted = _acknowledge(path, folder, seed, summary.received)
                acknowledgements += written
                tell(FileTruth(path.name, accepted, [each.name for each in written]))
            statuses = front_end.write(folder, summary.received, tell)
    statement, nacha = folder / STATEMENT, folder / NACHA
    write_statement(statement, summary.payments)
    write_nacha(nacha, summary.payments, summary.received)
    return Answers(summary, acknowledgements, statuses, truth, statement, nacha)


def _acknowledge(path: Path, folder: Path, seed: int, received: date) -> tuple[list[Path], bool]:
    """Write TA1 and 999 (997) of one file. Return their paths and whether the file was accepted."""
    number = int(digits(seed, f"999 {path.name}", 8)) + 1
    acknowledged = acknowledge(path, number, datetime.combine(received, time(12, 0)), _ignore_finding)
    return write_answers(acknowledged, folder, f"{received:%Y-%m-%d}-{path.name}"), acknowledged.accepted


def _ignore_finding(_: Diagnostic) -> None:
    """Ignore a finding, because the 999 reports it."""
