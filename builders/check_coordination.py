"""Checks of an encounter with several coverages: who is billed, what the payers before decided (DOMAIN 3.8)."""

from decimal import Decimal

from claimloop.builders.claim_coverages import RESPONSIBILITIES, billed_coverage
from claimloop.builders.encounter import AdjustmentRecord, Encounter
from claimloop.builders.findings import Findings
from claimloop.edi.money import ZERO

MOST_COVERAGES = len(RESPONSIBILITIES)


def check_coordination(findings: Findings, encounter: Encounter) -> None:
    """Findings about coverages as a whole and about the decisions of payers."""
    coverages = encounter.coverages
    if len(coverages) > MOST_COVERAGES:
        findings.say("C380", "coverages", found=len(coverages), most=MOST_COVERAGES)
    ids = [coverage.payer_id for coverage in coverages]
    if encounter.bill_to and encounter.bill_to not in ids:
        findings.say("C379", "bill_to", encounter.bill_to)
        return
    billed = ids[billed_coverage(encounter)]
    for place, service in enumerate(encounter.services, start=1):
        for number, decided in enumerate(service.decisions, start=1):
            if decided.payer_id not in ids or decided.payer_id == billed:
                path = f"services#{place}.decisions#{number}.payer_id"
                findings.say("C381", path, decided.payer_id)
    for place, coverage in enumerate(coverages, start=1):
        if coverage.decided is not None and coverage.decided.paid is not None and coverage.payer_id != billed:
            _check_balance(findings, encounter, place)


def _check_balance(findings: Findings, encounter: Encounter, place: int) -> None:
    """`charge = paid + adjustments`, of each service and of the claim."""
    coverage = encounter.coverages[place - 1]
    decided = coverage.decided
    if decided is None or decided.paid is None:
        return
    of_services = ZERO
    for number, service in enumerate(encounter.services, start=1):
        told = [each for each in service.decisions if each.payer_id == coverage.payer_id]
        adjusted = sum((_sum(each.adjustments) for each in told), ZERO)
        of_services += adjusted
        found = sum((each.paid for each in told), ZERO) + adjusted
        if told and found != service.charge:
            findings.say(
                "C382", f"services#{number}.decisions", str(found), payer=place, found=found, charge=service.charge
            )  # fmt: skip
    charge = sum((service.charge for service in encounter.services), ZERO)
    found = decided.paid + _sum(decided.adjustments) + of_services
    if found != charge:
        findings.say(
            "C382", f"coverages#{place}.decided", str(found), payer=place, found=found, charge=charge
        )  # fmt: skip


def _sum(adjustments: tuple[AdjustmentRecord, ...]) -> Decimal:
    return sum((each.amount for each in adjustments), ZERO)
