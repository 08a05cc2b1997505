"""Money that came, was refused, or is still owed."""

from collections.abc import Sequence

from claimloop.reconciliation.reports import text
from claimloop.reconciliation.reports.charts import Series, columns, lines
from claimloop.reconciliation.reports.facts import Facts
from claimloop.reconciliation.reports.first_pass import Decided, FirstPass
from claimloop.reconciliation.reports.money_received import PayerReceived, Received
from claimloop.reconciliation.reports.period import summed
from claimloop.reconciliation.reports.receivables import BUCKETS, Aged
from claimloop.reconciliation.reports.sections import Picture, Section, step_names
from claimloop.reconciliation.reports.tables import Cell, PageTable, amount, dated, mean, number, ratio, table, words

_MOST_PAYERS = 5
"""So many payers have a color of their own in a chart; the others share one."""

_RECEIVED = ("Remittances", "Payments", "Posted to claims", "In suspense", "Ended by hand", "Kept back (PLB)")
_DECIDED = ("Claims", "With a refusal", "Rate", "Nothing paid", "Charge", "Refused", "Rate by charge", "Days")


def money_in(facts: Facts) -> Section:
    """What payers paid, by step and payer, and what became of it."""
    money, period = facts.money, facts.period
    title = "Money in"
    if not money.payers and not money.entered:
        return Section("money", title, empty=f"No payment is dated from {text.stretch(period)}.")
    lead = (
        f"{text.money(money.whole.payments)} in {text.some(money.whole.remittances, 'remittance')} with a "
        f"payment date from {text.stretch(period)}."
    )
    picture = Picture(
        f"Payments by {period.step} and payer",
        f"Of each {period.step} one column, its payers on each other. "
        f"The most came from {money.payers[0].payer_name}." if money.payers else "No payments.",
        "money",
        step_names(facts),
        columns(step_names(facts), _by_step(money.payers)),
        table(
            f"Payments by {period.step}", (f"{period.step.capitalize()} from", *_RECEIVED),
            (
                (dated(start), *_received(part))
                for start, part in zip(period.starts, money.by_step, strict=True)
            ),
        ),
    )  # fmt: skip
    longest = max((each.received.payments for each in money.payers), default=0)
    tables = [
        table(
            "Payments by payer", ("Payer", *_RECEIVED),
            ((words(each.payer_name), *_received(each.received, longest)) for each in money.payers),
            total=(words("All"), *_received(money.whole)),
        )
    ]  # fmt: skip
    if money.entered:
        tables.append(
            table(
                "Entered by hand: no remittance tells of it", ("What", "Decisions", "Amount"),
                (
                    (words(each.kind.replace("-", " ")), number(each.count), amount(each.amount))
                    for each in money.entered
                ),
            )
        )  # fmt: skip
    return Section("money", title, lead, (picture,), tuple(tables))


def denials(facts: Facts) -> Section:
    """What payers refused in their first decisions, by step, reason and payer."""
    first, period = facts.first_pass, facts.period
    title = "Denials at first pass"
    if not first.whole.claims:
        return Section("denials", title, empty=f"No claim was decided first from {text.stretch(period)}.")
    whole = first.whole
    lead = (
        f"Of {text.some(whole.claims, 'claim')} that primary payers decided for the first time from "
        f"{text.stretch(period)}, {text.count(whole.denied_claims)} had something refused, "
        f"{text.money(whole.denied)} in all; for {text.count(whole.denied_whole)} nothing was paid. "
        "What was paid later on appeal or correction still counts here."
    )
    rates = tuple((2000 * part.denied_claims + part.claims) // (2 * part.claims) if part.claims else None
                  for part in first.by_step)  # fmt: skip
    picture = Picture(
        f"Initial denial rate by {period.step}",
        "Claims with a refusal in percent of the claims that were decided first.",
        "percent",
        step_names(facts),
        lines(step_names(facts), [Series("initial denial rate", rates)]),
        table(
            f"First decisions by {period.step}", (f"{period.step.capitalize()} from", *_DECIDED),
            ((dated(start), *_decided(part)) for start, part in zip(period.starts, first.by_step, strict=True)),
        ),
    )  # fmt: skip
    longest = max(each.decided.denied for each in first.payers)
    by_payer = table(
        "First decisions by payer", ("Payer", *_DECIDED),
        ((words(each.payer_name), *_decided(each.decided, longest)) for each in first.payers),
        total=(words("All"), *_decided(whole)),
    )  # fmt: skip
    return Section("denials", title, lead, (picture,), (_reasons(first), by_payer) if first.reasons else (by_payer,))


def _reasons(first: FirstPass) -> PageTable:
    longest = max(each.amount for each in first.reasons)
    return table(
        "Refused, by group and reason (CARC)", ("Code", "Reason", "About", "Claims", "Refused", "Share"),
        (
            (
                words(f"{each.group}-{each.reason}"), words(each.label or "no label"),
                words(each.kind.replace("_", " ")), number(each.claims), amount(each.amount, longest),
                ratio(each.amount, first.whole.denied),
            )
            for each in first.reasons
        ),
        text=3,
    )  # fmt: skip


def ageing(facts: Facts) -> Section:
    """What payers and patients owe, by age."""
    owed = facts.receivables
    title = "Open balances by age"
    if not owed.insurance.amount and not owed.patients.amount:
        return Section("ageing", title, empty="Nobody owes anything.")
    lead = (
        f"{text.money(owed.insurance.amount)} are owed by payers, of it {text.money(owed.denied)} refused; "
        f"{text.money(owed.patients.amount)} by patients. At billed charges, by days from the first date of "
        f"service to {text.day(facts.day)}; credits are not taken off."
    )
    series = [Series("payers", owed.insurance.amounts), Series("patients", owed.patients.amounts)]
    picture = Picture(
        "Owed, by days since the service",
        f"Of payers' balances, {text.money(owed.insurance.over_90)} are older than 90 days.",
        "money",
        BUCKETS,
        columns(BUCKETS, series),
        table(
            "Owed by age", ("Days", "Claims, payers", "Payers owe", "Claims, patients", "Patients owe"),
            (
                (
                    Cell(name, place), number(owed.insurance.claims[place]), amount(owed.insurance.amounts[place]),
                    number(owed.patients.claims[place]), amount(owed.patients.amounts[place]),
                )
                for place, name in enumerate(BUCKETS)
            ),
        ),
    )  # fmt: skip
    longest = max((each.owed.amount for each in owed.payers), default=0)
    by_payer = table(
        "Owed by payer and age", ("Payer", "Claims", "Owed", *BUCKETS, "Over 90", "Of it refused"),
        (
            (words(each.payer_name), *_aged(each.owed, longest), amount(each.denied))
            for each in owed.payers
        ),
        total=(words("All"), *_aged(owed.insurance), amount(owed.denied)),
    )  # fmt: skip
    return Section("ageing", title, lead, (picture,), (by_payer,) if owed.payers else ())


def _by_step(payers: Sequence[PayerReceived]) -> list[Series]:
    """The payers with the most money, and the others together."""
    series = [Series(each.payer_name, each.by_step) for each in payers[:_MOST_PAYERS]]
    if others := payers[_MOST_PAYERS:]:
        together = others[0].by_step
        for each in others[1:]:
            together = summed(together, each.by_step)
        series.append(Series(text.some(len(others), "other payer"), together))
    return series


def _received(part: Received, longest: int = 0) -> tuple[Cell, ...]:
    return (
        number(part.remittances), amount(part.payments, longest), amount(part.posted), amount(part.suspense),
        amount(part.resolved), amount(part.provider_adjustments),
    )  # fmt: skip


def _decided(part: Decided, longest: int = 0) -> tuple[Cell, ...]:
    return (
        number(part.claims), number(part.denied_claims), ratio(part.denied_claims, part.claims),
        number(part.denied_whole), amount(part.charge), amount(part.denied, longest), ratio(part.denied, part.charge),
        mean(part.days, part.timed),
    )  # fmt: skip


def _aged(owed: Aged, longest: int = 0) -> tuple[Cell, ...]:
    return (
        number(sum(owed.claims)), amount(owed.amount, longest), *map(amount, owed.amounts),
        ratio(owed.over_90, owed.amount),
    )  # fmt: skip
