"""`claimloop simulate`: a payer that answers."""

import sys
from datetime import datetime
from pathlib import Path
from typing import Annotated

import click
import msgspec

from claimloop.commands.help import command, group
from claimloop.commands.session import CLEAN, DAY, FILES, Session, shared
from claimloop.commands.tables.formats import Form, chosen, format_option, write_rows
from claimloop.edi.columns import Shown
from claimloop.edi.counts import counted


@group(examples=["claimloop simulate payer outbox/*.837 -o answers --seed 7"])
def simulate() -> None:
    """Answer claim files as a payer would, for tests and practice.

    No real data is needed.
    """


@command(
    examples=[
        "claimloop simulate payer outbox/*.837 -o answers --seed 7",
        "claimloop simulate payer outbox/*.837 -o split-lines --scenario line_split=0.2",
    ]
)
@FILES
@click.option(
    "-o", "--output", "folder", required=True, metavar="DIR", help="An empty or new folder for the answers.",
    type=click.Path(file_okay=False, path_type=Path),
)  # fmt: skip
@click.option("--seed", default=1, show_default=True, help="The same seed gives the same answers.")
@click.option(
    "--scenario", "single", multiple=True, metavar="NAME[=RATE]", help="Make this happen, to a share of the claims."
)
@click.option(
    "--scenarios",
    "sets",
    type=click.Choice(["usual", "all", "none"]),
    help="A set of scenarios.  [default: usual, or only those of --scenario]",
)
@click.option(
    "--rules", metavar="FILE", help="The rules of another payer (TOML, docs/simulator.md).",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
)  # fmt: skip
@click.option(
    "--earlier", multiple=True, metavar="FILE", help="A claim file that an earlier run answered.",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
)  # fmt: skip
@click.option("--as-of", metavar="YYYY-MM-DD", type=DAY, help="When the claims came in.  [default: their BHT04]")
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
    """Answer 837P files: TA1, 999, 277CA, 835s and deposits.

    truth.jsonl has the expected results: what a ledger must contain in the end. acknowledgements.jsonl has the expected
    acknowledgement of each claim.
    """
    from claimloop.edi.money import from_cents
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
        paid = from_cents(sum(payment.amount for payment in told.payments))
        claims, lines = counted(told.claims, "claim"), counted(told.lines, "line")
        click.echo(
            f"{folder}: {claims} with {lines}, {told.refused:,} rejected; {counted(len(told.remittances), '835 file')} "
            f"paying {paid:,.2f}, {len(told.repeats):,} of them sent twice"
        )
    sys.exit(CLEAN)


class _ScenarioRow(msgspec.Struct, frozen=True):
    """What the payer may do; `rate` is a share, in words for a table."""

    name: Annotated[str, Shown("id", priority=1, heading="scenario")]
    level: Annotated[str, Shown("code", priority=3, heading="happens to a")]
    rate: Annotated[float | str, Shown("count", priority=3, heading="usually")]
    about: Annotated[str, Shown("text", priority=1, heading="what the payer does")]


@command(examples=["claimloop simulate scenarios"])
@format_option()
@shared
def scenarios(session: Session, form: Form | None) -> None:
    """List what the payer may do, and how often."""
    from claimloop.simulation.scenarios import SCENARIOS

    printed = chosen(session, form)
    rows = [
        _ScenarioRow(each.name, each.level, f"{each.rate:.1%}" if printed == "table" else each.rate, each.about)
        for each in SCENARIOS
    ]
    write_rows(rows, _ScenarioRow, printed)


simulate.add_command(payer)
simulate.add_command(scenarios)
