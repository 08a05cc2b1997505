"""Claims out as one 837P transaction set (005010X222A1), segment by segment in the guide's order.

The hierarchy (2000A, 2000B, 2000C) is made by grouping the claims of one set: those of one billing provider stand
together, below it those of one subscriber with one payer, below him those of one patient.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime

from claimloop.builders.check_parties import digits_only
from claimloop.builders.partner import TradingPartner
from claimloop.edi.claim import Claim, Patient, Subscriber
from claimloop.edi.dates import write_date, write_period
from claimloop.edi.parties import Address, Party, Provider
from claimloop.edi.service_line import ServiceLine
from claimloop.edi.writer import Element, X12Writer

CLAIMS_PER_PATIENT = 100
"""Loop 2300 comes at most 100 times below one HL (005010X222A1)."""

_DATE_ORDER = (
    "431", "454", "304", "453", "439", "484", "455", "471", "314", "360", "361", "297", "296", "435", "096", "090",
    "091", "444", "050",
)  # fmt: skip
_REFERENCE_ORDER = ("4N", "F5", "EW", "9F", "G1", "F8", "X4", "9A", "9C", "LX", "D9", "EA", "P4", "1J")
_LINE_REFERENCE_ORDER = ("9B", "9D", "G1", "EW", "X4", "F4", "BT", "9F")
_PROVIDER_ORDER = ("DN", "P3", "82", "77", "DQ")


class UnwritableClaim(ValueError):
    """The claim holds something (named in the text) for which this writer has no place: nothing is left out."""


def write_professional(
    writer: X12Writer,
    claims: Sequence[Claim],
    partner: TradingPartner,
    control_number: int,
    reference_id: str,
    moment: datetime,
) -> None:
    """One ST…SE with these claims; `control_number` is ST02, `reference_id` BHT03, `moment` BHT04 and BHT05.

    Raises UnwritableClaim before anything is written where a claim has segments, dates, references or providers
    that loop 2300 or 2400 does not hold.
    """
    for claim in claims:
        _refuse_unwritable(claim)
    writer.begin_set("837", control_number, partner.guide)
    day, time = f"{moment:%Y%m%d}", f"{moment:%H%M}"
    writer.segment("BHT", "0019", "00", reference_id, day, time, partner.transaction_type)
    _write_submitter_and_receiver(writer, partner)
    for (provider, pay_to_address), subscribers in _hierarchy(claims).items():
        number = _write_billing_provider(writer, provider, pay_to_address)
        for (payer, subscriber, _), patients in subscribers.items():
            _write_subscriber_level(writer, payer, subscriber, patients, number)
    writer.end_set()


ProviderKey = tuple[Provider, Address | None]
SubscriberKey = tuple[Party, Subscriber, bool]
Patients = dict[Patient | None, list[Claim]]


def _hierarchy(claims: Sequence[Claim]) -> dict[ProviderKey, dict[SubscriberKey, Patients]]:
    """Billing provider → payer and subscriber → patient → claims, each in the order of its first claim.

    Where the patient is the subscriber, the patient is None.
    """
    providers: dict[ProviderKey, dict[SubscriberKey, Patients]] = {}
    for claim in claims:
        subscribers = providers.setdefault((claim.billing_provider, claim.pay_to_address), {})
        patients = subscribers.setdefault((claim.payer, claim.subscriber, claim.patient is None), {})
        patients.setdefault(claim.patient, []).append(claim)
    return providers


def _portions(claims: list[Claim]) -> Iterator[list[Claim]]:
    """As many claims at a time as may stand below one HL."""
    for first in range(0, len(claims), CLAIMS_PER_PATIENT):
        yield claims[first : first + CLAIMS_PER_PATIENT]


def _refuse_unwritable(claim: Claim) -> None:
    problems = [f"segment {text}" for text in claim.other_segments]
    problems += [f"date {qualifier}" for qualifier in claim.dates if qualifier not in _DATE_ORDER]
    problems += [f"reference {item.qualifier}" for item in claim.references if item.qualifier not in _REFERENCE_ORDER]
    problems += [f"provider {item.role}" for item in claim.providers if item.role not in _PROVIDER_ORDER]
    for line in claim.lines:
        if line.other_segments or line.references:
            problems += [f"segment {text}" for text in line.other_segments]
            named = (item.qualifier for item in line.references)
            problems += [f"reference {qualifier}" for qualifier in named if qualifier not in _LINE_REFERENCE_ORDER]
    if problems:
        raise UnwritableClaim(f"claim {claim.patient_control_number}: no place for " + ", ".join(problems))


def _write_submitter_and_receiver(writer: X12Writer, partner: TradingPartner) -> None:
    """1000A and 1000B."""
    submitter = partner.submitter
    writer.segment("NM1", "41", "2", submitter.name, "", "", "", "", "46", submitter.id)
    numbers = []
    for qualifier, number in (
        ("TE", digits_only(submitter.phone)),
        ("EM", submitter.email),
        ("FX", digits_only(submitter.fax)),
    ):
        if number:
            numbers += [qualifier, number]
    writer.segment("PER", "IC", submitter.contact_name, *numbers)
    writer.segment("NM1", "40", "2", partner.receiver.name, "", "", "", "", "46", partner.receiver.id)


def _write_billing_provider(writer: X12Writer, provider: Provider, pay_to_address: Address | None) -> int:
    """2000A, 2010AA, 2010AB; returns the HL number."""
    number = writer.hl(None, "20", has_children=True)
    if provider.taxonomy:
        writer.segment("PRV", "BI", "PXC", provider.taxonomy)
    _write_name(writer, provider)
    _write_address(writer, provider.address)
    for reference in provider.references:
        writer.segment("REF", reference.qualifier, reference.value)
    for contact in provider.contacts:
        pairs = [part for pair in contact.numbers for part in pair]
        writer.segment("PER", contact.function, contact.name, *pairs)
    if pay_to_address:
        writer.segment("NM1", "87", provider.entity_type)
        _write_address(writer, pay_to_address)
    return number


def _write_subscriber_level(
    writer: X12Writer, payer: Party, subscriber: Subscriber, patients: Patients, parent: int
) -> None:
    """2000B, and below it the claims (the patient is the subscriber) or 2000C with the claims of each patient."""
    for claims in _portions(patients.get(None, [])):
        _write_subscriber(writer, payer, subscriber, parent, has_children=False)
        for claim in claims:
            _write_claim(writer, claim)
    if None in patients:
        return
    number = _write_subscriber(writer, payer, subscriber, parent, has_children=True)
    for patient, all_claims in patients.items():
        for claims in _portions(all_claims):
            if patient is not None:
                _write_patient(writer, patient, number)
            for claim in claims:
                _write_claim(writer, claim)


def _write_subscriber(
    writer: X12Writer, payer: Party, subscriber: Subscriber, parent: int, *, has_children: bool
) -> int:
    """2000B, 2010BA, 2010BB; returns the HL number."""
    number = writer.hl(parent, "22", has_children=has_children)
    writer.segment(
        "SBR", subscriber.payer_responsibility, subscriber.relationship, subscriber.group_number,
        subscriber.group_name, subscriber.insurance_type, "", "", "", subscriber.claim_filing_indicator,
    )  # fmt: skip
    _write_name(writer, subscriber.person)
    _write_address(writer, subscriber.person.address)
    _write_demographics(writer, subscriber)
    _write_name(writer, payer)
    _write_address(writer, payer.address)
    return number


def _write_patient(writer: X12Writer, patient: Patient, parent: int) -> None:
    """2000C and 2010CA."""
    writer.hl(parent, "23", has_children=False)
    writer.segment("PAT", patient.relationship)
    _write_name(writer, patient.person)
    _write_address(writer, patient.person.address)
    _write_demographics(writer, patient)


def _write_demographics(writer: X12Writer, person: Subscriber | Patient) -> None:
    if person.birth_date:
        writer.segment("DMG", "D8", write_date(person.birth_date), person.sex)


def _write_claim(writer: X12Writer, claim: Claim) -> None:
    """2300 with its providers and lines."""
    accident: Element = None
    if claim.accident:
        first, second, *_ = (*claim.accident.causes, "")
        accident = (first, second, "", claim.accident.state, claim.accident.country)
    writer.segment(
        "CLM", claim.patient_control_number, claim.charge, "", "",
        (claim.place_of_service, "B", claim.frequency), claim.provider_signature, claim.assignment,
        claim.benefits_assigned, claim.release_of_information, claim.patient_signature_source, accident,
        claim.special_program, "", "", "", "", "", "", "", claim.delay_reason,
    )  # fmt: skip
    if claim.dates:
        for qualifier in _DATE_ORDER:
            if qualifier in claim.dates:
                writer.segment("DTP", qualifier, *write_period(claim.dates[qualifier]))
    if claim.patient_paid is not None:
        writer.segment("AMT", "F5", claim.patient_paid)
    for reference in sorted(claim.references, key=lambda item: _REFERENCE_ORDER.index(item.qualifier)):
        writer.segment("REF", reference.qualifier, reference.value)
    for note in claim.notes:
        writer.segment("NTE", note.qualifier, note.value)
    if claim.diagnoses:
        other = "ABF" if claim.diagnosis_qualifier == "ABK" else "BF"
        codes = [(other, code) for code in claim.diagnoses[1:]]
        writer.segment("HI", (claim.diagnosis_qualifier, claim.diagnoses[0]), *codes)
    for provider in sorted(claim.providers, key=lambda item: _PROVIDER_ORDER.index(item.role)):
        _write_provider(writer, provider)
    writer.begin_lines()
    for line in claim.lines:
        _write_line(writer, line)


def _write_line(writer: X12Writer, line: ServiceLine) -> None:
    """2400, 2410, 2420A."""
    modifiers = (*line.modifiers, "", "", "", "")[:4]
    writer.lx()
    writer.segment(
        "SV1", (line.procedure_qualifier, line.procedure, *modifiers, line.description), line.charge, line.unit,
        line.units, line.place_of_service, "", tuple(str(pointer) for pointer in line.diagnosis_pointers), "",
        "Y" if line.emergency else "",
    )  # fmt: skip
    writer.segment("DTP", "472", *write_period(line.service_date))
    before, after = _line_references(line)
    for qualifier, value in (*before, ("6R", line.line_control_number), *after):
        writer.segment("REF", qualifier, value)
    for note in line.notes:
        writer.segment("NTE", note.qualifier, note.value)
    if line.drug:
        writer.segment("LIN", "", "N4", line.drug.ndc)
        writer.segment("CTP", "", "", "", line.drug.quantity, (line.drug.unit,))
        if line.drug.prescription:
            writer.segment("REF", "XZ", line.drug.prescription)
    if line.rendering_provider:
        _write_provider(writer, line.rendering_provider)


def _line_references(line: ServiceLine) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """The REF of 2400 that stand before 6R, and those behind it."""
    if not line.references:
        return [], []
    ordered = sorted(line.references, key=lambda item: _LINE_REFERENCE_ORDER.index(item.qualifier))
    pairs = [(item.qualifier, item.value) for item in ordered]
    before = [pair for pair in pairs if pair[0] in ("9B", "9D", "G1")]
    return before, pairs[len(before) :]


def _write_provider(writer: X12Writer, provider: Provider) -> None:
    """One of 2310A-D or 2420A."""
    _write_name(writer, provider)
    if provider.taxonomy:
        writer.segment("PRV", "PE", "PXC", provider.taxonomy)
    _write_address(writer, provider.address)
    for reference in provider.references:
        writer.segment("REF", reference.qualifier, reference.value)


def _write_name(writer: X12Writer, party: Party) -> None:
    writer.segment(
        "NM1", party.role, party.entity_type, party.name, party.first_name, party.middle_name, "", party.suffix,
        party.id_qualifier if party.id else "", party.id,
    )  # fmt: skip


def _write_address(writer: X12Writer, address: Address | None) -> None:
    """N3 and N4; nothing where there is no address."""
    if address is None:
        return
    writer.segment("N3", address.line1, address.line2)
    writer.segment("N4", address.city, address.state, address.postal_code, address.country, "", "", address.subdivision)
