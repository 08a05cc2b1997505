"""The ledger in words and tables, for a terminal."""

from collections.abc import Collection, Iterable
from decimal import Decimal
from typing import Any

import msgspec
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from claimloop.commands.demo import DemoResult, VolumeResult
from claimloop.edi.columns import TEXT, fields_of, mark_of
from claimloop.edi.money import from_cents, two_decimals
from claimloop.reconciliation.acknowledgements.receive import Acknowledged
from claimloop.reconciliation.bank.receive import Banked
from claimloop.reconciliation.intake import Outcome
from claimloop.reconciliation.ledger import accounts
from claimloop.reconciliation.queries.export import as_text
from claimloop.reconciliation.queries.totals import Totals
from claimloop.reconciliation.remittances.post import Receipt
from claimloop.reconciliation.submissions.import_837p import Imported
from claimloop.reconciliation.worklists.worklist import Worklist


def _table(*columns: str, numbers: Collection[int] = ()) -> Table:
    """A table without lines between rows, so that it also reads well in a log.

    `numbers` are the columns that stand to the right and are never cut; where it gets narrow, text is folded.
    """
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for position, column in enumerate(columns):
        if position in numbers:
            table.add_column(column, justify="right", no_wrap=True)
        else:
            table.add_column(column, overflow="fold")
    return table


def money(amount: Decimal | int) -> str:
    """An amount (cents where it is an int) with thousands separators."""
    return f"{from_cents(amount) if isinstance(amount, int) else amount:,.2f}"


def print_totals(totals: Totals, console: Console) -> None:
    """What all claims and all remittances come to, each with its proof."""
    balance = totals.balance
    statuses = ", ".join(f"{count} {status}" for status, count in sorted(totals.claims_by_status.items()))
    console.print(f"{totals.claims} claims with {totals.lines} lines: {statuses or 'none yet'}")
    headings = ("charged", *(part.replace("_", " ") for part in accounts.PARTS), "of it denied")
    table = _table(*headings, numbers=range(len(headings)))
    table.add_row(*map(money, (balance.charge, *balance.parts, balance.denied)))
    console.print(table)
    _prove(
        console,
        accounts.IDENTITY,
        balance.charge,
        balance.parts,
        balance.difference,
    )
    console.print(f"{totals.remittances} remittances, {totals.suspense_items} items in suspense")
    _prove(
        console,
        "payments = posted + suspense - provider adjustments"
        if not totals.resolved
        else "payments = posted + suspense + resolved - provider adjustments",
        totals.payments,
        tuple(
            part
            for part in (totals.posted, totals.suspense, totals.resolved or None, -totals.provider_adjustments)
            if part is not None
        ),
        totals.difference,
    )


def print_demo(result: DemoResult, console: Console) -> None:
    """What the demo did, the totals with their proofs, and the files."""
    submission = result.submission
    console.print(
        f"{submission.encounters} encounters: {submission.claims} claims with {submission.lines} lines built, "
        f"{submission.refused} refused"
    )
    print_receipts(result.receipts, console)
    print_summary(result.totals, console)
    print_totals(result.totals, console)
    console.print(f"837P file: {submission.file}\nledger: {result.ledger}", soft_wrap=True)


def print_volume(result: VolumeResult, console: Console) -> None:
    """What a loop over many claims came to, and where the ledger holds another thing than the payer meant."""
    sent = result.submission
    console.print(
        f"{sent.claims} claims with {sent.lines} lines sent in {len(sent.files)} files, {result.remittances} files of "
        "remittances came back"
    )
    print_summary(result.totals, console)
    print_totals(result.totals, console)
    wrong = sum(result.differing.values())
    if not wrong:
        console.print(f"every one of {result.lines} lines is as the payer meant it")
    else:
        by_scenario = ", ".join(f"{name or 'ordinary'} {count}" for name, count in result.differing.items())
        right = result.lines - wrong
        console.print(f"{right} of {result.lines} lines are as the payer meant them; for a person: {by_scenario}")
    console.print(f"ledger: {result.ledger}", soft_wrap=True)


def print_summary(totals: Totals, console: Console) -> None:
    """The row that a practice asks for first: claims sent, paid, denied, patient, open, suspense."""
    by_status, balance = totals.claims_by_status, totals.balance
    table = _table("", "sent", "paid", "denied", "patient", "open", "suspense", numbers=range(1, 7))
    table.add_row(
        "claims",
        str(totals.claims),
        str(by_status.get("paid", 0)),
        str(by_status.get("denied", 0) + by_status.get("partly denied", 0)),
        str(by_status.get("patient", 0)),
        str(by_status.get("open", 0) + by_status.get("submitted", 0)),
        str(totals.suspense_items),
    )
    table.add_row(
        "amount",
        *(money(cents) for cents in (balance.charge, balance.insurance_paid, balance.denied)),
        *(money(cents) for cents in (balance.patient, balance.open, totals.suspense)),
    )
    console.print(table)


def print_outcomes(outcomes: list[Outcome], console: Console) -> None:
    """What became of whatever came, a table for each kind; an empty one of remittances where nothing came."""
    imports = [each for each in outcomes if isinstance(each, Imported)]
    told = [each for each in outcomes if isinstance(each, Acknowledged)]
    banked = [each for each in outcomes if isinstance(each, Banked)]
    receipts = [each for each in outcomes if isinstance(each, Receipt)]
    if imports:
        _print_imports(imports, console)
    if told:
        _print_acknowledged(told, console)
    if banked:
        _print_banked(banked, console)
    if receipts or not outcomes:
        print_receipts(receipts, console)


def print_receipts(receipts: list[Receipt], console: Console) -> None:
    """One row a remittance that came."""
    table = _table(
        "file", "trace", "payment", "claims", "posted", "suspense", "provider adj.", "outcome", numbers=range(2, 7)
    )
    for receipt in receipts:
        table.add_row(
            receipt.file,
            receipt.trace_number,
            money(receipt.payment_amount),
            str(receipt.claims),
            money(receipt.posted),
            money(receipt.suspense),
            money(receipt.provider_adjustments),
            receipt.outcome,
        )
    console.print(table)


def _print_acknowledged(files: list[Acknowledged], console: Console) -> None:
    """One row a file of acknowledgements."""
    table = _table("file", "accepted", "rejected", "other", "known", "not ours", numbers=range(1, 6))
    for each in files:
        counts = each.accepted, each.rejected, each.other, each.known, each.foreign
        table.add_row(each.file, *map(str, counts))
    console.print(table)


def _print_banked(files: list[Banked], console: Console) -> None:
    """One row a bank's file."""
    table = _table("file", "deposits", "amount", "known", numbers=range(1, 4))
    for each in files:
        table.add_row(each.file, str(each.deposits), money(each.amount), str(each.known))
    console.print(table)


def _print_imports(imports: list[Imported], console: Console) -> None:
    """One row a file of claims that another system sent."""
    table = _table("file", "claims", "lines", "charge", "known", "refused", "outcome", numbers=range(1, 6))
    for each in imports:
        table.add_row(
            each.file, str(each.claims), str(each.lines), money(each.charge), str(each.known), str(each.refused),
            each.outcome,
        )  # fmt: skip
    console.print(table)


_RIGHT = ("money", "count")
_DAYS = ("due", "deadline")
_NOT_ON_PAPER = ("trace_number", "payer_id", "file", "segment", "since", "hold_reason")
"""Columns for other programs; file and segment stand together, and `reason` is the text of `hold_reason`."""


def print_worklist(worklist: Worklist, rows: Iterable[msgspec.Struct], console: Console) -> int:
    """The rows of a work list and what they come to; how many there are."""
    name, kinds = worklist.name, {name: (mark_of(hint) or TEXT).kind for name, hint in fields_of(worklist.row)}
    columns = tuple(kinds)
    shown = [column for column in columns if column not in _NOT_ON_PAPER]
    if "days_late" in columns or "days_left" in columns:
        shown.remove("late")  # the number says it
    headings = [column.removesuffix("_control_number").replace("_", " ") for column in shown]
    sources = ["source"] if "file" in columns else []
    table = _table(
        *headings, *sources,
        numbers=[place for place, column in enumerate(shown) if kinds[column] in _RIGHT or column in _DAYS],
    )  # fmt: skip
    count = total = 0
    for each in rows:
        count += 1
        total += worklist.amount(each)
        row = as_text(each)
        source = [f"{row['file']}:{row['segment']}" if row.get("segment") else row["file"]] if sources else []
        table.add_row(*(_spelled(row[column]) for column in shown), *source)
    if count:
        console.print(table)
    console.print(f"{name}: {count}, {money(total)} in all" if count else f"{name}: nothing waits")
    return count


def _spelled(value: Any) -> str:
    if isinstance(value, list):
        return " ".join(value)
    return "" if value is None else str(value).replace("_", " ")


def print_story(told: dict[str, Any], console: Console) -> None:
    """One claim: what was sent, what came, what is owed now."""
    claim = told["claim"]
    console.print(
        f"Claim {claim['claim_control_number']} (encounter {claim['encounter_id']}) to {claim['payer_name']}: "
        f"{claim['status']}"
    )
    columns = "line", "date", "procedure", "charge", "paid", "contractual", "patient", "open", "denied", "status"
    table = _table(*columns, numbers=range(3, 9))
    for line in told["lines"]:
        table.add_row(
            line["line_control_number"] or "claim level",
            line["service_date"],
            " ".join([line["procedure"] or "", *line["modifiers"]]),
            *(line[name] for name in ("charge", "insurance_paid", "contractual", "patient", "open", "denied")),
            line["status"],
        )
    console.print(table)
    for event in told["events"]:
        console.print(_event(event), soft_wrap=True)


def print_explanation(told: list[dict[str, Any]], console: Console) -> None:
    """Payment by payment: what matched or held it, the claims that it could be for, the rule of each line."""
    for payment in told:
        why = f"matched by {payment['rule']}" if payment["rule"] else f"held: {'; '.join(payment['held'])}"
        console.print(
            f"{payment['claim_control_number'] or 'no number'} in trace {payment['trace_number']}: charge "
            f"{payment['charge']}, paid {payment['paid']}, {why}  ({payment['file']}:{payment['segment']})",
            soft_wrap=True,
        )
        for each in payment["candidates"]:
            facts = ", ".join(f"{name} {fact}" for name, fact in each["facts"].items())
            chosen = "chosen, " if each["chosen"] else ""
            number, score = each["claim_control_number"], each["score"]
            console.print(f"  {number}: {chosen}score {score:.2f} ({facts})", soft_wrap=True)
        for line in payment["lines"]:
            place = f"service {line['service']}" if line["service"] else "claim level"
            to = line["line_control_number"] or ("the claim" if not line["service"] else "no line")
            console.print(f"    {place} {line['charge']}: to {to}, by {line['rule'] or 'nothing'}", soft_wrap=True)


def _event(event: dict[str, Any]) -> str:
    if event["event"] == "submitted":
        what = "submitted" if event["as"] == "claim" else f"submitted as {event['as']}"
        return (
            f"{event['day']}  {what} {event['claim_control_number']} to {event['payer']}: {event['charge']}  "
            f"({event['file']}, set {event['set']})"
        )
    if "about" in event:
        text = f": {event['text']}" if event["text"] else ""
        lines = "".join(
            f"\n            {line['line_control_number'] or line['procedure']}: {' '.join(line['codes'])}"
            for line in event["lines"]
        )
        return (
            f"{event['day']}  {event['about']} {event['event']} ({event['kind']} {event['code']}){text}  "
            f"({event['file']}:{event['segment']}){lines}"
        )
    if event["event"] == "by hand":
        moved = f" from {event['from']} to {event['to']}" if event["to"] else ""
        line = f", line {event['line_control_number']}" if event["line_control_number"] else ""
        note = f": {event['note']}" if event["note"] else ""
        return (
            f"{event['day']}  {event['kind']} of {event['amount']}{moved}{line} by a person{note}  "
            f"({event['reference']})"
        )
    if event["event"] == "recoupment":
        return (
            f"{event['day']}  {event['reason']} {event['reference']} of {event['amount']} by {event['payer']} in trace "
            f"{event['trace_number']}, {event['recouped']} recouped and open again by now  "
            f"({event['file']}:{event['segment']})"
        )
    text = (
        f"{event['day']}  {event['event']} by {event['payer']}, trace {event['trace_number']}: charge "
        f"{event['charge']}, paid {event['paid']}, matched by {event['matched_by']}  "
        f"({event['file']}:{event['segment']})"
    )
    if event["held"] != "0.00":
        text += f"\n            {event['held']} of it in suspense"
    for each in event["adjustments"]:
        text += (
            f"\n            {each['line_control_number'] or 'claim'}: {each['group']}-{each['reason']} "
            f"{each['amount']} -> {each['disposition']}"
        )
    return text


def _prove(console: Console, identity: str, whole: int, parts: tuple[int, ...], difference: int) -> None:
    summed = " + ".join(two_decimals(part) for part in parts).replace("+ -", "- ")
    console.print(f"  {identity}\n  {two_decimals(whole)} = {summed}   difference {two_decimals(difference)}")
