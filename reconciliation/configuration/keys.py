"""Every table and key of claimloop.toml, as the structs of the configuration declare them.

The starter file and docs/configuration.md are written from what `table_of` returns, so neither can miss a key.
"""

from typing import Any, Literal, NamedTuple, get_args, get_origin, get_type_hints

import msgspec

from claimloop.builders.encounters.conform import Path, plain_type
from claimloop.builders.settings import Key, Settings, key_of

Struct = type[msgspec.Struct]


class Entry(NamedTuple):
    """One key with a value. `kind` is the field's type with its metadata; `default` is the field's own default."""

    name: str
    kind: object
    key: Key
    required: bool
    default: object

    @property
    def shown(self) -> object:
        """Return the value in the starter file and in the examples of the page."""
        if self.key.example is not None:
            return self.key.example
        return self.default_in_effect

    @property
    def default_in_effect(self) -> object:
        """Return the value that is used if the key is missing."""
        if self.key.unless_given is None or isinstance(self.key.unless_given, str):
            return self.default
        return self.key.unless_given


class Table(NamedTuple):
    """One table: its keys, and the tables inside it. The table without a name is the whole file."""

    path: tuple[str, ...]
    record: Struct
    key: Key
    repeated: bool
    required: bool
    entries: tuple[Entry, ...]
    tables: tuple["Table", ...]

    @property
    def heading(self) -> str:
        """Return `[partner.submitter]`, or `[[sftp]]` if there may be several."""
        name = ".".join(self.path)
        return f"[[{name}]]" if self.repeated and not self.key.alone else f"[{name}]"


WHOLE_FILE = Key("What claimloop needs to know about your practice.")


def table_of(
    record: Struct, path: tuple[str, ...] = (), key: Key = WHOLE_FILE, *, repeated: bool = False, required: bool = True
) -> Table:
    """Return a struct of the configuration with everything inside it. Raises TypeError for a field without a Key."""
    hints = get_type_hints(record, include_extras=True)
    entries: list[Entry] = []
    tables: list[Table] = []
    for field in msgspec.structs.fields(record):
        kind = hints[field.name]
        declared = key_of(kind)
        inner, several = _table_in(kind)
        if inner is None:
            default = None if field.required else field.default
            entries.append(Entry(field.encode_name, kind, declared, field.required, default))
        else:
            here = (*path, field.encode_name)
            tables.append(table_of(inner, here, declared, repeated=several, required=field.required))
    return Table(path, record, key, repeated, required, tuple(entries), tuple(tables))


def _table_in(kind: object) -> tuple[Struct | None, bool]:
    """Return the struct of a field that is a table or a list of tables, or None for a plain value; and if it is a list.

    A record of an encounter (the billing provider) is a plain value here: docs/encounters.md describes its fields.
    """
    plain: Any = plain_type(kind)
    several = get_origin(plain) is tuple
    if several:
        plain = plain_type(get_args(plain)[0])
    is_table = isinstance(plain, type) and issubclass(plain, Settings)
    return (plain, several) if is_table else (None, False)


def choices_of(kind: object) -> tuple[object, ...]:
    """Return the values that a field allows, if its type lists them."""
    plain = plain_type(kind)
    return get_args(plain) if get_origin(plain) is Literal else ()


def tables_alone(table: dict[str, object], record: Struct) -> set[str]:
    """Turn each single table that may replace a list into a list of one, in place. Return their names."""
    alone = set()
    for declared in table_of(record).tables:
        (name,) = declared.path
        if declared.key.alone and isinstance(table.get(name), dict):
            table[name] = [table[name]]
            alone.add(name)
    return alone


def rename_former_keys(value: object, record: Struct, path: Path = ()) -> dict[Path, str]:
    """Replace older names of keys by the current ones, in place; return the older name for each renamed path.

    If both are present, the older one remains and is reported like any unknown key.
    """
    if not isinstance(value, dict):
        return {}
    renamed: dict[Path, str] = {}
    hints = get_type_hints(record, include_extras=True)
    for field in msgspec.structs.fields(record):
        name, older = field.encode_name, key_of(hints[field.name]).formerly
        if older in value and name not in value:
            value[name] = value.pop(older)
            renamed[*path, name] = older
        inner, several = _table_in(hints[field.name])
        if inner is None or name not in value:
            continue
        here = value[name]
        if several and isinstance(here, list):
            for place, item in enumerate(here):
                renamed |= rename_former_keys(item, inner, (*path, name, place))
        elif not several:
            renamed |= rename_former_keys(here, inner, (*path, name))
    return renamed


def path_as_written(path: Path, alone: set[str], renamed: dict[Path, str]) -> Path:
    """Return the path of a key as the user wrote it: with its older name, and no index for a single table."""
    written = tuple(renamed.get(path[: place + 1], part) for place, part in enumerate(path))
    return written[:1] + written[2:] if path[:1] and path[0] in alone else written
