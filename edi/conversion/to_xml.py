"""Convert X12 to XML, segment by segment, while reading the file."""

import base64
import re
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

from claimloop.edi.conversion.delimiter_text import delimiters_to_hex, to_hex
from claimloop.edi.conversion.tree import (
    Bytes,
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

NAMESPACE = "urn:claimloop:x12:1"
SUBSTITUTE = "\N{REPLACEMENT CHARACTER}"
_REPRESENTABLE = "\t\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff"
"""All characters except those that XML cannot represent, and line breaks, which XML readers change."""

_FLUSH = 1 << 16
_DELIMITERS_KEPT = 64
_MOST_OUTSIDE = 3 << 18
"""The most bytes in one `outside` element."""


def write_xml(path: Path, write: Callable[[bytes], object]) -> None:
    """Write an X12 file as XML. Raises NotX12, and OSError if the file cannot be read."""
    writer = _Writer()
    gathered = [f'<?xml version="1.0" encoding="UTF-8"?>\n<file xmlns="{NAMESPACE}">\n']
    size = 0
    for node in nodes(path):
        text = writer.written(node)
        gathered.append(text)
        size += len(text)
        if size > _FLUSH:
            write("".join(gathered).encode())
            gathered.clear()
            size = 0
    gathered.append("</file>\n")
    write("".join(gathered).encode())


def as_restored(text: str, delimiters: Delimiters) -> str:
    """Return the text of a segment as its XML restores it, with a replacement character for what XML cannot represent.

    This does not affect delimiters, which the XML does not contain, except in an ISA, where they are values.
    """
    tag, separator, rest = text.partition(delimiters.element)
    cut = "" if tag.strip(" ") == "ISA" else delimiters.component + delimiters.repetition
    return _representable(tag) + separator + _unrepresentable(delimiters.element + cut).sub(SUBSTITUTE, rest)


def _representable(text: str) -> str:
    return _unrepresentable("").sub(SUBSTITUTE, text)


@lru_cache(maxsize=_DELIMITERS_KEPT)
def _unrepresentable(but: str) -> re.Pattern[str]:
    return re.compile(f"[^{_REPRESENTABLE}{re.escape(but)}]")


class _Tags:
    """The constant text of all segments of one id in one place: the tag, and the tags of their elements."""

    def __init__(self, tag: str, place: SegmentPlace | None) -> None:
        named = is_segment_id(tag)
        own = "" if named else f" id={quoteattr(_representable(tag))}"
        self.name = tag if named else "segment"
        self.opening = f"<{self.name}{own}{_attribute('name', place.segment.name if place else '')}"
        self.elements: list[str] = []
        self._tag, self._place = tag, place

    def reach(self, count: int) -> list[str]:
        """Return the start tags of at least the first `count` elements."""
        for position in range(len(self.elements) + 1, count + 1):
            self.elements.append(f"<e{_label(element_label(self._tag, position, self._place))}>")
        return self.elements


class _Writer:
    def __init__(self) -> None:
        self._tags: dict[tuple[str, SegmentPlace | None], _Tags] = {}

    def written(self, node: Node) -> str:
        if isinstance(node, SegmentNode):
            return self._segment(node)
        if isinstance(node, Opened):
            return _opening(node)
        if isinstance(node, Closed):
            return f"</{node.level}>\n"
        return _outside(node)

    def _segment(self, node: SegmentNode) -> str:
        text, elements, place, delimiters, ending, raw, whole = node
        tag = elements[0]
        tags = self._tags.get((tag, place)) or self._tags_of(tag, place)
        openings = tags.elements if len(tags.elements) >= len(elements) else tags.reach(len(elements))
        if _plain(delimiters, tag.strip(" ")).fullmatch(text) and f"{delimiters.element} " not in text:
            parts = [f"{opening}{value}</e>" for opening, value in zip(openings, elements[1:], strict=False)]
        else:
            parts = [
                _element(openings[position - 1], value, tag, position, place, delimiters)
                for position, value in enumerate(elements[1:], start=1)
            ]
            whole = whole and as_restored(text, delimiters) == text
        own = "" if ending is None else f' ending="{to_hex(ending)}"'
        if not whole:
            own += f' raw="{base64.b64encode(raw).decode()}"'
        return f"{tags.opening}{own}>{''.join(parts)}</{tags.name}>\n"

    def _tags_of(self, tag: str, place: SegmentPlace | None) -> _Tags:
        tags = _Tags(tag, place)
        if is_segment_id(tag):  # a file may contain any number of malformed ids
            self._tags[tag, place] = tags
        return tags


@lru_cache(maxsize=_DELIMITERS_KEPT)
def _plain(delimiters: Delimiters, tag: str) -> re.Pattern[str]:
    """Return a pattern for text that needs no escapes in XML, without components and repeats."""
    return plain_text(delimiters, tag, "&<>")


def _element(
    opening: str, text: str, tag: str, position: int, place: SegmentPlace | None, delimiters: Delimiters
) -> str:
    repeats = values(text, tag.strip(" "), delimiters)
    if len(repeats) == 1:
        return _filled(opening, "e", repeats[0], tag, position, place)
    return f"{opening}{''.join(_filled('<r>', 'r', each, tag, position, place) for each in repeats)}</e>"


def _filled(opening: str, name: str, parts: list[str], tag: str, position: int, place: SegmentPlace | None) -> str:
    """Return an element or one of its repeats, with text or with components."""
    if len(parts) == 1:
        return f"{_keeping(opening, parts[0])}{escape(_representable(parts[0]))}</{name}>"
    inner = [
        f"{_keeping(f'<c{_label(component_label(tag, position, number, place))}>', part)}"
        f"{escape(_representable(part))}</c>"
        for number, part in enumerate(parts, start=1)
    ]
    return f"{opening}{''.join(inner)}</{name}>"


def _keeping(opening: str, text: str) -> str:
    """Return the tag, marked so that programs that drop blank text keep this text."""
    return f'{opening[:-1]} xml:space="preserve">' if text.isspace() else opening


def _label(label: Label) -> str:
    return f"{_attribute('id', label.id)}{_attribute('name', label.name)}"


def _attribute(name: str, value: str) -> str:
    return f" {name}={quoteattr(_representable(value))}" if value else ""


def _opening(node: Opened) -> str:
    label = "guide" if node.level == "set" else "id"
    delimiters = ""
    if node.delimiters:
        delimiters = f' delimiters="{delimiters_to_hex(node.delimiters)}" ending="{to_hex(node.ending)}"'
    return f"<{node.level}{_attribute(label, node.id)}{_attribute('name', node.name)}{delimiters}>\n"


def _outside(node: Bytes) -> str:
    pieces = [node.raw[start : start + _MOST_OUTSIDE] for start in range(0, len(node.raw), _MOST_OUTSIDE)]
    return "".join(f"<outside>{base64.b64encode(piece).decode()}</outside>\n" for piece in pieces)
