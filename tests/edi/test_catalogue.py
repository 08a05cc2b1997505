"""The catalogue, the page made from it, and the sources name the same diagnostics."""

import ast
import re
from pathlib import Path

import pytest

from claimloop.edi.catalogue_page import page
from claimloop.edi.diagnostics import catalogue

ROOT = Path(__file__).resolve().parents[2]
CODE = re.compile(r"X1[0-5]\d|R2\d\d|C3\d\d|G4\d\d|P[56]\d\d|S6\d\d|T9\d\d")
PACKAGES = ("edi", "builders", "parsers", "reconciliation", "samples")


def sources():
    files = [path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py"))]
    return files + sorted(ROOT.glob("*.py"))


def codes_in(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and CODE.fullmatch(node.value)
    }


def test_the_sources_use_no_code_that_the_catalogue_does_not_have():
    unknown = {(path.name, code) for path in sources() for code in codes_in(path) - catalogue().keys()}
    assert unknown == set()


def test_every_code_of_the_catalogue_is_used():
    used = set().union(*map(codes_in, sources()))
    assert sorted(catalogue().keys() - used) == []


def test_the_committed_page_is_the_one_that_the_catalogue_makes():
    assert (ROOT / "docs" / "diagnostics.md").read_text(encoding="utf-8") == page(), "run `make docs`"


@pytest.mark.parametrize("code", sorted(catalogue()))
def test_every_entry_explains_itself(code):
    entry = catalogue()[code]
    assert CODE.fullmatch(code)
    assert entry.message
    assert not entry.message.endswith(".")
    assert entry.why.endswith(".")
    assert not entry.hint or entry.hint.endswith(".")
    assert entry.snip in (None, 1, 2, 3, 4, 5, 6, 7)
