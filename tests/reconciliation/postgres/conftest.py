"""Ledgers on PostgreSQL: an empty schema, and a ledger whose claims were sent and answered."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from claimloop.reconciliation.ledger.connection import Ledger
from claimloop.tests.reconciliation.databases import Databases, Schemas, Server
from claimloop.tests.reconciliation.postgres.programs import send_and_answer, url_of


@pytest.fixture
def empty(schemas: Schemas) -> str:
    """The URL of a schema without tables."""
    return schemas.new()


@pytest.fixture
def ledger(server: Server, tmp_path: Path) -> Iterator[Ledger]:
    """A ledger where claims were sent and answered."""
    databases = Databases(server)
    yield databases.copy(tmp_path, send_and_answer)
    databases.close()


@pytest.fixture
def url(ledger: Ledger) -> str:
    """Of that ledger."""
    return url_of(ledger)
