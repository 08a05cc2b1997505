"""What the reader of acknowledgements says (P6xx), word for word: each case is a good file with one thing wrong."""

from io import BytesIO

import pytest

from claimloop.edi.diagnostics import Diagnostic
from claimloop.parsers.acknowledgements.reader import acknowledgement_items
from claimloop.tests.diagnostics.said import broken_files, told
from claimloop.tests.edi.rules.good import broken
from claimloop.tests.parsers.acknowledgements.samples import ACKNOWLEDGED, STATUSES

GROUPS = broken_files("broken_acknowledgements.txt")
STATUS_FILES = broken_files("broken_statuses.txt")


def said(text):
    found: list[Diagnostic] = []
    list(acknowledgement_items(BytesIO(text.encode()), "a", found.append))
    return [line.removeprefix("a:") for line in told(found)]


@pytest.mark.parametrize("good", [ACKNOWLEDGED, STATUSES])
def test_nothing_is_said_of_a_good_file(good):
    assert said(good) == []


@pytest.mark.parametrize("case", GROUPS, ids=lambda case: case.what)
def test_what_is_odd_in_a_999_is_said_where_it_is(case):
    assert said(broken(ACKNOWLEDGED, case.changes)) == list(case.expected)


@pytest.mark.parametrize("case", STATUS_FILES, ids=lambda case: case.what)
def test_what_is_odd_in_a_277_is_said_where_it_is(case):
    assert said(broken(STATUSES, case.changes)) == list(case.expected)
