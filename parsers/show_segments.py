"""The segments of a file, indented by their envelopes, for the kinds of X12 that are not shown in words."""

from collections.abc import Iterable

from rich.console import Console
from rich.text import Text

from claimloop.edi.tokens import Batch
from claimloop.parsers.privacy import hide_segment
from claimloop.parsers.words import plain

_DEPTHS = {"ISA": 0, "IEA": 0, "TA1": 1, "GS": 1, "GE": 1, "ST": 2, "SE": 2}


def show_segments(batches: Iterable[Batch], console: Console, heading: str, *, show_values: bool) -> None:
    """Print a heading and then every segment with its number in the file."""
    console.print(Text(heading, style="bold"))
    for batch in batches:
        for number, text in enumerate(batch.segments, start=batch.first):
            depth = _DEPTHS.get(text.partition(batch.delimiters.element)[0], 3)
            shown = plain(text if show_values else hide_segment(text))
            console.print(Text(f"{number:>7}  {'  ' * depth}{shown}"), soft_wrap=True)
