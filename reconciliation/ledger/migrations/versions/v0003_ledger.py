"""Create all tables, indexes, and triggers of the first released version."""

from claimloop.reconciliation.ledger.migrations.frozen import run_frozen

revision = "0003"
down_revision = None


def upgrade() -> None:
    """Run the frozen statements of the database in use."""
    run_frozen(revision)
