"""Write docs/configuration.md, with every key of claimloop.toml, from the declarations.

Run `python -m claimloop.reconciliation.configuration.page > docs/configuration.md`.
"""

import textwrap
from collections.abc import Iterator
from datetime import date
from typing import Any, get_args, get_origin

import msgspec

from claimloop.builders.encounters.conform import expected, plain_type
from claimloop.reconciliation.configuration.keys import Entry, Struct, Table, choices_of, table_of
from claimloop.reconciliation.configuration.load import Configuration
from claimloop.reconciliation.configuration.starter_text import smallest_text, toml_lines, toml_value

_HEAD = """\
# Configuration

claimloop reads `claimloop.toml` in the current folder, or the file that `--config FILE` names.
`claimloop init` writes a starter file with every key of this page, each with a comment. The format is
[TOML](https://toml.io): a key belongs to the `[table]` above it, and `[[table]]` may be repeated.

- The tables below list all keys. Keys in **bold** are required in their table; every other key has a default.
- Relative file names are relative to `claimloop.toml`, wherever you run the command.
- All problems of the file are reported at once, one line for each. An unknown key is a problem too, and the message
  suggests the nearest known key.
- Passwords and passphrases never go into this file.

This is enough to build claim files. Every value is made up; put in your own.

```toml
{smallest}
```
"""

_FOOT = """\
## For contributors

`python -m claimloop.reconciliation.configuration.page` makes this page; `make docs` runs it. To add a key, add one
field with a `Key` to the struct of its table, run `make docs`, and write the code that uses the field. The starter
file, this page and the checks of names, types and ranges follow from the field. To rename a key, give its field
`formerly="old_name"`, and the old name is still accepted.

{declared}"""

_WORDS: dict[object, str] = {bool: "`true` or `false`", date: "date"}


def page(record: Struct = Configuration) -> str:
    """Return the whole page as Markdown."""
    whole = table_of(record)
    declared = "\n".join(f"- {name}" for name in dict.fromkeys(_declared_in(whole)))
    sections = [
        _HEAD.replace("{smallest}", smallest_text(record)),
        "## The top of the file\n",
        *_keys_of(whole),
        *(line for inner in whole.tables for line in _sections_of(inner)),
        _FOOT.replace("{declared}", declared),
    ]
    return "\n".join(sections) + "\n"


def _sections_of(table: Table) -> Iterator[str]:
    """Yield the section of a table, and those of the tables in it one heading lower."""
    yield f"{'#' * (1 + len(table.path))} `{table.heading}`\n"
    yield textwrap.fill(f"{table.key.meaning} {table.key.more}", 120, break_on_hyphens=False) + "\n"
    yield from _keys_of(table)
    for inner in table.tables:
        yield from _sections_of(inner)


def _keys_of(table: Table) -> Iterator[str]:
    """Yield the table's keys, and an example with all of them."""
    if not table.entries:
        return
    yield "| key | value | default | meaning |\n|---|---|---|---|"
    for entry in table.entries:
        name = f"**`{entry.name}`**" if entry.required else f"`{entry.name}`"
        cells = (name, _value(entry), _default(entry), _meaning(entry))
        yield f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"
    yield f"\nExample:\n\n```toml\n{_example(table)}\n```\n"


def _value(entry: Entry) -> str:
    """Return the type and the allowed values."""
    choices = choices_of(entry.kind)
    if choices:
        return ", ".join(f"`{toml_value(choice)}`" for choice in choices)
    plain: Any = plain_type(entry.kind)
    if isinstance(entry.shown, msgspec.Struct):
        return entry.key.allowed
    words = f"list of {expected(get_args(plain)[0])}" if get_origin(plain) is tuple else _type(entry.kind)
    return f"{words}, {entry.key.allowed}" if entry.key.allowed else words


def _type(kind: object) -> str:
    """Return the type, such as "whole number from 0 to 3600"; a date without its format, which the example shows."""
    plain = plain_type(kind)
    return _WORDS.get(plain, expected(kind).removeprefix("a "))


def _default(entry: Entry) -> str:
    if entry.required:
        return "required"
    if isinstance(entry.key.unless_given, str):
        return entry.key.unless_given
    value = entry.default_in_effect
    return "none" if value in (None, "", ()) else f"`{toml_value(value)}`"


def _meaning(entry: Entry) -> str:
    parts = [entry.key.meaning, entry.key.more]
    if entry.key.formerly:
        parts.append(f"The older name `{entry.key.formerly}` is still accepted.")
    return " ".join(part for part in parts if part)


def _example(table: Table) -> str:
    lines = [table.heading] if table.path else []
    plain = [entry for entry in table.entries if not isinstance(entry.shown, msgspec.Struct)]
    lines += [f"{entry.name} = {toml_value(entry.shown)}" for entry in plain]
    for entry in table.entries:
        if isinstance(entry.shown, msgspec.Struct):
            lines += ["", f"[{'.'.join((*table.path, entry.name))}]", *toml_lines(entry.shown)]
    return "\n".join(lines)


def _declared_in(table: Table) -> Iterator[str]:
    """Yield where the struct of each table is."""
    module = table.record.__module__.removeprefix("claimloop.").replace(".", "/")
    label = f"`{table.heading}`" if table.path else "the top of the file, and new tables"
    yield f"{label}: `{table.record.__name__}` in `{module}.py`"
    for inner in table.tables:
        yield from _declared_in(inner)


if __name__ == "__main__":
    print(page(), end="")
