"""A client in a process of its own, which can be killed outright."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import msgspec

from claimloop.tests.reconciliation.nightly.sftp_account import Place

_SCRIPT = """
import sys, time
from pathlib import Path
import msgspec
from claimloop.reconciliation.nightly.pulling import pull
from claimloop.reconciliation.nightly.pushing import push
from claimloop.reconciliation.configuration.nightly_settings import SftpAccount
from claimloop.reconciliation.nightly.sftp import connect

account = msgspec.json.decode(sys.argv[2], type=SftpAccount)
folder, *files = map(Path, sys.argv[3:])
with connect(account, {}, lambda seconds: None) as connection:
    if sys.argv[1] == "pull":
        pull(account, connection, folder / "inbox", folder / "runs", 0)
    else:
        push(account, connection, files, folder / "runs")
"""


@contextmanager
def client(place: Place, what: str, *files: object) -> Iterator[subprocess.Popen[bytes]]:
    """It pulls, or pushes these files, from when this is entered; `place.served.hook` decides on its end."""
    account = msgspec.json.encode(place.account()).decode()
    command = [sys.executable, "-c", _SCRIPT, what, account, str(place.folder), *map(str, files)]
    with subprocess.Popen(command) as process:
        try:
            yield process
        finally:
            process.kill()
