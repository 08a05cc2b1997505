"""Convert X12 to JSON, segment by segment, while reading the file: one document with one line for each segment."""

import base64
import re
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

import msgspec

from claimloop.edi.conversion.delimiter_text import delimiters_to_hex, to_hex
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
_DELIMITERS_KEPT = 64


def write_json(path: Path, write: Callable[[bytes], object]) -> None:
    """Write an X12 file as JSON. Raises NotX12, and OSError if the file cannot be read."""
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
    """The constant text of all segments of one id in one place: their head, and the heads of their elements."""

    def __init__(self, tag: str, place: SegmentPlace | None) -> None:
        name = f',"name":{_quoted(place.segment.name)}' if place else ""
        self.opening = f'{{"kind":"segment","id":{_quoted(tag)}{name},"elements":['
        self.elements: list[str] = []
        self._tag, self._place = tag, place

    def reach(self, count: int) -> list[str]:
        """Return the heads of at least the first `count` elements."""
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
        text, elements, place, delimiters, ending, raw, whole = node
        tag = elements[0]
        keys = self._keys.get((tag, place)) or self._keys_of(tag, place)
        heads = keys.elements if len(keys.elements) >= len(elements) else keys.reach(len(elements))
        if _plain(delimiters, tag.strip(" ")).fullmatch(text):
            parts = [f'{head}"value":"{value}"}}' for head, value in zip(heads, elements[1:], strict=False)]
        else:
            parts = [
                f"{heads[position - 1]}{_element(value, tag, position, place, delimiters)}}}"
                for position, value in enumerate(elements[1:], start=1)
            ]
        own = "" if ending is None else f',"ending":"{to_hex(ending)}"'
        if not whole:
            own += f',"raw":"{base64.b64encode(raw).decode()}"'
        return f"{keys.opening}{','.join(parts)}]{own}}}"

    def _keys_of(self, tag: str, place: SegmentPlace | None) -> _Keys:
        keys = _Keys(tag, place)
        if is_segment_id(tag):  # a file may contain any number of malformed ids
            self._keys[tag, place] = keys
        return keys


@lru_cache(maxsize=_DELIMITERS_KEPT)
def _plain(delimiters: Delimiters, tag: str) -> re.Pattern[str]:
    """Return a pattern for text that needs no escapes in JSON, without components and repeats."""
    return plain_text(delimiters, tag, '"\\')


def _element(text: str, tag: str, position: int, place: SegmentPlace | None, delimiters: Delimiters) -> str:
    repeats = values(text, tag.strip(" "), delimiters)
    if len(repeats) == 1:
        return _filled(repeats[0], tag, position, place)
    return f'"repeats":[{",".join(f"{{{_filled(each, tag, position, place)}}}" for each in repeats)}]'


def _filled(parts: list[str], tag: str, position: int, place: SegmentPlace | None) -> str:
    """Return the content of an element or one of its repeats: a value or components."""
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
    delimiters = ""
    if node.delimiters:
        delimiters = f',"delimiters":"{delimiters_to_hex(node.delimiters)}","ending":"{to_hex(node.ending)}"'
    return f'{{"kind":"{node.level}"{own}{name}{delimiters},"content":['
