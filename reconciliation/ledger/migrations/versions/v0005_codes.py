"""Replace English sentences with codes: hold reasons, match rules, and settlements of items of suspense."""

from claimloop.reconciliation.ledger.migrations.frozen import run_frozen

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Run the frozen statements of the database in use."""
    run_frozen(revision)
