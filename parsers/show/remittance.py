"""Show an 835 in words and tables: the payment, each claim with its lines, provider-level adjustments, the balance."""

from collections.abc import Iterable
from decimal import Decimal

import msgspec
from rich import box
from rich.console import Console, Group
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from claimloop.edi.codes import label
from claimloop.edi.money import ZERO
from claimloop.edi.records.adjustments import sum_of_disposition
from claimloop.edi.records.parties import Party, Reference
from claimloop.edi.records.remittance import (
    Adjustment,
    ClaimPayment,
    ProviderAdjustment,
    ProviderSummary,
    Remittance,
    RemittanceEnd,
    ServicePayment,
)
from claimloop.edi.records.remittance_names import REFERENCES
from claimloop.parsers.remittance.set_reader import RemittanceItem
from claimloop.parsers.remittance.shared_payments import Check, Key
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

_DATES = {"232": "services from", "233": "services to", "050": "received", "036": "coverage ended"}
"""DTM01 of a claim, in words."""

_ROLES = {
    "IL": "insured",
    "74": "corrected to",
    "82": "rendered by",
    "TT": "sent on to",
    "PR": "payer is",
    "GB": "other subscriber",
}
"""NM101 of a claim, in words. The patient precedes them."""


_WIDE = 110
"""Columns of a terminal that has room for a line's adjustments in its row."""


def show_remittances(items: Iterable[RemittanceItem], console: Console) -> None:
    """Print the items of a file as they come."""
    remittance, charged, claims = Remittance(), ZERO, 0
    checks: dict[Key, Check] = {}
    for item in items:
        match item:
            case Remittance():
                remittance, charged, claims = item, ZERO, 0
                _show_header(item, console)
            case ClaimPayment():
                charged += item.charge
                claims += 1
                _show_claim(item, claims, console)
            case ProviderAdjustment():
                _show_provider_adjustment(item, console)
            case ProviderSummary():
                totals = item.provider_totals or item.supplemental_totals
                words = _named(totals) if totals else ""
                console.print(Text(plain(f"Summary {item.kind}: {words or ' '.join(item.elements)}")))
            case RemittanceEnd():
                for text in remittance.other_segments:
                    _line(console, f"also sent {plain(text)}")
                _show_end(item, remittance.payment_amount, charged, console)
                if remittance.trace_number:
                    check = checks.setdefault((remittance.payer_id, remittance.trace_number), Check())
                    check.take(remittance.payment_amount, item.expected_payment())
                    _show_check(check, console)


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
        "Check or EFT": _in_the_bank(remittance),
        "Produced": day(remittance.production_date),
        "Set": f"ISA {source.interchange}, GS {source.group or ABSENT}, ST {source.transaction}" if source else ABSENT,
    }
    if remittance.currency:
        rows["Currency"] = remittance.currency
    if remittance.delivery:
        rows["Delivered"] = " ".join(filter(None, remittance.delivery))
    for name, value in rows.items():
        grid.add_row(name, Text(plain(value)))
    console.print(Padding(grid, (0, 0, 0, 2), expand=False))


def _in_the_bank(remittance: Remittance) -> str:
    """Return the trace number and its payer: with date, amount and method, what the bank's record has (CORE 370)."""
    key = remittance.reassociation_key
    whose = f", of payer {key.payer_id}" if key.payer_id else ""
    return f"{key.trace_number or ABSENT}{whose}"


def _with_contacts(payer: Party) -> str:
    contacts = [
        " ".join((contact.name, *(value for _, value in contact.numbers))).strip() for contact in payer.contacts
    ]
    return "; ".join((party(payer), *filter(None, contacts)))


def _show_claim(claim: ClaimPayment, count: int, console: Console) -> None:
    status = in_words("claim_status", claim.status)
    console.print()
    heading = Text(f"Claim {count}  {plain(claim.patient_control_number) or ABSENT}  {status}", style="bold")
    if claim.is_denial:
        heading.append("  DENIED", style="red")
    console.print(heading)
    facts = [
        f"patient {party(claim.party('QC'))}",
        f"payer's claim number {plain(claim.payer_claim_number) or ABSENT}",
        f"insurance {explained('filing_indicator', claim.claim_filing_indicator)}",
    ]
    _line(console, "; ".join(facts))
    for role, words in _ROLES.items():
        if someone := claim.party(role):
            _line(console, f"{words} {party(someone)}")
    if claim.forwarded and claim.crossover_to is None:
        _line(console, "forwarded to another payer, which is not named")
    _line(console, "   ".join(_where_the_charge_went(claim)))
    if facts := _dates_and_interest(claim):
        _line(console, "   ".join(facts))
    if claim.adjustments:
        _line(console, "on the claim: " + "; ".join(map(adjustment, claim.adjustments)))
    if claim.references:
        _line(console, "; ".join(_reference(one) for one in claim.references))
    decisions = (claim.inpatient, claim.outpatient)
    remarks = [remark for decision in decisions if decision for remark in decision.remarks]
    for kind, decision in (("inpatient", claim.inpatient), ("outpatient", claim.outpatient)):
        if decision and (words := _named(decision.amounts)):
            _line(console, f"{kind}: {words}")
    if remarks:
        _line(console, "remarks " + plain(" ".join(remarks)))
    if claim.imbalance:
        _line(console, f"does not balance: difference {money(-claim.imbalance)}", style="red")  # found less expected
    if claim.unreadable:
        _line(console, f"unreadable amounts and dates: {claim.unreadable}", style="red")
    for text in claim.other_segments:
        _line(console, f"also sent {plain(text)}")
    if claim.services:
        console.print(_lines(claim.services, judged=claim.is_judged, is_wide=console.width >= _WIDE))
    for at, line in enumerate(claim.services, start=1):
        for text in line.other_segments:
            _line(console, f"also sent in line {at}: {plain(text)}")


def _where_the_charge_went(claim: ClaimPayment) -> list[str]:
    """Return charge, payment, allowed amount, and each kind of adjustment that is present."""
    facts = [f"charge {money(claim.charge)}", f"paid {money(claim.paid)}", f"allowed {money(claim.allowed)}"]
    every = claim.every_adjustment
    told = {
        "contractual": claim.contractual,
        "denied" if claim.is_judged else "not judged": claim.denied,
        "by earlier payers": claim.prior_payers,
        "left open": sum_of_disposition(every, "open"),
    }
    facts += [f"{words} {money(amount)}" for words, amount in told.items() if amount]
    facts += _patient(claim)
    within = {"sequestration": claim.sequestration, "capitation": claim.capitation}
    return facts + [f"of this {words} {money(amount)}" for words, amount in within.items() if amount]


def _patient(claim: ClaimPayment) -> list[str]:
    """Return what the patient owes by the PR adjustments, split, and CLP05 where it is another amount."""
    share, declared = claim.patient_share, claim.patient_responsibility
    kinds = {
        "deductible": share.deductible,
        "coinsurance": share.coinsurance,
        "copay": share.copay,
        "other": share.other,
    }
    split = ", ".join(f"{words} {money(amount)}" for words, amount in kinds.items() if amount)
    if not split and not declared:
        return []
    facts = [f"patient {money(share.total)}" + (f" ({split})" if split else "")]
    return facts + ([f"CLP05 is {money(declared)}"] if declared is not None and declared != share.total else [])


def _reference(one: Reference) -> str:
    """Return a REF by its name: "prior authorization 12345"."""
    name = REFERENCES.get(one.qualifier, one.qualifier).replace("_", " ")
    return plain(f"{name} {one.value}")


def _dates_and_interest(claim: ClaimPayment) -> list[str]:
    """Return the claim's dates (DTM) and interest (AMT*I). The payer pays interest by a provider-level adjustment."""
    facts = [f"{_DATES[dated.qualifier]} {period(dated.period)}" for dated in claim.dates if dated.qualifier in _DATES]
    return facts + ([f"interest {money(claim.interest)}"] if claim.interest else [])


def _named(amounts: msgspec.Struct) -> str:
    """Return the values of a summary by name: "covered days 3, claim drg 1200.50"."""
    sent = ((name, getattr(amounts, name)) for name in amounts.__struct_fields__)
    return ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in sent if value not in (None, ""))


def _lines(services: list[ServicePayment], *, judged: bool, is_wide: bool) -> Group:
    """Return a table of the lines. On a narrow terminal, text that would be cut follows line by line."""
    details: list[Text] = []
    table = Table(box=box.SIMPLE_HEAD, show_edge=False)
    table.add_column("Date", no_wrap=True)
    table.add_column("Procedure", no_wrap=True)
    for heading in ("Units", "Charge", "Allowed", "Paid"):
        table.add_column(heading, justify="right", no_wrap=True)
    if is_wide:
        table.add_column("Adjustments")
        table.add_column("Remarks")
        table.add_column("Line", no_wrap=True)
    for line in services:
        billed = line.submitted_procedure
        code, meant = procedure(line.procedure), line.procedure.reading
        if meant != line.procedure:
            code = f"{procedure(meant)} (sent {code})"
        cells: tuple[str, ...] = (
            period(line.service_date),
            f"{code} (billed {procedure(billed)})" if billed and billed != line.procedure else code,
            number(line.units_paid),
            money(line.charge),
            money(line.allowed),
            f"{money(line.paid)} denied" if judged and line.is_denial else money(line.paid),
        )
        remarks = plain(" ".join(remark.code for remark in line.remarks))
        control_number = plain(line.line_control_number)
        if is_wide:
            cells = (*cells, _adjustments(line.adjustments), remarks, control_number)
        else:
            facts = [*map(adjustment, line.adjustments), *([f"remarks {remarks}"] if remarks else [])]
            details.append(Text(f"  {control_number or ABSENT} {code}: {'; '.join(facts) or 'no adjustments'}"))
        table.add_row(*map(Text, cells))
    return Group(table, *details)


def _adjustments(adjustments: list[Adjustment]) -> str:
    return "\n".join(map(adjustment, adjustments))


def _show_provider_adjustment(item: ProviderAdjustment, console: Console) -> None:
    verb = "withheld from the payment" if item.amount >= 0 else "added to the payment"
    reason = f"{item.reason} {label('provider_adjustment', item.reason)}".strip() or ABSENT
    reference = f", reference {item.reference}" if item.reference else ""
    text = f"Provider adjustment {reason}: {money(abs(item.amount))} {verb}{reference}"
    console.print()
    console.print(Text(plain(f"{text} (provider {item.provider})")))


def _show_end(end: RemittanceEnd, payment: Decimal, charged: Decimal, console: Console) -> None:
    expected = end.expected_payment()
    console.print()
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False)
    for heading in ("Claims", "Charged", "Paid on claims", "Provider adjustments", "Total", "Payment", "Difference"):
        table.add_column(heading, justify="right")
    amounts = (charged, end.claims_paid, -end.provider_adjusted, expected, payment, payment - expected)
    table.add_row(str(end.claims), *map(money, amounts))
    console.print(table)
    if payment == expected:
        console.print(Text("The remittance balances.", style="green"))
    else:
        console.print(Text(f"The remittance does not balance: {money(payment - expected)}.", style="red"))
    if not end.complete:
        console.print(Text("The set has no trailer (SE), so it may be incomplete.", style="red"))
    if end.unreadable:
        console.print(Text(f"Unreadable amounts and dates: {end.unreadable}.", style="red"))
    console.print()


def _show_check(check: Check, console: Console) -> None:
    """Print what the sets of one check add up to, once there are several."""
    if check.sets < 2:
        return
    together = (
        f"The {check.sets} sets of this check or EFT so far add up to {money(check.makes)} of {money(check.payment)}"
    )
    console.print(Text(f"{together}, difference {money(check.difference)}."))
    console.print()


def _line(console: Console, text: str, style: str = "") -> None:
    console.print(Text(f"  {text}", style=style))
