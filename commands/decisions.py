"""Commands for a person's decisions: items of suspense, and money that no remittance tells of."""

import sys
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

import click

from claimloop.commands.session import CLEAN, FILES, WORK_LEFT, Session, console, fail, shared

_DAY = click.option(
    "--day", type=click.DateTime(formats=["%Y-%m-%d"]), help="The day that it counts for  [default: today]."
)
_NOTE = click.option("--note", default="", help="Why, for whoever reads the claim's history.")


class _Money(click.ParamType):  # type: ignore[type-arg]
    name = "amount"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Decimal:
        """An amount such as 40 or 40.00."""
        try:
            amount = Decimal(value)
        except InvalidOperation:
            self.fail(f"{value} is no amount such as 40.00")
        if not amount.is_finite():
            self.fail(f"{value} is no amount such as 40.00")
        return amount


@click.command()
@click.argument("items", nargs=-1, required=True, metavar="ITEM…", type=int)
@click.option("--to", metavar="CLAIM[/LINE]", help="Post it to this claim, or to this line of it.")
@click.option("--refund", is_flag=True, help="The money went back to the payer.")
@click.option("--write-off", is_flag=True, help="It is given up: a difference too small to pursue.")
@click.option("--other", metavar="TEXT", help="What else became of it.")
@_NOTE
@_DAY
@shared
def resolve(
    session: Session, items: tuple[int, ...], to: str | None, refund: bool, write_off: bool, other: str | None,
    note: str, day: datetime | None,
) -> None:  # fmt: skip
    """End items of suspense (their numbers: claimloop worklist suspense).

    Nothing is changed: each decision is a new entry. What is posted to a claim is posted as its payer decided it;
    to a line of a payment with several, its money alone.

    Example: claimloop resolve 12 --to D1001-1
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
        fail("say one of --to CLAIM[/LINE], --refund, --write-off, --other TEXT")
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
                click.echo(f"item {item}: {taken.amount} {settlement_text(SETTLED_BY[taken.kind], taken.claim)}")
    sys.exit(WORK_LEFT if failed else CLEAN)


@click.group()
def enter() -> None:
    """Money that no remittance tells of: patients' payments, checks without an ERA, write-offs, refunds, transfers.

    Each is one new entry; the same --reference is taken once.

    Example: claimloop enter patient-payment D1001-1 25.00 --reference receipt-88
    """


_KINDS = {
    "patient-payment": "What the patient paid: copay at the visit, a statement, a card.",
    "patient-refund": "Money back to the patient.",
    "payer-payment": "A payer's money that no 835 tells of: a paper check.",
    "payer-refund": "Money back to the payer that no 835 takes.",
    "recoupment": "What a payer took back of the claim by a PLB (WO) that does not name it: the claim is open again.",
    "write-off": "What the practice gives up of what is open or denied.",
}


def _enter(
    session: Session, kind: Any, where: str, amount: Decimal, reference: str, note: str, day: datetime | None,
    **places: Any,
) -> None:  # fmt: skip
    from claimloop.reconciliation.claims.manual_entries import ByHand
    from claimloop.reconciliation.decisions.decide import Decider, DecisionError
    from claimloop.reconciliation.posting.dispositions import Dispositions

    now = datetime.now()  # noqa: DTZ005
    claim, _, line = where.partition("/")
    decision = ByHand(
        kind, amount, (day or now).date(), reference or f"entered {now.isoformat()}", claim, line, note=note, **places
    )
    with session.ledger() as ledger:
        try:
            with ledger.writing() as connection:
                made = now.isoformat(timespec="seconds")
                new = Decider(connection, Dispositions(session.configuration().dispositions), made).take(decision)
        except DecisionError as problem:
            fail(str(problem), exit_code=WORK_LEFT)
    if session.json:
        session.write_json({"taken": new, "reference": decision.reference})
    else:
        click.echo(f"{kind} of {amount} to {where}" if new else f"{decision.reference} was entered before")


def _arguments(command: Callable[..., None]) -> Callable[..., None]:
    for option in (
        _DAY,
        _NOTE,
        click.option("--reference", default="", help="Its number or name, by which it is taken once."),
        click.argument("amount", type=_Money()),
        click.argument("where", metavar="CLAIM[/LINE]"),
    ):
        command = option(command)
    return command


def _command(kind: str, words: str) -> click.Command:
    @_arguments
    @shared
    def enter_it(session: Session, **options: Any) -> None:
        _enter(session, kind, **options)

    example = f"Example: claimloop enter {kind} D1001-1 25.00 --reference A-17"
    return click.command(kind, help=f"{words}\n\n{example}")(enter_it)


for _kind, _words in _KINDS.items():
    enter.add_command(_command(_kind, _words))


@enter.command()
@_arguments
@click.option("--from", "from_", required=True, type=click.Choice(["open", "patient", "contractual", "written_off"]))
@click.option("--to", required=True, type=click.Choice(["open", "patient", "contractual", "written_off"]))
@shared
def transfer(session: Session, **options: Any) -> None:
    """From one part of a charge to another: what is denied becomes the patient's, a wrong write-off is taken back.

    Example: claimloop enter transfer D1001-1/1 40.00 --from open --to patient --note "not covered, ABN signed"
    """
    _enter(session, "transfer", **options)


@enter.command("import")
@FILES
@shared
def import_(session: Session, files: tuple[Path, ...]) -> None:
    """Decisions from CSV or JSON Lines: columns kind, claim, line, amount, day, reference, from, to, note.

    `claimloop export decisions` writes such a file: after a ledger was rebuilt, it takes every decision once more.

    Example: claimloop enter import payments.csv
    """
    from claimloop.reconciliation.decisions.import_file import import_decisions
    from claimloop.reconciliation.posting.dispositions import Dispositions

    dispositions = Dispositions(session.configuration().dispositions)
    with session.ledger() as ledger:
        for path in files:
            moment = datetime.now()  # noqa: DTZ005
            taken = import_decisions(path, ledger, dispositions, moment, session.report)
            if session.json:
                session.write_json(taken)
            else:
                console().print(f"{path.name}: {taken.taken} taken, {taken.known} known, {taken.refused} refused")
    sys.exit(WORK_LEFT if session.errors else CLEAN)
