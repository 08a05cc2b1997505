"""Commands to begin with: the demo, and a folder to start from."""

from pathlib import Path

import click
import msgspec

from claimloop.commands.session import Session, as_json, console, fail, shared


@click.command()
@click.argument("folder", default="claimloop-demo", type=click.Path(file_okay=False, path_type=Path), metavar="[DIR]")
@click.option(
    "--claims", type=click.IntRange(1, 10_000_000), metavar="N", help="So many made-up claims, and a simulated payer."
)
@click.option("--seed", default=1, show_default=True, help="Of the simulated payer.")
@shared
def demo(session: Session, folder: Path, claims: int | None, seed: int) -> None:
    """Run the whole loop on the samples, in a fresh folder; with --claims on so many made-up ones.

    Example: claimloop demo /tmp/demo && claimloop demo /tmp/volume --claims 2000
    """
    from claimloop.commands.demo import run_demo
    from claimloop.commands.tables import print_demo
    from claimloop.samples import copy_samples

    if folder.exists() and any(folder.iterdir()):
        fail(f"{folder} is not empty; the demo wants a fresh folder")
    copy_samples(folder)
    if claims is not None:
        _volume(session, folder, claims, seed)
        return
    result = run_demo(folder, session.report)
    session.write_json(result) if session.json else print_demo(result, console())


def _volume(session: Session, folder: Path, claims: int, seed: int) -> None:
    from claimloop.commands.demo import Answered, run_volume
    from claimloop.commands.tables import print_volume
    from claimloop.samples.volumes import write_encounters
    from claimloop.simulation.answers import answer

    encounters = folder / "encounters.jsonl"
    write_encounters(encounters, claims)

    def play(files: list[Path]) -> Answered:
        summary = answer(files, folder / "answers", seed).summary
        return Answered(summary.remittances, summary.truth)

    with session.progress("claims", claims) as progress:
        result = run_volume(folder, encounters, play, lambda _: None, progress)
    session.write_json(result) if session.json else print_volume(result, console())


@click.command()
@click.argument("folder", default=".", type=click.Path(file_okay=False, path_type=Path), metavar="[DIR]")
@click.option(
    "--samples", is_flag=True, help="A made-up practice instead, to try the nightly run on; in a fresh folder."
)
@click.option("--schema", is_flag=True, help="Print the JSON Schema of an encounter, write nothing.")
@shared
def init(session: Session, folder: Path, samples: bool, schema: bool) -> None:
    """Write a starter configuration, templates for encounters and the folders of the nightly run; what exists is left
    alone.

    Example: claimloop init practice && claimloop init --schema > encounter.schema.json
    """
    from claimloop.builders.encounters.templates import json_schema
    from claimloop.reconciliation.configuration.starter import make_folders, write_starter

    if schema:
        click.echo(msgspec.json.format(as_json(json_schema()), indent=2).decode())
        return
    if samples:
        from claimloop.samples import copy_first_night

        if folder.exists() and any(folder.iterdir()):
            fail(f"{folder} is not empty; the samples want a fresh folder")
        copy_first_night(folder)
        make_folders(folder)
        click.echo(f"{folder}: a made-up practice; now: cd {folder} && claimloop nightly")
        return
    for path, written in write_starter(folder):
        click.echo(f"{path}{'' if written else ' exists, left alone'}")
    make_folders(folder)
