"""Commands about the ledger: what comes in, what it says."""

import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from claimloop.commands.session import CLEAN, FILES, WORK_LEFT, Session, console, fail, shared
from claimloop.edi.diagnostics import NotX12
from claimloop.reconciliation.queries.export import FORMATS, Format

if TYPE_CHECKING:
    from claimloop.reconciliation.queries.views import Cell


@click.command()
@FILES
@shared
def receive(session: Session, files: tuple[Path, ...]) -> None:
    """Take in whatever came: 835s are posted, TA1, 999 and 277CA tell what became of claims that we sent, 837Ps of
    another system are imported as submitted, a bank's files (NACHA, CSV) tell which payments arrived.

    The same remittance, statement or claim is taken once, in whatever file it comes.

    Example: claimloop receive inbox/*
    """
    from claimloop.commands.tables import print_outcomes
    from claimloop.reconciliation.intake import Books, Outcome, arrival_kind, kind_of_arrival, receive_arrival
    from claimloop.reconciliation.posting.dispositions import Dispositions

    dispositions = Dispositions(session.configuration().dispositions)
    outcomes: list[Outcome] = []
    left = False
    with session.ledger(create=True) as ledger:
        for path in files:
            try:
                kind = kind_of_arrival(path)
                with session.progress(path.name, path.stat().st_size) as progress:
                    moment = datetime.now()  # noqa: DTZ005
                    books = Books(ledger, dispositions, moment, session.report)
                    for outcome in receive_arrival(path, kind, books, progress):
                        outcomes.append(outcome)
                        left = left or arrival_kind(kind).needs_staff(outcome)
                        if session.json:
                            session.write_json(outcome)
            except (NotX12, OSError) as error:
                session.errors += 1
                click.echo(f"claimloop: {path}: {error}", err=True)
    if not session.json:
        print_outcomes(outcomes, console())
    sys.exit(WORK_LEFT if session.errors or left else CLEAN)


@click.command()
@click.argument("claim", required=False)
@shared
def status(session: Session, claim: str | None) -> None:
    """Totals of the ledger, or one claim's whole history (by its control number or encounter id).

    Example: claimloop status D1001-1
    """
    from claimloop.commands.tables import print_story, print_totals
    from claimloop.reconciliation.claims.states import find_claim
    from claimloop.reconciliation.queries.claim_history import story
    from claimloop.reconciliation.queries.views import totals

    with session.ledger() as ledger, ledger.reading() as connection:
        if claim is None:
            whole = totals(connection)
            session.write_json(whole) if session.json else print_totals(whole, console())
            return
        claim_id = find_claim(connection, claim)
        if claim_id is None:
            fail(f"no claim {claim} was submitted")
        told = story(connection, claim_id, show_values=session.show_values)
    session.write_json(told) if session.json else print_story(told, console())


@click.command()
@click.argument(
    "what", type=click.Choice(["lines", "claims", "remittances", "suspense", "entries", "denials", "decisions"])
)
@click.option("--format", "form", type=click.Choice(FORMATS), default="csv", show_default=True)
@shared
def export(session: Session, what: str, form: Format) -> None:
    """The ledger's rows on stdout.

    Example: claimloop export lines --format jsonl > lines.jsonl
    """
    from claimloop.reconciliation.queries import export, views

    with session.ledger() as ledger, ledger.reading() as connection:
        count = export.export(
            views.VIEWS[what](connection), views.COLUMNS[what], "jsonl" if session.json else form, sys.stdout
        )
    session.say(f"{count} {what}")


@click.command()
@click.argument(
    "which",
    type=click.Choice(
        [
            "denials",
            "suspense",
            "secondary",
            "credits",
            "rejected",
            "unanswered",
            "deadlines",
            "deposits",
            "provider",
        ]
    ),
)
@click.option("--format", "form", type=click.Choice(FORMATS), help="For other programs, on stdout.")
@click.option("--as-of", type=click.DateTime(formats=["%Y-%m-%d"]), help="The day to count from  [default: today].")
@click.option("--all", "everything", is_flag=True, help="Of unanswered, deadlines, deposits also what is not late yet.")
@shared
def worklist(session: Session, which: str, form: Format | None, as_of: datetime | None, everything: bool) -> None:
    """What waits for a person, the most money first; of unanswered and deadlines, the most urgent first.

    How long an answer may take and a claim be filed or appealed is said by [[expect]] of the configuration. Exit code 1
    where something waits; what is not late yet does not count.

    Example: claimloop worklist deadlines --all --as-of 2026-12-01
    """
    from claimloop.commands.tables import print_worklist
    from claimloop.reconciliation.configuration.as_of import as_of_day
    from claimloop.reconciliation.queries import export
    from claimloop.reconciliation.worklists import registry

    today = (as_of or datetime.now()).date()  # noqa: DTZ005
    when = as_of_day(today, session.configuration(), everything=everything)
    columns = registry.COLUMNS[which]
    due = 0

    def counted(rows: "Iterator[dict[str, Cell]]") -> "Iterator[dict[str, Cell]]":
        nonlocal due
        for row in rows:
            due += registry.is_due(row)
            yield row

    with session.ledger() as ledger, ledger.reading() as connection:
        rows = counted(registry.WORKLISTS[which](connection, when))
        if session.json or form:
            export.export(rows, columns, "jsonl" if session.json else form or "csv", sys.stdout)
        else:
            print_worklist(which, rows, columns, console())
    sys.exit(WORK_LEFT if due else CLEAN)


@click.command()
@shared
def audit(session: Session) -> None:
    """Prove the whole ledger anew: every entry, line, claim and remittance, and the chain of seals over the journal.

    Exit code 1 where something is wrong.

    Example: claimloop audit
    """
    from claimloop.reconciliation.audit import audit as prove

    with session.ledger() as ledger, ledger.reading() as connection, session.progress("claims") as progress:
        result = prove(connection, progress)
    if session.json:
        session.write_json(result)
    else:
        for problem in result.problems:
            click.echo(problem)
        counts = f"{result.claims} claims, {result.lines} lines, {result.remittances} remittances"
        found = "nothing is wrong" if result.clean else f"{len(result.problems)} problems"
        click.echo(f"{counts}, {result.entries} entries: {found}")
    sys.exit(CLEAN if result.clean else WORK_LEFT)


@click.command()
@click.option("--to", metavar="URL", help="Copy the ledger into a new database instead, and audit the copy.")
@shared
def migrate(session: Session, to: str | None) -> None:
    """Upgrade the ledger to this version of claimloop, or copy it to another database.

    An upgrade keeps a copy of an SQLite file beside it. `--to` leaves the old ledger as it is.

    Example: claimloop migrate --to postgresql://billing@db/claimloop
    """
    from claimloop.reconciliation.migrate import migrate as bring_up
    from claimloop.reconciliation.migrate import move

    url = session.ledger_url or session.configuration().ledger
    if to is not None:
        moved = move(url, to)
        if session.json:
            session.write_json(moved)
        else:
            for problem in moved.audit.problems:
                click.echo(problem)
            found = "the audit is clean" if moved.audit.clean else f"{len(moved.audit.problems)} problems"
            click.echo(f"{moved.ledger}: {moved.rows} rows copied, {found}")
        sys.exit(CLEAN if moved.audit.clean else WORK_LEFT)
    done = bring_up(url)
    if session.json:
        session.write_json(done)
    elif done.before == done.after:
        click.echo(f"the ledger has schema {done.after} already")
    else:
        kept = f"; as it was: {done.copy}" if done.copy else ""
        click.echo(f"the ledger's schema was {done.before} and is {done.after} now{kept}")
