"""The top of the page: the figures that an owner asks for first, and what needs somebody's attention."""

from typing import Literal

import msgspec

from claimloop.reconciliation.reports import text
from claimloop.reconciliation.reports.facts import Facts
from claimloop.reconciliation.reports.sections_of_work import in_order
from claimloop.reconciliation.run_record import FAILED
from claimloop.reconciliation.worklists.registry import WORKLISTS

_STALE_AFTER = 3
"""Days after which a nightly run is missed: practices may rest over a weekend."""


class Headline(msgspec.Struct, frozen=True):
    """A figure, what it is, and a word about it; `anchor` is the part of the page that says more."""

    title: str
    figure: str
    about: str
    anchor: str


class Attention(msgspec.Struct, frozen=True):
    """Something to do: how much of it, why, and the commands to run. `alarm`: it comes before all work."""

    kind: Literal["alarm", "work"]
    title: str
    text: str
    anchor: str
    commands: tuple[str, ...]
    much: str = ""


def headlines(facts: Facts) -> list[Headline]:
    """Six or seven figures."""
    money, owed, first, totals = facts.money.whole, facts.receivables, facts.first_pass.whole, facts.totals
    figures = {each.name: each for each in facts.indicators}
    rate, old = figures["initial_denial_rate"], figures["aged_over_90"]
    found = [
        Headline(
            "Paid by payers", text.dollars(money.payments),
            f"{text.some(money.remittances, 'remittance')} in {text.count(facts.period.days)} days", "money",
        ),
        Headline(
            "Owed by payers", text.dollars(owed.insurance.amount), f"{text.dollars(owed.denied)} of it refused",
            "ageing",
        ),
        Headline(
            "Older than 90 days", text.tenths(old.tenths, old.unit),
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
                "Without an answer", text.dollars(unanswered.listed.amount),
                f"{text.some(unanswered.listed.count, 'claim')}, {text.count(unanswered.due.count)} late",
                "list-unanswered" if unanswered.listed.count else "lists",
            )
        )  # fmt: skip
    if deadlines := waits.get("deadlines"):
        found.append(
            Headline(
                "Deadlines near or over", text.dollars(deadlines.due.amount),
                text.some(deadlines.due.count, "deadline"),
                "list-deadlines" if deadlines.listed.count else "lists",
            )
        )  # fmt: skip
    return found


def attention(facts: Facts) -> list[Attention]:
    """What to do, what comes first, first."""
    found = [
        Attention(
            "alarm", "The ledger does not come out",
            f"{proof.identity}: difference {text.money(proof.difference)}.",
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
            much = f"{text.count(waits.due.count)}, {text.money(waits.due.amount)}"
            found.append(
                Attention("work", worklist.title, f"{worklist.about}.", f"list-{waits.name}", tuple(commands), much)
            )
    return found


def _about_the_last_run(facts: Facts) -> list[Attention]:
    if not facts.runs:
        return []
    last = facts.runs[-1]
    missed = (facts.day - last.day).days
    found = []
    if last.exit_code == FAILED or last.problems:
        what = f"{text.day(last.day)}: {'; '.join(last.problems) or 'it failed'}."
        found.append(Attention("alarm", "The last nightly run had problems", what, "trend", ("claimloop nightly",)))
    if last.unbalanced:
        what = f"{text.day(last.day)}: {', '.join(last.unbalanced)}."
        found.append(
            Attention("alarm", "A control total of the last run does not come out", what, "trend", ("claimloop audit",))
        )
    if last.in_quarantine:
        what = "set aside by the nightly run because it could not take them; the folder has a note beside each."
        much = text.some(last.in_quarantine, "file")
        found.append(Attention("work", "In quarantine", what, "trend", ("claimloop validate FILE",), much))
    if missed > _STALE_AFTER:
        what = f"The last was for {text.day(last.day)}, {missed} days before this report."
        found.append(Attention("alarm", "No nightly run lately", what, "trend", ("claimloop nightly",)))
    return found
