"""What a column of a table holds, so that whoever prints the table knows what must never be cut.

A row's type says it on its fields, and `columns_of` reads them:

    class Denial(msgspec.Struct, frozen=True):
        claim_control_number: Annotated[str, ID]
        denied: Annotated[int, MONEY]  # cents
        payer_name: Annotated[str, Shown("text", priority=3, heading="payer")]
        segment: int | None  # no mark: not a column of the table
"""

import types
from typing import Annotated, Literal, Union, get_args, get_origin, get_type_hints

import msgspec

Kind = Literal["id", "code", "money", "day", "count", "text"]


class Shown(msgspec.Struct, frozen=True):
    """How a field appears in a table. Columns of priority 1 always stay, and those of the highest number go first.

    Only text may be wrapped: an identifier, a code, an amount or a date is printed whole or not at all.
    """

    kind: Kind = "text"
    priority: int = 2
    heading: str = ""


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


def columns_of(row_type: type) -> tuple[Column, ...]:
    """Return the columns that the fields of a row type are marked to be, in their order."""
    marks = ((name, _mark(hint)) for name, hint in get_type_hints(row_type, include_extras=True).items())
    return tuple(Column(name, mark) for name, mark in marks if mark is not None)


def _mark(hint: object) -> Shown | None:
    if get_origin(hint) is Annotated:
        return next((each for each in get_args(hint)[1:] if isinstance(each, Shown)), None)
    if get_origin(hint) in (Union, types.UnionType):
        return next((mark for mark in map(_mark, get_args(hint)) if mark is not None), None)
    return None
