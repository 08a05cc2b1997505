"""`claimloop explain`: one segment of a file, or the payments of one claim."""

from pathlib import Path

import click

from claimloop.commands.help import command
from claimloop.commands.session import InputFile, Session, console, fail, shared


@command(examples=["claimloop explain remittances/medicaid-2026-10-27.835 17", "claimloop explain D1117"])
@click.argument("what", metavar="FILE|CLAIM")
@click.argument("segment", type=click.IntRange(min=1), required=False)
@shared
def explain(session: Session, what: str, segment: int | None) -> None:
    """Explain a segment, or why payments matched a claim.

    Of a segment: its loop, its elements with the guide's names, what its codes mean, and what is wrong with it. SEGMENT
    is the number in a finding, counted from 1. Of a CLAIM: every payment, the rule that matched it or the reason that
    it is in suspense, every candidate claim, and how each field compares.
    """
    if segment is None:
        _explain_claim(session, what)
        return
    from claimloop.parsers.show.explain import explain as explain_segment
    from claimloop.parsers.show.explanation import show_explanation

    file = InputFile().convert(what, None, click.get_current_context())
    told = explain_segment(file, segment, show_values=session.show_values)
    session.write_json(told) if session.json else show_explanation(told, console(), show_values=session.show_values)


def _explain_claim(session: Session, claim: str) -> None:
    from claimloop.commands.tables.story import print_explanation
    from claimloop.reconciliation.queries.explain_match import explain_claim
    from claimloop.reconciliation.queries.export import as_text

    if Path(claim).is_file():
        fail("name a segment of the file: claimloop explain FILE SEGMENT")
    with session.ledger() as ledger, ledger.reading() as connection:
        told = explain_claim(connection, claim)
    if not told:
        fail(f"no payment for {claim} was received")
    session.write_json([as_text(each) for each in told]) if session.json else print_explanation(told)
