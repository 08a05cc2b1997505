"""Help texts: a one-line summary, a description, examples that can be pasted, and the options in two sections."""

from collections.abc import Callable, Sequence
from typing import Any, cast

import click

GLOBAL_OPTIONS = ("ledger_url", "configuration_path", "as_json", "quiet", "show_values")
"""The parameters that every command has; its help lists them after its own."""

_WHOLE = 10_000
"""More characters than a summary has, so that click never shortens one."""

Section = tuple[str, tuple[str, ...]]
"""A heading of a group's help, and the commands below it."""


class _WithExamples(click.Command):
    def __init__(self, *args: Any, examples: Sequence[str] = (), **settings: Any) -> None:
        super().__init__(*args, **settings)
        self.examples = tuple(examples)

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the examples whole, each on a line of its own, then the command's options, then those of all."""
        if self.examples:
            formatter.write_paragraph()
            formatter.write("Example:\n" if len(self.examples) == 1 else "Examples:\n")
            for example in self.examples:
                formatter.write(f"  {example}\n")
        for heading, in_section in (("Options", False), ("Options of every command", True)):
            records = [
                record
                for parameter in self.get_params(ctx)
                if isinstance(parameter, click.Option)
                and (parameter.name in GLOBAL_OPTIONS) == in_section
                and (record := parameter.get_help_record(ctx)) is not None
            ]
            if records:
                with formatter.section(heading):
                    formatter.write_dl(records)


class Command(_WithExamples):
    """A command whose help ends with examples."""


class Group(_WithExamples, click.Group):
    """A group that lists its commands in sections, each with its whole summary."""

    sections: tuple[Section, ...] = ()

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the commands first: they are what the reader looks for."""
        self.format_commands(ctx, formatter)
        super().format_options(ctx, formatter)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the sections; a command that no section names is in the last one, "Commands"."""
        named = {name for _, names in self.sections for name in names}
        rest = tuple(name for name in self.list_commands(ctx) if name not in named)
        widest = max(map(len, self.list_commands(ctx)), default=0)
        for heading, names in (*self.sections, *([("Commands", rest)] if rest else [])):
            with formatter.section(heading):
                summaries = [(f"{name:<{widest}}", _summary(self.commands[name])) for name in names]
                formatter.write_dl(summaries)


def _summary(command: click.Command) -> str:
    return command.get_short_help_str(_WHOLE).rstrip(".")


def command(name: str | None = None, *, examples: Sequence[str], help: str | None = None) -> Callable[..., Command]:
    """Make a command of a function. Its docstring is the help: a summary, then a description."""
    made = click.command(name, cls=Command, examples=examples, help=help)
    return cast(Callable[..., Command], made)


def group(name: str | None = None, *, examples: Sequence[str] = (), **settings: Any) -> Callable[..., Group]:
    """Make a group of a function, as `command` does a command."""
    return cast(Callable[..., Group], click.group(name, cls=Group, examples=examples, **settings))
