"""Report the errors of a set in an acknowledgement: by segment (IK3) and element (IK4)."""

import re
from collections import deque
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import msgspec

from claimloop.builders.acknowledgements.outline import SentSet
from claimloop.edi.diagnostics import Diagnostic, catalogue, facts_of
from claimloop.edi.guides.locating import locate
from claimloop.edi.guides.moves import LoopPlace, Place, SegmentPlace
from claimloop.edi.guides.structure import Composite
from claimloop.edi.syntax.delimiters import Delimiters
from claimloop.edi.syntax.tokens import Batch, read_batches

_ELEMENT = re.compile(r"[A-Z0-9]{2,3}?(\d\d)(?:-(\d{1,2}))?")
_SEGMENT_ID = re.compile(r"[A-Z][A-Z0-9]{1,2}")
_HAS_ELEMENT_ERRORS = "8"
_LONGEST_CONTEXT = 35


class _Unit(NamedTuple):
    """What names a business unit: a segment, one of its qualifiers, the element, and its name in CTX01-1."""

    tag: str
    qualifier: str
    position: int
    name: str


_UNITS = {
    "834": _Unit("REF", "0F", 2, "SUBSCRIBER NUMBER REF02"),
    "820": _Unit("ENT", "", 1, "ENT01"),
    "837": _Unit("CLM", "", 1, "CLM01"),
}
_TRACE = _Unit("TRN", "", 2, "TRN02")
"""Used for every other kind of set. The guide has no name for the claims of an 835."""

_ENDS_A_UNIT = frozenset(("HL", "INS"))
"""Segments of the next level after a claim, or after a member, do not belong to this claim or member."""

_IS_MISSING = frozenset(("3", "I7"))
"""IK304 codes of errors that are found at a later segment, which may already belong to the next unit."""


class ElementNote(msgspec.Struct, frozen=True):
    """IK4: position of element, component and repetition (0 for none), the data element's number, IK403, the value."""

    position: int
    component: int
    repetition: int
    data_element: str
    code: str
    value: str


class Note(msgspec.Struct):
    """IK3: the segment's id, its place in the set (ST is 1), the loop, IK304, and the notes of its elements.

    `context` is (CTX01-1, CTX01-2), or None before the first business unit.
    """

    segment: str
    position: int
    loop: str
    code: str
    context: tuple[str, str] | None
    elements: list[ElementNote]


class _Here(NamedTuple):
    """A segment, its place in the guide, and the names of its business unit and of the unit before it."""

    number: int
    elements: list[str]
    delimiters: Delimiters
    place: SegmentPlace | None
    context: tuple[str, str] | None
    before: tuple[str, str] | None

    @property
    def tag(self) -> str:
        """Return the segment's id."""
        return self.elements[0].strip().upper()


def notes_of_sets(
    path: Path, sets: list[SentSet], errors: dict[int, list[Diagnostic]]
) -> Iterator[tuple[int, list[Note]]]:
    """Yield the notes of each set that has any, by its place in `sets`, in the order of the file.

    Only one set at a time is in memory. Raises OSError where the file cannot be read.
    """
    wanted = deque(at for at in sorted(errors) if any(_told(finding) for finding in errors[at]))
    if not wanted:
        return
    numbers = _numbers(errors[wanted[0]])
    located: dict[int, _Here] = {}
    with path.open("rb") as stream:
        for here in _in_context(read_batches(stream, path.name, lambda _: None)):
            while here.number > sets[wanted[0]].last:
                at = wanted.popleft()
                yield at, list(_notes(errors[at], sets[at], located))
                located.clear()
                if not wanted:
                    return
                numbers = _numbers(errors[wanted[0]])
            if here.number in numbers:
                located[here.number] = here
    for at in wanted:
        yield at, list(_notes(errors[at], sets[at], located))


def _numbers(found: list[Diagnostic]) -> set[int]:
    return {finding.where.segment or 0 for finding in found if _told(finding)}


def _in_context(batches: Iterable[Batch]) -> Iterator[_Here]:
    """Yield the segments of a file, each with its business unit."""
    context: tuple[str, str] | None = None
    unit = _TRACE
    for here in locate(batches):
        tag, before = here.elements[0], context
        if tag == "ST":
            context = before = None
            unit = _UNITS.get(here.elements[1] if len(here.elements) > 1 else "", _TRACE)
        elif tag in _ENDS_A_UNIT:
            context = None
        elif tag == unit.tag and unit.qualifier in ("", *here.elements[1:2]):
            context = _context(unit, here.elements)
        yield _Here(here.number, here.elements, here.batch.delimiters, here.place, context, before)


def _context(unit: _Unit, elements: list[str]) -> tuple[str, str] | None:
    """Return the name of the unit that begins with this segment; None where it has none."""
    named = elements[unit.position] if unit.position < len(elements) else ""
    return (unit.name, named[:_LONGEST_CONTEXT]) if named.strip() else None


def _told(finding: Diagnostic) -> bool:
    entry = catalogue()[finding.code]
    return bool(entry.ik3 or entry.ik4)


def _notes(found: list[Diagnostic], one: SentSet, located: dict[int, _Here]) -> Iterable[Note]:
    """Yield one note for each error of a segment, and one for all errors of its elements."""
    of_elements: dict[int, Note] = {}
    for finding in found:
        entry, number = catalogue()[finding.code], finding.where.segment
        if number is None or number not in located or not _told(finding):
            continue
        here = located[number]
        facts = facts_of(finding)
        tag = facts.get("tag", "") if entry.ik3 == "3" else here.tag
        if "loop" in facts and entry.ik3 in _IS_MISSING:
            tag = _first_segment(here, facts["loop"]) or tag
        if not _SEGMENT_ID.fullmatch(tag):
            continue
        context = (here.before if entry.ik3 in _IS_MISSING else None) or here.context
        loop = finding.where.loop or (here.place.loop_id if here.place else "")
        position = number - one.first + 1
        if not entry.ik4 and entry.ik3 != _HAS_ELEMENT_ERRORS:
            yield Note(tag, position, loop[:4], entry.ik3, context, [])
            continue
        note = of_elements.get(number)
        if note is None:
            note = of_elements[number] = Note(tag, position, loop[:4], _HAS_ELEMENT_ERRORS, context, [])
            yield note  # its elements are added while the list of notes is being made
        element = _element_note(finding, here, entry.ik4) if entry.ik4 else None
        if element is not None:
            note.elements.append(element)


def _first_segment(here: _Here, loop_id: str) -> str:
    """Return the id of the segment that begins a loop. The loop is searched around the place where it is missing."""
    around = here.place.loop if here.place is not None else None
    while around is not None:
        first: Place | None = next((loop for loop in _loops(around) if loop.loop.id == loop_id), None)
        if first is not None:
            while isinstance(first, LoopPlace):
                first = first.first
            return first.segment.id if first is not None else ""
        around = around.parent
    return ""


def _loops(around: LoopPlace) -> Iterator[LoopPlace]:
    for child in around.children:
        if isinstance(child, LoopPlace):
            yield child
            yield from _loops(child)


def _element_note(finding: Diagnostic, here: _Here, code: str) -> ElementNote | None:
    found = _ELEMENT.fullmatch(finding.where.element)
    if found is None:
        return None
    position, component = int(found[1]), int(found[2] or 0)
    number = ""
    for element in here.place.segment.elements if here.place is not None else ():
        if element.position == position:
            number = element.data_element
            if component and isinstance(element, Composite):
                number = next((part.data_element for part in element.components if part.position == component), "")
    repetition = _repetition(here, position, component, finding.value)
    return ElementNote(position, component, repetition, number if number.isdigit() else "", code, finding.value or "")


def _repetition(here: _Here, position: int, component: int, value: str | None) -> int:
    """Return which repetition of an element has the value, counted from 1; 0 where the element is not repeated."""
    sign, given = here.delimiters.repetition, here.elements[position : position + 1]
    repeated = given[0].split(sign) if given and sign else []
    if len(repeated) < 2 or not value:
        return 0
    for number, text in enumerate(repeated, start=1):
        parts = text.split(here.delimiters.component) if component and here.delimiters.component else [text]
        if component <= len(parts) and parts[max(component, 1) - 1] == value:
            return number
    return 0
