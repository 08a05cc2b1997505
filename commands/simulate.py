"""Commands of the simulated payer."""

import sys
from datetime import datetime
from pathlib import Path

import click

from claimloop.commands.session import CLEAN, FILES, Session, console, shared
from claimloop.edi.money import two_decimals


@click.group()
def simulate() -> None:
    """A payer that answers, for tests and benchmarks without anybody's data.

    Example: claimloop simulate payer outbox/*.837 -o answers --seed 7
    """


@simulate.command()
@FILES
@click.option(
    "-o", "--output", "folder", required=True, metavar="DIR", help="An empty or new folder for the answers.",
    type=click.Path(file_okay=False, path_type=Path),
)  # fmt: skip
@click.option("--seed", default=1, show_default=True, help="Another seed gives other answers, the same seed the same.")
@click.option(
    "--scenario", "single", multiple=True, metavar="NAME[=RATE]", help="Let this happen, to a share of the claims."
)
@click.option(
    "--scenarios",
    "sets",
    type=click.Choice(["usual", "all", "none"]),
    help="A set [default: usual, or --scenario alone].",
)
@click.option(
    "--rules", metavar="FILE", help="Another payer's rules (TOML); see docs/simulator.md.",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
)  # fmt: skip
@click.option(
    "--earlier", multiple=True, metavar="FILE", help="A file that an earlier run has answered.",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
)  # fmt: skip
@click.option(
    "--as-of", type=click.DateTime(["%Y-%m-%d"]), metavar="DATE", help="When the claims came [default: their BHT04]."
)
@shared
def payer(
    session: Session,
    files: tuple[Path, ...],
    folder: Path,
    seed: int,
    single: tuple[str, ...],
    sets: str | None,
    rules: Path | None,
    earlier: tuple[Path, ...],
    as_of: datetime | None,
) -> None:
    """Answer 837P files like a payer: TA1, 999, 277CA, 835s, the bank's side, and the truth of them all.

    truth.jsonl says what a ledger must hold in the end, acknowledgements.jsonl what was said of each claim.

    Example: claimloop simulate payer outbox/*.837 -o answers --seed 7 --scenario line_split=0.2
    """
    from claimloop.simulation.answers import answer

    scenarios = [*([sets] if sets else [] if single else ["usual"]), *single]
    with session.progress("claims") as progress:
        answers = answer(
            files, folder, seed, scenarios=scenarios, rules=rules, earlier=earlier,
            as_of=as_of.date() if as_of else None, progress=progress,
        )  # fmt: skip
    if session.json:
        session.write_json(answers)
    else:
        told = answers.summary
        paid = sum(payment.amount for payment in told.payments)
        click.echo(
            f"{told.claims} claims with {told.lines} lines, {told.refused} refused; {len(told.remittances)} files of "
            f"remittances paying {two_decimals(paid)}, {len(told.repeats)} of them twice; {folder}"
        )
    sys.exit(CLEAN)


@simulate.command()
@shared
def scenarios(session: Session) -> None:
    """What a payer may do, and how often it happens unless it is said otherwise.

    Example: claimloop simulate scenarios
    """
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    from claimloop.simulation.scenarios import SCENARIOS

    if session.json:
        for each in SCENARIOS:
            session.write_json({"name": each.name, "level": each.level, "rate": each.rate, "about": each.about})
        return
    table = Table("scenario", "happens to a", "usually", "what the payer does", box=SIMPLE_HEAD, pad_edge=False)
    for each in SCENARIOS:
        table.add_row(each.name, each.level, f"{each.rate:.1%}", each.about)
    console().print(table)
