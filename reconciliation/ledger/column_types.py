"""The ledger's text columns: the same values, order and comparisons in every database."""

import sqlalchemy
from sqlalchemy import Dialect
from sqlalchemy.types import TypeDecorator, TypeEngine

_NUL, REPLACEMENT = "\0", "\ufffd"


class Text(TypeDecorator[str]):
    """Text that is ordered by code points; a NUL, which PostgreSQL cannot keep, is stored and sought as U+FFFD."""

    impl = sqlalchemy.Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[str]:
        """PostgreSQL would order by the language that its database was made with."""
        return sqlalchemy.Text(collation="C" if dialect.name == "postgresql" else None)

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Without NUL."""
        return without_nul(value) if value is not None else None


def without_nul(value: str) -> str:
    """Each NUL as U+FFFD. Damaged files have them, in data that X12 gives no meaning to them."""
    return value.replace(_NUL, REPLACEMENT)
