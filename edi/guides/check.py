"""Check every segment of a set against its guide: its place, and its elements in that place."""

from bisect import bisect_left
from collections.abc import Callable
from functools import lru_cache
from typing import Final

import msgspec

from claimloop.edi.diagnostics import Diagnostic, Report, diagnose, mask
from claimloop.edi.guides.elements import Dialect, faults
from claimloop.edi.guides.guides import external_lists, guide_of
from claimloop.edi.guides.maps import GuideMap, find_map
from claimloop.edi.guides.moves import Automaton, Fork, LoopPlace, Move, SegmentPlace
from claimloop.edi.guides.overlays import Overlay
from claimloop.edi.guides.patterns import segment_test
from claimloop.edi.guides.structure import Guide
from claimloop.edi.syntax.delimiters import Delimiters
from claimloop.edi.syntax.envelope import ENVELOPE_SEGMENTS, shown
from claimloop.edi.syntax.tokens import Batch

Follow = Callable[[SegmentPlace, list[str], Batch, int], None]

_CONTROL_PATHS = {
    "ISA": ("ISA_LOOP", "ISA"),
    "TA1": ("ISA_LOOP", "TA1"),
    "IEA": ("ISA_LOOP", "IEA"),
    "GS": ("ISA_LOOP", "GS_LOOP", "GS"),
    "GE": ("ISA_LOOP", "GS_LOOP", "GE"),
}
_HEADERS: Final = frozenset((*_CONTROL_PATHS, "ST"))
_SET = ("ISA_LOOP", "GS_LOOP", "ST_LOOP", "ST")
_REPORTED_ELSEWHERE = {
    ("GS08", "G427"),  # G401 is reported at the set
    *((f"ISA{position:02d}", code) for position in range(1, 17) for code in ("G424", "G425")),  # X122 reports these
    ("ISA11", "G426"),  # ISA11 and ISA16 are delimiters, not data
    ("ISA16", "G426"),
}
_NUMBERED: Final = frozenset(("BHT", "HL", "CLM", "LX", "SE"))
"""Segments that need another check besides their place and their elements."""

_WORTH_A_TEST: Final = 6
"""The number of times a segment is checked element by element before its test is built. Small files never build one."""

_AUTOMATA_KEPT = 32


class GuideCheck:
    """Read the segments of a file in order and report what their guide does not allow.

    `passed` becomes False at the first error, and at a set that has no guide to check it. `follow` is called for every
    segment that has a place in the guide, with the place (`place.loop_id` is "2010AA", empty outside loops), its
    elements with the segment id first, its batch and its number. It is not called for the envelope outside of sets
    (ISA, GS, GE, IEA, TA1). `overlay` holds a trading partner's own rules. If they do not fit the guide of a set, the
    first segment of that set raises OverlayError.
    """

    def __init__(self, report: Report, follow: Follow | None = None, overlay: Overlay | None = None) -> None:
        self.passed = True
        self._report = report
        self._follow = follow
        self._overlay = overlay
        self._interchange_version = self._functional_id = self._group_guide = ""
        self._guide: GuideMap | None = None
        self._automaton: Automaton | None = None
        self._dialect = Dialect(Delimiters(), "", {})
        self._here: SegmentPlace | None = None  # None outside a set that is being checked
        self._counts: list[int] = []
        self._levels: list[int] = []
        self._hl = self._lx = 0
        self._reported: set[tuple[str, ...]] = set()

    def read_batch(self, batch: Batch) -> None:
        """Read the segments of a batch."""
        segments = batch.segments
        index, end = 0, len(segments)
        while index < end:
            if self._here is not None:
                index = self._read_set(batch, index)
            else:
                self._read_outside(segments[index], batch, batch.first + index)
                index += 1

    # Long: this loop runs once for each segment. A call for each step would take longer than the step itself, and the
    # steps share the local variables.
    def _read_set(self, batch: Batch, start: int) -> int:
        """Read segments of the open set, from index `start` of the batch. Return the index in the batch after the set.

        The loop has two shortcuts. First, the place of a segment depends only on the current place, the segment's id
        and its qualifier, so the moves that `Automaton.move` has found are reused from `here.moves`. Second,
        `place.test` accepts a segment with one regular expression. That is sound because the expression matches only
        segments in which `faults` would find nothing (see `patterns`).

        Between segments, `counts` holds for every counter how often its loop or segment has occurred in the loops that
        are open now; entering a loop clears the counters inside it (`blank`). The values that this method copies into
        local variables are written back to `self` before a call that reads or changes them.

        What falls through: A move that is not known yet goes to the automaton. A segment without a place is reported
        and leaves `here` unchanged. A header (ISA, GS, ST …) ends the set even without SE. A segment that the test does
        not match goes to `_check_elements`, which decides and words the findings.
        """
        here, automaton, counts, follow = self._here, self._automaton, self._counts, self._follow
        assert here is not None
        assert automaton is not None
        separator, component = batch.delimiters.element, batch.delimiters.component
        fill = [separator * count for count in range(32)]
        first, segments = batch.first, batch.segments
        for index in range(start, len(segments)):
            text = segments[index]
            elements = text.split(separator)
            tag = elements[0]
            known = here.moves.get(tag)
            step: Move | None
            if isinstance(known, Fork):
                position, composite, steps = known
                code = elements[position] if position < len(elements) else ""
                step = steps.get(code.partition(component)[0] if composite and component else code)
            else:
                step = known
            if step is None:
                if text[:1] == " ":
                    text = text.lstrip(" ")
                    elements = text.split(separator)
                    tag = elements[0]
                if tag in _HEADERS:
                    self._here = None
                    return index
                if not tag:
                    continue
                step = automaton.move(here, elements, component)
                if step is None:
                    self._not_found(here, elements, batch, first + index)
                    continue
            place, raised, most, clear_from, blank, required, more = step
            if required is not None and 0 in required(counts):
                self._missing(step, batch, first + index)
            if blank:
                counts[clear_from : clear_from + len(blank)] = blank
            counts[raised] = count = counts[raised] + 1
            if count > most:
                self._too_many(step, batch, first + index)
            if more.forbidden:
                found = self._finding("G416", here, batch, first + index, tag=tag)
                self._flag(_with_reason(found, _because(more.loop or place)))
            here = place
            if follow is not None:
                follow(place, elements, batch, first + index)
            if tag in _NUMBERED:
                self._here = here
                self._check_numbering(tag, elements, place, batch, first + index)
                here = self._here
                if here is not place:
                    if here is None:
                        self._check_elements(place, elements, batch, first + index)
                        return index + 1
                    place, automaton, counts = here, self._automaton, self._counts
                    assert automaton is not None
            test = place.test
            if test is not None:
                matches, lookups, full = test
                absent = full + 1 - len(elements)
                if 0 <= absent < 32 and (match := matches.fullmatch(text + fill[absent])) is not None:
                    for group, codes in lookups:
                        code = match[group]
                        if code is not None and code not in codes:
                            break
                    else:
                        continue
            self._check_elements(place, elements, batch, first + index)
        self._here = here
        return len(segments)

    def _read_outside(self, text: str, batch: Batch, number: int) -> None:
        elements = text.lstrip(" ").split(batch.delimiters.element)
        tag, field = elements[0], elements + [""] * 16
        if tag == "ISA":
            self._interchange_version = field[12]
            self._functional_id = self._group_guide = ""
        elif tag == "GS":
            self._functional_id, self._group_guide = field[1], field[8]
        if tag in _CONTROL_PATHS:
            self._check_control(tag, elements, batch, number)
        elif tag == "ST":
            self._begin_set(elements, batch, number)

    def _check_control(self, tag: str, elements: list[str], batch: Batch, number: int) -> None:
        file = _control_file(self._interchange_version)
        delimiters = batch.delimiters
        if tag == "GS":
            guide = find_map(self._interchange_version, self._functional_id, self._group_guide)
            file = guide.file if guide else file
        elif tag == "ISA":  # its elements are never split into components
            delimiters = Delimiters(delimiters.element, "", "", delimiters.segment)
        place = _automaton(file, batch.delimiters, self._overlay).segment(*_CONTROL_PATHS[tag])
        self._dialect = Dialect(delimiters, guide_of(file, self._overlay).interchange_version, external_lists())
        self._check_elements(place, elements, batch, number)

    def _begin_set(self, elements: list[str], batch: Batch, number: int) -> None:
        field = elements + [""] * 4
        kind, own_guide = field[1], field[3]
        guide = find_map(self._interchange_version, self._functional_id, self._group_guide)
        guide = guide or find_map(self._interchange_version, self._functional_id, own_guide)
        wanted = self._group_guide or own_guide
        automaton = _automaton(guide.file, batch.delimiters, self._overlay) if guide else None
        place = automaton.segment(*_SET) if automaton else None
        fits = place is not None and kind in place.segment.qualifiers
        if guide is None or (not fits and guide.functional_id != self._functional_id):
            self.passed = False
            self._once(batch, number, "G402", guide=shown(wanted), functional_id=shown_id(self._functional_id))
            return
        assert automaton is not None
        assert place is not None
        if not fits:
            facts = {"kind": kind if len(kind) <= len("837") else mask(kind), "guide": guide.guide}
            self._flag(diagnose("G403", batch.where(number, element="ST01"), **facts))
            return
        if guide.guide != wanted:
            self._once(batch, number, "G401", guide=shown(wanted), used=guide.guide)
        if guide.interchange_version != self._interchange_version:
            facts = {"guide": guide.guide, "expected": guide.interchange_version}
            self._once(batch, number, "G406", found=shown(self._interchange_version), **facts)
        self._start(guide, automaton, place, batch.delimiters)
        if self._follow is not None:
            self._follow(place, elements, batch, number)
        self._check_elements(place, elements, batch, number)

    def _start(self, guide: GuideMap, automaton: Automaton, place: SegmentPlace, delimiters: Delimiters) -> None:
        self._guide, self._automaton, self._here = guide, automaton, place
        self._dialect = Dialect(delimiters, automaton.guide.interchange_version, external_lists())
        self._counts = [0] * automaton.counters
        self._counts[place.counter] = 1
        for loop in place.loop.path:
            self._counts[loop.counter] = 1
        self._levels, self._hl, self._lx = [], 0, 0

    def _once(self, batch: Batch, number: int, code: str, **facts: str) -> None:
        """Report a fact that holds for all sets of a kind only at the first of them."""
        if (key := (code, *facts.values())) not in self._reported:
            self._reported.add(key)
            self._flag(diagnose(code, batch.where(number), **facts))

    def _flag(self, found: Diagnostic) -> None:
        if found.severity == "error":
            self.passed = False
        self._report(found)

    def _finding(
        self,
        code: str,
        place: SegmentPlace,
        batch: Batch,
        number: int,
        element: str = "",
        value: str | None = None,
        **facts: object,
    ) -> Diagnostic:
        return diagnose(code, batch.where(number, loop=place.loop_id, element=element), value, **facts)

    def _not_found(self, here: SegmentPlace, elements: list[str], batch: Batch, number: int) -> None:
        assert self._automaton is not None
        tag = elements[0]
        code = "G412" if tag in self._automaton.segment_ids else "G411"
        value = elements[1] if len(elements) > 1 else None
        self._flag(self._finding(code, here, batch, number, value=value, tag=_tag(tag)))
        self._count(tag, elements[2] if len(elements) > 2 else "")

    def _missing(self, step: Move, batch: Batch, number: int) -> None:
        for counter, place, loop in step.known.missing:
            if self._counts[counter] or place.segment.id in ENVELOPE_SEGMENTS:
                continue
            if loop is not None:
                found = self._finding("G417", place, batch, number, loop=loop.loop.id, name=loop.loop.name)
            else:
                found = self._finding("G413", place, batch, number, tag=place.segment.id, name=place.segment.name)
            self._flag(_with_reason(found, _because(loop or place)))

    def _too_many(self, step: Move, batch: Batch, number: int) -> None:
        place, loop = step.place, step.known.loop
        if loop is not None:
            found = self._finding("G414", place, batch, number, loop=loop.loop.id, most=step.most)
        else:
            names = {"tag": place.segment.id, "name": place.segment.name}
            found = self._finding("G415", place, batch, number, most=step.most, **names)
        self._flag(_with_reason(found, _because(loop or place)))

    def _check_numbering(self, tag: str, elements: list[str], place: SegmentPlace, batch: Batch, number: int) -> None:
        """Check HL01 and HL02 in every guide with HL, and LX01 in an 837, where it restarts at each claim."""
        first, second = (*elements[1:3], "", "")[:2]
        known = self._count(tag, second)
        if tag == "HL":
            if _number(first) != self._hl:
                self._flag(self._finding("G441", place, batch, number, "HL01", first, expected=self._hl))
            if second and not known:
                self._flag(self._finding("G442", place, batch, number, "HL02", second))
        elif tag == "LX":
            assert self._automaton is not None
            if self._automaton.guide.id == "837" and first != str(self._lx):
                self._flag(self._finding("G443", place, batch, number, "LX01", first, expected=self._lx))
        elif tag == "BHT":
            self._choose_by_purpose(second, batch.delimiters)
        elif tag == "SE":
            self._here = None

    def _count(self, tag: str, parent: str) -> bool:
        """Count a level, a claim or a line, whether or not it has a place. Return whether the parent of a level is
        open.
        """
        known = False
        if tag == "HL":
            self._hl += 1
            at = bisect_left(self._levels, _number(parent))  # the numbers of open levels ascend
            known = at < len(self._levels) and self._levels[at] == _number(parent)
            if known:
                del self._levels[at + 1 :]
            self._levels.append(self._hl)
        elif tag == "CLM":
            self._lx = 0
        elif tag == "LX":
            self._lx += 1
        return known

    def _choose_by_purpose(self, purpose: str, delimiters: Delimiters) -> None:
        """Switch to the right one of the two 4010 guides of the 278, which share one name, by BHT02."""
        assert self._guide is not None
        if not self._guide.purpose:
            return
        guide = find_map(self._interchange_version, self._functional_id, self._guide.guide, purpose=purpose)
        if guide is not None and guide.file != self._guide.file:
            automaton = _automaton(guide.file, delimiters, self._overlay)
            self._start(guide, automaton, automaton.segment(*_SET[:-1], "HEADER", "BHT"), delimiters)
            self._counts[automaton.segment(*_SET).counter] = 1

    def _check_elements(self, place: SegmentPlace, elements: list[str], batch: Batch, number: int) -> None:
        dialect = self._dialect
        place.seen += 1
        if place.seen == _WORTH_A_TEST:
            place.test = segment_test(place.segment, dialect.delimiters, dialect.interchange_version, dialect.lists)
        for code, element, name, value, because in faults(place.segment, elements, dialect):
            if (element, code) not in _REPORTED_ELSEWHERE:
                found = self._finding(code, place, batch, number, element, value, name=name)
                self._flag(_with_reason(found, because))


def _because(place: LoopPlace | SegmentPlace) -> str:
    made = place.segment if isinstance(place, SegmentPlace) else place.loop
    return "" if isinstance(made, Guide) else made.because


def _with_reason(found: Diagnostic, because: str) -> Diagnostic:
    """Return the finding with the overlay's reason as its hint, if an overlay made the rule."""
    return msgspec.structs.replace(found, hint=f"{because[:1].upper()}{because[1:]}.") if because else found


def control_place(tag: str, interchange_version: str, delimiters: Delimiters) -> SegmentPlace | None:
    """Return the place of an envelope segment by its id; None for the segments inside a set."""
    path = _CONTROL_PATHS.get(tag)
    return _automaton(_control_file(interchange_version), delimiters, None).segment(*path) if path else None


def _control_file(interchange_version: str) -> str:
    return f"x12.control.{'00401' if interchange_version == '00401' else '00501'}.xml"


@lru_cache(maxsize=_AUTOMATA_KEPT)
def _automaton(file: str, _signs: Delimiters, overlay: Overlay | None) -> Automaton:
    """Return the automaton of a guide for an interchange with these delimiters, on which its moves and tests depend."""
    return Automaton(guide_of(file, overlay))


def _number(text: str) -> int:
    """Return the number in a text of at most nine digits, else -1."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 9 else -1


def _tag(text: str) -> str:
    """Return a segment id for a message; replace text that is not an id."""
    return text if 2 <= len(text) <= 3 and text.isascii() and text.isalnum() else "with a malformed ID"


def shown_id(functional_id: str) -> str:
    """Return GS01 for a message: two uppercase letters, else masked."""
    plain = len(functional_id) == 2 and functional_id.isascii() and functional_id.isalpha()
    return functional_id if plain else shown(functional_id)
