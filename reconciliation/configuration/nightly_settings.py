"""The settings of the nightly run: its folders, and the SFTP accounts for its files."""

import re
from itertools import permutations
from pathlib import Path
from typing import Annotated, Literal

import msgspec

from claimloop.builders.settings import Key, Settings

FOLDERS = ("encounters", "inbox", "outbox", "archive", "quarantine", "runs")
_ADDRESS = re.compile(r" *[^\s@<>()\[\]:;,\\\"]+@[^\s@<>()\[\]:;,\\\"]+ *")

Seconds = Annotated[int, msgspec.Meta(ge=0, le=3600)]


class SftpAccount(Settings, kw_only=True, frozen=True):
    """One `[[sftp]]` table: a server that files are pulled from and pushed to, with a key and a known host only."""

    name: Annotated[
        str,
        Key(
            "Your short name for this account.",
            more="Messages use it, and the notes on its transfers are in `runs/sftp-NAME.jsonl`.",
            example="clearinghouse",
        ),
    ]
    host: Annotated[str, Key("The server's name or address.", example="sftp.example.com")]
    user: Annotated[str, Key("Your user name there.", example="exampleclinic")]
    key: Annotated[
        str,
        Key(
            "Your private key, an OpenSSH file.",
            more="A relative name is relative to `claimloop.toml`. Only its owner may be able to read the file.",
            example="~/.ssh/clearinghouse",
        ),
    ]
    known_hosts: Annotated[
        str,
        Key(
            "A file with the host keys that the server may present, in OpenSSH's format.",
            more="A relative name is relative to `claimloop.toml`.",
            example="clearinghouse.known_hosts",
        ),
    ]
    port: Annotated[int, msgspec.Meta(ge=1, le=65535), Key("The server's port.")] = 22
    passphrase_env: Annotated[
        str,
        Key(
            "The environment variable that has the passphrase of the private key.",
            unless_given="the key has no passphrase",
            example="CLEARINGHOUSE_PASSPHRASE",
        ),
    ] = ""
    partner: Annotated[
        str,
        Key(
            "The name of the partner whose claim files go to this account.",
            unless_given="every partner without an account of its own",
            example="example",
        ),
    ] = ""
    pull: Annotated[
        tuple[str, ...],
        Key("Remote folders whose files are pulled into the inbox.", unless_given="none", example=("/outgoing",)),
    ] = ()
    push: Annotated[
        str,
        Key("The remote folder for claim files.", unless_given="no files are sent", example="/incoming"),
    ] = ""
    after_pull: Annotated[Literal["leave", "delete"], Key("What to do with a remote file once it has been pulled.")] = (
        "leave"
    )
    tries: Annotated[
        int,
        msgspec.Meta(ge=1, le=20),
        Key(
            "How often to try to connect, and to resume a transfer that was interrupted.",
            more="The pauses between tries are 1, 2, 4, … seconds, and at most a minute.",
        ),
    ] = 5
    timeout_seconds: Annotated[
        int, msgspec.Meta(ge=1, le=3600), Key("How long to wait for an answer of the server.")
    ] = 30


class NightlySettings(Settings, kw_only=True, frozen=True):
    """The `[nightly]` table. Folders with a relative name are relative to the configuration."""

    encounters: Annotated[str, Key("Put files of encounters here (.json, .jsonl, .csv).")] = "encounters"
    inbox: Annotated[str, Key("Put files that you receive here, under any name: 835, 999, 277CA, bank files.")] = (
        "inbox"
    )
    outbox: Annotated[str, Key("Claim files for the clearinghouse are written here.")] = "outbox"
    archive: Annotated[str, Key("Files that were processed are moved here, in a folder for each day.")] = "archive"
    quarantine: Annotated[str, Key("Files that could not be processed are moved here, each with its reason.")] = (
        "quarantine"
    )
    runs: Annotated[str, Key("The log, and a folder for each run: report, record, work lists, summary.")] = "runs"
    settle_seconds: Annotated[Seconds, Key("How long a file must stay unchanged before it is picked up.")] = 5
    second_opinion: Annotated[bool, Key("Have pyx12 validate the finished claim files too. This is slow.")] = False
    send_secondaries: Annotated[bool, Key("Send claims to their next payer as soon as they are due.")] = True
    mail_to: Annotated[
        str,
        Key(
            "Who gets the summary: `sendmail -t < runs/latest/summary.eml`.",
            unless_given="the mail has no recipient",
            allowed="mail addresses, separated by commas",
            example="billing@example.com",
        ),
    ] = ""
    mail_from: Annotated[
        str,
        Key(
            "Who the summary is from.",
            allowed="a mail address",
            unless_given="the account that sends it",
            example="claimloop@example.com",
        ),
    ] = ""

    def beside(self, folder: Path) -> "NightlySettings":
        """Return the settings with every folder's name made absolute, relative to the folder of the configuration."""
        folders = {name: str(folder / Path(getattr(self, name)).expanduser()) for name in FOLDERS}
        return msgspec.structs.replace(self, **folders)


def nightly_problems(settings: NightlySettings) -> list[str]:
    """Return the problems of folders and addresses, one line each."""
    addresses = {"mail_to": settings.mail_to, "mail_from": settings.mail_from}
    problems = [
        f"nightly.{name}: {address!r} is not a valid mail address" for name, address in addresses.items()
        if address and not all(map(_ADDRESS.fullmatch, address.split(",")))
    ]  # fmt: skip
    return problems + _folder_problems(settings)


def _folder_problems(settings: NightlySettings) -> list[str]:
    """Return the problems of folders: each must be a folder, and none may be inside another."""
    folders = {name: Path(getattr(settings, name)) for name in FOLDERS}
    problems = [
        f"nightly.{name}: {folder} is not a folder" for name, folder in folders.items()
        if folder.exists() and not folder.is_dir()
    ]  # fmt: skip
    for one, other in permutations(FOLDERS, 2):
        inner, outer = folders[one].resolve(), folders[other].resolve()
        if inner == outer and one < other:
            problems.append(f"nightly.{one} and nightly.{other} are the same folder: {folders[one]}")
        elif outer in inner.parents:
            problems.append(f"nightly.{one} is inside nightly.{other}: {folders[one]}")
    return problems
