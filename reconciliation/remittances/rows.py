"""The ledger rows of one claim payment: its content, its claim and lines, and the disposition of its adjustments."""

from decimal import Decimal

from sqlalchemy import Connection

from claimloop.edi.money import NotAnAmount, to_cents
from claimloop.edi.records.remittance import ClaimPayment
from claimloop.reconciliation.claims.states import record_encoder
from claimloop.reconciliation.ledger.inserts import (
    AdjustmentRow,
    ClaimPaymentRow,
    EntryRow,
    LegRow,
    ProviderAdjustmentRow,
    RecoveryRow,
    ServicePaymentRow,
    SuspenseRow,
    insert,
)
from claimloop.reconciliation.posting.allocation import Posting
from claimloop.reconciliation.posting.claim_state import CLAIM_LEVEL


class Rows:
    """Rows to be written table by table, parents before children where the database checks immediately."""

    def __init__(self) -> None:
        self.claim_payments: list[ClaimPaymentRow] = []
        self.service_payments: list[ServicePaymentRow] = []
        self.adjustments: list[AdjustmentRow] = []
        self.provider_adjustments: list[ProviderAdjustmentRow] = []
        self.recoveries: list[RecoveryRow] = []
        self.legs: list[LegRow] = []
        self.entries: list[EntryRow] = []
        self.suspense: list[SuspenseRow] = []

    def write(self, connection: Connection) -> None:
        """Write all of them; none are left."""
        for rows in vars(self).values():
            insert(connection, rows)
            rows.clear()

    # Long: it only lists the columns of three tables, one a line, in the order of the rows that depend on each other.
    def add_payment(
        self, payment_id: int, remittance_id: int, ordinal: int, payer_id: str, payment: ClaimPayment,
        posting: Posting, origin_id: int | None = None,
    ) -> None:  # fmt: skip
        """Add a claim payment with its services and adjustments; the caller adds the entry and items of suspense."""
        self.claim_payments.append(
            ClaimPaymentRow(
                id=payment_id,
                remittance_id=remittance_id,
                ordinal=ordinal,
                claim_id=posting.claim.id if posting.claim else None,
                payer_id=payer_id,
                patient_control_number=payment.patient_control_number,
                payer_claim_number=payment.payer_claim_number,
                status=payment.status,
                charge=cents(payment.charge)[0],
                paid=cents(payment.paid)[0],
                match_rule=posting.match_rule,
                sequence=posting.sequence,
                reverses_id=posting.reverses,
                origin_id=origin_id,
                segment=payment.source.segment if payment.source else 0,
                record=record_encoder.encode(payment),
                likely_claim_control_number=posting.likely_claim,
            )
        )
        for number, service in enumerate(payment.services, start=1):
            match = posting.lines[number - 1] if posting.lines else None
            self.service_payments.append(
                ServicePaymentRow(
                    claim_payment_id=payment_id,
                    ordinal=number,
                    line_id=match.line.id if match and match.line else None,
                    match_rule=match.rule if match else "",
                    charge=cents(service.charge)[0],
                    paid=cents(service.paid)[0],
                )
            )
        if posting.claim_level_line is not None:
            charge = 0 if payment.services else to_cents(payment.charge)
            self.service_payments.append(
                ServicePaymentRow(
                    claim_payment_id=payment_id,
                    ordinal=CLAIM_LEVEL,
                    line_id=posting.claim_level_line,
                    match_rule="claim_level",
                    charge=charge,
                    paid=to_cents(payment.unspread),
                )
            )
        for number, done in enumerate(posting.effects, start=1):
            adjustment = done.adjustment
            self.adjustments.append(
                AdjustmentRow(
                    claim_payment_id=payment_id,
                    ordinal=number,
                    service_ordinal=done.service,
                    group_code=adjustment.group,
                    reason=adjustment.reason,
                    amount=cents(adjustment.amount)[0],
                    disposition=done.effect,
                )
            )


def cents(amount: Decimal) -> tuple[int, bool]:
    """Return the cents of an amount, and true if it is not a valid amount.

    An invalid amount counts as zero, so the remittance does not balance and the difference goes to suspense.
    """
    try:
        return to_cents(amount), False
    except NotAnAmount:
        return 0, True
