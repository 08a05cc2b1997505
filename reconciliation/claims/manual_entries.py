"""Manual entries as records that another ledger can use too.

A manual entry names a claim by its control number, and an item of suspense by its place in its remittance. So a ledger
that is rebuilt from the same files can apply the same manual entries again.
"""

from collections.abc import Collection, Iterator
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal, get_args

import msgspec
from sqlalchemy import Connection, select

from claimloop.edi.columns import DAY, MONEY, TEXT, Shown, names_of
from claimloop.edi.money import to_cents
from claimloop.reconciliation.claims.statements import DECISIONS_OF_CLAIMS, THESE
from claimloop.reconciliation.ledger import accounts, schema
from claimloop.reconciliation.posting.settlement import Balances, Decision

Kind = Literal[
    "patient-payment", "patient-refund", "payer-payment", "payer-refund", "recoupment", "write-off", "transfer",
    "post", "write-off-suspense", "refund-suspense", "other",
]  # fmt: skip
"""The first seven apply to a claim; the others settle an item of suspense."""

ENDING: tuple[Kind, ...] = ("post", "write-off-suspense", "refund-suspense", "other")
ENTERED: tuple[Kind, ...] = tuple(kind for kind in get_args(Kind) if kind not in ENDING)
Place = Literal["open", "patient", "contractual", "written_off"]
"""The parts of a charge that a transfer moves money between. A denied amount counts as open."""

ENTERED_PAYMENTS = ("payer payment", "payer refund")
"""Kinds of entries for a payer's money that is not in an 835."""

PLACES: tuple[Place, ...] = get_args(Place)

_OF_ITEM = Shown("text", priority=5)


class HeldPlace(msgspec.Struct, frozen=True, omit_defaults=True):
    """The place of an item of suspense: its remittance (rules.md#duplicate-remittances), and the CLP and SVC in it.

    `claim_payment` and `service` count from 1; 0 is the remittance itself, or the whole claim payment.
    """

    payer_id: str
    trace_number: str
    payment_date: date
    payment_amount: Decimal
    digest: str
    claim_payment: int = 0
    service: int = 0


class ManualEntry(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """One manual entry. `amount` is in dollars, and greater than zero unless it is that of an item of suspense.

    `claim` is a control number as sent. `line` is a line control number or the line's position in the claim; if it is
    empty, the kind of entry determines the lines. `from` and `to` belong to a transfer. Each `reference` is entered
    only once.
    """

    kind: Kind
    amount: Decimal
    day: date
    reference: str
    claim: str = ""
    line: str = ""
    from_: Place | Literal[""] = msgspec.field(default="", name="from")
    to: Place | Literal[""] = ""
    note: str = ""
    item: HeldPlace | None = None


class DecisionRow(msgspec.Struct, frozen=True, gc=False):
    """A manual entry as its CSV and JSON Lines forms have it, with `amount` in cents.

    What begins with `item` is empty where it is not about an item of suspense.
    """

    kind: Annotated[str, TEXT]
    claim: Annotated[str, Shown("id", priority=1)]
    line: Annotated[str, Shown("id", priority=2)]
    amount: Annotated[int, MONEY]
    day: Annotated[str, DAY]
    reference: Annotated[str, Shown("id", priority=2)]
    from_: Annotated[str, Shown("code", priority=3)] = msgspec.field(name="from", default="")
    to: Annotated[str, Shown("code", priority=3)] = ""
    note: Annotated[str, Shown("text", priority=3)] = ""
    item_payer_id: Annotated[str, _OF_ITEM] = ""
    item_trace_number: Annotated[str, _OF_ITEM] = ""
    item_payment_date: Annotated[str, _OF_ITEM] = ""
    item_payment_amount: Annotated[str, _OF_ITEM] = ""
    item_digest: Annotated[str, _OF_ITEM] = ""
    item_claim_payment: Annotated[int | str, _OF_ITEM] = ""
    item_service: Annotated[int | str, _OF_ITEM] = ""


COLUMNS = names_of(DecisionRow)
ITEM = tuple(name for name in COLUMNS if name.startswith("item_"))

record_decoder = msgspec.json.Decoder(ManualEntry)


def moves(decision: ManualEntry, amount: int) -> Balances:
    """Return what `amount` cents of the entry move on a line.

    The open balance is left out because it is the rest of the charge. Patient payments are left out too: what patients
    owe and what they paid are one balance.
    """
    match decision.kind:
        case "payer-payment" | "post":
            return {accounts.INSURANCE_CASH: amount}
        case "payer-refund" | "recoupment":
            return {accounts.INSURANCE_CASH: -amount}
        case "write-off":
            return {accounts.WRITTEN_OFF: amount}
        case "transfer":
            moved = {decision.from_: -amount, decision.to: amount}
            return {account: cents for account, cents in moved.items() if account != accounts.OPEN}
    return {}


def manual_moves(connection: Connection, claim_ids: Collection[int]) -> dict[int, Decision]:
    """Return what staff moved on the lines of these claims, by claim and line."""
    found: dict[int, Decision] = {}
    for claim_id, line_id, amount, record in connection.execute(DECISIONS_OF_CLAIMS, {THESE: list(claim_ids)}):
        balances = found.setdefault(claim_id, {}).setdefault(line_id, {})
        for account, cents in moves(record_decoder.decode(record), amount).items():
            balances[account] = balances.get(account, 0) + cents
    return found


def decisions(connection: Connection) -> Iterator[DecisionRow]:
    """Yield every manual entry of the ledger in the order in which they were made."""
    table = schema.decisions.c
    for record in connection.scalars(select(table.record).where(table.part == 1).order_by(table.id)):
        decision = record_decoder.decode(record)
        item: dict[str, Any] = msgspec.to_builtins(decision.item) if decision.item else {}
        yield DecisionRow(
            kind=decision.kind,
            claim=decision.claim,
            line=decision.line,
            amount=to_cents(decision.amount),
            day=decision.day.isoformat(),
            reference=decision.reference,
            from_=decision.from_,
            to=decision.to,
            note=decision.note,
            **{f"item_{name}": value for name, value in item.items()},
        )
