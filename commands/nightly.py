"""The nightly run: the edge that reads clocks, waits and speaks for it."""

import os
import sys
import time
from datetime import datetime
from pathlib import Path

import click

from claimloop.commands.session import Session, as_json, console, fail, shared
from claimloop.edi.diagnostics import Diagnostic
from claimloop.reconciliation.nightly import STAGES


@click.command()
@click.option("--only", multiple=True, type=click.Choice(STAGES), help="Only this stage; may be given several times.")
@click.option("--dry-run", is_flag=True, help="Say what would be done, with amounts; nothing is kept or moved.")
@click.option("--as-of", type=click.DateTime(formats=["%Y-%m-%d"]), help="The day of the run  [default: today].")
@shared
def nightly(session: Session, only: tuple[str, ...], dry_run: bool, as_of: datetime | None) -> None:
    """Do everything that is due, once, by claimloop.toml: encounters out, whatever came in taken, claims to their next
    payer, work lists, a report. For cron or a timer; docs/nightly.md tells all.

    Each stage is done whatever becomes of the others, and a run that was killed is taken up by the next one. The last
    line (with --json the record) is on stdout. Exit code 0 clean, 1 work is left for a person, 2 something failed.

    Example: claimloop nightly --dry-run
    """
    from claimloop.reconciliation.nightly.context import Edge
    from claimloop.reconciliation.nightly.run import Wishes, run_night
    from claimloop.reconciliation.nightly.summary import last_line

    path = session.configuration_path or Path("claimloop.toml")
    if not path.exists():
        fail(f"there is no {path} here; start with `claimloop init`")
    configuration = session.configuration()
    if session.ledger_url:
        fail("the nightly run works on the ledger of its configuration; --ledger is not for it")

    def report(finding: Diagnostic) -> None:
        if finding.severity == "error":  # the rest is in the log
            session.report(finding)

    edge = Edge(datetime.now, time.monotonic, time.sleep, os.environ, session.say, report, session.progress)
    wishes = Wishes(only, as_of.date() if as_of else None, dry_run, session.show_values)
    record = run_night(path.absolute().parent, configuration, edge, wishes)
    if session.json:
        click.echo(as_json(record))
    else:
        console().print(last_line(record), soft_wrap=True)
    sys.exit(record.exit_code)
