"""A file as a tree: interchanges, groups, sets, loops of the guide, and in them the segments and bytes in order."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Literal, NamedTuple, TypeAlias

from claimloop.edi.diagnostics import Diagnostic, NotX12
from claimloop.edi.guides.locating import Located, locate
from claimloop.edi.guides.moves import LoopPlace, SegmentPlace
from claimloop.edi.guides.structure import Composite, Element
from claimloop.edi.syntax.delimiters import ISA_ELEMENTS, Delimiters, read_delimiters
from claimloop.edi.syntax.lossless import Piece, pieces
from claimloop.edi.syntax.tokens import read_batches

Level = Literal["interchange", "group", "set", "loop"]
_DEPTHS: dict[str, int] = {"ISA": 0, "GS": 1, "ST": 2}
_LEVELS: tuple[Level, ...] = ("interchange", "group", "set")
_TRAILERS = {"SE": 2, "GE": 1, "IEA": 0}
_SEGMENT_ID = re.compile(r"[A-Z][A-Z0-9]{1,2}")


class Opened(NamedTuple):
    """The start of a level of the tree.

    `id` is that of a loop, or the guide of a set. An interchange has its delimiters, and the usual `ending` of its
    segments: terminator and line break.
    """

    level: Level
    id: str = ""
    name: str = ""
    delimiters: Delimiters | None = None
    ending: str = ""


class Closed(NamedTuple):
    """The end of the innermost open level."""

    level: Level


class SegmentNode(NamedTuple):
    """A segment. `elements` are the parts of its `text`, the id first; `place` is its place in the guide, or None.

    `ending` follows its text; None if it is the interchange's usual ending. `raw` holds its bytes. If `whole` is False,
    text and ending do not restore them, because of a line break inside the segment or a letter that is not UTF-8.
    """

    text: str
    elements: list[str]
    place: SegmentPlace | None
    delimiters: Delimiters
    ending: str | None
    raw: bytes
    whole: bool


class Bytes(NamedTuple):
    """Bytes outside any segment."""

    raw: bytes


Node: TypeAlias = Opened | Closed | SegmentNode | Bytes


class Label(NamedTuple):
    """The label of an element or component: its id (NM101, CLM05-1), and its name in the guide if it has one."""

    id: str
    name: str


def nodes(path: Path) -> Iterator[Node]:
    """Yield the tree of a file while reading it, in memory bounded by its longest segment.

    Raises NotX12, and OSError if the file cannot be read.
    """
    tree = _Tree()
    with path.open("rb") as stream, path.open("rb") as again:
        located = locate(read_batches(again, path.name, _ignore_finding))
        for piece in pieces(stream, path.name, _ignore_finding):
            if piece.kind == "outside":
                yield Bytes(piece.raw)
            else:
                yield from tree.take(piece, next(located))
    yield from tree.close_to(0)


def is_segment_id(text: str) -> bool:
    """Return whether this may be the name of an XML element. Letters outside ASCII, blanks and the like are not
    allowed.
    """
    return _SEGMENT_ID.fullmatch(text) is not None


def values(text: str, tag: str, delimiters: Delimiters) -> list[list[str]]:
    """Return the repeats of an element, each as a list of components. Elements of an ISA are never split."""
    if tag == "ISA":
        return [[text]]
    repeats = text.split(delimiters.repetition) if delimiters.repetition else [text]
    return [each.split(delimiters.component) if delimiters.component else [each] for each in repeats]


def plain_text(delimiters: Delimiters, tag: str, special: str) -> re.Pattern[str]:
    """Return a pattern for segments of this id that can be written as they are.

    Their text has no components, no repeats, no letters outside ASCII and no `special` characters.
    """
    cut = "" if tag == "ISA" else delimiters.component + delimiters.repetition
    allowed = "".join(chr(code) for code in range(0x20, 0x7F) if chr(code) not in special + cut)
    return re.compile(f"[{re.escape(allowed + delimiters.element)}]*")


def isa_declares_separators(elements: list[str], delimiters: Delimiters) -> bool:
    """Return whether ISA11 and ISA16 contain the component and the repetition separator.

    In a damaged ISA, or one that does not begin an interchange, they may differ.
    """
    if len(elements) != ISA_ELEMENTS + 1 or elements[16][:1] != delimiters.component:
        return False
    try:
        told = read_delimiters(f"{delimiters.element.join(elements)}{delimiters.segment}GS{delimiters.element}")
    except NotX12:
        return False
    return told == delimiters


def element_label(tag: str, position: int, place: SegmentPlace | None) -> Label:
    """Return the label of an element. In a segment with a malformed id, the label is the position only."""
    tag = tag.strip(" ")
    record = _element(position, place)
    return Label(f"{tag if is_segment_id(tag) else ''}{position:02d}", record.name if record else "")


def component_label(tag: str, position: int, component: int, place: SegmentPlace | None) -> Label:
    """Return the label of a component; the first has number 1."""
    record = _element(position, place)
    parts = record.components if isinstance(record, Composite) else ()
    name = next((part.name for part in parts if part.position == component), "")
    return Label(f"{element_label(tag, position, place).id}-{component}", name)


def _element(position: int, place: SegmentPlace | None) -> Element | Composite | None:
    known = place.segment.elements if place is not None else ()
    return next((element for element in known if element.position == position), None)


def _ignore_finding(_: Diagnostic) -> None:
    """Ignore a finding, because `edi.validate` reports it."""


class _Tree:
    def __init__(self) -> None:
        self._open: list[Level] = []
        self._loops: list[LoopPlace] = []
        self._usual = ""
        self._guide = ""

    def close_to(self, depth: int) -> Iterator[Node]:
        """Close levels until this many are open."""
        while len(self._open) > depth:
            level = self._open.pop()
            if level == "loop":
                self._loops.pop()
            yield Closed(level)

    def take(self, piece: Piece, located: Located) -> Iterator[Node]:
        """Yield the levels that a segment closes and opens, and then the segment itself."""
        assert piece.delimiters is not None
        elements = piece.text.split(piece.delimiters.element)
        tag = elements[0].strip(" ")
        if tag in _DEPTHS:
            yield from self._begin(tag, elements, piece)
        elif tag in _TRAILERS:
            yield from self.close_to(self._depth_of(_LEVELS[_TRAILERS[tag]]) + 1)
        elif located.place is not None and (located.entered or located.place.loop is not self._innermost()):
            yield from self._enter(located)
        ending = piece.ending
        whole = ending is not None and (tag != "ISA" or isa_declares_separators(elements, piece.delimiters))
        own = None if ending == self._usual else ending
        yield SegmentNode(piece.text, elements, located.place, piece.delimiters, own, piece.raw, whole)
        if tag in _TRAILERS and _LEVELS[_TRAILERS[tag]] in self._open:
            yield from self.close_to(self._depth_of(_LEVELS[_TRAILERS[tag]]))

    def _innermost(self) -> LoopPlace | None:
        return self._loops[-1] if self._loops else None

    def _depth_of(self, level: Level) -> int:
        """Return how many levels enclose this one; if it is not open, all open levels."""
        return self._open.index(level) if level in self._open else len(self._open)

    def _begin(self, tag: str, elements: list[str], piece: Piece) -> Iterator[Node]:
        depth = _DEPTHS[tag]
        level = _LEVELS[depth]
        around = [self._depth_of(inner) for inner in _LEVELS[depth:] if inner in self._open]
        outer = max((self._open.index(each) + 1 for each in _LEVELS[:depth] if each in self._open), default=0)
        yield from self.close_to(min(around, default=outer))
        if level == "interchange":
            assert piece.delimiters is not None
            ending = piece.ending
            self._usual, self._guide = piece.delimiters.segment if ending is None else ending, ""
            yield Opened(level, delimiters=piece.delimiters, ending=self._usual)
        elif level == "group":
            self._guide = elements[8].strip() if len(elements) > 8 else ""
            yield Opened(level)
        else:
            own = elements[3].strip() if len(elements) > 3 else ""
            yield Opened(level, own or self._guide)
        self._open.append(level)

    def _enter(self, located: Located) -> Iterator[Node]:
        """Leave the loops that have ended and enter those that begin."""
        assert located.place is not None
        loops = [loop for loop in located.place.loop.path if _has_own_id(loop)]
        kept = len(loops) - sum(map(_has_own_id, located.entered))
        while kept and self._loops[:kept] != loops[:kept]:
            kept -= 1
        yield from self.close_to(len(self._open) - len(self._loops) + kept)
        for loop in loops[kept:]:
            self._open.append("loop")
            self._loops.append(loop)
            yield Opened("loop", loop.loop.id, loop.loop.name)


def _has_own_id(loop: LoopPlace) -> bool:
    """Return whether the loop is one of the guide's own. Other parts of a set (HEADER, ST_LOOP) have an id of
    letters.
    """
    return loop.loop.id[:1].isdigit()
