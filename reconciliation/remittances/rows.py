"""The ledger rows of one claim payment: its content, its claim and lines, and the disposition of its adjustments."""

from decimal import Decimal

from sqlalchemy import Connection

from claimloop.edi.money import NotAnAmount, to_cents
from claimloop.edi.records.remittance import ClaimPayment
from claimloop.reconciliation.claims.states import record_encoder
from claimloop.reconciliation.ledger import schema
from claimloop.reconciliation.ledger.connection import insert_rows
from claimloop.reconciliation.posting.allocation import CLAIM_LEVEL, Posting


class Rows:
    """Rows to be written table by table, parents before children where the database checks immediately."""

    def __init__(self) -> None:
        self.claim_payments: list[tuple[object, ...]] = []
        self.service_payments: list[tuple[object, ...]] = []
        self.adjustments: list[tuple[object, ...]] = []
        self.provider_adjustments: list[tuple[object, ...]] = []
        self.recoveries: list[tuple[object, ...]] = []
        self.legs: list[tuple[object, ...]] = []
        self.entries: list[tuple[object, ...]] = []
        self.suspense: list[tuple[object, ...]] = []

    def write(self, connection: Connection) -> None:
        """Write all rows and clear them."""
        for name, rows in vars(self).items():
            insert_rows(connection, schema.metadata.tables[name], rows)
            rows.clear()

    def add_payment(
        self, payment_id: int, remittance_id: int, ordinal: int, payer_id: str, payment: ClaimPayment,
        posting: Posting, origin_id: int | None = None,
    ) -> None:  # fmt: skip
        """Add a claim payment with its services and adjustments; the caller adds the entry and items of suspense."""
        self.claim_payments.append(
            (
                payment_id, remittance_id, ordinal, posting.claim.id if posting.claim else None, payer_id,
                payment.patient_control_number, payment.payer_claim_number, payment.status,
                cents(payment.charge)[0], cents(payment.paid)[0], posting.match_rule, posting.sequence,
                posting.reverses, origin_id, payment.source.segment if payment.source else 0,
                record_encoder.encode(payment), posting.likely_claim,
            )
        )  # fmt: skip
        for number, service in enumerate(payment.services, start=1):
            match = posting.lines[number - 1] if posting.lines else None
            self.service_payments.append(
                (
                    payment_id, number, match.line.id if match and match.line else None, match.rule if match else "",
                    cents(service.charge)[0], cents(service.paid)[0],
                )
            )  # fmt: skip
        if posting.claim_level_line is not None:
            charge = 0 if payment.services else to_cents(payment.charge)
            self.service_payments.append(
                (
                    payment_id, CLAIM_LEVEL, posting.claim_level_line, "claim_level", charge,
                    to_cents(payment.unspread),
                )
            )  # fmt: skip
        for number, done in enumerate(posting.effects, start=1):
            adjustment = done.adjustment
            self.adjustments.append(
                (
                    payment_id, number, done.service, adjustment.group, adjustment.reason,
                    cents(adjustment.amount)[0], done.effect,
                )
            )  # fmt: skip


def cents(amount: Decimal) -> tuple[int, bool]:
    """Return the cents of an amount, and true if it is not a valid amount.

    An invalid amount counts as zero, so the remittance does not balance and the difference goes to suspense.
    """
    try:
        return to_cents(amount), False
    except NotAnAmount:
        return 0, True
