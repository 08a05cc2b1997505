"""The nightly run's records and the files that it took; what payers recover by PLB, and of which claims."""

from claimloop.reconciliation.ledger.migrations.frozen import run_frozen

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Run the frozen statements of the database in use."""
    run_frozen(revision)
