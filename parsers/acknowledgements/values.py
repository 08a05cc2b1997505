"""Elements of acknowledgements as numbers, days and parties. Unreadable ones are reported and kept as text."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from claimloop.edi.dates import NotADate, read_date, read_period
from claimloop.edi.money import NotAnAmount
from claimloop.edi.records.parties import Contact, Party, Reference
from claimloop.edi.records.procedure import Procedure
from claimloop.edi.records.service_payment import QualifiedAmount, QualifiedDate, QualifiedQuantity
from claimloop.parsers.cursor import Cursor, NotAProcedure

_LONGEST_COUNT = 9


def padded(elements: list[str], highest: int) -> list[str]:
    """Return the elements, padded with empty ones so that `highest` exists."""
    short = highest + 1 - len(elements)
    return elements + [""] * short if short > 0 else elements


def check_used(cursor: Cursor, elements: list[str], highest: int, unused: Iterable[int] = ()) -> None:
    """Keep the text of a segment with values that have no field: after `highest`, or in one of `unused`."""
    if any(elements[highest + 1 :]) or any(elements[place] for place in unused):
        cursor.report("P611", tag=elements[0])
        cursor.keep_text = True


def count(cursor: Cursor, text: str, element: str) -> int | None:
    """Return a whole number without a sign."""
    text = text.strip()
    if text.isascii() and text.isdigit() and len(text) <= _LONGEST_COUNT:
        return int(text)
    if text:
        _no_number(cursor, text, element)
    return None


def money(cursor: Cursor, text: str, element: str) -> Decimal | None:
    """Return an amount; None for an empty element."""
    try:
        return cursor.amounts[text] if text.strip() else None
    except NotAnAmount:
        _no_number(cursor, text, element)
        return None


def quantity(cursor: Cursor, text: str, element: str) -> Decimal | None:
    """Return a number with any decimals; None for an empty element."""
    try:
        return cursor.numbers[text] if text.strip() else None
    except NotAnAmount:
        _no_number(cursor, text, element)
        return None


def day(cursor: Cursor, text: str, element: str) -> date | None:
    """Return the day of a CCYYMMDD; None for an empty element."""
    try:
        return read_date(text.strip()) if text.strip() else None
    except NotADate:
        cursor.report("P607", element, text)
        cursor.keep_text = True
        return None


def dated(cursor: Cursor, elements: list[str]) -> QualifiedDate | None:
    """Read a DTP: a day (D8) or a range (RD8)."""
    _, qualifier, _, text, *_ = padded(elements, 3)
    check_used(cursor, elements, 3)
    try:
        period = read_period(text.strip())
    except NotADate:
        cursor.report("P607", "DTP03", text)
        cursor.keep_text = True
        return None
    return QualifiedDate(qualifier, period.start, period.end if "-" in text else None)


def amount(cursor: Cursor, elements: list[str]) -> QualifiedAmount | None:
    """AMT."""
    _, qualifier, text, *_ = padded(elements, 2)
    check_used(cursor, elements, 2)
    read = money(cursor, text, "AMT02")
    if read is None:
        cursor.keep_text = True
        return None
    return QualifiedAmount(qualifier, read)


def counted(cursor: Cursor, elements: list[str]) -> QualifiedQuantity | None:
    """QTY."""
    _, qualifier, text, *_ = padded(elements, 2)
    check_used(cursor, elements, 2)
    read = quantity(cursor, text, "QTY02")
    if read is None:
        cursor.keep_text = True
        return None
    return QualifiedQuantity(qualifier, read)


def reference(cursor: Cursor, elements: list[str]) -> Reference:
    """REF."""
    if len(elements) == 3:
        return Reference(elements[1], elements[2])
    field = padded(elements, 3)
    check_used(cursor, elements, 3)
    return Reference(field[1], field[2], field[3])


def party(cursor: Cursor, elements: list[str]) -> Party:
    """NM1."""
    field = padded(elements, 9)
    check_used(cursor, field, 9, (6,))
    return Party(field[1], field[2], field[3], field[4], field[5], field[7], field[8], field[9])


def contact(cursor: Cursor, elements: list[str]) -> Contact:
    """Read the pairs of qualifier and number of a PER, at most three."""
    field = padded(elements, 8)
    check_used(cursor, field, 8)
    pairs = ((field[at], field[at + 1]) for at in (3, 5, 7))
    return Contact(field[1], field[2], tuple(pair for pair in pairs if any(pair)))


def procedure(cursor: Cursor, text: str) -> Procedure:
    """Return SVC01 as sent: up to four modifiers and a description. Components after them are kept as text."""
    try:
        return cursor.procedures[text]
    except NotAProcedure:
        parts = cursor.procedures.components(text)
        if any(parts[7:]):
            cursor.report("P611", tag="SVC")
            cursor.keep_text = True
        return cursor.procedures.procedure(text)


def components(cursor: Cursor, text: str, least: int) -> list[str]:
    """Return the parts of a composite, padded to at least `least`."""
    separator = cursor.batch.delimiters.component
    return padded(text.split(separator) if separator else [text], least - 1)


def _no_number(cursor: Cursor, text: str, element: str) -> None:
    cursor.report("P606", element, text)
    cursor.keep_text = True
