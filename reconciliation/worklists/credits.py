"""The work list `credits`: claims paid more than is owed."""

from collections.abc import Iterator
from typing import Annotated

import msgspec
from sqlalchemy import Connection, select

from claimloop.edi.columns import MONEY, Shown
from claimloop.reconciliation.configuration.as_of import AsOf
from claimloop.reconciliation.ledger import accounts, schema
from claimloop.reconciliation.ledger.balances import sum_of
from claimloop.reconciliation.ledger.common_columns import ClaimNumber, PayerName
from claimloop.reconciliation.worklists.worklist import Worklist

_lines, _claims, _legs = schema.lines.c, schema.claims.c, schema.legs.c


class Credit(msgspec.Struct, frozen=True, gc=False):
    """What a claim was overpaid, in cents: by payers, or by the patient once payers owe nothing more."""

    claim_control_number: ClaimNumber
    payer_name: PayerName
    whose: Annotated[str, Shown("text", priority=1, heading="owed to")]
    credit: Annotated[int, MONEY]


def credits(connection: Connection, _when: AsOf) -> Iterator[Credit]:
    """Yield the credits, the most money first."""
    still_open, owed = sum_of(*accounts.accounts_of("open")), sum_of(accounts.PATIENT)
    below = (
        select(_lines.claim_id, still_open.label("open"), owed.label("patient"))
        .join_from(schema.lines, schema.legs, _legs.line_id == _lines.id)
        .group_by(_lines.claim_id)
        .having((still_open < 0) | (owed < 0))
        .subquery()
    )
    query = (
        select(_claims.patient_control_number, _claims.payer_name, below.c.open, below.c.patient)
        .join_from(below, schema.claims, _claims.id == below.c.claim_id)
        .order_by(_claims.id)
    )
    found = []
    for number, payer, of_payers, of_patient in connection.execute(query):
        if of_payers < 0:
            found.append(Credit(number, payer, "payer", -int(of_payers)))
        if of_patient < 0 and of_payers <= 0:
            found.append(Credit(number, payer, "patient", -int(of_patient)))
    yield from sorted(found, key=lambda each: -each.credit)


LIST = Worklist(
    "credits",
    Credit,
    credits,
    money="credit",
    title="Credits",
    about="claims paid more than is owed",
    one="credit balance",
    many="credit balances",
    urgency=9,
)
