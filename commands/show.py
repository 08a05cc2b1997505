"""`claimloop show`: an X12 file in words."""

import sys
from pathlib import Path

import click

from claimloop.commands.help import command
from claimloop.commands.session import InputFile, Session, console, fail, shared


@command(
    examples=[
        "claimloop show remittances/medicaid-2026-10-27.835",
        "claimloop show remittances/commercial-2026-11-10.835 --balance --all",
    ]
)
@click.argument("file", type=InputFile())
@click.option("--balance", is_flag=True, help="Of an 835, show only the sums that do not balance, and their parts.")
@click.option("--all", "every", is_flag=True, help="With --balance, also show the sums that balance.")
@shared
def show(session: Session, file: Path, balance: bool, every: bool) -> None:
    """Show an 837P or 835 in words and tables.

    Names of people are initials unless --show-values. With --json, each record is one JSON object on a line. Of any
    other X12 file, the segments are shown.
    """
    from claimloop.parsers.show.show import show_file, show_json

    if every and not balance:
        fail("use --all together with --balance")
    if balance:
        from claimloop.parsers.show.balance import show_balances, show_balances_json

        if session.json:
            show_balances_json(file, sys.stdout.buffer.write, session.report, every=every)
        else:
            show_balances(file, console(), session.report, every=every)
        return
    if session.json:
        show_json(file, sys.stdout.buffer.write, session.report, show_values=session.show_values)
        return
    show_file(file, console(), session.report, show_values=session.show_values)
