"""The main job on the samples: build, receive everything that came, and prove the identities."""

from collections import Counter
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import msgspec
from sqlalchemy import Connection

from claimloop.builders.settings import ConfigurationError
from claimloop.edi.diagnostics import Report
from claimloop.reconciliation.configuration.load import load_configuration
from claimloop.reconciliation.ledger.connection import open_ledger
from claimloop.reconciliation.posting.dispositions import Dispositions
from claimloop.reconciliation.queries.claims import lines
from claimloop.reconciliation.queries.export import as_text
from claimloop.reconciliation.queries.totals import Totals, totals
from claimloop.reconciliation.remittances.post import Progress, Receipt, receive_835
from claimloop.reconciliation.submissions.outbox import Outbox, SubmitResult
from claimloop.reconciliation.submissions.submit import submit

SENT = datetime(2026, 10, 6, 18, 0)
RECEIVED = datetime(2026, 11, 23, 8, 0)
"""The samples are of autumn 2026, so the demo always plays on the same days and gives the same files."""


class DemoResult(msgspec.Struct, frozen=True):
    """What the demo did, and what the ledger says now."""

    submission: SubmitResult
    receipts: list[Receipt]
    totals: Totals
    ledger: str


def run_demo(folder: Path, report: Report) -> DemoResult:
    """Run the loop in a folder that holds `claimloop.toml`, `encounters` and `remittances`."""
    configuration = load_configuration(folder / "claimloop.toml")
    if not configuration.partners:
        raise ConfigurationError([f"{folder / 'claimloop.toml'}: partner is missing"])
    ledger = open_ledger(configuration.ledger)
    try:
        outbox = Outbox(configuration.partners, ledger, folder / "outbox", SENT, report)
        submission = submit(sorted((folder / "encounters").iterdir()), outbox)
        dispositions = Dispositions(configuration.dispositions)
        receipts = [
            receipt
            for path in sorted((folder / "remittances").iterdir())
            for receipt in receive_835(path, ledger, dispositions, RECEIVED, report)
        ]
        with ledger.reading() as connection:
            return DemoResult(submission, receipts, totals(connection), str(ledger.url.database))
    finally:
        ledger.close()


class Answered(msgspec.Struct, frozen=True):
    """What a simulated payer sends back: 835s in the order of their arrival, and the expected results."""

    remittances: list[Path]
    truth: Path


class VolumeResult(msgspec.Struct, frozen=True):
    """A loop over many claims. `differing` counts the lines that the ledger holds otherwise than the payer meant them,
    by the scenario of their claim ("" an ordinary answer).
    """

    submission: SubmitResult
    remittances: int
    totals: Totals
    lines: int
    differing: dict[str, int]
    ledger: str


def run_volume(
    folder: Path, encounters: Path, answer: Callable[[list[Path]], Answered], report: Report, progress: Progress
) -> VolumeResult:
    """Send the encounters, let `answer` play the payer, receive what comes, and compare the ledger with the truth."""
    configuration = load_configuration(folder / "claimloop.toml")
    ledger = open_ledger(configuration.ledger)
    try:
        outbox = Outbox(configuration.partners, ledger, folder / "outbox", SENT, report, progress=progress)
        submission = submit([encounters], outbox)
        answered = answer(submission.files)
        dispositions = Dispositions(configuration.dispositions)
        for path in answered.remittances:
            for _ in receive_835(path, ledger, dispositions, RECEIVED, report):
                pass
        with ledger.reading() as connection:
            known, differing = _compare(connection, answered.truth)
            return VolumeResult(
                submission, len(answered.remittances), totals(connection), known, differing, str(ledger.url.database)
            )
    finally:
        ledger.close()


def _compare(connection: Connection, truth: Path) -> tuple[int, dict[str, int]]:
    """How many lines the truth knows, and how many of each scenario the ledger holds otherwise."""
    held = {(line.claim_control_number, line.line_control_number): line for line in lines(connection)}
    count, differing = 0, Counter[str]()
    with truth.open("rb") as rows:
        for text in rows:
            row = msgspec.json.decode(text)
            if row.pop("record") != "line":
                continue
            count += 1
            scenario = row.pop("scenario")
            line = held.get((row["claim_control_number"], row["line_control_number"]))
            if line is None or as_text(line) != row:
                differing[scenario] += 1
    return count, dict(differing.most_common())
