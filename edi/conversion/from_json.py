"""Read claimloop's JSON form of X12: line by line if it has the layout that we write, else as a whole."""

from typing import BinaryIO, Literal, TypeAlias

import msgspec

from claimloop.edi.conversion.to_json import FIRST_LINE
from claimloop.edi.conversion.to_x12 import ConversionError, Element, X12Writer
from claimloop.edi.syntax.tokens import LONGEST_SEGMENT

_LARGEST_WHOLE = 1 << 28
_LONGEST_LINE = 8 * LONGEST_SEGMENT
"""Room for escapes: a control character takes six bytes in JSON."""

_OPENING = b'"content":['
_CLOSING = (b"]}", b"]},")


class Component(msgspec.Struct, forbid_unknown_fields=True):
    """A component: `id` is its position (CLM05-1), `name` the guide's name."""

    value: str
    id: str = ""
    name: str = ""


class Repeat(msgspec.Struct, forbid_unknown_fields=True):
    """One occurrence of an element that repeats: a `value`, or `components`."""

    value: str | None = None
    components: list[Component] | None = None


class ElementObject(msgspec.Struct, forbid_unknown_fields=True):
    """An element: exactly one of `value`, `components` and `repeats`. `id` is its position (NM101), `name` the guide's
    name.
    """

    id: str = ""
    name: str = ""
    value: str | None = None
    components: list[Component] | None = None
    repeats: list[Repeat] | None = None


class Segment(msgspec.Struct, forbid_unknown_fields=True, tag_field="kind", tag="segment"):
    """A segment. `ending` is set if it differs from the interchange's usual ending; `raw` is base64."""

    id: str
    name: str = ""
    elements: list[ElementObject] = []
    ending: str | None = None
    raw: str | None = None


class Outside(msgspec.Struct, forbid_unknown_fields=True, tag_field="kind", tag="outside"):
    """Bytes that belong to no segment, in base64."""

    bytes: str


class Loop(msgspec.Struct, forbid_unknown_fields=True, tag_field="kind", tag="loop"):
    """One occurrence of a loop of the guide."""

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
    """An X12 file as JSON."""

    form: Literal["claimloop x12 1"]
    content: list[Node]


def read_json(stream: BinaryIO, writer: X12Writer) -> None:
    """Pass the contents of the document to the writer. Raises ConversionError.

    If every line begins or ends a level or holds complete segments, memory is bounded by the longest segment. Otherwise
    the document is read as a whole, and may have at most _LARGEST_WHOLE bytes.
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
                    raise ConversionError(f"line {number}: the document continues after its end")
                return
            continue
        begins = line.endswith(_OPENING)
        text = b"[%b]}]" % line if begins else b"[%b]" % line.removesuffix(b",")
        try:
            nodes = decoder.decode(text)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise ConversionError(f"line {number} does not have the documented form: {error}") from error
        depth += begins
        _take(nodes, writer)
    raise ConversionError("the document ends before its last line")


def _line(stream: BinaryIO) -> bytes:
    """Return the next line that is not blank; empty at the end."""
    while text := stream.readline(_LONGEST_LINE):
        if line := text.strip():
            return line
    return b""


def _read_whole(stream: BinaryIO, writer: X12Writer) -> None:
    text = stream.read(_LARGEST_WHOLE + 1)
    if len(text) > _LARGEST_WHOLE:
        raise ConversionError(
            f"the document is longer than {_LARGEST_WHOLE:,} bytes and not in the line layout of `convert`"
        )
    try:
        document = msgspec.json.decode(text.removeprefix(b"\xef\xbb\xbf"), type=Document)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ConversionError(f"the document is not JSON of the documented form: {error}") from error
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
        f"segment {writer.number + 1}: element {position} must have exactly one of value, components and repeats, "
        "without empty lists"
    )


def _parts(components: list[Component]) -> list[str]:
    return [component.value for component in components]
