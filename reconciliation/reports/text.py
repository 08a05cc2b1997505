"""Figures, days, and column names as a reader in the United States writes them."""

from datetime import date

from claimloop.edi.money import from_cents
from claimloop.reconciliation.reports.period import Period, Step

MINUS, NONE = "\N{MINUS SIGN}", "\N{EN DASH}"
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_LARGE = ((1_000_000_000_00, "B"), (1_000_000_00, "M"), (1_000_00, "k"))
_DOLLAR = 100


def money(cents: int) -> str:
    """Return dollars and cents: -123456 is "−$1,234.56"."""
    return f"{MINUS if cents < 0 else ''}${from_cents(abs(cents)):,.2f}"


def dollars(cents: int) -> str:
    """Return the amount rounded to whole dollars."""
    return f"{MINUS if cents < 0 else ''}${(abs(cents) + _DOLLAR // 2) // _DOLLAR:,}"


def short_money(cents: int) -> str:
    """Return a short form for an axis: $2.5M, $250k, $80."""
    for size, letter in _LARGE:
        if abs(cents) >= size:
            return f"{MINUS if cents < 0 else ''}${abs(cents) / size:.4g}{letter}"
    return money(cents).removesuffix(".00")


def count(number: int) -> str:
    """Return the number with thousands separators."""
    return f"{MINUS if number < 0 else ''}{abs(number):,}"


def tenths(number: int | None, unit: str) -> str:
    """Return tenths in words: 75 tenths of a percent are "7.5%", of days "7.5 days". None is a dash."""
    if number is None:
        return NONE
    whole, rest = divmod(abs(number), 10)
    return f"{MINUS if number < 0 else ''}{whole:,}.{rest}{'%' if unit == 'percent' else ' ' + unit}".rstrip()


def day(when: date) -> str:
    """Return a day such as Oct 5, 2026."""
    return f"{_MONTHS[when.month - 1]} {when.day}, {when.year}"


def step_name(start: date, step: Step) -> str:
    """Return the label of a column: Oct 5, or Oct 2026."""
    return f"{_MONTHS[start.month - 1]} {start.year if step == 'month' else start.day}"


def stretch(period: Period) -> str:
    """Return the first and last day of a period."""
    return f"{day(period.first)} to {day(period.last)}"


def heading(column: str) -> str:
    """Return the name of a column as a heading."""
    return capitalized(column.removesuffix("_control_number").replace("_", " "))


def capitalized(words: str) -> str:
    """Return the words with an uppercase first letter; the others stay as they are."""
    return words[:1].upper() + words[1:]


def some(number: int, one: str, many: str = "") -> str:
    """Return a count with its noun: 1 claim, 2 claims."""
    return f"{count(number)} {one if number == 1 else many or one + 's'}"
