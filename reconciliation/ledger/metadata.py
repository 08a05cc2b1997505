"""What all tables of the ledger share."""

from sqlalchemy import ForeignKey, MetaData

metadata = MetaData()


def known_at_the_end(column: str) -> ForeignKey:
    """Return a reference to a parent that is written after its children, checked at commit: its sums come last."""
    return ForeignKey(column, deferrable=True, initially="DEFERRED")
