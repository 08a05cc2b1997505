"""Find everything that keeps a table (of JSON, TOML, CSV or a Python dict) from being a record, all at once.

msgspec stops at the first problem, but users who fill in an encounter or a configuration need to see every one.
"""

import difflib
import json
import types
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Annotated, Literal, NamedTuple, Union, get_args, get_origin, get_type_hints

import msgspec

from claimloop.edi.diagnostics import Diagnostic, Where, diagnose

Path = tuple[str | int, ...]
"""Field names and list positions (from 0) that lead to a value."""

Kind = Literal["unknown", "missing", "wrong"]
_CODES: dict[Kind, str] = {"unknown": "C302", "missing": "C303", "wrong": "C304"}


class Misfit(NamedTuple):
    """One problem. `kind` is "unknown" (no such name), "missing" (a required name) or "wrong" (the value)."""

    path: Path
    kind: Kind
    problem: str
    value: str | None = None


def misfit_findings(value: object, kind: object, where: Where) -> list[Diagnostic]:
    """Return the misfits of a value as findings about the record at `where`."""
    found = []
    for path, misfit_kind, problem, text in misfits(value, kind):
        if misfit_kind == "unknown" and "did you mean" not in problem:
            path, text, problem = path[:-1], str(path[-1]), "has an unknown name"  # it may be data
        field = spell_path(path)
        here = msgspec.structs.replace(where, element=field)
        found.append(diagnose(_CODES[misfit_kind], here, text, field=field or "the record", problem=problem))
    return found


def spell_path(path: Path) -> str:
    """Return a path for people, with lists counted from 1: ("services", 1, "charge") is "services#2.charge"."""
    text = ""
    for part in path:
        text += f"#{part + 1}" if isinstance(part, int) else f".{part}" if text else part
    return text


def nearest_name(name: str, names: list[str]) -> str:
    """Return `; did you mean x?` where one of the names is close, else an empty text."""
    near = difflib.get_close_matches(name, names, n=1, cutoff=0.6)
    return f"; did you mean {near[0]}?" if near else ""


def expected(kind: object) -> str:
    """Describe a value of this type in words."""
    if get_origin(kind) is Annotated:
        limits = (meta for meta in get_args(kind)[1:] if isinstance(meta, msgspec.Meta) and meta.le is not None)
        return expected(plain_type(kind)) + "".join(f" from {meta.ge} to {meta.le}" for meta in limits)
    kind = plain_type(kind)
    if get_origin(kind) is Annotated:  # which may also be left out
        return expected(kind)
    if get_origin(kind) is Literal:
        return "one of " + ", ".join(_spell(choice) for choice in get_args(kind) if choice != "")
    if get_origin(kind) is tuple:
        return f"a list, each {expected(get_args(kind)[0])}"
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        return "a table of named values"
    return _IN_WORDS.get(kind, str(kind))


def _spell(choice: object) -> str:
    """Return a choice as text, with a line break as `"\\n"`, so that a message stays one line."""
    text = str(choice)
    return text if text.isprintable() else json.dumps(text)


_IN_WORDS: dict[object, str] = {
    str: "text",
    bool: "true or false",
    int: "a whole number",
    Decimal: "a number such as 1250.00, without thousands separators or currency symbols",
    date: "a date as YYYY-MM-DD",
}


def misfits(value: object, kind: object, path: Path = ()) -> Iterator[Misfit]:
    """Yield every reason why `value` (dicts, lists and plain values) is not a `kind`; nothing where it is one."""
    plain = plain_type(kind)
    if value is None and types.NoneType in get_args(_bare(kind)):
        return
    if isinstance(plain, type) and issubclass(plain, msgspec.Struct):
        yield from _struct_misfits(value, plain, path)
    elif get_origin(plain) is tuple and isinstance(value, list | tuple):
        for position, item in enumerate(value):
            yield from misfits(item, get_args(plain)[0], (*path, position))
    else:
        try:
            msgspec.convert(value, kind)
        except msgspec.ValidationError as error:
            bounds = " of the wrong length" if "length" in str(error) else ""
            yield Misfit(path, "wrong", f"is {_article(value)}{bounds}, not {expected(kind)}", str(value))


def _struct_misfits(value: object, kind: type[msgspec.Struct], path: Path) -> Iterator[Misfit]:
    if not isinstance(value, dict):
        yield Misfit(path, "wrong", f"is {_article(value)}, not {expected(kind)}", str(value))
        return
    hints = get_type_hints(kind, include_extras=True)
    fields = msgspec.structs.fields(kind)
    names = [field.encode_name for field in fields]
    for name in value:
        if name not in names:
            yield Misfit(
                (*path, str(name)), "unknown", f"is not a field of this record{nearest_name(str(name), names)}"
            )
    for field in fields:
        here = (*path, field.encode_name)
        if field.encode_name in value:
            yield from misfits(value[field.encode_name], hints[field.name], here)
        elif field.required:
            yield Misfit(here, "missing", "is missing")


def plain_type(kind: object) -> object:
    """Return the type without Annotated and without None."""
    kind = _bare(kind)
    if get_origin(kind) in (Union, types.UnionType):
        return next(part for part in get_args(kind) if part is not types.NoneType)
    return kind


def _bare(kind: object) -> object:
    """Return the type without Annotated."""
    bare: object = get_args(kind)[0] if get_origin(kind) is Annotated else kind
    return bare


def _article(value: object) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "true or false"
        case str():
            return "text" if value else "empty text"
        case int() | float() | Decimal():
            return "a number"
        case date():
            return "a date"
        case list() | tuple():
            return "a list"
        case _:
            return "a table"
