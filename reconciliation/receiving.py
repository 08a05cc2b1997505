"""Remittances into the ledger: read, matched, posted; one transaction for each 835 set, all of it or nothing."""

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
from claimloop.edi.money import NotAnAmount, from_cents, to_cents
from claimloop.edi.remittance import (
    ClaimPayment,
    ProviderAdjustment,
    ProviderSummary,
    Remittance,
    RemittanceEnd,
)
from claimloop.parsers.remittance import stream_835
from claimloop.reconciliation import accounts, schema
from claimloop.reconciliation.claims_on_file import find_claims, record_encoder
from claimloop.reconciliation.dispositions import Dispositions
from claimloop.reconciliation.ledger import Ledger, insert_rows, next_id
from claimloop.reconciliation.matching import Matched, Unmatched, match_claim, normalised
from claimloop.reconciliation.posting import (
    CLAIM_LEVEL,
    Circumstances,
    ClaimState,
    Held,
    Posting,
    apply,
    plan,
    suspense_legs,
)
from claimloop.reconciliation.settling import Leg

_BATCH = 500
_SPOOL_IN_MEMORY = 4 << 20
_NOTICE_ONLY, _NON_PAYMENT = "H", "NON"

Outcome = Literal["posted", "held", "known", "incomplete"]
Progress = Callable[[int], None]


class Receipt(msgspec.Struct, frozen=True):
    """What became of one remittance: `posted` to claims, `held` whole in suspense, `known` already (nothing was
    changed), or `incomplete` (its trailer never came; nothing was posted). Amounts are money."""

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
    """Post every remittance of an 835 file; one receipt each, yielded once it is safely in the ledger.

    `progress` is told the bytes read so far. Raises NotX12 where the file holds no interchange, LedgerError where
    the ledger cannot be written.
    """
    with path.open("rb") as stream, ExitStack() as set_in_hand:
        poster: _Poster | None = None
        for item in stream_835(stream, path.name, report):
            match item:
                case Remittance():
                    connection = set_in_hand.enter_context(ledger.writing())
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
                        poster.connection.rollback()
                    set_in_hand.close()
                    poster = None
                    yield receipt


class _Poster:
    """Posts one remittance while it is being read. Memory is flat: rows go out batch by batch."""

    def __init__(
        self, connection: Connection, remittance: Remittance, dispositions: Dispositions, moment: datetime, file: str
    ) -> None:
        self.connection = connection
        self.remittance = remittance
        self._moment = moment.isoformat(timespec="seconds")
        self._file = file
        self._payer_id = remittance.payer_id or remittance.payer.id or remittance.payer.name
        self._day = remittance.payment_date or remittance.production_date or date.min
        self._amount, unreadable = _cents(remittance.payment_amount)
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
        self._held_because = self._why_held(unreadable or remittance.unreadable > 0)
        self._around = Circumstances(self._payer_id, self._day, dispositions, self._held_because)
        self._id = next_id(connection, schema.remittances)
        self._next_payment = next_id(connection, schema.claim_payments)
        self._next_entry = next_id(connection, schema.entries)
        self._next_suspense = next_id(connection, schema.suspense)
        self._rows = _Rows()
        self._batch: list[tuple[int, ClaimPayment]] = []
        self._late = _Spool()
        self._claims = self._adjustments = 0
        self._cash = self._posted = self._suspense = self._adjusted = 0

    def _why_held(self, unreadable: bool) -> str:
        if self._known_digests:
            return "the same payment came before with other content"
        if unreadable:
            return "the payment's own data cannot be read"
        remittance = self.remittance
        if self._amount and (remittance.handling == _NOTICE_ONLY or remittance.payment_method == _NON_PAYMENT):
            return "a notice only: no money came with it"
        return ""

    def add(self, payment: ClaimPayment) -> None:
        """Take the next claim payment of the set."""
        self._claims += 1
        self._batch.append((self._claims, payment))
        if len(self._batch) >= _BATCH:
            self._post_batch(final=False)

    def adjust(self, adjustment: ProviderAdjustment) -> None:
        """Book one provider adjustment: a positive amount takes money from the payment."""
        amount, _ = _cents(adjustment.amount)
        self._adjustments += 1
        self._rows.provider_adjustments.append(
            (
                self._id, self._adjustments, adjustment.provider, adjustment.fiscal_period, adjustment.reason,
                adjustment.reference, amount,
            )
        )  # fmt: skip
        if self._held_because:
            return  # a payment that is held whole moves nothing but suspense
        self._adjusted += amount
        self._enter(
            "provider adjustment",
            [Leg(accounts.PROVIDER_ADJUSTMENT, None, amount), Leg(accounts.INSURANCE_CASH, None, -amount)],
            None,
        )

    def finish(self, end: RemittanceEnd, report: Report) -> Receipt:
        """Post what waited, hold what is left over, and write the remittance itself."""
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
            differs = "the payment differs from its claims and provider adjustments"
            held = Held(None, None, left_over, self._held_because or differs)
            entry = self._enter("out of balance", suspense_legs(left_over), None)
            self._hold(held, None, entry, None)
        self._write_remittance(end)
        self._flush()
        if self._held_because:
            report(diagnose("P503", where, trace=self.remittance.trace_number, reason=self._held_because))
        return self._receipt("held" if self._held_because else "posted")

    def _post_late(self, *, reversals_only: bool, final: bool) -> None:
        """Try again what could not be decided before: reversals first, then what they made room for."""
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
        numbers = {normalised(payment.patient_control_number) for _, payment in self._batch} - {""}
        states = find_claims(self.connection, numbers)
        for ordinal, payment in self._batch:
            known = states.get(normalised(payment.patient_control_number), [])
            self._post(ordinal, payment, known, final=final)
        self._batch.clear()

    def _post(self, ordinal: int, payment: ClaimPayment, known: list[ClaimState], *, final: bool) -> None:
        try:
            match = match_claim(payment, [state.claim for state in known])
        except NotAnAmount:
            match = Unmatched()
        state = next((s for s in known if isinstance(match, Matched) and s.claim is match.claim), None)
        posting = plan(payment, match, state, self._around)
        if posting.may_change and not final:
            self._late.append(ordinal, payment)
            return
        self._record(ordinal, payment, posting)
        if state is not None and posting.claim is not None:
            apply(posting, state, self._next_payment, payment, self._payer_id)
        self._next_payment += 1

    def _record(self, ordinal: int, payment: ClaimPayment, posting: Posting) -> None:
        rows, payment_id = self._rows, self._next_payment
        rows.claim_payments.append(
            (
                payment_id, self._id, ordinal, posting.claim.id if posting.claim else None, self._payer_id,
                payment.patient_control_number, payment.payer_claim_number, payment.status,
                _cents(payment.charge)[0], _cents(payment.paid)[0], posting.matched_by, posting.sequence,
                posting.reverses, payment.source.segment if payment.source else 0, record_encoder.encode(payment),
            )
        )  # fmt: skip
        for number, service in enumerate(payment.services, start=1):
            match = posting.lines[number - 1] if posting.lines else None
            rows.service_payments.append(
                (
                    payment_id, number, match.line.id if match and match.line else None, match.rule if match else "",
                    _cents(service.charge)[0], _cents(service.paid)[0],
                )
            )  # fmt: skip
        if posting.claim_level_line is not None:
            charge = 0 if payment.services else to_cents(payment.charge)
            rows.service_payments.append(
                (
                    payment_id, CLAIM_LEVEL, posting.claim_level_line, "claim level", charge,
                    to_cents(payment.unspread),
                )
            )  # fmt: skip
        for number, done in enumerate(posting.effects, start=1):
            adjustment = done.adjustment
            rows.adjustments.append(
                (
                    payment_id, number, done.service, adjustment.group, adjustment.reason,
                    _cents(adjustment.amount)[0], done.effect,
                )
            )  # fmt: skip
        entry = self._enter("reversal" if posting.reverses else "claim payment", posting.legs, payment_id)
        for held in posting.held:
            self._hold(held, payment_id, entry if held.amount else None, payment.patient_control_number)

    def _enter(self, kind: str, legs: list[Leg], payment_id: int | None) -> int | None:
        """One entry with these legs; none where nothing moves."""
        legs = [leg for leg in legs if leg.amount]
        if not legs:
            return None
        entry, self._next_entry = self._next_entry, self._next_entry + 1
        for number, leg in enumerate(legs, start=1):
            self._rows.legs.append((entry, number, leg.account, leg.line_id, leg.amount))
            if leg.account == accounts.INSURANCE_CASH:
                self._cash += leg.amount
                self._posted += leg.amount if leg.line_id is not None else 0
        self._rows.entries.append((entry, kind, self._day.isoformat(), self._moment, None, self._id, payment_id))
        return entry

    def _hold(self, held: Held, payment_id: int | None, entry: int | None, control_number: str | None) -> None:
        self._rows.suspense.append(
            (
                self._next_suspense, self._id, payment_id, held.service, entry, control_number,
                held.line_control_number, held.amount, held.reason,
            )
        )  # fmt: skip
        self._next_suspense += 1
        self._suspense += held.amount

    def _write_remittance(self, end: RemittanceEnd) -> None:
        remittance, source = self.remittance, self.remittance.source
        insert_rows(
            self.connection,
            schema.remittances,
            [
                (
                    self._id, self._payer_id, remittance.payer.name, remittance.trace_number, self._day.isoformat(),
                    remittance.payment_method, self._amount, end.digest, self._file,
                    source.interchange if source else "", self._set_control_number(),
                    source.segment if source else 0, self._moment, self._held_because,
                    record_encoder.encode(remittance),
                )
            ],
        )  # fmt: skip

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


class _Rows:
    """Rows that wait to be written, table by table, parents before children where the check is immediate."""

    def __init__(self) -> None:
        self.claim_payments: list[tuple[object, ...]] = []
        self.service_payments: list[tuple[object, ...]] = []
        self.adjustments: list[tuple[object, ...]] = []
        self.provider_adjustments: list[tuple[object, ...]] = []
        self.legs: list[tuple[object, ...]] = []
        self.entries: list[tuple[object, ...]] = []
        self.suspense: list[tuple[object, ...]] = []

    def write(self, connection: Connection) -> None:
        for name, rows in vars(self).items():
            insert_rows(connection, schema.metadata.tables[name], rows)
            rows.clear()


class _Spool:
    """Claim payments that wait for the end of the set, on disk when they are many."""

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


def _cents(amount: Decimal) -> tuple[int, bool]:
    """Cents, and whether the amount is no money: then it counts as nothing, and the remittance comes out short."""
    try:
        return to_cents(amount), False
    except NotAnAmount:
        return 0, True
