"""Tables of nightly runs and the files that they received."""

from sqlalchemy import BigInteger, Column, Integer, LargeBinary, Table

from claimloop.reconciliation.ledger.column_types import Text
from claimloop.reconciliation.ledger.metadata import metadata

# A nightly run that finished, and its record as JSON.
runs = Table(
    "runs",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("started", Text, nullable=False),
    Column("finished", Text, nullable=False),
    # The day that the run was for.
    Column("day", Text, nullable=False),
    Column("exit_code", Integer, nullable=False),
    Column("record", LargeBinary, nullable=False),
)

# A file that the nightly run received. The same content has a row for each time it was received.
files = Table(
    "files",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("sha256", Text, nullable=False, index=True),
    Column("size", BigInteger, nullable=False),
    Column("name", Text, nullable=False),
    Column("kind", Text, nullable=False),
    # taken, known (the same content was received before), quarantined, or sent.
    Column("outcome", Text, nullable=False),
    # Where it was moved, and when.
    Column("place", Text, nullable=False),
    Column("moment", Text, nullable=False),
)
