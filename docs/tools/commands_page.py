"""docs/commands.md from the commands themselves: `python -m claimloop.docs.tools.commands_page > docs/commands.md`."""

import inspect
from collections.abc import Iterator

import click

from claimloop.cli import commands

_HEAD = """# Commands

This page lists every command with its options. `claimloop COMMAND --help` prints the same text.

Every command takes the [global options](#global-options), before or after its own name. Exit codes are the same
everywhere:

| code | meaning |
|---|---|
| 0 | The command is done, and nothing needs attention. |
| 1 | The command is done, and something needs attention: a rejected file, a denial, an item in suspense. |
| 2 | The command could not be done. One line on stderr says why. |

This page is generated from the commands by `make docs`.
"""


def page() -> str:
    """Return the page."""
    top = click.Context(commands, info_name="claimloop")
    shared: set[str | None] = {parameter.name for parameter in commands.params if isinstance(parameter, click.Option)}
    parts = [*_HEAD.splitlines(), ""]
    for name, command in _each(commands, top):
        parts += _section(name, command, shared)
    parts += ["## Global options", "", *_options(commands, set())]
    return "\n".join(parts).rstrip() + "\n"


def _sections(group: click.Group, context: click.Context) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield the commands by the sections of the group's help; without sections, all of them."""
    sections = getattr(group, "sections", ())
    yield from sections
    named = {name for _, names in sections for name in names}
    rest = tuple(name for name in group.list_commands(context) if name not in named)
    if rest:
        yield "", rest


def _each(group: click.Group, context: click.Context) -> Iterator[tuple[str, click.Command]]:
    for name in (name for _, names in _sections(group, context) for name in names):
        command = group.get_command(context, name)
        assert command is not None
        yield f"{context.command_path} {name}", command
        if isinstance(command, click.Group):
            yield from _each(command, click.Context(command, info_name=name, parent=context))


def _section(name: str, command: click.Command, shared: set[str | None]) -> Iterator[str]:
    depth = "#" * len(name.split())
    yield f"{depth} {name.removeprefix('claimloop ')}"
    yield ""
    context = click.Context(command, info_name=name)
    usage = " ".join(command.collect_usage_pieces(context))
    yield from ("```", f"{name} {usage}".rstrip(), "```", "")
    yield from _text(command)
    yield from _options(command, shared)


def _text(command: click.Command) -> Iterator[str]:
    """Yield the help's paragraphs; an example is code."""
    for paragraph in inspect.cleandoc(command.help or "").split("\n\n"):
        if paragraph.startswith("\b"):
            lines = paragraph.removeprefix("\b").strip("\n").splitlines()
            heads = [line for line in lines[:1] if line.endswith(":")]
            yield from (*heads, *([""] if heads else []))
            yield from ("```", *inspect.cleandoc("\n".join(lines[len(heads) :])).splitlines(), "```", "")
        elif paragraph.startswith("Example:"):
            yield from ("Example:", "", "```", " ".join(paragraph.removeprefix("Example:").split()), "```", "")
        else:
            yield from (" ".join(paragraph.split()).replace("<", "&lt;"), "")
    if examples := getattr(command, "examples", ()):
        yield from ("Example:" if len(examples) == 1 else "Examples:", "", "```", *examples, "```", "")


def _options(command: click.Command, shared: set[str | None]) -> Iterator[str]:
    """Yield a table of the options that this command has for itself."""
    context = click.Context(command, info_name=command.name)
    records = [
        record
        for parameter in command.get_params(context)
        if isinstance(parameter, click.Option) and parameter.name not in shared and "--help" not in parameter.opts
        if (record := parameter.get_help_record(context)) is not None
    ]
    if records:
        yield from ("| option | |", "|---|---|")
        for names, text in records:
            told = text.replace("|", "\\|").replace("<", "&lt;").replace("*", "\\*")
            yield f"| `{names.replace('|', chr(92) + '|')}` | {told} |"
        yield ""


if __name__ == "__main__":
    print(page(), end="")
