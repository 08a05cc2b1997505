"""Check the balances of an 835 from its records (rules.md#balances). Nothing is forced or posted.

line          SVC02 − Σ CAS(2110) = SVC03
claim         CLP03 − Σ CAS(2100) − Σ CAS(2110) = CLP04
transaction   BPR02 = Σ CLP04 − Σ PLB

AMT and QTY take part in none of them. Beside these three: the lines' charges make CLP03 where all lines are reported,
and the PR adjustments make CLP05. What several sets make that speak of one check is in `balance_stream`.
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
"""Where the adjustments of a claim stand: line, counted from 1 (0: the claim's own) → (segment number, CAS element)."""

_NOWHERE: Places = {}


class Imbalance(msgspec.Struct, frozen=True):
    """Two amounts that should be one. `code` is the diagnostic; `line` counts from 1, None where it is no line's."""

    code: str
    element: str
    declared: Decimal
    computed: Decimal
    line: int | None = None

    @property
    def difference(self) -> Decimal:
        """`declared − computed`: positive where the file says too much."""
        return self.declared - self.computed

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


class Part(msgspec.Struct, frozen=True, omit_defaults=True):
    """One amount of a sum, with the sign that it has there. `segment` is its number in the file, 0 where not known.

    `about` says whose it is: a group and reason ("CO-45"), a PLB's reason, a claim ("CLP #3").
    """

    element: str
    amount: Decimal
    segment: int = 0
    about: str = ""


class Balance(msgspec.Struct, frozen=True):
    """One balance: what the `parts` make (`expected`), what an element says (`found`), and `found − expected`.

    `code` is the diagnostic where they differ (R220 to R224), `subject` which line or claim ("CLP #3 SVC #1"),
    `claim` the patient control number. `element` and `segment` are those of what was found.
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
        """Nothing is missing and nothing too much."""
        return self.difference == ZERO


def balance_report(remittance: Remittance) -> list[Balance]:
    """Every balance of a remittance in memory, whether it comes out or not: lines, claims, the payment at the end.

    CAS segments have no number here, because records do not hold it; `balance_stream.stream_balances` knows them.
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
    """The balances of a claim, lines first. `count` is its place in the set; CLP05 is judged where it was sent."""
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
    """The balance of the payment; `parts` are its claims and provider adjustments."""
    subject = f"TRN {remittance.trace_number}".rstrip()
    found = ("BPR02", remittance.payment_segment, remittance.payment_amount)
    return _balance("remittance", "R222", subject, "", found, parts)


def provider_part(reason: str, reference: str, amount: Decimal, segment: int) -> Part:
    """A PLB amount in the sum of a payment, which it lowers."""
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
