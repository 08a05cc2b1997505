"""`claimloop enter`: manual entries, for money that is not in an 835."""

import sys
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

import click

from claimloop.commands.help import command, group
from claimloop.commands.session import CLEAN, DAY, FILES, WORK_LEFT, Session, fail, shared

EFFECTIVE = click.option("--day", metavar="YYYY-MM-DD", type=DAY, help="The effective date.  [default: today]")
NOTE = click.option("--note", default="", metavar="TEXT", help="The reason, for the claim's history.")


class _Money(click.ParamType):  # type: ignore[type-arg]
    name = "amount"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Decimal:
        """Return an amount such as 40 or 40.00."""
        try:
            amount = Decimal(value)
        except InvalidOperation:
            self.fail(f"{value} is not an amount such as 40.00")
        if not amount.is_finite():
            self.fail(f"{value} is not an amount such as 40.00")
        return amount


@group(examples=["claimloop enter patient-payment D1106-1 25.00 --reference receipt-88"])
def enter() -> None:
    """Record payments and adjustments that are not in an 835.

    Patient payments, paper checks, refunds, write-offs and transfers. Each is one new entry. An entry with the same
    --reference is recorded once.
    """


_KINDS = {
    "patient-payment": (
        "Record a patient's payment.\n\nA copay at the visit, a paid statement, or a card payment.",
        "claimloop enter patient-payment D1106-1 25.00 --reference receipt-88",
    ),
    "patient-refund": (
        "Record a refund to the patient.",
        "claimloop enter patient-payment D1106-1 5.00 --reference card-12 && "
        "claimloop enter patient-refund D1106-1 5.00 --reference refund-12",
    ),
    "payer-payment": (
        "Record a payer's payment that is not in an 835.\n\nFor example a paper check.",
        "claimloop enter payer-payment D1204-1 40.00 --reference check-5521",
    ),
    "payer-refund": (
        "Record a refund to a payer.\n\nMoney that no 835 takes back.",
        "claimloop enter payer-refund D1106-1 10.00 --reference refund-13",
    ),
    "recoupment": (
        "Record a recoupment whose PLB does not name the claim.\n\n"
        "The payer took money back (PLB reason WO), so the claim is open again.",
        "claimloop enter recoupment D1106-1 10.00 --reference WO-77",
    ),
    "write-off": (
        "Write off an open or denied amount.",
        "claimloop enter write-off D1204-1 30.00 --reference small-balance",
    ),
}


def _enter(
    session: Session, kind: Any, where: str, amount: Decimal, reference: str, note: str, day: datetime | None,
    **places: Any,
) -> None:  # fmt: skip
    from claimloop.reconciliation.claims.manual_entries import ManualEntry
    from claimloop.reconciliation.decisions.decide import Decider, DecisionError
    from claimloop.reconciliation.posting.dispositions import Dispositions

    now = datetime.now()  # noqa: DTZ005
    claim, _, line = where.partition("/")
    decision = ManualEntry(
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
    elif new:
        click.echo(f"recorded {kind.replace('-', ' ')} of {amount:,.2f} for {where}")
    else:
        click.echo(f"{decision.reference} was already recorded; no changes made")


def _arguments(function: Callable[..., None]) -> Callable[..., None]:
    for option in (
        EFFECTIVE,
        NOTE,
        click.option("--reference", default="", metavar="TEXT", help="A number or name of the entry, recorded once."),
        click.argument("amount", type=_Money()),
        click.argument("where", metavar="CLAIM[/LINE]"),
    ):
        function = option(function)
    return function


def _command(kind: str, text: str, example: str) -> click.Command:
    @_arguments
    @shared
    def enter_it(session: Session, **options: Any) -> None:
        _enter(session, kind, **options)

    return command(kind, help=text, examples=[example])(enter_it)


for _kind, (_text, _example) in _KINDS.items():
    enter.add_command(_command(_kind, _text, _example))

_ACCOUNTS = click.Choice(["open", "patient", "contractual", "written_off"])


@command(
    examples=[
        'claimloop enter transfer D1204-1 40.00 --from open --to patient --note "not covered, ABN signed"',
    ]
)
@_arguments
@click.option("--from", "from_", required=True, type=_ACCOUNTS, help="Where the amount is now.")
@click.option("--to", required=True, type=_ACCOUNTS, help="Where it belongs.")
@shared
def transfer(session: Session, **options: Any) -> None:
    """Move part of a charge to another account.

    For example a denied amount that the patient owes, or a write-off that was wrong.
    """
    _enter(session, "transfer", **options)


@command("import", examples=["claimloop export decisions > entries.csv && claimloop enter import entries.csv"])
@FILES
@shared
def import_(session: Session, files: tuple[Path, ...]) -> None:
    """Import manual entries from CSV or JSON Lines.

    The columns are kind, claim, line, amount, day, reference, from, to and note. `claimloop export decisions` writes
    such a file. After a ledger was rebuilt, importing it records every manual entry again.
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
                counts = f"{taken.taken:,} recorded, {taken.known:,} already recorded, {taken.refused:,} with errors"
                click.echo(f"{path.name}: {counts}")
    sys.exit(WORK_LEFT if session.errors else CLEAN)


enter.add_command(transfer)
enter.add_command(import_)
