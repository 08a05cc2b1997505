"""Records whose fields say which element of which segment they are: one statement for reader and writer.

A field is annotated with its element by the guide's name, `amount: Annotated[Decimal | None, "CN102"]`; a component is
"SV501-2", a run of elements or components "CRC03..07" and "SVD03-3..6" (a tuple of texts). An element of fixed content
that comes with a value is named beside it: `Annotated[Decimal | None, "CR102", "CR101=LB"]`. The type says how it is
read and written: text as sent, Decimal a number, date CCYYMMDD, bool "Y" or nothing, int a whole number.
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
"""Elements of a segment behind its id; a list where an element is a composite."""


class Place(msgspec.Struct, frozen=True):
    """Where a field stands: `element` and `component` count from 1, component 0 is the whole element.

    `last` ends a run; `constants` are (element, component, text) that are sent with the value.
    """

    name: str
    kind: type
    element: int
    component: int = 0
    last: int = 0
    constants: tuple[tuple[int, int, str], ...] = ()

    @property
    def label(self) -> str:
        """The end of the element's name: "02", "01-2"."""
        return f"{self.element:02d}" + (f"-{self.component}" if self.component else "")


Number = Callable[[str, str], Decimal | None]
"""Told the element's name and its text; None where that is no number, after reporting it."""

Day = Callable[[str, str], date | None]


@cache
def places(record: type[msgspec.Struct], tag: str) -> tuple[Place, ...]:
    """The fields of a record that stand in the segment `tag`. Raises LookupError where there is none."""
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


def read_elements(
    record: type[msgspec.Struct], elements: list[str], component_separator: str, number: Number, day: Day
) -> tuple[dict[str, object], bool]:
    """The fields that a segment gives, by name, and whether they say all that it says.

    `elements` begins with the segment's id. Where False comes back, the segment must be kept as text as well.
    """
    tag = elements[0]
    rest: dict[tuple[int, int], str] = {}
    composites = {place.element for place in places(record, tag) if place.component}
    composites |= {spot for place in places(record, tag) for spot, part, _ in place.constants if part}
    for index, text in enumerate(elements[1:], start=1):
        if index in composites and component_separator:
            for part, component in enumerate(text.split(component_separator), start=1):
                if component:
                    rest[index, part] = component
        elif text:
            rest[index, 0] = text
    if any((element, 0) in rest for element in composites):
        rest = {(e, 1 if e in composites and not c else c): text for (e, c), text in rest.items()}
    values: dict[str, object] = {}
    whole = True
    for place in places(record, tag):
        if place.kind is tuple:
            texts = [rest.pop(spot, "") for spot in _run(place)]
            if any(texts):
                values[place.name] = tuple(filter(None, texts))
            continue
        text = rest.pop((place.element, place.component), "")
        if not text:
            continue
        value = _value(place, text, f"{tag}{place.label}", number, day)
        if value is None:
            whole = False
            continue
        values[place.name] = value
        for element, part, constant in place.constants:
            whole = rest.pop((element, part), "") == constant and whole
    return values, whole and not rest


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
    if place.kind is bool:
        return True if text == "Y" else None
    return text


def write_elements(record: msgspec.Struct, tag: str) -> Texts:
    """The elements of the segment behind its id; composites are lists. Empty where the record says nothing of it."""
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
