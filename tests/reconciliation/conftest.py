"""Every test of the ledger runs on SQLite and on PostgreSQL, unless it is marked as one of files or of a server."""

import platform
from collections.abc import Iterator

import pytest

from claimloop.tests.reconciliation import databases, making, public, six_claims
from claimloop.tests.reconciliation.databases import Databases, Files, Schemas, Server, postgres_server
from claimloop.tests.reconciliation.nightly import practice

SERVED = {"x86_64", "AMD64", "aarch64", "arm64"}
"""Where pip can install the server (setup.cfg says the same). There a server that does not start is a failure."""

_OPENERS = (
    making.new_ledger,
    making.submitted,
    making.copied,
    public.opened,
    six_claims.six_claims,
    practice.start_practice,
)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Twice where the test's module makes ledgers; a test of SQLite's files once."""
    opens = any(value in _OPENERS for value in vars(metafunc.module).values() if callable(value))
    if opens and not metafunc.definition.get_closest_marker("sqlite"):
        metafunc.parametrize("database", ["sqlite", "postgresql"], indirect=True)


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """The URL of the server of this run, or of this worker of it."""
    if platform.machine() not in SERVED:
        pytest.skip(f"there is no PostgreSQL server to install for {platform.machine()}")
    with postgres_server() as url:
        yield url


@pytest.fixture(scope="session")
def server(postgresql: str) -> Iterator[Server]:
    """The same with a database for each ledger."""
    server = Server(postgresql)
    yield server
    server.close()


@pytest.fixture
def schemas(postgresql: str) -> Iterator[Schemas]:
    """New schemas of the server."""
    schemas = Schemas(postgresql)
    yield schemas
    schemas.drop()


@pytest.fixture(autouse=True)
def database(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """On which database the ledgers of the test are; they are closed behind it."""
    name = str(getattr(request, "param", "sqlite"))
    in_use = Databases(request.getfixturevalue("server") if name == "postgresql" else Files())
    monkeypatch.setattr(databases, "in_use", in_use)
    yield name
    in_use.close()
