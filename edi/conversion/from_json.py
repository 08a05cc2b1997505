"""JSON of ours to the segments of the X12 that it holds: line by line where it is laid out as we do it, else whole."""

from typing import BinaryIO, Literal, TypeAlias

import msgspec

from claimloop.edi.conversion.to_json import FIRST_LINE
from claimloop.edi.conversion.to_x12 import ConversionError, Element, X12Writer
from claimloop.edi.syntax.tokens import LONGEST_SEGMENT

_LARGEST_WHOLE = 1 << 28
_LONGEST_LINE = 8 * LONGEST_SEGMENT
"""A control character takes six bytes."""

_OPENING = b'"content":['
_CLOSING = (b"]}", b"]},")


class Component(msgspec.Struct, forbid_unknown_fields=True):
    """A component: `id` is its place (CLM05-1), `name` the guide's."""

    value: str
    id: str = ""
    name: str = ""


class Repeat(msgspec.Struct, forbid_unknown_fields=True):
    """One occurrence of an element that repeats: a `value`, or `components`."""

    value: str | None = None
    components: list[Component] | None = None


class ElementObject(msgspec.Struct, forbid_unknown_fields=True):
    """An element: one of `value`, `components` and `repeats`; `id` is its place (NM101), `name` the guide's."""

    id: str = ""
    name: str = ""
    value: str | None = None
    components: list[Component] | None = None
    repeats: list[Repeat] | None = None


class Segment(msgspec.Struct, forbid_unknown_fields=True, tag_field="kind", tag="segment"):
    """A segment. `ending` is what stands behind it where it is not the interchange's; `raw` is base64."""

    id: str
    name: str = ""
    elements: list[ElementObject] = []
    ending: str | None = None
    raw: str | None = None


class Outside(msgspec.Struct, forbid_unknown_fields=True, tag_field="kind", tag="outside"):
    """Bytes of no segment, in base64."""

    bytes: str


class Loop(msgspec.Struct, forbid_unknown_fields=True, tag_field="kind", tag="loop"):
    """A loop of the guide, once for each time that it occurs."""

    id: str = ""
    name: str = ""
    content: "list[Node]" = []


class Set(msgspec.Struct, forbid_unknown_fields=True, tag_field="kind", tag="set"):
    """ST to SE; `guide` is ST03, else GS08."""

    guide: str = ""
    content: "list[Node]" = []


class Group(msgspec.Struct, forbid_unknown_fields=True, tag_field="kind", tag="group"):
    """GS to GE."""

    content: "list[Node]" = []


class Interchange(msgspec.Struct, forbid_unknown_fields=True, tag_field="kind", tag="interchange"):
    """ISA to IEA: its four delimiters and the usual ending of its segments, in hexadecimal."""

    delimiters: str
    ending: str
    content: "list[Node]" = []


Node: TypeAlias = Interchange | Group | Set | Loop | Segment | Outside


class Document(msgspec.Struct, forbid_unknown_fields=True):
    """A file of X12 as JSON."""

    form: Literal["claimloop x12 1"]
    content: list[Node]


def read_json(stream: BinaryIO, writer: X12Writer) -> None:
    """Hand what the document holds to the writer. Raises ConversionError.

    Memory is bounded by the longest segment where every line begins or ends a level or holds whole segments, else by
    the size of the document, which may have _LARGEST_WHOLE bytes then.
    """
    if _is_laid_out_by_line(stream):
        _read_lines(stream, writer)
    else:
        _read_whole(stream, writer)


def _is_laid_out_by_line(stream: BinaryIO) -> bool:
    by_line = _line(stream) == FIRST_LINE.encode()
    while by_line and (line := _line(stream)):
        by_line = line in _CLOSING or (line.startswith(b"{") and line.endswith((b"}", b"},", _OPENING)))
    stream.seek(0)
    return by_line


def _read_lines(stream: BinaryIO, writer: X12Writer) -> None:
    decoder = msgspec.json.Decoder(list[Node])
    depth, number = 0, 1
    _line(stream)
    while line := _line(stream):
        number += 1
        if line in _CLOSING:
            depth -= 1
            if depth < 0:
                if stream.read().strip():
                    raise ConversionError(f"line {number}: something stands behind the end of the document")
                return
            continue
        begins = line.endswith(_OPENING)
        text = b"[%b]}]" % line if begins else b"[%b]" % line.removesuffix(b",")
        try:
            nodes = decoder.decode(text)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise ConversionError(f"line {number} is not of the documented form: {error}") from error
        depth += begins
        _take(nodes, writer)
    raise ConversionError("the document ends before its last line")


def _line(stream: BinaryIO) -> bytes:
    """The next line that is not blank, or nothing at the end."""
    while text := stream.readline(_LONGEST_LINE):
        if line := text.strip():
            return line
    return b""


def _read_whole(stream: BinaryIO, writer: X12Writer) -> None:
    text = stream.read(_LARGEST_WHOLE + 1)
    if len(text) > _LARGEST_WHOLE:
        raise ConversionError(
            f"the document is laid out otherwise than `convert` does, and longer than {_LARGEST_WHOLE:,} bytes"
        )
    try:
        document = msgspec.json.decode(text.removeprefix(b"\xef\xbb\xbf"), type=Document)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ConversionError(f"the document is no JSON of the documented form: {error}") from error
    _take(document.content, writer)


def _take(nodes: list[Node], writer: X12Writer) -> None:
    waiting = [iter(nodes)]
    while waiting:
        node = next(waiting[-1], None)
        if node is None:
            waiting.pop()
        elif isinstance(node, Segment):
            values = [_element(each, position, writer) for position, each in enumerate(node.elements, start=1)]
            writer.segment(node.id, values, node.ending, node.raw)
        elif isinstance(node, Outside):
            writer.outside(node.bytes)
        else:
            if isinstance(node, Interchange):
                writer.begin_interchange(node.delimiters, node.ending)
            waiting.append(iter(node.content))


def _element(element: ElementObject, position: int, writer: X12Writer) -> Element:
    given = (element.value is not None) + (element.components is not None) + (element.repeats is not None)
    if given == 1:
        if element.value is not None:
            return element.value
        if element.components:
            return [_parts(element.components)]
        if element.repeats and all((each.value is None) != (not each.components) for each in element.repeats):
            return [_parts(each.components) if each.components else [each.value or ""] for each in element.repeats]
    raise ConversionError(
        f"segment {writer.number + 1}: element {position} has one of value, components and repeats, and no empty list"
    )


def _parts(components: list[Component]) -> list[str]:
    return [component.value for component in components]
