"""docs/simulator.md says what the registry and the rules hold."""

from pathlib import Path

import msgspec

from claimloop.simulation.rules import Rules
from claimloop.simulation.scenarios import SCENARIOS
from claimloop.simulation.truth import LineTruth

PAGE = (Path(__file__).parents[2] / "docs" / "simulator.md").read_text(encoding="utf-8")


def test_the_page_has_every_scenario_with_its_rate_and_no_other() -> None:
    rows = [f"| `{each.name}` | {each.level} | {each.rate * 100:g} % | {each.about} |" for each in SCENARIOS]
    table = PAGE.partition("| scenario | happens to a")[2].partition("\n\n")[0].splitlines()[2:]
    assert table == rows


def test_the_page_names_every_table_of_the_rules() -> None:
    tables = PAGE.partition("## Rules")[2].partition("```toml")[0]
    assert all(f"`{field.name}" in tables for field in msgspec.structs.fields(Rules))


def test_the_example_of_the_truth_has_its_fields() -> None:
    example = PAGE.partition("```json\n")[2].partition("```")[0]
    assert list(msgspec.json.decode(example)) == ["record", *(f.name for f in msgspec.structs.fields(LineTruth))]
