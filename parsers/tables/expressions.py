"""polars expressions that the columnar reader builds columns with."""

from functools import cache

import polars as pl

from claimloop.parsers.tables.columns import DECIMALS, DEFINITION, Column
from claimloop.parsers.tables.frames import dtype

_AMOUNT = r"^-?(?:[0-9]{1,11}\.?|[0-9]{0,11}\.[0-9]{1,2})$"
"""Less than 100 billion, without a fraction of a cent. The record reader accepts a few more forms."""

_QUANTITY = r"^-?(?:[0-9]{1,9}\.?|[0-9]{0,9}\.[0-9]{1,4})$"


@cache
def element_columns(table: str) -> list[Column]:
    """Return the columns that are elements of the segment that a row is made of."""
    return [column for column in DEFINITION[table].columns if column.element]


@cache
def value_of(column: Column) -> pl.Expr:
    """Return the value of a column from its element."""
    text = pl.col(f"e{column.element}")
    if column.kind in DECIMALS:
        return text.cast(pl.Decimal(18, DECIMALS[column.kind]), strict=False).alias(column.name)
    return pl.when(text != "").then(text).alias(column.name)


@cache
def null_of(column: Column) -> pl.Expr:
    """Return a null of the column's type."""
    return pl.lit(None, dtype(column)).alias(column.name)


@cache
def is_malformed(column: Column, *, required: bool = False) -> pl.Expr:
    """Return true where a number does not have a form that both readers read alike."""
    text = pl.col(f"e{column.element}")
    form = text.str.contains(_AMOUNT if column.kind == "money" else _QUANTITY)
    return ~or_false(form) if required else or_false(~form & (text != ""))


def cents(amount: str | pl.Expr) -> pl.Expr:
    """Return money as whole cents, which polars adds faster."""
    return (pl.col(amount) if isinstance(amount, str) else amount).to_physical().cast(pl.Int64)


def or_false(expression: pl.Expr) -> pl.Expr:
    """Return the condition with null as false."""
    return expression.fill_null(value=False)


def joined(frame: pl.DataFrame, name: str, found: pl.DataFrame, value: str, keep: str) -> pl.DataFrame:
    """Add the first or last `value` of each owner in `found` to `frame`."""
    if not len(found):
        return frame.with_columns(pl.lit(None, found[value].dtype).alias(name))
    if len(found) == len(frame) and found["owner"].equals(frame["owner"]):
        return frame.with_columns(found[value].alias(name))
    once = found.select("owner", pl.col(value).alias(name)).unique("owner", keep=keep, maintain_order=True)
    return frame.join(once, on="owner", how="left", maintain_order="left")
