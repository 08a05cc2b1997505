"""Build the claim to the next payer from the original claim and the adjudications of the earlier payers.

Pure functions. A payer's adjudication is repeated as sent (rules.md#coordination). Its adjustments are not rewritten.
`charge = paid + adjustments` holds for each line and payer because it held in the remittance.
"""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

import msgspec
from msgspec.structs import replace

from claimloop.edi.money import ZERO
from claimloop.edi.records.adjustments import PATIENT_RESPONSIBILITY, Adjustment
from claimloop.edi.records.claim import PATIENT_IS_SUBSCRIBER, Claim, Patient, Subscriber
from claimloop.edi.records.claim_payment import ClaimPayment
from claimloop.edi.records.other_payer import LineAdjudication, OtherPayer, OutpatientAdjudication
from claimloop.edi.records.parties import Party, Reference
from claimloop.edi.records.service_payment import ServicePayment

_OF_ONE_PAYER = ("G1", "9F", "9A", "9C")
"""REF of 2300 whose numbers one payer assigned: authorization, referral, repricer's claim numbers."""

_OF_ONE_PAYERS_LINE = ("G1", "9F")
_CLAIM_NUMBER = "F8"


class NoNextClaim(ValueError):
    """There is no claim to the next payer. The message gives the reason in plain words."""


class Decision(msgspec.Struct, frozen=True):
    """A payment of a claim that is in effect. `lines` has the number of the claim's line (from 1) for each service."""

    payment: ClaimPayment
    lines: tuple[int, ...]
    decided_on: date


def claim_for(claim: Claim, payer_rank: int, decisions: Sequence[Sequence[Decision]], control_number: str) -> Claim:
    """Return the claim to the payer with this rank (2 secondary, 3 tertiary).

    `claim` is the one to the primary, with the later payers among its `other_payers` in order. `decisions` has those of
    each earlier payer. Raises NoNextClaim where no such payer is known, an earlier one has not adjudicated the claim,
    or its adjudication does not cover the claim.
    """
    if payer_rank < 2 or payer_rank > 1 + len(claim.other_payers):
        raise NoNextClaim(f"the claim has no payer {payer_rank}")
    coverages = [_as_other_payer(claim), *claim.other_payers]
    decided: list[OtherPayer] = []
    by_line: list[list[LineAdjudication]] = [[] for _ in claim.lines]
    for number, coverage in enumerate(coverages[: payer_rank - 1], start=1):
        payments = decisions[number - 1] if number <= len(decisions) else ()
        if not payments:
            raise NoNextClaim(f"payer {number} has not adjudicated it yet")
        decided.append(_decided(coverage, payments))
        for place, adjudication in _adjudications(claim, coverage, payments):
            by_line[place - 1].append(adjudication)
    _check_balance(claim, decided, by_line)
    destination, later = coverages[payer_rank - 1], coverages[payer_rank:]
    subscriber, patient = _subscriber_and_patient(claim, destination)
    first_payer = coverages[0].payer.id
    return replace(
        claim,
        patient_control_number=control_number,
        frequency="1",
        subscriber=subscriber,
        patient=patient,
        payer=destination.payer,
        benefits_assigned=destination.benefits_assigned,
        release_of_information=destination.release_of_information,
        references=tuple(each for each in claim.references if each.qualifier not in (*_OF_ONE_PAYER, _CLAIM_NUMBER)),
        repricing=None,
        other_payers=(*decided, *later),
        lines=tuple(
            replace(
                line,
                references=tuple(_named(each, first_payer) for each in line.references),
                repricing=None,
                adjudications=tuple(adjudications),
            )
            for line, adjudications in zip(claim.lines, by_line, strict=True)
        ),
        source=None,
    )


def _as_other_payer(claim: Claim) -> OtherPayer:
    """Return the payer that the claim went to, as another payer (2320 and 2330)."""
    subscriber, payer = claim.subscriber, claim.payer
    given = tuple(Reference(each.qualifier, each.value) for each in claim.references if each.qualifier in ("G1", "9F"))
    kept = tuple(each for each in payer.references if each.qualifier not in ("G2", "LU"))
    return OtherPayer(
        payer_responsibility=subscriber.payer_responsibility,
        relationship=claim.patient.relationship if claim.patient else PATIENT_IS_SUBSCRIBER,
        claim_filing_indicator=subscriber.claim_filing_indicator,
        payer=replace(payer, references=(*kept, *given)),
        subscriber=replace(subscriber.person, contacts=(), references=_without(subscriber.person, "Y4")),
        group_number=subscriber.group_number,
        group_name=subscriber.group_name,
        insurance_type=subscriber.insurance_type,
        benefits_assigned=claim.benefits_assigned,
        patient_signature_source=claim.patient_signature_source,
        release_of_information=claim.release_of_information,
    )


def _without(person: Party, qualifier: str) -> tuple[Reference, ...]:
    return tuple(each for each in person.references if each.qualifier != qualifier)


def _decided(coverage: OtherPayer, payments: Sequence[Decision]) -> OtherPayer:
    """Add the payer's adjudication of the claim: its claim-level values, and the total paid."""
    newest = payments[-1].payment
    adjustments = tuple(
        each for decision in payments for each in decision.payment.adjustments if each.amount
    )  # fmt: skip
    with_lines = any(decision.payment.services for decision in payments)
    patient_owes = None
    if not with_lines or _patient_part(adjustments):
        patient_owes = sum((_patient_part(decision.payment.every_adjustment) for decision in payments), ZERO)
    number = (Reference(_CLAIM_NUMBER, newest.payer_claim_number),) if newest.payer_claim_number else ()
    return replace(
        coverage,
        payer=replace(coverage.payer, references=(*coverage.payer.references, *number)),
        adjustments=adjustments,
        paid=sum((decision.payment.paid for decision in payments), ZERO),
        patient_owes=patient_owes,
        outpatient=_outpatient(newest) or coverage.outpatient,
        decided_on=None if with_lines else payments[-1].decided_on,
    )


def _outpatient(payment: ClaimPayment) -> OutpatientAdjudication | None:
    """Return MOA as the payer sent it."""
    told = payment.outpatient
    if told is None:
        return None
    numbers = told.amounts
    return OutpatientAdjudication(
        reimbursement_rate=numbers.reimbursement_rate,
        hcpcs_payable=numbers.hcpcs_payable,
        remarks=tuple(told.remarks),
        esrd_payment=numbers.esrd_payment,
        nonpayable_professional_component=numbers.nonpayable_professional_component,
    )


def _adjudications(
    claim: Claim, coverage: OtherPayer, payments: Sequence[Decision]
) -> list[tuple[int, LineAdjudication]]:
    """Yield the number of each line with the payer's adjudication, one for each part of a line that the payer split."""
    at_claim = _patient_part([each for decision in payments for each in decision.payment.adjustments])
    return [
        (line, _adjudication(coverage.payer.id, service, decision.decided_on, tell_patient_owes=not at_claim))
        for decision in payments
        for line, service in zip(decision.lines, decision.payment.services, strict=True)
    ]


def _adjudication(
    payer_id: str, service: ServicePayment, decided_on: date, *, tell_patient_owes: bool
) -> LineAdjudication:
    adjustments = tuple(each for each in service.adjustments if each.amount)
    procedure = service.procedure
    return LineAdjudication(
        payer_id=payer_id,
        paid=service.paid,
        procedure=procedure.code,
        procedure_qualifier=procedure.qualifier or "HC",
        modifiers=procedure.modifiers,
        units=service.units_paid if service.units_paid is not None else Decimal(1),
        adjustments=adjustments,
        decided_on=decided_on,
        patient_owes=_patient_part(adjustments) if tell_patient_owes else None,
    )


def _patient_part(adjustments: Sequence[Adjustment]) -> Decimal:
    return sum((each.amount for each in adjustments if each.group == PATIENT_RESPONSIBILITY), ZERO)


def _check_balance(claim: Claim, decided: Sequence[OtherPayer], by_line: Sequence[Sequence[LineAdjudication]]) -> None:
    """Check `charge = paid + adjustments` for each payer, line and claim (rules.md#other-payer-balances)."""
    for number, payer in enumerate(decided, start=1):
        of_lines = ZERO
        for place, (line, adjudications) in enumerate(zip(claim.lines, by_line, strict=True), start=1):
            told = [each for each in adjudications if each.payer_id == payer.payer.id]
            found = sum((each.paid + _sum(each.adjustments) for each in told), ZERO)
            of_lines += sum((_sum(each.adjustments) for each in told), ZERO)
            if told and found != line.charge:
                raise NoNextClaim(
                    f"payer {number} adjudicated {found:.2f} of the {line.charge:.2f} charged on line {place}"
                )
        found = (payer.paid or ZERO) + _sum(payer.adjustments) + of_lines
        if found != claim.charge:
            raise NoNextClaim(f"payer {number} adjudicated {found:.2f} of the {claim.charge:.2f} charged")


def _sum(adjustments: Sequence[Adjustment]) -> Decimal:
    return sum((each.amount for each in adjustments), ZERO)


def _subscriber_and_patient(claim: Claim, coverage: OtherPayer) -> tuple[Subscriber, Patient | None]:
    """Return 2000B and 2000C for the payer of this coverage, where the patient may be the subscriber."""
    treated: Subscriber | Patient = claim.patient or claim.subscriber
    is_self = coverage.relationship == PATIENT_IS_SUBSCRIBER
    insured = coverage.subscriber
    if is_self:
        insured = replace(insured, address=treated.person.address)
    subscriber = Subscriber(
        person=replace(insured, role="IL"),
        payer_responsibility=coverage.payer_responsibility,
        relationship=PATIENT_IS_SUBSCRIBER if is_self else "",
        group_number=coverage.group_number,
        group_name=coverage.group_name,
        insurance_type=coverage.insurance_type,
        claim_filing_indicator=coverage.claim_filing_indicator,
        birth_date=treated.birth_date if is_self else None,
        sex=treated.sex if is_self else "",
        condition=treated.condition if is_self else None,
    )
    if is_self:
        return subscriber, None
    person = replace(treated.person, role="QC", id_qualifier="", id="", references=(), contacts=())
    return subscriber, Patient(person, coverage.relationship, treated.birth_date, treated.sex, treated.condition)


def _named(reference: Reference, payer_id: str) -> Reference:
    """Mark a line number that the first payer assigned with its id, where the line goes to another payer."""
    if reference.qualifier in _OF_ONE_PAYERS_LINE and not reference.payer_id:
        return replace(reference, payer_id=payer_id)
    return reference
