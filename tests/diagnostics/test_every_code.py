"""Every diagnostic of the catalogue is written out in full in a test whose input makes production code say it."""

import re
import string
from functools import cache
from pathlib import Path

import pytest

from claimloop.edi.diagnostics import catalogue

TESTS = Path(__file__).parents[1]
WRITTEN = (".py", ".txt")


@cache
def written():
    """All that the tests expect, their own sample files left out."""
    files = (path for path in TESTS.rglob("*") if path.suffix in WRITTEN and "data" not in path.parts)
    return "\n".join(path.read_text(encoding="utf-8") for path in sorted(files) if path != Path(__file__))


def in_full(code):
    """The text form of a finding: code, severity, message with its facts filled in."""
    entry = catalogue()[code]
    message = "".join(
        re.escape(words) + ("" if fact is None else r"[^\n{}]+?")
        for words, fact, _, _ in string.Formatter().parse(entry.message)
    )
    return rf"{code} {entry.severity}: {message}(?=$|\n|  \[|  value |\"|')"


@pytest.mark.parametrize("code", sorted(catalogue()))
def test_every_code_is_expected_word_for_word_somewhere(code):
    assert re.search(in_full(code), written(), re.MULTILINE)
