"""What the configuration says of the nightly run: its folders, and the SFTP accounts that files go through."""

import re
from itertools import permutations
from pathlib import Path
from typing import Annotated, Literal

import msgspec

from claimloop.builders.partner import Settings

FOLDERS = ("encounters", "inbox", "outbox", "archive", "quarantine", "runs")
_ADDRESS = re.compile(r" *[^\s@<>()\[\]:;,\\\"]+@[^\s@<>()\[\]:;,\\\"]+ *")

Seconds = Annotated[int, msgspec.Meta(ge=0, le=3600)]


class SftpAccount(Settings, kw_only=True, frozen=True):
    """One `[[sftp]]`: a server that files are pulled from and pushed to, by key and known host only.

    `key` and `known_hosts` are files, relative names beside the configuration. The key's passphrase is in the
    environment variable that `passphrase_env` names. `pull` are remote folders whose files come into the inbox, and
    `after_pull` says what becomes of them there; `push` is the remote folder for the claims of `partner` (of every
    partner where it is empty). `tries` is how often a connection is sought, with a growing pause.
    """

    name: str
    host: str
    user: str
    key: str
    known_hosts: str
    port: Annotated[int, msgspec.Meta(ge=1, le=65535)] = 22
    passphrase_env: str = ""
    partner: str = ""
    pull: tuple[str, ...] = ()
    push: str = ""
    after_pull: Literal["leave", "delete"] = "leave"
    tries: Annotated[int, msgspec.Meta(ge=1, le=20)] = 5
    timeout_seconds: Annotated[int, msgspec.Meta(ge=1, le=3600)] = 30


class NightlySettings(Settings, kw_only=True, frozen=True):
    """The `[nightly]` table. Folders with a relative name lie beside the configuration.

    `settle_seconds` is how long a file's size and time must stay the same before it is taken. `mail_to` and
    `mail_from` are the addresses of the summary that can be handed to sendmail.
    """

    encounters: str = "encounters"
    inbox: str = "inbox"
    outbox: str = "outbox"
    archive: str = "archive"
    quarantine: str = "quarantine"
    runs: str = "runs"
    settle_seconds: Seconds = 5
    second_opinion: bool = False
    send_secondaries: bool = True
    mail_to: str = ""
    mail_from: str = ""

    def beside(self, folder: Path) -> "NightlySettings":
        """The same with every folder's name made absolute, from the folder of the configuration."""
        folders = {name: str(folder / Path(getattr(self, name)).expanduser()) for name in FOLDERS}
        return msgspec.structs.replace(self, **folders)


def nightly_problems(settings: NightlySettings) -> list[str]:
    """What is wrong with folders and addresses, one line each."""
    addresses = {"mail_to": settings.mail_to, "mail_from": settings.mail_from}
    problems = [
        f"nightly.{name}: {address!r} is no mail address" for name, address in addresses.items()
        if address and not all(map(_ADDRESS.fullmatch, address.split(",")))
    ]  # fmt: skip
    return problems + _folder_problems(settings)


def _folder_problems(settings: NightlySettings) -> list[str]:
    """What is put into one must never be found in another, and each is a folder."""
    folders = {name: Path(getattr(settings, name)) for name in FOLDERS}
    problems = [
        f"nightly.{name}: {folder} is no folder" for name, folder in folders.items()
        if folder.exists() and not folder.is_dir()
    ]  # fmt: skip
    for one, other in permutations(FOLDERS, 2):
        inner, outer = folders[one].resolve(), folders[other].resolve()
        if inner == outer and one < other:
            problems.append(f"nightly.{one} and nightly.{other} are the same folder: {folders[one]}")
        elif outer in inner.parents:
            problems.append(f"nightly.{one} lies inside nightly.{other}: {folders[one]}")
    return problems
