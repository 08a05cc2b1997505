"""Write a starter folder: a configuration with comments, templates for encounters, and folders for files."""

import os
from collections.abc import Iterator
from pathlib import Path

from claimloop.builders.encounters.templates import csv_template, json_template
from claimloop.reconciliation.configuration.nightly_settings import NightlySettings
from claimloop.reconciliation.configuration.starter_text import starter_text


def write_starter(folder: Path) -> Iterator[tuple[Path, bool]]:
    """Write the missing files, readable by their owner only. Yield each path, and true if it was written."""
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
    """Create the missing folders that people and programs put files into for the nightly run."""
    settings = NightlySettings().beside(folder)
    for name in (settings.encounters, settings.inbox, settings.outbox):
        Path(name).mkdir(mode=0o700, parents=True, exist_ok=True)
