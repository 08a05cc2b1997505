"""The sections about work lists, claims by status, nightly runs, and key indicators."""

from typing import Any

from claimloop.edi.columns import TEXT, Kind, fields_of, mark_of
from claimloop.reconciliation.reports import text
from claimloop.reconciliation.reports.charts import Series, lines
from claimloop.reconciliation.reports.facts import Facts
from claimloop.reconciliation.reports.receivables import BUCKETS
from claimloop.reconciliation.reports.runs import Run
from claimloop.reconciliation.reports.sections import Picture, Section
from claimloop.reconciliation.reports.tables import Cell, Column, PageTable, amount, dated, number, ratio, table, words
from claimloop.reconciliation.reports.waiting import Waiting
from claimloop.reconciliation.worklists.registry import WORKLISTS

_NOT_KNOWN = Cell(text.NONE, -1)
_RESULT = {0: "clean", 1: "work to do", 2: "failed"}
_NOT_SHOWN = ("payer_id", "segment")


def in_order(facts: Facts) -> list[Waiting]:
    """Return the lists that have rows, the most urgent first."""
    return sorted((each for each in facts.waiting if each.listed.count), key=lambda each: WORKLISTS[each.name].urgency)


def list_section(waits: Waiting) -> Section:
    """Return the section of one work list: its rows, their ages, and their payers."""
    worklist = WORKLISTS[waits.name]
    lead = f"{text.some(waits.due.count, 'item')}, {text.money(waits.due.amount)}: {worklist.about}."
    if waits.listed.count > waits.due.count:
        more = waits.listed.count - waits.due.count
        amount_of_them = text.money(waits.listed.amount - waits.due.amount)
        lead += f" {text.count(more)} more, {amount_of_them}, not late yet."
    tables = []
    if waits.ages:
        longest = max(age.amount for age in waits.ages)
        tables.append(
            table(
                f"{worklist.title}, by age in days", ("Days", "Items", "Amount"),
                (
                    (Cell(name, place), number(age.count), amount(age.amount, longest))
                    for place, (name, age) in enumerate(zip(BUCKETS, waits.ages, strict=True))
                ),
            )
        )  # fmt: skip
    if waits.payers:
        longest = max(each.waits.amount for each in waits.payers)
        tables.append(
            table(
                f"{worklist.title}, by payer", ("Payer", "Items", "Amount"),
                (
                    (words(each.payer_name), number(each.waits.count), amount(each.waits.amount, longest))
                    for each in waits.payers
                ),
            )
        )  # fmt: skip
    return Section(f"list-{waits.name}", worklist.title, lead, (), (*tables, _rows(waits, worklist.title)))


def _rows(waits: Waiting, title: str) -> PageTable:
    worklist = WORKLISTS[waits.name]
    marks = {name: mark_of(hint) or TEXT for name, hint in fields_of(worklist.row) if name not in _NOT_SHOWN}
    columns = tuple(
        Column(text.heading(mark.heading or name), mark.kind in ("money", "count")) for name, mark in marks.items()
    )
    rows = tuple(
        tuple(_cell(mark.kind, name, getattr(row, name)) for name, mark in marks.items()) for row in waits.rows
    )
    left = waits.listed.count - len(rows)
    note = f"Showing {text.count(len(rows))} of {text.count(waits.listed.count)} rows." if left else ""
    command = f"{worklist.command} --format csv" if left else ""
    return PageTable(f"{title}, row by row", columns, rows, note=note, command=command)


def _cell(kind: Kind, name: str, value: Any) -> Cell:
    """Return a cell of a work list by the kind of its column; a count or a day can be missing."""
    if kind == "money":
        return amount(value)
    if kind == "count" and value is not None:
        return number(value)
    if kind == "day" and value:
        return dated(value)
    shown = " ".join(value) if isinstance(value, tuple) else value or ""
    return words(shown.replace("_", " ") if name == "kind" else shown)


def statuses(facts: Facts) -> Section:
    """Return how many claims have each status."""
    totals = facts.totals
    if not totals.claims:
        return Section("claims", "Claims by status", empty="No claim has been submitted yet.")
    found = sorted(totals.claims_by_status.items(), key=lambda each: (-each[1], each[0]))
    lead = f"{text.some(totals.claims, 'claim')} with {text.some(totals.lines, 'line')}."
    rows = ((words(name), number(claims, found[0][1]), ratio(claims, totals.claims)) for name, claims in found)
    return Section("claims", "Claims by status", lead, (), (table("Claims", ("Status", "Claims", "Share"), rows),))


def trend(facts: Facts) -> Section:
    """Return the balances at the end of each nightly run, and how the runs ended."""
    title = "Trend of nightly runs"
    if not facts.runs:
        return Section("trend", title, empty="No nightly run has been recorded yet.", command="claimloop nightly")
    names = tuple(text.step_name(run.day, "day") for run in facts.runs)
    series = [
        Series("open", tuple(run.open for run in facts.runs)),
        Series("denied", tuple(run.denied for run in facts.runs)),
        Series("suspense", tuple(run.suspense for run in facts.runs)),
    ]
    runs = table(
        "Nightly runs",
        ("Day", "Result", "Problems", "Files", "Seconds", "Paid to date", "Open", "Denied", "Suspense", "To work"),
        (
            (
                dated(run.day), words(_RESULT.get(run.exit_code, str(run.exit_code))), words("; ".join(_problems(run))),
                number(run.files), _NOT_KNOWN if run.seconds is None else number(run.seconds),
                *map(_known, (run.paid, run.open, run.denied, run.suspense)),
                number(sum(run.worklists.values())),
            )
            for run in reversed(facts.runs)
        ),
        text=3,
    )  # fmt: skip
    lead = f"{text.some(len(facts.runs), 'run')} through {text.day(facts.runs[-1].day)}."
    picture = Picture(
        "Open, denied, and suspense balances after each run",
        "What payers owe, how much of it they denied, and what is in suspense at the end of each nightly run.",
        "money",
        names,
        lines(names, series),
        runs,
    )
    return Section("trend", title, lead, (picture,))


def _problems(run: Run) -> list[str]:
    return [*run.problems, *(f"{name} does not balance" for name in run.unbalanced)]


def _known(cents: int | None) -> Cell:
    return _NOT_KNOWN if cents is None else amount(cents)


def key_figures(facts: Facts) -> Section:
    """Return the indicators with their formulas."""
    rows = (
        (words(each.title), Cell(text.tenths(each.tenths, each.unit), _key(each.tenths)), words(each.formula))
        for each in facts.indicators
    )
    lead = f"The period is {text.stretch(facts.period)}. Balances are those in the ledger now."
    columns = Column("Indicator"), Column("Value", number=True), Column("Formula")
    return Section("figures", "Key indicators", lead, (), (PageTable("Key indicators", columns, tuple(rows)),))


def _key(tenths: int | None) -> int:
    return -1 if tenths is None else tenths
