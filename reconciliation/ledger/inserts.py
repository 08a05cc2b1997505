"""The rows of the ledger's tables as they are inserted: every value by the name of its column.

They are tuples, so that inserting many of them costs what tuples cost.
"""

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import Connection, Table

from claimloop.reconciliation.ledger import schema
from claimloop.reconciliation.ledger.connection import insert_rows


class SubmissionRow(NamedTuple):
    """A row of `submissions`."""

    id: int
    origin: str
    file_name: str
    folder: str
    sha256: str
    interchange_control_number: str
    group_control_number: str
    partner: str
    usage: str
    created: str
    claims: int
    charge: int


class ClaimRow(NamedTuple):
    """A row of `claims`."""

    id: int
    encounter_id: str
    version: int
    part: int
    patient_control_number: str
    payer_id: str
    payer_name: str
    coverages: int
    charge: int
    service_from: str
    service_to: str


class SendingRow(NamedTuple):
    """A row of `sendings`."""

    id: int
    submission_id: int
    claim_id: int
    set_control_number: str
    version: int
    turn: int
    frequency: str
    imported: int
    patient_control_number: str
    normalised_control_number: str
    payer_id: str
    payer_name: str
    member_id: str
    normalised_member_id: str
    last_names: str
    record: bytes


class LineRow(NamedTuple):
    """A row of `lines`."""

    id: int
    claim_id: int
    number: int
    line_control_number: str | None
    procedure: str | None
    modifiers: str
    service_from: str | None
    service_to: str | None
    units: str | None
    charge: int


class RemittanceRow(NamedTuple):
    """A row of `remittances`."""

    id: int
    payer_id: str
    payer_name: str
    trace_number: str
    payment_date: str
    payment_method: str
    amount: int
    digest: str
    file: str
    interchange_control_number: str
    set_control_number: str
    segment: int
    received: str
    hold_reason: str
    record: bytes


class ClaimPaymentRow(NamedTuple):
    """A row of `claim_payments`."""

    id: int
    remittance_id: int
    ordinal: int
    claim_id: int | None
    payer_id: str
    patient_control_number: str
    payer_claim_number: str
    status: str
    charge: int
    paid: int
    match_rule: str
    sequence: int
    reverses_id: int | None
    origin_id: int | None
    segment: int
    record: bytes
    likely_claim_control_number: str | None = None


class ServicePaymentRow(NamedTuple):
    """A row of `service_payments`."""

    claim_payment_id: int
    ordinal: int
    line_id: int | None
    match_rule: str
    charge: int
    paid: int


class AdjustmentRow(NamedTuple):
    """A row of `adjustments`."""

    claim_payment_id: int
    ordinal: int
    service_ordinal: int
    group_code: str
    reason: str
    amount: int
    disposition: str


class ProviderAdjustmentRow(NamedTuple):
    """A row of `provider_adjustments`."""

    remittance_id: int
    ordinal: int
    provider: str
    fiscal_period: str
    reason: str
    reference: str
    amount: int


class RecoveryRow(NamedTuple):
    """A row of `recoveries`."""

    remittance_id: int
    ordinal: int
    payer_id: str
    normalised_reference: str
    amount: int
    segment: int


class EntryRow(NamedTuple):
    """A row of `entries`."""

    id: int
    kind: str
    day: str
    posted: str
    submission_id: int | None = None
    remittance_id: int | None = None
    claim_payment_id: int | None = None


class LegRow(NamedTuple):
    """A row of `legs`."""

    entry_id: int
    number: int
    account: str
    line_id: int | None
    amount: int


class SuspenseRow(NamedTuple):
    """A row of `suspense`."""

    id: int
    remittance_id: int
    claim_payment_id: int | None
    service_ordinal: int | None
    entry_id: int | None
    claim_control_number: str | None
    line_control_number: str | None
    amount: int
    hold_reason: str
    waits_for: str | None = None
    settles_id: int | None = None
    settled_by: str | None = None
    settled_claim_control_number: str | None = None


class StatusRow(NamedTuple):
    """A row of `statuses`."""

    id: int
    kind: str
    digest: str
    file: str
    segment: int
    received: str
    submission_id: int | None
    set_control_number: str
    claim_control_number: str | None
    normalised_control_number: str | None
    accepted: int | None
    day: str
    code: str
    payer_claim_number: str
    record: bytes


class DepositRow(NamedTuple):
    """A row of `deposits`."""

    id: int
    date: str
    amount: int
    trace_number: str
    payer_company_id: str
    company_name: str
    description: str
    file: str
    line: int
    occurrence: int
    received: str
    identity: str


class DecisionRow(NamedTuple):
    """A row of `decisions`."""

    id: int
    kind: str
    day: str
    made: str
    reference: str
    part: int
    amount: int
    suspense_id: int | None
    line_id: int | None
    entry_id: int | None
    record: bytes


class RecoupmentRow(NamedTuple):
    """A row of `recoupments`."""

    id: int
    claim_id: int
    line_id: int
    payer_id: str
    remittance_id: int | None
    entry_id: int | None
    amount: int


class RunRow(NamedTuple):
    """A row of `runs`."""

    id: int
    started: str
    finished: str
    day: str
    exit_code: int
    record: bytes


class FileRow(NamedTuple):
    """A row of `files`."""

    id: int
    sha256: str
    size: int
    name: str
    kind: str
    outcome: str
    place: str
    moment: str


Row = (
    SubmissionRow
    | ClaimRow
    | SendingRow
    | LineRow
    | RemittanceRow
    | ClaimPaymentRow
    | ServicePaymentRow
    | AdjustmentRow
    | ProviderAdjustmentRow
    | RecoveryRow
    | EntryRow
    | LegRow
    | SuspenseRow
    | StatusRow
    | DepositRow
    | DecisionRow
    | RecoupmentRow
    | RunRow
    | FileRow
)
"""A row of one of the tables."""

_TABLES: dict[type[tuple[object, ...]], Table] = {
    SubmissionRow: schema.submissions,
    ClaimRow: schema.claims,
    SendingRow: schema.sendings,
    LineRow: schema.lines,
    RemittanceRow: schema.remittances,
    ClaimPaymentRow: schema.claim_payments,
    ServicePaymentRow: schema.service_payments,
    AdjustmentRow: schema.adjustments,
    ProviderAdjustmentRow: schema.provider_adjustments,
    RecoveryRow: schema.recoveries,
    EntryRow: schema.entries,
    LegRow: schema.legs,
    SuspenseRow: schema.suspense,
    StatusRow: schema.statuses,
    DepositRow: schema.deposits,
    DecisionRow: schema.decisions,
    RecoupmentRow: schema.recoupments,
    RunRow: schema.runs,
    FileRow: schema.files,
}


def insert(connection: Connection, rows: Sequence[Row]) -> None:
    """Insert rows of one table: the bulk path."""
    if rows:
        insert_rows(connection, _TABLES[type(rows[0])], rows)
