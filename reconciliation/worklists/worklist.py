"""What a work list is: its rows, its words, and the money in each row."""

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import msgspec
from sqlalchemy import Connection

from claimloop.edi.counts import counted
from claimloop.reconciliation.configuration.as_of import NOT_YET, SETTLED, AsOf


class Worklist(msgspec.Struct, frozen=True):
    """One work list: a module of this package that the registry names.

    `rows` yields rows of the type `row` as of a day, amounts in cents; `money` is the field with the amount at stake.
    `title` is its heading in the report, and `about` says what is on it; `next_step` is the command that works a row.
    `one` and `many` name its rows. The report shows the list of the lowest `urgency` first: what costs money soonest.
    `counts_all`: the report also counts what is not late yet.
    """

    name: str
    row: type[msgspec.Struct]
    rows: Callable[[Connection, AsOf], Iterator[msgspec.Struct]]
    money: str
    title: str
    about: str
    one: str
    many: str
    urgency: int
    next_step: str = ""
    counts_all: bool = False

    def __post_init__(self) -> None:
        if self.money not in self.row.__struct_fields__:
            raise TypeError(f"work list {self.name}: rows have no field {self.money}")

    @property
    def command(self) -> str:
        """Return the command that prints the list."""
        return f"claimloop worklist {self.name}"

    def counted(self, count: int) -> str:
        """Return how many rows it has, in words: "12 denied lines", "no denied lines"."""
        return counted(count, self.one, self.many) if count else f"no {self.many}"

    def amount(self, row: msgspec.Struct) -> int:
        """Return the amount at stake in a row, in cents."""
        cents: int = getattr(row, self.money)
        return cents


def is_due(row: Any) -> bool:
    """Return whether a row needs work now. A row that does not is listed only because all rows were asked for."""
    return getattr(row, "late", "") not in (NOT_YET, SETTLED)


def days_waited(row: Any, today: date) -> int | None:
    """Return the days in the row, or those since the day that it names; None where it has neither."""
    days, since = getattr(row, "days", None), getattr(row, "since", "")
    if isinstance(days, int):
        return days
    return days_since(since, today) if since else None


def days_since(moment: str, today: date) -> int:
    """Return the days since an ISO day or moment."""
    return (today - date.fromisoformat(moment[:10])).days
