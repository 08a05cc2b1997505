"""The registry: every scenario makes valid 835s that balance, and rates mean what they say."""

from pathlib import Path

import pytest

from claimloop.edi.diagnostics import Diagnostic
from claimloop.edi.guides.second_opinion import pyx12_opinion
from claimloop.edi.validate import validate
from claimloop.parsers.remittance.balance_stream import stream_balances
from claimloop.simulation.scenarios import SCENARIOS, Scenario, UnknownScenario, choose
from claimloop.simulation.simulator import Summary
from claimloop.tests.simulation.making import Line, Visit, answer, truth

PRACTICE = tuple(
    Visit(f"Visit{number:03d}-1", lines, member=f"M{number}", filing=filing, payer=payer)
    for number, (payer, filing, lines) in enumerate(
        [
            ("PLAN1", "CI", (Line("99213", "150", ("25",)), Line("17000", "95", number="lower1"))),
            ("PLAN1", "CI", (Line("17003", "120", units="6"),)),
            ("MCARE", "MB", (Line("99214", "210", ("25",)), Line("11102", "205"), Line("88305", "165", ("26",)))),
            (
                "MCAID",
                "MC",
                (Line("17000", "95", ("RT",)), Line("17000", "95", ("LT",)), Line("99213", "151", ("25",))),
            ),
        ]
        * 6
    )
)
SEPARATE = {"S602"}
"""Said where a correction does not follow its reversal in the same 835, which is what these are about."""
WITHOUT_CORRECTION = {"correction_first", "reversal_later_835", "recoupment", "forward_balance"}
OUT_OF_BALANCE = {"unbalanced_claim", "unbalanced_payment"}
BEYOND_PYX12 = {
    "claim_split",  # MA15 is missing in its list of remarks
    "two_plb_segments",  # its map takes one
}


@pytest.fixture(scope="module", params=SCENARIOS, ids=lambda scenario: scenario.name)
def played(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Scenario, Summary]:
    """Each scenario, as often as it fits."""
    scenario: Scenario = request.param
    return scenario, answer(tmp_path_factory.mktemp(scenario.name), *PRACTICE, scenario=scenario.name)


def test_each_scenario_happens(played: tuple[Scenario, Summary]) -> None:
    scenario, summary = played
    assert summary.claims == len(PRACTICE)
    if scenario.level == "claim":
        assert summary.scenarios.get(scenario.name, 0) > 0
    else:
        plain = {row["comes"] for row in truth(summary, "remittance")} == {"first"}
        assert plain == (scenario.name not in ("repeated_file", "repeated_835", "unbalanced_payment"))


def test_each_835_is_valid_by_the_guide_and_its_rules(played: tuple[Scenario, Summary]) -> None:
    scenario, summary = played
    allowed = SEPARATE if scenario.name in WITHOUT_CORRECTION else set()
    findings: list[Diagnostic] = []
    for path in summary.remittances:
        validate(path, findings.append)
    assert {finding.code for finding in findings} <= allowed, findings[0]


def test_each_835_balances_but_those_that_must_not(played: tuple[Scenario, Summary]) -> None:
    scenario, summary = played
    findings: list[Diagnostic] = []
    wrong = 0
    for path in summary.remittances:
        with path.open("rb") as stream:
            wrong += sum(not balance.balances for balance in stream_balances(stream, path.name, findings.append))
    assert (wrong > 0) == (scenario.name in OUT_OF_BALANCE)


def test_pyx12_accepts_a_sample_of_all(tmp_path: Path) -> None:
    summary = answer(tmp_path, *PRACTICE, scenario=("all", *(f"{name}=0" for name in BEYOND_PYX12)))
    assert len(summary.remittances) > 5
    assert {pyx12_opinion(path) for path in summary.remittances} == {"accepts"}


@pytest.mark.parametrize("name", sorted(BEYOND_PYX12))
def test_what_is_beyond_pyx12_is_still_beyond_it(tmp_path: Path, name: str) -> None:
    summary = answer(tmp_path, *PRACTICE[:4], scenario=name)
    assert "rejects" in {pyx12_opinion(path) for path in summary.remittances}


def test_each_line_of_the_truth_keeps_its_identity(played: tuple[Scenario, Summary]) -> None:
    _, summary = played
    rows = truth(summary)
    assert len(rows) >= summary.lines
    for row in rows:
        parts = [float(str(row[name])) for name in ("insurance_paid", "contractual", "written_off", "patient", "open")]
        assert abs(float(str(row["charge"])) - sum(parts)) < 0.001
        assert float(str(row["denied"])) <= float(str(row["open"])) or float(str(row["open"])) < 0


def test_the_front_of_the_registry_is_in_order() -> None:
    names = [scenario.name for scenario in SCENARIOS]
    assert len(set(names)) == len(names)
    assert sum(scenario.rate for scenario in SCENARIOS if scenario.level == "claim") < 0.25
    assert all(scenario.about and len(scenario.about) < 100 for scenario in SCENARIOS)


def test_a_rate_is_how_many_claims_have_a_scenario(tmp_path: Path) -> None:
    visits = [Visit(f"V{number}-1", (Line("99213", str(100 + number)),)) for number in range(400)]
    summary = answer(tmp_path, *visits, scenario=("interest=0.25", "missing_6r=0.5"))
    assert 70 <= summary.scenarios["interest"] <= 130
    assert 160 <= summary.scenarios["missing_6r"] <= 240


def test_a_scenario_without_a_rate_takes_the_claims_that_the_others_leave(tmp_path: Path) -> None:
    visits = [Visit(f"V{number}-1", (Line("99213", str(100 + number)),)) for number in range(100)]
    summary = answer(tmp_path, *visits, scenario=("interest=0.25", "padded_clp01"))
    assert set(summary.scenarios) == {"interest", "padded_clp01"}


def test_none_leaves_plain_answers_and_all_has_every_scenario(tmp_path: Path) -> None:
    assert answer(tmp_path / "none", *PRACTICE, scenario=("usual", "none")).scenarios == {"": len(PRACTICE)}
    assert len(answer(tmp_path / "all", *PRACTICE, scenario="all").scenarios) > 10


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("reversals",), "unknown scenario 'reversals'"),
        (("interest=much",), "the rate of interest must be a number from 0 to 1, not 'much'"),
        (("interest=1.5",), "the rate of interest must be a number from 0 to 1, not '1.5'"),
        (("interest=0.6", "missing_6r=0.6"), "the rates of the claims' scenarios total more than 1"),
    ],
)
def test_what_cannot_be_chosen_is_said(words: tuple[str, ...], says: str) -> None:
    with pytest.raises(UnknownScenario, match=says):
        choose(words)
