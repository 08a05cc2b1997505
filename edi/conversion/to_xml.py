"""X12 to XML, element by element, while the file is read."""

import base64
import re
from collections.abc import Callable
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

from claimloop.edi.conversion.signs import spelled, spelled_delimiters
from claimloop.edi.conversion.tree import Bytes, Closed, Node, Opened, SegmentNode, Value, nodes

NAMESPACE = "urn:claimloop:x12:1"
_NAME = re.compile(r"[A-Z][A-Z0-9]{1,2}")
_UNSPEAKABLE = re.compile("[^\t\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that XML has no way to hold, and line breaks, which its readers change."""

_SUBSTITUTE = "\N{REPLACEMENT CHARACTER}"
_FLUSH = 1 << 16


def write_xml(path: Path, write: Callable[[bytes], object]) -> None:
    """Write a file of X12 as XML. Raises NotX12, and OSError where the file cannot be read."""
    gathered = [f'<?xml version="1.0" encoding="UTF-8"?>\n<file xmlns="{NAMESPACE}">\n']
    size = 0
    for node in nodes(path):
        text = _written(node)
        gathered.append(text)
        size += len(text)
        if size > _FLUSH:
            write("".join(gathered).encode())
            gathered.clear()
            size = 0
    gathered.append("</file>\n")
    write("".join(gathered).encode())


def _written(node: Node) -> str:
    match node:
        case SegmentNode():
            return _segment(node)
        case Opened():
            return _opening(node)
        case Closed():
            return f"</{node.level}>\n"
        case Bytes():
            return f"<outside>{base64.b64encode(node.raw).decode()}</outside>\n"


def speakable(text: str) -> str:
    """The text as XML can hold it; what it cannot is a replacement character."""
    return _UNSPEAKABLE.sub(_SUBSTITUTE, text)


def _attribute(name: str, value: str | None) -> str:
    return "" if value is None or value == "" else f" {name}={quoteattr(speakable(value))}"


def _opening(node: Opened) -> str:
    signs = spelled_delimiters(node.delimiters) if node.delimiters else None
    label = "guide" if node.level == "set" else "id"
    return (
        f"<{node.level}{_attribute(label, node.id)}{_attribute('name', node.name)}"
        f"{_attribute('delimiters', signs)}{_attribute('ending', spelled(node.ending))}>\n"
    )


def _segment(node: SegmentNode) -> str:
    plain = _NAME.fullmatch(node.id) is not None
    tag = node.id if plain else "segment"
    unspeakable = _UNSPEAKABLE.search(node.id) or any(
        _UNSPEAKABLE.search(text) for value in node.values for text in value.texts
    )
    raw = node.raw if unspeakable or not node.whole else None
    ending = None if node.ending is None else spelled(node.ending)
    return (
        f"<{tag}{'' if plain else _attribute('id', node.id)}{_attribute('name', node.name)}"
        f"{'' if ending is None else f' ending={quoteattr(ending)}'}"
        f"{_attribute('raw', base64.b64encode(raw).decode() if raw is not None else None)}>"
        f"{''.join(map(_value, node.values))}</{tag}>\n"
    )


def _value(value: Value) -> str:
    head = f"<e id={quoteattr(speakable(value.id))}{_attribute('name', value.name)}>"
    if len(value.texts) == 1:
        return f"{head}{escape(speakable(value.texts[0]))}</e>"
    parts = []
    for position, text in enumerate(value.texts):
        name = value.names[position] if position < len(value.names) else ""
        parts.append(f"<c{_attribute('name', name)}>{escape(speakable(text))}</c>")
    return f"{head}{''.join(parts)}</e>"
