"""Elements of a segment: judged as pyx12 judges them, and at once where an expression can say yes."""

import random
import re
from functools import cache

import pytest
from pyx12.codes import ExternalCodes
from pyx12.map_if import load_map_file
from pyx12.params import ParamsBase
from pyx12.segment import Segment

from claimloop.edi.guides.elements import Dialect, faults
from claimloop.edi.guides.moves import Automaton, segments_of
from claimloop.edi.guides.patterns import segment_test
from claimloop.edi.guides.structure import Composite, Element, SyntaxNote
from claimloop.edi.guides.structure import Segment as GuideSegment
from claimloop.edi.guides.transcribe import map_index, transcribe
from claimloop.edi.syntax.delimiters import Delimiters

FILES = sorted({file for *_, file in map_index()})
SIGNS = Delimiters()
# pyx12's codes for what our codes say; G433 is the surplus component that pyx12 takes for a wrong character.
IK4 = {"G421": "1", "G422": "2", "G423": "3", "G424": "4", "G425": "5", "G426": "6", "G427": "7", "G428": "8",
       "G429": "9", "G430": "10", "G431": "10", "G433": "6", "G434": "6", "G435": "7", "G436": "7"}  # fmt: skip
ODD = ["", " ", "A ", "A", "ABC", "X" * 90, "1", "-1", "1.5", ".", "12345678901234567890", "20240229", "20230229"]
ODD += ["20240101-20240131", "1200", "2500", "D8", "RD8", "\x07", "é", "^", "A^B", "HC", "US", "IL", "00", "20240101x"]


@cache
def external_codes():
    """pyx12's copies of the lists that others keep; ours have more codes."""
    return {name: codes["codes"] for name, codes in ExternalCodes().codes.items()}


@cache
def nodes(file):
    """pyx12's segment nodes of a map, in the order of ours; composites of 4010 have no name of their own there."""
    found = [node for node in load_map_file(file, ParamsBase()).loop_segment_iterator() if node.is_segment()]
    for node in found:
        for child in node.children:
            child.refdes = child.refdes or f"{node.id}{child.seq:02d}"
    return [node for node in found if node.id != "ISA"]


def places(file):
    """ISA is left out: its elements are never cut into components, and the maps of 4010 and 5010 agree on it."""
    return [place for place in segments_of(Automaton(transcribe(file)).root) if place.segment.id != "ISA"]


def value(element, chance):
    """A value that is often right, sometimes odd."""
    if chance.random() < 0.15:
        return chance.choice(ODD)
    if element.usage == "N" or (element.usage == "S" and chance.random() < 0.4):
        return ""
    if element.codes and chance.random() < 0.95:
        return chance.choice(element.codes)
    if element.code_list:
        return chance.choice(sorted(external_codes()[element.code_list]))
    length = min(element.shortest + chance.choice((0, 0, 1, 2)), element.longest)
    match element.type:
        case "DT":
            return "20240131"
        case "TM":
            return "1200"
        case "AN" | "ID":
            return chance.choice(("20240131", "20240131-20240229", "A" * length, "1" * length))
        case _:
            return chance.choice(("1" * length, "-" + "1" * length, "1.25", "0"))


def written(segment, chance):
    """The elements of a segment with all kinds of faults, also none."""
    texts = [segment.id]
    for place in segment.elements:
        if isinstance(place, Composite):
            parts = [value(part, chance) for part in place.components]
            if chance.random() < 0.3 and place.usage != "R":
                parts = []
            texts.append(":".join(parts).rstrip(":") if chance.random() < 0.9 else ":".join(parts))
        else:
            texts.append(value(place, chance) + (":A" if chance.random() < 0.005 else ""))
    if chance.random() < 0.03:
        texts.append("X")
    if chance.random() < 0.3:
        del texts[chance.randrange(1, len(texts)) :]
    while len(texts) > 2 and not texts[-1] and chance.random() < 0.95:
        texts.pop()
    return texts


def ours(segment, texts, version):
    found = list(faults(segment, texts, Dialect(SIGNS, version, external_codes())))
    return {(fault.element, IK4[fault.code]) for fault in found}, found


def theirs(node, texts):
    said = set()
    for error in node.is_valid_errors(Segment("*".join(texts), "~", "*", ":"))[1]:
        place = error.map_node
        if place is None:  # a composite that is missing (1) or not used (5), surplus elements (3), a syntax note
            number = re.sub(r"\D", "", str(error.refdes).removeprefix(node.id))
            said.add((f"{node.id}{int(number):02d}", "10" if error.err_cde == "5" else error.err_cde))
        elif place.parent.is_composite():
            said.add((f"{node.id}{place.parent.seq:02d}-{place.seq}", error.err_cde))
        else:
            said.add((f"{node.id}{place.seq:02d}", error.err_cde))
    return said


def pyx12_dies_of(segment, texts):
    """Surplus components, a period with two dashes."""
    surplus = any(
        isinstance(place, Composite)
        and place.position < len(texts)
        and texts[place.position].count(":") >= max(len(place.components), 1)
        for place in segment.elements
    )
    return surplus or any(text.count("-") > 1 for text in texts)


def repeats(segment):
    parts = [part for place in segment.elements for part in getattr(place, "components", ())]
    return any(place.repeats > 1 for place in (*segment.elements, *parts))


@pytest.mark.parametrize("file", FILES)
def test_elements_are_judged_as_pyx12_judges_them(file):
    version, chance, compared = transcribe(file).interchange_version, random.Random(file), 0
    for place, node in zip(places(file), nodes(file), strict=True):
        for _ in range(25):
            texts = written(place.segment, chance)
            if pyx12_dies_of(place.segment, texts) or (repeats(place.segment) and "^" in "".join(texts)):
                continue
            said, found = ours(place.segment, texts, version)
            assert said == theirs(node, texts), (place.segment.path, texts, found)
            compared += 1
    assert compared > 100


@pytest.mark.parametrize("file", FILES)
@pytest.mark.parametrize(
    "signs", [SIGNS, Delimiters("|", ">", "", "\n"), Delimiters("&", "A", "B", "'"), Delimiters("*", "-", "^", "~")]
)
def test_what_an_expression_accepts_has_no_fault(file, signs):
    version, chance = transcribe(file).interchange_version, random.Random(f"{file}{signs}")
    accepted = judged = 0
    for place in places(file):
        test = segment_test(place.segment, signs, version, external_codes())
        if test is None:
            continue
        for _ in range(40):
            texts = [text.replace(":", signs.component) for text in written(place.segment, chance)]
            judged += 1
            short = test.elements + 1 - len(texts)
            if short < 0 or any(signs.element in text or signs.segment in text for text in texts):
                continue
            match = test.matches.fullmatch(signs.element.join(texts) + signs.element * short)
            if match is None or any(match[group] not in codes for group, codes in test.lookups if match[group]):
                continue
            at = place.segment.qualified_by
            if at and at[1] == 0 and texts[at[0]] not in place.segment.qualifiers:
                continue  # the move would not have led here
            accepted += 1
            assert list(faults(place.segment, texts, Dialect(signs, version, external_codes()))) == [], texts
    assert signs != SIGNS or accepted > judged / 20


def note(kind, *positions):
    return GuideSegment(
        "TST", "Test", "S", 10, 1,
        tuple(Element(at, f"E{at}", "1", "S", "AN", 1, 5) for at in range(1, 5)),
        (SyntaxNote(kind, positions),),
    )  # fmt: skip


@pytest.mark.parametrize("kind", ["P", "R", "E", "C", "L"])
@pytest.mark.parametrize("positions", [(1, 2), (2, 1), (1, 2, 3), (4, 1), (3, 4, 1, 2), (2, 4)])
def test_a_syntax_note_is_the_same_in_words_and_as_an_expression(kind, positions):
    segment = note(kind, *positions)
    test = segment_test(segment, SIGNS, "00501", {})
    assert test is not None
    for given in range(16):
        texts = ["TST", *("x" if given >> place & 1 else "" for place in range(4))]
        wrong = list(faults(segment, texts, Dialect(SIGNS, "00501", {})))
        assert (test.matches.fullmatch("*".join(texts)) is not None) == (not wrong), texts


def test_nearly_every_segment_of_the_great_guides_has_an_expression():
    for file in ("837.5010.X222.A1.xml", "835.5010.X221.A1.xml", "277.5010.X214.xml", "999.5010X231.A1.xml"):
        without = {
            place.segment.id
            for place in places(file)
            if segment_test(place.segment, SIGNS, "00501", external_codes()) is None
        }
        assert without <= {"ISA", "TA1", "REF"}, file  # REF*SY has a shape of its own


def test_repetitions_are_judged_one_by_one():
    element = Element(1, "Codes", "1", "S", "ID", 1, 2, codes=("A", "B"), repeats=3)
    segment = GuideSegment("TST", "Test", "S", 10, 1, (element,))
    dialect = Dialect(SIGNS, "00501", {})
    assert list(faults(segment, ["TST", "A^B^A"], dialect)) == []
    assert [fault.value for fault in faults(segment, ["TST", "A^C"], dialect)] == ["C"]
    assert [fault.value for fault in faults(segment, ["TST", "A^A^A^A"], dialect)] == ["A^A", "A^A"]
