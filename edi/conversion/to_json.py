"""X12 to JSON: one valid document with a line for each segment, so that it can be written and read as it goes."""

import base64
from collections.abc import Callable
from pathlib import Path

import msgspec

from claimloop.edi.conversion.signs import spelled, spelled_delimiters
from claimloop.edi.conversion.tree import Bytes, Opened, SegmentNode, nodes

FIRST_LINE = b'{"form":"claimloop x12 1","lines":['
LAST_LINE = b"null]}"
_FLUSH = 1 << 16


class ElementLine(msgspec.Struct, omit_defaults=True):
    """An element: `value`, or `components` where it has several; `id` is its place (NM101), `name` the guide's."""

    id: str = ""
    name: str = ""
    value: str | None = None
    components: list[str] | None = None


class Line(msgspec.Struct, omit_defaults=True):
    """A segment; or the `delimiters` and the usual `ending` of the interchange that begins; or bytes `outside`.

    `raw` and `outside` are base64; `delimiters` and `ending` are code points in hexadecimal.
    """

    segment: str | None = None
    name: str = ""
    loops: list[str] = []
    elements: list[ElementLine] = []
    ending: str | None = None
    raw: str | None = None
    delimiters: str | None = None
    outside: str | None = None


class Document(msgspec.Struct):
    """The whole document; the last of its lines is null."""

    form: str
    lines: list[Line | None]


def write_json(path: Path, write: Callable[[bytes], object]) -> None:
    """Write a file of X12 as JSON. Raises NotX12, and OSError where the file cannot be read."""
    encode_into = msgspec.json.Encoder().encode_into
    out = bytearray(FIRST_LINE + b"\n")
    for node in nodes(path):
        line = None
        match node:
            case SegmentNode():
                line = _line(node)
            case Opened(delimiters=signs) if signs is not None:
                line = Line(delimiters=spelled_delimiters(signs), ending=spelled(node.ending))
            case Bytes():
                line = Line(outside=base64.b64encode(node.raw).decode())
        if line is None:
            continue
        encode_into(line, out, -1)
        out += b",\n"
        if len(out) > _FLUSH:
            write(bytes(out))
            out.clear()
    write(bytes(out) + LAST_LINE + b"\n")


def _line(node: SegmentNode) -> Line:
    elements = [
        ElementLine(value.id, value.name, value.texts[0])
        if len(value.texts) == 1
        else ElementLine(value.id, value.name, components=list(value.texts))
        for value in node.values
    ]
    return Line(
        segment=node.id,
        name=node.name,
        loops=list(node.loops),
        elements=elements,
        ending=None if node.ending is None else spelled(node.ending),
        raw=None if node.whole else base64.b64encode(node.raw).decode(),
    )
