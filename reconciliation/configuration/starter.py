"""A folder to start from: a configuration with comments, templates for encounters, and folders to put files into."""

import os
from collections.abc import Iterator
from pathlib import Path

from claimloop.builders.encounters.templates import csv_template, json_template
from claimloop.reconciliation.configuration.nightly_settings import NightlySettings
from claimloop.reconciliation.configuration.starter_text import starter_text


def write_starter(folder: Path) -> Iterator[tuple[Path, bool]]:
    """Write the files that are missing; each path, and whether it was written. Readable by the owner only."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    starters = {
        "claimloop.toml": starter_text(),
        "encounters.csv": csv_template(),
        "encounters.json": json_template(),
    }
    for name, text in starters.items():
        path = folder / name
        try:
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            yield path, False
            continue
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
        yield path, True


def make_folders(folder: Path) -> None:
    """Make the folders that people and programs put files into for the nightly run, where they are not there yet."""
    settings = NightlySettings().beside(folder)
    for name in (settings.encounters, settings.inbox, settings.outbox):
        Path(name).mkdir(mode=0o700, parents=True, exist_ok=True)
