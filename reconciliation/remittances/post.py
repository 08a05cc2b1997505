"""Post remittances to the ledger: read, match, post. Each 835 transaction set is one database transaction."""

import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import IO, Literal

import msgspec
from sqlalchemy import Connection, select

from claimloop.edi.diagnostics import Report, Where, diagnose
from claimloop.edi.money import from_cents
from claimloop.edi.records.remittance import (
    ClaimPayment,
    ProviderAdjustment,
    ProviderSummary,
    Remittance,
    RemittanceEnd,
)
from claimloop.parsers.remittance.reader import remittance_items
from claimloop.reconciliation.claims.states import find_claims, find_members_claims, record_encoder
from claimloop.reconciliation.ledger import accounts, schema
from claimloop.reconciliation.ledger.connection import Ledger, next_id, undo
from claimloop.reconciliation.ledger.inserts import (
    EntryRow,
    LegRow,
    ProviderAdjustmentRow,
    RecoveryRow,
    RemittanceRow,
    SuspenseRow,
    insert,
)
from claimloop.reconciliation.ledger.stored_codes import HoldReason, hold_reason_text
from claimloop.reconciliation.posting.allocation import Circumstances, Posting, apply, plan, suspense_legs
from claimloop.reconciliation.posting.claim_state import ClaimState, Held
from claimloop.reconciliation.posting.dispositions import Dispositions
from claimloop.reconciliation.posting.match import ClaimMatch, Matched, member_ids, normalized
from claimloop.reconciliation.posting.settlement import Leg
from claimloop.reconciliation.posting.submitted_claims import match_payment
from claimloop.reconciliation.remittances.book_recoupments import Cause, Recouping
from claimloop.reconciliation.remittances.retry_held import retry_held
from claimloop.reconciliation.remittances.rows import Rows, cents

_BATCH = 500
_SPOOL_IN_MEMORY = 4 << 20
_NOTICE_ONLY, _NON_PAYMENT = "H", "NON"

Outcome = Literal["posted", "held", "known", "incomplete"]
Progress = Callable[[int], None]


class Receipt(msgspec.Struct, frozen=True):
    """What happened to one remittance. Amounts are dollars.

    `outcome` is `posted` (to claims), `held` (in suspense as a whole), `known` (already posted, so nothing changed), or
    `incomplete` (its trailer is missing, so nothing was posted).
    """

    file: str
    trace_number: str
    payer: str
    payment_amount: Decimal
    claims: int
    posted: Decimal
    suspense: Decimal
    provider_adjustments: Decimal
    outcome: Outcome


def receive_835(
    path: Path,
    ledger: Ledger,
    dispositions: Dispositions,
    moment: datetime,
    report: Report,
    progress: Progress | None = None,
) -> Iterator[Receipt]:
    """Post every remittance of an 835 file. Yield a receipt for each one after its transaction is committed.

    `progress` is called with the number of bytes read so far. Raises NotX12 if the file has no interchange, LedgerError
    if the ledger cannot be written.
    """
    with path.open("rb") as stream, ExitStack() as current_set:
        poster: _Poster | None = None
        for item in remittance_items(stream, path.name, report):
            match item:
                case Remittance():
                    connection = current_set.enter_context(ledger.writing())
                    poster = _Poster(connection, item, dispositions, moment, path.name)
                case ClaimPayment() if poster:
                    poster.add(item)
                    if progress:
                        progress(stream.tell())
                case ProviderAdjustment() if poster:
                    poster.adjust(item)
                case ProviderSummary() if poster:
                    poster.remittance.summaries.append(item)
                case RemittanceEnd() if poster:
                    receipt = poster.finish(item, report)
                    if receipt.outcome in ("known", "incomplete"):
                        undo(poster.connection)
                    current_set.close()
                    poster = None
                    yield receipt


class _Poster:
    """Posts one remittance while it is being read. Memory use is constant: rows are written batch by batch."""

    def __init__(
        self, connection: Connection, remittance: Remittance, dispositions: Dispositions, moment: datetime, file: str
    ) -> None:
        self.connection = connection
        self.remittance = remittance
        self._moment = moment.isoformat(timespec="seconds")
        self._file = file
        self._payer_id = remittance.payer_id or remittance.payer.id or remittance.payer.name
        self._day = remittance.payment_date or remittance.production_date or date.min
        self._amount, unreadable = cents(remittance.payment_amount)
        self._known_digests = set(
            connection.scalars(
                select(schema.remittances.c.digest).where(
                    schema.remittances.c.payer_id == self._payer_id,
                    schema.remittances.c.trace_number == remittance.trace_number,
                    schema.remittances.c.payment_date == self._day.isoformat(),
                    schema.remittances.c.amount == self._amount,
                )
            )
        )
        self._hold_reason = self._why_held(unreadable or remittance.unreadable > 0)
        self._around = Circumstances(self._payer_id, self._day, dispositions, self._hold_reason)
        self._id = next_id(connection, schema.remittances)
        self._next_payment = next_id(connection, schema.claim_payments)
        self._next_entry = next_id(connection, schema.entries)
        self._next_suspense = next_id(connection, schema.suspense)
        self._rows = Rows()
        self._recouping = Recouping(connection, self._payer_id)
        self._batch: list[tuple[int, ClaimPayment]] = []
        self._numbers: set[str] = set()  # the normalized control numbers of the set
        self._late = _Spool()
        self._claims = self._adjustments = 0
        self._cash = self._posted = self._suspense = self._adjusted = 0

    def _why_held(self, unreadable: bool) -> HoldReason | Literal[""]:
        if self._known_digests:
            return "same_payment_differs"
        if unreadable:
            return "unreadable_remittance"
        remittance = self.remittance
        if self._amount and (remittance.handling == _NOTICE_ONLY or remittance.payment_method == _NON_PAYMENT):
            return "notice_only"
        return ""

    def add(self, payment: ClaimPayment) -> None:
        """Add the next claim payment of the set."""
        self._claims += 1
        self._batch.append((self._claims, payment))
        if len(self._batch) >= _BATCH:
            self._post_batch(final=False)

    def adjust(self, adjustment: ProviderAdjustment) -> None:
        """Book one provider-level adjustment: a positive amount reduces the payment."""
        amount, _ = cents(adjustment.amount)
        self._adjustments += 1
        self._rows.provider_adjustments.append(
            ProviderAdjustmentRow(
                remittance_id=self._id, ordinal=self._adjustments, provider=adjustment.provider,
                fiscal_period=adjustment.fiscal_period, reason=adjustment.reason, reference=adjustment.reference,
                amount=amount,
            )
        )  # fmt: skip
        if self._hold_reason:
            return  # a remittance that is held as a whole moves only suspense
        if named := self._recouping.recovers(adjustment.reason, adjustment.reference):
            self._rows.recoveries.append(
                RecoveryRow(
                    remittance_id=self._id, ordinal=self._adjustments, payer_id=self._payer_id,
                    normalised_reference=named, amount=amount, segment=adjustment.segment,
                )
            )  # fmt: skip
        self._adjusted += amount
        self._enter(
            "provider adjustment",
            [Leg(accounts.PROVIDER_ADJUSTMENT, None, amount), Leg(accounts.INSURANCE_CASH, None, -amount)],
            None,
        )

    def finish(self, end: RemittanceEnd, report: Report) -> Receipt:
        """Post the deferred payments, put what is left over in suspense, and write the remittance itself.

        A payment whose outcome may still change is deferred to the end of the set. Deferred payments are posted in four
        rounds: reversals, then the payments that those made room for, then reversals of these, then everything that is
        left (`final`). What still cannot be posted goes to suspense, and `retry_held` posts it later.
        """
        where = Where(self._file, self.remittance.source.segment if self.remittance.source else None)
        if not end.complete:
            report(diagnose("P501", where, set=self._set_control_number()))
            return self._receipt("incomplete")
        if end.digest in self._known_digests:
            report(diagnose("P502", where, trace=self.remittance.trace_number))
            return self._receipt("known")
        self._post_batch(final=False)
        for reversals_only, final in ((True, False), (False, False), (True, False), (False, True)):
            self._post_late(reversals_only=reversals_only, final=final)
        left_over = self._amount - self._cash
        if left_over:
            held = Held(None, None, left_over, self._hold_reason or "remittance_out_of_balance")
            entry = self._enter("out of balance", suspense_legs(left_over), None)
            self._hold(held, None, entry, None)
        self._write_remittance(end)
        self._flush()
        if not self._hold_reason:
            retry_held(self.connection, self._numbers, self._around.dispositions, self._moment)
            self._recoup()
        if self._hold_reason:
            reason = hold_reason_text(self._hold_reason)
            report(diagnose("P503", where, trace=self.remittance.trace_number, reason=reason))
        return self._receipt("held" if self._hold_reason else "posted")

    def _recoup(self) -> None:
        """Book what is recouped now of the claims that a PLB of this set names, or that this set posted to."""
        self._recouping.posted_since(self._next_payment)
        moved = self._recouping.book(Cause(self._id, self._day.isoformat(), self._moment))
        self._posted -= moved
        self._adjusted -= moved

    def _post_late(self, *, reversals_only: bool, final: bool) -> None:
        """Try deferred payments again. With `reversals_only`, other payments stay deferred."""
        waiting, self._late = self._late, _Spool()
        for ordinal, payment in waiting:
            if reversals_only and not payment.is_reversal:
                self._late.append(ordinal, payment)
                continue
            self._batch.append((ordinal, payment))
            if len(self._batch) >= _BATCH:
                self._post_batch(final=final)
        self._post_batch(final=final)

    def _post_batch(self, *, final: bool) -> None:
        if not self._batch:
            return
        self._flush()  # a claim of this batch may have been paid by an earlier one
        numbers = {normalized(payment.patient_control_number) for _, payment in self._batch} - {""}
        states = find_claims(self.connection, numbers)
        self._numbers |= numbers
        unknown = [
            payment for _, payment in self._batch if normalized(payment.patient_control_number) not in states
        ]  # fmt: skip
        members = {member for payment in unknown for member in member_ids(payment)}
        known = {state.claim.id: state for found in states.values() for state in found}
        of_members = find_members_claims(self.connection, members, known) if members else {}
        for ordinal, payment in self._batch:
            self._post(ordinal, payment, *_matched(payment, states, of_members), final=final)
        self._batch.clear()
        self._recouping.look()

    def _post(
        self, ordinal: int, payment: ClaimPayment, match: ClaimMatch, state: ClaimState | None, *, final: bool
    ) -> None:  # fmt: skip
        posting = plan(payment, match, state, self._around)
        if posting.may_change and not final:
            self._late.append(ordinal, payment)
            return
        self._record(ordinal, payment, posting)
        if state is not None and posting.claim is not None:
            apply(posting, state, self._next_payment, payment, self._payer_id)
            self._recouping.posted(payment, state)
        self._next_payment += 1

    def _record(self, ordinal: int, payment: ClaimPayment, posting: Posting) -> None:
        payment_id = self._next_payment
        self._rows.add_payment(payment_id, self._id, ordinal, self._payer_id, payment, posting)
        entry = self._enter("reversal" if posting.reverses else "claim payment", posting.legs, payment_id)
        waits_for = normalized(payment.patient_control_number) or None if posting.may_change else None
        for held in posting.held:
            number = payment.patient_control_number
            self._hold(held, payment_id, entry if held.amount else None, number, waits_for)

    def _enter(self, kind: str, legs: list[Leg], payment_id: int | None) -> int | None:
        """Add an entry with these legs and return its id; None if nothing moves."""
        legs = [leg for leg in legs if leg.amount]
        if not legs:
            return None
        entry, self._next_entry = self._next_entry, self._next_entry + 1
        for number, leg in enumerate(legs, start=1):
            self._rows.legs.append(LegRow(entry, number, leg.account, leg.line_id, leg.amount))
            if leg.account == accounts.INSURANCE_CASH:
                self._cash += leg.amount
                self._posted += leg.amount if leg.line_id is not None else 0
        self._rows.entries.append(
            EntryRow(
                id=entry, kind=kind, day=self._day.isoformat(), posted=self._moment, remittance_id=self._id,
                claim_payment_id=payment_id,
            )
        )  # fmt: skip
        return entry

    def _hold(
        self, held: Held, payment_id: int | None, entry: int | None, control_number: str | None,
        waits_for: str | None = None,
    ) -> None:  # fmt: skip
        self._rows.suspense.append(
            SuspenseRow(
                id=self._next_suspense,
                remittance_id=self._id,
                claim_payment_id=payment_id,
                service_ordinal=held.service,
                entry_id=entry,
                claim_control_number=control_number,
                line_control_number=held.line_control_number,
                amount=held.amount,
                hold_reason=held.hold_reason,
                waits_for=waits_for,
            )
        )
        self._next_suspense += 1
        self._suspense += held.amount

    def _write_remittance(self, end: RemittanceEnd) -> None:
        remittance, source = self.remittance, self.remittance.source
        insert(
            self.connection,
            [
                RemittanceRow(
                    id=self._id,
                    payer_id=self._payer_id,
                    payer_name=remittance.payer.name,
                    trace_number=remittance.trace_number,
                    payment_date=self._day.isoformat(),
                    payment_method=remittance.payment_method,
                    amount=self._amount,
                    digest=end.digest,
                    file=self._file,
                    interchange_control_number=source.interchange if source else "",
                    set_control_number=self._set_control_number(),
                    segment=source.segment if source else 0,
                    received=self._moment,
                    hold_reason=self._hold_reason,
                    record=record_encoder.encode(remittance),
                )
            ],
        )

    def _flush(self) -> None:
        self._rows.write(self.connection)

    def _set_control_number(self) -> str:
        return self.remittance.source.transaction if self.remittance.source else ""

    def _receipt(self, outcome: Outcome) -> Receipt:
        kept = outcome in ("posted", "held")
        return Receipt(
            self._file,
            self.remittance.trace_number,
            self.remittance.payer.name,
            from_cents(self._amount),
            self._claims,
            from_cents(self._posted if kept else 0),
            from_cents(self._suspense if kept else 0),
            from_cents(self._adjusted if kept else 0),
            outcome,
        )


class _Spool:
    """Claim payments that are deferred to the end of the set, on disk if there are many."""

    def __init__(self) -> None:
        self._file: IO[bytes] | None = None

    def append(self, ordinal: int, payment: ClaimPayment) -> None:
        if self._file is None:
            self._file = tempfile.SpooledTemporaryFile(max_size=_SPOOL_IN_MEMORY)  # noqa: SIM115
        self._file.write(record_encoder.encode((ordinal, payment)) + b"\n")

    def __iter__(self) -> Iterator[tuple[int, ClaimPayment]]:
        if self._file is None:
            return
        with self._file as file:
            file.seek(0)
            for line in file:
                yield msgspec.json.decode(line, type=tuple[int, ClaimPayment])


def _matched(
    payment: ClaimPayment, states: dict[str, list[ClaimState]], of_members: dict[str, list[ClaimState]]
) -> tuple[ClaimMatch, ClaimState | None]:
    """Match a payment by its control number, or by its member if no submitted claim has that number."""
    known = states.get(normalized(payment.patient_control_number), [])
    by_number = bool(known)
    if not known:
        known = [state for member in sorted(member_ids(payment)) for state in of_members.get(member, ())]
        known = list({state.claim.id: state for state in known}.values())
    match = match_payment(payment, [state.claim for state in known], by_number=by_number)
    state = next((s for s in known if isinstance(match, Matched) and s.claim is match.claim), None)
    return match, state
