"""The ledger's tables, and the triggers by which the database itself rejects a wrong entry.

Append only: claim files, remittances, claim payments, and entries are inserted and never changed. The legs of an entry
are written first. Inserting the entry then checks that its legs sum to zero line by line, and seals them. So the
identity of every line holds, even if a program has a bug. Legs without an entry cannot be committed (a deferred foreign
key). Money is integer cents. Each claim and payment is kept whole, as JSON of its record.
"""

from sqlalchemy import Column, Connection, String, Table

from claimloop.reconciliation.ledger.metadata import metadata
from claimloop.reconciliation.ledger.tables_of_claims import (
    claims,
    control_numbers,
    lines,
    sendings,
    statuses,
    submissions,
)
from claimloop.reconciliation.ledger.tables_of_postings import (
    decisions,
    entries,
    former_texts,
    legs,
    recoupments,
    seals,
    suspense,
)
from claimloop.reconciliation.ledger.tables_of_remittances import (
    NORMALISED_PAYERS_NUMBER,
    adjustments,
    claim_payments,
    deposits,
    provider_adjustments,
    recoveries,
    remittances,
    service_payments,
)
from claimloop.reconciliation.ledger.tables_of_runs import files, runs
from claimloop.reconciliation.ledger.triggers import create_triggers

__all__ = [
    "NORMALISED_PAYERS_NUMBER",
    "SCHEMA_VERSION",
    "adjustments",
    "claim_payments",
    "claims",
    "control_numbers",
    "create",
    "decisions",
    "deposits",
    "entries",
    "files",
    "former_texts",
    "legs",
    "lines",
    "metadata",
    "provider_adjustments",
    "recoupments",
    "recoveries",
    "remittances",
    "runs",
    "schema_version",
    "seals",
    "sendings",
    "service_payments",
    "statuses",
    "submissions",
    "suspense",
]  # fmt: skip

SCHEMA_VERSION = "0005"

# Under the names that alembic knows it by.
# Under the names that alembic knows it by.
schema_version = Table("schema_version", metadata, Column("version_num", String(32), primary_key=True))

_APPEND_ONLY = (
    submissions, claims, sendings, lines, remittances, claim_payments, service_payments, adjustments,
    provider_adjustments, recoveries, entries, legs, suspense, decisions, recoupments, statuses, deposits, seals,
    runs, files, former_texts,
)  # fmt: skip


def create(connection: Connection) -> None:
    """Create all tables and triggers. The database must not have tables with these names."""
    metadata.create_all(connection, checkfirst=False)
    create_triggers(connection, [table.name for table in _APPEND_ONLY])
    connection.execute(schema_version.insert().values(version_num=SCHEMA_VERSION))
