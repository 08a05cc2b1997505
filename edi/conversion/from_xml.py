"""Read claimloop's XML form of X12, event by event, without DTD, entities or network access."""

from collections.abc import Mapping
from typing import BinaryIO, Literal, NoReturn, cast

from lxml import etree

from claimloop.edi.conversion.to_x12 import ConversionError, Element, X12Writer
from claimloop.edi.conversion.to_xml import NAMESPACE
from claimloop.edi.conversion.tree import is_segment_id
from claimloop.edi.syntax.tokens import LONGEST_SEGMENT

_CHUNK = 1 << 16
_DEEPEST = 64
_LONGEST_SILENCE = 4 * LONGEST_SEGMENT
"""The most bytes without a parser event. A segment's raw bytes in base64 are shorter."""

_LARGEST = 3 * LONGEST_SEGMENT
"""The most characters and elements in one segment, or characters of `outside` bytes."""

_PREFIX = f"{{{NAMESPACE}}}"
_LEVELS = frozenset(("file", "interchange", "group", "set", "loop"))
_MAY_HOLD: dict[str, tuple[str, ...]] = {"segment": ("e",), "e": ("r", "c"), "r": ("c",)}
Place = Literal["level", "segment", "e", "r", "c", "outside"]


def read_xml(stream: BinaryIO, writer: X12Writer) -> None:
    """Pass the contents of the document to the writer, in memory bounded by the longest segment. Raises
    ConversionError.
    """
    reader = _Reader(writer)
    # huge_tree: a segment may exceed libxml2's limits. We guard against the same attacks ourselves: a DTD ends reading
    # before its first entity, so that no entity can expand, and depth and length are limited. "internal" keeps the five
    # entities of XML itself; with False, libxml2 would pass "&#38;" for every "&" in an attribute.
    parser = etree.XMLParser(
        target=reader,  # type: ignore[arg-type]  # the stubs require a comment method; comments are skipped
        resolve_entities="internal",  # type: ignore[arg-type]  # the stubs do not know "internal"
        no_network=True,
        load_dtd=False,
        huge_tree=True,
    )
    silence, events = 0, 0
    try:
        while chunk := stream.read(_CHUNK):
            parser.feed(chunk)
            silence = silence + len(chunk) if reader.events == events else 0
            events = reader.events
            if silence > _LONGEST_SILENCE:
                raise ConversionError("the document contains a tag or comment that never ends")
        parser.close()
    except etree.XMLSyntaxError as error:
        line = f", line {error.lineno}" if error.lineno else ""
        raise ConversionError(f"the document is not well-formed XML{line}") from error


class _Reader:
    """The parser's target. `events` counts its calls."""

    def __init__(self, writer: X12Writer) -> None:
        self.events = 0
        self._writer = writer
        self._open: list[Place] = []
        self._size = 0
        self._text: list[str] = []
        self._tag = ""
        self._attributes: Mapping[str, str] = {}
        self._elements: list[Element] = []
        self._repeats: list[list[str]] = []
        self._components: list[str] = []

    def doctype(self, *_: object) -> None:
        """Reject a DTD."""
        raise ConversionError("the document has a DTD, which is not allowed")

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        """Handle the start of a tag."""
        self.events += 1
        around = self._open[-1] if self._open else None
        local = name.removeprefix(_PREFIX)
        if around is None and (local == name or local != "file"):
            raise ConversionError(f"the root element must be file in the namespace {NAMESPACE}")
        if local == name:
            raise ConversionError("an element of another namespace is not allowed here")
        if around in ("level", None):
            self._open.append(self._begin(local, attributes))
        elif local in _MAY_HOLD.get(str(around), ()):
            self._begin_value(local)
        else:
            raise ConversionError(
                f"after segment {self._writer.number}: {_words(local)} is not allowed in {_words(around)}"
            )

    def end(self, _: str) -> None:
        """Handle the end of a tag."""
        self.events += 1
        place = self._open.pop()
        if place == "level":
            return
        if place == "segment":
            ending, raw = self._attributes.get("ending"), self._attributes.get("raw")
            self._writer.segment(self._tag, self._elements, ending, raw)
            return
        text = self._text[0] if len(self._text) == 1 else "".join(self._text)
        self._text.clear()
        if place == "e":
            self._elements.append(self._element(text))
        elif place == "c":
            self._components.append(text)
        elif place == "r":
            self._repeats.append(self._parts(text))
        else:
            self._writer.outside(text)

    def data(self, text: str) -> None:
        """Handle text, or a part of it."""
        self.events += 1
        if self._open[-1] in ("level", "segment"):
            if not text.isspace():
                raise ConversionError(f"after segment {self._writer.number}: text is outside of a value")
            return
        self._grow(len(text))
        self._text.append(text)

    def close(self) -> None:
        """Handle the end of the document."""

    def _begin(self, local: str, attributes: Mapping[str, str]) -> Place:
        if len(self._open) >= _DEEPEST:
            raise ConversionError(f"the document is nested deeper than {_DEEPEST} elements")
        self._size = 0
        if local == "interchange":
            self._writer.begin_interchange(attributes.get("delimiters", ""), attributes.get("ending", ""))
        if local in _LEVELS:
            return "level"
        if local == "outside":
            return "outside"
        if local != "segment" and not is_segment_id(local):
            raise ConversionError(f"after segment {self._writer.number}: {_words(local)} is not allowed here")
        self._tag = attributes.get("id", "") if local == "segment" else local
        self._attributes = attributes
        self._elements = []
        return "segment"

    def _begin_value(self, local: str) -> None:
        self._grow(1)
        if self._open[-1] != "segment":
            self._take_blank("".join(self._text))
            self._text.clear()
            if local == "r" and self._components:
                self._mixed()
        else:
            self._repeats, self._components = [], []
        self._open.append(cast(Place, local))

    def _element(self, text: str) -> Element:
        if not self._repeats and not self._components:
            return text
        parts = self._parts(text) if not self._repeats else []
        if self._repeats:
            self._take_blank(text)
            if self._components:
                self._mixed()
        return self._repeats or [parts]

    def _parts(self, text: str) -> list[str]:
        if not self._components:
            return [text]
        self._take_blank(text)
        parts, self._components = self._components, []
        return parts

    def _take_blank(self, text: str) -> None:
        if text and not text.isspace():
            self._mixed()

    def _mixed(self) -> NoReturn:
        raise ConversionError(
            f"after segment {self._writer.number}: an element contains text as well as components or repeats"
        )

    def _grow(self, size: int) -> None:
        self._size += size
        if self._size > _LARGEST:
            raise ConversionError(f"after segment {self._writer.number}: the element is too long for a segment")


def _words(local: str | None) -> str:
    """Return the name of a tag for a message, if it is one of ours."""
    return local if local in (*_LEVELS, *_MAY_HOLD, "c", "outside") else "an element of that name"
