"""Differences of parity that are rules: one side reports an error, the other does not, in files that both can read."""

from collections.abc import Iterator
from typing import Literal

from claimloop.benchmarks.parity_case import Case, Side
from claimloop.benchmarks.parity_explanation import CLAIM, Example, Explanation
from claimloop.benchmarks.parity_findings import Said
from claimloop.benchmarks.parity_stops import OF_ENVELOPES, behind
from claimloop.edi.guides.overlays import corrections, parse_overlay
from claimloop.edi.syntax.envelope import ENVELOPE_SEGMENTS

_NUMBERS = {"IK3:HL1", "IK3:HL2", "IK3:LX"}
_COUNTS = {"IK5:4": "SE", "AK9:5": "GE", "TA1:021": "IEA"}
_CONTROL_NUMBERS = {"IK5:3": "SE", "AK9:4": "GE", "TA1:001": "IEA"}
_OPENERS = {"SE": "ST", "GE": "GS", "IEA": "ISA"}
_INSIDE = {"ISA": "", "GS": "ISA", "ST": "GS"}
_NUMBER_OF = {"ISA": 13, "GS": 6, "ST": 2}
Place = Literal["inside", "outside", "nesting is broken"]


def places(case: Case) -> list[Place]:
    """Return the place of each segment: inside a set, outside, or at an envelope segment that does not nest."""
    found: list[Place] = []
    opened: list[str] = []
    for number in range(1, len(case.text.segments) + 1):
        tag = case.text.tag(number).strip()
        top = opened[-1] if opened else ""
        place: Place = "inside" if top == "ST" else "outside"
        if tag in _INSIDE:
            if top != _INSIDE[tag]:
                place = "nesting is broken"
            while opened and opened[-1] != _INSIDE[tag]:
                opened.pop()
            opened.append(tag)
        elif tag in _OPENERS:
            if top == _OPENERS[tag]:
                opened.pop()
            else:
                place = "nesting is broken"
                if _OPENERS[tag] in opened:
                    del opened[opened.index(_OPENERS[tag]) :]
        found.append(place)
    if opened:
        found[-1] = "nesting is broken"
    return found


def _broken_nesting(case: Case) -> Iterator[tuple[Side, Said]]:
    """Explain envelope findings, findings at envelope segments, and pyx12's exceptions there, in a file that does not
    nest.

    After the first such place pyx12 may not find whole sets, so findings about segments that it did not find count,
    too.
    """
    where = places(case)
    if "nesting is broken" not in where:
        return
    broken = where.index("nesting is broken") + 1
    ends = [said for said in case.only("stopped") if said.code in ("IndexError", "AttributeError")]
    ends = [said for said in ends if case.text.tag(said.number).strip() in ENVELOPE_SEGMENTS]
    for said in ends:
        yield "stopped", said
        yield from behind(case, said.number)
    for side in ("pyx12", "ours"):
        for said in case.only(side):
            lost = said.number >= broken and _is_lost(case, said.number)
            at_envelope = said.code.startswith("IK3:") and case.text.tag(said.number).strip() in ENVELOPE_SEGMENTS
            if said.code.startswith(OF_ENVELOPES) or at_envelope or lost:
                yield side, said


def _is_lost(case: Case, number: int) -> bool:
    return "not found" in case.their_texts(Said(number, "", "IK3:1"))


def _outside_sets(case: Case) -> Iterator[tuple[Side, Said]]:
    """Explain that pyx12 reports each segment between sets as not found, and we report once that there are such
    segments.
    """
    where = places(case)
    for said in case.only("pyx12"):
        known = said.code in _NUMBERS or (said.code == "IK3:1" and "not found" in case.their_texts(said))
        outside = 0 < said.number <= len(where) and where[said.number - 1] == "outside"
        if known and outside and case.text.tag(said.number).strip() not in ENVELOPE_SEGMENTS:
            yield "pyx12", said
    for said in case.only("ours"):
        if "X120" in case.our_codes(said):
            yield "ours", said


def _set_of_another_kind(case: Case) -> Iterator[tuple[Side, Said]]:
    for said in case.ours.said:
        if said.code != "IK5:1" or "G403" not in case.our_codes(said):
            continue
        yield "ours", said
        end = next((n for n in range(said.number, len(case.text.segments) + 1) if case.text.tag(n) == "SE"), 0)
        for theirs in case.only("pyx12"):
            of_set = theirs.code.startswith(("IK3:", "IK4:")) and said.number <= theirs.number <= (end or theirs.number)
            if of_set or (theirs.element == "ST_LOOP" and case.text.tag(theirs.number) == "GE"):
                yield "pyx12", theirs


def _no_set(case: Case) -> Iterator[tuple[Side, Said]]:
    """Explain that pyx12 drops an error, or stops, before it has found a set to add the error to."""
    kinds = {said.number for said in case.ours.said if said.code == "IK5:1"}
    sets = [n for n in range(1, len(case.text.segments) + 1) if case.text.tag(n) == "ST" and n not in kinds]
    first = next((n for n in sets if not _is_lost(case, n)), len(case.text.segments) + 1)
    for said in case.only("stopped"):
        if said.code == "AttributeError" and said.number <= first:
            yield "stopped", said
            yield from behind(case, said.number)
    if all(said.number < first and said.code.startswith("IK3:") for said in case.theirs.said):
        yield "uncounted", Said(0, "", "pyx12 accepts")


def _interchange_acknowledged(case: Case) -> Iterator[tuple[Side, Said]]:
    """Explain an interchange of acknowledgements (TA1), which has no group and needs none. It may have several."""
    for said in case.only("pyx12"):
        tag = case.text.tag(said.number)
        no_group = said.code == "IK3:3" and said.element == "GS_LOOP" and tag in ("TA1", "IEA")
        anywhere = tag == "TA1" and said.code == "IK3:1" and _is_lost(case, said.number)
        if anywhere:
            yield from (("ours", ours) for ours in case.only("ours") if ours.number == said.number)
        if no_group or anywhere or (said.code == "IK3:5" and said.element == tag == "TA1"):
            yield "pyx12", said


def _forgotten_levels(case: Case) -> Iterator[tuple[Side, Said]]:
    """Explain HL2 of pyx12 after another HL2 of the same set."""
    wrong = sorted(said.number for said in case.theirs.said if said.code == "IK3:HL2")
    for said in case.only("pyx12"):
        start = case.text.header(said.number, "ST")
        if said.code == "IK3:HL2" and any(start < number < said.number for number in wrong):
            yield "pyx12", said


def _loose_numbers(case: Case) -> Iterator[tuple[Side, Said]]:
    """Explain numbers and counts that pyx12 accepts as the expected ones, although they are written differently."""
    for said in case.only("ours"):
        loose = said.code == "IK3:8" and said.element in ("HL01", "HL02", "LX01")
        loose = loose and _is_loose(case, said.number, int(said.element[-1]))
        loose = loose or any(_is_loose(case, number, 1) for number in _trailers(case, said, _COUNTS))
        if loose or any(_same_number(case, said, number) for number in _trailers(case, said, _CONTROL_NUMBERS)):
            yield "ours", said
    for said in case.only("pyx12"):
        if said.code == "TA1:001":
            opened = case.text.element(said.number, 13)
            closed = [case.text.element(number, 2) for number in _trailers(case, said, _CONTROL_NUMBERS)]
            if any(each != opened and each.strip() == opened.strip() for each in closed):
                yield "pyx12", said


def _trailers(case: Case, said: Said, codes: dict[str, str]) -> list[int]:
    """Return the trailers that follow the header of a finding."""
    numbers = range(said.number, len(case.text.segments) + 1) if said.code in codes else ()
    return [number for number in numbers if case.text.tag(number) == codes[said.code]]


def _same_number(case: Case, said: Said, trailer: int) -> bool:
    """Return True where header and trailer have the same number, without empty components after it."""
    component = case.text.delimiters[trailer - 1].component
    opened = case.text.element(said.number, _NUMBER_OF[case.text.tag(said.number)])
    closed = case.text.element(trailer, 2)
    return bool(component) and opened.rstrip(component) == closed.rstrip(component)


def _is_loose(case: Case, number: int, position: int) -> bool:
    value = case.text.element(number, position)
    digits = value.rstrip(case.text.delimiters[number - 1].component).strip().removeprefix("+")
    return digits != value and digits.isascii() and digits.isdigit()


def _number_out_of_place(case: Case) -> Iterator[tuple[Side, Said]]:
    for said in case.only("pyx12"):
        if said.code in _NUMBERS and _is_lost(case, said.number):
            yield "pyx12", said


def _malformed_id(case: Case) -> Iterator[tuple[Side, Said]]:
    """Explain pyx12's further findings for a segment whose id is malformed (our X124) or in lowercase (X104)."""
    for said in case.only("pyx12"):
        if "X124" in case.our_codes(Said(said.number, "", "IK3:1")) and said.code == "IK3:8":
            yield "pyx12", said
    for said in case.only("weight"):
        if said.code == "IK3:1" and "X104" in case.our_codes(said) and "is invalid" in case.their_texts(said):
            yield "weight", said


def _corrected_map(case: Case) -> Iterator[tuple[Side, Said]]:
    """Explain pyx12's findings where our corrections of its maps allow more: repeats, and codes."""
    for said in case.only("pyx12"):
        guide = case.text.element(case.text.header(said.number, "GS"), 8)
        tag, _, position = said.element.partition("-")
        value = case.text.element(said.number, int(tag[-2:])) if tag[-2:].isdigit() else ""
        separator = case.text.delimiters[said.number - 1].component if said.number else ""
        value = value.split(separator)[int(position) - 1] if position and separator else value
        for change in parse_overlay(corrections()).change:
            here = guide.startswith(change.guide) and change.at.rpartition("/")[2] == said.element
            repeats = said.code in ("IK3:4", "IK3:5") and change.most is not None
            codes = said.code == "IK4:7" and value in change.add
            if here and (repeats or codes):
                yield "pyx12", said


RULES = (
    Explanation(
        "envelopes that do not nest",
        "better rule",
        "A header or trailer is missing, repeated or in the wrong order. pyx12 removes everything from its stack that "
        "the next trailer closes, so that one missing SE becomes an unterminated group, two mismatched trailers and "
        "wrong counts. At a surplus trailer it stops with an IndexError or an AttributeError. We report the missing or "
        "surplus segment (X110, X113, X118, X119) and continue.",
        _broken_nesting,
        Example("SE*23*0001~\n", ""),
    ),
    Explanation(
        "segments outside any set",
        "better rule",
        "pyx12 reports every segment between SE and the next header as not found. We report once, at the first, that "
        "there are segments outside any set (X120, IK304 = 2).",
        _outside_sets,
        Example("GE*1*1~", "REF*EI*1~\nN3*1~\nGE*1*1~"),
    ),
    Explanation(
        "a set of another kind than its group",
        "pyx12 defect",
        "Where ST01 is not the set of the group's guide, pyx12 does not find the ST, then none of the segments of the "
        "set, and no set in the group. We report IK502 = 1, transaction set not supported, and do not check the "
        "set. The same applies where components after the code (835::), which pyx12 ignores, make it another code.",
        _set_of_another_kind,
        Example("ST*837*0001", "ST*835*0001"),
    ),
    Explanation(
        "errors before the first set",
        "pyx12 defect",
        "pyx12 adds its errors to the open set. Before the first set, it drops an error of a segment, so that it "
        "accepts the file with errors. At an error of an element, a trailer or a set it stops with an AttributeError.",
        _no_set,
        Example("GS*HC*", "REF*EI*1~\nGS*HC*"),
    ),
    Explanation(
        "acknowledgements of interchanges",
        "pyx12 defect",
        "An interchange that acknowledges others holds TA1 segments and no group. pyx12 reports the group as missing "
        "at each of its segments, and a second TA1 as surplus (pyx12 issue 160). It does not find one after a group or "
        "an IEA. We read a TA1 in any place.",
        _interchange_acknowledged,
        Example(CLAIM[CLAIM.index("GS*") : CLAIM.index("*000000001~")], "TA1*000000007*240101*1200*A*000~\nIEA*0"),
    ),
    Explanation(
        "mistakes of a map",
        "pyx12 defect",
        "pyx12's maps are transcriptions, with mistakes. An overlay (edi/guides/corrections.toml) corrects ours. The "
        "corrections and their reasons are listed at the end of this page.",
        _corrected_map,
        Example("DTP*472", "PWK*CT*AD~\nDTP*472"),
    ),
    Explanation(
        "levels lost after a wrong HL02",
        "pyx12 defect",
        "Looking for the parent that a wrong HL02 names, pyx12 takes every open level off its stack. Every later HL "
        "of the set whose parent is right is then reported as well.",
        _forgotten_levels,
        Example(
            "HL*2*1*22*0~",
            "HL*2*9*22*0~\nSBR*P*18*******CI~\nNM1*IL*1*ROE*ANN****MI*M2~\nNM1*PR*2*EXAMPLE PAYER*****PI*99999~\n"
            "HL*3*1*22*0~",
        ),
    ),
    Explanation(
        "numbers with blanks, signs or empty components",
        "better rule",
        "pyx12 reads HL01, HL02, SE01, GE01 and IEA01 as Python reads whole numbers, so that a blank or a plus does "
        "not matter, and LX01 and control numbers without their empty components. These are not the expected "
        "number, and a receiver that compares text will not accept them. Blanks around IEA02, which is compared with "
        "an ISA13 of fixed width, are padding for us, and another number for pyx12.",
        _loose_numbers,
        Example("HL*2*1*22*0~", "HL* 2*1*22*0~"),
    ),
    Explanation(
        "the number of an HL or LX out of place",
        "better rule",
        "We report one finding for a segment that has no place in the guide. pyx12 also checks the number of an HL or "
        "LX without a place.",
        _number_out_of_place,
        Example("LX*1~", "LX*1~\nHI*ABK:L700~\nHL*9*9*99*0~"),
    ),
    Explanation(
        "malformed segment ids",
        "better rule",
        "We report one finding (X124) for a segment that does not begin with a segment id. pyx12 adds that it is empty "
        "when there are no elements. An id in lowercase is a warning (X104) in addition to the finding that it has "
        "no place.",
        _malformed_id,
        Example("LX*1~", "JOHN DOE~\nLX*1~"),
    ),
)
