"""The totals of the ledger with their proofs, and the result of the demo."""

from typing import Annotated

import msgspec

from claimloop.commands.demo_loop import DemoResult, VolumeResult
from claimloop.commands.session import print_lines, width
from claimloop.commands.tables.formats import print_tables
from claimloop.commands.tables.layout import money, wrapped
from claimloop.commands.tables.outcomes import MORE, Table, table_of_receipts
from claimloop.edi.columns import MONEY, Column, Shown
from claimloop.edi.counts import counted
from claimloop.reconciliation.ledger import accounts
from claimloop.reconciliation.ledger.balances import LineBalance
from claimloop.reconciliation.queries.totals import Totals

_SUMMARY = (
    Column("", Shown("id", priority=1)),
    *(Column(name, Shown("count", priority=1)) for name in ("sent", "paid", "denied", "patient", "open", "suspense")),
)
_BALANCE = (
    *(Column(name, MONEY) for name in (accounts.WHOLE, *accounts.PARTS)),
    Column("denied", Shown("money", priority=1, heading="of which denied")),
)


class TotalsRow(msgspec.Struct, frozen=True):
    """The totals as one row for programs. Amounts are cents."""

    claims: int
    lines: int
    balance: LineBalance
    remittances: int
    payments: Annotated[int, MONEY]
    posted: Annotated[int, MONEY]
    suspense: Annotated[int, MONEY]
    resolved: Annotated[int, MONEY]
    provider_adjustments: Annotated[int, MONEY]
    suspense_items: int


def print_totals(totals: Totals) -> None:
    """Print what all claims and all remittances add up to, each with its proof."""
    balance = totals.balance
    statuses = ", ".join(f"{count:,} {status}" for status, count in sorted(totals.claims_by_status.items()))
    claims = f"{counted(totals.claims, 'claim')} with {counted(totals.lines, 'line')}"
    _print(f"{claims}: {statuses}" if statuses else claims)
    print_tables([(_BALANCE, [{column.name: getattr(balance, column.name) for column in _BALANCE}])], more=MORE)
    _prove(
        accounts.WHOLE,
        balance.charge,
        {name.replace("_", " "): cents for name, cents in zip(accounts.PARTS, balance.parts, strict=True)},
        balance.difference,
    )
    held = counted(totals.suspense_items, "item in suspense", "items in suspense")
    _print(f"{counted(totals.remittances, 'remittance')}, {held}")
    parts = {"posted": totals.posted, "suspense": totals.suspense}
    if totals.resolved:
        parts["resolved"] = totals.resolved
    _prove(
        "payments", totals.payments, {**parts, "provider adjustments": -totals.provider_adjustments}, totals.difference
    )
    balances = not balance.difference and not totals.difference
    _print("The ledger balances." if balances else "The ledger does not balance. Run claimloop audit.")


def row_of_totals(totals: Totals) -> TotalsRow:
    """Return the totals as one row."""
    return TotalsRow(**{name: getattr(totals, name) for name in TotalsRow.__struct_fields__})


def print_demo(result: DemoResult) -> None:
    """Print what the demo did, the totals with their proofs, and where the files are."""
    sent = result.submission
    claims = f"{counted(sent.claims, 'claim')} with {counted(sent.lines, 'line')}"
    _print(f"{counted(sent.encounters, 'encounter')}: {claims} built, {sent.refused:,} held")
    print_tables([table_of_receipts(result.receipts), summary(result.totals)], more=MORE)
    print_totals(result.totals)
    print_lines([f"claim file: {sent.file}", f"ledger: {result.ledger}"])


def print_volume(result: VolumeResult) -> None:
    """Print what a loop over many claims added up to, and where the ledger differs from the expected results."""
    sent = result.submission
    claims = f"{counted(sent.claims, 'claim')} with {counted(sent.lines, 'line')}"
    _print(f"{claims} sent in {counted(len(sent.files), 'file')}, {counted(result.remittances, '835 file')} received")
    print_tables([summary(result.totals)], more=MORE)
    print_totals(result.totals)
    differing = sum(result.differing.values())
    if not differing:
        _print(f"All {counted(result.lines, 'line')} match the expected results.")
    else:
        by_scenario = ", ".join(f"{name or 'ordinary'} {count:,}" for name, count in result.differing.items())
        matching = f"{result.lines - differing:,} of {counted(result.lines, 'line')} match the expected results"
        _print(f"{matching}. Left for manual work: {by_scenario}")
    print_lines([f"ledger: {result.ledger}"])


def summary(totals: Totals) -> Table:
    """Return what a practice asks for first, as a table: claims sent, paid, denied, patient, open, suspense."""
    by_status, balance = totals.claims_by_status, totals.balance
    claims: dict[str, object] = {
        "": "claims",
        "sent": totals.claims,
        "paid": by_status.get("paid", 0),
        "denied": by_status.get("denied", 0) + by_status.get("partly denied", 0),
        "patient": by_status.get("patient", 0),
        "open": by_status.get("open", 0) + by_status.get("submitted", 0),
        "suspense": totals.suspense_items,
    }
    amounts: dict[str, object] = {
        "": "amount",
        "sent": money(balance.charge),
        "paid": money(balance.insurance_paid),
        "denied": money(balance.denied),
        "patient": money(balance.patient),
        "open": money(balance.open),
        "suspense": money(totals.suspense),
    }
    return _SUMMARY, [claims, amounts]


def _prove(whole: str, amount: int, parts: dict[str, int], difference: int) -> None:
    """Print an identity in words and in amounts. A part that is subtracted has its sign turned."""
    words = " + ".join(parts).replace("+ provider adjustments", "- provider adjustments")
    amounts = " + ".join(map(money, parts.values())).replace("+ -", "- ")
    lines = (f"  {whole} = {words}", f"  {money(amount)} = {amounts}, difference {money(difference)}")
    print_lines(part for line in lines for part in wrapped(line, width(), indent="    "))


def _print(text: str) -> None:
    print_lines(wrapped(text, width(), indent="  "))
