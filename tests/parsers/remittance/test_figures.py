"""Every public 835 against figures that were taken from its bytes without this project (tests/data/expected/835.tsv)."""

import csv
from decimal import Decimal
from itertools import groupby

import pytest

from claimloop.edi.records.adjustments import sum_of
from claimloop.edi.records.remittance import Remittance
from claimloop.parsers import read_835
from claimloop.parsers.remittance.balance import balance_report
from claimloop.tests.parsers.remittance.era import DATA

GROUPS = ("CO", "PR", "OA", "PI")


def expected_sets() -> dict[str, list[dict[str, str]]]:
    with (DATA / "expected" / "835.tsv").open(encoding="utf-8", newline="") as table:
        rows = list(csv.DictReader(table, delimiter="\t"))
    return {file: list(sets) for file, sets in groupby(rows, key=lambda row: row["file"])}


EXPECTED = expected_sets()


def figures(remittance: Remittance) -> dict[str, str | int | Decimal]:
    every = [one for claim in remittance.claims for one in claim.every_adjustment]
    lines = [line for claim in remittance.claims for line in claim.services]
    return {
        "st": remittance.source.transaction if remittance.source else "",
        "bpr": remittance.payment_amount,
        "trn": remittance.trace_number,
        "claims": len(remittance.claims),
        "lines": len(lines),
        "charge": sum((claim.charge for claim in remittance.claims), Decimal(0)),
        "paid": sum((claim.paid for claim in remittance.claims), Decimal(0)),
        "line_charge": sum((line.charge for line in lines), Decimal(0)),
        "line_paid": sum((line.paid for line in lines), Decimal(0)),
        **{group: sum_of(one for one in every if one.group == group) for group in GROUPS},
        "other": sum_of(one for one in every if one.group not in GROUPS),
        "plb": sum((one.amount for one in remittance.provider_adjustments), Decimal(0)),
    }


def typed(row: dict[str, str]) -> dict[str, str | int | Decimal]:
    texts, counts = ("st", "trn"), ("claims", "lines")
    return {
        key: value if key in texts else int(value) if key in counts else Decimal(value or 0)
        for key, value in row.items()
        if key not in ("file", "set")
    }


def test_every_sample_has_its_figures() -> None:
    assert set(EXPECTED) == {path.name for path in DATA.glob("835__*.x12")}


@pytest.mark.parametrize("file", EXPECTED)
def test_a_sample_reads_with_the_figures_that_its_bytes_have(file: str) -> None:
    read = read_835(DATA / file, lambda finding: None)
    assert [figures(one) for one in read] == [typed(row) for row in EXPECTED[file]]


@pytest.mark.parametrize("file", EXPECTED)
def test_the_meaning_of_a_sample_accounts_for_every_cent_of_its_adjustments(file: str) -> None:
    for remittance in read_835(DATA / file, lambda finding: None):
        for claim in remittance.claims:
            effects = ("contractual", "patient", "denied", "open", "information")
            told = claim.every_adjustment
            by_effect = {effect: sum_of(one for one in told if one.effect == effect) for effect in effects}
            assert sum(by_effect.values()) == sum_of(told) == claim.charge - claim.paid - claim.imbalance
            assert by_effect["patient"] == claim.patient_share.total
            assert not (claim.is_denial and claim.paid)
            assert claim.is_denial <= (claim.denied > 0 or claim.contractual == claim.charge)


@pytest.mark.parametrize("file", EXPECTED)
def test_the_balance_report_finds_what_the_reader_reports(file: str) -> None:
    codes: list[str] = []
    read = read_835(DATA / file, lambda finding: codes.append(finding.code))
    wrong = [found.code for one in read for found in balance_report(one) if not found.balances]
    assert sorted(wrong) == sorted(code for code in codes if code in ("R220", "R221", "R222", "R223", "R224"))
