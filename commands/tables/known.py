"""Rows of the ledger as tables show them: their columns, and our own names in words."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from claimloop.edi.columns import Column, Shown, columns_of, names_of

if TYPE_CHECKING:
    import msgspec

_SOURCE = Column("source", Shown("id", priority=5))

_WORDS = ("alarm", "kind", "late", "rule", "state", "status", "what", "whose", "account")
"""Columns whose values are names of ours: spelled with spaces."""


def described(row_type: "type[msgspec.Struct]") -> tuple[Column, ...]:
    """Return the columns of a type of rows for a table. File and segment become one, the source, at the end."""
    return (*columns_of(row_type), *([_SOURCE] if "file" in names_of(row_type) else []))


def in_words(row: Mapping[str, object]) -> dict[str, object]:
    """Return a row as tables show it: with its source as one, and our own names with spaces."""
    told = {name: _spaced(value) if name in _WORDS else value for name, value in row.items()}
    if "file" in row:
        told["source"] = f"{row['file']}:{row['segment']}" if row.get("segment") else row["file"]
    return told


def _spaced(value: object) -> object:
    return value.replace("_", " ") if isinstance(value, str) else value
