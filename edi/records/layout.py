"""Records whose fields declare their X12 element, so that reader and writer share one definition.

Annotate a field with the guide's name of its element: `amount: Annotated[Decimal | None, "CN102"]`. A component is
"SV501-2". A run of elements or components is "CRC03..07" or "SVD03-3..6" (a tuple of strings). Name an element of fixed
content that accompanies the value after it: `Annotated[Decimal | None, "CR102", "CR101=LB"]`. The type decides how the
element is read and written: text as sent, Decimal a number, date CCYYMMDD, bool "Y" or nothing, int an integer.
"""

import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from functools import cache
from types import NoneType
from typing import Any, get_args, get_type_hints

import msgspec

from claimloop.edi.dates import write_date
from claimloop.edi.money import x12_number

_PLACE = re.compile(r"([A-Z][A-Z0-9]{1,2}?)(\d\d)(?:-(\d))?(?:\.\.(\d+))?(?:=(.+))?")
Texts = list[str | list[str]]
"""The elements of a segment after its id; a composite is a list."""


class Place(msgspec.Struct, frozen=True):
    """The position of a field: `element` and `component` count from 1; component 0 is the whole element.

    `last` is the end of a run; `constants` holds (element, component, text) triples that are sent with the value.
    """

    name: str
    kind: type
    element: int
    component: int = 0
    last: int = 0
    constants: tuple[tuple[int, int, str], ...] = ()

    @property
    def label(self) -> str:
        """Return the end of the element's name: "02", "01-2"."""
        return f"{self.element:02d}" + (f"-{self.component}" if self.component else "")


Number = Callable[[str, str], Decimal | None]
"""A callback that receives an element's name and text. It returns the number, or reports a text that is not a number
and returns None.
"""

Day = Callable[[str, str], date | None]


@cache
def places(record: type[msgspec.Struct], tag: str) -> tuple[Place, ...]:
    """Return the fields of a record that belong to the segment `tag`. Raises LookupError if there are none."""
    found = []
    for name, hint in get_type_hints(record, include_extras=True).items():
        labels = [label for label in getattr(hint, "__metadata__", ()) if isinstance(label, str)]
        parsed = [_parsed(label) for label in labels]
        if not parsed or parsed[0][0] != tag:
            continue
        _, element, component, last, _ = parsed[0]
        constants = tuple((place, part, text) for _, place, part, _, text in parsed[1:])
        found.append(Place(name, _kind(hint), element, component, last, constants))
    if not found:
        raise LookupError(f"{record.__name__} has no field in {tag}")
    return tuple(found)


def _parsed(label: str) -> tuple[str, int, int, int, str]:
    match = _PLACE.fullmatch(label)
    if match is None:
        raise ValueError(f"{label} names no element")
    tag, element, component, last, text = match.groups()
    return tag, int(element), int(component or 0), int(last or 0), text or ""


def _kind(hint: Any) -> type:
    plain = get_args(hint)[0]
    choices = [choice for choice in get_args(plain) if choice not in (NoneType, ...)]
    if getattr(plain, "__origin__", None) is tuple:
        return tuple
    kind = choices[0] if choices else plain
    assert isinstance(kind, type)
    return kind


class Plan(msgspec.Struct, frozen=True):
    """How to read a segment: `composites` are the elements with components. `texts` are the text fields whose default
    is not "": an element that a segment omits is empty.
    """

    places: tuple[Place, ...]
    composites: frozenset[int]
    texts: dict[str, object]


@cache
def plan_of(record: type[msgspec.Struct], tag: str) -> Plan:
    """Return how to read the segment `tag` into the record. Raises LookupError if it has no field for that segment."""
    found = places(record, tag)
    composites = {place.element for place in found if place.component}
    composites |= {spot for place in found for spot, part, _ in place.constants if part}
    defaults = {field.name: field.default for field in msgspec.structs.fields(record)}
    texts: dict[str, object] = {
        place.name: () if place.kind is tuple else ""
        for place in found
        if place.kind in (str, tuple) and defaults[place.name] not in ("", ())
    }
    return Plan(found, frozenset(composites), texts)


def read_elements(
    record: type[msgspec.Struct], elements: list[str], component_separator: str, number: Number, day: Day
) -> tuple[dict[str, object], bool]:
    """Return the fields that a segment contains, by name, and whether they hold everything that the segment contains.

    `elements` begins with the segment's id. A text or a run of texts that the segment omits is empty regardless of its
    default; a number or date without a default may be missing. If the second value is False, the caller must keep the
    segment as text as well.
    """
    tag = elements[0]
    plan = plan_of(record, tag)
    count = len(elements)
    said = count - elements.count("") - 1
    parts: dict[int, list[str]] = {}
    for element in plan.composites:
        if element < count and (text := elements[element]):
            row = text.split(component_separator) if component_separator else [text]
            parts[element] = ["", *row]
            said += len(row) - row.count("") - 1
    values = plan.texts.copy()
    whole = True
    for place in plan.places:
        row, at = (parts.get(place.element, []), place.component) if place.component else (elements, place.element)
        if place.kind is tuple:
            if texts := tuple(filter(None, row[at : place.last + 1])):
                said -= len(texts)
                values[place.name] = texts
            continue
        if at >= len(row) or not (text := row[at]):
            continue
        said -= 1
        value = text if place.kind is str else _value(place, text, f"{tag}{place.label}", number, day)
        if value is None:
            whole = False
            continue
        values[place.name] = value
        for element, part, constant in place.constants:
            row, at = (parts.get(element, []), part) if part else (elements, element)
            if at < len(row) and row[at] == constant:
                said -= 1
            else:
                whole = False
    return values, whole and not said


def _run(place: Place) -> list[tuple[int, int]]:
    if place.component:
        return [(place.element, part) for part in range(place.component, place.last + 1)]
    return [(element, 0) for element in range(place.element, place.last + 1)]


def _value(place: Place, text: str, label: str, number: Number, day: Day) -> object:
    if place.kind is Decimal:
        return number(label, text)
    if place.kind is int:
        count = number(label, text)
        return int(count) if count is not None and count == count.to_integral_value() else None
    if place.kind is date:
        return day(label, text)
    return True if text == "Y" else None


def write_elements(record: msgspec.Struct, tag: str) -> Texts:
    """Return the elements of the segment after its id, composites as lists. Empty if the record has no value for the
    segment.
    """
    texts: Texts = []
    for place in places(type(record), tag):
        value = getattr(record, place.name)
        if value is None or value is False or value in ("", ()):
            continue
        if isinstance(value, tuple):
            for (element, component), text in zip(_run(place), value, strict=False):
                _put(texts, element, component, text)
            continue
        _put(texts, place.element, place.component, _text(value))
        for element, component, constant in place.constants:
            _put(texts, element, component, constant)
    return texts


def _text(value: object) -> str:
    if value is True:
        return "Y"
    if isinstance(value, Decimal):
        return x12_number(value)
    if isinstance(value, date):
        return write_date(value)
    return str(value)


def _put(texts: Texts, element: int, component: int, text: str) -> None:
    texts.extend("" for _ in range(element - len(texts)))
    if not component:
        texts[element - 1] = text
        return
    composite = texts[element - 1]
    parts = composite if isinstance(composite, list) else [composite]
    parts.extend("" for _ in range(component - len(parts)))
    parts[component - 1] = text
    texts[element - 1] = parts
