"""What is said against a guide (G4xx), word for word: broken_guides.txt, and what only a partner's own rules ask for."""

import pytest

from claimloop.edi.diagnostics import Diagnostic
from claimloop.edi.guides import read_overlay
from claimloop.parsers.checking import check_file
from claimloop.tests.diagnostics.said import broken_files, expected, validated
from claimloop.tests.edi.rules.good import CLAIMS, broken

CASES = broken_files("broken_guides.txt")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.what)
def test_what_breaks_the_guide_is_said_where_it_is(tmp_path, case):
    assert validated(tmp_path, broken(CLAIMS, case.changes)) == list(case.expected)


PARTNER = """
[[change]]
guide = "005010X222"
at = "2300/AMT[F5]"
usage = "N"
because = "the payer takes no patient payments"

[[change]]
guide = "005010X222"
at = "2010BA/NM1/NM109"
shape = "^W[0-9]{9}$"
because = "member ids of this payer are W and nine digits"
"""

FORBIDDEN = "a.837:29: G416 error: segment AMT or its loop is not used in this guide  [2300]"
MISSHAPEN = "a.837:19: G436 error: Subscriber Primary Identifier does not have the required format  [2010BA, NM109]  value •• (masked: 1 letter, 1 digit)"
expected((FORBIDDEN, MISSHAPEN))


def test_what_breaks_a_partners_rules_is_said_with_the_partners_reason(tmp_path):
    rules, path = tmp_path / "partner.toml", tmp_path / "a.837"
    rules.write_text(PARTNER)
    path.write_text(CLAIMS)
    found: list[Diagnostic] = []
    check_file(path, found.append, overlay=read_overlay(rules))
    assert [(each.render(), each.hint) for each in found if each.where.segment in (19, 29)] == [
        (MISSHAPEN, "Member ids of this payer are W and nine digits."),
        (FORBIDDEN, "The payer takes no patient payments."),
    ]
