"""What the ledger says, as rows: for export, `status` or a report. Read only; amounts are text, two decimals."""

from collections.abc import Callable, Iterator
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection, Row, Select, case, exists, func, select

from claimloop.edi.money import two_decimals
from claimloop.edi.records.remittance import ClaimPayment
from claimloop.reconciliation.acknowledgements.status import rejected_claims
from claimloop.reconciliation.claims import manual_entries
from claimloop.reconciliation.claims.statements import VOID
from claimloop.reconciliation.ledger import accounts, schema
from claimloop.reconciliation.ledger.stored_codes import hold_reason_text

Cell = str | int | None | list[str]
View = Callable[[Connection], Iterator[dict[str, Cell]]]
"""Rows of one kind, with the same columns in each."""

_legs, _lines, _claims, _entries = schema.legs.c, schema.lines.c, schema.claims.c, schema.entries.c
_sendings, _submissions = schema.sendings.c, schema.submissions.c
_remittances, _suspense, _payments = schema.remittances.c, schema.suspense.c, schema.claim_payments.c
_services, _adjustments, _former = schema.service_payments.c, schema.adjustments.c, schema.former_texts.c

_MONEY = ("charge", "insurance_paid", "contractual", "written_off", "patient", "open", "denied")
"""The columns of a line's identity, in the order of `_money_columns`."""


COLUMNS: dict[str, tuple[str, ...]] = {
    "lines": (
        "claim_control_number",
        "line_control_number",
        "payer_id",
        "procedure",
        "modifiers",
        "service_date",
        *_MONEY,
        "status",
    ),
    "claims": (
        "claim_control_number",
        "encounter_id",
        "version",
        "payer_id",
        "payer_name",
        "service_date",
        "file",
        "submitted",
        *_MONEY,
        "status",
    ),
    "remittances": (
        "trace_number",
        "payer_id",
        "payment_date",
        "payment_amount",
        "posted",
        "suspense",
        "provider_adjustments",
        "difference",
        "payer_name",
        "file",
        "resolved",
    ),
    "suspense": (
        "trace_number",
        "claim_control_number",
        "line_control_number",
        "amount",
        "reason",
        "item",
        "file",
        "segment",
        "payment_date",
        "hold_reason",
    ),
    "entries": (
        "entry",
        "kind",
        "day",
        "posted",
        "trace_number",
        "claim_control_number",
        "line_control_number",
        "account",
        "amount",
    ),
    "denials": (
        "claim_control_number",
        "line_control_number",
        "payer_id",
        "procedure",
        "group",
        "reason",
        "remarks",
        "amount",
        "trace_number",
        "payment_date",
    ),
    "decisions": manual_entries.COLUMNS,
}
"""The columns of each view, in their order."""


class LineBalance(msgspec.Struct, frozen=True):
    """The identity of one line, claim or ledger in cents; `open` includes `denied`."""

    charge: int
    insurance_paid: int
    contractual: int
    written_off: int
    patient: int
    open: int
    denied: int

    @property
    def difference(self) -> int:
        """Zero, always: `charge − insurance_paid − contractual − written_off − patient − open`."""
        return self.charge - self.insurance_paid - self.contractual - self.written_off - self.patient - self.open


def sum_of(*names: str) -> ColumnElement[int]:
    """What stands in these accounts, of the legs that a query groups."""
    return func.coalesce(func.sum(case((_legs.account.in_(names), _legs.amount), else_=0)), 0)


def _money_columns() -> tuple[ColumnElement[int], ...]:
    return (
        -sum_of(accounts.CHARGE), sum_of(accounts.INSURANCE_CASH), sum_of(accounts.CONTRACTUAL),
        sum_of(accounts.WRITTEN_OFF), sum_of(accounts.PATIENT, accounts.PATIENT_CASH),
        sum_of(accounts.OPEN, accounts.DENIED),
        sum_of(accounts.DENIED),
    )  # fmt: skip


_RESOLVED = (accounts.REFUND, accounts.SUSPENSE_ENDED)


def end_of_claim() -> ColumnElement[str]:
    """How a claim came to stand no longer, in one word; empty while it stands."""
    void, successor = schema.sendings.alias(), schema.claims.alias()
    voided = exists().where(void.c.claim_id == _claims.id, void.c.frequency == VOID)
    replaced = exists().where(successor.c.encounter_id == _claims.encounter_id, successor.c.version > _claims.version)
    return case((voided, "voided"), (replaced, "replaced"), else_="")


def _status(balance: LineBalance, end: str, adjudicated: bool, rejected: bool) -> str:
    """In one word what a biller asks first.

    replaced, voided: the claim stands no longer, and what is still charged is what payers have not taken back;
    rejected: turned away before any payer decided, so as good as never filed; submitted: no answer yet; denied, partly
    denied: refused money waits for work; open: answered, but a payer still owes; paid: a payer paid; patient: only the
    patient owes; adjusted: nothing is owed and nothing was paid.
    """
    if end:
        return end
    if rejected:
        return "rejected"
    if not adjudicated:
        return "submitted"
    if balance.denied > 0:
        return "denied" if not balance.insurance_paid and not balance.patient else "partly denied"
    if balance.open:
        return "open"
    if balance.insurance_paid:
        return "paid"
    return "patient" if balance.patient else "adjusted"


def _balance(row: Row[*tuple[Any, ...]], start: int) -> LineBalance:
    return LineBalance(*map(int, row[start : start + len(_MONEY)]))


def _spelled(balance: LineBalance) -> list[Cell]:
    return [two_decimals(getattr(balance, name)) for name in _MONEY]


def lines(connection: Connection, claim_id: int | None = None) -> Iterator[dict[str, Cell]]:
    """One row a submitted line, and one a claim's bucket that holds money now (`line_control_number` null)."""
    rejected = rejected_claims(connection, claim_id)
    answered = exists().where(_services.line_id == _lines.id)
    query = (
        select(
            _claims.patient_control_number, _lines.line_control_number, _claims.payer_id, _lines.procedure,
            _lines.modifiers, _lines.service_from, _lines.number, end_of_claim(), answered, _claims.id,
            *_money_columns(),
        )
        .join_from(schema.lines, schema.claims, _lines.claim_id == _claims.id)
        .outerjoin(schema.legs, _legs.line_id == _lines.id)
        .group_by(_lines.id, _claims.id)
        .order_by(_lines.id)
    )  # fmt: skip
    if claim_id is not None:
        query = query.where(_claims.id == claim_id)
    for row in _stream(connection, query):
        balance = _balance(row, 10)
        if row[6] == 0 and not any(msgspec.structs.astuple(balance)):
            continue
        yield dict(
            zip(
                COLUMNS["lines"],
                (
                    row[0],
                    row[1],
                    row[2],
                    row[3],
                    row[4].split(),
                    row[5],
                    *_spelled(balance),
                    _status(balance, row[7], bool(row[8]) or row[6] == 0, row[9] in rejected),
                ),
                strict=True,
            )
        )


def claims(connection: Connection, claim_id: int | None = None) -> Iterator[dict[str, Cell]]:
    """One row a submitted claim."""
    for row, balance, status in _claims_with_status(connection, claim_id):
        yield dict(zip(COLUMNS["claims"], (*row[:8], *_spelled(balance), status), strict=True))


def _claims_with_status(
    connection: Connection, claim_id: int | None = None
) -> Iterator[tuple[Row[*tuple[Any, ...]], LineBalance, str]]:
    rejected = rejected_claims(connection, claim_id)
    answered = exists().where(_payments.claim_id == _claims.id)
    query = (
        select(
            _claims.patient_control_number, _claims.encounter_id, _claims.version, _claims.payer_id,
            _claims.payer_name, _claims.service_from, _submissions.file_name,
            func.substr(_submissions.created, 1, 10), end_of_claim(), answered, _claims.id, *_money_columns(),
        )
        .join_from(schema.claims, schema.lines, _lines.claim_id == _claims.id)
        .join(schema.sendings, (_sendings.claim_id == _claims.id) & (_sendings.version == _claims.version))
        .join(schema.submissions, _submissions.id == _sendings.submission_id)
        .outerjoin(schema.legs, _legs.line_id == _lines.id)
        .group_by(_claims.id, _submissions.id)
        .order_by(_claims.id)
    )  # fmt: skip
    if claim_id is not None:
        query = query.where(_claims.id == claim_id)
    for row in _stream(connection, query):
        balance = _balance(row, 11)
        yield row, balance, _status(balance, row[8], bool(row[9]), row[10] in rejected)


def remittances(connection: Connection) -> Iterator[dict[str, Cell]]:
    """One row a remittance: `payment_amount = posted + suspense − provider_adjustments`, and the difference.

    Money that a person took out of suspense without posting it (`resolved`) counts as posted somewhere else.
    """
    with_line = case((_legs.line_id.is_not(None) & (_legs.account == accounts.INSURANCE_CASH), _legs.amount), else_=0)
    query = (
        select(
            _remittances.trace_number, _remittances.payer_id, _remittances.payment_date, _remittances.amount,
            func.coalesce(func.sum(with_line), 0), -sum_of(accounts.SUSPENSE),
            sum_of(accounts.PROVIDER_ADJUSTMENT), _remittances.payer_name, _remittances.file,
            -sum_of(*_RESOLVED),
        )
        .select_from(schema.remittances)
        .outerjoin(schema.entries, _entries.remittance_id == _remittances.id)
        .outerjoin(schema.legs, _legs.entry_id == _entries.id)
        .group_by(_remittances.id)
        .order_by(_remittances.id)
    )  # fmt: skip
    for trace, payer, day, amount, posted, suspense, adjusted, name, file, resolved in _stream(connection, query):
        yield dict(
            zip(
                COLUMNS["remittances"],
                (
                    trace,
                    payer,
                    day,
                    two_decimals(amount),
                    two_decimals(posted),
                    two_decimals(suspense),
                    two_decimals(adjusted),
                    two_decimals(amount - (posted + suspense + resolved - adjusted)),
                    name,
                    file,
                    two_decimals(resolved),
                ),
                strict=True,
            )
        )


def item_is_open() -> ColumnElement[bool]:
    """True for an item that no other one settles, and that settles none."""
    settled = select(_suspense.settles_id).where(_suspense.settles_id.is_not(None))
    return _suspense.settles_id.is_(None) & _suspense.id.not_in(settled)


def suspense(connection: Connection) -> Iterator[dict[str, Cell]]:
    """One row an item that a person has to look at, also where no money hangs on it."""
    query = (
        select(
            _remittances.trace_number, _suspense.claim_control_number, _suspense.line_control_number,
            _suspense.amount, _suspense.id, _remittances.file, _payments.segment, _remittances.payment_date,
            _suspense.hold_reason, _payments.status, _payments.reverses_id, _former.text,
        )
        .join_from(schema.suspense, schema.remittances, _remittances.id == _suspense.remittance_id)
        .outerjoin(schema.claim_payments, _payments.id == _suspense.claim_payment_id)
        .outerjoin(
            schema.former_texts, (_former.table_name == schema.suspense.name) & (_former.row_id == _suspense.id)
        )
        .where(item_is_open())
        .order_by(_suspense.id)
    )  # fmt: skip
    for trace, claim, line, amount, item, file, segment, day, hold_reason, *told in _stream(connection, query):
        reason = reason_of_item(hold_reason, *told)
        yield dict(
            zip(
                COLUMNS["suspense"],
                (trace, claim, line, two_decimals(amount), reason, item, file, segment, day, hold_reason),
                strict=True,
            )
        )


def reason_of_item(hold_reason: str, claim_status: str | None, reverses: int | None, former_text: str | None) -> str:
    """Why an item of suspense is held, in words: those of an older version where it had no code for them."""
    return former_text or hold_reason_text(hold_reason, claim_status, reverses=reverses is not None)


def entries(connection: Connection) -> Iterator[dict[str, Cell]]:
    """One row a leg of the journal; debits are positive, and the legs of an entry sum to zero."""
    query = (
        select(
            _entries.id, _entries.kind, _entries.day, _entries.posted, _remittances.trace_number,
            _claims.patient_control_number, _lines.line_control_number, _legs.account, _legs.amount,
        )
        .join_from(schema.legs, schema.entries, _entries.id == _legs.entry_id)
        .outerjoin(schema.remittances, _remittances.id == _entries.remittance_id)
        .outerjoin(schema.lines, _lines.id == _legs.line_id)
        .outerjoin(schema.claims, _claims.id == _lines.claim_id)
        .order_by(_legs.entry_id, _legs.number)
    )  # fmt: skip
    for entry, kind, day, posted, trace, claim, line, account, amount in _stream(connection, query):
        yield dict(
            zip(
                COLUMNS["entries"],
                (entry, kind, day, posted, trace, claim, line, account, two_decimals(amount)),
                strict=True,
            )
        )


def denials(connection: Connection) -> Iterator[dict[str, Cell]]:
    """One row a refused amount that no reversal has undone: why, where, and the remark codes that came with it."""
    undone = select(_payments.reverses_id).where(_payments.reverses_id.is_not(None))
    query = (
        select(
            _claims.patient_control_number, _lines.line_control_number, _claims.payer_id, _lines.procedure,
            _adjustments.group_code, _adjustments.reason, _adjustments.amount, _remittances.trace_number,
            _remittances.payment_date, _payments.record, _adjustments.service_ordinal,
        )
        .select_from(schema.adjustments)
        .join(schema.claim_payments, _payments.id == _adjustments.claim_payment_id)
        .join(schema.claims, _claims.id == _payments.claim_id)
        .join(schema.remittances, _remittances.id == _payments.remittance_id)
        .join(
            schema.service_payments,
            (_services.claim_payment_id == _payments.id) & (_services.ordinal == _adjustments.service_ordinal),
            isouter=True,
        )
        .outerjoin(schema.lines, _lines.id == _services.line_id)
        .where(
            _adjustments.disposition == "denied",
            _payments.id.not_in(undone),
            _payments.origin_id.is_(None) | _payments.origin_id.not_in(undone),
        )
        .order_by(_payments.id, _adjustments.ordinal)
    )  # fmt: skip
    for claim, line, payer, procedure, group, reason, amount, trace, day, record, ordinal in _stream(connection, query):
        payment = msgspec.json.decode(record, type=ClaimPayment)
        remarks = [remark.code for remark in payment.services[ordinal - 1].remarks] if ordinal else []
        remarks += payment.outpatient.remarks if payment.outpatient else ()
        yield dict(
            zip(
                COLUMNS["denials"],
                (claim, line, payer, procedure, group, reason, remarks, two_decimals(amount), trace, day),
                strict=True,
            )
        )


VIEWS: dict[str, View] = {
    "lines": lines,
    "claims": claims,
    "remittances": remittances,
    "suspense": suspense,
    "entries": entries,
    "denials": denials,
    "decisions": manual_entries.decisions,
}


class Totals(msgspec.Struct, frozen=True):
    """The whole ledger in numbers: the identity of all lines, of all remittances, and how many of what. Cents."""

    claims: int
    lines: int
    claims_by_status: dict[str, int]
    balance: LineBalance
    remittances: int
    payments: int
    posted: int
    suspense: int
    resolved: int
    provider_adjustments: int
    suspense_items: int

    @property
    def difference(self) -> int:
        """Zero, always: `payments − (posted + suspense + resolved − provider_adjustments)`."""
        return self.payments - (self.posted + self.suspense + self.resolved - self.provider_adjustments)


def totals(connection: Connection) -> Totals:
    """The identities over the whole ledger."""
    row = connection.execute(select(*_money_columns()).where(_legs.line_id.is_not(None))).one()
    without_line = connection.execute(
        select(-sum_of(accounts.SUSPENSE), sum_of(accounts.PROVIDER_ADJUSTMENT), -sum_of(*_RESOLVED)).where(
            _legs.line_id.is_(None)
        )
    ).one()
    entered = connection.scalar(
        select(func.coalesce(func.sum(_legs.amount), 0))
        .join_from(schema.legs, schema.entries, _entries.id == _legs.entry_id)
        .where(_entries.kind.in_(manual_entries.ENTERED_PAYMENTS), _legs.account == accounts.INSURANCE_CASH)
    )
    balance = LineBalance(*(int(value) for value in row))
    by_status: dict[str, int] = {}
    for _, _, status in _claims_with_status(connection):
        by_status[status] = by_status.get(status, 0) + 1
    return Totals(
        claims=sum(by_status.values()),
        lines=_count(connection, select(func.count()).select_from(schema.lines).where(_lines.number > 0)),
        claims_by_status=by_status,
        balance=balance,
        remittances=_count(connection, select(func.count()).select_from(schema.remittances)),
        payments=_count(connection, select(func.coalesce(func.sum(_remittances.amount), 0))),
        posted=balance.insurance_paid - int(entered or 0),
        suspense=int(without_line[0]),
        resolved=int(without_line[2]),
        provider_adjustments=int(without_line[1]),
        suspense_items=_count(connection, select(func.count()).select_from(schema.suspense).where(item_is_open())),
    )


def _count(connection: Connection, query: Select[*tuple[Any, ...]]) -> int:
    return int(connection.scalar(query) or 0)


def _stream(connection: Connection, query: Select[*tuple[Any, ...]]) -> Iterator[Row[*tuple[Any, ...]]]:
    result = connection.execute(query.execution_options(yield_per=1000))
    try:
        yield from result
    finally:
        if not connection.closed:  # a reader that stopped early leaves the server nothing open
            result.close()
