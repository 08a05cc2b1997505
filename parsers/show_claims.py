"""An 837P in words and tables: who sends it, then each claim with its people, diagnoses and lines."""

from collections.abc import Iterable
from decimal import Decimal

from rich import box
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from claimloop.edi.claim import Claim
from claimloop.edi.codes import label
from claimloop.edi.money import ZERO
from claimloop.edi.parties import Provider
from claimloop.edi.remittance import Procedure
from claimloop.edi.service_line import ServiceLine
from claimloop.parsers.professional import ClaimFile
from claimloop.parsers.words import (
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
    console.print(Text(plain(f"837P {item.transaction.guide}  batch {item.reference or ABSENT}"), style="bold"))
    rows = {
        "Submitter": party(item.submitter),
        "Receiver": party(item.receiver),
        "Created": f"{item.date} {item.time}".strip() or ABSENT,
        "Kind": f"{in_words('batch_purpose', item.purpose)}; {in_words('batch_type', item.type)}",
        "Interchange": f"{envelope.control_number} from {envelope.sender} to {envelope.receiver}, "
        + {"T": "test", "P": "production"}.get(envelope.usage, envelope.usage),
        "Set": f"GS {item.group.control_number}, ST {item.transaction.control_number}",
    }
    console.print(_grid(rows))


def _show_claim(claim: Claim, count: int, console: Console) -> None:
    console.print()
    frequency = in_words("frequency", claim.frequency)
    heading = f"Claim {count}  {plain(claim.patient_control_number) or ABSENT}  {money(claim.charge)}  {frequency}"
    console.print(Text(heading, style="bold"))
    insured = claim.subscriber
    order = in_words("payer_responsibility", insured.payer_responsibility)
    rows = {
        "Billing": _provider(claim.billing_provider),
        "Payer": f"{party(claim.payer)}; {order}; {explained('filing_indicator', insured.claim_filing_indicator)}",
        "Subscriber": _person(party(insured.person), day(insured.birth_date), insured.sex, insured.group_number),
    }
    if claim.patient:
        who = claim.patient
        relation = in_words("relationship", who.relationship)
        rows["Patient"] = f"{_person(party(who.person), day(who.birth_date), who.sex, '')}; {relation}"
    for provider in claim.providers:
        role = label("provider_role", provider.role) or provider.role
        rows[role.capitalize()] = _provider(provider)
    rows["Place"] = explained("place_of_service", claim.place_of_service)
    codes = [f"{index} {code}" for index, code in enumerate(claim.diagnoses, start=1)]
    rows["Diagnoses"] = ", ".join(codes) or ABSENT
    for qualifier, days in claim.dates.items():
        rows[f"Date {plain(qualifier)}"] = period(days)
    if claim.references:
        rows["References"] = ", ".join(f"{ref.qualifier} {ref.value}" for ref in claim.references)
    if claim.patient_paid is not None:
        rows["Patient paid"] = money(claim.patient_paid)
    for note in claim.notes:
        rows[f"Note {plain(note.qualifier)}"] = note.value
    if claim.other_segments:
        rows["Also sent"] = "\n".join(claim.other_segments)
    console.print(_grid(rows))
    if claim.lines:
        console.print(_lines(claim.lines))


def _lines(lines: tuple[ServiceLine, ...]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, show_edge=False)
    table.add_column("#", justify="right")
    table.add_column("Date", no_wrap=True)
    table.add_column("Procedure", no_wrap=True)
    table.add_column("Diagnoses")
    table.add_column("Units", justify="right", no_wrap=True)
    table.add_column("Charge", justify="right", no_wrap=True)
    table.add_column("Place")
    table.add_column("Line")
    table.add_column("More")
    for count, line in enumerate(lines, start=1):
        minutes = f" {line.unit}" if line.unit not in ("UN", "") else ""
        cells = (
            str(count),
            period(line.service_date),
            procedure(Procedure(line.procedure_qualifier, line.procedure, line.modifiers)),
            " ".join(map(str, line.diagnosis_pointers)),
            number(line.units) + plain(minutes),
            money(line.charge),
            plain(line.place_of_service),
            plain(line.line_control_number),
            "\n".join(map(plain, _more(line))),
        )
        table.add_row(*map(Text, cells))
    return table


def _more(line: ServiceLine) -> list[str]:
    more = ["emergency"] if line.emergency else []
    if line.description:
        more.append(line.description)
    if line.drug:
        more.append(f"NDC {line.drug.ndc} {number(line.drug.quantity)} {line.drug.unit}")
    if line.rendering_provider:
        more.append(f"rendering {_provider(line.rendering_provider)}")
    more.extend(f"{ref.qualifier} {ref.value}" for ref in line.references)
    more.extend(f"note {note.qualifier} {note.value}" for note in line.notes)
    more.extend(line.other_segments)
    return more


def _provider(provider: Provider) -> str:
    return party(provider) + (f", taxonomy {provider.taxonomy}" if provider.taxonomy else "")


def _person(name: str, born: str, sex: str, group: str) -> str:
    parts = (name, f"born {born}" if born != ABSENT else "", sex, f"group {group}" if group else "")
    return ", ".join(part for part in parts if part)


def _grid(rows: dict[str, str]) -> Padding:
    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="dim")
    grid.add_column()
    for name, value in rows.items():
        grid.add_row(name, Text("\n".join(map(plain, value.split("\n")))))
    return Padding(grid, (0, 0, 0, 2), expand=False)


def _show_totals(claims: int, lines: int, charged: Decimal, console: Console) -> None:
    console.print()
    console.print(Text(f"claims {claims}, service lines {lines}, charged {money(charged)}", style="bold"))
    console.print()
