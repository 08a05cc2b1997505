"""What the readers of 835 and 837P say, word for word: each case is a good file with one thing wrong."""

from pathlib import Path

import pytest

from claimloop.edi.diagnostics import Diagnostic
from claimloop.parsers.checking import check_file
from claimloop.parsers.show import show_json
from claimloop.tests.edi.rules.good import CLAIMS, REMITTANCE, broken, cases

HERE = Path(__file__).parent
REMITTANCES = tuple(cases(HERE / "broken_remittances.txt"))
CLAIM_FILES = tuple(cases(HERE / "broken_claims.txt"))


def said(tmp_path, text):
    path = tmp_path / "a.x12"
    path.write_text(text.replace("~\n", "~"), encoding="utf-8")
    found: list[Diagnostic] = []
    check_file(path, found.append)
    return [each.render().removeprefix("a.x12:") for each in found if each.code.startswith("R")]


@pytest.mark.parametrize("case", REMITTANCES, ids=lambda case: case.what)
def test_what_is_odd_in_a_remittance_is_said_where_it_is(tmp_path, case):
    assert said(tmp_path, broken(REMITTANCE, case.changes)) == list(case.expected)


@pytest.mark.parametrize("case", CLAIM_FILES, ids=lambda case: case.what)
def test_what_is_odd_in_a_claim_file_is_said_where_it_is(tmp_path, case):
    assert said(tmp_path, broken(CLAIMS, case.changes)) == list(case.expected)


def test_a_kind_that_is_not_shown_in_words_says_so():
    path = HERE.parent / "data" / "277CA__imsweb__x12-277ca-accepted.x12"
    found: list[Diagnostic] = []
    show_json(path, lambda _: None, found.append, show_values=False)
    (said,) = (each.render().removeprefix(f"{path}: ") for each in found)
    assert said == "R261 note: 277CA: only 837P and 835 are shown in words; these are the segments"
