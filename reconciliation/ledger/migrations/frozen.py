"""Run the SQL statements of a version as they were when it was released."""

from importlib.resources import files

from alembic import op


def run_frozen(version: str) -> None:
    """Run the statements of a version for the database in use."""
    dialect = op.get_bind().dialect.name
    text = (
        files("claimloop.reconciliation.ledger.migrations")
        .joinpath(f"{version}.{dialect}.sql")
        .read_text(encoding="utf-8")
    )
    for statement in text.split("\n-- next\n"):
        op.get_bind().exec_driver_sql(statement)
