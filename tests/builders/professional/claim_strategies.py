"""Random claims with everything that 005010X222A1 can say: every field of the record, values that the guide allows.

What another payer decided balances, at the claim or at its lines; the lines sum to the claim's charge.
"""

from datetime import date, timedelta
from decimal import Decimal

from hypothesis import strategies as st
from msgspec.structs import replace

from claimloop.edi.dates import DateRange
from claimloop.edi.money import ZERO
from claimloop.edi.records.adjustments import Adjustment
from claimloop.edi.records.claim import Accident, Claim, Patient, Subscriber
from claimloop.edi.records.claim_supplements import (
    Attachment,
    Certification,
    EquipmentCertification,
    EquipmentPrice,
    Measurement,
    PurchasedService,
    SpinalManipulation,
)
from claimloop.edi.records.other_payer import LineAdjudication, OtherPayer, OutpatientAdjudication
from claimloop.edi.records.parties import Party, Provider, Reference
from claimloop.edi.records.service_line import ServiceLine
from claimloop.tests.builders.professional.part_strategies import (
    CLAIM_DATES,
    CLAIM_NUMBERS,
    LINE_DATES,
    LINE_NUMBERS,
    OTHER_PAYER_IDS,
    addresses,
    ambulances,
    attachments,
    birth_dates,
    claim_conditions,
    code,
    conditions_of_patient,
    contracts,
    counts,
    days,
    days_of,
    drugs,
    forms,
    line_conditions,
    maybe,
    money,
    numbers,
    numbers_of,
    payers,
    people,
    pricing,
    providers,
    sexes,
    some,
    subset,
    words,
)


def _category(one: Certification) -> str:
    return one.category


@st.composite
def line_numbers(draw: st.DrawFn, payer_ids: tuple[str, ...]) -> tuple[Reference, ...]:
    """Numbers of a line; authorisations and referrals of other payers say whose they are."""
    found = [*draw(numbers_of(*LINE_NUMBERS))]
    for qualifier in ("G1", "9F"):
        givers = draw(st.lists(st.sampled_from(("", *payer_ids)), max_size=2, unique=True))
        found += [Reference(qualifier, draw(numbers), payer_id=giver) for giver in givers]
    return tuple(draw(st.permutations(found)))


@st.composite
def services(draw: st.DrawFn, number: int, diagnoses: int, payer_ids: tuple[str, ...]) -> ServiceLine:
    """A line without decisions of other payers."""
    day = draw(days)
    procedure = draw(code("99213", "J3301", "A4631"))
    named = {
        "QB": providers("QB", ("0B", "1G", "G2"), kinds="12", named=False, payers=payer_ids),
        "82": providers("82", ("0B", "G2", "LU"), kinds="12", skilled=True, payers=payer_ids),
        "77": providers("77", ("G2", "LU"), kinds="2", placed=True, payers=payer_ids),
        "DQ": providers("DQ", ("0B", "G2"), payers=payer_ids),
        "DK": providers("DK", ("0B", "1G"), placed=True, reached=True, payers=payer_ids),
        "DN": providers("DN", ("0B", "G2"), payers=payer_ids),
        "PW": providers("PW", kinds="2", named=False, placed=True),
        "45": providers("45", kinds="2", placed=True),
    }
    price = st.builds(EquipmentPrice, st.just(procedure), counts, money, money, code("1", "4", "6"))
    priced = (
        pricing(procedure_qualifier=st.just("HC"), procedure=code("99213"), unit=code("UN", "MJ"), quantity=counts)
        | pricing()
    )
    return ServiceLine(
        f"L{number}{draw(numbers)}",
        procedure,
        draw(st.integers(1, 10**6).map(lambda cents: Decimal(cents).scaleb(-2))),
        draw(counts),
        DateRange(day, day + timedelta(days=draw(st.integers(0, 1)))),
        tuple(draw(st.lists(code("25", "59", "RT", "76"), max_size=4, unique=True))),
        draw(code("UN", "MJ")),
        tuple(draw(st.lists(st.integers(1, diagnoses), min_size=1, max_size=4, unique=True))),
        draw(code("", "22")),
        draw(st.booleans()),
        draw(st.booleans()),
        draw(st.booleans()),
        draw(st.booleans()),
        draw(maybe(words, "")),
        "HC",
        draw(maybe(price)),
        draw(some(attachments)) + draw(code("", "CT").map(lambda kind: (Attachment("CT", "AD"),) if kind else ())),
        draw(maybe(ambulances)),
        draw(maybe(st.builds(EquipmentCertification, code("I", "R", "S"), counts))),
        draw(some(line_conditions, unique_by=_category)),
        draw(days_of(*LINE_DATES)),
        draw(maybe(st.integers(2, 9).map(Decimal))),
        draw(maybe(counts)),
        draw(some(st.builds(Measurement, code("OG", "TR"), code("HT", "R1", "R4"), counts))),
        draw(maybe(contracts)),
        draw(line_numbers(payer_ids)),
        draw(maybe(money)),
        draw(maybe(money)),
        draw(some(words)),
        tuple(Reference(kind, draw(words)) for kind in draw(subset("ADD", "TPO"))),
        draw(maybe(st.builds(PurchasedService, numbers, money))),
        draw(maybe(priced)),
        draw(maybe(drugs)),
        tuple(draw(named[role]) for role in draw(subset(*named, most=3))),
        (),
        draw(some(forms)),
    )


@st.composite
def reductions(draw: st.DrawFn, charge: Decimal) -> tuple[Adjustment, ...]:
    """Adjustments that come to a part of the charge, or to all of it."""
    cents = int(charge * 100)
    parts = sorted(draw(st.lists(st.integers(0, cents), min_size=2, max_size=2)))
    told = (
        Adjustment("PR", "1", Decimal(parts[0]).scaleb(-2)),
        Adjustment("PR", "2", Decimal(parts[1] - parts[0]).scaleb(-2)),
        Adjustment(
            "CO",
            "45",
            Decimal(draw(st.sampled_from((0, cents - parts[1])))).scaleb(-2),
            draw(maybe(st.just(Decimal(2)))),
        ),
    )
    return tuple(one for one in told if one.amount)


@st.composite
def other_payers(draw: st.DrawFn, payer_id: str, order: str) -> OtherPayer:
    """Another payer who has not decided."""
    numbers_given = ("2U", "FY", "G1", "9F", "F8")
    named = {
        "DN": providers("DN", ("0B", "1G", "G2"), named=False),
        "82": providers("82", ("0B", "G2", "LU"), kinds="12", named=False),
        "77": providers("77", ("0B", "G2", "LU"), kinds="2", named=False),
        "DQ": providers("DQ", ("0B", "G2", "LU"), named=False),
        "85": providers("85", ("G2", "LU"), kinds="12", named=False),
    }
    told = [draw(named[role]) for role in draw(subset(*named, most=3))]
    numbered = tuple(_by_numbers_alone(one) for one in told if one.references)
    moa = st.builds(
        OutpatientAdjudication, maybe(counts), maybe(money), some(code("MA01", "N4"), 0, 5), maybe(money), maybe(money)
    )
    return OtherPayer(
        order, draw(code("18", "01", "19", "G8")), draw(code("CI", "MB", "12")),
        draw(payers(payer_id, *numbers_given)), draw(people("IL")),
        draw(maybe(numbers, "")), draw(maybe(words, "")), draw(code("", "12", "47")),
        benefits_assigned=draw(code("Y", "N", "W")), patient_signature_source=draw(code("", "P")),
        release_of_information=draw(code("Y", "I")), noncovered=draw(maybe(money)), patient_owes=draw(maybe(money)),
        outpatient=draw(maybe(moa.filter(lambda one: one != OutpatientAdjudication()))), providers=numbered,
    )  # fmt: skip


def _by_numbers_alone(provider: Provider) -> Provider:
    """In 2330 a provider is told by his numbers alone."""
    return Provider(provider.role, provider.entity_type, references=provider.references)


@st.composite
def decided(
    draw: st.DrawFn, others: list[OtherPayer], lines: tuple[ServiceLine, ...]
) -> tuple[tuple[OtherPayer, ...], tuple[ServiceLine, ...]]:
    """Some payers have decided: each at his claim or at every line, and what he paid and took off is the charge."""
    told: list[OtherPayer] = []
    for other in others:
        how = draw(code("not", "claim", "lines"))
        day = draw(days)
        if how == "claim":
            taken = draw(reductions(sum((line.charge for line in lines), ZERO)))
            paid = sum((line.charge for line in lines), ZERO) - sum((one.amount for one in taken), ZERO)
            told.append(replace(other, paid=paid, adjustments=taken, decided_on=day))
        elif how == "lines":
            found = [draw(decisions(other.payer.id, line, day)) for line in lines]
            lines = tuple(
                replace(line, adjudications=(*line.adjudications, one)) for line, one in zip(lines, found, strict=True)
            )
            told.append(replace(other, paid=sum((one.paid for one in found), ZERO)))
        else:
            told.append(other)
    return tuple(told), lines


@st.composite
def decisions(draw: st.DrawFn, payer_id: str, line: ServiceLine, day: date) -> LineAdjudication:
    """What a payer decided about a line."""
    taken = draw(reductions(line.charge))
    return LineAdjudication(
        payer_id, line.charge - sum((one.amount for one in taken), ZERO), line.procedure, "HC",
        tuple(draw(st.lists(code("25", "RT"), max_size=2, unique=True))), draw(maybe(words, "")), draw(counts),
        draw(maybe(st.integers(1, 3))), taken, day, draw(maybe(money)),
    )  # fmt: skip


@st.composite
def subscribers(draw: st.DrawFn, *, is_patient: bool) -> Subscriber:
    """Who is insured; with a birth date, a sex and a condition where he is the patient too."""
    person = draw(people("IL", ("SY", "Y4") if is_patient else ("SY",)))
    return Subscriber(
        person if is_patient else replace(person, contacts=()), "S", "18" if is_patient else "", draw(maybe(numbers, "")),
        draw(maybe(words, "")), draw(code("", "12")), draw(code("CI", "MB")),
        draw(birth_dates) if is_patient else None, draw(sexes) if is_patient else "",
        draw(maybe(conditions_of_patient)) if is_patient else None,
    )  # fmt: skip


@st.composite
def patients(draw: st.DrawFn) -> Patient:
    """A patient who is insured by somebody else."""
    return Patient(
        draw(people("QC", ("Y4",))), draw(code("01", "19", "G8")), draw(birth_dates), draw(sexes),
        draw(maybe(conditions_of_patient)),
    )  # fmt: skip


@st.composite
def billing_providers(draw: st.DrawFn) -> Provider:
    """A practice with its tax number."""
    provider = draw(providers("85", ("0B", "1G"), kinds="12", placed=True, reached=True, skilled=True))
    tax = Reference(draw(code("EI", "SY")), "123456789")
    return replace(provider, references=(tax, *provider.references))


@st.composite
def plans(draw: st.DrawFn) -> Party:
    """2010AC."""
    numbers_given = (*draw(numbers_of("2U", "FY", "NF", most=1)), Reference("EI", "987654321"))
    return Party("PE", "2", draw(words), "", "", "", "PI", draw(numbers), draw(addresses), (), numbers_given)


# Long: it draws each field of a claim once, and later fields depend on earlier ones.
@st.composite
def claims(draw: st.DrawFn) -> Claim:
    """A claim with anything that the guide has a place for."""
    is_patient = draw(st.booleans())
    others = [
        draw(other_payers(payer_id, order))
        for payer_id, order in zip(draw(subset(*OTHER_PAYER_IDS)), ("P", "T", "A"), strict=False)
    ]
    payer_ids = tuple(other.payer.id for other in others)
    diagnoses = draw(st.lists(code("L700", "L400", "I10", "E119"), min_size=1, max_size=4, unique=True))
    lines = tuple(draw(services(number, len(diagnoses), payer_ids)) for number in range(1, draw(st.integers(1, 3)) + 1))
    other, lines = draw(decided(others, lines))
    frequency = draw(code("1", "7", "8"))
    given = draw(numbers_of(*CLAIM_NUMBERS)) + draw(
        code("", "4N").map(lambda kind: (Reference("4N", "3"), Reference("F5", "Y")) if kind else ())
    )
    if frequency != "1":
        given += (Reference("F8", "ICN1"),)
    named = {
        "DN": providers("DN", ("0B", "1G", "G2")),
        "82": providers("82", ("0B", "G2", "LU"), kinds="12", skilled=True),
        "77": providers("77", ("0B", "G2", "LU"), kinds="2", placed=True, reached=True),
        "DQ": providers("DQ", ("0B", "G2")),
        "PW": providers("PW", kinds="2", named=False, placed=True),
        "45": providers("45", kinds="2", placed=True),
    }
    return Claim(
        patient_control_number=draw(numbers),
        charge=sum((line.charge for line in lines), ZERO),
        place_of_service=draw(code("11", "22")),
        billing_provider=draw(billing_providers()),
        subscriber=draw(subscribers(is_patient=is_patient)),
        payer=draw(payers("60054", "2U", "FY", "G2", "LU")),
        lines=lines,
        patient=None if is_patient else draw(patients()),
        pay_to_address=draw(maybe(addresses)),
        pay_to_plan=draw(maybe(plans())),
        currency=draw(code("", "CAD")),
        frequency=frequency,
        provider_signature=draw(code("Y", "N")),
        assignment=draw(code("A", "B", "C")),
        benefits_assigned=draw(code("Y", "N", "W")),
        release_of_information=draw(code("Y", "I")),
        patient_signature_source=draw(code("", "P")),
        accident=draw(
            st.sampled_from((None, Accident(("AA", "OA"), "IL"), Accident(("EM",)), Accident(("AA",), "", "CA")))
        ),
        special_program=draw(code("", "02", "09")),
        delay_reason=draw(code("", "1", "11")),
        dates=draw(days_of(*CLAIM_DATES)),
        attachments=draw(some(attachments)),
        contract=draw(maybe(contracts)),
        patient_paid=draw(maybe(money)),
        references=tuple(draw(st.permutations(given))),
        file_information=draw(some(words)),
        notes=draw(some(st.builds(Reference, code("ADD", "CER", "TPO"), words), most=1)),
        ambulance=draw(maybe(ambulances)),
        spinal_manipulation=draw(
            maybe(st.builds(SpinalManipulation, code("A", "M"), maybe(words, ""), maybe(words, "")))
        ),
        conditions=draw(some(claim_conditions, unique_by=_category)),
        diagnoses=tuple(diagnoses),
        diagnosis_qualifier=draw(code("ABK", "BK")),
        anesthesia_procedures=draw(some(code("00100", "01999"))),
        condition_codes=draw(some(code("17", "AJ"), most=14)),
        repricing=draw(maybe(pricing())),
        providers=tuple(draw(named[role]) for role in draw(subset(*named, most=4))),
        other_payers=other,
    )
