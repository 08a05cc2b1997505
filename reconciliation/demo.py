"""The main job on the samples: build, receive everything that came, and prove the identities."""

from datetime import datetime
from pathlib import Path

import msgspec

from claimloop.builders.partner import ConfigurationError
from claimloop.edi.diagnostics import Report
from claimloop.reconciliation.configuration import load_configuration
from claimloop.reconciliation.dispositions import Dispositions
from claimloop.reconciliation.ledger import open_ledger
from claimloop.reconciliation.receiving import Receipt, receive_835
from claimloop.reconciliation.submitting import Submission, submit_to_each
from claimloop.reconciliation.views import Totals, totals

SENT = datetime(2026, 10, 6, 18, 0)
RECEIVED = datetime(2026, 11, 23, 8, 0)
"""The samples are of autumn 2026, so the demo always plays on the same days and gives the same files."""


class DemoResult(msgspec.Struct, frozen=True):
    """What the demo did, and what the ledger says now."""

    submission: Submission
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
        submission = submit_to_each(
            sorted((folder / "encounters").iterdir()),
            configuration.partners,
            ledger,
            folder / "outbox",
            SENT,
            report,
        )
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
