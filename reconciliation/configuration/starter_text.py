"""The claimloop.toml that `claimloop init` writes: every key with its comment, optional keys commented out."""

import json
import textwrap
from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

import msgspec

from claimloop.reconciliation.configuration.keys import Entry, Struct, Table, choices_of, table_of
from claimloop.reconciliation.configuration.load import Configuration

OPTIONAL = "#"
"""The mark before a key or a table that is commented out. Other comments have a space after the mark."""

_WIDTH = 120
_COMMENT_AT = 37

_HEAD = """\
# claimloop.toml: what claimloop needs to know about your practice. Every value below is made up or a default.
# Lines that begin with # and a key or a [table] are optional. To set such a key, remove the # before it and before its
# table. docs/configuration.md describes every key.
"""


class _Line(NamedTuple):
    """One key, `name = value`, with its comment."""

    text: str
    comment: str
    optional: bool


class _Block(NamedTuple):
    """One table without the tables in it."""

    heading: str
    comment: str
    optional: bool
    lines: tuple[_Line, ...]


def starter_text(record: Struct = Configuration) -> str:
    """Return the whole file. It is also a valid configuration without the marks of optional keys."""
    lines = [_HEAD]
    for block in _blocks_of(table_of(record), optional=False):
        if block.heading:
            lines += ["", *_comment(block.comment), _mark(block.optional) + block.heading]
        for line in block.lines:
            lines += _spell(line)
    return "\n".join(lines) + "\n"


def smallest_text(record: Struct = Configuration) -> str:
    """Return the starter file without comments and optional keys: enough to build claim files."""
    blocks = [
        "\n".join([block.heading] * bool(block.heading) + [line.text for line in block.lines if not line.optional])
        for block in _blocks_of(table_of(record), optional=False)
        if not block.optional
    ]
    return "\n\n".join(blocks)


def _blocks_of(table: Table, *, optional: bool) -> Iterator[_Block]:
    """Yield the table's own keys before the tables in it, because a key belongs to the table above it."""
    own = [entry for entry in table.entries if not isinstance(entry.shown, msgspec.Struct)]
    lines = tuple(_line_of(entry, optional=optional or _is_optional(entry)) for entry in own)
    yield _Block(table.heading if table.path else "", table.key.meaning, optional, lines)
    for entry in table.entries:
        if isinstance(entry.shown, msgspec.Struct):
            off = optional or _is_optional(entry)
            lines = tuple(_Line(text, "", off) for text in toml_lines(entry.shown))
            yield _Block(f"[{'.'.join((*table.path, entry.name))}]", entry.key.meaning, off, lines)
    for inner in table.tables:
        yield from _blocks_of(inner, optional=optional or _is_optional(inner))


def _is_optional(declared: Entry | Table) -> bool:
    return not (declared.required or declared.key.prefilled)


def _line_of(entry: Entry, *, optional: bool) -> _Line:
    text = f"{entry.name} = {toml_value(entry.shown)}"
    return _Line(text, entry.key.meaning + _choices_of(entry), optional)


def _mark(optional: bool) -> str:
    return OPTIONAL if optional else ""


def _spell(line: _Line) -> list[str]:
    """Return the line with its comment beside it if there is room, or else above it."""
    text = _mark(line.optional) + line.text
    if not line.comment:
        return [text]
    beside = f"{text:<{_COMMENT_AT - 1}} # {line.comment}"
    return [beside] if len(beside) <= _WIDTH else [*_comment(line.comment), text]


def _choices_of(entry: Entry) -> str:
    """Return the allowed values of a key, the default first, unless its meaning already names all of them."""
    choices = sorted(choices_of(entry.kind), key=lambda choice: choice != entry.default_in_effect)
    if all(str(choice) in entry.key.meaning for choice in choices):
        return ""
    default = " (the default)" if entry.shown != choices[0] and not entry.required else ""
    first, *others = map(toml_value, choices)
    return f" One of {', '.join((first + default, *others))}."


def _comment(text: str) -> list[str]:
    return textwrap.wrap(text, _WIDTH, initial_indent="# ", subsequent_indent="# ", break_on_hyphens=False)


def toml_lines(record: msgspec.Struct) -> Iterator[str]:
    """Yield `key = value` for each field of a record that differs from its default."""
    for field in msgspec.structs.fields(type(record)):
        value = getattr(record, field.name)
        if value != field.default:
            yield f"{field.encode_name} = {toml_value(value)}"


def toml_value(value: object) -> str:
    """Return a value as TOML. Raises TypeError for a value that a configuration cannot have."""
    match value:
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case str():
            return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
        case date():
            return value.isoformat()
        case tuple():
            return f"[{', '.join(map(toml_value, value))}]"
        case msgspec.Struct():
            return f"{{ {', '.join(toml_lines(value))} }}"
        case _:
            raise TypeError(f"no TOML for {value!r}")
