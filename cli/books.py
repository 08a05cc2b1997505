"""Commands about the ledger: what comes in, what it says."""

import sys
from datetime import datetime
from pathlib import Path

import click

from claimloop.cli.session import CLEAN, FILES, WORK_LEFT, Session, console, fail, shared
from claimloop.edi.diagnostics import NotX12
from claimloop.reconciliation.exporting import FORMATS, Format

_ACKNOWLEDGEMENTS = ("TA1", "997", "999", "277CA")


@click.command()
@FILES
@shared
def receive(session: Session, files: tuple[Path, ...]) -> None:
    """Take in whatever came: 835s are posted, TA1, 999 and 277CA tell what became of claims that we sent, 837Ps of
    another system are imported as submitted, a bank's files (NACHA, CSV) tell which payments arrived.

    The same remittance, statement or claim is taken once, in whatever file it comes.

    Example: claimloop receive inbox/*
    """
    from claimloop.parsers.kinds import kind_of
    from claimloop.reconciliation.acknowledging import Acknowledged, receive_acknowledgements
    from claimloop.reconciliation.bank import BANK, Banked, is_bank_file, receive_deposits
    from claimloop.reconciliation.dispositions import Dispositions
    from claimloop.reconciliation.importing import Imported, import_837p
    from claimloop.reconciliation.receiving import Receipt, receive_835
    from claimloop.reconciliation.tables import print_acknowledged, print_banked, print_imports, print_receipts

    dispositions = Dispositions(session.configuration().dispositions)
    receipts: list[Receipt] = []
    imports: list[Imported] = []
    told: list[Acknowledged] = []
    banked: list[Banked] = []
    with session.ledger(create=True) as ledger:
        for path in files:
            try:
                kind = BANK if is_bank_file(path) else kind_of(path)
                if kind not in ("835", "837P", BANK, *_ACKNOWLEDGEMENTS):
                    kinds = f"835, 837P, {', '.join(_ACKNOWLEDGEMENTS)}"
                    raise NotX12(f"it is {kind or 'of no kind known here'}; received are {kinds} and a bank's files")
                with session.progress(path.name, path.stat().st_size) as progress:
                    moment = datetime.now()  # noqa: DTZ005
                    if kind == "837P":
                        imports.append(import_837p(path, ledger, moment, session.report, progress))
                        if session.json:
                            session.write_json(imports[-1])
                        continue
                    if kind in _ACKNOWLEDGEMENTS:
                        told.append(receive_acknowledgements(path, ledger, moment, session.report, progress))
                        if session.json:
                            session.write_json(told[-1])
                        continue
                    if kind == BANK:
                        banked.append(receive_deposits(path, ledger, moment, session.report))
                        if session.json:
                            session.write_json(banked[-1])
                        continue
                    for receipt in receive_835(path, ledger, dispositions, moment, session.report, progress):
                        receipts.append(receipt)
                        if session.json:
                            session.write_json(receipt)
            except (NotX12, OSError) as error:
                session.errors += 1
                click.echo(f"claimloop: {path}: {error}", err=True)
    if not session.json:
        if imports:
            print_imports(imports, console())
        if told:
            print_acknowledged(told, console())
        if banked:
            print_banked(banked, console())
        if receipts or not (imports or told or banked):
            print_receipts(receipts, console())
    left = any(each.rejected for each in told) or any(
        receipt.suspense or receipt.outcome in ("held", "incomplete") for receipt in receipts
    )
    sys.exit(WORK_LEFT if session.errors or left else CLEAN)


@click.command()
@click.argument("claim", required=False)
@shared
def status(session: Session, claim: str | None) -> None:
    """Totals of the ledger, or one claim's whole history (by its control number or encounter id).

    Example: claimloop status D1001-1
    """
    from claimloop.reconciliation.claims_on_file import find_claim
    from claimloop.reconciliation.history import story
    from claimloop.reconciliation.tables import print_story, print_totals
    from claimloop.reconciliation.views import totals

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
    from claimloop.reconciliation import exporting, views

    with session.ledger() as ledger, ledger.reading() as connection:
        count = exporting.export(
            views.VIEWS[what](connection), views.COLUMNS[what], "jsonl" if session.json else form, sys.stdout
        )
    session.say(f"{count} {what}")


@click.command()
@click.argument(
    "which",
    type=click.Choice(
        ["denials", "suspense", "secondary", "credits", "rejected", "unanswered", "deposits", "provider"]
    ),
)
@click.option("--format", "form", type=click.Choice(FORMATS), help="For other programs, on stdout.")
@click.option("--as-of", type=click.DateTime(formats=["%Y-%m-%d"]), help="The day to count from  [default: today].")
@shared
def worklist(session: Session, which: str, form: Format | None, as_of: datetime | None) -> None:
    """What waits for a person, the most money first; claims that are unanswered, the oldest first.

    Exit code 1 where something waits.

    Example: claimloop worklist denials
    """
    from claimloop.reconciliation import exporting, worklists
    from claimloop.reconciliation.as_of import as_of_day
    from claimloop.reconciliation.tables import print_worklist

    when = as_of_day((as_of or datetime.now()).date(), session.configuration())  # noqa: DTZ005
    columns = worklists.COLUMNS[which]
    with session.ledger() as ledger, ledger.reading() as connection:
        rows = worklists.WORKLISTS[which](connection, when)
        if session.json or form:
            count = exporting.export(rows, columns, "jsonl" if session.json else form or "csv", sys.stdout)
        else:
            count = print_worklist(which, rows, columns, console())
    sys.exit(WORK_LEFT if count else CLEAN)


@click.command()
@shared
def audit(session: Session) -> None:
    """Prove the whole ledger anew: every entry, line, claim and remittance, and the chain of seals over the journal.

    Exit code 1 where something is wrong.

    Example: claimloop audit
    """
    from claimloop.reconciliation.auditing import audit as prove

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
@shared
def migrate(session: Session) -> None:
    """Bring the ledger's schema up to date, all of it or nothing; of a file a copy is kept beside it.

    Example: claimloop migrate
    """
    from claimloop.reconciliation.migrating import migrate as bring_up

    done = bring_up(session.ledger_url or session.configuration().ledger)
    if session.json:
        session.write_json(done)
    elif done.before == done.after:
        click.echo(f"the ledger has schema {done.after} already")
    else:
        kept = f"; as it was: {done.copy}" if done.copy else ""
        click.echo(f"the ledger's schema was {done.before} and is {done.after} now{kept}")
