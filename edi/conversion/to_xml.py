"""X12 to XML, segment by segment, while the file is read."""

import base64
import re
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

from claimloop.edi.conversion.signs import spelled, spelled_delimiters
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
_SPEAKABLE = "\t\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff"
"""All but the characters that XML has no way to hold, and line breaks, which its readers change."""

_FLUSH = 1 << 16
_SIGNS_KEPT = 64
_MOST_OUTSIDE = 3 << 18
"""Bytes in one `outside` element."""


def write_xml(path: Path, write: Callable[[bytes], object]) -> None:
    """Write a file of X12 as XML. Raises NotX12, and OSError where the file cannot be read."""
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


def given_back(text: str, signs: Delimiters) -> str:
    """The text of a segment as its XML gives it back: what XML cannot hold is a replacement character.

    That is no matter for delimiters, which XML does not hold, but in an ISA, where they are values.
    """
    tag, separator, rest = text.partition(signs.element)
    cut = "" if tag.strip(" ") == "ISA" else signs.component + signs.repetition
    return _speakable(tag) + separator + _unspeakable(signs.element + cut).sub(SUBSTITUTE, rest)


def _speakable(text: str) -> str:
    return _unspeakable("").sub(SUBSTITUTE, text)


@lru_cache(maxsize=_SIGNS_KEPT)
def _unspeakable(but: str) -> re.Pattern[str]:
    return re.compile(f"[^{_SPEAKABLE}{re.escape(but)}]")


class _Tags:
    """What is the same of all segments of one id in one place: the tag, and the tags of their elements."""

    def __init__(self, tag: str, place: SegmentPlace | None) -> None:
        named = is_segment_id(tag)
        own = "" if named else f" id={quoteattr(_speakable(tag))}"
        self.name = tag if named else "segment"
        self.opening = f"<{self.name}{own}{_attribute('name', place.segment.name if place else '')}"
        self.elements: list[str] = []
        self._tag, self._place = tag, place

    def reach(self, count: int) -> list[str]:
        """The tags of the first `count` elements at least, without their end."""
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
        text, elements, place, signs, ending, raw, whole = node
        tag = elements[0]
        tags = self._tags.get((tag, place)) or self._tags_of(tag, place)
        openings = tags.elements if len(tags.elements) >= len(elements) else tags.reach(len(elements))
        if _plain(signs, tag.strip(" ")).fullmatch(text) and f"{signs.element} " not in text:
            parts = [f"{opening}{value}</e>" for opening, value in zip(openings, elements[1:], strict=False)]
        else:
            parts = [
                _element(openings[position - 1], value, tag, position, place, signs)
                for position, value in enumerate(elements[1:], start=1)
            ]
            whole = whole and given_back(text, signs) == text
        own = "" if ending is None else f' ending="{spelled(ending)}"'
        if not whole:
            own += f' raw="{base64.b64encode(raw).decode()}"'
        return f"{tags.opening}{own}>{''.join(parts)}</{tags.name}>\n"

    def _tags_of(self, tag: str, place: SegmentPlace | None) -> _Tags:
        tags = _Tags(tag, place)
        if is_segment_id(tag):  # there is no end of the others
            self._tags[tag, place] = tags
        return tags


@lru_cache(maxsize=_SIGNS_KEPT)
def _plain(signs: Delimiters, tag: str) -> re.Pattern[str]:
    """Text that stands in XML as it is, without components and repeats."""
    return plain_text(signs, tag, "&<>")


def _element(opening: str, text: str, tag: str, position: int, place: SegmentPlace | None, signs: Delimiters) -> str:
    repeats = values(text, tag.strip(" "), signs)
    if len(repeats) == 1:
        return _filled(opening, "e", repeats[0], tag, position, place)
    return f"{opening}{''.join(_filled('<r>', 'r', each, tag, position, place) for each in repeats)}</e>"


def _filled(opening: str, name: str, parts: list[str], tag: str, position: int, place: SegmentPlace | None) -> str:
    """An element or one of its repeats, with text or with components."""
    if len(parts) == 1:
        return f"{_keeping(opening, parts[0])}{escape(_speakable(parts[0]))}</{name}>"
    inner = [
        f"{_keeping(f'<c{_label(component_label(tag, position, number, place))}>', part)}{escape(_speakable(part))}</c>"
        for number, part in enumerate(parts, start=1)
    ]
    return f"{opening}{''.join(inner)}</{name}>"


def _keeping(opening: str, text: str) -> str:
    """The tag, so that programs that drop blank text leave this one alone."""
    return f'{opening[:-1]} xml:space="preserve">' if text.isspace() else opening


def _label(label: Label) -> str:
    return f"{_attribute('id', label.id)}{_attribute('name', label.name)}"


def _attribute(name: str, value: str) -> str:
    return f" {name}={quoteattr(_speakable(value))}" if value else ""


def _opening(node: Opened) -> str:
    label = "guide" if node.level == "set" else "id"
    signs = ""
    if node.delimiters:
        signs = f' delimiters="{spelled_delimiters(node.delimiters)}" ending="{spelled(node.ending)}"'
    return f"<{node.level}{_attribute(label, node.id)}{_attribute('name', node.name)}{signs}>\n"


def _outside(node: Bytes) -> str:
    pieces = [node.raw[start : start + _MOST_OUTSIDE] for start in range(0, len(node.raw), _MOST_OUTSIDE)]
    return "".join(f"<outside>{base64.b64encode(piece).decode()}</outside>\n" for piece in pieces)
