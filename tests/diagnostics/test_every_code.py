"""Every diagnostic of the catalogue has an input that triggers it and a test of all that is said then.

Each module of this folder notes the lines that its tests expect (`said.EXPECTED`). The rules above the guides (S6xx)
have their cases beside them, in tests/edi/rules.
"""

import pytest

from claimloop.edi.diagnostics import catalogue
from claimloop.tests.diagnostics import (  # noqa: F401 (noting their lines is what they are imported for)
    said,
    test_acknowledgements,
    test_bank_files,
    test_encounters,
    test_files_read,
    test_guides,
    test_posting,
    test_rules,
    test_syntax,
    test_tables,
)
from claimloop.tests.edi.rules.test_rules import BROKEN_CLAIMS, BROKEN_REMITTANCES

RULES = [line for case in (*BROKEN_CLAIMS, *BROKEN_REMITTANCES) for line in case.expected]
CODES = {said.code_of(line) for line in (*said.EXPECTED, *RULES)}


@pytest.mark.parametrize("code", sorted(catalogue()))
def test_every_code_is_said_in_a_test(code):
    assert code in CODES


def test_every_code_that_a_test_expects_is_in_the_catalogue():
    assert sorted(CODES - catalogue().keys()) == []


@pytest.mark.parametrize("code", sorted(catalogue()))
def test_every_code_has_its_section_in_the_documentation(code):
    assert code in said.hints()
    assert said.hints()[code] == catalogue()[code].hint
