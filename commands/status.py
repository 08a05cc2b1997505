"""`claimloop status`: the totals of the ledger, or one claim."""

import sys

import click

from claimloop.commands.help import command
from claimloop.commands.session import Session, fail, shared
from claimloop.commands.tables.formats import Form, format_option


@command(examples=["claimloop status", "claimloop status D1106-1", "claimloop status D1106-1 --format csv"])
@click.argument("claim", required=False, metavar="[CLAIM]")
@format_option()
@shared
def status(session: Session, claim: str | None, form: Form | None) -> None:
    """Show the ledger's totals, or one claim's history.

    CLAIM is a control number or an encounter id. The history shows what was sent, what came back and what each line
    still owes. With --format csv or jsonl, the rows are the lines of the claim, or one row of totals.
    """
    from claimloop.commands.tables.story import print_story
    from claimloop.commands.tables.totals import TotalsRow, print_totals, row_of_totals
    from claimloop.reconciliation.claims.states import find_claim
    from claimloop.reconciliation.queries.claim_history import story
    from claimloop.reconciliation.queries.claims import LineRow
    from claimloop.reconciliation.queries.export import export
    from claimloop.reconciliation.queries.totals import totals

    as_json = session.json or form == "json"
    with session.ledger() as ledger, ledger.reading() as connection:
        if claim is None:
            whole = totals(connection)
            if as_json:
                session.write_json(whole)
            elif form in ("csv", "jsonl"):
                export([row_of_totals(whole)], TotalsRow, form, sys.stdout)
            else:
                print_totals(whole)
            return
        claim_id = find_claim(connection, claim)
        if claim_id is None:
            fail(f"no claim {claim} was submitted")
        told = story(connection, claim_id, show_values=session.show_values)
    if as_json:
        session.write_json(told.as_text())
    elif form in ("csv", "jsonl"):
        export(told.lines, LineRow, form, sys.stdout)
    else:
        print_story(told)
