"""Broken bytes: whatever is done to a file, the reader reports and goes on. NotX12 is its only exception.

What each stage must hold to stands in benchmarks/fuzz_stages.py; a longer run is `python benchmarks/fuzz.py`.
"""

from pathlib import Path

import pytest

from claimloop.benchmarks.broken_bytes import ISA, NAME, broken
from claimloop.benchmarks.fuzz_stages import STAGES
from claimloop.edi.diagnostics import NotX12

DATA = Path(__file__).resolve().parents[2] / "data"
LARGEST_SOURCE = 4_000
INPUTS = {"tokens": 1_000, "structure": 300, "check": 600, "parse": 600, "guide": 250, "show": 60}


@pytest.fixture(scope="module")
def sources():
    return [raw for path in sorted(DATA.rglob("*.x12")) if len(raw := path.read_bytes()) < LARGEST_SOURCE]


@pytest.mark.parametrize("stage", INPUTS)
def test_a_broken_file_never_raises_anything_but_not_x12(stage, sources, tmp_path):
    path = tmp_path / "fuzz.x12"
    refused = 0
    for number in range(INPUTS[stage]):
        raw = broken(sources, f"{stage}:{number}", huge_one_in=10_000)
        path.write_bytes(raw)
        try:
            STAGES[stage](path, raw)
        except NotX12:
            refused += 1
    assert 0 < refused < INPUTS[stage] / 2


def test_every_stage_is_tried():
    assert INPUTS.keys() == STAGES.keys()


def test_the_same_seed_makes_the_same_bytes(sources):
    assert broken(sources, "a:1") == broken(sources, "a:1") != broken(sources, "a:2")


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize(
    "behind",
    [
        b"ST*" + NAME + b"*1~",  # a name where the kind of a set belongs
        b"GS*HP*S*R*20240101*1200*1*X*005010" + NAME + b"~ST*835*0" + NAME + b"~SE*1" + NAME + b"*1~",
        b"ST*835*~\x94",  # a control character where a segment id belongs, before the first claim
        b"ST*835~\0\x32",
        b"ST*835~" + NAME + b"*1~",  # a name there
    ],
)
def test_what_once_broke_a_stage_breaks_it_no_more(stage, behind, tmp_path):
    path = tmp_path / "crasher.x12"
    path.write_bytes(ISA + behind)
    STAGES[stage](path, ISA + behind)
