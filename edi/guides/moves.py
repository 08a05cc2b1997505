"""The guide as an automaton: moves from the current segment's place to the place of the next segment.

Invariant: the place of a segment depends only on the current place, the segment's id and its qualifier. Each move is
therefore found once, by the search that pyx12's walker makes, and kept as a `Move`: the place reached, the counters to
clear, increment and check, and what must have occurred before. Making a known move takes only a few list accesses. A
move never depends on how often something has occurred: counts do not change the place, they only produce findings.

The search goes from the current place forward through its loop, child by child, then forward through the enclosing
loop, and so on; a segment enters a loop only as its first segment. Children that the search skips are missing if they
are required and have not occurred, unless they share the position of the place reached, where order is free.

What falls through: a segment whose qualifier the guide does not list, and a segment id whose qualifiers are at several
positions in the guide, are searched for each time. A segment without a place has no move.
"""

from collections.abc import Iterator
from operator import itemgetter
from typing import NamedTuple, TypeAlias

from claimloop.edi.guides.patterns import Test
from claimloop.edi.guides.structure import UNLIMITED, Guide, Loop, Segment


class LoopPlace:
    """A loop of the guide in its place. `counter` counts its occurrences; `inside` is the range of the counters in it.

    `id` is the guide's own id ("2010AA"). The parts of a set without an id of their own (HEADER) have the id of the
    loop around them.
    """

    __slots__ = ("children", "counter", "depth", "id", "inside", "loop", "parent", "position")

    def __init__(self, loop: Loop | Guide, parent: "LoopPlace | None") -> None:
        self.loop = loop
        self.parent = parent
        self.depth: int = parent.depth + 1 if parent is not None else 0
        self.position = loop.position if isinstance(loop, Loop) else 0
        self.children: tuple[LoopPlace | SegmentPlace, ...] = ()
        self.counter = 0
        self.inside = (0, 0)
        self.id: str = "" if parent is None else loop.id if loop.id[:1].isdigit() else parent.id

    @property
    def path(self) -> "tuple[LoopPlace, ...]":
        """Return the loops from the outermost to this one, without the guide itself."""
        return (*self.parent.path, self) if self.parent is not None else ()

    @property
    def first(self) -> "LoopPlace | SegmentPlace | None":
        """Return the first child of the loop."""
        return self.children[0] if self.children else None


class SegmentPlace:
    """A segment of the guide in its place. `moves` holds the moves from here that have been found so far, by segment
    id.

    `test` is the fast check of its elements. It is built once the segment has been `seen` often enough.
    """

    __slots__ = ("counter", "loop", "loop_id", "moves", "position", "seen", "segment", "test")

    def __init__(self, segment: Segment, loop: LoopPlace) -> None:
        self.segment = segment
        self.loop = loop
        self.loop_id = loop.id
        self.position = segment.position
        self.counter = 0
        self.moves: dict[str, Move | Fork] = {}
        self.seen = 0
        self.test: Test | None = None

    def fits(self, tag: str, codes: "Qualifiers") -> bool:
        """Return whether a segment with this id, and these codes at the qualifier positions, is this one."""
        segment = self.segment
        return tag == segment.id and (segment.qualified_by is None or codes(segment.qualified_by) in segment.qualifiers)


Place: TypeAlias = LoopPlace | SegmentPlace


class Qualifiers:
    """The codes of one segment at the positions where a qualifier may be."""

    __slots__ = ("_component", "_elements")

    def __init__(self, elements: list[str], component: str) -> None:
        self._elements = elements
        self._component = component

    def __call__(self, place: tuple[int, int]) -> str | None:
        element, component = place
        if element >= len(self._elements):
            return None
        text = self._elements[element]
        if not component:
            # Like pyx12, ignore empty components at the end of a value.
            return text.rstrip(self._component) if self._component and text.endswith(self._component) else text
        parts = text.split(self._component) if self._component else [text]
        return parts[component - 1] if component <= len(parts) else None


class Missing(NamedTuple):
    """A skipped segment that is required, or the first segment of a skipped loop that is required.

    `counter` shows whether it has in fact occurred.
    """

    counter: int
    place: SegmentPlace
    loop: LoopPlace | None


class Move(NamedTuple):
    """A move to `place`.

    It increments the counter `raised`, which may then be at most `most`. If the move enters a loop, `blank` replaces
    the counters from `clear_from` on. `required` fetches the counters of what must have occurred before; None if there
    are none. `known` holds the rest, for messages.
    """

    place: SegmentPlace
    raised: int
    most: int
    clear_from: int
    blank: tuple[int, ...]
    required: "itemgetter[tuple[int, ...]] | None"
    known: "Known"


class Known(NamedTuple):
    """Rarely used facts of a move: the loop that it enters, what it skips, and whether the guide forbids it."""

    loop: LoopPlace | None
    missing: tuple[Missing, ...]
    forbidden: bool


class Fork(NamedTuple):
    """Moves for segments of one id by qualifier, which is the element at `position` or that element's first
    component.
    """

    position: int
    component: bool
    steps: dict[str, Move]


class Automaton:
    """A guide prepared for reading. The reader keeps the counters, a list of `counters` integers."""

    def __init__(self, guide: Guide) -> None:
        self.guide = guide
        self.root = LoopPlace(guide, None)
        numbering = _Numbering()
        _place_children(self.root, "/", numbering)
        self.counters = numbering.assign(self.root)
        self.segment_ids = frozenset(place.segment.id for place in segments_of(self.root))
        self._forks: dict[str, tuple[int, int]] = {}
        for place in segments_of(self.root):
            if place.segment.qualified_by is not None:
                # If the guide puts the qualifiers of one id at several positions, moves for that id are not kept; each
                # segment is searched for again.
                first = self._forks.setdefault(place.segment.id, place.segment.qualified_by)
                if first != place.segment.qualified_by:
                    self._forks[place.segment.id] = (0, 0)

    def find(self, *path: str) -> LoopPlace | SegmentPlace:
        """Return the first place on a path of loop ids, whose last part may be a segment id. Raises KeyError."""
        here: Place = self.root
        for step in path:
            children = here.children if isinstance(here, LoopPlace) else ()
            for child in children:
                if step == (child.loop.id if isinstance(child, LoopPlace) else child.segment.id):
                    here = child
                    break
            else:
                raise KeyError("/".join(path))
        return here

    def segment(self, *path: str) -> SegmentPlace:
        """Like `find`, for a segment."""
        place = self.find(*path)
        if not isinstance(place, SegmentPlace):
            raise KeyError("/".join(path))
        return place

    def move(self, here: SegmentPlace, elements: list[str], component: str) -> Move | None:
        """Return the move from `here` to the place of the segment; None if the guide has no place for it.

        The move is kept in `here.moves` for the next segment with the same id and qualifier.
        """
        tag = elements[0]
        if tag not in self.segment_ids:
            return None
        codes = Qualifiers(elements, component)
        step = _search(here, tag, codes)
        if step is None:
            return None
        at = self._forks.get(tag)
        if at is None:
            here.moves[tag] = step
        elif at != (0, 0) and (code := codes(at)) in step.place.segment.qualifiers:
            # A code that no segment of the guide has is not kept, because a file may contain any number of them.
            fork = here.moves.setdefault(tag, Fork(at[0], bool(at[1]), {}))
            assert isinstance(fork, Fork)
            assert code is not None
            fork.steps[code] = step
        return step


def segments_of(loop: LoopPlace) -> Iterator[SegmentPlace]:
    """Yield every segment of the loop and of its inner loops, in the guide's order."""
    for child in loop.children:
        if isinstance(child, SegmentPlace):
            yield child
        else:
            yield from segments_of(child)


class _Numbering:
    """Assigns the counters so that those of a loop's content are consecutive.

    A counter belongs to a path: two segments of one id at two positions of a loop share a counter.
    """

    def __init__(self) -> None:
        self.paths: dict[str, list[Place]] = {}
        self.below: dict[str, dict[str, None]] = {}

    def add(self, path: str, parent: str, place: Place) -> None:
        self.paths.setdefault(path, []).append(place)
        self.below.setdefault(parent, {})[path] = None

    def assign(self, root: LoopPlace) -> int:
        count = self._assign("/", 0)
        root.inside = (0, count)
        return count

    def _assign(self, path: str, number: int) -> int:
        for below in self.below.get(path, ()):
            counter, first = number, number + 1
            number = self._assign(f"{below}/", first)
            for place in self.paths[below]:
                place.counter = counter
                if isinstance(place, LoopPlace):
                    place.inside = (first, number)
        return number


def _place_children(parent: LoopPlace, path: str, numbering: _Numbering) -> None:
    children: list[Place] = []
    for child in parent.loop.children:
        if isinstance(child, Loop):
            loop = LoopPlace(child, parent)
            numbering.add(f"{path}{child.id}", path, loop)
            _place_children(loop, f"{path}{child.id}/", numbering)
            children.append(loop)
        else:
            segment = SegmentPlace(child, parent)
            numbering.add(child.path, path, segment)
            children.append(segment)
    parent.children = tuple(children)


class _Search:
    """One search; `missing` holds the required places that it has skipped."""

    def __init__(self, tag: str, codes: Qualifiers) -> None:
        self.tag = tag
        self.codes = codes
        self.missing: list[Missing] = []

    def begins(self, loop: LoopPlace) -> bool:
        """Return whether the loop begins with the segment; if not, note a required loop as skipped."""
        first = loop.first
        if first is None:
            return False
        if isinstance(first, LoopPlace):
            return any(isinstance(child, LoopPlace) and self.begins(child) for child in loop.children)
        if first.fits(self.tag, self.codes):
            return True
        assert isinstance(loop.loop, Loop)
        if loop.loop.usage == "R":
            self.missing.append(Missing(loop.counter, first, loop))
        return False

    def entry(self, loop: LoopPlace) -> SegmentPlace | None:
        """Return the first segment of this loop, or of a loop in it, that matches the search."""
        first = loop.first
        if isinstance(first, SegmentPlace) and first.fits(self.tag, self.codes):
            return first
        for child in loop.children:
            if isinstance(child, LoopPlace) and (found := self.entry(child)) is not None:
                return found
        return None

    def pass_by(self, segment: SegmentPlace) -> None:
        if segment.segment.usage == "R":
            self.missing.append(Missing(segment.counter, segment, None))


def _search(here: SegmentPlace, tag: str, codes: Qualifiers) -> Move | None:
    search = _Search(tag, codes)
    loop, position = here.loop, here.position
    while True:
        for child in loop.children:
            if child.position < position:
                continue
            if isinstance(child, LoopPlace):
                if search.begins(child):
                    return _enter(search, child)
            elif child.fits(tag, codes):
                if loop.parent is not None and search.begins(loop):
                    return _enter(search, loop)
                return _within(search, child)
            else:
                search.pass_by(child)
        if loop.parent is None:
            return None
        loop, position = loop.parent, loop.position


def _enter(search: _Search, loop: LoopPlace) -> Move | None:
    place = search.entry(loop)
    if place is None:
        return None
    entered = place.loop
    assert isinstance(entered.loop, Loop)
    known = Known(entered, tuple(search.missing), entered.loop.usage == "N")
    required = _getter(search.missing)
    if known.forbidden:
        return Move(place, place.counter, UNLIMITED, 0, (), required, known)
    first, end = entered.inside
    blank = [0] * (end - first)
    blank[place.counter - first] = 1
    return Move(place, entered.counter, entered.loop.most, first, tuple(blank), required, known)


def _within(search: _Search, place: SegmentPlace) -> Move:
    """Build a move inside a loop. Segments of one id in one kind of loop do not count as missing for each other."""
    missing = [
        found for found in search.missing if found.place.position != place.position and not _alike(found.place, place)
    ]
    known = Known(None, tuple(missing), place.segment.usage == "N")
    most = UNLIMITED if known.forbidden else place.segment.most
    return Move(place, place.counter, most, 0, (), _getter(missing), known)


def _alike(one: SegmentPlace, other: SegmentPlace) -> bool:
    return one.segment.id == other.segment.id and one.loop.loop.id == other.loop.loop.id


def _getter(missing: list[Missing]) -> "itemgetter[tuple[int, ...]] | None":
    """Return a getter for all the counters. It returns a tuple even for a single counter."""
    if not missing:
        return None
    counters = [found.counter for found in missing]
    return itemgetter(*counters, counters[0])
