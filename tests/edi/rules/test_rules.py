"""Each rule: a good file in which one thing is wrong, and what is said then, word for word."""

import re

import pytest

from claimloop.edi.diagnostics import catalogue
from claimloop.edi.rules.registry import RULES
from claimloop.tests.edi.rules.good import CLAIMS, REMITTANCE, broken, cases, findings

BROKEN_CLAIMS = tuple(cases("broken_claims.txt"))
BROKEN_REMITTANCES = tuple(cases("broken_remittances.txt"))
CODES = sorted(code for code in catalogue() if code[0] == "S")
TESTED_BELOW = {"S681"}


@pytest.mark.parametrize("text", [CLAIMS, REMITTANCE], ids=["claims", "remittance"])
def test_nothing_is_said_against_a_good_file(tmp_path, text):
    assert findings(tmp_path, text) == []


@pytest.mark.parametrize("case", BROKEN_CLAIMS, ids=lambda case: case.what)
def test_what_is_wrong_in_a_claim_file_is_said_where_it_is(tmp_path, case):
    assert findings(tmp_path, broken(CLAIMS, case.changes), "S") == list(case.expected)


@pytest.mark.parametrize("case", BROKEN_REMITTANCES, ids=lambda case: case.what)
def test_what_is_wrong_in_a_remittance_is_said_where_it_is(tmp_path, case):
    assert findings(tmp_path, broken(REMITTANCE, case.changes), "S") == list(case.expected)


def test_a_set_of_more_than_five_thousand_claims_is_worth_a_warning(tmp_path):
    claim = "CLM*A3*50***11:B:1*Y*A*Y*Y~\nHI*ABK:L700~\nLX*1~\nSV1*HC:99213*50*UN*1***1~\nDTP*472*D8*20260404~\n"
    text = CLAIMS.replace("HL*3*1*22*1~\n", claim * 4_998 + "HL*3*1*22*1~\n")
    assert findings(tmp_path, text, "S6") == []
    text = CLAIMS.replace("HL*3*1*22*1~\n", claim * 4_999 + "HL*3*1*22*1~\n")
    assert findings(tmp_path, text, "S6") == [
        "25085: S681 warning: set has 5001 claims, more than the recommended 5000"
    ]


def test_every_code_is_of_a_rule_and_every_rule_has_its_codes():
    assert sorted({code for rule in RULES for code in rule.codes}) == CODES


def test_every_code_is_broken_by_a_test():
    said = "\n".join(line for case in (*BROKEN_CLAIMS, *BROKEN_REMITTANCES) for line in case.expected)
    assert sorted(set(re.findall(r"S6\d\d", said)) | TESTED_BELOW) == CODES


@pytest.mark.parametrize("code", CODES)
def test_every_code_has_a_snip_type_and_says_what_to_do(code):
    entry = catalogue()[code]
    assert entry.snip in (3, 4, 5)
    assert entry.hint
    assert entry.severity in ("error", "warning")


def test_every_rule_says_in_words_what_it_wants():
    assert [rule.judge for rule in RULES if not (rule.judge.__doc__ or "").rstrip().endswith(".")] == []
