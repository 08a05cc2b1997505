"""Show an 837P in words: its sender, then each claim with its people, diagnoses and lines.

Each claim is one text that is printed at once. Tables that measure themselves take many times longer.
"""

from collections.abc import Iterable, Iterator
from decimal import Decimal
from functools import lru_cache

from rich.console import Console

from claimloop.edi.money import ZERO
from claimloop.edi.records.claim import Claim, Patient, Subscriber
from claimloop.edi.records.remittance import Procedure
from claimloop.edi.records.service_line import ServiceLine
from claimloop.parsers.professional.reader import ClaimFile
from claimloop.parsers.show.claim_words import (
    CAUSES,
    DELAYS,
    PROGRAMS,
    Row,
    address,
    condition,
    joined,
    line_details,
    manipulation,
    other_payer,
    person,
    role,
    someone,
    supplements,
    with_word,
    worded,
)
from claimloop.parsers.show.words import (
    ABSENT,
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

_HEADINGS = ("#", "Date", "Procedure", "Diagnoses", "Units", "Charge", "Place", "Line")
_RIGHT = frozenset((0, 4, 5))
"""Columns of numbers."""


def show_claims(items: Iterable[ClaimFile | Claim], console: Console) -> None:
    """Print the sets and claims of a file as they come, and the totals of each set."""
    claims, lines, charged, opened = 0, 0, ZERO, False
    for item in items:
        if isinstance(item, ClaimFile):
            if opened:
                _show_totals(claims, lines, charged, console)
            claims, lines, charged, opened = 0, 0, ZERO, True
            _show_file(item, console)
        else:
            claims += 1
            lines += len(item.lines)
            charged += item.charge
            _show_claim(item, claims, console)
    if opened:
        _show_totals(claims, lines, charged, console)


def _show_file(item: ClaimFile, console: Console) -> None:
    envelope = item.interchange
    usage = {"T": "test", "P": "production"}.get(envelope.usage, envelope.usage)
    rows = [
        ("Submitter", someone(item.submitter)),
        ("Receiver", party(item.receiver)),
        ("Created", f"{item.date} {item.time}".strip() or ABSENT),
        ("Kind", f"{in_words('batch_purpose', item.purpose)}; {in_words('batch_type', item.type)}"),
        ("Interchange", f"{envelope.control_number} from {envelope.sender} to {envelope.receiver}, {usage}"),
        ("Set", f"GS {item.group.control_number}, ST {item.transaction.control_number}"),
        *(("Also sent", text) for text in item.other_segments),
    ]
    _heading(f"837P {item.transaction.guide}  batch {item.reference or ABSENT}", console)
    console.out(_grid([(name, plain(text)) for name, text in rows]), highlight=False)


def _heading(text: str, console: Console) -> None:
    console.out(plain(text), style="bold", highlight=False)


def _show_claim(claim: Claim, count: int, console: Console) -> None:
    frequency = _in_words("frequency", claim.frequency)
    heading = f"Claim {count}  {plain(claim.patient_control_number) or ABSENT}  {money(claim.charge)}  {frequency}"
    console.out("")
    _heading(heading, console)
    text = _grid(list(_rows(claim)))
    console.out(f"{text}\n{_lines(claim.lines)}" if claim.lines else text, highlight=False)


_in_words = lru_cache(1024)(in_words)
_explained = lru_cache(1024)(explained)


def _rows(claim: Claim) -> Iterator[Row]:
    """Yield everything of a claim but its lines."""
    yield from _people(claim)
    for provider in claim.providers:
        yield role(provider.role).capitalize(), someone(provider)
    yield "Place", _explained("place_of_service", claim.place_of_service)
    yield "Diagnoses", plain(", ".join(f"{at} {code}" for at, code in enumerate(claim.diagnoses, start=1))) or ABSENT
    if claim.anesthesia_procedures:
        yield "Anesthesia", plain(" ".join(claim.anesthesia_procedures))
    if claim.condition_codes:
        yield "Conditions", plain(" ".join(claim.condition_codes))
    yield "Signatures", plain(
        joined(
            with_word("provider", claim.provider_signature), with_word("assignment", claim.assignment),
            with_word("benefits", claim.benefits_assigned), with_word("release", claim.release_of_information),
            with_word("signed by", claim.patient_signature_source),
        )
    )  # fmt: skip
    if claim.accident:
        accident = claim.accident
        causes = (worded(CAUSES, cause) for cause in accident.causes)
        yield "Accident", joined(*causes, plain(accident.state), plain(accident.country))
    if claim.special_program:
        yield "Program", worded(PROGRAMS, claim.special_program)
    if claim.delay_reason:
        yield "Delay", worded(DELAYS, claim.delay_reason)
    yield from supplements(claim)
    if claim.patient_paid is not None:
        yield "Patient paid", money(claim.patient_paid)
    if claim.spinal_manipulation:
        yield "Spine", manipulation(claim.spinal_manipulation)
    for other in claim.other_payers:
        yield from (("Other payer" if at == 0 else "", text) for at, text in enumerate(other_payer(other)))
    for at, text in enumerate(claim.other_segments):
        yield "" if at else "Also sent", plain(text)
    if claim.unreadable:
        yield "Unreadable", f"{claim.unreadable} amounts, quantities or dates"


def _people(claim: Claim) -> Iterator[Row]:
    insured = claim.subscriber
    order = _in_words("payer_responsibility", insured.payer_responsibility)
    yield "Billing", someone(claim.billing_provider)
    if claim.pay_to_address:
        yield "Pay to", address(claim.pay_to_address)
    if claim.pay_to_plan:
        yield "Pay-to plan", someone(claim.pay_to_plan)
    if claim.currency:
        yield "Currency", plain(claim.currency)
    filing = _explained("filing_indicator", insured.claim_filing_indicator)
    kind = with_word("type", plain(insured.insurance_type))
    yield "Payer", joined(someone(claim.payer), order, filing, kind, by="; ")
    group = plain(joined(insured.group_number, insured.group_name, by=" "))
    yield (
        "Subscriber",
        joined(_person(insured), with_word("group", group), condition(insured.condition) if insured.condition else ""),
    )
    if claim.patient:
        patient = claim.patient
        relation = _in_words("relationship", patient.relationship)
        yield "Patient", joined(joined(_person(patient), condition(patient.condition)), relation, by="; ")


def _person(who: Subscriber | Patient) -> str:
    born = with_word("born", day(who.birth_date) if who.birth_date else "")
    return joined(person(who.person), born, plain(who.sex))


def _lines(lines: tuple[ServiceLine, ...]) -> str:
    """Return a row for each line, with its details below it."""
    table = [_HEADINGS, *(_cells(count, line) for count, line in enumerate(lines, start=1))]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    rows = [
        "  ".join(
            text.rjust(width) if column in _RIGHT else text.ljust(width)
            for column, (text, width) in enumerate(zip(cells, widths, strict=True))
        ).rstrip()
        for cells in table
    ]
    indent = " " * (widths[0] + 6)
    shown = ["  " + rows[0]]
    for row, line in zip(rows[1:], lines, strict=True):
        shown.append("  " + row)
        shown.extend(indent + text for text in line_details(line))
    return "\n".join(shown)


def _cells(count: int, line: ServiceLine) -> tuple[str, ...]:
    minutes = f" {line.unit}" if line.unit not in ("UN", "") else ""
    return (
        str(count),
        period(line.service_date),
        procedure(Procedure(line.procedure_qualifier, line.procedure, line.modifiers)),
        " ".join(map(str, line.diagnosis_pointers)),
        number(line.units) + plain(minutes),
        money(line.charge),
        plain(line.place_of_service),
        plain(line.line_control_number),
    )


def _grid(rows: list[Row]) -> str:
    """Return a grid of names in one column and descriptions in the next."""
    width = max(len(name) for name, _ in rows)
    return "\n".join(f"  {name.ljust(width)}  {text}" for name, text in rows)


def _show_totals(claims: int, lines: int, charged: Decimal, console: Console) -> None:
    console.out("")
    _heading(f"claims {claims}, service lines {lines}, charged {money(charged)}", console)
    console.out("")
