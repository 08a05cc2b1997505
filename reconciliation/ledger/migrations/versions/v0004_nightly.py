"""Add the nightly run's records and files, and what payers recover by PLB of which claims."""

from claimloop.reconciliation.ledger.migrations.frozen import run_frozen

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Run the frozen statements of the database in use."""
    run_frozen(revision)
