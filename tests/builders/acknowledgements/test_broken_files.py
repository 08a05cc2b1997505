"""However a file is broken, its answer is valid, says no where there is an error, and points at the place."""

from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from claimloop.builders.acknowledgements.acknowledge import acknowledge
from claimloop.edi.diagnostics import Diagnostic, NotX12
from claimloop.edi.guides import pyx12_opinion
from claimloop.edi.syntax.delimiters import read_delimiters
from claimloop.edi.validate import validate

SAMPLES = Path(__file__).parents[2] / "data"
MOMENT = datetime(2026, 11, 23, 9, 30)
ENVELOPE = ("ISA", "GS", "ST", "SE", "GE", "IEA")
ODD = ("", " ", "X" * 90, "\x01", "É", "A:B:C:D:E:F:G:H", "^", "0", "-1", "12", "999", "ABCDE", "000000000")


def cut(text):
    """The delimiters of a file and its segments, each a list of elements."""
    signs = read_delimiters(text)
    segments = (segment.strip("\r\n") for segment in text.split(signs.segment))
    return signs, [segment.split(signs.element) for segment in segments if segment]


def joined(signs, segments):
    return "".join(signs.element.join(segment) + signs.segment for segment in segments)


GOOD = {  # samples without an error
    name: cut((SAMPLES / name).read_text(encoding="utf-8-sig"))
    for name in (
        "835__badx12__x221-multiple-claims-single-check.x12",
        "835__nifi-emedny__pharmacy-5010.x12",
        "835__pyx12__835id.x12",  # 4010
        "837P__ediworkbench__tree-two-transactions.x12",
        "837P__badx12__x222-cob-claim-from-billing-provider-to-payer-b.x12",
        "837P__lfh__demo-drug-example10-3.x12",
        "other/837P__moov__sample.x12",
    )
}
anything = st.one_of(st.sampled_from(ODD), st.text(st.characters(max_codepoint=0x17F), max_size=12))


@st.composite
def broken(draw):
    """A sample after one to three of: a segment lost, sent twice, out of place or unknown, or an element changed."""
    signs, segments = GOOD[draw(st.sampled_from(sorted(GOOD)))]
    segments = [list(segment) for segment in segments]
    for _ in range(draw(st.integers(1, 3))):
        of_envelope = [at for at, segment in enumerate(segments) if segment[0] in ENVELOPE]
        at = draw(st.one_of(st.sampled_from(of_envelope), st.integers(0, len(segments) - 1)))
        match draw(st.sampled_from(("lose", "repeat", "move", "add", "change", "change", "change"))):
            case "lose" if at > 0:
                del segments[at]
            case "repeat":
                segments.insert(at, list(segments[at]))
            case "move" if at > 0:
                segments.insert(draw(st.integers(1, len(segments) - 1)), segments.pop(at))
            case "add":
                segments.insert(at + 1, [draw(st.sampled_from(("ZZZ", "N3", "SE", "GE", "TA1"))), draw(anything)])
            case _ if len(segments[at]) > 1:
                segments[at][draw(st.integers(1, len(segments[at]) - 1))] = draw(anything)
    return joined(signs, segments)


def answered(text, folder):
    """What is said about a file, and the errors in it that a 999 tells."""
    path = Path(folder, "in.x12")
    path.write_text(text)
    found: list[Diagnostic] = []
    said = acknowledge(path, 1, MOMENT, found.append)
    return said, [each for each in found if each.severity == "error" and not each.code.startswith("S")]


def verdict_on(text, folder):
    path = Path(folder, "out.x12")
    path.write_text(text)
    found: list[Diagnostic] = []
    validate(path, found.append)
    return [str(each) for each in found], pyx12_opinion(path)


@settings(max_examples=150)
@given(broken())
def test_the_answer_to_any_broken_file_is_valid_and_accepts_no_error(text):
    with TemporaryDirectory() as folder:
        try:
            said, errors = answered(text, folder)
        except NotX12:
            return
        assert said.accepted == (not errors)
        for answer in filter(None, (said.ta1, said.implementation, said.functional)):
            assert verdict_on(answer, folder) == ([], "accepts")


@st.composite
def with_a_bad_element(draw):
    """A good sample with a character that no element may hold; which segment of which set, and which element."""
    name = draw(st.sampled_from(sorted(GOOD)))
    signs, segments = GOOD[name]
    segments = [list(segment) for segment in segments]
    inside = [at for at, segment in enumerate(segments) if segment[0] not in ENVELOPE and any(segment[1:])]
    at = draw(st.sampled_from(inside))
    element = draw(st.sampled_from([place for place, text in enumerate(segments[at]) if place and text]))
    parts = segments[at][element].split(signs.component)
    part = draw(st.sampled_from([place for place, text in enumerate(parts) if text]))
    parts[part] += "\x01"
    segments[at][element] = signs.component.join(parts)
    begins = max(place for place in range(at) if segments[place][0] == "ST")
    return joined(signs, segments), segments[at][0], at - begins + 1, element


@settings(max_examples=150)
@given(with_a_bad_element())
def test_a_bad_element_is_told_where_it_stands(made):
    text, tag, position, element = made
    with TemporaryDirectory() as folder:
        said, _ = answered(text, folder)
    signs, segments = cut(said.implementation or said.functional)
    notes: list[tuple[str, str, list[str]]] = []
    for segment in segments:
        if segment[0] in ("IK3", "AK3"):
            notes.append((f"{segment[1]} {segment[2]}", segment[4], []))
        elif segment[0] in ("IK4", "AK4"):
            notes[-1][2].append(segment[1].split(signs.component)[0])
    here = [(code, elements) for place, code, elements in notes if place == f"{tag} {position}"]
    in_elements = [place for code, elements in here if code == "8" for place in elements]
    # A bad qualifier makes the segment one that is not expected here; what it was to be may be missing then.
    assert str(element) in in_elements or any(code == "2" for code, _ in here)
