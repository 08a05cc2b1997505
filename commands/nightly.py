"""`claimloop nightly`: the edge of the nightly run, which reads clocks, waits and prints for it."""

import os
import sys
import time
from datetime import datetime
from pathlib import Path

import click

from claimloop.commands.help import command
from claimloop.commands.session import DAY, Session, as_json, fail, print_lines, shared, width
from claimloop.edi.diagnostics import Diagnostic
from claimloop.reconciliation.nightly import STAGES


@command(examples=["claimloop nightly --dry-run", "claimloop nightly --only remittances --only worklists"])
@click.option("--only", multiple=True, type=click.Choice(STAGES), help="Run only this stage. May be repeated.")
@click.option("--dry-run", is_flag=True, help="Show what would be done, with amounts. Nothing is kept or moved.")
@click.option("--as-of", metavar="YYYY-MM-DD", type=DAY, help="The day of the run.  [default: today]")
@shared
def nightly(session: Session, only: tuple[str, ...], dry_run: bool, as_of: datetime | None) -> None:
    """Run everything that is due: send, receive, list work, report.

    For cron or a timer, with the settings of claimloop.toml (docs/nightly.md). Each stage runs even if another one
    fails, and the next run completes one that was interrupted. The summary (or the record, with --json) is on stdout.
    Exit code 0 if all is done, 1 if work is left, 2 if something failed.
    """
    from claimloop.commands.tables.layout import wrapped
    from claimloop.reconciliation.nightly.context import Edge
    from claimloop.reconciliation.nightly.run import Wishes, run_night
    from claimloop.reconciliation.nightly.summary import last_line

    path = session.configuration_path or Path("claimloop.toml")
    if not path.exists():
        fail(f"there is no {path} here; start with `claimloop init`")
    configuration = session.configuration()
    if session.ledger_url:
        fail("the nightly run uses the ledger of its configuration; do not use --ledger")

    def report(finding: Diagnostic) -> None:
        if finding.severity == "error":  # the rest is in the log
            session.report(finding)

    edge = Edge(datetime.now, time.monotonic, time.sleep, os.environ, session.say, report, session.progress)
    wishes = Wishes(only, as_of.date() if as_of else None, dry_run, session.show_values)
    record = run_night(path.absolute().parent, configuration, edge, wishes)
    if session.json:
        click.echo(as_json(record))
    elif sys.stdout.isatty():
        print_lines(wrapped(last_line(record), width(), indent="  "))
    else:
        click.echo(last_line(record))  # one line, for the end of a log
    sys.exit(record.exit_code)
