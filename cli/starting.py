"""Commands to begin with: the demo, and a folder to start from."""

from pathlib import Path

import click
import msgspec

from claimloop.cli.session import Session, as_json, console, fail, shared


@click.command()
@click.argument("folder", default="claimloop-demo", type=click.Path(file_okay=False, path_type=Path), metavar="[DIR]")
@shared
def demo(session: Session, folder: Path) -> None:
    """Run the whole loop on the samples, in a fresh folder.

    Example: claimloop demo /tmp/demo
    """
    from claimloop.reconciliation.demo import run_demo
    from claimloop.reconciliation.tables import print_demo
    from claimloop.samples import copy_samples

    if folder.exists() and any(folder.iterdir()):
        fail(f"{folder} is not empty; the demo wants a fresh folder")
    copy_samples(folder)
    result = run_demo(folder, session.report)
    session.write_json(result) if session.json else print_demo(result, console())


@click.command()
@click.argument("folder", default=".", type=click.Path(file_okay=False, path_type=Path), metavar="[DIR]")
@click.option("--schema", is_flag=True, help="Print the JSON Schema of an encounter, write nothing.")
@shared
def init(session: Session, folder: Path, schema: bool) -> None:
    """Write a starter configuration and templates for encounters; files that exist are left alone.

    Example: claimloop init practice && claimloop init --schema > encounter.schema.json
    """
    from claimloop.builders.templates import json_schema
    from claimloop.reconciliation.starting import write_starter

    if schema:
        click.echo(msgspec.json.format(as_json(json_schema()), indent=2).decode())
        return
    for path, written in write_starter(folder):
        click.echo(f"{path}{'' if written else ' exists, left alone'}")
