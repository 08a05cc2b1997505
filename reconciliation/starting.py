"""A folder to start from: a configuration with comments, and templates for encounters."""

import os
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

from claimloop.builders.templates import csv_template, json_template


def write_starter(folder: Path) -> Iterator[tuple[Path, bool]]:
    """Write the files that are missing; each path, and whether it was written. Readable by the owner only."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    starters = {
        "claimloop.toml": files(__package__).joinpath("starter.toml").read_text(encoding="utf-8"),
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
