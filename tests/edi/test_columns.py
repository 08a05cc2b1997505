"""What the fields of a row's type say of its columns."""

from typing import Annotated

import msgspec

from claimloop.edi.columns import CODE, DAY, MONEY, Column, Shown, columns_of, mark_of, names_of


class Sums(msgspec.Struct, frozen=True):
    charge: Annotated[int, MONEY]
    open: Annotated[int, MONEY]


class Line(msgspec.Struct, frozen=True):
    procedure: Annotated[str | None, CODE]
    sums: Sums
    from_: Annotated[str, DAY] = msgspec.field(name="from")
    since: Annotated[str, Shown("day", listed=False)]
    file: str


def test_a_table_has_the_marked_columns_and_those_of_a_record_in_its_place():
    assert columns_of(Line) == (
        Column("procedure", CODE), Column("charge", MONEY), Column("open", MONEY), Column("from", DAY),
    )  # fmt: skip


def test_programs_have_every_column():
    assert names_of(Line) == ("procedure", "charge", "open", "from", "since", "file")


def test_a_mark_is_found_within_a_type_that_can_be_null():
    assert mark_of(Annotated[str, CODE] | None) == CODE
    assert mark_of(str) is None
