"""`claimloop explain FILE SEGMENT`: what a segment is, in the guide's words."""

import pytest
from rich.console import Console

from claimloop.edi.codes import label
from claimloop.parsers.show.explain import NoSuchSegment, explain
from claimloop.parsers.show.explanation import show_explanation
from claimloop.tests.edi.guides.test_check import CLAIM


@pytest.fixture
def claim(tmp_path):
    path = tmp_path / "a.837"
    path.write_text(CLAIM)
    return path


def element(told, position):
    return next(each for each in told.elements if each.position == position)


def test_a_claim_is_explained_with_its_loops_and_names(claim):
    told = explain(claim, 20)
    assert (told.segment, told.name, told.usage) == ("CLM", "Claim Information", "required")
    assert [(loop.id, loop.name) for loop in told.loops] == [
        ("2000A", "Billing Provider Hierarchical Level"),
        ("2000B", "Subscriber Hierarchical Level"),
        ("2300", "Claim Information"),
    ]
    assert (told.interchange, told.group, told.set, told.guide) == ("000000001", "1", "0001", "005010X222A1")
    assert told.where.offset == CLAIM.index("CLM*")
    assert told.findings == ()


def test_each_component_has_its_name_and_codes_have_their_meaning(claim):
    told = explain(claim, 20)
    place = element(told, "CLM05-1")
    assert (place.value, place.name, place.meaning) == ("11", "Place of Service Code", label("place_of_service", "11"))
    assert place.meaning
    assert element(told, "CLM01").value == "C1"
    assert element(explain(claim, 15), "NM101").meaning == label("provider_role", "IL")


def test_people_are_hidden_unless_asked_for(claim):
    assert element(explain(claim, 15), "NM103").value == "D…"
    assert element(explain(claim, 15, show_values=True), "NM103").value == "DOE"


def test_the_findings_on_the_segment_and_no_others_are_told(claim):
    claim.write_text(CLAIM.replace("*C1*100*", "*C1*1OO*").replace("LX*1~", "LX*2~"))
    told = explain(claim, 20)
    assert "G426" in [finding.code for finding in told.findings]
    assert {finding.where.segment for finding in told.findings} == {20}
    assert all("O" not in (finding.value or "") for finding in told.findings)


def test_a_segment_without_a_place_says_so(claim, capsys):
    claim.write_text(CLAIM.replace("N3*1 MAIN", "ZZZ*1 MAIN"))
    told = explain(claim, 10)
    assert told.name == ""
    show_explanation(told, Console(width=100), show_values=False)
    shown = capsys.readouterr().out
    assert "the guide has no place for it here" in shown
    assert "G411" in shown


def test_the_envelope_is_explained_too(claim):
    assert explain(claim, 1).name == "Interchange Control Header"
    assert element(explain(claim, 1), "ISA16").value == ":"
    assert explain(claim, 2).name == "Functional Group Header"
    assert explain(claim, 3).name == "Transaction Set Header"
    assert explain(claim, 27).name == "Interchange Control Trailer"


def test_a_number_behind_the_last_segment_is_a_clear_error(claim):
    with pytest.raises(NoSuchSegment, match="has 27 segments, so segment 28 does not exist"):
        explain(claim, 28)


def test_it_is_printed_as_a_table(claim, capsys):
    show_explanation(explain(claim, 23), Console(width=120), show_values=False)
    shown = capsys.readouterr().out
    assert "a.837:23: SV1, Professional Service" in shown
    assert "2400 Service Line" in shown
    assert "SV101-2" in shown
    assert "99213" in shown
