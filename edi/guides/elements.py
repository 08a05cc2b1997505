"""Check the elements of one segment against the guide, element by element: the complete check."""

import re
from collections.abc import Callable, Iterator, Mapping, Set
from functools import cache
from typing import NamedTuple

from claimloop.edi.guides.structure import Composite, Element, Segment, SyntaxNote
from claimloop.edi.guides.values import DATE_TYPES, PERIOD_FORMATS, has_control_character, is_of_type
from claimloop.edi.syntax.delimiters import Delimiters

_FORMAT, _PERIOD = "1250", "1251"
"""Data elements: date time period format qualifier, and date time period."""


class Fault(NamedTuple):
    """One finding: the catalogue's code, the element in the guide's notation (CLM05-3), its name and its value.

    `because` is the overlay's reason if an overlay made the rule.
    """

    code: str
    element: str
    name: str
    value: str | None = None
    because: str = ""


class Dialect(NamedTuple):
    """The facts besides the guide that the check of a value depends on: delimiters, ISA12, and the external
    code lists.
    """

    delimiters: Delimiters
    interchange_version: str
    lists: Mapping[str, Set[str]]


def faults(segment: Segment, elements: list[str], dialect: Dialect) -> Iterator[Fault]:
    """Yield everything in a segment that the guide does not allow; `elements[0]` is its id."""
    tag, count = segment.id, len(segment.elements)
    if len(elements) - 1 > count:
        yield Fault("G423", f"{tag}{count + 1:02d}", segment.name, elements[count + 1] or None)
    formats: tuple[str, ...] = ()
    for place in segment.elements:
        given = elements[place.position] if place.position < len(elements) else ""
        where = f"{tag}{place.position:02d}"
        if isinstance(place, Composite):
            yield from _composite_faults(place, given, where, dialect)
            continue
        if place.data_element == _FORMAT:
            formats += place.codes
        wanted: tuple[str, ...] = ()
        if tag == "DTP" and place.position == 3:
            wanted = (elements[2],) if elements[2:3] and elements[2] in PERIOD_FORMATS else ()
        elif place.data_element == _PERIOD:
            wanted = formats
        for text in _repetitions(place, given, dialect):
            yield from _element_faults(place, text, where, wanted, None, dialect)
    for note in segment.notes:
        if not holds(note, lambda position: _is_there(elements, position, dialect.delimiters.component)):
            yield Fault("G430" if note.kind == "E" else "G422", f"{tag}{note.positions[0]:02d}", segment.name)


def holds(note: SyntaxNote, there: Callable[[int], bool]) -> bool:
    """Return whether a segment satisfies a syntax note; `there` tells whether the element at a position is present."""
    present = [there(position) for position in note.positions]
    match note.kind:
        case "P":
            return all(present) or not any(present)
        case "R":
            return any(present)
        case "E":
            return sum(present) <= 1
        case "C":
            return not present[0] or all(present)
        case "L":
            return not present[0] or any(present[1:])


def _is_there(elements: list[str], position: int, component: str) -> bool:
    text = elements[position] if position < len(elements) else ""
    return bool(text.strip(component) if component else text)


def _repetitions(place: Element | Composite, text: str, dialect: Dialect) -> list[str]:
    """Return the values of an element that may repeat. If it may not repeat, the separator is an ordinary character."""
    sign = dialect.delimiters.repetition
    return text.split(sign, place.repeats - 1) if place.repeats > 1 and sign else [text]


def _composite_faults(place: Composite, given: str, where: str, dialect: Dialect) -> Iterator[Fault]:
    component = dialect.delimiters.component
    for text in _repetitions(place, given, dialect):
        parts = text.split(component) if component else [text]
        empty = not any(parts)
        if empty and place.usage == "R":
            yield Fault("G421", where, place.name, because=place.because)
        if empty:
            continue
        if place.usage == "N":
            yield Fault("G431", where, place.name, because=place.because)
            continue
        surplus = parts[len(place.components) :]
        if surplus:
            yield Fault("G433", where, place.name, "".join(surplus) or None)
        for part in place.components:
            value = parts[part.position - 1] if part.position <= len(parts) else ""
            yield from _element_faults(part, value, f"{where}-{part.position}", (), place, dialect)


def _element_faults(
    element: Element, text: str, where: str, formats: tuple[str, ...], within: Composite | None, dialect: Dialect
) -> Iterator[Fault]:
    component = dialect.delimiters.component
    if within is None and component and component in text:
        yield Fault("G433", where, element.name, text)
    elif not text:
        # As in pyx12, the first component of a situational composite may be empty even if it is required.
        if element.usage == "R" and (within is None or element.position != 1 or within.usage == "R"):
            yield Fault("G421", where, element.name, because=element.because)
    elif element.usage == "N":
        yield Fault("G431", where, element.name, because=element.because)
    else:
        for code in _value_faults(element, text, formats, dialect):
            yield Fault(code, where, element.name, text, element.because)


def _value_faults(element: Element, text: str, formats: tuple[str, ...], dialect: Dialect) -> Iterator[str]:
    kind = element.type
    length = len(text.replace("-", "").replace(".", "")) if kind == "R" or kind[:1] == "N" else len(text)
    if length < element.shortest:
        yield "G424"
    if length > element.longest:
        yield "G425"
    if has_control_character(text):
        yield "G426"
        return
    if kind in ("AN", "ID") and text[-1] == " " and len(text.rstrip()) >= element.shortest:
        yield "G434"
    if not is_listed(element, text, dialect.lists):
        yield "G435" if element.code_list else "G427"
    if not is_of_type(text, kind, dialect.interchange_version):
        yield {"DT": "G428", "TM": "G429"}.get(kind, "G426")
    if formats and not any(is_of_type(text, form, dialect.interchange_version) for form in formats):
        if "TM" in formats:
            yield "G429"
        elif not DATE_TYPES.isdisjoint(formats):
            yield "G428"
    if element.shape and not _shape(element.shape).search(text):
        yield "G436"


def is_listed(element: Element, text: str, lists: Mapping[str, Set[str]]) -> bool:
    """Return whether the text is a code of the guide or of its external list; True if the element has neither."""
    if not element.codes and not element.code_list:
        return True
    return text in element.codes or (bool(element.code_list) and text in lists[element.code_list])


@cache
def _shape(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.DOTALL)
