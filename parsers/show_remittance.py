"""An 835 in words and tables: the payment, each claim with its lines, provider adjustments, and the balance."""

from collections.abc import Iterable
from decimal import Decimal

from rich import box
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from claimloop.edi.codes import label
from claimloop.edi.money import ZERO
from claimloop.edi.parties import Party
from claimloop.edi.remittance import (
    Adjustment,
    ClaimPayment,
    ProviderAdjustment,
    ProviderSummary,
    Remittance,
    RemittanceEnd,
    ServicePayment,
)
from claimloop.parsers.remittance import RemittanceItem
from claimloop.parsers.words import (
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

ALLOWED = "B6"
INTEREST = "I"
_DATES = {"232": "services from", "233": "services to", "050": "received", "036": "coverage ended"}
"""DTM01 of a claim, in words."""


def show_remittances(items: Iterable[RemittanceItem], console: Console) -> None:
    """Print the items of a file as they come."""
    payment, charged, claims = ZERO, ZERO, 0
    for item in items:
        match item:
            case Remittance():
                payment, charged, claims = item.payment_amount, ZERO, 0
                _show_header(item, console)
            case ClaimPayment():
                charged += item.charge
                claims += 1
                _show_claim(item, claims, console)
            case ProviderAdjustment():
                _show_provider_adjustment(item, console)
            case ProviderSummary():
                elements = " ".join(element or "-" for element in item.elements)
                console.print(Text(plain(f"Summary {item.kind}: {elements}")))
            case RemittanceEnd():
                _show_end(item, payment, charged, console)


def _show_header(remittance: Remittance, console: Console) -> None:
    method = in_words("payment_method", remittance.payment_method)
    source = remittance.source
    console.print(Text(plain(f"Remittance {remittance.trace_number or ABSENT}"), style="bold"))
    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="dim")
    grid.add_column()
    rows = {
        "Payer": _with_contacts(remittance.payer),
        "Payee": party(remittance.payee),
        "Payment": f"{money(remittance.payment_amount)} by {method}",
        "Handling": in_words("payment_handling", remittance.handling),
        "Date": day(remittance.payment_date),
        "Check or EFT": plain(remittance.trace_number) or ABSENT,
        "Produced": day(remittance.production_date),
        "Set": f"ISA {source.interchange}, GS {source.group}, ST {source.transaction}" if source else ABSENT,
    }
    for name, value in rows.items():
        grid.add_row(name, Text(plain(value)))
    console.print(Padding(grid, (0, 0, 0, 2), expand=False))


def _with_contacts(payer: Party) -> str:
    contacts = [
        " ".join((contact.name, *(value for _, value in contact.numbers))).strip() for contact in payer.contacts
    ]
    return "; ".join((party(payer), *filter(None, contacts)))


def _show_claim(claim: ClaimPayment, count: int, console: Console) -> None:
    status = in_words("claim_status", claim.status)
    console.print()
    heading = f"Claim {count}  {plain(claim.patient_control_number) or ABSENT}  {status}"
    console.print(Text(heading, style="bold"))
    adjusted = sum((one.amount for one in claim.adjustments), ZERO)
    adjusted += sum((line.adjusted for line in claim.services), ZERO)
    facts = [
        f"patient {party(claim.party('QC'))}",
        f"payer's claim number {plain(claim.payer_claim_number) or ABSENT}",
        f"insurance {explained('filing_indicator', claim.claim_filing_indicator)}",
    ]
    _line(console, "; ".join(facts))
    for role, words in (("IL", "insured"), ("74", "corrected to"), ("TT", "sent on to"), ("PR", "payer is")):
        if someone := claim.party(role):
            _line(console, f"{words} {party(someone)}")
    _line(
        console,
        f"charge {money(claim.charge)}   paid {money(claim.paid)}   patient {money(claim.patient_responsibility)}"
        f"   adjusted {money(adjusted)}",
    )
    if facts := _dates_and_interest(claim):
        _line(console, "   ".join(facts))
    if claim.adjustments:
        _line(console, "on the claim: " + "; ".join(map(adjustment, claim.adjustments)))
    decisions = (claim.inpatient, claim.outpatient)
    remarks = [remark for decision in decisions if decision for remark in decision.remarks]
    if remarks:
        _line(console, "remarks " + plain(" ".join(remarks)))
    if claim.imbalance:
        _line(console, f"does not balance: difference {money(claim.imbalance)}", style="red")
    if claim.unreadable:
        _line(console, f"segments with an amount or date that cannot be read: {claim.unreadable}", style="red")
    for text in claim.other_segments:
        _line(console, f"also sent {plain(text)}")
    if claim.services:
        console.print(_lines(claim.services))


def _dates_and_interest(claim: ClaimPayment) -> list[str]:
    """What DTM and AMT*I of the claim say; the money of the interest is in the provider adjustments."""
    facts = [f"{_DATES[dated.qualifier]} {day(dated.date)}" for dated in claim.dates if dated.qualifier in _DATES]
    return facts + [f"interest {money(one.amount)}" for one in claim.amounts if one.qualifier == INTEREST]


def _lines(services: list[ServicePayment]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, show_edge=False)
    table.add_column("Date", no_wrap=True)
    table.add_column("Procedure", no_wrap=True)
    for heading in ("Units", "Charge", "Allowed", "Paid"):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("Adjustments")
    table.add_column("Remarks")
    table.add_column("Line")
    for line in services:
        billed = line.submitted_procedure
        allowed = next((one.amount for one in line.amounts if one.qualifier == ALLOWED), None)
        code = procedure(line.procedure)
        cells = (
            period(line.service_date),
            f"{code} (billed {procedure(billed)})" if billed and billed != line.procedure else code,
            number(line.units_paid),
            money(line.charge),
            money(allowed) if allowed is not None else "",
            money(line.paid),
            _adjustments(line.adjustments),
            plain(" ".join(remark.code for remark in line.remarks)),
            plain(line.line_control_number),
        )
        table.add_row(*map(Text, cells))
    return table


def _adjustments(adjustments: list[Adjustment]) -> str:
    return "\n".join(map(adjustment, adjustments))


def _show_provider_adjustment(item: ProviderAdjustment, console: Console) -> None:
    verb = "taken from the payment" if item.amount >= 0 else "added to the payment"
    words = label("provider_adjustment", item.reason)
    reference = f", reference {item.reference}" if item.reference else ""
    text = f"Provider adjustment {item.reason} {words}: {money(abs(item.amount))} {verb}{reference}"
    console.print()
    console.print(Text(plain(f"{text} (provider {item.provider})")))


def _show_end(end: RemittanceEnd, payment: Decimal, charged: Decimal, console: Console) -> None:
    expected = end.expected_payment()
    console.print()
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False)
    for heading in ("Claims", "Charged", "Paid on claims", "Provider adjustments", "Makes", "Payment", "Difference"):
        table.add_column(heading, justify="right")
    amounts = (charged, end.claims_paid, -end.provider_adjusted, expected, payment, payment - expected)
    table.add_row(str(end.claims), *map(money, amounts))
    console.print(table)
    if payment == expected:
        console.print(Text("The remittance balances.", style="green"))
    else:
        console.print(Text(f"The remittance does not balance: {money(payment - expected)}.", style="red"))
    if not end.complete:
        console.print(Text("The set has no trailer (SE): it may have been cut.", style="red"))
    if end.unreadable:
        console.print(Text(f"Segments that could not be read: {end.unreadable}.", style="red"))
    console.print()


def _line(console: Console, text: str, style: str = "") -> None:
    console.print(Text(f"  {text}", style=style))
