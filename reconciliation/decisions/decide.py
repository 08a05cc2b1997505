"""Post manual entries: settle items of suspense, and record payments and adjustments that are not in an 835.

Each one is a new entry; no posted row changes. Its record lets another ledger of the same files apply it again.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date

from msgspec.structs import replace
from sqlalchemy import Connection, func, select

from claimloop.edi.diagnostics import UserError
from claimloop.edi.money import NotAnAmount, from_cents, to_cents, two_decimals
from claimloop.reconciliation.claims.manual_entries import HeldPlace, Kind, ManualEntry, moves, record_decoder
from claimloop.reconciliation.claims.states import claim_states, find_claim, record_encoder
from claimloop.reconciliation.ledger import accounts, schema
from claimloop.reconciliation.ledger.connection import next_id
from claimloop.reconciliation.ledger.inserts import DecisionRow, EntryRow, LegRow, insert
from claimloop.reconciliation.ledger.stored_codes import Settlement, hold_reason_text, settlement_text
from claimloop.reconciliation.posting.allocation import Circumstances, plan, plan_service, plan_whole, suspense_legs
from claimloop.reconciliation.posting.claim_state import ClaimState
from claimloop.reconciliation.posting.dispositions import Dispositions
from claimloop.reconciliation.posting.match import Matched, SubmittedClaim, normalized
from claimloop.reconciliation.posting.settlement import Leg, legs_between
from claimloop.reconciliation.remittances.book_recoupments import Cause, Recouping
from claimloop.reconciliation.remittances.release import Item, items, release, release_money
from claimloop.reconciliation.remittances.retry_held import retry_held

_ENDS_IN = {
    "refund-suspense": accounts.REFUND,
    "write-off-suspense": accounts.SUSPENSE_ENDED,
    "other": accounts.SUSPENSE_ENDED,
}
SETTLED_BY: dict[Kind, Settlement] = {
    "post": "posted", "refund-suspense": "refunded", "write-off-suspense": "written_off", "other": "other",
}  # fmt: skip
"""The settlement that each manual entry for an item of suspense records."""

_ONLY_WHILE_CURRENT = ("write-off", "transfer")
_TAKES_FROM_PAYERS = ("payer-refund", "recoupment")

Share = tuple[int, int]
"""A line's id and its share in cents."""


class DecisionError(UserError, ValueError):
    """The manual entry cannot be posted; the message gives the reason in one line."""


class Decider:
    """Posts manual entries inside one writing transaction; `made` is their time of posting."""

    def __init__(self, connection: Connection, dispositions: Dispositions, made: str) -> None:
        self._connection = connection
        self._dispositions = dispositions
        self._made = made

    def take(self, decision: ManualEntry) -> bool:
        """Post a manual entry. Return false if it was posted before. Raises DecisionError."""
        decision = self._with_control_number(decision)
        if self._is_known(decision):
            return False
        with self._recouping(decision):
            if decision.item is None:
                self._enter(decision)
            else:
                self._end(decision, self._item_at(decision.item))
        return True

    def end(
        self, item_id: int, kind: Kind, day: date, *, claim: str = "", line: str = "", note: str = ""
    ) -> ManualEntry:
        """Settle the item of suspense with this number, and return the manual entry. Raises DecisionError."""
        found = items(self._connection, schema.suspense.c.id == item_id)
        if not found:
            raise DecisionError(self._why_not_open(item_id))
        (item,) = found
        place = self._place_of(item)
        reference = (
            f"{place.payer_id} {place.trace_number} {place.payment_date} {place.payment_amount} {place.digest[:12]} "
            f"{place.claim_payment}.{place.service}"
        )
        decision = self._with_control_number(
            ManualEntry(kind, from_cents(item.amount), day, reference, claim, line, note=note, item=place)
        )
        with self._recouping(decision):
            self._end(decision, item)
        return decision

    def _why_not_open(self, item_id: int) -> str:
        held, decisions = schema.suspense.c, schema.decisions.c
        settled = self._connection.execute(
            select(held.settled_by, held.settled_claim_control_number).where(held.settles_id == item_id)
        ).first()
        if settled is None:
            return f"there is no open item {item_id}"
        decision = self._connection.scalar(select(decisions.record).where(decisions.suspense_id == item_id))
        note = record_decoder.decode(decision).note if decision else ""
        return f"item {item_id} is settled: {settlement_text(*settled)}{f' ({note})' if note else ''}"

    @contextmanager
    def _recouping(self, decision: ManualEntry) -> Iterator[None]:
        """Book what a manual entry changes in the amounts recouped by PLB, after the entry itself."""
        recouping = Recouping(self._connection)
        first = next_id(self._connection, schema.claim_payments)
        yield
        if not recouping.any:
            return
        recouping.posted_since(first)
        if decision.claim:
            recouping.changed(self._state(decision.claim))
        recouping.book(Cause(None, decision.day.isoformat(), self._made))

    def _with_control_number(self, decision: ManualEntry) -> ManualEntry:
        """Replace the claim that staff named (an encounter id, for example) by its control number."""
        if not decision.claim:
            return decision
        return replace(decision, claim=self._state(decision.claim).claim.patient_control_number)

    def _is_known(self, decision: ManualEntry) -> bool:
        decisions = schema.decisions.c
        query = select(decisions.record).where(decisions.reference == decision.reference).order_by(decisions.part)
        known = self._connection.scalar(query.limit(1))
        if known is None:
            return False
        if record_decoder.decode(known) != decision:
            raise DecisionError(f"reference {decision.reference} was already used for another entry")
        return True

    def _write(
        self, decision: ManualEntry, part: int, amount: int, entry: int | None, item: Item | None, line_id: int | None
    ) -> None:
        row = DecisionRow(
            id=next_id(self._connection, schema.decisions),
            kind=decision.kind,
            day=decision.day.isoformat(),
            made=self._made,
            reference=decision.reference,
            part=part,
            amount=amount,
            suspense_id=item.id if item else None,
            line_id=line_id,
            entry_id=entry,
            record=record_encoder.encode(decision),
        )
        insert(self._connection, [row])

    # Money that is not in an 835.

    def _enter(self, decision: ManualEntry) -> None:
        amount = _cents(decision)
        if amount <= 0:
            raise DecisionError("the amount must be greater than zero")
        if decision.kind == "transfer" and not (decision.from_ and decision.to and decision.from_ != decision.to):
            raise DecisionError(
                "a transfer needs two different balances out of open, patient, contractual, and written_off"
            )
        state = self._state(decision.claim)
        if state.claim.closed and decision.kind in _ONLY_WHILE_CURRENT:
            raise DecisionError(f"claim {decision.claim} was replaced or voided, so nothing is open")
        for part, (line_id, cents) in enumerate(self._shares(decision, state, amount), start=1):
            legs = _legs(decision, state, line_id, cents)
            self._write(decision, part, cents, self._book(decision, legs), None, line_id)

    def _book(self, decision: ManualEntry, legs: list[Leg]) -> int:
        entry = next_id(self._connection, schema.entries)
        insert(
            self._connection,
            [LegRow(entry, number, leg.account, leg.line_id, leg.amount) for number, leg in enumerate(legs, start=1)],
        )
        kind = decision.kind.replace("-", " ")
        row = EntryRow(id=entry, kind=kind, day=decision.day.isoformat(), posted=self._made)
        insert(self._connection, [row])
        return entry

    def _shares(self, decision: ManualEntry, state: ClaimState, amount: int) -> list[Share]:
        """Split the amount over lines: all to the line that is named, or else to each line in order up to its room.

        What no line has room for goes to the claim-level line. Invariant: money out, a write-off, or a transfer never
        exceeds the room of the whole claim, so a credit on one line cannot pay for another. Incoming money has no
        limit: an overpayment stays on the claim as a credit.
        """
        balances = self._balances(state.claim)
        if decision.kind in _TAKES_FROM_PAYERS:  # it may repeat what a PLB took, and then it replaces that
            for of_payer in state.recouped.values():
                for line_id, cents in of_payer.items():
                    of_line = balances[line_id]
                    of_line[accounts.INSURANCE_CASH] = of_line.get(accounts.INSURANCE_CASH, 0) + cents
        rooms = {line_id: _room(decision, of_line) for line_id, of_line in balances.items()}
        of_claim = sum(rooms.values())
        is_incoming = decision.kind in ("patient-payment", "payer-payment")
        if decision.line or len(state.claim.lines) == 1:
            line_id = _line_id(state.claim, decision.line) if decision.line else state.claim.lines[0].id
            room = min(rooms[line_id], of_claim) if decision.line else of_claim
            shares = [(line_id, amount)]
        else:
            room, shares, left = of_claim, [], amount
            claim_level = rooms.pop(state.claim.claim_level_id)
            available = max(of_claim, 0)
            for line_id, cents in (*rooms.items(), (state.claim.claim_level_id, claim_level)):
                share = min(max(cents, 0), left, available)
                if share:
                    shares.append((line_id, share))
                    left, available = left - share, available - share
            if left:
                shares.append((state.claim.claim_level_id, left))
        if not is_incoming and amount > room:
            raise DecisionError(_shortage(decision, max(room, 0)))
        return shares

    def _balances(self, claim: SubmittedClaim) -> dict[int, dict[str, int]]:
        """Return the balances of each line and of the claim-level line, by account."""
        found: dict[int, dict[str, int]] = {line.id: {} for line in claim.lines}
        found[claim.claim_level_id] = {}
        legs = schema.legs.c
        query = (
            select(legs.line_id, legs.account, func.sum(legs.amount))
            .where(legs.line_id.in_(found))
            .group_by(legs.line_id, legs.account)
        )
        for line_id, account, amount in self._connection.execute(query):
            found[line_id][account] = int(amount)
        return found

    def _state(self, wanted: str) -> ClaimState:
        claim_id = find_claim(self._connection, wanted) if wanted else None
        if claim_id is None:
            raise DecisionError(f"no claim {wanted} was submitted" if wanted else "no claim is named")
        return claim_states(self._connection, [claim_id])[claim_id]

    # Items of suspense.

    def _end(self, decision: ManualEntry, item: Item) -> None:
        if decision.kind == "post":
            self._post(decision, item)
            return
        if decision.kind == "other" and not decision.note:
            raise DecisionError("a note about what was done is required")
        account = _ENDS_IN[decision.kind]
        legs = [Leg(accounts.SUSPENSE, None, item.amount), Leg(account, None, -item.amount)]
        settled_by = SETTLED_BY[decision.kind]
        entry = release_money(self._connection, item, legs, decision.day, self._made, settled_by)
        self._write(decision, 1, item.amount, entry, item, None)

    def _post(self, decision: ManualEntry, item: Item) -> None:
        """Post an item to the claim or line that staff named.

        The payment is posted with its own adjustments where that is possible: a held service to one line; a whole
        payment to a claim; a payment of at most one service, unless it is a reversal, to a line. Everything else falls
        through to `_post_money`, which posts only the amount.
        """
        state = self._state(decision.claim)
        claim = state.claim
        around = Circumstances(item.payer_id, item.day, self._dispositions)
        payment = item.payment
        line = (
            next(line for line in claim.lines if line.id == _line_id(claim, decision.line)) if decision.line else None
        )
        if payment is not None and item.service is not None:
            if line is None and len(claim.lines) == 1:
                line = claim.lines[0]
            if line is None:
                raise DecisionError(f"claim {decision.claim} has {len(claim.lines)} lines, so name one of them")
            if item.claim_id is not None and item.claim_id != claim.id:
                raise DecisionError("the rest of this payment was posted to another claim")
            payment, posting = plan_service(payment, item.service, line, state, around)
        elif payment is not None and line is None:
            posting = plan(payment, Matched(claim, "manual"), state, around)
            if posting.claim is None:
                problem = hold_reason_text(posting.held[0].hold_reason, payment.status)
                raise DecisionError(f"it cannot be posted unchanged ({problem}): name a line to post only its money")
        elif payment is not None and line is not None and len(payment.services) <= 1 and not payment.is_reversal:
            posting = plan_whole(payment, line, state, around)
        else:
            self._post_money(decision, item, state)
            return
        entry = release(self._connection, item, payment, posting, state, self._made)
        self._write(decision, 1, item.amount, entry, item, None)
        self._settle(claim)

    def _post_money(self, decision: ManualEntry, item: Item, state: ClaimState) -> None:
        claim = state.claim
        if decision.line:
            line_id = _line_id(claim, decision.line)
        else:
            line_id = claim.lines[0].id if len(claim.lines) == 1 else claim.claim_level_id
        legs = [*_legs(decision, state, line_id, item.amount), *suspense_legs(-item.amount)]
        number = claim.patient_control_number
        entry = release_money(self._connection, item, legs, decision.day, self._made, "posted", number)
        self._write(decision, 1, item.amount, entry, item, line_id)
        self._settle(claim)

    def _settle(self, claim: SubmittedClaim) -> None:
        numbers = {normalized(each.patient_control_number) for each in claim.submissions}
        retry_held(self._connection, numbers, self._dispositions, self._made)

    def _place_of(self, item: Item) -> HeldPlace:
        remittances = schema.remittances.c
        row = self._connection.execute(
            select(
                remittances.payer_id, remittances.trace_number, remittances.payment_date, remittances.amount,
                remittances.digest,
            ).where(remittances.id == item.remittance_id)
        ).one()  # fmt: skip
        return HeldPlace(
            row.payer_id, row.trace_number, date.fromisoformat(row.payment_date), from_cents(row.amount), row.digest,
            self._place_in_file(item.payment_id), item.service or 0,
        )  # fmt: skip

    def _place_in_file(self, payment_id: int | None) -> int:
        """Return the position of a payment's CLP in its set, also if it left suspense since; 0 if there is none."""
        payments = schema.claim_payments.c
        place = 0
        while payment_id is not None:
            query = select(payments.ordinal, payments.origin_id).where(payments.id == payment_id)
            place, payment_id = self._connection.execute(query).one()
        return place

    def _item_at(self, place: HeldPlace) -> Item:
        remittances, payments = schema.remittances.c, schema.claim_payments.c
        which = [
            remittances.payer_id == place.payer_id,
            remittances.trace_number == place.trace_number,
            remittances.payment_date == place.payment_date.isoformat(),
            remittances.amount == to_cents(place.payment_amount),
            remittances.digest == place.digest,
        ]
        if self._connection.scalar(select(remittances.id).where(*which)) is None:
            raise DecisionError(f"remittance {place.trace_number} of payer {place.payer_id} has not been received yet")
        if place.claim_payment:
            which.append((payments.ordinal == place.claim_payment) | (payments.ordinal < 0))
        else:
            which.append(payments.id.is_(None))
        for item in items(self._connection, *which):
            if (item.service or 0) == place.service and self._place_in_file(item.payment_id) == place.claim_payment:
                return item
        raise DecisionError(f"the item of remittance {place.trace_number} is no longer in suspense")


def _shortage(decision: ManualEntry, room: int) -> str:
    whose = {
        "patient-refund": "the patient paid",
        "payer-refund": "payers paid",
        "recoupment": "payers paid",
        "write-off": "the open balance is",
        "transfer": f"the {decision.from_} balance is",
    }[decision.kind]
    return f"{whose} {two_decimals(room)} {'on this line' if decision.line else 'of this claim'}, not {decision.amount}"


def _room(decision: ManualEntry, balances: dict[str, int]) -> int:
    """Return how much the manual entry can move on a line or, for incoming money, how much the line is owed."""
    of: Callable[..., int] = lambda *names: sum(balances.get(name, 0) for name in names)  # noqa: E731
    match decision.kind:
        case "patient-payment":
            return of(accounts.PATIENT)
        case "patient-refund":
            return of(accounts.PATIENT_CASH)
        case "payer-refund" | "recoupment":
            return of(accounts.INSURANCE_CASH)
        case "transfer" if decision.from_ != "open":
            return of(decision.from_)
    return of(accounts.OPEN, accounts.DENIED)


def _legs(decision: ManualEntry, state: ClaimState, line_id: int, amount: int) -> list[Leg]:
    if decision.kind in ("patient-payment", "patient-refund"):
        paid = amount if decision.kind == "patient-payment" else -amount
        return [Leg(accounts.PATIENT_CASH, line_id, paid), Leg(accounts.PATIENT, line_id, -paid)]
    before = state.settled()
    balances = state.manual.setdefault(line_id, {})
    for account, cents in moves(decision, amount).items():
        balances[account] = balances.get(account, 0) + cents
    legs = legs_between(state.claim, before, state.settled())
    if (
        decision.kind == "recoupment"
    ):  # a PLB took the money, and now it belongs to the claim instead of the provider level
        legs += [Leg(accounts.PROVIDER_ADJUSTMENT, None, -amount), Leg(accounts.INSURANCE_CASH, None, amount)]
    return legs


def _line_id(claim: SubmittedClaim, wanted: str) -> int:
    """Return a line by its control number, or by its position in the claim. Raises DecisionError."""
    by_number = [line.id for line in claim.lines if normalized(line.line_control_number) == normalized(wanted)]
    found = by_number or [line.id for line in claim.lines if str(line.number) == wanted]
    if len(found) != 1:
        of = f"claim {claim.patient_control_number}"
        names = ", ".join(line.line_control_number or str(line.number) for line in claim.lines)
        raise DecisionError(f"{of} has no line {wanted}; it has {names}")
    return found[0]


def _cents(decision: ManualEntry) -> int:
    try:
        return to_cents(decision.amount)
    except NotAnAmount:
        raise DecisionError(f"{decision.amount} is not a valid amount") from None
