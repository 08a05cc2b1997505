"""Whose limits hold: of partner and payer before of the payer, before of the partner, before of all, before ours."""

from datetime import date
from pathlib import Path

import msgspec
import pytest

from claimloop.builders.settings import ConfigurationError
from claimloop.reconciliation.configuration.as_of import AsOf, as_of_day
from claimloop.reconciliation.configuration.expectations import Expectation, Limits, default_limits, limits_for
from claimloop.reconciliation.configuration.load import Configuration, load_configuration
from claimloop.tests.builders.encounters.examples import partner

DAY = date(2026, 10, 31)


def test_without_settings_the_defaults_hold():
    assert limits_for((), "acme", "PLAN") == default_limits()


@pytest.mark.parametrize(
    ("partner_name", "payer", "days"),
    [("acme", "PLAN", 4), ("other", "PLAN", 3), ("acme", "OTHER", 2), ("other", "OTHER", 1)],
)
def test_the_more_special_table_counts_in_whatever_order_they_stand(partner_name, payer, days):
    tables = (
        Expectation(partner="acme", payer="PLAN", remittance_days=4),
        Expectation(payer="PLAN", remittance_days=3),
        Expectation(partner="acme", remittance_days=2),
        Expectation(remittance_days=1),
    )
    for given in (tables, tables[::-1]):
        assert limits_for(given, partner_name, payer).remittance_days == days


def test_what_a_special_table_leaves_out_is_taken_from_the_next():
    tables = Expectation(payer="PLAN", filing_days=365), Expectation(filing_days=180, appeal_days=120)
    found = limits_for(tables, "acme", "PLAN")
    assert (found.filing_days, found.appeal_days, found.warn_days) == (365, 120, default_limits().warn_days)


def test_of_two_alike_the_later_one_counts():
    tables = Expectation(payer="PLAN", warn_days=1), Expectation(payer="PLAN", warn_days=2)
    assert limits_for(tables, "", "PLAN").warn_days == 2


def test_no_days_at_all_are_a_limit_too():
    assert limits_for((Expectation(ta1_days=0),), "acme", "PLAN").ta1_days == 0


def test_a_payers_claims_go_to_the_partner_that_names_it_or_to_the_one_without_payers():
    both = partner(name="general"), partner(name="special", payers=["PLAN"])
    for partners in (both, both[::-1]):
        when = AsOf(DAY, partners=partners)
        assert (when.partner_of("PLAN"), when.partner_of("OTHER")) == ("special", "general")
    assert AsOf(DAY, partners=both[1:]).partner_of("OTHER") == ""


def test_a_day_takes_its_settings_from_the_configuration(tmp_path: Path):
    path = tmp_path / "claimloop.toml"
    path.write_text('[[expect]]\npayer = "PLAN"\nfiling_days = 365\n')
    when = as_of_day(DAY, load_configuration(path))
    assert (when.day, when.everything, when.limits("", "PLAN").filing_days) == (DAY, False, 365)
    assert as_of_day(DAY, Configuration(), everything=True) == AsOf(DAY, everything=True)


@pytest.mark.parametrize(
    ("setting", "problem"),
    [
        ("filing_days = -1", "filing_days"),
        ("filing_days = 3661", "filing_days"),
        ("filling_days = 90", "filling_days"),
        ('partner = "nobody"', "there is no partner nobody"),
    ],
)
def test_a_wrong_setting_is_refused_by_its_name(tmp_path: Path, setting, problem):
    path = tmp_path / "claimloop.toml"
    path.write_text(f"[[expect]]\n{setting}\n")
    with pytest.raises(ConfigurationError, match=problem):
        load_configuration(path)


def test_every_key_in_days_has_a_default_in_effect():
    keys = {name for name in Expectation.__struct_fields__ if name.endswith("_days")}
    assert keys == set(Limits.__struct_fields__)
    assert all(isinstance(days, int) for days in msgspec.structs.asdict(default_limits()).values())
