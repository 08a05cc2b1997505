"""An account on the tests' server, with its folders at both ends."""

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

import asyncssh

from claimloop.reconciliation.configuration.nightly_settings import SftpAccount
from claimloop.reconciliation.nightly.pulling import Pulled, pull
from claimloop.reconciliation.nightly.pushing import Pushed, push
from claimloop.reconciliation.nightly.sftp import Connection, connect
from claimloop.tests.reconciliation.nightly.sftp_server import Served

SETTLE = 5


@cache
def client_key() -> asyncssh.SSHKey:
    return asyncssh.generate_private_key("ssh-ed25519")


class Place:
    """`out` is what the server has for us, `in_` what it gets. `pauses` are the seconds that were slept."""

    def __init__(self, folder: Path, served: Served) -> None:
        self.folder = folder
        self.served = served
        self.out, self.in_ = folder / "remote" / "out", folder / "remote" / "in"
        self.inbox, self.outbox, self.runs = folder / "inbox", folder / "outbox", folder / "runs"
        self.key, self.known_hosts = folder / "key", folder / "known_hosts"
        self.pauses: list[float] = []

    def account(self, **settings: object) -> SftpAccount:
        stated: dict[str, object] = {
            "name": "clearing", "host": "127.0.0.1", "port": self.served.port, "user": "practice",
            "key": str(self.key), "known_hosts": str(self.known_hosts), "pull": ("out",), "push": "in", "tries": 3,
            "timeout_seconds": 5,
        }  # fmt: skip
        return SftpAccount(**{**stated, **settings})  # type: ignore[arg-type]

    def write_key(self, key: asyncssh.SSHKey, passphrase: str | None = None) -> None:
        # Few rounds of bcrypt: the usual number takes seconds.
        self.key.write_bytes(key.export_private_key(passphrase=passphrase, rounds=1, ignore_few_rounds=True))
        self.key.chmod(0o600)

    def connected(self, environment: Mapping[str, str] | None = None, **settings: object):
        return connect(self.account(**settings), environment or {}, self.pauses.append)

    def pull(self, connection: Connection | None = None, **settings: object) -> list[Pulled]:
        account = self.account(**settings)
        if connection is not None:
            return pull(account, connection, self.inbox, self.runs, SETTLE)
        with self.connected(None, **settings) as connection:
            return pull(account, connection, self.inbox, self.runs, SETTLE)

    def push(self, *files: Path, connection: Connection | None = None, **settings: object) -> list[Pushed]:
        account = self.account(**settings)
        if connection is not None:
            return push(account, connection, files, self.runs)
        with self.connected(None, **settings) as connection:
            return push(account, connection, files, self.runs)

    def write_out(self, name: str, content: bytes) -> None:
        (self.out / name).write_bytes(content)

    def file(self, name: str, content: bytes) -> Path:
        path = self.outbox / name
        path.write_bytes(content)
        return path

    def came(self) -> dict[str, bytes]:
        """What lies in the inbox, hidden parts too."""
        return {path.name: path.read_bytes() for path in sorted(self.inbox.iterdir())}

    def there(self) -> dict[str, bytes]:
        """What lies in the server's folder for us to send to."""
        return {path.name: path.read_bytes() for path in sorted(self.in_.iterdir())}


def outcomes(results: Sequence[Pulled] | Sequence[Pushed]) -> list[str]:
    return [each.outcome for each in results]
