"""Every public 835 of tests/data through the ledger: money comes out to the cent, and nothing is lost or made up."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from claimloop.parsers import read_835
from claimloop.tests.reconciliation.making import dump, new_ledger, prove, receive, rows

DATA = Path(__file__).parents[2] / "data"
FILES = sorted(DATA.rglob("835__*.x12"))
EXPECTED = sorted(DATA.rglob("expected/835__*.json"))


def transactions(path: Path) -> list[dict[str, Any]]:
    """The 835 sets of a file as they were checked by hand."""
    told = json.loads(path.read_text(encoding="utf-8"))
    return [
        transaction
        for interchange in told["interchanges"]
        for group in interchange["groups"]
        for transaction in group["transactions"]
        if transaction["st01"] == "835"
    ]


def amount(value: object) -> Decimal:
    return Decimal(str(value))


def test_the_folder_holds_what_this_file_is_about():
    assert len(FILES) >= 30
    assert len(EXPECTED) >= 5


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_835_comes_out_to_the_cent_and_only_once(path, tmp_path):
    ledger = new_ledger(tmp_path)
    receipts = receive(ledger, path)
    assert receipts, "a file with an 835 has a receipt"
    prove(ledger)

    read = read_835(path, lambda _: None)
    kept = [sent for sent, receipt in zip(read, receipts, strict=True) if receipt.outcome in ("posted", "held")]
    remittances = rows(ledger, "remittances")
    assert [row["trace_number"] for row in remittances] == [sent.trace_number for sent in kept]
    for row, sent in zip(remittances, kept, strict=True):
        assert row["posted"] == "0.00", "no claim of ours is in there"
        assert amount(row["payment_amount"]) == amount(row["suspense"]) - amount(row["provider_adjustments"])
        assert amount(row["payment_amount"]) == sent.payment_amount

    suspended = rows(ledger, "suspense")
    claims = [claim for sent in kept for claim in sent.claims]
    of_claims = [row for row in suspended if row["claim_control_number"] is not None]
    assert [row["claim_control_number"] for row in of_claims] == [claim.patient_control_number for claim in claims]

    before = dump(ledger)
    assert {receipt.outcome for receipt in receive(ledger, path)} <= {"known", "incomplete"}
    assert dump(ledger) == before
    ledger.close()


@pytest.mark.parametrize("path", EXPECTED, ids=lambda path: path.stem)
def test_the_money_is_what_was_checked_by_hand(path, tmp_path):
    ledger = new_ledger(tmp_path)
    receive(ledger, DATA / path.relative_to(DATA / "expected").with_suffix(".x12"))
    told = transactions(path)
    remittances = rows(ledger, "remittances")
    assert len(remittances) == len(told)
    for row, transaction in zip(remittances, told, strict=True):
        assert amount(row["payment_amount"]) == amount(transaction["bpr"]["amount"])
        assert row["trace_number"] == transaction["trace"]["number"]
        assert amount(row["provider_adjustments"]) == sum(amount(plb["amount"]) for plb in transaction["plb"])
        assert row["difference"] == "0.00"
    claims = [claim for transaction in told for claim in transaction["claims"]]
    held = [row for row in rows(ledger, "suspense") if row["claim_control_number"] is not None]
    assert [(row["claim_control_number"], amount(row["amount"])) for row in held] == [
        (claim["claim_id"], amount(claim["paid"])) for claim in claims
    ]
    ledger.close()
