"""`claimloop resolve`: the end of items in suspense."""

import sys
from datetime import datetime

import click

from claimloop.commands.enter import EFFECTIVE, NOTE
from claimloop.commands.help import command
from claimloop.commands.session import CLEAN, WORK_LEFT, Session, fail, shared


@command(
    examples=[
        'claimloop resolve 1 --refund --note "not our patient"',
        "claimloop resolve 1 --to D1106-1/D11061L01",
    ]
)
@click.argument("items", nargs=-1, required=True, metavar="ITEM…", type=int)
@click.option("--to", metavar="CLAIM[/LINE]", help="Post it to this claim or line.")
@click.option("--refund", is_flag=True, help="It was refunded to the payer.")
@click.option("--write-off", is_flag=True, help="Write it off, for a difference too small to pursue.")
@click.option("--other", metavar="TEXT", help="It was handled in another way: how.")
@NOTE
@EFFECTIVE
@shared
def resolve(
    session: Session, items: tuple[int, ...], to: str | None, refund: bool, write_off: bool, other: str | None,
    note: str, day: datetime | None,
) -> None:  # fmt: skip
    """Resolve items in suspense: post, refund or write off.

    `claimloop worklist suspense` shows the ITEM numbers. Each resolution is a new entry, and nothing is changed. What
    is posted to a claim is posted as its payer adjudicated it. To one line of a payment with several lines, only the
    money is posted. Exit code 1 if an item cannot be resolved.
    """
    from claimloop.reconciliation.claims.manual_entries import Kind
    from claimloop.reconciliation.decisions.decide import SETTLED_BY, Decider, DecisionError
    from claimloop.reconciliation.ledger.stored_codes import settlement_text
    from claimloop.reconciliation.posting.dispositions import Dispositions

    chosen: list[tuple[Kind, bool]] = [
        ("post", to is not None),
        ("refund-suspense", refund),
        ("write-off-suspense", write_off),
        ("other", other is not None),
    ]
    kinds = [kind for kind, wanted in chosen if wanted]
    if len(kinds) != 1:
        fail("use one of --to CLAIM[/LINE], --refund, --write-off, --other TEXT")
    claim, _, line = (to or "").partition("/")
    now = datetime.now()  # noqa: DTZ005
    dispositions = Dispositions(session.configuration().dispositions)
    failed = False
    with session.ledger() as ledger:
        for item in items:
            try:
                with ledger.writing() as connection:
                    taken = Decider(connection, dispositions, now.isoformat(timespec="seconds")).end(
                        item, kinds[0], (day or now).date(), claim=claim, line=line, note=other or note
                    )
            except DecisionError as problem:
                failed = True
                click.echo(f"claimloop: item {item}: {problem}", err=True)
                continue
            if session.json:
                session.write_json(taken)
            else:
                click.echo(f"item {item}: {taken.amount:,.2f} {settlement_text(SETTLED_BY[taken.kind], taken.claim)}")
    sys.exit(WORK_LEFT if failed else CLEAN)
