"""X12 to JSON, segment by segment, while the file is read: one document, with a line of text for each segment."""

import base64
import re
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

import msgspec

from claimloop.edi.conversion.signs import spelled, spelled_delimiters
from claimloop.edi.conversion.tree import (
    Closed,
    Label,
    Node,
    Opened,
    SegmentNode,
    component_label,
    element_label,
    is_segment_id,
    nodes,
    plain_text,
    values,
)
from claimloop.edi.guides.moves import SegmentPlace
from claimloop.edi.syntax.delimiters import Delimiters

FORM = "claimloop x12 1"
FIRST_LINE = f'{{"form":"{FORM}","content":['
_FLUSH = 1 << 16
_SIGNS_KEPT = 64


def write_json(path: Path, write: Callable[[bytes], object]) -> None:
    """Write a file of X12 as JSON. Raises NotX12, and OSError where the file cannot be read."""
    writer = _Writer()
    gathered = [FIRST_LINE]
    size = 0
    between = "\n"
    for node in nodes(path):
        if isinstance(node, Closed):
            text = "\n]}"
        else:
            text = between + writer.written(node)
        between = "\n" if isinstance(node, Opened) else ",\n"
        gathered.append(text)
        size += len(text)
        if size > _FLUSH:
            write("".join(gathered).encode())
            gathered.clear()
            size = 0
    gathered.append("\n]}\n")
    write("".join(gathered).encode())


class _Keys:
    """What is the same of all segments of one id in one place: their head, and the heads of their elements."""

    def __init__(self, tag: str, place: SegmentPlace | None) -> None:
        name = f',"name":{_quoted(place.segment.name)}' if place else ""
        self.opening = f'{{"kind":"segment","id":{_quoted(tag)}{name},"elements":['
        self.elements: list[str] = []
        self._tag, self._place = tag, place

    def reach(self, count: int) -> list[str]:
        """The heads of the first `count` elements at least."""
        for position in range(len(self.elements) + 1, count + 1):
            self.elements.append(_label(element_label(self._tag, position, self._place)))
        return self.elements


class _Writer:
    def __init__(self) -> None:
        self._keys: dict[tuple[str, SegmentPlace | None], _Keys] = {}

    def written(self, node: Node) -> str:
        if isinstance(node, SegmentNode):
            return self._segment(node)
        if isinstance(node, Opened):
            return _opening(node)
        assert not isinstance(node, Closed)
        return f'{{"kind":"outside","bytes":"{base64.b64encode(node.raw).decode()}"}}'

    def _segment(self, node: SegmentNode) -> str:
        text, elements, place, signs, ending, raw, whole = node
        tag = elements[0]
        keys = self._keys.get((tag, place)) or self._keys_of(tag, place)
        heads = keys.elements if len(keys.elements) >= len(elements) else keys.reach(len(elements))
        if _plain(signs, tag.strip(" ")).fullmatch(text):
            parts = [f'{head}"value":"{value}"}}' for head, value in zip(heads, elements[1:], strict=False)]
        else:
            parts = [
                f"{heads[position - 1]}{_element(value, tag, position, place, signs)}}}"
                for position, value in enumerate(elements[1:], start=1)
            ]
        own = "" if ending is None else f',"ending":"{spelled(ending)}"'
        if not whole:
            own += f',"raw":"{base64.b64encode(raw).decode()}"'
        return f"{keys.opening}{','.join(parts)}]{own}}}"

    def _keys_of(self, tag: str, place: SegmentPlace | None) -> _Keys:
        keys = _Keys(tag, place)
        if is_segment_id(tag):  # there is no end of the others
            self._keys[tag, place] = keys
        return keys


@lru_cache(maxsize=_SIGNS_KEPT)
def _plain(signs: Delimiters, tag: str) -> re.Pattern[str]:
    """Text that stands in JSON as it is, without components and repeats."""
    return plain_text(signs, tag, '"\\')


def _element(text: str, tag: str, position: int, place: SegmentPlace | None, signs: Delimiters) -> str:
    repeats = values(text, tag.strip(" "), signs)
    if len(repeats) == 1:
        return _filled(repeats[0], tag, position, place)
    return f'"repeats":[{",".join(f"{{{_filled(each, tag, position, place)}}}" for each in repeats)}]'


def _filled(parts: list[str], tag: str, position: int, place: SegmentPlace | None) -> str:
    """What an element, or one of its repeats, has: a value or components."""
    if len(parts) == 1:
        return f'"value":{_quoted(parts[0])}'
    inner = [
        f'{_label(component_label(tag, position, number, place))}"value":{_quoted(part)}}}'
        for number, part in enumerate(parts, start=1)
    ]
    return f'"components":[{",".join(inner)}]'


def _label(label: Label) -> str:
    name = f'"name":{_quoted(label.name)},' if label.name else ""
    return f'{{"id":{_quoted(label.id)},{name}'


def _quoted(text: str) -> str:
    return msgspec.json.encode(text).decode()


def _opening(node: Opened) -> str:
    label = "guide" if node.level == "set" else "id"
    own = f',"{label}":{_quoted(node.id)}' if node.id else ""
    name = f',"name":{_quoted(node.name)}' if node.name else ""
    signs = ""
    if node.delimiters:
        signs = f',"delimiters":"{spelled_delimiters(node.delimiters)}","ending":"{spelled(node.ending)}"'
    return f'{{"kind":"{node.level}"{own}{name}{signs},"content":['
