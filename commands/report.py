"""`claimloop report`: one HTML page about the whole ledger."""

from datetime import datetime
from pathlib import Path

import click

from claimloop.commands.help import command
from claimloop.commands.session import AS_OF, Session, fail, shared


@command(examples=["claimloop report -o report.html", "claimloop report -o november.html --as-of 2026-11-30 --days 30"])
@click.option("-o", "--output", metavar="FILE", type=click.Path(dir_okay=False, path_type=Path), help="The HTML file.")
@AS_OF
@click.option(
    "--days",
    type=click.IntRange(1, 3660),
    metavar="N",
    default=90,
    show_default=True,
    help="Include payments and denials of the last N days.",
)
@shared
def report(session: Session, output: Path | None, as_of: datetime | None, days: int) -> None:
    """Write the report: payments, denials, A/R by age, trends.

    One HTML file that opens offline and prints well: money in, denials, balances by age, work and deadlines, the trend
    over nightly runs, key figures with their formulas, and the proof that everything adds up. Control numbers are
    masked unless --show-values. With --json, the figures are printed too, with amounts in cents.
    """
    from claimloop.reconciliation.configuration.as_of import as_of_day
    from claimloop.reconciliation.reports.facts import read_facts
    from claimloop.reconciliation.reports.page import write_page
    from claimloop.reconciliation.run_record import recent_runs

    if output is None and not session.json:
        fail("name the file to write with -o report.html, or print the figures with --json")
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
