"""A file as a tree: interchanges, groups, sets, the guide's loops, and the segments and bytes in them, in order."""

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
    """A level of the tree begins. `id` is the loop's, or the guide of a set; an interchange has its delimiters, and
    the `ending` that stands behind its segments: terminator and line break.
    """

    level: Level
    id: str = ""
    name: str = ""
    delimiters: Delimiters | None = None
    ending: str = ""


class Closed(NamedTuple):
    """The innermost open level ends."""

    level: Level


class SegmentNode(NamedTuple):
    """A segment. `elements` are its `text`, cut: first its id; `place` is its place in the guide, if it has one.

    `ending` is what stands behind its text, None where that is the usual one of the interchange. `raw` are its bytes.
    Where it is not `whole`, text and ending do not give them back: a line is wrapped inside it, a letter is no UTF-8.
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
    """What an element or component is: its id (NM101, CLM05-1), and its name in the guide where it has one."""

    id: str
    name: str


def nodes(path: Path) -> Iterator[Node]:
    """The tree of a file, as it is read, in memory bounded by its longest segment.

    Raises NotX12, and OSError where the file cannot be read.
    """
    tree = _Tree()
    with path.open("rb") as stream, path.open("rb") as again:
        located = locate(read_batches(again, path.name, _leave_to_validate))
        for piece in pieces(stream, path.name, _leave_to_validate):
            if piece.kind == "outside":
                yield Bytes(piece.raw)
            else:
                yield from tree.take(piece, next(located))
    yield from tree.close_to(0)


def is_segment_id(text: str) -> bool:
    """Whether this may be the name of an XML element; letters outside ASCII, blanks and the like are no id."""
    return _SEGMENT_ID.fullmatch(text) is not None


def values(text: str, tag: str, signs: Delimiters) -> list[list[str]]:
    """An element as its repeats, each as its components; mostly one of one. Elements of an ISA are never cut."""
    if tag == "ISA":
        return [[text]]
    repeats = text.split(signs.repetition) if signs.repetition else [text]
    return [each.split(signs.component) if signs.component else [each] for each in repeats]


def plain_text(signs: Delimiters, tag: str, special: str) -> re.Pattern[str]:
    """What the text of a segment with this id looks like that has no components, no repeats, no letters outside ASCII
    and no `special` ones: its elements can be written as they are.
    """
    cut = "" if tag == "ISA" else signs.component + signs.repetition
    allowed = "".join(chr(code) for code in range(0x20, 0x7F) if chr(code) not in special + cut)
    return re.compile(f"[{re.escape(allowed + signs.element)}]*")


def isa_tells(elements: list[str], signs: Delimiters) -> bool:
    """Whether ISA11 and ISA16 say what the component and the repetition separator are.

    A damaged ISA, or one that begins no interchange, may say something else.
    """
    if len(elements) != ISA_ELEMENTS + 1 or elements[16][:1] != signs.component:
        return False
    try:
        told = read_delimiters(f"{signs.element.join(elements)}{signs.segment}GS{signs.element}")
    except NotX12:
        return False
    return told == signs


def element_label(tag: str, position: int, place: SegmentPlace | None) -> Label:
    """The label of an element; one of a segment with a malformed id is known by its position only."""
    tag = tag.strip(" ")
    record = _element(position, place)
    return Label(f"{tag if is_segment_id(tag) else ''}{position:02d}", record.name if record else "")


def component_label(tag: str, position: int, component: int, place: SegmentPlace | None) -> Label:
    """The label of a component; the first has number 1."""
    record = _element(position, place)
    parts = record.components if isinstance(record, Composite) else ()
    name = next((part.name for part in parts if part.position == component), "")
    return Label(f"{element_label(tag, position, place).id}-{component}", name)


def _element(position: int, place: SegmentPlace | None) -> Element | Composite | None:
    known = place.segment.elements if place is not None else ()
    return next((element for element in known if element.position == position), None)


def _leave_to_validate(_: Diagnostic) -> None:
    """What is wrong with the file is said by `edi.validate`."""


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
        """What a segment closes and opens, and the segment itself."""
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
        whole = ending is not None and (tag != "ISA" or isa_tells(elements, piece.delimiters))
        own = None if ending == self._usual else ending
        yield SegmentNode(piece.text, elements, located.place, piece.delimiters, own, piece.raw, whole)
        if tag in _TRAILERS and _LEVELS[_TRAILERS[tag]] in self._open:
            yield from self.close_to(self._depth_of(_LEVELS[_TRAILERS[tag]]))

    def _innermost(self) -> LoopPlace | None:
        return self._loops[-1] if self._loops else None

    def _depth_of(self, level: Level) -> int:
        """How many levels are around this one; all that are open where it is not."""
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
    """Parts of a set that are no loops of the guide's own (HEADER, ST_LOOP) have an id of letters."""
    return loop.loop.id[:1].isdigit()
