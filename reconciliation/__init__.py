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
where a charge has a fraction of a cent. docs/python.md teaches more.
"""

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

__all__ = [
    "Ambiguous",
    "ClaimMatch",
    "ClaimSubmission",
    "LineMatch",
    "Matched",
    "SubmittedClaim",
    "SubmittedClaims",
    "SubmittedLine",
    "Unmatched",
    "match_lines",
    "submitted_claims",
]
