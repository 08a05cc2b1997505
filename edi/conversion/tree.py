"""A file as a tree: interchanges, groups, sets, the guide's loops, and the segments and bytes in them, in order."""

from collections.abc import Iterator
from pathlib import Path
from typing import Literal, NamedTuple, TypeAlias

from claimloop.edi.delimiters import Delimiters
from claimloop.edi.guides.locating import Located, locate
from claimloop.edi.guides.moves import LoopPlace, SegmentPlace
from claimloop.edi.guides.structure import Composite
from claimloop.edi.lossless import Piece, pieces
from claimloop.edi.tokens import read_batches

Level = Literal["interchange", "group", "set", "loop"]
_DEPTHS: dict[str, int] = {"ISA": 0, "GS": 1, "ST": 2}
_LEVELS: tuple[Level, ...] = ("interchange", "group", "set")
_TRAILERS = {"SE": 2, "GE": 1, "IEA": 0}


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


class Value(NamedTuple):
    """An element: its place (NM101), its name in the guide, and its text, or its components where it has several."""

    id: str
    name: str
    texts: tuple[str, ...]
    names: tuple[str, ...] = ()


class SegmentNode(NamedTuple):
    """A segment. `ending` is what stands behind its text, None where that is the usual one of the interchange.

    `raw` are its bytes. Where they are not `whole`, its text and ending do not give them back: a line is wrapped inside
    it, or it has letters that are no UTF-8. `loops` are the guide's loops around it, outermost first.
    """

    number: int
    id: str
    name: str
    values: list[Value]
    ending: str | None
    raw: bytes
    whole: bool
    loops: tuple[str, ...]


class Bytes(NamedTuple):
    """Bytes outside any segment."""

    raw: bytes


Node: TypeAlias = Opened | Closed | SegmentNode | Bytes


def nodes(path: Path) -> Iterator[Node]:
    """The tree of a file, as it is read, in memory bounded by its longest segment.

    Raises NotX12, and OSError where the file cannot be read.
    """
    tree = _Tree()
    with path.open("rb") as stream, path.open("rb") as again:
        located = locate(read_batches(again, path.name, lambda _: None))
        for piece in pieces(stream, path.name, lambda _: None):
            if piece.kind == "outside":
                yield Bytes(piece.raw)
            else:
                yield from tree.take(piece, next(located))
    yield from tree.close_to(0)


class _Tree:
    def __init__(self) -> None:
        self._open: list[Level] = []
        self._loops: list[LoopPlace] = []
        self._ending: str | None = None
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
        elif located.place is not None:
            yield from self._enter(located)
        loops = tuple(loop.loop.id for loop in self._loops)
        yield _segment(piece, elements, located.place, self._ending, loops)
        if tag in _TRAILERS and _LEVELS[_TRAILERS[tag]] in self._open:
            yield from self.close_to(self._depth_of(_LEVELS[_TRAILERS[tag]]))

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
            self._ending, self._guide = piece.ending, ""
            yield Opened(level, delimiters=piece.delimiters, ending=piece.ending or "")
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
        loops = [loop for loop in located.place.loop.path if loop.loop.id[:1].isdigit()]
        new = sum(loop.loop.id[:1].isdigit() for loop in located.entered)
        kept = len(loops) - new
        while kept and self._loops[:kept] != loops[:kept]:
            kept -= 1
        yield from self.close_to(len(self._open) - len(self._loops) + kept)
        for loop in loops[kept:]:
            self._open.append("loop")
            self._loops.append(loop)
            yield Opened("loop", loop.loop.id, loop.loop.name)


def _segment(
    piece: Piece, elements: list[str], place: SegmentPlace | None, usual: str | None, loops: tuple[str, ...]
) -> SegmentNode:
    assert piece.delimiters is not None
    tag, component = elements[0], piece.delimiters.component
    known = {element.position: element for element in place.segment.elements} if place else {}
    values = []
    for position, text in enumerate(elements[1:], start=1):
        element = known.get(position)
        names: tuple[str, ...] = ()
        if isinstance(element, Composite):
            names = tuple(part.name for part in element.components)
        texts = tuple(text.split(component)) if component and component in text and tag != "ISA" else (text,)
        values.append(Value(f"{tag.strip()}{position:02d}", element.name if element else "", texts, names))
    ending = piece.ending
    return SegmentNode(
        number=piece.number,
        id=tag,
        name=place.segment.name if place else "",
        values=values,
        ending=None if ending == usual else ending,
        raw=piece.raw,
        whole=ending is not None,
        loops=loops,
    )
