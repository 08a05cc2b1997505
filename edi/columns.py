"""What a column of a table holds, so that code that prints the table knows what must never be cut.

A row's type says it on its fields, and `columns_of` reads them:

    class Denial(msgspec.Struct, frozen=True):
        claim_control_number: Annotated[str, ID]
        denied: Annotated[int, MONEY]  # cents
        payer_name: Annotated[str, Shown("text", priority=3, heading="payer")]
        segment: int | None  # no mark: not a column of the table
        balance: LineBalance  # a record in a record: its columns take this place
"""

import types
from collections.abc import Iterator
from typing import Annotated, Any, Literal, TypeGuard, Union, get_args, get_origin, get_type_hints

import msgspec

Kind = Literal["id", "code", "money", "day", "count", "text"]


class Shown(msgspec.Struct, frozen=True):
    """How a field appears in a table. Columns of priority 1 always stay, and those of the highest number go first.

    Only text may be wrapped: an identifier, a code, an amount or a date is printed whole or not at all. A column that
    is not `listed` is for programs: its kind is known, but no table has it.
    """

    kind: Kind = "text"
    priority: int = 2
    heading: str = ""
    listed: bool = True


ID = Shown("id", priority=1)
CODE = Shown("code")
MONEY = Shown("money", priority=1)
DAY = Shown("day")
COUNT = Shown("count")
TEXT = Shown("text")


class Column(msgspec.Struct, frozen=True):
    """One column of a table: the field it shows, and how."""

    name: str
    shown: Shown = TEXT

    @property
    def heading(self) -> str:
        """Return the words above the column."""
        return self.shown.heading or self.name.replace("_", " ")


def columns_of(row_type: type[msgspec.Struct]) -> tuple[Column, ...]:
    """Return the columns that the fields of a row type are marked to be, in their order."""
    columns: list[Column] = []
    for name, hint in fields_of(row_type):
        if is_record(hint):
            columns += columns_of(hint)
        elif (mark := mark_of(hint)) is not None and mark.listed:
            columns.append(Column(name, mark))
    return tuple(columns)


def names_of(row_type: type[msgspec.Struct]) -> tuple[str, ...]:
    """Return the names of all fields of a row type, also those without a mark, as programs read them."""
    names: list[str] = []
    for name, hint in fields_of(row_type):
        names += names_of(hint) if is_record(hint) else [name]
    return tuple(names)


def fields_of(row_type: type[msgspec.Struct]) -> Iterator[tuple[str, Any]]:
    """Yield each field's name, as programs read it, and its type with its marks."""
    hints = get_type_hints(row_type, include_extras=True)
    for field in msgspec.structs.fields(row_type):
        yield field.encode_name, hints[field.name]


def is_record(hint: Any) -> TypeGuard[type[msgspec.Struct]]:
    """Return whether a field is a record whose fields take its place."""
    return isinstance(hint, type) and issubclass(hint, msgspec.Struct)


def mark_of(hint: object) -> Shown | None:
    """Return the mark of a field's type, if it has one."""
    if get_origin(hint) is Annotated:
        return next((each for each in get_args(hint)[1:] if isinstance(each, Shown)), None)
    if get_origin(hint) in (Union, types.UnionType):
        return next((mark for mark in map(mark_of, get_args(hint)) if mark is not None), None)
    return None
