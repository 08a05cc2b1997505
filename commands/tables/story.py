"""One claim: what was sent, what came back, what each line owes now, and why payments matched it."""

from collections.abc import Iterator

from claimloop.commands.session import print_lines, width
from claimloop.commands.tables.formats import print_table
from claimloop.commands.tables.layout import wrapped
from claimloop.edi.columns import MONEY, Column, Shown
from claimloop.edi.money import two_decimals
from claimloop.reconciliation.queries.claim_history import (
    Acknowledged,
    ClaimHistory,
    Event,
    ManualEntry,
    Paid,
    Recouped,
    Submitted,
)
from claimloop.reconciliation.queries.explain_match import Explanation
from claimloop.reconciliation.queries.export import as_text

_LINES = (
    Column("line", Shown("id", priority=1)),
    Column("service_date", Shown("day", priority=3, heading="date")),
    Column("procedure", Shown("code", priority=2)),
    Column("charge", MONEY),
    Column("insurance_paid", Shown("money", priority=1, heading="paid")),
    Column("contractual", Shown("money", priority=3)),
    Column("patient", Shown("money", priority=2)),
    Column("open", MONEY),
    Column("denied", Shown("money", priority=2)),
    Column("status", Shown("text", priority=1)),
)
_DEEPER = " " * 12
"""Below the first line of an event: its day and two spaces."""


def print_story(told: ClaimHistory) -> None:
    """Print one claim with its lines and its events."""
    claim = told.claim
    about = f"Claim {claim.claim_control_number} (encounter {claim.encounter_id}) to {claim.payer_name}"
    _print(f"{about}: {claim.status}", "  ")
    rows = [
        {
            **as_text(line),
            "line": line.line_control_number or "claim level",
            "procedure": " ".join([line.procedure or "", *line.modifiers]),
        }
        for line in told.lines
    ]
    print_table(_LINES, rows)
    for event in told.events:
        for text in _event(event):
            _print(text, _DEEPER)


def print_explanation(told: list[Explanation]) -> None:
    """Print every payment: the rule that matched it or why it is in suspense, each candidate claim, and each line."""
    for payment in told:
        why = f"matched by {payment.rule}" if payment.rule else f"in suspense: {'; '.join(payment.held)}"
        number = payment.claim_control_number or "no claim number"
        amounts = f"charge {two_decimals(payment.charge)}, paid {two_decimals(payment.paid)}"
        _print(f"{number} in trace {payment.trace_number}: {amounts}, {why}  ({payment.file}:{payment.segment})", "  ")
        for each in payment.candidates:
            facts = ", ".join(f"{name} {fact}" for name, fact in each.facts.items())
            chosen = " (matched)" if each.chosen else ""
            _print(f"  candidate {each.claim_control_number}{chosen}, score {each.score:.2f}: {facts}", "    ")
        for line in payment.lines:
            place = f"service {line.service}" if line.service else "claim level"
            to = line.line_control_number or ("the claim" if not line.service else "no line")
            rule = f", matched by {line.rule}" if line.rule else ""
            _print(f"    {place}, {two_decimals(line.charge)}: {to}{rule}", "      ")


def _event(event: Event) -> Iterator[str]:
    """Yield the lines of one event: the first begins with its day."""
    match event:
        case Submitted():
            yield _submitted(event)
        case ManualEntry():
            yield _manual_entry(event)
        case Recouped():
            yield (
                f"{event.day}  {event.reason} {event.reference} of {two_decimals(event.amount)} by {event.payer}, "
                f"trace {event.trace_number}: {two_decimals(event.recouped)} of this claim is recouped and open again  "
                f"({event.file}:{event.segment})"
            )
        case Acknowledged():
            yield from _acknowledgement(event)
        case Paid():
            yield from _payment(event)


def _submitted(event: Submitted) -> str:
    what = "submitted" if event.sent_as == "claim" else f"submitted as {event.sent_as}"
    where = f"({event.file}, set {event.set_number})"
    return f"{event.day}  {what} {event.claim_control_number} to {event.payer}: {two_decimals(event.charge)}  {where}"


def _manual_entry(event: ManualEntry) -> str:
    moved = f" from {event.from_} to {event.to}".replace("_", " ") if event.to else ""
    line = f", line {event.line_control_number}" if event.line_control_number else ""
    note = f": {event.note}" if event.note else ""
    kind, amount = event.kind.replace("-", " "), two_decimals(event.amount)
    return f"{event.day}  manual entry: {kind} of {amount}{moved}{line}{note}  ({event.reference})"


def _acknowledgement(event: Acknowledged) -> Iterator[str]:
    text = f": {event.text}" if event.text else ""
    source = f"({event.file}:{event.segment})"
    yield f"{event.day}  {event.about} {event.event} ({event.kind} {event.code}){text}  {source}"
    for line in event.lines:
        yield f"{_DEEPER}{line.line_control_number or line.procedure}: {' '.join(line.codes)}"


def _payment(event: Paid) -> Iterator[str]:
    yield (
        f"{event.day}  {event.event} by {event.payer}, trace {event.trace_number}: charge "
        f"{two_decimals(event.charge)}, paid {two_decimals(event.paid)}, matched by {event.matched_by}  "
        f"({event.file}:{event.segment})"
    )
    if event.held:
        yield f"{_DEEPER}{two_decimals(event.held)} of it in suspense"
    for each in event.adjustments:
        place = each.line_control_number or "claim level"
        yield f"{_DEEPER}{place}: {each.group}-{each.reason} {two_decimals(each.amount)} -> {each.disposition}"


def _print(text: str, indent: str) -> None:
    print_lines(wrapped(text, width(), indent=indent))
