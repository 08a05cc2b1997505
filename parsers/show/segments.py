"""Show the segments of a file with the loops and names of their guide, for kinds of X12 that are not shown in words."""

from collections.abc import Iterable

from rich.console import Console
from rich.text import Text

from claimloop.edi.guides.locating import locate
from claimloop.edi.syntax.tokens import Batch
from claimloop.parsers.show.privacy import hide_segment
from claimloop.parsers.show.words import plain

_DEPTHS = {"ISA": 0, "IEA": 0, "TA1": 1, "GS": 1, "GE": 1, "ST": 2, "SE": 2}
_IN_A_SET = 3


def show_segments(batches: Iterable[Batch], console: Console, heading: str, *, show_values: bool) -> None:
    """Print a heading, then every segment with its number in the file and its name in the guide, loop by loop."""
    console.print(Text(heading, style="bold"))
    depth = _IN_A_SET
    for located in locate(batches):
        tag, place = located.elements[0], located.place
        if place is not None and tag not in _DEPTHS:
            depth = _IN_A_SET + sum(loop.loop.id[:1].isdigit() for loop in place.loop.path)
        for loop in located.entered:
            if loop.loop.id[:1].isdigit():
                console.print(Text(f"{'':7}  {'  ' * (depth - 1)}{loop.loop.id} {loop.loop.name}", style="cyan"))
        text = located.batch.delimiters.element.join(located.elements)
        line = Text(f"{located.number:>7}  {'  ' * _DEPTHS.get(tag, depth)}")
        line.append(plain(text if show_values else hide_segment(text)))
        if place is not None:
            line.append(f"  {place.segment.name}", style="dim")
        console.print(line, soft_wrap=True)
