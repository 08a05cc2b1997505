"""The work list `provider`: provider-level adjustments (PLB) by payer, reason, and reference, with what is wrong.

Signs (rules.md#provider-adjustments): a positive amount lowers the payment, a negative one raises it. A forward
balance (FB) leaves one remittance as a negative amount. A later remittance applies it as the same positive amount,
under the trace number of the first. An overpayment (WO) is recovered once; 72 acknowledges a refund that the payer
already has; CS and a negative WO return it. `book_recoupments` books its effect on the claim that it names.
"""

from collections.abc import Iterator
from datetime import date
from typing import Annotated

import msgspec
from sqlalchemy import Connection, func, select

from claimloop.edi.columns import MONEY, Shown
from claimloop.edi.money import to_cents
from claimloop.edi.records.claim_payment import ClaimPayment
from claimloop.reconciliation.claims.states import claim_states
from claimloop.reconciliation.configuration.as_of import NOT_YET, SETTLED, AsOf
from claimloop.reconciliation.ledger import schema
from claimloop.reconciliation.ledger.common_columns import Days, PayerName
from claimloop.reconciliation.posting.match import normalized
from claimloop.reconciliation.remittances.book_recoupments import claims_named, taken_by_reversals
from claimloop.reconciliation.worklists.worklist import Worklist

_FORWARD_BALANCE, _RECOVERY = "FB", "WO"
_GIVES_BACK = ("72", "CS", _RECOVERY)
_INTEREST = "L6"
_LOANS = frozenset(("PI", "AP"))
_LATE_AFTER = 60
"""Days after which staff must ask for a forward balance that was not applied; payers pay at least once a month."""

RECOVERED_TWICE = "recovered twice"
NOT_APPLIED = "moved forward, but not applied since"
NEVER_MOVED = "applied, but never moved forward"
INTEREST_DISAGREES = "interest does not match the claims"
MORE_THAN_MOVED = "more applied than was moved forward"

_payments = msgspec.json.Decoder(ClaimPayment)

_HAS_INTEREST = b'"I"'
"""In the record of every payment with an AMT*I. Few have one, and decoding all the others would be slower."""


class OpenItem(msgspec.Struct):
    """One reference of one payer. Amounts are cents: `taken` (by the payer) and `given` (to us) are both positive.

    `claim` is our claim that the reference names. `recouped` is what is open again on it, or what staff entered as
    recouped for the claim. If the reference names no claim, it is what staff entered under the reference.
    """

    payer_id: str
    payer_name: str
    reason: str
    reference: str
    first: date
    last: date
    taken: int = 0
    given: int = 0
    alarm: str = ""
    claim: str = ""
    recouped: int = 0

    @property
    def balance(self) -> int:
        """Return what the payer took less what it gave. Below zero, the payer may still recover it."""
        return self.taken - self.given

    @property
    def is_due(self) -> bool:
        """Return whether staff must look: something is wrong, or more was recovered than is booked on claims."""
        return bool(self.alarm) or (self.reason == _RECOVERY and self.balance > self.recouped)

    @property
    def is_under_way(self) -> bool:
        """Return whether the other half is pending: a balance moved forward, an advance, or a delayed recovery."""
        returns = self.reason in (_FORWARD_BALANCE, *_LOANS)
        return (returns and self.balance != 0) or (self.reason == _RECOVERY and self.balance < 0)


def register(connection: Connection, today: date) -> list[OpenItem]:
    """Return every reference in the order of its first remittance, with its problem as of a day."""
    adjustments, remittances = schema.provider_adjustments.c, schema.remittances.c
    query = (
        select(
            remittances.payer_id, remittances.payer_name, remittances.payment_date, adjustments.reason,
            adjustments.reference, adjustments.amount, remittances.id,
        )
        .join_from(schema.provider_adjustments, schema.remittances, remittances.id == adjustments.remittance_id)
        .where(remittances.hold_reason == "")
        .order_by(remittances.payment_date, remittances.id, adjustments.ordinal)
    )  # fmt: skip
    items: dict[tuple[str, str, str], OpenItem] = {}
    recovered: dict[tuple[str, str], dict[int, int]] = {}
    for payer_id, name, day, reason, reference, amount, _ in connection.execute(query):
        kind = _RECOVERY if reason in _GIVES_BACK else "PI" if reason in _LOANS else reason
        key = payer_id, kind, normalized(reference)
        when = date.fromisoformat(day)
        item = items.setdefault(key, OpenItem(payer_id, name, kind, reference, when, when))
        item.last = max(item.last, when)
        if amount > 0:
            item.taken += amount
        else:
            item.given -= amount
        if kind == _RECOVERY and item.reference:
            _watch_recovery(item, amount, recovered.setdefault((payer_id, key[2]), {}))
    for payer_id, reference, trace in _interest_that_disagrees(connection):
        items[payer_id, _INTEREST, reference].alarm = f"{INTEREST_DISAGREES} in {trace}"
    _name_claims(connection, items)
    for item in items.values():
        item.alarm = item.alarm or _alarm(item, today)
    return list(items.values())


def _watch_recovery(item: OpenItem, amount: int, recovered: dict[int, int]) -> None:
    """Note a second recovery of the same amount under the same reference, unless it was returned in between."""
    times = recovered.get(abs(amount), 0) + (1 if amount > 0 else -1)
    recovered[abs(amount)] = times
    item.alarm = RECOVERED_TWICE if any(count > 1 for count in recovered.values()) else ""


def _alarm(item: OpenItem, today: date) -> str:
    if item.reason != _FORWARD_BALANCE:
        return ""
    if item.taken and not item.given:
        return NEVER_MOVED
    if item.balance > 0:
        return MORE_THAN_MOVED
    return NOT_APPLIED if item.balance < 0 and (today - item.last).days > _LATE_AFTER else ""


def _interest_that_disagrees(connection: Connection) -> list[tuple[str, str, str]]:
    """Return payer, normalized reference, and trace number where L6 and the claims' AMT*I differ (rules.md#interest).

    `validate` finds interest without any PLB (S607, S608).
    """
    adjustments, remittances, payments = schema.provider_adjustments.c, schema.remittances.c, schema.claim_payments.c
    query = (
        select(
            remittances.id, remittances.payer_id, remittances.trace_number, func.min(adjustments.reference),
            func.sum(adjustments.amount),
        )
        .join_from(schema.provider_adjustments, schema.remittances, remittances.id == adjustments.remittance_id)
        .where(adjustments.reason == _INTEREST, remittances.hold_reason == "")
        .group_by(remittances.id)
        .order_by(remittances.id)
    )  # fmt: skip
    found = []
    for remittance_id, payer_id, trace, reference, amount in connection.execute(query).all():
        of_claims = 0
        records = select(payments.record).where(payments.remittance_id == remittance_id, payments.ordinal > 0)
        for record in connection.scalars(records):
            if _HAS_INTEREST in record:
                of_claims += to_cents(_payments.decode(record).interest)
        if of_claims + int(amount):
            found.append((payer_id, normalized(reference), trace))
    return found


def _name_claims(connection: Connection, items: dict[tuple[str, str, str], OpenItem]) -> None:
    """Set the claim that each reference names, and what is recouped of it.

    If a reversal already took the money of the claim, a recovery with a balance took it a second time.
    """
    names = {(payer_id, reference) for payer_id, _, reference in items if reference}
    named = {name: next(iter(ids)) for name, ids in claims_named(connection, names).items() if len(ids) == 1}
    states = claim_states(connection, set(named.values()))
    by_claim, by_reference = _entered(connection)
    reversals = taken_by_reversals(connection, states)
    for (payer_id, reason, reference), item in items.items():
        if (claim_id := named.get((payer_id, reference))) is None:
            item.recouped = by_reference.get(reference, 0) if reason == _RECOVERY else 0
            continue
        item.claim = states[claim_id].claim.patient_control_number
        if reason == _RECOVERY:
            item.recouped = sum(states[claim_id].recouped.get(payer_id, {}).values()) + by_claim.get(claim_id, 0)
            if item.balance > 0 and reversals.get((claim_id, payer_id), 0) > 0:
                item.alarm = RECOVERED_TWICE


def _entered(connection: Connection) -> tuple[dict[int, int], dict[str, int]]:
    """Return what staff entered as recouped, in cents: by claim, and by the normalized reference of the entry."""
    decisions, lines = schema.decisions.c, schema.lines.c
    query = (
        select(lines.claim_id, decisions.reference, decisions.amount)
        .join_from(schema.decisions, schema.lines, lines.id == decisions.line_id)
        .where(decisions.kind == "recoupment")
    )
    by_claim: dict[int, int] = {}
    by_reference: dict[str, int] = {}
    for claim_id, reference, amount in connection.execute(query):
        by_claim[claim_id] = by_claim.get(claim_id, 0) + amount
        named = normalized(reference)
        by_reference[named] = by_reference.get(named, 0) + amount
    return by_claim, by_reference


class ProviderAdjustment(msgspec.Struct, frozen=True, gc=False):
    """A payer's reference that has a problem, or under which it took money that is not booked on a claim. Cents."""

    reason: Annotated[str, Shown("code", priority=1)]
    reference: Annotated[str, Shown("id", priority=2)]
    payer_name: PayerName
    balance: Annotated[int, MONEY]
    taken: Annotated[int, Shown("money", priority=3, heading="taken by payer")]
    given: Annotated[int, Shown("money", priority=3, heading="paid by payer")]
    first: Annotated[str, Shown("day", priority=4)]
    last: Annotated[str, Shown("day", priority=3)]
    days: Days
    alarm: Annotated[str, Shown("text", priority=2, heading="finding")]
    claim: Annotated[str, Shown("id", priority=1)]
    recouped: Annotated[int, Shown("money", priority=3)]
    late: Annotated[str, Shown("text", priority=3, heading="status")]


def provider(connection: Connection, when: AsOf) -> Iterator[ProviderAdjustment]:
    """Yield the references that need work; with `everything`, also those that are pending or settled."""
    for item in register(connection, when.day):
        if item.is_due or (when.everything and item.balance):
            yield ProviderAdjustment(
                reason=item.reason,
                reference=item.reference,
                payer_name=item.payer_name,
                balance=item.balance,
                taken=item.taken,
                given=item.given,
                first=item.first.isoformat(),
                last=item.last.isoformat(),
                days=(when.day - item.last).days,
                alarm=item.alarm,
                claim=item.claim,
                recouped=item.recouped,
                late="" if item.is_due else NOT_YET if item.is_under_way else SETTLED,
            )


LIST = Worklist(
    "provider",
    ProviderAdjustment,
    provider,
    money="balance",
    title="Provider-level adjustments",
    about="provider-level adjustments (PLB) to check",
    one="provider-level adjustment to check",
    many="provider-level adjustments to check",
    urgency=8,
)
