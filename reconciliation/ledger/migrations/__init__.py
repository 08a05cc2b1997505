"""The versions of the ledger's schema, by alembic: each changes the one before, and none is changed again."""
