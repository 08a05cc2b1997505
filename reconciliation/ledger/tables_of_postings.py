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

# The chain over the journal: a transaction's entries up to one, their legs, and the seal before (`sealing`).
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
    # Why it is held; where this one settles or takes back another item, why that one was.
    Column("hold_reason", Text, nullable=False),
    # The normalized control number, where what comes later for the same claim can settle the item.
    Column("waits_for", Text, index=True),
    # The item that this one settles: it takes back its amount.
    Column("settles_id", ForeignKey("suspense.id"), unique=True),
    # How it settles it; and where that was by posting, the claim.
    Column("settled_by", Text),
    Column("settled_claim_control_number", Text),
)

# What a person decided: about an item of suspense, or about money that no remittance tells of.
decisions = Table(
    "decisions",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("kind", Text, nullable=False),
    Column("day", Text, nullable=False),
    Column("made", Text, nullable=False),
    # The same reference is entered once. Money for several lines is one decision in parts, a line each.
    Column("reference", Text, nullable=False),
    Column("part", Integer, nullable=False),
    # What this part comes to, in cents.
    Column("amount", BigInteger, nullable=False),
    Column("suspense_id", ForeignKey("suspense.id"), unique=True),
    # The line whose balances it moves; null where a claim payment, or nothing of a claim, was posted.
    Column("line_id", ForeignKey("lines.id"), index=True),
    Column("entry_id", ForeignKey("entries.id")),
    # The decision in words that another ledger of the same files understands, as JSON.
    Column("record", LargeBinary, nullable=False),
    UniqueConstraint("reference", "part"),
)

# What a payer took back of a claim by such adjustments, without a reversal: each time that it was worked out anew and
# came to something else, the difference. The first row, of nothing, says that an adjustment names the claim.
recoupments = Table(
    "recoupments",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("claim_id", ForeignKey("claims.id"), nullable=False, index=True),
    Column("line_id", ForeignKey("lines.id"), nullable=False),
    Column("payer_id", Text, nullable=False),
    # What made it so; null where a person's decision did.
    Column("remittance_id", known_at_the_end("remittances.id")),
    Column("entry_id", ForeignKey("entries.id")),
    Column("amount", BigInteger, nullable=False),
)

# What an older version said in a sentence that has no code (schema 0005): the code in the row is `other`.
former_texts = Table(
    "former_texts",
    metadata,
    Column("table_name", Text, primary_key=True),
    Column("row_id", Integer, primary_key=True, autoincrement=False),
    # Of a service; 0 where the table has no ordinals.
    Column("ordinal", Integer, primary_key=True, autoincrement=False),
    Column("text", Text, nullable=False),
)
