"""Match payments to claims, and keep both in a ledger. Matching needs no ledger and no database:

    from claimloop.parsers import read_835, read_837p
    from claimloop.reconciliation import Matched, match_lines, submitted_claims

    sent = submitted_claims(read_837p("claims.837"))
    for remittance in read_835("remit.835"):
        for payment in remittance.claims:
            match sent.match(payment):
                case Matched(claim=claim, rule=rule):
                    print(payment.patient_control_number, claim.id, rule)
                    for service, line in zip(payment.services, match_lines(payment, claim), strict=True):
                        print(service.paid, line.line, line.rule)
                case other:                                     # Ambiguous or Unmatched
                    print(payment.patient_control_number, other)

Matching is pure: the same claims and payments give the same answers, each with the rule that decided. There is one
clear winner or none; nothing is guessed. Submitted amounts are integer cents, those of a payment are `Decimal` dollars.
`match_lines` gives one `LineMatch` for each service of the payment, and raises NotAnAmount (of `claimloop.edi.money`)
where a charge has a fraction of a cent.

A `Ledger` keeps what was sent, received, and decided, on SQLite or PostgreSQL. Amounts are integer cents:

    from datetime import datetime
    from claimloop.builders import load_partner, read_encounters
    from claimloop.reconciliation import Ledger

    now = datetime(2026, 11, 2, 9, 30)                              # or datetime.now(): the ledger reads no clock
    with Ledger.open("practice.db", create=True) as ledger:         # or claimloop.toml, or postgresql://…
        partner = load_partner("partner.toml")
        sent = ledger.submit(read_encounters("visits.csv"), partners=partner, folder="outbox", moment=now)
        print(sent.files, sent.held, sent.errors)
        for receipt in ledger.receive("remit.835", moment=now):     # or an acknowledgement, or a bank's file
            print(receipt)
        for line in ledger.worklist("denials", as_of=now.date()):
            print(line.claim_control_number, line.denied, line.reasons)

A call is done when it returns. Several processes and threads may use one ledger at once. docs/python.md teaches more.
"""

from typing import TYPE_CHECKING

from claimloop.reconciliation.posting.match import (
    Ambiguous,
    ClaimMatch,
    ClaimSubmission,
    LineMatch,
    Matched,
    SubmittedClaim,
    SubmittedLine,
    Unmatched,
    match_lines,
)
from claimloop.reconciliation.posting.submitted_claims import SubmittedClaims, submitted_claims

if TYPE_CHECKING:
    from claimloop.reconciliation.api import (
        AcknowledgementReceipt,
        ClaimHistory,
        ClaimRow,
        ClaimsSent,
        Configuration,
        Decision,
        DecisionError,
        DepositReceipt,
        ImportReceipt,
        Ledger,
        LedgerError,
        LineRow,
        NoLedger,
        RemittanceReceipt,
        UnknownName,
        load_configuration,
    )

__all__ = [
    "AcknowledgementReceipt",
    "Ambiguous",
    "ClaimHistory",
    "ClaimMatch",
    "ClaimRow",
    "ClaimSubmission",
    "ClaimsSent",
    "Configuration",
    "Decision",
    "DecisionError",
    "DepositReceipt",
    "ImportReceipt",
    "Ledger",
    "LedgerError",
    "LineMatch",
    "LineRow",
    "Matched",
    "NoLedger",
    "RemittanceReceipt",
    "SubmittedClaim",
    "SubmittedClaims",
    "SubmittedLine",
    "UnknownName",
    "Unmatched",
    "load_configuration",
    "match_lines",
    "submitted_claims",
]

if not TYPE_CHECKING:  # mypy would take any name for one of the package

    def __getattr__(name: str) -> object:
        """Import what needs a database when it is first asked for."""
        if name in __all__:
            from claimloop.reconciliation import api

            return getattr(api, name)
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

    def __dir__() -> list[str]:
        return sorted({*globals(), *__all__})
