"""The command that makes the report."""

from datetime import datetime
from pathlib import Path

import click

from claimloop.commands.session import Session, fail, shared


@click.command()
@click.option("-o", "--output", metavar="FILE", type=click.Path(dir_okay=False, path_type=Path), help="The HTML file.")
@click.option("--as-of", type=click.DateTime(formats=["%Y-%m-%d"]), help="The day to count from  [default: today].")
@click.option(
    "--days", type=click.IntRange(1, 3660), default=90, show_default=True, help="How far payments and denials go back."
)
@shared
def report(session: Session, output: Path | None, as_of: datetime | None, days: int) -> None:
    """The numbers and pictures as one HTML file that opens offline: money in, denials, balances by age, what waits,
    deadlines, the trend over nightly runs, key figures with their formulas, and the proof that all of it adds up.

    Control numbers are masked unless --show-values. With --json the facts are printed too, amounts in cents.

    Example: claimloop report -o report.html --as-of 2026-11-30 --days 180
    """
    from claimloop.reconciliation.configuration.as_of import as_of_day
    from claimloop.reconciliation.reports.facts import read_facts
    from claimloop.reconciliation.reports.page import write_page
    from claimloop.reconciliation.run_record import recent_runs

    if output is None and not session.json:
        fail("name the file to write: -o report.html; or ask for the facts: --json")
    if output is not None and not output.parent.is_dir():
        fail(f"there is no folder {output.parent}")
    when = as_of_day((as_of or datetime.now()).date(), session.configuration())  # noqa: DTZ005
    with session.ledger() as ledger, ledger.reading() as connection:
        runs = recent_runs(connection)
        facts = read_facts(connection, when, runs, days=days, show_values=session.show_values)
    if output is not None:
        write_page(facts, output)
        session.say(f"{output}: as of {when.day}")
    if session.json:
        session.write_json(facts)
