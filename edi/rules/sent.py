"""Segments and loops as sent, in the form that rules use."""

from functools import lru_cache

from claimloop.edi.diagnostics import Where
from claimloop.edi.syntax.tokens import Batch

_LONGEST_REMEMBERED = 200

PADDING = [""] * 24
"""Empty elements after the last one, so that a rule can read any element of any segment."""


class Sent(list[str]):
    """A segment in its place in the guide: its id, its elements by position, and PADDING after them.

    `number` is the segment's number in the file, `loop` the guide's loop ("2010AA"). The code that creates a Sent must
    set them.
    """

    __slots__ = ("batch", "loop", "number")

    batch: Batch
    number: int
    loop: str

    def where(self, element: str = "") -> Where:
        """Return the place of the segment, or of an element in it, for a finding."""
        return self.batch.where(self.number, loop=self.loop, element=element)

    def parts(self, position: int) -> tuple[str, ...]:
        """Return the components of an element; a simple element has one, which may be empty."""
        return split(self[position], self.batch.delimiters.component)

    def part(self, position: int, component: int) -> str:
        """Return one component of an element, counted from 1; empty if it is missing."""
        parts = split(self[position], self.batch.delimiters.component)
        return parts[component - 1] if component <= len(parts) else ""


def sent_as(elements: list[str], batch: Batch, number: int, loop: str) -> Sent:
    """Return a segment in its place. A Python constructor would cost more than everything else here."""
    sent = Sent(elements)
    sent += PADDING
    sent.batch = batch
    sent.number = number
    sent.loop = loop
    return sent


def split(text: str, separator: str) -> tuple[str, ...]:
    """Return the components of an element; those of short ones are cached."""
    if len(text) < _LONGEST_REMEMBERED:
        return _remembered(text, separator)
    return tuple(text.split(separator)) if separator else (text,)


@lru_cache(maxsize=4096)
def _remembered(text: str, separator: str) -> tuple[str, ...]:
    return tuple(text.split(separator)) if separator else (text,)


class SentLoop:
    """One occurrence of a loop: its segments by id and its inner loops by loop id, each in the order of the file."""

    __slots__ = ("id", "loops", "segments")

    def __init__(self, loop_id: str) -> None:
        self.id = loop_id
        self.segments: dict[str, list[Sent]] = {}
        self.loops: dict[str, list[SentLoop]] = {}

    def all(self, tag: str) -> list[Sent]:
        """Return every segment with this id."""
        return self.segments.get(tag, [])

    def one(self, tag: str, qualifier: str = "") -> Sent | None:
        """Return the first segment with this id and, if given, this first element; None if there is none."""
        for sent in self.segments.get(tag, ()):
            if not qualifier or sent[1] == qualifier:
                return sent
        return None

    def inner(self, loop_id: str) -> "list[SentLoop]":
        """Return every loop with this id directly inside this one."""
        return self.loops.get(loop_id, [])

    def text(self, tag: str, position: int) -> str:
        """Return an element of the first segment with this id; empty if it is missing."""
        found = self.segments.get(tag)
        return found[0][position] if found else ""

    def text_in(self, loop_id: str, tag: str, position: int) -> str:
        """Return an element of the first such segment in the first such inner loop; empty if it is missing."""
        found = self.loops.get(loop_id)
        return found[0].text(tag, position) if found else ""
