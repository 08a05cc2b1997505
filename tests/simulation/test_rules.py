"""The rules of a payer as data: what is packaged, what a file changes, what is refused in one line."""

from pathlib import Path

import pytest

from claimloop.edi.codes.table import read_shipped
from claimloop.simulation.rules import DenialReason, RulesError, load_rules


def test_the_packaged_rules_are_whole() -> None:
    rules = load_rules()
    assert {"commercial", "medicare"} <= set(rules.fee_schedules)
    assert rules.bundling is not None
    assert ("17004", "17000") in rules.bundling.pairs
    assert len(rules.denial) > 3


def test_a_table_of_a_file_takes_the_place_of_the_packaged_one(tmp_path: Path) -> None:
    path = tmp_path / "rules.toml"
    path.write_text('[cycle]\nevery_days = 14\n\n[visits]\nprocedures = ["99201"]\n', encoding="utf-8")
    rules = load_rules(path)
    assert rules.cycle.every_days == 14
    assert rules.visits.procedures == {"99201"}
    assert rules.denial == load_rules().denial


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[cycle", "Expected"),
        ("[cycles]\nevery_days = 1", "unknown field `cycles`"),
        ("[cycle]\nevery = 1", "unknown field `every`"),
        ("[cycle]\nevery_days = 0", ">= 1"),
        ("[cycle]\nshortest_days = 9\nlongest_days = 8", "longest_days is less than"),
        ('[[plan]]\nfee_schedule = "other"', "'other' is not one of fee_schedules"),
        ('[[plan]]\nfee_schedule = "medicare"\npayer = "X"', "no plan covers every claim"),
        ('[[plan]]\nfee_schedule = "medicare"\ncopay = "ten"', "'ten' is not an amount of money"),
        ('[[plan]]\nfee_schedule = "medicare"\ncopay = "-1"', "'-1' is not an amount of money"),
        ('[[denial]]\ngroup = "CR"\nreason = "1"', "Invalid enum value 'CR'"),
        ('[[denial]]\ngroup = "CO"\nreason = "1"\nrate = 2.0', "<= 1"),
    ],
)
def test_what_cannot_be_used_is_said_with_its_file(tmp_path: Path, text: str, says: str) -> None:
    path = tmp_path / "rules.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(RulesError, match=says) as caught:
        load_rules(path)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_every_code_of_the_packaged_rules_is_a_code() -> None:
    rules = load_rules()
    refusals: list[DenialReason | None] = [
        rules.bundling, rules.global_period, rules.timely_filing, rules.duplicates, rules.coverage_ended, *rules.denial,
    ]  # fmt: skip
    reasons = {refusal.reason for refusal in refusals if refusal}
    remarks = {remark for refusal in refusals if refusal for remark in refusal.remarks}
    assert reasons <= codes_of("claim_adjustment_reasons")
    assert remarks <= codes_of("remittance_remarks")


def codes_of(name: str) -> set[str]:
    """The codes of a shipped list."""
    return set(read_shipped(name).rows)
