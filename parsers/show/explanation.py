"""Print the explanation of a segment: its place, its elements, and its findings."""

from rich.console import Console
from rich.table import Table
from rich.text import Text

from claimloop.parsers.show.explain import Explanation
from claimloop.parsers.show.words import plain


def show_explanation(told: Explanation, console: Console, *, show_values: bool) -> None:
    """Print an explanation: a heading, the loops, a table of elements, the findings."""
    name = told.name or "the guide has no place for it here"
    console.print(Text(f"{told.where} {plain(told.segment)}, {name}", style="bold"), soft_wrap=True)
    envelope = (("interchange", told.interchange), ("group", told.group), ("set", told.set), ("guide", told.guide))
    console.print(
        Text("  " + ", ".join(f"{level} {plain(value)}" for level, value in envelope if value)), soft_wrap=True
    )
    for depth, loop in enumerate(told.loops, start=1):
        console.print(Text(f"{'  ' * depth}{loop.id} {loop.name}"), soft_wrap=True)
    if told.usage:
        often = f"up to {told.most:,} times" if told.most > 1 else "once" if told.most else "as often as needed"
        console.print(Text(f"  {told.usage}, {often}"))
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for heading in ("element", "value", "name", "meaning", "usage"):
        table.add_column(heading, overflow="fold")
    for element in told.elements:
        table.add_row(element.position, plain(element.value), element.name, element.meaning, element.usage)
    console.print(table)
    for finding in told.findings:
        console.print(
            Text(finding.render(show_values=show_values), style="red" if finding.severity == "error" else ""),
            soft_wrap=True,
        )
        if finding.hint:
            console.print(Text(f"    {finding.hint}"), soft_wrap=True)
