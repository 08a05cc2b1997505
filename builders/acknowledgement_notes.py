"""The errors of a set as an acknowledgement tells them: by segment (IK3) and element (IK4)."""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import msgspec

from claimloop.builders.acknowledgement_outline import SentSet
from claimloop.edi.diagnostics import Diagnostic, catalogue, facts_of
from claimloop.edi.guides.locating import locate
from claimloop.edi.guides.moves import LoopPlace, Place, SegmentPlace
from claimloop.edi.guides.structure import Composite
from claimloop.edi.tokens import read_batches

_ELEMENT = re.compile(r"[A-Z0-9]{2,3}?(\d\d)(?:-(\d{1,2}))?")
_SEGMENT_ID = re.compile(r"[A-Z][A-Z0-9]{1,2}")
_HAS_ELEMENT_ERRORS = "8"
_LONGEST_CONTEXT = 35
_CONTEXTS = {"CLM": (1, "CLM01"), "TRN": (2, "TRN02")}
"""What names the business unit that a segment belongs to: the element, and what CTX01-1 calls it. A remittance is
known by its trace number; the claims of an 835 have no name of their own in the guide."""


class ElementNote(msgspec.Struct, frozen=True):
    """IK4: position of element and component (0 for none), the data element's number, IK403, a copy of the value."""

    position: int
    component: int
    data_element: str
    code: str
    value: str


class Note(msgspec.Struct):
    """IK3: the segment's id, its place in the set (ST is 1), the loop, IK304, and what stands in its elements.

    `context` is (CTX01-1, CTX01-2), or None where no business unit had begun.
    """

    segment: str
    position: int
    loop: str
    code: str
    context: tuple[str, str] | None
    elements: list[ElementNote]


class _Here(NamedTuple):
    """A segment that has errors: its id, its place in the guide, and the business unit that it belongs to."""

    tag: str
    place: SegmentPlace | None
    context: tuple[str, str] | None


def notes_of_sets(path: Path, sets: list[SentSet], errors: dict[int, list[Diagnostic]]) -> dict[int, list[Note]]:
    """The notes of each set that has errors, by its place in `sets`."""
    wanted = {at: found for at, found in errors.items() if any(_told(finding) for finding in found)}
    if not wanted:
        return {}
    numbers = {finding.where.segment for found in wanted.values() for finding in found if _told(finding)}
    located: dict[int, _Here] = {}
    context: tuple[str, str] | None = None
    with path.open("rb") as stream:
        for here in locate(read_batches(stream, path.name, lambda _: None)):
            tag = here.elements[0]
            if tag == "ST":
                context = None
            elif tag in _CONTEXTS:
                position, name = _CONTEXTS[tag]
                named = here.elements[position] if position < len(here.elements) else ""
                context = (name, named[:_LONGEST_CONTEXT]) if named.strip() else None
            if here.number in numbers:
                located[here.number] = _Here(here.elements[0].strip().upper(), here.place, context)
    return {at: list(_notes(found, sets[at], located)) for at, found in wanted.items()}


def _told(finding: Diagnostic) -> bool:
    entry = catalogue()[finding.code]
    return bool(entry.ik3 or entry.ik4)


def _notes(found: list[Diagnostic], one: SentSet, located: dict[int, _Here]) -> Iterable[Note]:
    """One note for each thing that is wrong with a segment; all of its elements in one."""
    of_elements: dict[int, Note] = {}
    for finding in found:
        entry, number = catalogue()[finding.code], finding.where.segment
        if number is None or number not in located or not _told(finding):
            continue
        here = located[number]
        facts = facts_of(finding)
        tag = facts.get("tag", "") if entry.ik3 == "3" else here.tag
        if "loop" in facts and entry.ik3 in ("3", "I7"):
            tag = _first_segment(here, facts["loop"]) or tag
        if not _SEGMENT_ID.fullmatch(tag):
            continue
        loop = finding.where.loop or (here.place.loop_id if here.place else "")
        position = number - one.first + 1
        if not entry.ik4 and entry.ik3 != _HAS_ELEMENT_ERRORS:
            yield Note(tag, position, loop[:4], entry.ik3, here.context, [])
            continue
        note = of_elements.get(number)
        if note is None:
            note = of_elements[number] = Note(tag, position, loop[:4], _HAS_ELEMENT_ERRORS, here.context, [])
            yield note  # its elements come while the list of notes is being made
        element = _element_note(finding, here, entry.ik4) if entry.ik4 else None
        if element is not None:
            note.elements.append(element)


def _first_segment(here: _Here, loop_id: str) -> str:
    """The id of the segment that a loop begins with; the loop is looked for around the place where it is missing."""
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
    return ElementNote(position, component, number if number.isdigit() else "", code, finding.value or "")
