"""Overlays: a partner's rules and our corrections, as changes to a guide."""

import pytest

from claimloop.edi.diagnostics import Diagnostic
from claimloop.edi.guides import GuideCheck, Overlay, OverlayError, read_overlay
from claimloop.edi.guides.guides import guide_of, listed_maps
from claimloop.edi.guides.moves import Automaton
from claimloop.edi.guides.overlays import changed, corrections, parse_overlay
from claimloop.edi.guides.structure import UNLIMITED, Loop
from claimloop.edi.guides.transcribe import transcribe
from claimloop.edi.syntax.tokens import read_batches
from claimloop.tests.edi.guides.test_check import CLAIM

REASON = "the payer's companion guide says so"


def rule(at, change, guide="005010X222"):
    return f'[[change]]\nguide = "{guide}"\nat = "{at}"\nbecause = "{REASON}"\n{change}\n'


@pytest.fixture
def judged(tmp_path):
    def run(text, overlay):
        path = tmp_path / "a.837"
        path.write_text(text)
        found: list[Diagnostic] = []
        check = GuideCheck(found.append, overlay=parse_overlay(overlay))
        with path.open("rb") as stream:
            for batch in read_batches(stream, "a.837", lambda _: None):
                check.read_batch(batch)
        return [(str(each), each.hint) for each in found]

    return run


@pytest.mark.parametrize(
    ("at", "change", "finding"),
    [
        ("2010AA/PER", 'usage = "R"', "a.837:13: G413 error: required segment PER (Billing Provider Contact Information) is missing before this one  [2010AA]"),
        ("2010BA/DMG", 'usage = "N"', "a.837:18: G416 error: segment DMG or its loop is not used in this guide  [2010BA]"),
        ("2010AA/N3/N302", 'usage = "R"', "a.837:10: G421 error: Billing Provider Address Line is missing  [2010AA, N302]"),
        ("2300/CLM/CLM01", "longest = 1", "a.837:20: G425 error: Patient Control Number is too long  [2300, CLM01]  value •• (masked: 1 letter, 1 digit)"),
        ("2300/CLM/CLM05-3", 'codes = ["7"]', "a.837:20: G427 error: Claim Frequency Code is not one of the guide's codes  [2300, CLM05-3]  value '1'"),
        ("2010BA/NM1/NM109", 'shape = "^[0-9]"', "a.837:15: G436 error: Subscriber Primary Identifier does not have the required format  [2010BA, NM109]  value •• (masked: 1 letter, 1 digit)"),
        ("2310B", 'usage = "R"', "a.837:22: G417 error: required loop 2310B (Rendering Provider Name) is missing before this segment  [2310B]"),
    ],
)  # fmt: skip
def test_a_partner_may_ask_for_more_and_its_reason_is_the_hint(judged, at, change, finding):
    assert (finding, f"The {REASON[4:]}.") in judged(CLAIM, rule(at, change))


def test_what_the_overlay_does_not_touch_stays_as_it_is(judged):
    assert judged(CLAIM, rule("2310B", 'usage = "R"', guide="005010X221")) == []
    assert judged(CLAIM, "") == []


def test_a_code_of_several_can_be_taken_away_or_added(judged):
    assert judged(CLAIM.replace("SBR*P*", "SBR*Q*"), rule("2000B/SBR/SBR01", 'add = ["Q"]')) == []
    assert judged(CLAIM, rule("2000B/SBR/SBR01", 'remove = ["P"]')) != []


def test_codes_that_replace_an_external_list_are_the_only_ones(judged):
    """CLM05-1 is on the list of places of service; 11 is on it, too."""
    (found,) = judged(CLAIM, rule("2300/CLM/CLM05-1", 'codes = ["22"]'))
    assert "G427" in found[0]
    assert "CLM05-1" in found[0]
    assert judged(CLAIM, rule("2300/CLM/CLM05-1", 'codes = ["11"]')) == []
    with pytest.raises(OverlayError, match="remove has no effect on an external code list; use codes instead"):
        judged(CLAIM, rule("2300/CLM/CLM05-1", 'remove = ["11"]'))


def test_how_often_is_limited_and_freed(judged):
    twice = CLAIM.replace("N4*SPRINGFIELD*IL*627010001~\n", "N4*SPRINGFIELD*IL*627010001~\n" * 2)
    twice = twice.replace("SE*23", "SE*24")
    assert len(judged(twice, "")) == 1
    assert judged(twice, rule("2010AA/N4", "most = 0")) == []


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("[[change", "Expected"),
        ('[[change]]\nguide = "005010"\n', "missing required field `at`"),
        (rule("2010AA/REF", 'wish = "R"'), "unknown field `wish`"),
        (rule("2010AA/REF", 'usage = "X"'), "Invalid enum value 'X'"),
        (rule("2010-AA/N3", 'usage = "R"'), "have the form 2010AA/REF[EI]/REF02"),
        (rule("2010AA/N3/N401", 'usage = "R"'), "N401 is not an element of N3"),
        (rule("2010AA/N3/N301", 'shape = "["'), "shape is not a valid regular expression"),
    ],
)
def test_an_overlay_that_cannot_be_read_says_why(text, problem, tmp_path):
    path = tmp_path / "payer.toml"
    path.write_text(text)
    with pytest.raises(OverlayError) as caught:
        read_overlay(path)
    assert str(caught.value).startswith(f"{path}: ")
    assert problem in str(caught.value)


@pytest.mark.parametrize(
    ("at", "change", "problem"),
    [
        ("2010AA/XYZ", 'usage = "R"', "has no such place"),
        ("2010AA/N3/N4", 'usage = "R"', "has no such place"),
        ("2099", 'usage = "R"', "has no such place"),
        ("2010AA/REF[EI]", 'usage = "R"', "one segment of the guide covers EI, SY"),
        ("2010AA/N3", "longest = 3", "longest cannot be changed there"),
    ],
)
def test_an_overlay_that_does_not_fit_the_guide_says_where(judged, at, change, problem):
    with pytest.raises(OverlayError, match="2") as caught:
        judged(CLAIM, rule(at, change))
    assert problem in str(caught.value)


def test_every_correction_fits_its_guide_and_changes_it():
    overlay = parse_overlay(corrections())
    assert len(overlay.change) >= 5
    for change in overlay.change:
        names = {guide: file for _, guide, _, _, file in listed_maps() if guide.startswith(change.guide)}
        assert names, change.guide
        for name, file in names.items():
            before = transcribe(file)
            assert changed(before, name, Overlay(change=(change,))) != before, change.at
        assert len(change.because.split()) > 5


def test_two_provider_level_adjustments_are_no_second_footer():
    for file in ("835.5010.X221.A1.xml", "835.4010.X091.A1.xml"):
        footer = Automaton(guide_of(file)).find("ISA_LOOP", "GS_LOOP", "ST_LOOP", "FOOTER")
        assert isinstance(footer.loop, Loop)
        assert footer.loop.most == UNLIMITED
