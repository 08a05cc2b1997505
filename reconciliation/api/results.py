"""What became of what was submitted, received, or decided, as records. Money is integer cents."""

from datetime import date
from pathlib import Path
from typing import ClassVar, Literal

import msgspec

from claimloop.edi.diagnostics import Diagnostic
from claimloop.edi.money import to_cents
from claimloop.reconciliation.acknowledgements.receive import Acknowledged
from claimloop.reconciliation.bank.receive import Banked
from claimloop.reconciliation.claims.manual_entries import Kind
from claimloop.reconciliation.intake import Outcome
from claimloop.reconciliation.remittances import post
from claimloop.reconciliation.submissions.import_837p import Imported


class ClaimsSent(msgspec.Struct, frozen=True, kw_only=True):
    """What became of submitted encounters: `files` are the claim files to upload; `charge` is in cents.

    `held` counts the encounters with an error, and `already_sent` those that were sent earlier; `findings` has the
    reasons. `findings` is empty where the caller passed a `report`.
    """

    files: tuple[Path, ...]
    claims: int
    lines: int
    charge: int
    encounters: int
    held: int
    already_sent: int
    findings: tuple[Diagnostic, ...] = ()

    @property
    def errors(self) -> list[Diagnostic]:
        """Return the findings that are errors; the others are warnings and notes."""
        return [finding for finding in self.findings if finding.severity == "error"]


class RemittanceReceipt(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one remittance (835). Amounts are cents.

    `outcome` is "posted", "held" (all of it is in suspense), "known" (it was received before; no changes made), or
    "incomplete" (it has no trailer; nothing was posted).
    """

    kind: ClassVar[str] = "835"
    file: str
    outcome: Literal["posted", "held", "known", "incomplete"]
    trace_number: str
    payer_name: str
    payment_amount: int
    claims: int
    posted: int
    suspense: int
    provider_adjustments: int
    needs_work: bool


class AcknowledgementReceipt(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a file with TA1, 999, 997 or 277CA: how many new statements accept or reject.

    `known` counts statements that were received before, and `foreign` the new ones about claims and files that are not
    in this ledger.
    """

    kind: ClassVar[str] = "acknowledgements"
    file: str
    accepted: int
    rejected: int
    other: int
    known: int
    foreign: int
    needs_work: bool


class ImportReceipt(msgspec.Struct, frozen=True, kw_only=True):
    """What became of another system's 837P: how many claims are new, known, or not importable. `charge` is in cents.

    `outcome` is "known" where the same file was imported before; then no changes were made.
    """

    kind: ClassVar[str] = "837P"
    file: str
    outcome: Literal["imported", "known"]
    claims: int
    lines: int
    charge: int
    known: int
    held: int
    needs_work: bool


class DepositReceipt(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a bank's file: how many deposits are new, their sum in cents, and how many were known."""

    kind: ClassVar[str] = "bank"
    file: str
    deposits: int
    amount: int
    known: int
    needs_work: bool


Receipt = RemittanceReceipt | AcknowledgementReceipt | ImportReceipt | DepositReceipt
"""One remittance of an 835, or one file of another kind. All have `kind`, `file` and `needs_work`."""


def receipt_of(outcome: Outcome, *, needs_work: bool) -> Receipt:
    """Return an outcome of the intake as a receipt."""
    match outcome:
        case post.Receipt():
            return RemittanceReceipt(
                file=outcome.file, outcome=outcome.outcome, trace_number=outcome.trace_number,
                payer_name=outcome.payer, payment_amount=to_cents(outcome.payment_amount), claims=outcome.claims,
                posted=to_cents(outcome.posted), suspense=to_cents(outcome.suspense),
                provider_adjustments=to_cents(outcome.provider_adjustments), needs_work=needs_work,
            )  # fmt: skip
        case Acknowledged():
            return AcknowledgementReceipt(
                file=outcome.file, accepted=outcome.accepted, rejected=outcome.rejected, other=outcome.other,
                known=outcome.known, foreign=outcome.foreign, needs_work=needs_work,
            )  # fmt: skip
        case Imported():
            return ImportReceipt(
                file=outcome.file, outcome="known" if outcome.outcome == "known" else "imported",
                claims=outcome.claims, lines=outcome.lines, charge=to_cents(outcome.charge), known=outcome.known,
                held=outcome.refused, needs_work=needs_work,
            )  # fmt: skip
        case Banked():
            return DepositReceipt(
                file=outcome.file, deposits=outcome.deposits, amount=to_cents(outcome.amount), known=outcome.known,
                needs_work=needs_work,
            )  # fmt: skip


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """A decision that the ledger has; `amount` is in cents. `is_new` is False where it was recorded before."""

    kind: Kind
    amount: int
    day: date
    reference: str
    item: int | None
    claim: str
    line: str
    note: str
    is_new: bool
