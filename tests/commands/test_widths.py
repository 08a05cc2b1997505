"""Whatever the width of the terminal: the same ids and amounts, and no line that is wider."""

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from claimloop.cli import commands
from claimloop.samples import copy_samples

_ID_OR_AMOUNT = re.compile(r"(?<!\S)(?:D\d{5}L\d\d|[A-Z]{2}-\d+|-?[\d,]+\.\d\d)(?=[\s;]|$)", re.MULTILINE)


@pytest.fixture(scope="module")
def remittances(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("widths")
    copy_samples(folder)
    return folder / "remittances"


def printed(*arguments: str, columns: int) -> str:
    done = CliRunner().invoke(commands, arguments, env={"COLUMNS": str(columns)}, catch_exceptions=False)
    assert done.exit_code == 0
    return done.stdout


@pytest.mark.parametrize("option", [(), ("--balance", "--all")], ids=["claims", "balance"])
def test_a_remittance_has_the_same_ids_and_amounts_at_80_and_at_200_columns(remittances: Path, option: tuple[str, ...]):
    file = str(remittances / "commercial-2026-11-10.835")
    narrow, wide = (printed("show", file, *option, columns=columns) for columns in (80, 200))

    assert sorted(_ID_OR_AMOUNT.findall(narrow)) == sorted(_ID_OR_AMOUNT.findall(wide))
    assert len(_ID_OR_AMOUNT.findall(narrow)) > 100
    assert max(map(len, narrow.splitlines())) <= 80


def test_scenarios_of_the_simulated_payer_are_whole_at_80_columns():
    text = printed("simulate", "scenarios", columns=80)

    assert max(map(len, text.splitlines())) <= 80
    assert "reversal_same_835" in text
    assert "…" not in text
