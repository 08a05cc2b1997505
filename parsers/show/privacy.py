"""Make records fit to be shown: hide who a patient is, keep what the business needs.

Hidden: names (initials stay), addresses, contacts, birth dates, weights, pregnancies and dates of death of patients and
insured people, their member numbers and social security numbers (the last characters stay), where an ambulance picked
them up, free text, bank accounts. Not hidden: control numbers of claims and payers, trace numbers, providers, payers,
codes, dates of service, money.
"""

import re
from collections.abc import Iterable
from typing import Any, TypeVar

from msgspec.structs import replace

from claimloop.edi.diagnostics import mask
from claimloop.edi.records.claim import Claim, Patient, Subscriber
from claimloop.edi.records.claim_supplements import FormAnswer
from claimloop.edi.records.other_payer import OtherPayer
from claimloop.edi.records.parties import Party, Provider, Reference
from claimloop.edi.records.remittance import ClaimPayment, Remittance
from claimloop.edi.records.service_line import ServiceLine

AnyParty = TypeVar("AnyParty", bound=Party)
Insured = TypeVar("Insured", Subscriber, Patient)

PERSONAL_ROLES = frozenset(("IL", "QC", "74", "GB", "03", "QD", "S1", "S3", "AO", "GD", "EI", "36"))
"""NM101 of patients, insured people and people who are responsible for them."""

_BUSINESS_ROLES = frozenset(
    ("1P", "1T", "2B", "40", "41", "45", "71", "72", "73", "77", "80", "82", "85", "87", "AY", "DD", "DK", "DN", "DQ",
     "FA", "IN", "P3", "P5", "PE", "PR", "PRP", "PW", "QB", "SEP", "TT", "TTP", "TU", "X3")
)  # fmt: skip
"""NM101 of providers, payers and senders of files. A segment with any other role is treated as a patient's."""

PERSONAL_NUMBERS = frozenset(("SY", "1W", "0F", "IG", "EA", "Y4", "28", "F6", "NQ", "A6"))
"""REF01 of numbers that identify a patient: social security, member, policy, medical record, accident case."""

_BUSINESS_NUMBERS = frozenset(
    ("0B", "1G", "1J", "1K", "2U", "4N", "6R", "87", "9A", "9B", "9C", "9D", "9F", "BLT", "BT", "D9", "EI", "EJ", "EV",
     "EW", "F2", "F4", "F5", "F8", "FJ", "FY", "G1", "G2", "G3", "LU", "LX", "NF", "P4", "PQ", "T4", "TJ", "VY", "X4",
     "XZ")
)  # fmt: skip
"""REF01 of numbers that identify a claim, a line, a provider, a payer, or only a document."""

_SHOWN = frozenset(
    ("ISA", "GS", "ST", "SE", "GE", "IEA", "TA1", "BHT", "HL", "LX", "CLM", "CAS", "AMT", "QTY", "OI", "MIA", "MOA",
     "SVD", "DTP", "DTM", "CR1", "CR2", "CR3", "CRC", "CN1", "HCP", "PWK", "MEA", "CTP", "LIN", "SV1", "SV2", "SV3",
     "SV5", "HI", "PS1", "LQ", "CUR", "TRN", "CLP", "SVC", "TS2", "TS3", "PLB", "STC", "AK1", "AK2", "AK3", "AK4",
     "AK5", "AK9", "IK3", "IK4", "IK5", "CTX", "EQ", "AAA", "PRV", "UM", "SBR")
)  # fmt: skip
_HIDDEN_ELEMENTS = {
    "CTX": (1,), "AK4": (4,), "IK4": (4,), "STC": (12,), "SBR": (3, 4), "CR1": (2, 9, 10), "CR2": (10, 11, 12),
}  # fmt: skip
"""Elements of shown segments that copy data, hold free text, number a policy or give a patient's weight."""

_PLACES = frozenset(("PW", "45"))
"""NM101 of the places where an ambulance picks up and drops off a patient: often their home."""

_ADDRESSES = frozenset(("N2", "N3", "N4"))
"""Segments whose first element is not a qualifier."""

_NAME_ELEMENTS = (3, 4, 5)
_ID_ELEMENT = 9

_SEGMENT = re.compile(r"([A-Z][A-Z0-9]{1,2})([^A-Za-z0-9\s])")


def initials(name: str) -> str:
    """Return only the first letter of a name: "N…"."""
    return f"{name[0]}…" if name else ""


def last_characters(number: str) -> str:
    """Return the last four characters of a number, and never more than half of it."""
    seen = min(4, len(number) // 2)
    return f"…{number[len(number) - seen :]}" if number else ""


def hide_reference(reference: Reference) -> Reference:
    """Reduce a reference that identifies a patient to its last characters."""
    if reference.qualifier not in PERSONAL_NUMBERS:
        return reference
    return Reference(reference.qualifier, last_characters(reference.value))


def hide_person(party: AnyParty) -> AnyParty:
    """Return a party fit to be shown. A person in a personal role is hidden; another party loses only such numbers."""
    if party.role not in PERSONAL_ROLES:
        if any(reference.qualifier in PERSONAL_NUMBERS for reference in party.references):
            return replace(party, references=tuple(map(hide_reference, party.references)))
        return party
    return replace(
        party,
        name=initials(party.name),
        first_name=initials(party.first_name),
        middle_name=initials(party.middle_name),
        suffix=initials(party.suffix),
        id=last_characters(party.id),
        address=None,
        contacts=(),
        references=tuple(Reference(ref.qualifier, last_characters(ref.value)) for ref in party.references),
    )


def hide_segment(text: str) -> str:
    """Hide names, numbers and free text in a segment that was kept as text. Its shape stays.

    Segments of money, dates and codes are shown as they are. An unknown segment shows only its id.
    """
    found = _SEGMENT.match(text)
    if found is None:
        return mask(text)
    tag, separator = found.groups()
    elements = text.split(separator)
    qualifier = elements[1] if len(elements) > 1 else ""
    coded = len(qualifier) <= 3 and tag not in _ADDRESSES
    hidden: Iterable[int] = range(2 if coded else 1, len(elements))
    if tag in _SHOWN or (tag == "REF" and qualifier in _BUSINESS_NUMBERS):
        hidden = _HIDDEN_ELEMENTS.get(tag, ())
    elif tag in ("NM1", "N1"):
        hidden = ()
        if qualifier not in _BUSINESS_ROLES:
            hidden = (2, *range(6, len(elements))) if tag == "N1" else (6, 7, *range(10, len(elements)))
            _hide_name(elements)
    for index in hidden:
        elements[index : index + 1] = map(mask, elements[index : index + 1])
    return separator.join(elements)


def _hide_name(nm1: list[str]) -> None:
    for index in _NAME_ELEMENTS:
        nm1[index : index + 1] = map(initials, nm1[index : index + 1])
    nm1[_ID_ELEMENT : _ID_ELEMENT + 1] = map(last_characters, nm1[_ID_ELEMENT : _ID_ELEMENT + 1])


def hide_claim(claim: Claim) -> Claim:
    """Return an 837P claim fit to be shown."""
    said: dict[str, Any] = {
        "billing_provider": hide_person(claim.billing_provider),
        "subscriber": _hide_insured(claim.subscriber),
        "payer": hide_person(claim.payer),
        "lines": tuple(map(_hide_line, claim.lines)),
    }
    if claim.patient:
        said["patient"] = _hide_insured(claim.patient)
    if claim.pay_to_plan:
        said["pay_to_plan"] = hide_person(claim.pay_to_plan)
    if claim.other_payers:
        said["other_payers"] = tuple(map(_hide_other_payer, claim.other_payers))
    if claim.spinal_manipulation:
        manipulation = claim.spinal_manipulation
        said["spinal_manipulation"] = replace(
            manipulation,
            description=mask(manipulation.description),
            more_description=mask(manipulation.more_description),
        )
    return replace(claim, **said, **_hide_supplements(claim))


def _hide_supplements(record: Claim | ServiceLine) -> dict[str, Any]:
    """Hide what a claim and a line have in common, where it is present."""
    said: dict[str, Any] = {}
    if record.references:
        said["references"] = tuple(map(_hide_number, record.references))
    if record.notes:
        said["notes"] = tuple(map(_hide_note, record.notes))
    if record.file_information:
        said["file_information"] = tuple(map(mask, record.file_information))
    if record.ambulance:
        ride = record.ambulance
        said["ambulance"] = replace(
            ride,
            patient_weight=None,
            round_trip_purpose=mask(ride.round_trip_purpose),
            stretcher_purpose=mask(ride.stretcher_purpose),
        )
    if record.providers:
        said["providers"] = tuple(map(_hide_provider, record.providers))
    if record.other_segments:
        said["other_segments"] = tuple(map(hide_segment, record.other_segments))
    return said


def _hide_line(line: ServiceLine) -> ServiceLine:
    said = _hide_supplements(line)
    if line.forms:
        said["forms"] = tuple(replace(form, answers=tuple(map(_hide_answer, form.answers))) for form in line.forms)
    return replace(line, **said) if said else line


def _hide_answer(answer: FormAnswer) -> FormAnswer:
    return replace(answer, text=mask(answer.text), date=mask(answer.date))


def _hide_provider(provider: Provider) -> Provider:
    if provider.role in _PLACES:
        return replace(provider, name=mask(provider.name), address=None)
    return hide_person(provider)


def _hide_other_payer(other: OtherPayer) -> OtherPayer:
    return replace(
        other,
        subscriber=hide_person(other.subscriber),
        payer=hide_person(other.payer),
        group_number=last_characters(other.group_number),
        group_name=initials(other.group_name),
        providers=tuple(map(hide_person, other.providers)),
    )


def _hide_number(reference: Reference) -> Reference:
    """Hide a number of an unknown kind, which may identify a patient, and a description, which is free text."""
    if reference.qualifier in _BUSINESS_NUMBERS:
        return replace(reference, description=mask(reference.description)) if reference.description else reference
    return Reference(reference.qualifier, last_characters(reference.value), mask(reference.description))


def hide_payment(payment: ClaimPayment) -> None:
    """Make a claim payment fit to be shown. This changes the record itself."""
    if payment.parties:
        payment.parties = [hide_person(party) for party in payment.parties]
    if payment.references:
        payment.references = [hide_reference(reference) for reference in payment.references]
    if payment.other_segments:
        payment.other_segments = tuple(map(hide_segment, payment.other_segments))
    for service in payment.services:
        if service.other_segments:
            service.other_segments = tuple(map(hide_segment, service.other_segments))


def hide_remittance(remittance: Remittance) -> None:
    """Make the header of a remittance fit to be shown. This changes the record itself."""
    remittance.payer_account = _hide_account(remittance.payer_account)
    remittance.payee_account = _hide_account(remittance.payee_account)
    remittance.payee = hide_person(remittance.payee)
    remittance.other_segments = [hide_segment(text) for text in remittance.other_segments]


def _hide_account(account: tuple[str, ...]) -> tuple[str, ...]:
    return (*account[:-1], last_characters(account[-1])) if account else ()


def _hide_insured(insured: Insured) -> Insured:
    return replace(insured, person=hide_person(insured.person), birth_date=None, condition=None)


def _hide_note(note: Reference) -> Reference:
    return Reference(note.qualifier, mask(note.value))
