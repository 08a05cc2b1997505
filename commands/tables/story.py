"""One claim: what was sent, what came back, what each line owes now, and why payments matched it."""

from collections.abc import Iterator
from typing import Any

from claimloop.commands.session import print_lines, width
from claimloop.commands.tables.formats import print_table
from claimloop.commands.tables.layout import wrapped
from claimloop.edi.columns import MONEY, Column, Shown

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


def print_story(told: dict[str, Any]) -> None:
    """Print one claim with its lines and its events."""
    claim = told["claim"]
    number, encounter = claim["claim_control_number"], claim["encounter_id"]
    _print(f"Claim {number} (encounter {encounter}) to {claim['payer_name']}: {claim['status']}", "  ")
    rows = [
        {
            **line,
            "line": line["line_control_number"] or "claim level",
            "procedure": " ".join([line["procedure"] or "", *line["modifiers"]]),
        }
        for line in told["lines"]
    ]
    print_table(_LINES, rows)
    for event in told["events"]:
        for line in _event(event):
            _print(line, _DEEPER)


def print_explanation(told: list[dict[str, Any]]) -> None:
    """Print every payment: the rule that matched it or why it is in suspense, each candidate claim, and each line."""
    for payment in told:
        why = f"matched by {payment['rule']}" if payment["rule"] else f"in suspense: {'; '.join(payment['held'])}"
        number = payment["claim_control_number"] or "no claim number"
        _print(
            f"{number} in trace {payment['trace_number']}: charge {payment['charge']}, paid {payment['paid']}, {why}  "
            f"({_source(payment)})",
            "  ",
        )
        for each in payment["candidates"]:
            facts = ", ".join(f"{name} {fact}" for name, fact in each.facts.items())
            chosen = " (matched)" if each.chosen else ""
            _print(f"  candidate {each.claim_control_number}{chosen}, score {each.score:.2f}: {facts}", "    ")
        for line in payment["lines"]:
            place = f"service {line['service']}" if line["service"] else "claim level"
            to = line["line_control_number"] or ("the claim" if not line["service"] else "no line")
            rule = f", matched by {line['rule']}" if line["rule"] else ""
            _print(f"    {place}, {line['charge']}: {to}{rule}", "      ")


def _event(event: dict[str, Any]) -> Iterator[str]:
    """Yield the lines of one event: the first begins with its day."""
    match event["event"]:
        case "submitted":
            yield _submitted(event)
        case "by hand":
            yield _manual_entry(event)
        case "recoupment":
            yield (
                f"{event['day']}  {event['reason']} {event['reference']} of {event['amount']} by {event['payer']}, "
                f"trace {event['trace_number']}: {event['recouped']} of this claim is recouped and open again  "
                f"({_source(event)})"
            )
        case _ if "about" in event:
            yield from _acknowledgement(event)
        case _:
            yield from _payment(event)


def _submitted(event: dict[str, Any]) -> str:
    what = "submitted" if event["as"] == "claim" else f"submitted as {event['as']}"
    number = event["claim_control_number"]
    where = f"({event['file']}, set {event['set']})"
    return f"{event['day']}  {what} {number} to {event['payer']}: {event['charge']}  {where}"


def _manual_entry(event: dict[str, Any]) -> str:
    moved = f" from {event['from']} to {event['to']}".replace("_", " ") if event["to"] else ""
    line = f", line {event['line_control_number']}" if event["line_control_number"] else ""
    note = f": {event['note']}" if event["note"] else ""
    kind = event["kind"].replace("-", " ")
    return f"{event['day']}  manual entry: {kind} of {event['amount']}{moved}{line}{note}  ({event['reference']})"


def _acknowledgement(event: dict[str, Any]) -> Iterator[str]:
    text = f": {event['text']}" if event["text"] else ""
    yield (
        f"{event['day']}  {event['about']} {event['event']} ({event['kind']} {event['code']}){text}  ({_source(event)})"
    )
    for line in event["lines"]:
        yield f"{_DEEPER}{line['line_control_number'] or line['procedure']}: {' '.join(line['codes'])}"


def _payment(event: dict[str, Any]) -> Iterator[str]:
    yield (
        f"{event['day']}  {event['event']} by {event['payer']}, trace {event['trace_number']}: charge "
        f"{event['charge']}, paid {event['paid']}, matched by {event['matched_by']}  ({_source(event)})"
    )
    if event["held"] != "0.00":
        yield f"{_DEEPER}{event['held']} of it in suspense"
    for each in event["adjustments"]:
        place = each["line_control_number"] or "claim level"
        yield f"{_DEEPER}{place}: {each['group']}-{each['reason']} {each['amount']} -> {each['disposition']}"


def _source(fact: dict[str, Any]) -> str:
    return f"{fact['file']}:{fact['segment']}"


def _print(text: str, indent: str) -> None:
    print_lines(wrapped(text, width(), indent=indent))
