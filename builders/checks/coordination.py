"""Check an encounter with several coverages: who is billed, what earlier payers adjudicated (rules.md#coordination)."""

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal

from claimloop.builders.claims.coverages import (
    RESPONSIBILITIES,
    adjustment_segments,
    billed_coverage,
    decision_of,
    outpatient_of,
    paid_for_all,
)
from claimloop.builders.encounters.check_guide import check_record
from claimloop.builders.encounters.encounter import AdjustmentRecord, CoverageDecision, Encounter, ServiceDecision
from claimloop.builders.encounters.findings import Findings
from claimloop.edi.codes.shapes import is_cpt_hcpcs, is_modifier
from claimloop.edi.money import ZERO

MOST_COVERAGES = len(RESPONSIBILITIES)
LONGEST_NUMBER = 50
LONGEST_REASON = 5
MOST_DECISIONS, MOST_MODIFIERS = 15, 4
_MEDICARE = frozenset(("MA", "MB"))
_LINES_PER_CLAIM = 50
_MOST_ADJUSTMENTS = 30


def check_coordination(findings: Findings, encounter: Encounter, today: date) -> None:
    """Check the coverages as a whole and the adjudications of payers."""
    coverages = encounter.coverages
    findings.at_most("coverages", len(coverages), MOST_COVERAGES)
    ids = [coverage.payer_id for coverage in coverages]
    wanted = encounter.bill_to
    if wanted != "" and (wanted not in ids if isinstance(wanted, str) else not 1 <= wanted <= len(ids)):
        findings.report("C379", "bill_to", str(wanted))
        return
    billed = billed_coverage(encounter)
    if decision_of(encounter, coverages[billed]) is not None:
        findings.report("C392", f"coverages#{billed + 1}.decision")
    others = [payer_id for place, payer_id in enumerate(ids) if place != billed]
    if billed and coverages[billed].filing_indicator in _MEDICARE and not coverages[billed].insurance_type:
        findings.report("C396", f"coverages#{billed + 1}.insurance_type")
    before = findings.errors
    decided_lines = _check_services(findings, encounter, others, today)
    sound = findings.errors == before and all(service.charge.is_finite() for service in encounter.services)
    if decided_lines and len(set(others)) < len(others):
        findings.report("C393", "coverages")
    if len(encounter.services) > _LINES_PER_CLAIM and any(each.decision for each in coverages):
        findings.report("C394", "services", found=len(encounter.services), most=_LINES_PER_CLAIM)
        return
    for place, coverage in enumerate(coverages):
        if place == billed:
            continue
        path = f"coverages#{place + 1}"
        told = decided_lines.get(coverage.payer_id, [])
        decision = decision_of(encounter, coverage)
        if decision is not None:
            before = findings.errors
            _check_decision(findings, f"{path}.decision", decision, told, today)
            if sound and findings.errors == before:
                _check_balance(findings, encounter, place, decision)
        elif place < billed:
            findings.report("C395", path, place=place + 1)


def _check_services(
    findings: Findings, encounter: Encounter, others: Sequence[str], today: date
) -> dict[str, list[ServiceDecision]]:
    """Check the adjudications of services, and return them by payer."""
    told: dict[str, list[ServiceDecision]] = {}
    dated = {each.payer_id for each in encounter.coverages if each.decision and each.decision.decided_on}
    for place, service in enumerate(encounter.services, start=1):
        path = f"services#{place}.decisions"
        findings.at_most(path, len(service.decisions), MOST_DECISIONS)
        for number, decided in enumerate(service.decisions, start=1):
            here = f"{path}#{number}"
            told.setdefault(decided.payer_id, []).append(decided)
            if decided.payer_id not in others:
                findings.report("C381", f"{here}.payer_id", decided.payer_id)
            findings.amount(f"{here}.paid", decided.paid, zero=True)
            if decided.decided_on is not None:
                findings.not_after(f"{here}.decided_on", decided.decided_on, today)
            elif decided.payer_id not in dated:
                findings.report("C387", here, lacks="the decision date (decided_on)")
            _check_adjustments(findings, here, decided.adjustments)
            _check_procedure(findings, here, decided, service.procedure_type)
            if decided.units is not None and not decided.units.is_zero():
                findings.quantity(f"{here}.units", decided.units)
            if decided.patient_owes is not None:
                findings.amount(f"{here}.patient_owes", decided.patient_owes, zero=True)
            into = decided.bundled_into
            if into is not None and (into == place or not 1 <= into <= len(encounter.services)):
                findings.report("C344", f"{here}.bundled_into", str(into))
    return told


def _check_procedure(findings: Findings, path: str, decided: ServiceDecision, procedure_type: str) -> None:
    if decided.procedure and procedure_type == "HC" and not is_cpt_hcpcs(decided.procedure.upper()):
        findings.report("C346", f"{path}.procedure", decided.procedure)
    findings.identifier(f"{path}.procedure", decided.procedure, 48)
    findings.text(f"{path}.description", decided.description, 80)
    modifiers = decided.modifiers or ()
    if len(modifiers) > MOST_MODIFIERS:
        findings.report("C348", f"{path}.modifiers", found=len(modifiers), most=MOST_MODIFIERS)
    for number, modifier in enumerate(modifiers, start=1):
        if not is_modifier(modifier.upper()):
            findings.report("C347", f"{path}.modifiers#{number}", modifier)


def _check_decision(
    findings: Findings, path: str, decision: CoverageDecision, told: Sequence[ServiceDecision], today: date
) -> None:
    """Check a payer's adjudication: the amount paid and the date, each given once."""
    for name in ("paid", "noncovered", "patient_owes"):
        amount = getattr(decision, name)
        if amount is not None:
            findings.amount(f"{path}.{name}", amount, zero=True)
    _check_adjustments(findings, path, decision.adjustments)
    if decision.decided_on is not None:
        findings.not_after(f"{path}.decided_on", decision.decided_on, today)
    findings.identifier(f"{path}.payer_claim_number", decision.payer_claim_number, LONGEST_NUMBER)
    if decision.patient_owes is not None and any(each.patient_owes is not None for each in told):
        findings.report("C388", f"{path}.patient_owes")
    paid = paid_for_all(decision, [each.paid for each in told])
    if decision.noncovered is not None:
        if paid is not None or decision.adjustments:
            findings.together(
                path, "noncovered excludes other values: a payer that was not billed has paid and adjusted nothing"
            )
    elif paid is None:
        findings.report("C387", path, lacks="the amount paid (paid, 0 for nothing)")
    elif not told and decision.decided_on is None:
        findings.report("C387", path, lacks="the decision date (decided_on)")
    outpatient = outpatient_of(decision)
    if outpatient is not None:
        check_record(findings, path, outpatient, "2320", "MOA")


def _check_adjustments(findings: Findings, path: str, adjustments: Sequence[AdjustmentRecord]) -> None:
    for number, each in enumerate(adjustments, start=1):
        here = f"{path}.adjustments#{number}"
        findings.identifier(f"{here}.reason", each.reason, LONGEST_REASON, required=True)
        if findings.amount(f"{here}.amount", each.amount.copy_abs(), zero=True) and each.amount == 0:
            findings.report("C334", f"{here}.amount")
        if each.quantity is not None:
            findings.quantity(f"{here}.quantity", each.quantity.copy_abs())
    if adjustment_segments(adjustments) > 5:
        findings.report("C390", f"{path}.adjustments", found=len(adjustments), most=_MOST_ADJUSTMENTS)


def _check_balance(findings: Findings, encounter: Encounter, place: int, decision: CoverageDecision) -> None:
    """Check `charge = paid + adjustments` for each service and for the claim."""
    payer_id = encounter.coverages[place].payer_id
    of_services, paid_for = ZERO, []
    for number, service in enumerate(encounter.services, start=1):
        told = [each for each in service.decisions if each.payer_id == payer_id]
        adjusted = sum((_sum(each.adjustments) for each in told), ZERO)
        of_services += adjusted
        paid_for += [each.paid for each in told]
        found = sum((each.paid for each in told), ZERO) + adjusted
        if told and found != service.charge:
            path = f"services#{number}.decisions"
            findings.report("C382", path, str(found), place=place + 1, found=found, charge=service.charge)
    paid = paid_for_all(decision, paid_for)
    if paid is None:
        return  # a payer that was not billed
    charge = sum((service.charge for service in encounter.services), ZERO)
    found = paid + _sum(decision.adjustments) + of_services
    if found != charge:
        path = f"coverages#{place + 1}.decision"
        findings.report("C382", path, str(found), place=place + 1, found=found, charge=charge)


def _sum(adjustments: Iterable[AdjustmentRecord]) -> Decimal:
    return sum((each.amount for each in adjustments), ZERO)
