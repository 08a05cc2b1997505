"""`claimloop demo`: the whole loop on a made-up practice."""

from pathlib import Path

import click

from claimloop.commands.help import command
from claimloop.commands.session import Session, fail, shared


@command(examples=["claimloop demo practice", "claimloop demo volume --claims 2000"])
@click.argument("folder", default="claimloop-demo", type=click.Path(file_okay=False, path_type=Path), metavar="[DIR]")
@click.option(
    "--claims",
    type=click.IntRange(1, 10_000_000),
    metavar="N",
    help="Use N made-up claims and a simulated payer instead of the samples.",
)
@click.option("--seed", default=1, show_default=True, help="The seed of the simulated payer.")
@shared
def demo(session: Session, folder: Path, claims: int | None, seed: int) -> None:
    """Run the whole loop on a made-up practice.

    Builds the claims of a dermatology practice, posts the remittances that come back, and proves that every cent is
    accounted for. DIR must be new or empty. The examples of the other commands work in it.
    """
    from claimloop.commands.demo_loop import run_demo
    from claimloop.commands.tables.totals import print_demo
    from claimloop.samples import copy_samples

    if folder.exists() and any(folder.iterdir()):
        fail(f"{folder} is not empty; the demo needs a new folder")
    copy_samples(folder)
    if claims is not None:
        _volume(session, folder, claims, seed)
        return
    result = run_demo(folder, session.report)
    session.write_json(result) if session.json else print_demo(result)


def _volume(session: Session, folder: Path, claims: int, seed: int) -> None:
    from claimloop.commands.demo_loop import Answered, run_volume
    from claimloop.commands.tables.totals import print_volume
    from claimloop.samples.volumes import write_encounters
    from claimloop.simulation.answers import answer

    encounters = folder / "encounters.jsonl"
    write_encounters(encounters, claims)

    def play(files: list[Path]) -> Answered:
        summary = answer(files, folder / "answers", seed).summary
        return Answered(summary.remittances, summary.truth)

    with session.progress("claims", claims) as progress:
        result = run_volume(folder, encounters, play, lambda _: None, progress)
    session.write_json(result) if session.json else print_volume(result)
