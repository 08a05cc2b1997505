"""Find the place of every segment of a file in the guide, for callers that show or explain a file."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from claimloop.edi.diagnostics import Diagnostic
from claimloop.edi.guides.check import GuideCheck, control_place
from claimloop.edi.guides.moves import LoopPlace, SegmentPlace
from claimloop.edi.syntax.tokens import Batch


class Located(NamedTuple):
    """A segment of a file. `elements` begins with its id; `place` is None if the guide has no place for it.

    `entered` holds the loops of the guide that begin with this segment, outermost first.
    """

    number: int
    elements: list[str]
    place: SegmentPlace | None
    entered: tuple[LoopPlace, ...]
    batch: Batch


def locate(batches: Iterable[Batch]) -> Iterator[Located]:
    """Yield the segments of a file in order, each with its place."""
    places: dict[int, SegmentPlace] = {}

    def follow(place: SegmentPlace, _elements: list[str], _batch: Batch, number: int) -> None:
        places[number] = place

    check = GuideCheck(_ignore_finding, follow)
    open_loops: tuple[LoopPlace, ...] = ()
    version = ""
    for batch in batches:
        check.read_batch(batch)
        for number, text in enumerate(batch.segments, batch.first):
            elements = text.lstrip(" ").split(batch.delimiters.element)
            if elements[0] == "ISA" and len(elements) > 12:
                version = elements[12]
            place = places.get(number) or control_place(elements[0], version, batch.delimiters)
            entered: tuple[LoopPlace, ...] = ()
            if place is not None and place.segment.id == "ST":
                open_loops = place.loop.path
            elif place is not None:
                loops = place.loop.path
                begins = place is place.loop.first
                kept = _common(open_loops, loops) - (begins and loops == open_loops[: len(loops)])
                entered, open_loops = loops[kept:], loops
            yield Located(number, elements, place, entered, batch)
        places.clear()


def _common(before: tuple[LoopPlace, ...], now: tuple[LoopPlace, ...]) -> int:
    """Return how many of the outermost loops are the same."""
    for depth, (one, other) in enumerate(zip(before, now, strict=False)):
        if one is not other:
            return depth
    return min(len(before), len(now))


def _ignore_finding(_: Diagnostic) -> None:
    """Ignore a finding, because `edi.validate` reports it."""
