"""Check the balances of an 835 from its records (rules.md#balances). Nothing is forced or posted.

line          SVC02 − Σ CAS(2110) = SVC03
claim         CLP03 − Σ CAS(2100) − Σ CAS(2110) = CLP04
transaction   BPR02 = Σ CLP04 − Σ PLB

AMT and QTY are not part of any balance. Two more equations are checked: where the payer reports every line, the charges
of the lines add up to CLP03, and the PR adjustments add up to CLP05. `balance_stream` checks a payment that is split
over several sets.
"""

from collections.abc import Iterator
from decimal import Decimal
from typing import Literal

import msgspec

from claimloop.edi.money import ZERO
from claimloop.edi.records.adjustments import PATIENT_RESPONSIBILITY, Adjustment
from claimloop.edi.records.remittance import ClaimPayment, Remittance

Level = Literal["line", "claim", "charges", "patient", "remittance", "check"]
Places = dict[int, list[tuple[int, str]]]
"""Where the adjustments of a claim are: line, counted from 1 (0: claim level) → (segment number, CAS element)."""

_NOWHERE: Places = {}


class Imbalance(msgspec.Struct, frozen=True):
    """Two amounts that should be equal. `code` is the finding's; `line` counts from 1 and is None at claim level."""

    code: str
    element: str
    declared: Decimal
    computed: Decimal
    line: int | None = None

    @property
    def difference(self) -> Decimal:
        """Return `declared − computed`, which is positive where the file declares too much."""
        return self.declared - self.computed

    def facts(self) -> dict[str, str]:
        """Return the three amounts with two decimals, as the catalogue's messages take them."""
        return {
            "declared": f"{self.declared:.2f}",
            "computed": f"{self.computed:.2f}",
            "difference": f"{self.difference:.2f}",
        }


def claim_imbalances(claim: ClaimPayment) -> list[Imbalance]:
    """Return every balance of the claim and its lines that is off: lines first, in their order."""
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
    """Return the transaction's imbalance from its sums; None where they balance."""
    computed = claims_paid - provider_adjusted
    return None if computed == payment else Imbalance("R222", "BPR02", payment, computed)


def remittance_imbalance(remittance: Remittance) -> Imbalance | None:
    """Return the transaction's imbalance of a remittance that is in memory as a whole; None where it balances."""
    return payment_imbalance(
        remittance.payment_amount,
        sum((claim.paid for claim in remittance.claims), ZERO),
        sum((adjustment.amount for adjustment in remittance.provider_adjustments), ZERO),
    )


class Part(msgspec.Struct, frozen=True, omit_defaults=True):
    """One amount of a sum, with its sign in that sum. `segment` is its number in the file, 0 where it is not known.

    `about` names the owner: a group and reason ("CO-45"), a PLB reason, or a claim ("CLP #3").
    """

    element: str
    amount: Decimal
    segment: int = 0
    about: str = ""


class Balance(msgspec.Struct, frozen=True):
    """One balance: what the `parts` add up to (`expected`), what an element declares (`found`), and `found − expected`.

    `code` is the finding where the two differ (R220 to R224). `subject` is the line or claim ("CLP #3 SVC #1"), and
    `claim` is the patient control number. `element` and `segment` are the place of `found`.
    """

    level: Level
    code: str
    subject: str
    claim: str
    element: str
    segment: int
    expected: Decimal
    found: Decimal
    difference: Decimal
    parts: tuple[Part, ...] = ()

    @property
    def balances(self) -> bool:
        """Return True where the difference is zero."""
        return self.difference == ZERO


def balance_report(remittance: Remittance) -> list[Balance]:
    """Return every balance of a remittance in memory, even or not: lines, claims, then the payment.

    CAS segments have no number here, because records do not hold it. `balance_stream.stream_balances` has the numbers.
    """
    found: list[Balance] = []
    parts: list[Part] = []
    for count, claim in enumerate(remittance.claims, start=1):
        found += claim_balances(claim, count)
        parts.append(Part("CLP04", claim.paid, claim.source.segment if claim.source else 0, f"CLP #{count}"))
    for one in remittance.provider_adjustments:
        parts.append(provider_part(one.reason, one.reference, one.amount, one.segment))
    found.append(payment_balance(remittance, tuple(parts)))
    return found


def claim_balances(claim: ClaimPayment, count: int, places: Places = _NOWHERE) -> Iterator[Balance]:
    """Yield the balances of a claim, lines first. `count` is its place in the set. CLP05 is checked if it was sent."""
    number = claim.patient_control_number
    subject, segment = f"CLP #{count}", claim.source.segment if claim.source else 0
    own = list(_adjusted(claim.adjustments, places.get(0)))
    of_lines: list[tuple[Adjustment, Part]] = []
    for at, line in enumerate(claim.services, start=1):
        taken = list(_adjusted(line.adjustments, places.get(at)))
        of_lines += taken
        parts = (Part("SVC02", line.charge, line.segment), *(part for _, part in taken))
        yield _balance("line", "R220", f"{subject} SVC #{at}", number, ("SVC03", line.segment, line.paid), parts)
    every = (*own, *of_lines)
    parts = (Part("CLP03", claim.charge, segment), *(part for _, part in every))
    yield _balance("claim", "R221", subject, number, ("CLP04", segment, claim.paid), parts)
    if claim.services:
        parts = tuple(
            Part("SVC02", line.charge, line.segment, f"SVC #{at}") for at, line in enumerate(claim.services, start=1)
        )
        yield _balance("charges", "R223", subject, number, ("CLP03", segment, claim.charge), parts)
    if claim.patient_responsibility is not None:
        parts = tuple(
            msgspec.structs.replace(part, amount=-part.amount)
            for adjustment, part in every
            if adjustment.group == PATIENT_RESPONSIBILITY
        )
        yield _balance("patient", "R224", subject, number, ("CLP05", segment, claim.patient_responsibility), parts)


def payment_balance(remittance: Remittance, parts: tuple[Part, ...]) -> Balance:
    """Return the balance of the payment; `parts` are its claims and provider-level adjustments."""
    subject = f"TRN {remittance.trace_number}".rstrip()
    found = ("BPR02", remittance.payment_segment, remittance.payment_amount)
    return _balance("remittance", "R222", subject, "", found, parts)


def provider_part(reason: str, reference: str, amount: Decimal, segment: int) -> Part:
    """Return a PLB amount as part of a payment, which it lowers."""
    return Part("PLB", -amount, segment, f"{reason} {reference}".rstrip())


def _adjusted(adjustments: list[Adjustment], places: list[tuple[int, str]] | None) -> Iterator[tuple[Adjustment, Part]]:
    for at, one in enumerate(adjustments):
        segment, element = places[at] if places and len(places) == len(adjustments) else (0, "CAS")
        yield one, Part(element, -one.amount, segment, f"{one.group}-{one.reason}")


def _balance(
    level: Level, code: str, subject: str, claim: str, found: tuple[str, int, Decimal], parts: tuple[Part, ...]
) -> Balance:
    element, segment, amount = found
    expected = sum((part.amount for part in parts), ZERO)
    return Balance(level, code, subject, claim, element, segment, expected, amount, amount - expected, parts)
