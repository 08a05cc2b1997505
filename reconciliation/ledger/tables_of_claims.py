"""Tables of submitted claims: claim files, claims, their submissions to payers, and their lines."""

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
    text,
)

from claimloop.reconciliation.ledger.column_types import Text
from claimloop.reconciliation.ledger.metadata import known_at_the_end, metadata

# The last control number used, by partner and by kind: interchange, group, set.
control_numbers = Table(
    "control_numbers",
    metadata,
    Column("partner", Text, primary_key=True),
    Column("name", Text, primary_key=True),
    Column("last", BigInteger, nullable=False),
)

# A claim file: one that we built, or one that another system built and that was imported.
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

# The charges of a visit, for all of its payers. A correction is a claim of a higher version, which replaces those of a
# lower one.
claims = Table(
    "claims",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("encounter_id", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("part", Integer, nullable=False),
    # Of the first submission.
    Column("patient_control_number", Text, nullable=False),
    Column("payer_id", Text, nullable=False),
    Column("payer_name", Text, nullable=False),
    # How many payers adjudicate the claim, one after the other.
    Column("coverages", Integer, nullable=False),
    Column("charge", BigInteger, nullable=False),
    Column("service_from", Text, nullable=False),
    Column("service_to", Text, nullable=False),
    UniqueConstraint("encounter_id", "version", "part"),
)

# A submission: a claim as sent to one payer under one control number. The first goes to the primary payer; later ones
# go to the other payers, or are voids.
sendings = Table(
    "sendings",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("submission_id", known_at_the_end("submissions.id"), nullable=False),
    Column("claim_id", ForeignKey("claims.id"), nullable=False),
    Column("set_control_number", Text, nullable=False),
    Column("version", Integer, nullable=False),
    # The payer rank: 1 primary, 2 secondary, …
    Column("turn", Integer, nullable=False),
    Column("frequency", Text, nullable=False),
    Column("imported", Integer, nullable=False),
    Column("patient_control_number", Text, nullable=False),
    Column("normalised_control_number", Text, nullable=False, index=True),
    Column("payer_id", Text, nullable=False),
    Column("payer_name", Text, nullable=False),
    Column("member_id", Text, nullable=False),
    Column("normalised_member_id", Text, nullable=False, index=True),
    # Those of the patient and the subscriber, one per line.
    Column("last_names", Text, nullable=False),
    Column("record", LargeBinary, nullable=False),
    UniqueConstraint("claim_id", "version"),
    # Other systems reuse a number for a correction or for the next payer; we never do.
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
    # 0 is the claim-level line: money that the payer did not distribute over service lines.
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

# What an acknowledgement reports about an interchange, group, set, or claim of ours; each statement once.
statuses = Table(
    "statuses",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("kind", Text, CheckConstraint("kind IN ('TA1', '997', '999', '277CA')"), nullable=False),
    # Of the statement, wherever in the file it is.
    Column("digest", Text, nullable=False, unique=True),
    Column("file", Text, nullable=False),
    Column("segment", Integer, nullable=False),
    Column("received", Text, nullable=False),
    # The claim file that it is about (null: not one of ours, or it is about a claim) and the set (empty: all sets).
    Column("submission_id", ForeignKey("submissions.id"), index=True),
    Column("set_control_number", Text, nullable=False),
    # The control number of the claim that it is about, as the acknowledgement has it, and normalized.
    Column("claim_control_number", Text),
    Column("normalised_control_number", Text, index=True),
    # 1 accepted, 0 rejected, null if it reports neither.
    Column("accepted", Integer),
    # The day of the status; empty if it names none.
    Column("day", Text, nullable=False),
    Column("code", Text, nullable=False),
    Column("payer_claim_number", Text, nullable=False),
    Column("record", LargeBinary, nullable=False),
)
