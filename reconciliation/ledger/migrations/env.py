"""alembic runs this with the connection of `migrate.migrate`, inside its transaction."""

from alembic import context

from claimloop.reconciliation.ledger import schema

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=schema.metadata, version_table=schema.schema_version.name)
with context.begin_transaction():
    context.run_migrations()
