"""Tables of the journal, and of what is in suspense, decided by staff, or recouped."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Table,
    UniqueConstraint,
)

from claimloop.reconciliation.ledger.column_types import Text
from claimloop.reconciliation.ledger.metadata import known_at_the_end, metadata

entries = Table(
    "entries",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("kind", Text, nullable=False),
    Column("day", Text, nullable=False),
    Column("posted", Text, nullable=False),
    Column("submission_id", known_at_the_end("submissions.id")),
    Column("remittance_id", known_at_the_end("remittances.id"), index=True),
    Column("claim_payment_id", ForeignKey("claim_payments.id"), index=True),
)

# The chain over the journal. A seal covers a transaction's entries, their legs, and the seal before (`seals`).
seals = Table(
    "seals",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("up_to", Integer, nullable=False),
    Column("digest", Text, nullable=False),
)

legs = Table(
    "legs",
    metadata,
    Column("entry_id", known_at_the_end("entries.id"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("account", Text, nullable=False),
    Column("line_id", ForeignKey("lines.id")),
    Column("amount", BigInteger, CheckConstraint("amount <> 0"), nullable=False),
    Index("legs_of_a_line", "line_id"),
    sqlite_with_rowid=False,
)

suspense = Table(
    "suspense",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("remittance_id", known_at_the_end("remittances.id"), nullable=False, index=True),
    Column("claim_payment_id", ForeignKey("claim_payments.id"), index=True),
    Column("service_ordinal", Integer),
    Column("entry_id", ForeignKey("entries.id")),
    Column("claim_control_number", Text),
    Column("line_control_number", Text),
    Column("amount", BigInteger, nullable=False),
    # Why it is in suspense. If this item settles or reverses another one, why that one was.
    Column("hold_reason", Text, nullable=False),
    # The normalized control number, if a later payment for the same claim can settle the item.
    Column("waits_for", Text, index=True),
    # The item that this one settles by reversing its amount.
    Column("settles_id", ForeignKey("suspense.id"), unique=True),
    # How it settles that item and, if by posting, the claim.
    Column("settled_by", Text),
    Column("settled_claim_control_number", Text),
)

# Manual entries: decisions of staff about an item in suspense, or about money that is not in an 835.
decisions = Table(
    "decisions",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("kind", Text, nullable=False),
    Column("day", Text, nullable=False),
    Column("made", Text, nullable=False),
    # Each reference is entered once. Money for several lines is one decision with a part for each line.
    Column("reference", Text, nullable=False),
    Column("part", Integer, nullable=False),
    # The amount of this part, in cents.
    Column("amount", BigInteger, nullable=False),
    Column("suspense_id", ForeignKey("suspense.id"), unique=True),
    # The line whose balances it changes; null if it posted a claim payment, or nothing to a claim.
    Column("line_id", ForeignKey("lines.id"), index=True),
    Column("entry_id", ForeignKey("entries.id")),
    # The decision as JSON, in terms that do not depend on this ledger, so that another ledger can repeat it.
    Column("record", LargeBinary, nullable=False),
    UniqueConstraint("reference", "part"),
)

# What a payer recovered from a claim by provider-level adjustments, without a reversal. Each row is the change since
# the last time that the amount was computed. The first row, with zero, records that an adjustment names the claim.
recoupments = Table(
    "recoupments",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("claim_id", ForeignKey("claims.id"), nullable=False, index=True),
    Column("line_id", ForeignKey("lines.id"), nullable=False),
    Column("payer_id", Text, nullable=False),
    # The remittance that caused it; null if a manual entry did.
    Column("remittance_id", known_at_the_end("remittances.id")),
    Column("entry_id", ForeignKey("entries.id")),
    Column("amount", BigInteger, nullable=False),
)

# Sentences of older versions that have no code (schema 0005). The code in the row is `other`.
former_texts = Table(
    "former_texts",
    metadata,
    Column("table_name", Text, primary_key=True),
    Column("row_id", Integer, primary_key=True, autoincrement=False),
    # The ordinal of a service; 0 if the table has no ordinals.
    Column("ordinal", Integer, primary_key=True, autoincrement=False),
    Column("text", Text, nullable=False),
)
