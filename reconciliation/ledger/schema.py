"""The ledger's tables, and the triggers by which the database itself refuses a wrong entry.

Append only: submissions, remittances, their claim payments and entries are inserted and never changed. An entry is
written legs first; inserting the entry proves that its legs sum to zero line by line, so that the identity of every
line holds whatever a program does, and seals them; legs without an entry
cannot be committed (a deferred foreign key). Money is integer cents. What a claim or payment said is kept whole, as
JSON of its record.
"""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Connection,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    UniqueConstraint,
    text,
)

from claimloop.reconciliation.ledger.column_types import Text
from claimloop.reconciliation.ledger.triggers import create_triggers

SCHEMA_VERSION = "0005"

NORMALISED_PAYERS_NUMBER = (
    "ltrim(upper(replace(replace(replace(replace(payer_claim_number, '-', ''), ' ', ''), '.', ''), '/', '')), '0')"
)
"""A payer's claim number as it is indexed: normalised, as far as the usual signs between its parts go."""

metadata = MetaData()


def _known_at_the_end(column: str) -> ForeignKey:
    """A parent that is written after its children, checked at commit: only then are its sums known."""
    return ForeignKey(column, deferrable=True, initially="DEFERRED")


# Under the names that alembic knows it by.
schema_version = Table("schema_version", metadata, Column("version_num", String(32), primary_key=True))

# The last number given, by partner and by what it numbers: interchange, group, set.
control_numbers = Table(
    "control_numbers",
    metadata,
    Column("partner", Text, primary_key=True),
    Column("name", Text, primary_key=True),
    Column("last", BigInteger, nullable=False),
)

# A file of claims: one that we built, or one that another system sent and that was imported.
submissions = Table(
    "submissions",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("origin", Text, CheckConstraint("origin IN ('built', 'imported')"), nullable=False),
    Column("file_name", Text, nullable=False),
    Column("folder", Text, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("interchange_control_number", Text, nullable=False),
    Column("group_control_number", Text, nullable=False),
    Column("partner", Text, nullable=False),
    Column("usage", Text, nullable=False),
    Column("created", Text, nullable=False),
    Column("claims", Integer, nullable=False),
    Column("charge", BigInteger, nullable=False),
    Index(
        "own_interchanges", "partner", "interchange_control_number", unique=True,
        sqlite_where=text("origin = 'built'"), postgresql_where=text("origin = 'built'"),
    ),
    Index(
        "imported_files", "sha256", unique=True,
        sqlite_where=text("origin = 'imported'"), postgresql_where=text("origin = 'imported'"),
    ),
)  # fmt: skip

# What is to be paid: a visit's charges, whoever of its payers they are sent to. A correction is a claim of a higher
# version, and those below stand no longer.
claims = Table(
    "claims",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("encounter_id", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("part", Integer, nullable=False),
    # Of the first sending.
    Column("patient_control_number", Text, nullable=False),
    Column("payer_id", Text, nullable=False),
    Column("payer_name", Text, nullable=False),
    # How many payers are to decide in turn.
    Column("coverages", Integer, nullable=False),
    Column("charge", BigInteger, nullable=False),
    Column("service_from", Text, nullable=False),
    Column("service_to", Text, nullable=False),
    UniqueConstraint("encounter_id", "version", "part"),
)

# A claim as it went to one payer under one control number: first to the primary; later to the others, or as a void.
sendings = Table(
    "sendings",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("submission_id", _known_at_the_end("submissions.id"), nullable=False),
    Column("claim_id", ForeignKey("claims.id"), nullable=False),
    Column("set_control_number", Text, nullable=False),
    Column("version", Integer, nullable=False),
    # Which payer in turn: 1 primary, 2 secondary, …
    Column("turn", Integer, nullable=False),
    Column("frequency", Text, nullable=False),
    Column("imported", Integer, nullable=False),
    Column("patient_control_number", Text, nullable=False),
    Column("normalised_control_number", Text, nullable=False, index=True),
    Column("payer_id", Text, nullable=False),
    Column("payer_name", Text, nullable=False),
    Column("member_id", Text, nullable=False),
    Column("normalised_member_id", Text, nullable=False, index=True),
    # Of patient and subscriber, one a line.
    Column("last_names", Text, nullable=False),
    Column("record", LargeBinary, nullable=False),
    UniqueConstraint("claim_id", "version"),
    # Other systems use a number again for a correction or for the next payer; we never do.
    Index(
        "own_control_numbers", "patient_control_number", unique=True,
        sqlite_where=text("imported = 0"), postgresql_where=text("imported = 0"),
    ),
)  # fmt: skip

lines = Table(
    "lines",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("claim_id", ForeignKey("claims.id"), nullable=False),
    # 0 is the claim's bucket: money that the payer did not spread over lines.
    Column("number", Integer, nullable=False),
    Column("line_control_number", Text),
    Column("procedure", Text),
    Column("modifiers", Text, nullable=False),
    Column("service_from", Text),
    Column("service_to", Text),
    Column("units", Text),
    Column("charge", BigInteger, nullable=False),
    UniqueConstraint("claim_id", "number"),
)

remittances = Table(
    "remittances",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("payer_id", Text, nullable=False),
    Column("payer_name", Text, nullable=False),
    Column("trace_number", Text, nullable=False),
    Column("payment_date", Text, nullable=False),
    Column("payment_method", Text, nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("digest", Text, nullable=False),
    Column("file", Text, nullable=False),
    Column("interchange_control_number", Text, nullable=False),
    Column("set_control_number", Text, nullable=False),
    Column("segment", Integer, nullable=False),
    Column("received", Text, nullable=False),
    # Why all of it is held in suspense; empty where it was posted.
    Column("hold_reason", Text, nullable=False),
    Column("record", LargeBinary, nullable=False),
    UniqueConstraint("payer_id", "trace_number", "payment_date", "amount", "digest"),
)

claim_payments = Table(
    "claim_payments",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("remittance_id", _known_at_the_end("remittances.id"), nullable=False),
    Column("ordinal", Integer, nullable=False),
    # Null where the payment stands in suspense as a whole.
    Column("claim_id", ForeignKey("claims.id"), index=True),
    Column("payer_id", Text, nullable=False),
    Column("patient_control_number", Text, nullable=False),
    Column("payer_claim_number", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("charge", BigInteger, nullable=False),
    Column("paid", BigInteger, nullable=False),
    Column("match_rule", Text, nullable=False),
    # Which payer in turn decided: 1 primary, 2 secondary, …
    Column("sequence", Integer, nullable=False),
    Column("reverses_id", ForeignKey("claim_payments.id"), unique=True),
    # The row that was held in suspense, whole or a service of it, and of which this one is posted later.
    Column("origin_id", ForeignKey("claim_payments.id"), index=True),
    Column("segment", Integer, nullable=False),
    Column("record", LargeBinary, nullable=False),
    # Of the claim that a payment which is held whole may be for; null where none is likely, or it was posted.
    Column("likely_claim_control_number", Text),
    UniqueConstraint("remittance_id", "ordinal"),
    Index("payers_numbers", text(NORMALISED_PAYERS_NUMBER)),
)

service_payments = Table(
    "service_payments",
    metadata,
    Column("claim_payment_id", ForeignKey("claim_payments.id"), primary_key=True),
    # 0 is what stands at the claim itself; lines of the remittance count from 1.
    Column("ordinal", Integer, primary_key=True),
    Column("line_id", ForeignKey("lines.id"), index=True),
    Column("match_rule", Text, nullable=False),
    Column("charge", BigInteger, nullable=False),
    Column("paid", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

adjustments = Table(
    "adjustments",
    metadata,
    Column("claim_payment_id", Integer, primary_key=True),
    Column("ordinal", Integer, primary_key=True),
    Column("service_ordinal", Integer, nullable=False),
    Column("group_code", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("disposition", Text, nullable=False),
    sqlite_with_rowid=False,
)

provider_adjustments = Table(
    "provider_adjustments",
    metadata,
    Column("remittance_id", _known_at_the_end("remittances.id"), primary_key=True),
    Column("ordinal", Integer, primary_key=True),
    Column("provider", Text, nullable=False),
    Column("fiscal_period", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("reference", Text, nullable=False),
    Column("amount", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

# A provider adjustment by which an overpayment is recovered (WO, 72), with the number that it names; none of a
# remittance that is held.
recoveries = Table(
    "recoveries",
    metadata,
    Column("remittance_id", _known_at_the_end("remittances.id"), primary_key=True),
    Column("ordinal", Integer, primary_key=True),
    Column("payer_id", Text, nullable=False),
    Column("normalised_reference", Text, nullable=False, index=True),
    Column("amount", BigInteger, nullable=False),
    Column("segment", Integer, nullable=False),
    sqlite_with_rowid=False,
)

entries = Table(
    "entries",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("kind", Text, nullable=False),
    Column("day", Text, nullable=False),
    Column("posted", Text, nullable=False),
    Column("submission_id", _known_at_the_end("submissions.id")),
    Column("remittance_id", _known_at_the_end("remittances.id"), index=True),
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
    Column("entry_id", _known_at_the_end("entries.id"), primary_key=True),
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
    Column("remittance_id", _known_at_the_end("remittances.id"), nullable=False, index=True),
    Column("claim_payment_id", ForeignKey("claim_payments.id"), index=True),
    Column("service_ordinal", Integer),
    Column("entry_id", ForeignKey("entries.id")),
    Column("claim_control_number", Text),
    Column("line_control_number", Text),
    Column("amount", BigInteger, nullable=False),
    # Why it is held; where this one settles or takes back another item, why that one was.
    Column("hold_reason", Text, nullable=False),
    # The normalised control number, where what comes later for the same claim can settle the item.
    Column("waits_for", Text, index=True),
    # The item that this one settles: it takes back its amount.
    Column("settles_id", ForeignKey("suspense.id"), unique=True),
    # How it settles it; and where that was by posting, the claim.
    Column("settled_by", Text),
    Column("settled_claim_control_number", Text),
)

# What a front end said of an interchange, a group, a set or a claim of ours, each statement once.
statuses = Table(
    "statuses",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("kind", Text, CheckConstraint("kind IN ('TA1', '997', '999', '277CA')"), nullable=False),
    # Of what it says, wherever it stands.
    Column("digest", Text, nullable=False, unique=True),
    Column("file", Text, nullable=False),
    Column("segment", Integer, nullable=False),
    Column("received", Text, nullable=False),
    # The file it is about (null: none of ours, or it is about a claim) and the set in it (empty: all of them).
    Column("submission_id", ForeignKey("submissions.id"), index=True),
    Column("set_control_number", Text, nullable=False),
    # The claim it is about, as the front end spells it, and normalised.
    Column("claim_control_number", Text),
    Column("normalised_control_number", Text, index=True),
    # 1 taken in, 0 turned away, null where it says neither.
    Column("accepted", Integer),
    # The day since which it is so; empty where it names none.
    Column("day", Text, nullable=False),
    Column("code", Text, nullable=False),
    Column("payer_claim_number", Text, nullable=False),
    Column("record", LargeBinary, nullable=False),
)

# What a bank booked, each once in however many statements it stands.
deposits = Table(
    "deposits",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("date", Text, nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("trace_number", Text, nullable=False),
    Column("payer_company_id", Text, nullable=False),
    Column("company_name", Text, nullable=False),
    Column("description", Text, nullable=False),
    Column("file", Text, nullable=False),
    Column("line", Integer, nullable=False),
    Column("occurrence", Integer, nullable=False),
    Column("received", Text, nullable=False),
    # As the bank's file identifies it: company id, or else name.
    Column("identity", Text, nullable=False, unique=True),
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
    Column("remittance_id", _known_at_the_end("remittances.id")),
    Column("entry_id", ForeignKey("entries.id")),
    Column("amount", BigInteger, nullable=False),
)

# A nightly run that came to its end, and what it did, as JSON.
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

# A file that the nightly run took, each time it did: the same content can come again.
files = Table(
    "files",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("sha256", Text, nullable=False, index=True),
    Column("size", BigInteger, nullable=False),
    Column("name", Text, nullable=False),
    Column("kind", Text, nullable=False),
    # taken, known (the same content came before), quarantined, or sent.
    Column("outcome", Text, nullable=False),
    # Where it was put, and when.
    Column("place", Text, nullable=False),
    Column("moment", Text, nullable=False),
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

_APPEND_ONLY = (
    submissions, claims, sendings, lines, remittances, claim_payments, service_payments, adjustments,
    provider_adjustments, recoveries, entries, legs, suspense, decisions, recoupments, statuses, deposits, seals,
    runs, files, former_texts,
)  # fmt: skip


def create(connection: Connection) -> None:
    """Make all tables and triggers where there are none of these names."""
    metadata.create_all(connection, checkfirst=False)
    create_triggers(connection, [table.name for table in _APPEND_ONLY])
    connection.execute(schema_version.insert().values(version_num=SCHEMA_VERSION))
