"""What the readers of 835 and 837P say (R2xx), word for word: each case is a good file with one thing wrong."""

from pathlib import Path

import pytest

from claimloop.parsers import read_837p
from claimloop.parsers.show.show import show_json
from claimloop.tests.diagnostics.said import broken_files, code_of, says, validated
from claimloop.tests.edi.rules.good import CLAIMS, REMITTANCE, broken

REMITTANCES = broken_files("broken_remittances.txt")
CLAIM_FILES = broken_files("broken_claims.txt")


def said_by_readers(folder, text):
    return [line for line in validated(folder, text) if code_of(line)[0] == "R"]


@pytest.mark.parametrize("case", REMITTANCES, ids=lambda case: case.what)
def test_what_is_odd_in_a_remittance_is_said_where_it_is(tmp_path, case):
    assert said_by_readers(tmp_path, broken(REMITTANCE, case.changes)) == list(case.expected)


@pytest.mark.parametrize("case", CLAIM_FILES, ids=lambda case: case.what)
def test_what_is_odd_in_a_claim_file_is_said_where_it_is(tmp_path, case):
    assert said_by_readers(tmp_path, broken(CLAIMS, case.changes)) == list(case.expected)


@says("a.277: R261 note: 277CA is shown as segments: only 837P and 835 are shown in words")
def test_a_kind_that_is_not_shown_in_words_says_so(folder, report):
    sample = Path(__file__).parents[1] / "data" / "277CA__imsweb__x12-277ca-accepted.x12"
    path = folder / "a.277"
    path.write_bytes(sample.read_bytes())
    show_json(path, lambda _: None, report, show_values=False)


@says(
    "a.837:29: X104 warning: segment ID was read as AMT",
    "a.837:91: X120 error: the segment is outside any transaction set  value •••*•••*••••• ••• (masked: 14 letters, 1 space)",
)
def test_the_reader_of_claims_says_what_it_mends_and_passes_over(folder, report):
    path = folder / "a.837"
    path.write_text(CLAIMS.replace("AMT*F5*20~", "amt*F5*20~").replace("GE*1*1~", "NTE*ADD*THANK YOU~\nGE*1*1~"))
    list(read_837p(path, report))
