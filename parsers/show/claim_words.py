"""Describe an 837P: one phrase for each record of a claim or a line."""

from collections.abc import Iterator
from decimal import Decimal
from functools import lru_cache

from claimloop.edi.codes import label
from claimloop.edi.records.adjustments import Adjustment
from claimloop.edi.records.claim import Claim, PatientCondition
from claimloop.edi.records.claim_supplements import (
    AmbulanceTransport,
    Attachment,
    Certification,
    Contract,
    Repricing,
    SpinalManipulation,
    SupportingForm,
)
from claimloop.edi.records.other_payer import LineAdjudication, OtherPayer, OutpatientAdjudication
from claimloop.edi.records.parties import Address, Contact, Party, Provider, Reference
from claimloop.edi.records.remittance import Procedure
from claimloop.edi.records.service_line import Drug, ServiceLine
from claimloop.parsers.show.words import (
    ABSENT,
    adjustment,
    day,
    explained,
    in_words,
    money,
    number,
    party,
    period,
    plain,
    procedure,
)

Row = tuple[str, str]
"""A name, and its description."""

DATES = {
    "431": "onset", "454": "first treatment", "304": "last seen", "453": "acute manifestation", "439": "accident",
    "484": "last menstrual period", "455": "last x-ray", "471": "prescription", "314": "disability",
    "360": "disability from", "361": "disability to", "297": "last worked", "296": "return to work",
    "435": "admission", "096": "discharge", "090": "care assumed", "091": "care relinquished",
    "444": "first contact", "050": "received by repricer", "607": "recertification", "463": "therapy begun",
    "461": "last certification", "738": "hemoglobin test", "739": "creatinine test", "011": "shipped",
}  # fmt: skip
"""DTP01."""

NUMBERS = {
    "4N": "authorization exception", "F5": "Medicare crossover", "EW": "mammography certificate", "9F": "referral",
    "G1": "prior authorization", "F8": "payer's claim number", "X4": "CLIA", "9A": "repriced claim",
    "9C": "adjusted repriced claim", "LX": "device exemption", "D9": "clearinghouse trace", "EA": "medical record",
    "P4": "demonstration project", "1J": "care plan oversight", "9B": "repriced line", "9D": "adjusted repriced line",
    "F4": "referring CLIA", "BT": "vaccine batch", "Y4": "property and casualty claim", "SY": "social security number",
    "EI": "tax number", "T4": "claim adjusted", "G2": "payer's provider number", "0B": "state license", "1G": "UPIN",
    "LU": "location", "2U": "payer", "FY": "claim office", "NF": "NAIC",
}  # fmt: skip
"""REF01."""

PROGRAMS = {"02": "children with disabilities", "03": "federal funds", "05": "disability", "09": "second opinion"}
"""CLM12."""

DELAYS = {
    "1": "eligibility unknown", "2": "litigation", "3": "authorization", "4": "certifying the provider",
    "5": "billing forms", "6": "custom-made appliances", "7": "third party", "8": "determining eligibility",
    "9": "first claim denied for another reason", "10": "prior approval", "11": "other", "15": "natural disaster",
}  # fmt: skip
"""CLM20."""

CAUSES = {"AA": "auto accident", "EM": "employment", "OA": "other accident"}
"""CLM11."""

_TRANSMISSIONS = {
    "AA": "on request", "BM": "by mail", "EL": "electronically", "EM": "by e-mail", "FT": "by file transfer",
    "FX": "by fax",
}  # fmt: skip
_CONTRACTS = {
    "01": "DRG", "02": "per diem", "03": "variable per diem", "04": "flat", "05": "capitated", "06": "percent",
    "09": "other",
}  # fmt: skip
_RIDES = {
    "A": "to the nearest facility", "B": "to a preferred physician", "C": "nearer to the family",
    "D": "to a specialist", "E": "to rehabilitation",
}  # fmt: skip
_SPINES = {
    "A": "acute", "C": "chronic", "D": "not acute", "E": "not life-threatening", "F": "routine", "G": "symptomatic",
    "M": "acute manifestation of a chronic condition",
}  # fmt: skip
_CERTIFIED = {"I": "initial", "R": "renewal", "S": "revised"}
_NOTES = {"ADD": "", "CER": "certification", "DCP": "goals", "DGN": "diagnosis", "TPO": "third party"}
_CATEGORIES = {
    "07": "ambulance", "E1": "spectacle lenses", "E2": "contact lenses", "E3": "spectacle frames", "75": "homebound",
    "ZZ": "EPSDT", "70": "hospice employee", "09": "equipment",
}  # fmt: skip
_MEASURES = {"HT": "height", "R1": "haemoglobin", "R2": "hematocrit", "R3": "epoetin dose", "R4": "creatinine"}


def coded(words: dict[str, str], code: str) -> str:
    """Return the words for a code, or else the code."""
    return words.get(code) or plain(code)


def worded(words: dict[str, str], code: str) -> str:
    """Return the words followed by the code, or the code alone."""
    return f"{words[code]} ({code})" if code in words else plain(code)


def joined(*parts: str, by: str = ", ") -> str:
    """Join the parts that are not empty."""
    return by.join(part for part in parts if part)


def with_word(word: str, text: str) -> str:
    """Return the word and the text; an empty text where the text is empty."""
    return f"{word} {text}" if text else ""


def amount(word: str, value: Decimal | None) -> str:
    """Return the word and the amount; an empty text where there is no amount."""
    return "" if value is None else f"{word} {money(value)}"


def address(where: Address | None) -> str:
    """On one line."""
    if where is None:
        return ""
    place = joined(where.city, where.state, where.postal_code, where.country, where.subdivision, by=" ")
    return plain(joined(where.line1, where.line2, place))


def contact(who: Contact) -> str:
    """Return the name and numbers of a contact."""
    return plain(joined(who.name, *(f"{kind} {text}" for kind, text in who.numbers), by=" "))


def reference(one: Reference) -> str:
    """Return the kind of number, the number, and the payer that assigned it."""
    words = f"{coded(NUMBERS, one.qualifier)} {plain(one.value)}"
    return joined(words, plain(one.description), with_word("given by", plain(one.payer_id)))


def person(who: Party) -> str:
    """Describe a party with everything that the file has about it."""
    name = party(who)
    taxonomy = with_word("taxonomy", plain(who.taxonomy)) if isinstance(who, Provider) else ""
    told = (taxonomy, *map(reference, who.references), address(who.address), *map(contact, who.contacts))
    return joined("" if name == ABSENT and any(told) else name, *told)


someone = lru_cache(256)(person)
"""The same for parties that repeat from claim to claim."""


@lru_cache(1024)
def role(code: str) -> str:
    """Return a provider's role, by NM101."""
    return label("provider_role", code) or plain(code)


def condition(one: PatientCondition | None) -> str:
    """PAT."""
    if one is None:
        return ""
    return joined(
        with_word("died", day(one.died_on) if one.died_on else ""),
        with_word("weighs", number(one.weight) + " lb" if one.weight is not None else ""),
        "pregnant" if one.pregnant else "",
    )


def attachment(one: Attachment) -> str:
    """PWK."""
    sent = worded(_TRANSMISSIONS, one.transmission)
    return joined(f"{plain(one.report_type)} {sent}", plain(one.control_number))


def contract(one: Contract) -> str:
    """CN1."""
    return joined(
        worded(_CONTRACTS, one.type), amount("amount", one.amount), with_word("percentage", number(one.percentage)),
        with_word("code", plain(one.code)), with_word("discount", number(one.terms_discount)),
        with_word("version", plain(one.version)),
    )  # fmt: skip


def ambulance(ride: AmbulanceTransport) -> str:
    """CR1."""
    return joined(
        worded(_RIDES, ride.reason), f"{number(ride.distance)} miles",
        with_word("patient weighs", number(ride.patient_weight) + " lb" if ride.patient_weight is not None else ""),
        with_word("round trip:", plain(ride.round_trip_purpose)),
        with_word("stretcher:", plain(ride.stretcher_purpose)),
    )  # fmt: skip


def manipulation(one: SpinalManipulation) -> str:
    """CR2."""
    return joined(worded(_SPINES, one.condition), plain(one.description), plain(one.more_description))


def certification(one: Certification) -> str:
    """CRC."""
    verdict = {"Y": "yes", "N": "no"}.get(one.applies, plain(one.applies))
    return f"{coded(_CATEGORIES, one.category)}: {verdict} {plain(' '.join(one.conditions))}".rstrip()


def repricing(one: Repricing) -> str:
    """HCP."""
    code = plain(joined(one.procedure_qualifier if one.procedure_qualifier != "HC" else "", one.procedure, by=" "))
    return joined(
        plain(f"method {one.method}"), amount("allowed", one.allowed), amount("saved", one.savings),
        with_word("by", plain(one.organization_id)), with_word("rate", number(one.rate)),
        with_word("group", plain(one.ambulatory_group)), amount("group amount", one.ambulatory_group_amount),
        with_word("procedure", code),
        with_word("quantity", joined(number(one.quantity), plain(one.unit), by=" ")),
        with_word("rejected", plain(one.reject_reason)), with_word("compliance", plain(one.compliance)),
        with_word("exception", plain(one.exception)),
    )  # fmt: skip


def outpatient(one: OutpatientAdjudication) -> str:
    """MOA."""
    return joined(
        with_word("rate", number(one.reimbursement_rate)), amount("payable", one.hcpcs_payable),
        with_word("remarks", plain(" ".join(one.remarks))), amount("ESRD", one.esrd_payment),
        amount("professional component", one.nonpayable_professional_component),
    )  # fmt: skip


def other_payer(other: OtherPayer) -> Iterator[str]:
    """Describe 2320 and 2330: one line for the payer, one for its adjudication, one for each adjustment."""
    yield joined(
        someone(other.payer), in_words("payer_responsibility", other.payer_responsibility),
        explained("filing_indicator", other.claim_filing_indicator), with_word("type", plain(other.insurance_type)),
        by="; ",
    )  # fmt: skip
    group = joined(plain(other.group_number), plain(other.group_name), by=" ")
    yield "insured " + joined(
        person(other.subscriber), in_words("relationship", other.relationship), with_word("group", group),
        with_word("benefits assigned", plain(other.benefits_assigned)),
        with_word("release", plain(other.release_of_information)),
        with_word("signed by", plain(other.patient_signature_source)),
    )  # fmt: skip
    decision = joined(
        amount("paid", other.paid), amount("not covered", other.noncovered),
        amount("patient owes", other.patient_owes), with_word("on", day(other.decided_on) if other.decided_on else ""),
        outpatient(other.outpatient) if other.outpatient else "",
    )  # fmt: skip
    if decision:
        yield f"adjudicated: {decision}"
    yield from map(_adjusted, other.adjustments)
    for provider in other.providers:
        yield f"{role(provider.role)} {joined(*map(reference, provider.references)) or ABSENT}"


def adjudication(one: LineAdjudication) -> Iterator[str]:
    """2430."""
    code = procedure(Procedure(one.procedure_qualifier, one.procedure, one.modifiers))
    yield joined(
        f"payer {plain(one.payer_id)} paid {money(one.paid)} for {code}", plain(one.description),
        with_word("units", number(one.units)), with_word("bundled into line", str(one.bundled_line or "")),
        amount("patient owes", one.patient_owes), with_word("on", day(one.decided_on) if one.decided_on else ""),
    )  # fmt: skip
    yield from map(_adjusted, one.adjustments)


def _adjusted(one: Adjustment) -> str:
    return "  " + joined(adjustment(one), with_word("units", number(one.quantity)))


def drug(one: Drug) -> str:
    """2410."""
    kind = "NDC" if one.code_qualifier == "N4" else one.code_qualifier
    tied = "prescription" if one.prescription_qualifier == "XZ" else "compound"
    return plain(joined(f"{kind} {one.ndc} {number(one.quantity)} {one.unit}", with_word(tied, one.prescription)))


def form(one: SupportingForm) -> Iterator[str]:
    """2440."""
    answers = (
        f"{answer.question}: {joined(answer.yes_no, answer.text, answer.date, number(answer.percentage), by=' ')}"
        for answer in one.answers
    )
    yield plain(joined(f"form {one.list} {one.form}", *answers))


def supplements(record: Claim | ServiceLine) -> Iterator[Row]:
    """Yield what a claim and a line have in common, without their money and parties."""
    for qualifier, days in record.dates.items():
        yield f"Date {plain(qualifier)}", joined(period(days), DATES.get(qualifier, ""), by=" ")
    for one in record.references:
        yield "Reference", f"{plain(one.qualifier)} {reference(one)}" if one.qualifier in NUMBERS else reference(one)
    for paper in record.attachments:
        yield "Attachment", attachment(paper)
    if record.contract:
        yield "Contract", contract(record.contract)
    for text in record.file_information:
        yield "File information", plain(text)
    for note in record.notes:
        yield f"Note {plain(note.qualifier)}", joined(plain(note.value), _NOTES.get(note.qualifier, ""), by="  ")
    if record.ambulance:
        yield "Ambulance", ambulance(record.ambulance)
    for one_condition in record.conditions:
        yield "Condition", certification(one_condition)
    if record.repricing:
        yield "Repricing", repricing(record.repricing)


def line_details(line: ServiceLine) -> Iterator[str]:
    """Yield everything of a line that is not in its row."""
    told = {
        "emergency": line.emergency, "EPSDT": line.epsdt, "family planning": line.family_planning,
        "no copay": line.copay_exempt,
    }  # fmt: skip
    flags = joined(*(word for word, applies in told.items() if applies))
    if flags:
        yield flags
    if line.description:
        yield plain(line.description)
    if line.drug:
        yield drug(line.drug)
    if line.equipment:
        price = line.equipment
        yield joined(
            f"equipment {plain(price.procedure)}", f"{number(price.days)} days", amount("rent", price.rental_price),
            amount("price", price.purchase_price), with_word("frequency", plain(price.frequency)),
        )  # fmt: skip
    if line.equipment_certification:
        paper = line.equipment_certification
        yield f"certified for {number(paper.months)} months, {worded(_CERTIFIED, paper.type)}"
    yield from (f"{name[0].lower()}{name[1:]} {text}" for name, text in supplements(line))
    yield from (
        f"{word} {number(count)}"
        for word, count in (
            ("ambulance patients", line.ambulance_patients), ("obstetric units", line.obstetric_anesthesia_units)
        )
        if count is not None
    )  # fmt: skip
    for one in line.measurements:
        yield f"measured {coded(_MEASURES, one.type)} {number(one.value)} ({plain(one.reference)})"
    yield from filter(None, (amount("sales tax", line.sales_tax), amount("postage", line.postage)))
    if line.purchased_service:
        yield f"purchased from {plain(line.purchased_service.provider_id)} for {money(line.purchased_service.charge)}"
    for provider in line.providers:
        yield f"{role(provider.role)} {someone(provider)}"
    for decision in line.adjudications:
        yield from adjudication(decision)
    for paper_form in line.forms:
        yield from form(paper_form)
    yield from map(plain, line.other_segments)
