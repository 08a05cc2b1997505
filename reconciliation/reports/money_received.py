"""What payers paid in a period, by step and payer, where it went, and the manual entries of staff."""

import msgspec
from sqlalchemy import Connection, case, func, select

from claimloop.reconciliation.claims.manual_entries import ENTERED
from claimloop.reconciliation.ledger import accounts, schema
from claimloop.reconciliation.ledger.balances import sum_of
from claimloop.reconciliation.reports.period import Period, summed

_remittances, _entries, _legs = schema.remittances.c, schema.entries.c, schema.legs.c
_decisions = schema.decisions.c

_MANUAL_CASH = frozenset(kind for kind in ENTERED if kind.endswith(("payment", "refund")))


class Received(msgspec.Struct, frozen=True):
    """Remittances and their money in cents: payments are posted, in suspense, resolved, or adjusted (PLB)."""

    remittances: int = 0
    payments: int = 0
    posted: int = 0
    suspense: int = 0
    resolved: int = 0
    provider_adjustments: int = 0

    @property
    def difference(self) -> int:
        """Return zero, always: `payments − (posted + suspense + resolved − provider_adjustments)`."""
        return self.payments - (self.posted + self.suspense + self.resolved - self.provider_adjustments)

    def __add__(self, other: "Received") -> "Received":
        return Received(*summed(msgspec.structs.astuple(self), msgspec.structs.astuple(other)))


class PayerReceived(msgspec.Struct, frozen=True):
    """What one payer paid; `by_step` are its payments in each step of the period."""

    payer_name: str
    received: Received
    by_step: tuple[int, ...]


class Entered(msgspec.Struct, frozen=True):
    """Manual entries of one kind: how many, and their sum in cents."""

    kind: str
    count: int
    amount: int


class MoneyReceived(msgspec.Struct, frozen=True):
    """All money of a period by payment date (BPR16); payers with the most money first."""

    whole: Received
    by_step: tuple[Received, ...]
    payers: tuple[PayerReceived, ...]
    entered: tuple[Entered, ...]


def money_received(connection: Connection, period: Period) -> MoneyReceived:
    """Return what payers paid and staff entered in the period."""
    with_line = case((_legs.line_id.is_not(None) & (_legs.account == accounts.INSURANCE_CASH), _legs.amount), else_=0)
    went = (
        select(
            _remittances.id,
            func.coalesce(func.sum(with_line), 0).label("posted"),
            (-sum_of(accounts.SUSPENSE)).label("suspense"),
            (-sum_of(*accounts.RESOLVED)).label("resolved"),
            sum_of(accounts.PROVIDER_ADJUSTMENT).label("adjusted"),
        )
        .select_from(schema.remittances)
        .outerjoin(schema.entries, _entries.remittance_id == _remittances.id)
        .outerjoin(schema.legs, _legs.entry_id == _entries.id)
        .where(period.has(_remittances.payment_date))
        .group_by(_remittances.id)
        .subquery()
    )
    totals = [func.sum(column) for column in (_remittances.amount, *went.c[1:])]
    query = (
        select(_remittances.payer_name, _remittances.payment_date, func.count(), *totals)
        .join_from(schema.remittances, went, went.c.id == _remittances.id)
        .group_by(_remittances.payer_name, _remittances.payment_date)
    )
    steps = [Received()] * len(period.starts)
    payers: dict[str, list[Received]] = {}
    for payer, day, *figures in connection.execute(query):
        received, place = Received(*map(int, figures)), period.place(day)
        steps[place] += received
        payers.setdefault(payer, [Received()] * len(steps))[place] += received
    by_payer = [
        PayerReceived(payer, sum(parts, Received()), tuple(part.payments for part in parts))
        for payer, parts in payers.items()
    ]
    return MoneyReceived(
        whole=sum(steps, Received()),
        by_step=tuple(steps),
        payers=tuple(sorted(by_payer, key=lambda each: (-each.received.payments, each.payer_name))),
        entered=_entered(connection, period),
    )


def _entered(connection: Connection, period: Period) -> tuple[Entered, ...]:
    query = (
        select(_decisions.kind, func.count(_decisions.reference.distinct()), func.sum(_decisions.amount))
        .where(_decisions.kind.in_(_MANUAL_CASH), period.has(_decisions.day))
        .group_by(_decisions.kind)
        .order_by(_decisions.kind)
    )
    return tuple(Entered(kind, int(count), int(amount)) for kind, count, amount in connection.execute(query))
