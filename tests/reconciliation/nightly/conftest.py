"""One SFTP server for all tests of the transport; each gets its own folders, keys and account on it."""

from collections.abc import Iterator

import pytest

from claimloop.tests.reconciliation.nightly.sftp_account import Place, client_key
from claimloop.tests.reconciliation.nightly.sftp_server import Served, running


@pytest.fixture(scope="session")
def served() -> Iterator[Served]:
    with running() as served:
        yield served


@pytest.fixture
def place(served, tmp_path) -> Place:
    for folder in ("remote/out", "remote/in", "outbox"):
        (tmp_path / folder).mkdir(parents=True)
    served.reset(tmp_path / "remote", client_key().export_public_key().decode())
    place = Place(tmp_path, served)
    place.write_key(client_key())
    (tmp_path / "known_hosts").write_text(served.known_hosts())
    return place
