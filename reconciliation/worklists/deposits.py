"""The work list `deposits`: remittances and bank deposits without a match, and those that only staff can match.

Rule: rules.md#reassociation.
"""

from collections.abc import Iterator, Sequence
from typing import Annotated

import msgspec
from sqlalchemy import Connection, select

from claimloop.edi.columns import DAY, MONEY, TEXT, Shown
from claimloop.edi.money import two_decimals
from claimloop.reconciliation.bank.deposit import Deposit
from claimloop.reconciliation.bank.deposit_limits import deposit_days
from claimloop.reconciliation.bank.reassociation import RemittancePayment, Waiting
from claimloop.reconciliation.bank.receive import reassociate
from claimloop.reconciliation.configuration.as_of import LATE, NOT_YET, AsOf
from claimloop.reconciliation.ledger import schema
from claimloop.reconciliation.ledger.common_columns import PayerName
from claimloop.reconciliation.worklists.worklist import Worklist


class Unpaired(msgspec.Struct, frozen=True, gc=False):
    """A deposit or a remittance (cents), its problem, and the rule by which others match it.

    `days` are the business days that it has waited for its counterpart; null if it has one.
    """

    state: Annotated[str, TEXT]
    payer_name: PayerName
    trace_number: Annotated[str, Shown("id", priority=2, heading="trace")]
    date: Annotated[str, DAY]
    amount: Annotated[int, MONEY]
    days: Annotated[int | None, Shown("count", priority=3)]
    late: Annotated[str, Shown("text", priority=3, heading="status")]
    rule: Annotated[str, Shown("text", priority=4, heading="matched by")]
    file: str


def deposits(connection: Connection, when: AsOf) -> Iterator[Unpaired]:
    """Yield what is late first, then the most money. What is not late yet is listed only with `everything`."""
    yield from sorted(_unpaired(connection, when), key=lambda row: (row.late != LATE, -abs(row.amount)))


def _unpaired(connection: Connection, when: AsOf) -> Iterator[Unpaired]:
    found = reassociate(connection, when.day)
    may_wait = deposit_days(connection, when)
    files: dict[int, str] = {}
    for identifier, file in connection.execute(select(schema.remittances.c.id, schema.remittances.c.file)):
        files[identifier] = file
    for match in found.matches:
        if match.needs_work:
            state = f"the bank has {two_decimals(match.left_over)} more"
            yield _row(state, match.payments[0], files, rule=match.rule)
    for ambiguous in found.ambiguous:
        for deposit in ambiguous.deposits:
            yield _row("more than one remittance fits", deposit, files, rule=ambiguous.rule)
    alone: tuple[tuple[str, Sequence[Waiting[Deposit] | Waiting[RemittancePayment]]], ...] = (
        ("no remittance", found.deposits_without_remittance),
        ("no deposit", found.remittances_without_deposit),
    )
    for state, those in alone:
        for each in those:
            is_late = each.days > may_wait(each.item)
            if is_late or when.everything:
                yield _row(state, each.item, files, days=each.days, late=LATE if is_late else NOT_YET)


def _row(
    state: str, item: Deposit | RemittancePayment, files: dict[int, str], *, days: int | None = None, late: str = "",
    rule: str = "",
) -> Unpaired:  # fmt: skip
    if isinstance(item, Deposit):
        payer, source = item.company_name, f"{item.file}:{item.line}"
    else:
        payer, source = item.payer_name, files[item.id]
    return Unpaired(state, payer, item.trace_number, item.date.isoformat(), item.amount, days, late, rule, source)


LIST = Worklist(
    "deposits",
    Unpaired,
    deposits,
    money="amount",
    title="Bank deposits",
    about="remittances and bank deposits that do not match",
    one="unmatched remittance or deposit",
    many="unmatched remittances or deposits",
    urgency=7,
)
