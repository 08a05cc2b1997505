"""The versions of the ledger's schema for alembic. Each migrates the one before, and a released one never changes."""
