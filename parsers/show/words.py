"""Values for people to read: money, days, parties, and text that cannot disturb a terminal."""

from datetime import date
from decimal import Decimal

from claimloop.edi.codes import label
from claimloop.edi.dates import DateRange
from claimloop.edi.records.parties import Party
from claimloop.edi.records.remittance import Adjustment, Procedure
from claimloop.edi.records.service_line import NO_SERVICE_DATE

ABSENT = "—"


def plain(text: str) -> str:
    """Make control characters of a file's text visible: an escape sequence must not reach the terminal."""
    return text if text.isprintable() else "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)


def money(amount: Decimal | None) -> str:
    """Return an amount with at least two decimals and separated thousands; a dash where there is none."""
    if amount is None:
        return ABSENT
    exponent = amount.as_tuple().exponent
    decimals = max(2, -exponent) if isinstance(exponent, int) else 2
    return f"{amount:,.{decimals}f}"


def number(quantity: Decimal | None) -> str:
    """Return a quantity as sent."""
    return "" if quantity is None else f"{quantity:f}"


def day(moment: date | None) -> str:
    """Return a date, or a dash."""
    return moment.isoformat() if moment else ABSENT


def period(days: DateRange | None) -> str:
    """Return a day or "first to last"; a dash where there is none."""
    if days is None or days == NO_SERVICE_DATE:
        return ABSENT
    return days.start.isoformat() if days.start == days.end else f"{days.start} to {days.end}"


def explained(table: str, code: str) -> str:
    """Return a code with its label: "11 office". A code without a label stays bare; an empty one is a dash."""
    return f"{plain(code)} {label(table, code)}".rstrip() or ABSENT


def in_words(table: str, code: str) -> str:
    """Return the label followed by its code: "processed as primary (1)"."""
    words = label(table, code)
    return f"{words} ({code})" if words else plain(code) or ABSENT


def party(someone: Party | None) -> str:
    """Return name and number of a party, for example "MARY JONES, XX 1234567893"."""
    if someone is None:
        return ABSENT
    number_text = f"{someone.id_qualifier} {someone.id}".strip()
    return plain(", ".join(part for part in (someone.full_name, number_text) if part)) or ABSENT


def procedure(code: Procedure) -> str:
    """Return code and modifiers, "99213-25-59", preceded by the qualifier where that is not HC."""
    kind = "" if code.qualifier in ("HC", "") else f"{code.qualifier} "
    return plain(kind + "-".join((code.code, *code.modifiers)))


def adjustment(one: Adjustment) -> str:
    """Return an adjustment in words: "CO-45 40.00 above the contract or fee schedule"."""
    words = label("adjustment_reason", one.reason)
    return plain(f"{one.group}-{one.reason}") + f" {money(one.amount)} {words}".rstrip()
