"""The ledger's text columns: the same values, order and comparisons in every database."""

import sqlalchemy
from sqlalchemy import Dialect
from sqlalchemy.types import TypeDecorator, TypeEngine

_NUL, REPLACEMENT = "\0", "\ufffd"


class Text(TypeDecorator[str]):
    """Text ordered by code points. A NUL, which PostgreSQL cannot store, is stored and searched as U+FFFD."""

    impl = sqlalchemy.Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[str]:
        """Use collation C: PostgreSQL would otherwise order by the language of its database."""
        return sqlalchemy.Text(collation="C" if dialect.name == "postgresql" else None)

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Return the value without NUL."""
        return without_nul(value) if value is not None else None


def without_nul(value: str) -> str:
    """Replace each NUL by U+FFFD. Damaged files have NULs in data, where X12 gives them no meaning."""
    return value.replace(_NUL, REPLACEMENT)
