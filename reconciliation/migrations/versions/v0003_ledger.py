"""The first version that was released: all tables, indexes and triggers."""

from importlib.resources import files

from alembic import op

revision = "0003"
down_revision = None


def upgrade() -> None:
    """Run the frozen statements of the database in use."""
    dialect = op.get_bind().dialect.name
    text = files("claimloop.reconciliation.migrations").joinpath(f"0003.{dialect}.sql").read_text(encoding="utf-8")
    for statement in text.split("\n-- next\n"):
        op.get_bind().exec_driver_sql(statement)
