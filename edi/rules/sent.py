"""What was sent: segments and loops in their places, as rules look at them."""

import msgspec

from claimloop.edi.tokens import Batch


class Sent(msgspec.Struct, gc=False):
    """A segment that found its place in the guide. `elements[0]` is its id, `loop` the guide's loop ("2010AA")."""

    elements: list[str]
    batch: Batch
    number: int
    loop: str

    def __getitem__(self, position: int) -> str:
        """The element at this position, empty where the segment ends before it."""
        elements = self.elements
        return elements[position] if position < len(elements) else ""

    def parts(self, position: int) -> list[str]:
        """The components of an element; one, perhaps empty, where it has no others."""
        text = self[position]
        separator = self.batch.delimiters.component
        return text.split(separator) if separator else [text]

    def part(self, position: int, component: int) -> str:
        """One component of an element, counted from 1; empty where it is not there."""
        parts = self.parts(position)
        return parts[component - 1] if component <= len(parts) else ""


class SentLoop:
    """One occurrence of a loop: its segments by id and the loops in it by loop id, each in the order of the file."""

    __slots__ = ("id", "loops", "segments")

    def __init__(self, loop_id: str) -> None:
        self.id = loop_id
        self.segments: dict[str, list[Sent]] = {}
        self.loops: dict[str, list[SentLoop]] = {}

    def all(self, tag: str) -> list[Sent]:
        """Every segment with this id."""
        return self.segments.get(tag, [])

    def one(self, tag: str, qualifier: str = "") -> Sent | None:
        """The first segment with this id and, where one is asked for, this first element; None where there is none."""
        for sent in self.segments.get(tag, ()):
            if not qualifier or sent[1] == qualifier:
                return sent
        return None

    def inner(self, loop_id: str) -> "list[SentLoop]":
        """Every loop with this id directly in this one."""
        return self.loops.get(loop_id, [])

    def text(self, tag: str, position: int) -> str:
        """An element of the first segment with this id, empty where it is not there."""
        found = self.segments.get(tag)
        return found[0][position] if found else ""

    def text_in(self, loop_id: str, tag: str, position: int) -> str:
        """An element of the first such segment in the first such loop in this one, empty where it is not there."""
        found = self.loops.get(loop_id)
        return found[0].text(tag, position) if found else ""
