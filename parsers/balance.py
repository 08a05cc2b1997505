"""The balances of an 835 (DOMAIN 3.1; guide, section 1.10.2.1): judged from records, never forced, never posted.

line          SVC02 − Σ CAS(2110) = SVC03
claim         CLP03 − Σ CAS(2100) − Σ CAS(2110) = CLP04
transaction   BPR02 = Σ CLP04 − Σ PLB

AMT and QTY take part in none of them.
"""

from decimal import Decimal

import msgspec

from claimloop.edi.money import ZERO
from claimloop.edi.remittance import ClaimPayment, Remittance

PATIENT_RESPONSIBILITY = "PR"


class Imbalance(msgspec.Struct, frozen=True):
    """Two amounts that should be one. `code` is the diagnostic; `line` counts from 1, None where it is no line's."""

    code: str
    element: str
    declared: Decimal
    computed: Decimal
    line: int | None = None

    @property
    def difference(self) -> Decimal:
        """`computed − declared`."""
        return self.computed - self.declared

    def facts(self) -> dict[str, str]:
        """The three amounts, with two decimals, as the messages of the catalogue ask for them."""
        return {
            "declared": f"{self.declared:.2f}",
            "computed": f"{self.computed:.2f}",
            "difference": f"{self.difference:.2f}",
        }


def claim_imbalances(claim: ClaimPayment) -> list[Imbalance]:
    """Every balance of the claim and its lines that does not come out: lines first, in their order."""
    found: list[Imbalance] = []
    computed, patient = claim.charge, ZERO
    for adjustment in claim.adjustments:
        computed -= adjustment.amount
        if adjustment.group == PATIENT_RESPONSIBILITY:
            patient += adjustment.amount
    charged = ZERO
    for number, line in enumerate(claim.services, start=1):
        rest = line.charge
        charged += rest
        for adjustment in line.adjustments:
            rest -= adjustment.amount
            computed -= adjustment.amount
            if adjustment.group == PATIENT_RESPONSIBILITY:
                patient += adjustment.amount
        if rest != line.paid:
            found.append(Imbalance("R220", "SVC03", line.paid, rest, number))
    if computed != claim.paid:
        found.append(Imbalance("R221", "CLP04", claim.paid, computed))
    if claim.services and charged != claim.charge:
        found.append(Imbalance("R223", "CLP03", claim.charge, charged))
    if claim.patient_responsibility is not None and patient != claim.patient_responsibility:
        found.append(Imbalance("R224", "CLP05", claim.patient_responsibility, patient))
    return found


def payment_imbalance(payment: Decimal, claims_paid: Decimal, provider_adjusted: Decimal) -> Imbalance | None:
    """The transaction's balance from its sums; None where it comes out."""
    computed = claims_paid - provider_adjusted
    return None if computed == payment else Imbalance("R222", "BPR02", payment, computed)


def remittance_imbalance(remittance: Remittance) -> Imbalance | None:
    """The transaction's balance of a remittance that is in memory as a whole."""
    return payment_imbalance(
        remittance.payment_amount,
        sum((claim.paid for claim in remittance.claims), ZERO),
        sum((adjustment.amount for adjustment in remittance.provider_adjustments), ZERO),
    )
