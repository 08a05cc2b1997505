"""The top of the page: the figures that an owner asks for first, and what needs attention."""

from typing import Literal

import msgspec

from claimloop.reconciliation.reports import text
from claimloop.reconciliation.reports.facts import Facts
from claimloop.reconciliation.reports.sections_of_work import in_order
from claimloop.reconciliation.run_record import FAILED
from claimloop.reconciliation.worklists.registry import WORKLISTS

_STALE_AFTER = 3
"""Days without a nightly run before the report warns: practices may close over a weekend."""


class Headline(msgspec.Struct, frozen=True):
    """A figure with its title and a note; `anchor` is the section of the page with the details."""

    title: str
    figure: str
    about: str
    anchor: str


class Attention(msgspec.Struct, frozen=True):
    """Something to do: how much of it, why, and the commands to run. An `alarm` comes before all work."""

    kind: Literal["alarm", "work"]
    title: str
    text: str
    anchor: str
    commands: tuple[str, ...]
    much: str = ""


def headlines(facts: Facts) -> list[Headline]:
    """Return the headline figures in the order of the page."""
    money, owed, first, totals = facts.money.whole, facts.receivables, facts.first_pass.whole, facts.totals
    figures = {each.name: each for each in facts.indicators}
    rate, old = figures["initial_denial_rate"], figures["aged_over_90"]
    found = [
        Headline(
            "Paid by payers", text.dollars(money.payments),
            f"{text.some(money.remittances, 'remittance')} in {text.count(facts.period.days)} days", "money",
        ),
        Headline(
            "Owed by payers", text.dollars(owed.insurance.amount), f"including {text.dollars(owed.denied)} denied",
            "ageing",
        ),
        Headline(
            "Payer A/R over 90 days", text.tenths(old.tenths, old.unit),
            f"{text.dollars(owed.insurance.over_90)} of what payers owe", "ageing",
        ),
        Headline(
            "Initial denial rate", text.tenths(rate.tenths, rate.unit),
            f"{text.count(first.denied_claims)} of {text.some(first.claims, 'claim')}", "denials",
        ),
        Headline(
            "Owed by patients", text.dollars(owed.patients.amount),
            text.some(sum(owed.patients.claims), "claim"), "ageing",
        ),
        Headline(
            "In suspense", text.dollars(totals.suspense), text.some(totals.suspense_items, "item"),
            "list-suspense" if totals.suspense_items else "lists",
        ),
    ]  # fmt: skip
    waits = {each.name: each for each in facts.waiting}
    if unanswered := waits.get("unanswered"):
        found.append(
            Headline(
                "Unanswered claims", text.dollars(unanswered.listed.amount),
                f"{text.some(unanswered.listed.count, 'claim')}, {text.count(unanswered.due.count)} late",
                "list-unanswered" if unanswered.listed.count else "lists",
            )
        )  # fmt: skip
    if deadlines := waits.get("deadlines"):
        found.append(
            Headline(
                "Deadlines due soon or missed", text.dollars(deadlines.due.amount),
                text.some(deadlines.due.count, "deadline"),
                "list-deadlines" if deadlines.listed.count else "lists",
            )
        )  # fmt: skip
    return found


def attention(facts: Facts) -> list[Attention]:
    """Return what to do, the most urgent first."""
    found = [
        Attention(
            "alarm", "The ledger does not balance",
            f"{proof.identity} is off by {text.money(proof.difference)}.",
            "proof", ("claimloop audit",),
        )
        for proof in facts.proofs
        if proof.difference
    ]  # fmt: skip
    found += _about_the_last_run(facts)
    for waits in in_order(facts):
        if waits.due.count:
            worklist = WORKLISTS[waits.name]
            commands = [worklist.command, *([worklist.next_step] if worklist.next_step else [])]
            much = f"{text.some(waits.due.count, 'item')}, {text.money(waits.due.amount)}"
            about = f"{text.capitalized(worklist.about)}."
            found.append(Attention("work", worklist.title, about, f"list-{waits.name}", tuple(commands), much))
    return found


def _about_the_last_run(facts: Facts) -> list[Attention]:
    if not facts.runs:
        return []
    last = facts.runs[-1]
    missed = (facts.day - last.day).days
    found = []
    if last.exit_code == FAILED or last.problems:
        what = f"{text.day(last.day)}: {'; '.join(last.problems) or 'the run failed'}."
        found.append(Attention("alarm", "The last nightly run had problems", what, "trend", ("claimloop nightly",)))
    if last.unbalanced:
        what = f"{text.day(last.day)}: {', '.join(last.unbalanced)}."
        found.append(
            Attention("alarm", "A control total of the last run does not balance", what, "trend", ("claimloop audit",))
        )
    if last.in_quarantine:
        what = "The nightly run could not process these files. The quarantine folder has a note next to each."
        much = text.some(last.in_quarantine, "file")
        found.append(Attention("work", "In quarantine", what, "trend", ("claimloop validate FILE",), much))
    if missed > _STALE_AFTER:
        what = f"The last run was for {text.day(last.day)}, {missed} days before this report."
        found.append(Attention("alarm", "No recent nightly run", what, "trend", ("claimloop nightly",)))
    return found
