"""A table at any width: amounts and ids whole, no line too wide, and nothing left out without being named."""

import re
from collections import Counter
from typing import Annotated

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from claimloop.commands.tables.layout import laid_out, money, spelled, wrapped
from claimloop.edi.columns import CODE, COUNT, DAY, ID, MONEY, TEXT, Column, Kind, Shown, columns_of

LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ0123456789"
WORDS = st.text("abcdefghijklmnopqrstuvwxyz", min_size=1, max_size=14)
VALUES: dict[Kind, st.SearchStrategy[object]] = {
    "id": st.text(LETTERS + "-_./:", min_size=1, max_size=28),
    "code": st.text(LETTERS, min_size=1, max_size=7),
    "money": st.integers(-(10**10), 10**10),
    "day": st.dates().map(lambda day: day.isoformat()),
    "count": st.integers(0, 100_000),
    "text": st.lists(WORDS | st.just("Ünïcode") | st.just("医保"), max_size=8).map(" ".join),
}


@st.composite
def tables(draw: st.DrawFn) -> tuple[list[Column], list[dict[str, object]]]:
    kinds = draw(st.lists(st.sampled_from(list(VALUES)), min_size=1, max_size=12))
    columns = [Column(f"{kind} {place}", Shown(kind, draw(st.integers(1, 5)))) for place, kind in enumerate(kinds)]
    row = st.fixed_dictionaries({column.name: VALUES[column.shown.kind] | st.none() for column in columns})
    return columns, draw(st.lists(row, max_size=6))


def width_of(text: str) -> int:
    return sum(2 if ord(character) > 0x2E80 else 1 for character in text)


@given(tables(), st.integers(40, 200))
def test_nothing_is_cut_too_wide_or_left_out_unnamed(table, width):
    columns, rows = table
    lines = list(laid_out(columns, rows, width))

    hidden = re.search(r"(?:^| )\d+ columns? hidden: (.*) \(widen the terminal\)$", " ".join(lines))
    left_out = set(hidden[1].split(", ")) if hidden else set()
    for column in columns:
        values = Counter(filter(None, (spelled(row[column.name], column) for row in rows)))
        if column.heading in left_out:
            assert column.shown.priority > 1 or not rows
        elif column.shown.kind == "text":
            words = Counter(word for value, count in values.items() for word in value.split() * count)
            printed = Counter(word for line in lines for word in line.split())
            assert not words - printed
        else:
            for value, count in values.items():
                whole = re.compile(rf"(?<!\S){re.escape(value)}(?!\S)")
                assert sum(len(whole.findall(line)) for line in lines) >= count
    rigid = [column for column in columns if column.shown.kind != "text"]
    widest = max((width_of(spelled(row[column.name], column)) for column in rigid for row in rows), default=0)
    assert max(map(width_of, lines), default=0) <= max(width, widest)


def test_columns_are_left_out_the_least_important_first_and_named():
    columns = (
        Column("claim", ID),
        Column("payer_name", Shown("text", priority=3, heading="payer")),
        Column("amount", MONEY),
        Column("source", Shown("id", priority=4)),
    )
    rows = [
        {"claim": "D1001-1", "payer_name": "Northwind Mutual Health", "amount": 123456, "source": "commercial.835:17"},
        {"claim": "D1002-1", "payer_name": "Medicare", "amount": -5, "source": "medicare.835:3"},
    ]

    assert list(laid_out(columns, rows, 70)) == [
        "claim     payer                       amount   source",
        "─" * 64,
        "D1001-1   Northwind Mutual Health   1,234.56   commercial.835:17",
        "D1002-1   Medicare                     -0.05   medicare.835:3",
    ]
    assert list(laid_out(columns, rows, 42, more="widen the terminal or use --format")) == [
        "claim     payer                     amount",
        "──────────────────────────────────────────",
        "D1001-1   Northwind Mutual        1,234.56",
        "          Health",
        "D1002-1   Medicare                   -0.05",
        "",
        "1 column hidden: source (widen the",
        "terminal or use --format)",
    ]


def test_where_even_the_columns_that_stay_do_not_fit_a_row_is_vertical():
    columns = (
        Column("claim", ID),
        Column("amount", MONEY),
        Column("note", TEXT),
        Column("file", Shown("id", priority=5)),
    )
    row = {
        "claim": "A-VERY-LONG-CONTROL-NUMBER-OF-A-PAYER",
        "amount": 100,
        "note": "the payer asked for records twice",
        "file": "a.835:7",
    }

    assert list(laid_out(columns, [row], 40)) == [
        "claim",
        "A-VERY-LONG-CONTROL-NUMBER-OF-A-PAYER",
        "amount  1.00",
        "note    the payer asked for records",
        "        twice",
        "file    a.835:7",
    ]


def test_a_column_that_is_empty_goes_first_and_without_a_word():
    columns = Column("claim", ID), Column("remarks", Shown("id", priority=2)), Column("file", Shown("id", priority=5))
    rows = [{"claim": "D1001-1", "remarks": "", "file": "commercial-2026-10-20.835"}]

    assert list(laid_out(columns, rows, 40)) == [
        "claim     file",
        "───────────────────────────────────",
        "D1001-1   commercial-2026-10-20.835",
    ]


def test_text_of_a_file_cannot_disturb_the_terminal():
    assert spelled("\x1b[31mred\x07", Column("note")) == "\N{REPLACEMENT CHARACTER}[31mred\N{REPLACEMENT CHARACTER}"


@pytest.mark.parametrize(
    ("value", "shown"), [(1234567, "12,345.67"), ("1234.50", "1,234.50"), ("-0.05", "-0.05"), (0, "0.00"), (None, "")]
)
def test_amounts_are_cents_or_text(value, shown):
    assert spelled(value, Column("open", MONEY)) == shown


def test_an_amount_has_separated_thousands():
    assert money(-123456789) == "-1,234,567.89"


def test_lines_break_between_words_only_and_keep_their_indentation():
    line = "    2026-10-06  submitted D1106-1 to NORTHWIND: 425.00"
    assert list(wrapped(line, 30, indent="      ")) == [
        "    2026-10-06  submitted",
        "      D1106-1 to NORTHWIND:",
        "      425.00",
    ]
    assert list(wrapped("a-control-number-that-is-wider", 10)) == ["a-control-number-that-is-wider"]
    assert list(wrapped("", 10)) == [""]


class Denial(msgspec.Struct):
    claim_control_number: Annotated[str, ID]
    line: Annotated[str, Shown("id", priority=2, heading="line no.")] | None
    denied: Annotated[int, MONEY]
    reason: Annotated[str, CODE]
    day: Annotated[str, DAY]
    days: Annotated[int, COUNT]
    payer: Annotated[str | None, TEXT]
    segment: int


def test_a_type_of_rows_says_what_its_columns_are():
    columns = columns_of(Denial)

    assert [column.name for column in columns] == [
        "claim_control_number", "line", "denied", "reason", "day", "days", "payer",
    ]  # fmt: skip
    assert [column.heading for column in columns][:2] == ["claim control number", "line no."]
    assert [column.shown.kind for column in columns] == ["id", "id", "money", "code", "day", "count", "text"]
