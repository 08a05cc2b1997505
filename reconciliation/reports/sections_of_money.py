"""The sections about payments received, denials, and open balances."""

from collections.abc import Sequence

from claimloop.reconciliation.reports import text
from claimloop.reconciliation.reports.charts import Series, columns, lines
from claimloop.reconciliation.reports.facts import Facts
from claimloop.reconciliation.reports.first_pass import Decided, FirstPass
from claimloop.reconciliation.reports.money_received import PayerReceived, Received
from claimloop.reconciliation.reports.period import summed
from claimloop.reconciliation.reports.receivables import BUCKETS, Aged
from claimloop.reconciliation.reports.sections import Picture, Section, step_heading, step_names
from claimloop.reconciliation.reports.tables import Cell, PageTable, amount, dated, mean, number, ratio, table, words

_MOST_PAYERS = 5
"""How many payers have their own color in a chart; the others share one."""

_RECEIVED = ("Remittances", "Payments", "Posted to claims", "In suspense", "Resolved manually", "Withheld (PLB)")
_DECIDED = (
    "Claims", "Denied claims", "Denial rate", "Zero paid", "Charge", "Denied", "Rate by charge", "Average days",
)  # fmt: skip


def money_in(facts: Facts) -> Section:
    """Return what payers paid, by step and payer, and where the money went."""
    money, period = facts.money, facts.period
    title = "Payments received"
    if not money.payers and not money.entered:
        return Section("money", title, empty=f"No remittance has a payment date from {text.stretch(period)}.")
    lead = (
        f"{text.money(money.whole.payments)} in {text.some(money.whole.remittances, 'remittance')} with a "
        f"payment date from {text.stretch(period)}."
    )
    picture = Picture(
        f"Payments by {period.step} and payer",
        f"One column for each {period.step}, stacked by payer. "
        f"{money.payers[0].payer_name} paid the most." if money.payers else "No payments.",
        "money",
        step_names(facts),
        columns(step_names(facts), _by_step(money.payers)),
        table(
            f"Payments by {period.step}", (step_heading(facts), *_RECEIVED),
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
                "Manual entries: payments and refunds that are not in an 835", ("Entry", "Count", "Amount"),
                (
                    (words(each.kind.replace("-", " ")), number(each.count), amount(each.amount))
                    for each in money.entered
                ),
            )
        )  # fmt: skip
    return Section("money", title, lead, (picture,), tuple(tables))


def denials(facts: Facts) -> Section:
    """Return what payers denied at first pass, by step, reason, and payer."""
    first, period = facts.first_pass, facts.period
    title = "First-pass denials"
    if not first.whole.claims:
        return Section("denials", title, empty=f"No claim was first adjudicated from {text.stretch(period)}.")
    whole = first.whole
    lead = (
        f"Primary payers adjudicated {text.some(whole.claims, 'claim')} for the first time from "
        f"{text.stretch(period)}. They denied all or part of {text.some(whole.denied_claims, 'claim')}, "
        f"{text.money(whole.denied)} in all, and paid nothing on {text.count(whole.denied_whole)} of these. "
        "Amounts that a payer paid later, after an appeal or correction, still count as denied here."
    )
    rates = tuple((2000 * part.denied_claims + part.claims) // (2 * part.claims) if part.claims else None
                  for part in first.by_step)  # fmt: skip
    picture = Picture(
        f"Initial denial rate by {period.step}",
        "Claims with a denial, as a percentage of the claims adjudicated for the first time.",
        "percent",
        step_names(facts),
        lines(step_names(facts), [Series("initial denial rate", rates)]),
        table(
            f"First-pass results by {period.step}", (step_heading(facts), *_DECIDED),
            ((dated(start), *_decided(part)) for start, part in zip(period.starts, first.by_step, strict=True)),
        ),
    )  # fmt: skip
    longest = max(each.decided.denied for each in first.payers)
    by_payer = table(
        "First-pass results by payer", ("Payer", *_DECIDED),
        ((words(each.payer_name), *_decided(each.decided, longest)) for each in first.payers),
        total=(words("All"), *_decided(whole)),
    )  # fmt: skip
    return Section("denials", title, lead, (picture,), (_reasons(first), by_payer) if first.reasons else (by_payer,))


def _reasons(first: FirstPass) -> PageTable:
    longest = max(each.amount for each in first.reasons)
    return table(
        "Denied, by group and reason (CARC)", ("Code", "Reason", "Category", "Claims", "Denied", "Share"),
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
    """Return what payers and patients owe, by age."""
    owed = facts.receivables
    title = "Open balances by age"
    if not owed.insurance.amount and not owed.patients.amount:
        return Section("ageing", title, empty="No payer or patient owes anything.")
    lead = (
        f"Payers owe {text.money(owed.insurance.amount)}, including {text.money(owed.denied)} denied. "
        f"Patients owe {text.money(owed.patients.amount)}. Balances are at billed charges, by days from the first "
        f"date of service to {text.day(facts.day)}. Credits are not subtracted."
    )
    series = [Series("payers", owed.insurance.amounts), Series("patients", owed.patients.amounts)]
    picture = Picture(
        "Open balances, by days since service",
        f"Of the payer balances, {text.money(owed.insurance.over_90)} is older than 90 days.",
        "money",
        BUCKETS,
        columns(BUCKETS, series),
        table(
            "Open balances by age", ("Days", "Payer claims", "Payers owe", "Patient claims", "Patients owe"),
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
        "Payer balances by age", ("Payer", "Claims", "Owed", *BUCKETS, "% over 90", "Of which denied"),
        (
            (words(each.payer_name), *_aged(each.owed, longest), amount(each.denied))
            for each in owed.payers
        ),
        total=(words("All"), *_aged(owed.insurance), amount(owed.denied)),
    )  # fmt: skip
    return Section("ageing", title, lead, (picture,), (by_payer,) if owed.payers else ())


def _by_step(payers: Sequence[PayerReceived]) -> list[Series]:
    """Return a series for each payer with the most money, and one for the others together."""
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
