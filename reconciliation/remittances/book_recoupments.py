"""Book what payers recoup of claims by PLB: the recouped amount is open on the claim again.

A number names a claim if it is the payer's claim number for exactly one of our claims, or our control number of exactly
one claim that the payer paid. A number that names several claims recoups none of them.

Invariant: what is booked as recouped equals what `posting.recoupment` computes from the claim's facts. So whenever a
fact of a claim arrives (a PLB, a payment, a reversal, a manual entry), the amount is computed again, and the difference
is booked as one entry of the remittance or manual entry that changed it. It is enough to look at claims that a new fact
concerns and at claims that share a number with them, because nothing else can change.
"""

from collections.abc import Collection, Iterable, Iterator
from typing import TypeVar

import msgspec
from sqlalchemy import ColumnElement, Connection, func, literal_column, select

from claimloop.edi.records.remittance import ClaimPayment
from claimloop.reconciliation.claims.states import claim_states
from claimloop.reconciliation.ledger import accounts, schema
from claimloop.reconciliation.ledger.connection import next_id
from claimloop.reconciliation.ledger.inserts import EntryRow, LegRow, RecoupmentRow, RecoveryRow, insert
from claimloop.reconciliation.posting.claim_state import ClaimState
from claimloop.reconciliation.posting.match import SubmittedClaim, normalized
from claimloop.reconciliation.posting.recoupment import Facts, recouped
from claimloop.reconciliation.posting.settlement import Leg, Recouped, legs_between

T = TypeVar("T")

RECOVERS = ("WO", "72")
"""PLB03-1 reasons that recover an overpayment of a claim, or acknowledge its refund."""

_AT_ONCE = 400
_PAYERS_NUMBER: ColumnElement[str] = literal_column(
    schema.NORMALISED_PAYERS_NUMBER.replace("payer_claim_number", "claim_payments.payer_claim_number")
)

Name = tuple[str, str]
"""A payer's id and a normalized number that it names a claim by."""


class Cause(msgspec.Struct, frozen=True):
    """What caused an entry: its remittance (None for a manual entry), its day, and its time of posting."""

    remittance_id: int | None
    day: str
    posted: str


class Recouping:
    """Collects the claims whose recouped amount may change while one remittance or manual entry is posted."""

    def __init__(self, connection: Connection, payer_id: str = "") -> None:
        self.any = connection.scalar(select(schema.recoveries.c.ordinal).limit(1)) is not None
        """True if the ledger has any PLB recovery."""
        self._connection = connection
        self._payer_id = payer_id
        self._posted: list[tuple[ClaimPayment, SubmittedClaim]] = []
        self._claims: set[int] = set()
        self._names: set[Name] = set()

    def recovers(self, reason: str, reference: str) -> str:
        """Return the normalized number that a provider-level adjustment names; empty if it recovers nothing."""
        named = normalized(reference) if reason in RECOVERS else ""
        if named:
            self._names.add((self._payer_id, named))
        return named

    def posted(self, payment: ClaimPayment, state: ClaimState) -> None:
        """Note that a payment of the payer was posted to the claim."""
        if state.recouped:
            self._claims.add(state.claim.id)
        elif self.any:
            self._posted.append((payment, state.claim))

    def look(self) -> None:
        """Find the claims posted to that a PLB may have named, with one query for many of them."""
        if not self._posted:
            return
        by_name: dict[str, set[int]] = {}
        for payment, claim in self._posted:
            numbers = (each.patient_control_number for each in claim.submissions)
            for number in (payment.payer_claim_number, *numbers):
                by_name.setdefault(normalized(number), set()).add(claim.id)
        by_name.pop("", None)
        self._posted.clear()
        recoveries = schema.recoveries.c
        for some in _portions(by_name):
            query = select(recoveries.normalised_reference).where(
                recoveries.normalised_reference.in_(some), recoveries.payer_id == self._payer_id
            )
            for name in self._connection.scalars(query):
                self._claims |= by_name[name]

    def posted_since(self, first_payment_id: int) -> None:
        """Note that payments with this id or a higher one were posted from suspense."""
        payments = schema.claim_payments.c
        query = select(payments.claim_id).where(payments.id >= first_payment_id, payments.claim_id.is_not(None))
        self._claims.update(self._connection.scalars(query))

    def changed(self, state: ClaimState) -> None:
        """Note that a manual entry moved money on the claim."""
        if state.recouped:
            self._claims.add(state.claim.id)

    def book(self, cause: Cause) -> int:
        """Book what changed. Return by how many cents more is recouped than before (negative: less)."""
        if not self.any and not self._names:
            return 0
        computed = _computed(self._connection, self._claims, self._names)
        return sum(_book(self._connection, cause, *each) for each in computed)


def book_recoveries_of_old_schema(connection: Connection) -> None:
    """Record the recoveries of a ledger whose schema had no table for them, and book what they recoup.

    Each entry belongs to its remittance, as if it had been booked when that remittance was received.
    """
    adjustments, remittances = schema.provider_adjustments.c, schema.remittances.c
    query = (
        select(
            remittances.id, adjustments.ordinal, remittances.payer_id, adjustments.reason, adjustments.reference,
            adjustments.amount, remittances.payment_date, remittances.received,
        )
        .join_from(schema.provider_adjustments, schema.remittances, remittances.id == adjustments.remittance_id)
        .where(adjustments.reason.in_(RECOVERS), remittances.hold_reason == "")
        .order_by(remittances.id, adjustments.ordinal)
    )  # fmt: skip
    rows: list[RecoveryRow] = []
    causes: dict[Cause, Recouping] = {}
    for remittance, ordinal, payer_id, reason, reference, amount, day, received in connection.execute(query).all():
        recouping = causes.setdefault(Cause(remittance, day, received), Recouping(connection, payer_id))
        if named := recouping.recovers(reason, reference):
            rows.append(
                RecoveryRow(
                    remittance_id=remittance,
                    ordinal=ordinal,
                    payer_id=payer_id,
                    normalised_reference=named,
                    amount=amount,
                    segment=0,
                )
            )
    insert(connection, rows)
    for cause, recouping in causes.items():
        recouping.book(cause)


def wrongly_recouped(connection: Connection) -> Iterator[tuple[SubmittedClaim, int, int]]:
    """Yield each claim whose booked recoupment differs from its facts, with the cents booked and the cents due."""
    recoveries, recoupments = schema.recoveries.c, schema.recoupments.c
    claims = set(connection.scalars(select(recoupments.claim_id).distinct()))
    query = select(recoveries.payer_id, recoveries.normalised_reference).distinct()
    names = {(payer_id, reference) for payer_id, reference in connection.execute(query)}
    for state, now, _ in _computed(connection, claims, names):
        if _differences(state.recouped, now):
            yield state.claim, _sum(state.recouped), _sum(now)


def claims_named(connection: Connection, names: Collection[Name]) -> dict[Name, set[int]]:
    """Return the claims that each of these names is for; more than one if the name is ambiguous."""
    payments, sendings = schema.claim_payments.c, schema.sendings.c
    found: dict[Name, set[int]] = {name: set() for name in names}
    for some in _portions({number for _, number in names}):
        by_payers_number = (
            select(payments.payer_id, payments.payer_claim_number, payments.claim_id)
            .where(_PAYERS_NUMBER.in_(some), payments.claim_id.is_not(None))
            .distinct()
        )
        by_ours = (
            select(payments.payer_id, sendings.normalised_control_number, payments.claim_id)
            .join_from(schema.sendings, schema.claim_payments, payments.claim_id == sendings.claim_id)
            .where(sendings.normalised_control_number.in_(some))
            .distinct()
        )
        for query in (by_payers_number, by_ours):
            for payer_id, number, claim_id in connection.execute(query):
                if (payer_id, normalized(number)) in found:
                    found[payer_id, normalized(number)].add(claim_id)
    return found


def recoveries_of(connection: Connection, claim_id: int) -> list[tuple[int, int]]:
    """Return remittance and ordinal of each provider-level adjustment that names only this claim, in order."""
    (state,) = claim_states(connection, [claim_id]).values()
    recoveries = schema.recoveries.c
    query = (
        select(recoveries.payer_id, recoveries.normalised_reference, recoveries.remittance_id, recoveries.ordinal)
        .where(recoveries.normalised_reference.in_(_numbers(connection, {claim_id: state})[claim_id].names()))
        .order_by(recoveries.remittance_id, recoveries.ordinal)
    )
    rows = connection.execute(query).all()
    named = claims_named(connection, {(payer_id, number) for payer_id, number, *_ in rows})
    return [
        (remittance, place) for payer_id, number, remittance, place in rows if named[payer_id, number] == {claim_id}
    ]


def taken_by_reversals(connection: Connection, states: dict[int, ClaimState]) -> dict[tuple[int, str], int]:
    """Return what each payer's reversals took of these claims, by claim and payer, in cents."""
    taken: dict[tuple[int, str], int] = {}
    for some in _portions(states):
        for claim_id, each in _numbers(connection, {number: states[number] for number in some}).items():
            taken |= {(claim_id, payer_id): amount for payer_id, amount in each.reversed.items()}
    return taken


class _Numbers(msgspec.Struct):
    """The normalized numbers of one claim by the payer that paid it, and what that payer's reversals took."""

    by_payer: dict[str, set[str]]
    reversed: dict[str, int]

    def names(self) -> set[str]:
        return set().union(*self.by_payer.values()) - {""}


Computed = tuple[ClaimState, Recouped, Facts]
"""A claim as booked, what is recouped of it according to its facts, and these facts."""


def _computed(connection: Connection, claims: Collection[int], names: Collection[Name]) -> Iterator[Computed]:
    """Compute these claims, those that the names are for, and every claim that shares a PLB's number with one of them.

    A claim that shares a number matters because a second claim makes the number ambiguous, so the first one is no
    longer recouped by it.
    """
    todo = {*claims, *(claim for named in claims_named(connection, names).values() for claim in named)}
    done: set[int] = set()
    while todo:
        some = sorted(todo)[:_AT_ONCE]
        done.update(some)
        states = claim_states(connection, some)
        facts, sharing = _facts(connection, states)
        todo = (todo | sharing) - done
        for claim_id in some:
            state = states[claim_id]
            yield state, recouped(state, facts[claim_id]), facts[claim_id]


def _facts(connection: Connection, states: dict[int, ClaimState]) -> tuple[dict[int, Facts], set[int]]:
    """Return the facts of these claims, and the claims that share a number that a PLB used with one of them."""
    numbers = _numbers(connection, states)
    facts = {claim_id: Facts({}, numbers[claim_id].reversed) for claim_id in states}
    used = _used(connection, {number for each in numbers.values() for number in each.names()})
    sharing: set[int] = set()
    for name, claims in claims_named(connection, used).items():
        sharing |= claims
        for claim_id in claims & states.keys() if len(claims) == 1 else ():
            taken = facts[claim_id].taken
            taken[name[0]] = taken.get(name[0], 0) + used[name]
    decisions, lines = schema.decisions.c, schema.lines.c
    entered = (
        select(lines.claim_id, func.sum(decisions.amount))
        .join_from(schema.decisions, schema.lines, lines.id == decisions.line_id)
        .where(lines.claim_id.in_(states), decisions.kind == "recoupment")
        .group_by(lines.claim_id)
    )
    for claim_id, amount in connection.execute(entered):
        facts[claim_id].manual = int(amount)
    return facts, sharing


def _numbers(connection: Connection, states: dict[int, ClaimState]) -> dict[int, _Numbers]:
    payments = schema.claim_payments.c
    found = {claim_id: _Numbers({}, {}) for claim_id in states}
    query = select(
        payments.claim_id, payments.payer_id, payments.payer_claim_number, payments.paid, payments.reverses_id
    ).where(payments.claim_id.in_(states))
    for claim_id, payer_id, number, paid, reverses in connection.execute(query):
        of_claim = found[claim_id]
        ours = (each.patient_control_number for each in states[claim_id].claim.submissions)
        names = of_claim.by_payer.setdefault(payer_id, {normalized(each) for each in ours})
        names.add(normalized(number))
        if reverses is not None:
            of_claim.reversed[payer_id] = of_claim.reversed.get(payer_id, 0) - paid
    return found


def _used(connection: Connection, numbers: Collection[str]) -> dict[Name, int]:
    """Return what PLBs took under these numbers, by payer."""
    recoveries = schema.recoveries.c
    used: dict[Name, int] = {}
    for some in _portions(numbers):
        query = (
            select(recoveries.payer_id, recoveries.normalised_reference, func.sum(recoveries.amount))
            .where(recoveries.normalised_reference.in_(some))
            .group_by(recoveries.payer_id, recoveries.normalised_reference)
        )
        for payer_id, number, amount in connection.execute(query):
            used[payer_id, number] = int(amount)
    return used


def _book(connection: Connection, cause: Cause, state: ClaimState, now: Recouped, facts: Facts) -> int:
    """Book the difference between what is booked as recouped of a claim and what is due; return it in cents.

    The first time that a PLB names a claim, a row records it, even if nothing is due.
    """
    rows = _differences(state.recouped, now)
    if not rows and not state.recouped and facts.taken:
        rows = {(min(facts.taken), state.claim.claim_level_id): 0}
    if not rows:
        return 0
    claim, moved = state.claim, _sum(now) - _sum(state.recouped)
    before = state.settled()
    legs = legs_between(claim, before, msgspec.structs.replace(state, recouped=now).settled())
    if moved:  # a PLB took the money, and now it belongs to the claim instead of the provider level
        legs += [Leg(accounts.PROVIDER_ADJUSTMENT, None, -moved), Leg(accounts.INSURANCE_CASH, None, moved)]
    entry = next_id(connection, schema.entries) if legs else None
    if entry is not None:
        insert(
            connection,
            [LegRow(entry, number, leg.account, leg.line_id, leg.amount) for number, leg in enumerate(legs, start=1)],
        )
        row = EntryRow(
            id=entry, kind="recoupment", day=cause.day, posted=cause.posted, remittance_id=cause.remittance_id
        )
        insert(connection, [row])
    first = next_id(connection, schema.recoupments)
    insert(
        connection,
        [
            RecoupmentRow(
                id=first + place,
                claim_id=claim.id,
                line_id=line_id,
                payer_id=payer_id,
                remittance_id=cause.remittance_id,
                entry_id=entry,
                amount=amount,
            )
            for place, ((payer_id, line_id), amount) in enumerate(sorted(rows.items()))
        ],
    )
    return moved


def _differences(booked: Recouped, now: Recouped) -> dict[tuple[str, int], int]:
    """Return by payer and line how much more is due than is booked."""
    due: dict[tuple[str, int], int] = {}
    for sign, each in ((1, now), (-1, booked)):
        for payer_id, of_payer in each.items():
            for line_id, cents in of_payer.items():
                due[payer_id, line_id] = due.get((payer_id, line_id), 0) + sign * cents
    return {place: cents for place, cents in due.items() if cents}


def _sum(amounts: Recouped) -> int:
    return sum(sum(of_payer.values()) for of_payer in amounts.values())


def _portions(wanted: Iterable[T]) -> Iterator[list[T]]:
    wanted = list(dict.fromkeys(wanted))
    for start in range(0, len(wanted), _AT_ONCE):
        yield wanted[start : start + _AT_ONCE]
