"""`claimloop init`: a folder to start from."""

from pathlib import Path

import click
import msgspec

from claimloop.commands.help import command
from claimloop.commands.session import Session, as_json, fail, shared


@command(examples=["claimloop init my-practice", "claimloop init nights --samples", "claimloop init --schema"])
@click.argument("folder", default=".", type=click.Path(file_okay=False, path_type=Path), metavar="[DIR]")
@click.option("--samples", is_flag=True, help="Set up a made-up practice, to try the nightly run. DIR must be new.")
@click.option("--schema", is_flag=True, help="Print the JSON Schema of an encounter and write nothing.")
@shared
def init(session: Session, folder: Path, samples: bool, schema: bool) -> None:
    """Set up a practice: configuration, templates and folders.

    Writes a commented claimloop.toml, templates for encounters (CSV and JSON), and the folders of the nightly run.
    Files that already exist are not changed.
    """
    from claimloop.builders.encounters.templates import json_schema
    from claimloop.reconciliation.configuration.starter import make_folders, write_starter

    if schema:
        click.echo(msgspec.json.format(as_json(json_schema()), indent=2).decode())
        return
    if samples:
        from claimloop.samples import copy_first_night

        if folder.exists() and any(folder.iterdir()):
            fail(f"{folder} is not empty; the samples need a new folder")
        copy_first_night(folder)
        make_folders(folder)
        click.echo(f"{folder}: a made-up practice is set up. Next: cd {folder} && claimloop nightly")
        return
    for path, written in write_starter(folder):
        click.echo(f"{path}{'' if written else ' already exists, not changed'}")
    make_folders(folder)
