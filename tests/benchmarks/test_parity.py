"""The parity harness: mutations are seeded, both sides speak the same words, every explanation has a true example."""

import logging

import pytest
from pyx12.params import ParamsBase
from pyx12.x12n_document import x12n_document

from claimloop.benchmarks.mutations import Delimited, mutate
from claimloop.benchmarks.parity import ROOT, mutations, sample_files
from claimloop.benchmarks.parity_bases import make_base
from claimloop.benchmarks.parity_case import Difference, judge, verdict
from claimloop.benchmarks.parity_explanation import CLAIM
from claimloop.benchmarks.parity_explanations import EXPLANATIONS, explain
from claimloop.benchmarks.parity_findings import Said, read_text
from claimloop.benchmarks.parity_page import judge_example, page
from claimloop.benchmarks.parity_pyx12 import pyx12_says

SIGNS = Delimited("*", ":")
SAMPLES = sample_files(None)
NAMES = [explanation.name for explanation in EXPLANATIONS]


@pytest.fixture
def judged(tmp_path):
    def run(text):
        path = tmp_path / "a.x12"
        path.write_text(text)
        return judge(path)

    return run


def test_both_sides_accept_the_claim_that_the_examples_change(judged):
    case = judged(CLAIM)
    assert (case.theirs.accepted, case.ours.accepted) == (True, True)
    assert (case.theirs.said, case.ours.said, case.differences) == ({}, {}, frozenset())


def test_what_both_sides_find_is_no_difference(judged):
    case = judged(CLAIM.replace("N3*1 MAIN ST~\n", "").replace("*100*UN", "*1OO*UN").replace("SE*23", "SE*99"))
    both = {Said(3, "", "IK5:4"), Said(10, "N3", "IK3:3"), Said(22, "SV102", "IK4:6")}
    assert set(case.theirs.said) == set(case.ours.said) == both
    assert case.differences == frozenset()


def test_a_difference_that_nothing_explains_stays(judged):
    case = judged(CLAIM)
    said = Said(22, "LX01", "IK4:6")
    broken = type(case)(case.raw, case.text, case.theirs, case.ours, frozenset({Difference("ours", said)}))
    assert explain(broken) == {}


def test_verdicts_that_differ_need_an_explained_reason(judged):
    case = judged(CLAIM.replace("*IL*62701~", "*QQ*62701~"))
    assert (case.theirs.accepted, case.ours.accepted) == (False, True)
    assert verdict(case, set()) == {Difference("verdict", Said(0, "", "pyx12 refuses"))}
    assert verdict(case, set(explain(case))) == set()


@pytest.mark.parametrize("explanation", EXPLANATIONS, ids=NAMES)
def test_the_example_of_an_explanation_shows_its_difference_and_nothing_unexplained(explanation):
    case = judge_example(explanation.example)
    named = explain(case)
    assert explanation.name in named.values()
    assert case.differences - named.keys() == set()
    assert verdict(case, set(named)) == set()


def test_an_explanation_says_nothing_of_the_examples_of_findings_that_are_equal(judged):
    case = judged(CLAIM.replace("N3*1 MAIN ST~\n", ""))
    assert [each.name for each in EXPLANATIONS if each.differences(case)] == []


def test_names_are_unique():
    assert len(set(NAMES)) == len(NAMES)


def test_a_seed_gives_the_same_mutations_again_and_another_seed_others():
    segments = CLAIM.replace("\n", "").split("~")[:-1]

    def done(seed):
        return [mutate(segments, f"{seed}/{number}", SIGNS, ["K3*X"]) for number in range(50)]

    assert done(1) == done(1)
    assert done(1) != done(2)
    assert all(changed[0] == segments[0] for changed, _ in done(1))


def test_most_mutations_count_their_segments_right():
    segments = CLAIM.replace("\n", "").split("~")[:-1]
    right = 0
    for number in range(200):
        changed, _ = mutate(segments, str(number), SIGNS, [])
        ends = [at for at, text in enumerate(changed) if text.startswith("SE*")]
        starts = [at for at, text in enumerate(changed) if text.startswith("ST*")]
        if len(ends) == len(starts) == 1:
            right += changed[ends[0]].split("*")[1] == str(ends[0] - starts[0] + 1)
    assert 130 < right < 195


def test_a_base_can_be_read_by_pyx12_although_its_sample_cannot(tmp_path):
    path = tmp_path / "a.x12"
    text = CLAIM.replace("SENDER         ", "SENDER").replace("X222A1", "X222A2").replace("DOE", "DÖE")
    path.write_text(text.replace("LX*1~", "~LX*1~"))
    assert pyx12_says(path).stopped
    base = make_base(read_text(path))
    assert base is not None
    path.write_bytes(base.written(base.segments))
    assert (pyx12_says(path).stopped, base.guided) == ("", True)


def pyx12_alone(path):
    """pyx12 without listeners: its verdict, or the name of what it dies of."""
    with path.open(encoding="ascii") as source:
        try:
            return x12n_document(ParamsBase(), source, None, None)
        except Exception as failure:
            return type(failure).__name__


def test_listening_does_not_change_what_pyx12_decides(tmp_path, caplog):
    caplog.set_level(logging.CRITICAL, "pyx12")
    for sample in SAMPLES[::60]:
        for number, _, raw in mutations(sample, 3, 5, []):
            path = tmp_path / f"{number}.x12"
            path.write_bytes(raw)
            heard = pyx12_says(path)
            assert (heard.stopped.partition(":")[0] or heard.accepted) == pyx12_alone(path)


def test_the_page_of_guides_is_the_one_that_the_tables_make():
    """Run `.venv/bin/python -m claimloop.benchmarks.parity_page > docs/guides.md` after a change of the tables."""
    stored = ROOT / "docs" / "guides.md"
    assert stored.read_text(encoding="utf-8") == page()
