"""XML or JSON of ours back to X12: the same bytes, or, where somebody changed a value, the segment with that value."""

import base64
import binascii
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO, Literal

import msgspec
from lxml import etree

from claimloop.edi.conversion.signs import read_delimiters, read_spelled
from claimloop.edi.conversion.to_json import FIRST_LINE, LAST_LINE, Document, ElementLine, Line
from claimloop.edi.conversion.to_xml import NAMESPACE, speakable
from claimloop.edi.delimiters import Delimiters
from claimloop.edi.diagnostics import UserError
from claimloop.edi.lossless import written

Form = Literal["x12", "xml", "json"]
_LEVELS = frozenset(("group", "set", "loop", "file"))
_FORM = "claimloop x12 1"
_HEAD = 1024


class ConversionError(UserError, ValueError):
    """The document is not of the form that docs/conversion.md describes, or cannot be written as X12."""


def form_of(path: Path) -> Form:
    """What a file holds, by its first bytes. Raises OSError where it cannot be read."""
    with path.open("rb") as stream:
        head = stream.read(_HEAD).removeprefix(b"\xef\xbb\xbf").lstrip()
    if head.startswith(b"<"):
        return "xml"
    return "json" if head.startswith(b"{") else "x12"


def write_x12(path: Path, form: Literal["xml", "json"], write: Callable[[bytes], object]) -> None:
    """Write an XML or JSON document of ours as X12.

    Raises ConversionError where it is none, or where a value holds a delimiter; OSError where it cannot be read.
    """
    with path.open("rb") as stream:
        lines = _lines_of_xml(stream) if form == "xml" else _lines_of_json(stream)
        signs, usual = Delimiters(), "~"
        for number, line in enumerate(lines, start=1):
            try:
                if line.outside is not None:
                    write(base64.b64decode(line.outside, validate=True))
                elif line.delimiters is not None:
                    signs, usual = read_delimiters(line.delimiters), read_spelled(line.ending or "")
                elif line.segment is not None:
                    write(_segment(line, signs, usual))
            except (binascii.Error, ValueError) as error:
                raise ConversionError(f"{path}: segment {number}: {error}") from error


def _segment(line: Line, signs: Delimiters, usual: str) -> bytes:
    """The bytes of a segment: the original ones, as long as its values are still those."""
    assert line.segment is not None
    texts = [line.segment]
    for element in line.elements:
        parts = element.components if element.components is not None else [element.value or ""]
        texts.append(signs.component.join(parts))
    text = signs.element.join(texts)
    if line.raw is not None:
        raw = base64.b64decode(line.raw, validate=True)
        if text in ((original := _text(raw, signs)), speakable(original)):
            return raw
    _check(line, signs)
    return written(text, usual if line.ending is None else read_spelled(line.ending), signs)


def _check(line: Line, signs: Delimiters) -> None:
    """Refuse values that would be read as something else."""
    forbidden = {signs.element: "element separator", signs.segment: "segment terminator"}
    for element in line.elements:
        parts = element.components if element.components is not None else [element.value or ""]
        for part in parts:
            for sign, name in forbidden.items():
                if sign in part:
                    raise ValueError(f"the value of {element.id or line.segment} holds the {name}")
            if signs.component and signs.component in part and line.segment != "ISA":
                raise ValueError(f"the value of {element.id or line.segment} holds the component separator")


def _text(raw: bytes, signs: Delimiters) -> str:
    """The text of a segment's bytes, as readers see it."""
    breaks = bytes(byte for byte in b"\r\n" if chr(byte) != signs.segment)
    body = raw.translate(None, breaks)
    terminator = signs.segment.encode("latin-1")
    body = body.removesuffix(terminator)
    try:
        return body.decode("utf-8" if str(signs).isascii() else "latin-1")
    except UnicodeDecodeError:
        return body.decode("latin-1")


def _lines_of_json(stream: BinaryIO) -> Iterator[Line]:
    """Line by line where the document is laid out as we lay it out, else as a whole."""
    if stream.readline().rstrip() != FIRST_LINE:
        stream.seek(0)
        try:
            document = msgspec.json.decode(stream.read(), type=Document)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise ConversionError(f"the document is no JSON of the documented form: {error}") from error
        if document.form != _FORM:
            raise ConversionError(f"the document is not of the form {_FORM!r}")
        yield from (line for line in document.lines if line is not None)
        return
    decoder = msgspec.json.Decoder(Line)
    for number, text in enumerate(stream, start=2):
        if text.strip() == LAST_LINE:
            return
        try:
            yield decoder.decode(text.rstrip().removesuffix(b","))
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise ConversionError(f"line {number} is not of the documented form: {error}") from error
    raise ConversionError("the document ends before its last line")


def _lines_of_xml(stream: BinaryIO) -> Iterator[Line]:
    """Segments in the order of the document. No DTD, no entities, no network."""
    found = etree.iterparse(
        stream, events=("start", "end"), resolve_entities=False, no_network=True, load_dtd=False,
        remove_comments=True, remove_pis=True, huge_tree=False,
    )  # fmt: skip
    depth = 0
    inside: etree._Element | None = None  # the segment that is being read
    try:
        for event, element in found:
            name = etree.QName(element)
            if event == "start":
                if depth == 0:
                    _check_root(element)
                depth += 1
                if name.namespace != NAMESPACE:
                    raise ConversionError(f"an element of the namespace {name.namespace!r} has no place here")
                if name.localname == "interchange":
                    yield Line(delimiters=element.get("delimiters", ""), ending=element.get("ending"))
                elif inside is None and name.localname not in _LEVELS and name.localname != "outside":
                    inside = element
                continue
            depth -= 1
            if inside is not None and element is inside:
                yield _line_of(element)
                inside = None
            elif name.localname == "outside" and inside is None:
                yield Line(outside="".join((element.text or "").split()))
            if inside is None:
                _forget(element)
    except etree.XMLSyntaxError as error:
        raise ConversionError(f"the document is no XML that is read here: {error.msg}") from error


def _check_root(element: etree._Element) -> None:
    if element.getroottree().docinfo.internalDTD is not None:
        raise ConversionError("the document has a DTD; XML is read without")
    if etree.QName(element) != etree.QName(NAMESPACE, "file"):
        raise ConversionError(f"the root element is not file of the namespace {NAMESPACE}")


def _forget(element: etree._Element) -> None:
    """What was read is not kept."""
    element.clear()
    parent = element.getparent()
    while parent is not None and element.getprevious() is not None:
        del parent[0]


def _line_of(element: etree._Element) -> Line:
    name = etree.QName(element).localname
    values = []
    for child in element:
        if etree.QName(child).localname != "e":
            raise ConversionError(f"{name} holds an element that is no e")
        parts = list(child)
        if parts:
            values.append(ElementLine(child.get("id", ""), components=[part.text or "" for part in parts]))
        else:
            values.append(ElementLine(child.get("id", ""), value=child.text or ""))
    return Line(
        segment=element.get("id", "") if name == "segment" else name,
        elements=values,
        ending=element.get("ending"),
        raw=element.get("raw"),
    )
