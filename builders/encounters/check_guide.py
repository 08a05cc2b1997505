"""Check records by the guide itself: codes, lengths, required values, and values that belong together.

Each field of a record names its element (`edi.layout`), so an error of the segment is a finding about a field.
"""

from collections.abc import Iterator
from decimal import Decimal
from functools import cache

import msgspec

from claimloop.builders.encounters.findings import Findings
from claimloop.edi.guides.elements import Dialect, Fault, faults, holds
from claimloop.edi.guides.guides import external_lists, guide_of
from claimloop.edi.guides.structure import Child, Composite, Element, Loop, Segment
from claimloop.edi.records.layout import Place, places, write_elements

GUIDE = "837.5010.X222.A1.xml"
_LOOPS_OF_RECORDS = ("2300", "2400", "2440")
_MONEY = "782"
_FREE_TEXT = frozenset(("352", "933", "448"))
"""Data elements that are words: their spelling may change."""

_TOO_LONG, _TOO_SHORT, _NEEDED = "G425", "G424", "G421"
_NOT_LISTED, _NOT_USED = ("G427", "G435"), ("G423", "G431", "G433")
_BETWEEN_ELEMENTS = ("G422", "G430")
_MOST_CODES_SHOWN = 24


@cache
def _segments() -> dict[tuple[str, str], tuple[Segment, ...]]:
    """Return the segments of each id in each loop. A loop with two branches has those of the first."""
    found: dict[tuple[str, str], tuple[Segment, ...]] = {}
    for loop, segments in _loops(guide_of(GUIDE).children, ""):
        if not any(key[0] == loop for key in found):
            for segment in segments:
                found[loop, segment.id] = (*found.get((loop, segment.id), ()), segment)
    return found


def _loops(children: tuple[Child, ...], loop: str) -> Iterator[tuple[str, tuple[Segment, ...]]]:
    yield loop, tuple(child for child in children if isinstance(child, Segment))
    for child in children:
        if isinstance(child, Loop):
            yield from _loops(child.children, child.id)


def segments_of(loop: str, tag: str) -> tuple[Segment, ...]:
    """Return the segments with this id in a loop of 005010X222A1. Raises LookupError where there is none."""
    try:
        return _segments()[loop, tag]
    except KeyError:
        raise LookupError(f"loop {loop} has no {tag}") from None


def has_segment(loop: str, tag: str) -> bool:
    """Return True where a loop of 005010X222A1 has a segment with this id."""
    return (loop, tag) in _segments()


def codes_of(loop: str, tag: str, element: int, component: int = 0) -> tuple[str, ...]:
    """Return the codes that the guide itself lists for an element, over all segments with this id in the loop."""
    codes = {code: None for segment in segments_of(loop, tag) for code in _element(segment, element, component).codes}
    return tuple(codes)


def labels_of(kind: object) -> tuple[str, ...]:
    """Return the elements that a field of a record names (`edi.layout`)."""
    return tuple(label for label in getattr(kind, "__metadata__", ()) if isinstance(label, str))


def tag_of(label: str) -> str:
    """Return the segment of an element: "CN101" is of CN1, "HCP01" of HCP, "K301" of K3."""
    return label.partition("-")[0].partition("..")[0][:-2]


def codes_of_field(kind: object) -> tuple[str, ...]:
    """Return the codes that the guide lists for the element of a field, in any of the loops of a claim."""
    codes: dict[str, None] = {}
    for label in labels_of(kind)[:1]:
        tag = tag_of(label)
        element, _, component = label.partition("..")[0].removeprefix(tag).partition("-")
        for loop in _LOOPS_OF_RECORDS:
            if has_segment(loop, tag):
                codes |= dict.fromkeys(codes_of(loop, tag, int(element), int(component or 0)))
    return tuple(codes)


def _element(segment: Segment, element: int, component: int) -> Element:
    place = segment.elements[element - 1]
    if isinstance(place, Composite):
        return place.components[max(component, 1) - 1]
    return place


def check_record(findings: Findings, path: str, record: msgspec.Struct, loop: str, tag: str) -> None:
    """Check a record that becomes this segment of this loop."""
    stands = places(type(record), tag)
    if not _check_values(findings, path, record, loop, tag, stands):
        return
    signs = findings.delimiters
    texts = [
        signs.component.join(map(findings.spelled, each)) if isinstance(each, list) else findings.spelled(each)
        for each in write_elements(record, tag)
    ]
    dialect = Dialect(signs, "00501", external_lists())
    judged = [(segment, list(faults(segment, [tag, *texts], dialect))) for segment in segments_of(loop, tag)]
    segment, found = min(judged, key=lambda each: len(each[1]))
    for fault in found:
        _say(findings, path, record, stands, segment, fault)


def _check_values(
    findings: Findings, path: str, record: msgspec.Struct, loop: str, tag: str, stands: tuple[Place, ...]
) -> bool:
    """Check what the segment does not show: lost characters, too many values, cents. Return True if all is valid."""
    before = findings.errors
    for place in stands:
        value, name = getattr(record, place.name), f"{path}.{place.name}"
        if isinstance(value, tuple):
            most = place.last - (place.component or place.element) + 1
            if len(value) > most:
                findings.report("C390", name, found=len(value), most=most)
            for number, text in enumerate(value, start=1):
                findings.identifier(f"{name}#{number}", text, 80, required=True)
        elif isinstance(value, Decimal):
            element = _element(segments_of(loop, tag)[0], place.element, place.component)
            if element.data_element == _MONEY:
                findings.amount(name, value, zero=True)
            elif not value.is_finite() or value < 0:
                findings.report("C349", name, str(value), form="a number of zero or more")
        elif isinstance(value, str) and value:
            element = _element(segments_of(loop, tag)[0], place.element, place.component)
            check = findings.text if element.data_element in _FREE_TEXT else findings.identifier
            check(name, value, max(element.longest, 1))
    return findings.errors == before


def _say(
    findings: Findings, path: str, record: msgspec.Struct, stands: tuple[Place, ...], segment: Segment, fault: Fault
) -> None:
    number, _, part = fault.element.removeprefix(segment.id).partition("-")
    place, name = _field(stands, int(number), int(part or 0))
    element = f"{path}.{name}" if name else path
    if fault.code in _BETWEEN_ELEMENTS:
        for words in _broken_notes(record, stands, segment):
            findings.report("C391", path, problem=words)
    elif place is None or fault.code in _NOT_USED:
        findings.report("C392", element, fault.value)
    elif fault.code == _NEEDED:
        findings.report("C311", element)
    elif fault.code in _NOT_LISTED:
        findings.report("C376", element, fault.value, codes=_shown(segment, int(number), int(part or 0)))
    elif place.kind in (str, tuple) and fault.code in (_TOO_LONG, _TOO_SHORT):
        rule = _element(segment, int(number), int(part or 0))
        length = len(fault.value or "")
        findings.report("C312", element, fault.value, found=length, least=rule.shortest, most=rule.longest)
    else:
        rule = _element(segment, int(number), int(part or 0))
        findings.report("C349", element, fault.value, form=_form(rule))


def _field(stands: tuple[Place, ...], element: int, component: int) -> tuple[Place | None, str]:
    """Return the field of an element or component, and its name in a path."""
    for place in stands:
        if place.last and not place.component and place.element <= element <= place.last:
            return place, f"{place.name}#{element - place.element + 1}"
        if place.element == element and (place.component == component or not component):
            return place, place.name
    return None, ""


def _broken_notes(record: msgspec.Struct, stands: tuple[Place, ...], segment: Segment) -> Iterator[str]:
    """Yield the broken syntax notes of the segment, in the names of the fields."""
    names = {place.element: place.name.replace("_", " ") for place in stands}
    given = {place.element for place in stands if _is_given(getattr(record, place.name))}
    for note in segment.notes:
        if not holds(note, given.__contains__):
            fields = [names[position] for position in note.positions if position in names]
            match note.kind:
                case "R":
                    yield f"one of {', '.join(fields)} is required"
                case "P":
                    yield f"{' and '.join(fields)} must be given together"
                case "E":
                    yield f"only one of {', '.join(fields)} can be given"
                case _:
                    yield f"{fields[0]} requires {' or '.join(fields[1:])}"


def _is_given(value: object) -> bool:
    return bool(value.strip()) if isinstance(value, str) else value not in (None, (), False)


def _shown(segment: Segment, element: int, component: int) -> str:
    rule = _element(segment, element, component)
    codes = rule.codes
    if not codes:
        return f"the codes in the list of {rule.code_list.replace('_', ' ')}s"
    return ", ".join(codes[:_MOST_CODES_SHOWN]) + (" …" if len(codes) > _MOST_CODES_SHOWN else "")


def _form(rule: Element) -> str:
    if rule.type in ("DT", "D8"):
        return "a date as YYYY-MM-DD"
    if rule.type == "R" or rule.type[:1] == "N":
        return f"a number of at most {rule.longest} digits"
    return f"{rule.shortest} to {rule.longest} characters"
