"""The automaton takes every step that pyx12's walker takes, and misses what the walker misses."""

import random

import pytest
from pyx12.map_if import load_map_file
from pyx12.map_walker import walk_tree
from pyx12.params import ParamsBase
from pyx12.segment import Segment

from claimloop.edi.guides.moves import Automaton, Fork, segments_of
from claimloop.edi.guides.transcribe import map_index, transcribe
from claimloop.edi.syntax.envelope import ENVELOPE_SEGMENTS

GROUP, SET = "/ISA_LOOP/GS_LOOP", "/ISA_LOOP/GS_LOOP/ST_LOOP"
FILES = sorted({file for *_, file in map_index()})


def walk(automaton, texts):
    """Our path through the guide: for each segment its place (or None), what was missing, what came too often."""
    here = automaton.segment("ISA_LOOP", "GS_LOOP", "ST_LOOP", "ST")
    counts = [0] * automaton.counters
    counts[here.counter] = 1
    for loop in here.loop.path:
        counts[loop.counter] = 1
    for text in texts:
        elements = text.split("*")
        step = automaton.move(here, elements, ":")
        if step is None:
            yield None, {"not found"}
            continue
        said: set[object] = set()
        for counter, place, loop in step.known.missing:
            if not counts[counter] and place.segment.id not in ENVELOPE_SEGMENTS:
                said.add(("missing", loop.loop.id if loop else place.segment.path))
        if step.blank:
            counts[step.clear_from : step.clear_from + len(step.blank)] = step.blank
        counts[step.raised] += 1
        if counts[step.raised] > step.most:
            said.add(("too many", step.known.loop.loop.id if step.known.loop else step.place.segment.path))
        if step.known.forbidden:
            said.add("not used")
        here = step.place
        yield here.segment.path, said


def walk_with_pyx12(root, texts):
    """pyx12's path through the same guide, in the same words."""
    walker = walk_tree()
    walker.forceWalkCounterToLoopStart("/ISA_LOOP", "/ISA_LOOP/ISA")
    walker.forceWalkCounterToLoopStart(GROUP, f"{GROUP}/GS")
    walker.forceWalkCounterToLoopStart(SET, f"{SET}/ST")
    here = root.getnodebypath(f"{SET}/ST")
    for number, text in enumerate(texts):
        node, _, _, errors = walker.walk_errors(here, Segment(text, "~", "*", ":"), number, number, None)
        said: set[object] = set()
        for error in errors:
            place = error.map_node
            if error.err_cde == "1":
                said.add("not found")
            elif error.err_cde == "2":
                said.add("not used")
            elif error.err_cde == "3" and place.id not in ENVELOPE_SEGMENTS:
                whole = error.err_str.startswith("Mandatory loop")
                said.add(("missing", place.parent.id if whole else place.get_path()))
            elif error.err_cde in ("4", "5"):
                said.add(("too many", place.get_path() if place.is_segment() else place.id))
        here = node or here
        yield node.get_path() if node else None, said


def journeys(automaton, chance, length):
    """Segments of the guide: mostly in its order, with repeats, omissions, strangers and jumps."""
    places = [place for place in segments_of(automaton.root) if place.segment.id not in ENVELOPE_SEGMENTS]
    position = 0
    for _ in range(length):
        roll = chance.random()
        if roll < 0.75:
            position += chance.choice((0, 1, 1, 1, 2, 3))
        elif roll < 0.95:
            position = chance.randrange(len(places))
        else:
            yield "ZZZ*1"
        position %= len(places)
        yield written(places[position].segment, chance)


def written(segment, chance):
    if segment.qualified_by is None:
        return f"{segment.id}*1*2"
    element, component = segment.qualified_by
    code = chance.choice((*segment.qualifiers, "??")) if chance.random() < 0.2 else segment.qualifiers[0]
    return segment.id + "*" * element + code + (":1" if component else "")


@pytest.mark.parametrize("file", FILES)
def test_every_journey_is_the_one_of_pyx12(file):
    root, automaton = load_map_file(file, ParamsBase()), Automaton(transcribe(file))
    for seed in range(12):
        texts = list(journeys(automaton, random.Random(seed), 150))
        ours, theirs = walk(automaton, texts), walk_with_pyx12(root, texts)
        for number, (text, our, their) in enumerate(zip(texts, ours, theirs, strict=True)):
            assert our == their, (seed, number, text)


def test_a_move_is_worked_out_once():
    automaton = Automaton(transcribe("835.5010.X221.A1.xml"))
    start = automaton.segment("ISA_LOOP", "GS_LOOP", "ST_LOOP", "ST")
    first = automaton.move(start, ["BPR", "I"], ":")
    fork = start.moves["BPR"]
    assert isinstance(fork, Fork)
    assert fork.steps["I"] is first


def test_codes_that_the_guide_does_not_have_are_not_kept():
    automaton = Automaton(transcribe("835.5010.X221.A1.xml"))
    start = automaton.segment("ISA_LOOP", "GS_LOOP", "ST_LOOP", "ST")
    for number in range(100):
        assert automaton.move(start, ["REF", str(number)], ":") is None
        assert automaton.move(start, [f"Z{number}"], ":") is None
    assert start.moves == {}


def test_the_loop_of_a_segment_is_the_guides_own():
    automaton = Automaton(transcribe("837.5010.X222.A1.xml"))
    place = automaton.segment("ISA_LOOP", "GS_LOOP", "ST_LOOP", "HEADER", "1000A", "NM1")
    assert place.loop_id == "1000A"
    assert [loop.loop.id for loop in place.loop.path] == ["ISA_LOOP", "GS_LOOP", "ST_LOOP", "HEADER", "1000A"]
    assert automaton.segment("ISA_LOOP", "GS_LOOP", "ST_LOOP", "HEADER", "BHT").loop_id == ""


def test_a_place_that_the_guide_does_not_have_is_no_place():
    automaton = Automaton(transcribe("835.5010.X221.A1.xml"))
    with pytest.raises(KeyError):
        automaton.find("ISA_LOOP", "NOWHERE")
    with pytest.raises(KeyError):
        automaton.segment("ISA_LOOP", "GS_LOOP")
