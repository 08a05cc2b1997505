"""A share of the parity report: samples, and seeded mutations of them, judged as pyx12 judges them.

Every difference has a name (docs/guides.md). The whole report is `make parity`.
"""

from pathlib import Path

import pytest

from claimloop.benchmarks.parity import Task, compare, sample_files

SAMPLES = sample_files(Path(__file__).resolve().parents[2] / "data")
SHARE = SAMPLES[::3][:25]


@pytest.mark.parametrize("path", SHARE, ids=lambda path: path.stem)
def test_our_findings_of_a_sample_and_its_mutations_are_those_of_pyx12_or_differ_by_a_name(path):
    compared = compare(Task(path, mutations=4, seed=3))
    assert compared.texts >= 1
    assert [f"{each.mutation}: {each.done}: {each.difference}" for each in compared.unexplained] == []
