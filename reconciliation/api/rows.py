"""The rows that the public face gives, and the only place where it asks `queries` and `worklists` for them.

Today those rooms give dicts with money as text; here they become records with cents. Once the rooms give records
themselves, this module only passes on their names.
"""

from collections.abc import Mapping
from functools import cache
from typing import Annotated, TypeVar, get_origin, get_type_hints

import msgspec
from sqlalchemy import Connection

from claimloop.edi.columns import MONEY
from claimloop.reconciliation.configuration.as_of import AsOf
from claimloop.reconciliation.queries.claim_history import story
from claimloop.reconciliation.queries.views import VIEWS, LineBalance
from claimloop.reconciliation.worklists import registry

T = TypeVar("T", bound=msgspec.Struct)
Cents = Annotated[int, MONEY]


class LineRow(msgspec.Struct, frozen=True):
    """A submitted line, or the money at claim level (`line_control_number` None). Balances are cents."""

    claim_control_number: str
    line_control_number: str | None
    payer_id: str
    procedure: str | None
    modifiers: tuple[str, ...]
    service_date: str | None
    balance: LineBalance
    status: str


class ClaimRow(msgspec.Struct, frozen=True):
    """A submitted claim with the file that it was in. Balances are cents."""

    claim_control_number: str
    encounter_id: str
    version: int
    payer_id: str
    payer_name: str
    service_date: str
    file: str
    submitted: str
    balance: LineBalance
    status: str


class RemittanceRow(msgspec.Struct, frozen=True):
    """A remittance in cents: `payment_amount = posted + suspense + resolved − provider_adjustments`.

    `resolved` is what staff took out of suspense without posting it. `difference` is always zero.
    """

    trace_number: str
    payer_id: str
    payment_date: str
    payment_amount: Cents
    posted: Cents
    suspense: Cents
    provider_adjustments: Cents
    difference: Cents
    payer_name: str
    file: str
    resolved: Cents


class SuspenseRow(msgspec.Struct, frozen=True):
    """An item that needs work, also where its amount is zero. `amount` is in cents."""

    trace_number: str
    claim_control_number: str | None
    line_control_number: str | None
    amount: Cents
    reason: str
    item: int
    file: str
    segment: int | None
    payment_date: str
    hold_reason: str


class LegRow(msgspec.Struct, frozen=True):
    """A leg of an entry in cents. Debits are positive, and the legs of an entry sum to zero."""

    entry: int
    kind: str
    day: str
    posted: str
    trace_number: str | None
    claim_control_number: str | None
    line_control_number: str | None
    account: str
    amount: Cents


class DenialRow(msgspec.Struct, frozen=True):
    """One denied adjustment: group and reason code (CAS), and the remark codes that came with it. Cents."""

    claim_control_number: str
    line_control_number: str | None
    payer_id: str
    procedure: str | None
    group: str
    reason: str
    remarks: tuple[str, ...]
    amount: Cents
    trace_number: str
    payment_date: str


class DecisionRow(msgspec.Struct, frozen=True):
    """A manual entry as its CSV and JSON Lines forms have it, with `amount` in cents.

    What begins with `item` is empty where it is not about an item in suspense.
    """

    kind: str
    claim: str
    line: str
    amount: Cents
    day: str
    reference: str
    from_: str = msgspec.field(name="from", default="")
    to: str = ""
    note: str = ""
    item_payer_id: str = ""
    item_trace_number: str = ""
    item_payment_date: str = ""
    item_payment_amount: str = ""
    item_digest: str = ""
    item_claim_payment: int | str = ""
    item_service: int | str = ""


class DeniedLine(msgspec.Struct, frozen=True):
    """A line, or a claim that its payer denied as a whole, of which something is still denied (cents).

    `kind` is the denial category of the first reason that has one. `trace_number`, `file`, and `segment` are those of
    the last denial.
    """

    claim_control_number: str
    line_control_number: str | None
    payer_id: str
    procedure: str | None
    denied: Cents
    kind: str
    reasons: tuple[str, ...]
    remarks: tuple[str, ...]
    days: int
    trace_number: str
    file: str
    segment: int


class HeldItem(msgspec.Struct, frozen=True):
    """An open item in suspense, also where its amount is zero. `amount` is in cents."""

    item: int
    amount: Cents
    reason: str
    trace_number: str
    claim_control_number: str | None
    line_control_number: str | None
    days: int
    file: str
    segment: int | None
    hold_reason: str


class DueToNextPayer(msgspec.Struct, frozen=True):
    """A claim, its primary payer, and the payer that it is due to, which is `turn` in order of benefits. Cents."""

    claim_control_number: str
    payer_name: str
    next_payer: str
    turn: int
    open: Cents


class Credit(msgspec.Struct, frozen=True):
    """What a claim was overpaid, in cents: by payers, or by the patient once payers owe nothing more."""

    claim_control_number: str
    payer_name: str
    whose: str
    credit: Cents


class Rejected(msgspec.Struct, frozen=True):
    """A rejected claim and the acknowledgement that rejected it. `charge` is in cents."""

    claim_control_number: str
    payer_name: str
    charge: Cents
    said: str
    days: int
    file: str
    segment: int


class Unpaired(msgspec.Struct, frozen=True):
    """A deposit or a remittance (cents), what is wrong with it, and the rule by which others fit it.

    `days` are the business days that it has waited for its counterpart; None where it has one.
    """

    state: str
    payer_name: str
    trace_number: str
    date: str
    amount: Cents
    days: int | None
    late: str
    rule: str
    file: str


class ProviderAdjustment(msgspec.Struct, frozen=True):
    """One reference of a payer that is wrong, or by which it took what is booked on no claim. Cents."""

    reason: str
    reference: str
    payer_name: str
    balance: Cents
    taken: Cents
    given: Cents
    first: str
    last: str
    days: int
    alarm: str
    claim: str
    recouped: Cents
    late: str


class Unanswered(msgspec.Struct, frozen=True):
    """A claim, the answer that it waits for, and how late that is. `open` is in cents."""

    claim_control_number: str
    payer_id: str
    payer_name: str
    partner: str
    awaited: str
    since: str
    due: str
    days_late: int
    late: str
    open: Cents
    last_said: str
    file: str


class Deadline(msgspec.Struct, frozen=True):
    """The day until which a claim is to be filed (`file`) or a denied line appealed (`appeal`). Cents."""

    what: str
    claim_control_number: str
    line_control_number: str | None
    payer_id: str
    payer_name: str
    amount: Cents
    since: str
    deadline: str
    days_left: int
    late: str
    said: str
    file: str


class Submitted(msgspec.Struct, frozen=True, kw_only=True):
    """The claim went out to a payer, as a claim, a correction, or a void."""

    event: str
    day: str
    claim_control_number: str
    payer: str
    turn: int
    sent_as: str = msgspec.field(name="as")
    file: str
    set_number: str = msgspec.field(name="set")
    charge: Cents


class AcknowledgedLine(msgspec.Struct, frozen=True):
    """What a 277CA reports about one line."""

    line_control_number: str
    procedure: str
    codes: tuple[str, ...]


class Acknowledged(msgspec.Struct, frozen=True, kw_only=True):
    """A TA1, 999, or 277CA about the claim's file, its set, or the claim: accepted, rejected, or answered."""

    event: str
    day: str
    claim_control_number: str
    kind: str
    about: str
    code: str
    text: str
    payer_claim_number: str
    lines: tuple[AcknowledgedLine, ...]
    file: str
    segment: int


class AdjustmentOfPayment(msgspec.Struct, frozen=True):
    """One adjustment (CAS) of a payment and its disposition."""

    line_control_number: str | None
    group: str
    reason: str
    amount: Cents
    disposition: str


class Paid(msgspec.Struct, frozen=True, kw_only=True):
    """A payment or reversal was posted to the claim; `held` is the part of it in suspense."""

    event: str
    day: str
    payer: str
    trace_number: str
    payer_claim_number: str
    claim_status: str
    charge: Cents
    paid: Cents
    matched_by: str
    adjustments: tuple[AdjustmentOfPayment, ...]
    held: Cents
    file: str
    segment: int
    match_rule: str


class ManualEntry(msgspec.Struct, frozen=True, kw_only=True):
    """Staff entered a decision."""

    event: str
    day: str
    kind: str
    line_control_number: str | None
    amount: Cents
    from_: str = msgspec.field(name="from")
    to: str
    reference: str
    note: str


class Recouped(msgspec.Struct, frozen=True, kw_only=True):
    """A provider-level adjustment names the claim; `recouped` is what is open again of it now."""

    event: str
    day: str
    payer: str
    trace_number: str
    reason: str
    reference: str
    amount: Cents
    recouped: Cents
    file: str
    segment: int


Event = Submitted | Acknowledged | Paid | ManualEntry | Recouped


class ClaimHistory(msgspec.Struct, frozen=True):
    """The claim and its lines with their balances now, and its events in order. Amounts are cents."""

    claim: ClaimRow
    lines: tuple[LineRow, ...]
    events: tuple[Event, ...]


EXPORTS: dict[str, type[msgspec.Struct]] = {
    "lines": LineRow,
    "claims": ClaimRow,
    "remittances": RemittanceRow,
    "suspense": SuspenseRow,
    "entries": LegRow,
    "denials": DenialRow,
    "decisions": DecisionRow,
}
"""The type of the rows of each export."""

WORKLISTS: dict[str, type[msgspec.Struct]] = {
    "denials": DeniedLine,
    "suspense": HeldItem,
    "secondary": DueToNextPayer,
    "credits": Credit,
    "rejected": Rejected,
    "deposits": Unpaired,
    "provider": ProviderAdjustment,
    "unanswered": Unanswered,
    "deadlines": Deadline,
}
"""The type of the rows of each work list."""

_EVENTS: dict[str, type[Event]] = {
    "submitted": Submitted,
    "accepted": Acknowledged,
    "rejected": Acknowledged,
    "answered": Acknowledged,
    "payment": Paid,
    "reversal": Paid,
    "by hand": ManualEntry,
    "recoupment": Recouped,
}


def export_rows(connection: Connection, name: str) -> list[msgspec.Struct]:
    """Return the rows of an export."""
    return [_record(row, EXPORTS[name]) for row in VIEWS[name](connection)]


def worklist_rows(connection: Connection, name: str, when: AsOf) -> list[msgspec.Struct]:
    """Return the rows of a work list as of a day, in its order."""
    return [_record(row, WORKLISTS[name]) for row in registry.WORKLISTS[name](connection, when)]


def history_of(connection: Connection, claim_id: int, *, show_values: bool) -> ClaimHistory:
    """Return the history of a claim. Free text of acknowledgements can name people: only with `show_values`."""
    found = story(connection, claim_id, show_values=show_values)
    return ClaimHistory(
        _record(found["claim"], ClaimRow),
        tuple(_record(line, LineRow) for line in found["lines"]),
        tuple(_record(event, _EVENTS[event["event"]]) for event in found["events"]),
    )


def _record(row: Mapping[str, object], row_type: type[T]) -> T:
    """Return a row as a record of this type, with cents for money that is text."""
    values = {name: _cents(value) if name in _money(row_type) else value for name, value in row.items()}
    if "balance" in row_type.__struct_fields__ and row_type in (LineRow, ClaimRow):
        values["balance"] = {name: _cents(row[name]) for name in LineBalance.__struct_fields__}
    if row_type is Paid and isinstance(adjustments := row["adjustments"], list):
        values["adjustments"] = [_record(each, AdjustmentOfPayment) for each in adjustments]
    return msgspec.convert(values, row_type)


@cache
def _money(row_type: type[msgspec.Struct]) -> frozenset[str]:
    """Return the fields of a row type that are money."""
    hints = get_type_hints(row_type, include_extras=True)
    fields = msgspec.structs.fields(row_type)
    return frozenset(each.encode_name for each in fields if get_origin(hints[each.name]) is Annotated)


def _cents(amount: object) -> int:
    return int(str(amount).replace(".", ""))
