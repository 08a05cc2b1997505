"""The samples through the whole path, against what the scenario expects of the ledger."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from claimloop.edi.diagnostics import Diagnostic
from claimloop.reconciliation.configuration.load import load_configuration
from claimloop.reconciliation.ledger.connection import Ledger, open_ledger
from claimloop.reconciliation.posting.dispositions import Dispositions
from claimloop.reconciliation.queries.export import as_text
from claimloop.reconciliation.queries.views import VIEWS
from claimloop.reconciliation.remittances.post import receive_835
from claimloop.reconciliation.submissions.outbox import Outbox
from claimloop.reconciliation.submissions.submit import submit
from claimloop.samples import sample_files

TODAY = datetime(2026, 11, 23, 9, 0)
SAMPLES = Path(str(sample_files()))


def remittance_files() -> list[Path]:
    return sorted(SAMPLES.joinpath("remittances").glob("*.835"))


def expected(view: str) -> list[dict[str, Any]]:
    text = SAMPLES.joinpath("expected", f"{view}.jsonl").read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines()]


def exported(ledger: Ledger, view: str) -> list[dict[str, Any]]:
    """The view's rows with the columns that the scenario speaks of."""
    columns = expected(view)[0]
    with ledger.reading() as connection:
        found = [as_text(row) for row in VIEWS[view].rows(connection)]
    return [{name: row[name] for name in columns} for row in found]


def in_any_order(rows: list[dict[str, Any]], without: str = "") -> list[str]:
    return sorted(json.dumps({name: value for name, value in row.items() if name != without}) for row in rows)


@pytest.fixture
def submitted(tmp_path: Path) -> tuple[Ledger, list[Diagnostic]]:
    """A ledger that knows the sample claims, and what was found in the encounters."""
    partner = load_configuration(SAMPLES / "claimloop.toml").partners[0]
    ledger = open_ledger(f"sqlite:///{tmp_path / 'claimloop.db'}")
    findings: list[Diagnostic] = []
    encounters = sorted(SAMPLES.joinpath("encounters").iterdir())
    result = submit(encounters, Outbox((partner,), ledger, tmp_path / "outbox", TODAY, findings.append))
    assert (result.claims, result.held) == (47, 6)
    return ledger, findings


def test_only_the_refused_encounters_have_findings(submitted: tuple[Ledger, list[Diagnostic]]) -> None:
    _, findings = submitted
    assert [(finding.where.subject, finding.code) for finding in findings] == [
        ("encounter D1901", "C310"),
        ("encounter D1902", "C356"),
        ("encounter D1903", "C325"),
        ("encounter D1904", "C318"),
        ("encounter D1905", "C358"),
        ("encounter D1906", "C342"),
        ("encounter D1906", "C350"),
    ]


def test_the_ledger_says_what_the_scenario_expects(submitted: tuple[Ledger, list[Diagnostic]]) -> None:
    ledger, _ = submitted
    findings: list[Diagnostic] = []
    for path in remittance_files():
        assert all(
            receipt.outcome in ("posted", "known")
            for receipt in receive_835(path, ledger, Dispositions(), TODAY, findings.append)
        )
    assert {finding.severity for finding in findings} == {"note"}
    for view, without in (("lines", ""), ("remittances", ""), ("suspense", "reason")):
        assert in_any_order(exported(ledger, view), without) == in_any_order(expected(view), without)


def test_the_repeated_payment_changes_nothing_whichever_copy_comes_first(
    submitted: tuple[Ledger, list[Diagnostic]],
) -> None:
    ledger, _ = submitted
    repeated = SAMPLES / "remittances" / "repeated-2026-11-12.835"
    for path in (repeated, *remittance_files()):
        list(receive_835(path, ledger, Dispositions(), TODAY, lambda finding: None))
    assert in_any_order(exported(ledger, "lines")) == in_any_order(expected("lines"))
