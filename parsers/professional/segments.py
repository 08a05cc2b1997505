"""Read segments that a claim (2300) and a line (2400) of an 837P have in common, each into its field."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any, TypeVar

import msgspec

from claimloop.edi.dates import DateRange, NotADate, read_date, read_period
from claimloop.edi.money import NotAnAmount, decimals
from claimloop.edi.records.adjustments import Adjustment
from claimloop.edi.records.claim_supplements import Attachment, Certification, Repricing
from claimloop.edi.records.layout import read_elements
from claimloop.edi.records.parties import Reference
from claimloop.parsers.professional.parties import read_reference
from claimloop.parsers.professional.run import (
    UNREADABLE_DATE,
    UNREADABLE_NUMBER,
    Problems,
    Remembered,
    SegmentRun,
    padded,
    remembered,
)

AnyRecord = TypeVar("AnyRecord", bound=msgspec.Struct)
_LARGEST_CAS = 20
_FORMATS = frozenset(("D8", "RD8"))
_MOMENT = "DT"


class Draft:
    """A record while its segments are read: fields by name, repeated ones as lists."""

    __slots__ = ("fields", "lists", "run")

    def __init__(self, run: SegmentRun) -> None:
        self.run = run
        self.fields: dict[str, Any] = {}
        self.lists: dict[str, list[Any]] = {}

    def add(self, field: str, value: object) -> None:
        """Append a value to those of the field."""
        self.lists.setdefault(field, []).append(value)

    def set(self, field: str, value: object, index: int) -> None:
        """Set the field. Keep the segment where the field is already set, or where the segment had no value."""
        if value is None or field in self.fields:
            self.run.keep(index)
        else:
            self.fields[field] = value

    def whole(self) -> dict[str, Any]:
        """Return all fields that have a value."""
        for name, values in self.lists.items():
            self.fields[name] = tuple(values)
        return self.fields


Handler = Callable[[Draft, int], None]
"""A function that reads the segment with this index into the draft."""


def elements_at(run: SegmentRun, index: int) -> list[str]:
    """Return the elements of a segment, its id first."""
    return run.texts[index].split(run.separator)


def read_fields(run: SegmentRun, index: int, record: type[msgspec.Struct]) -> dict[str, Any]:
    """Return the record's fields that the segment fills. Keep the segment where it has more."""
    clean = _clean_fields(record)(run.separator, run.component)[run.texts[index]]
    if clean is not None:
        return clean.copy()
    run.at = index
    fields, whole = read_elements(record, elements_at(run, index), run.component, run.number, run.day)
    if not whole:
        run.keep(index)
    return fields


@cache
def _clean_fields(record: type[msgspec.Struct]) -> Callable[[str, str], Remembered[dict[str, Any] | None]]:
    """Return the fields of a segment without problems or extra values; None for any other. Do not change the result."""

    @remembered
    def read(separator: str, component: str, text: str) -> dict[str, Any] | None:
        fields, whole = read_elements(record, text.split(separator), component, _number, _day)
        return fields if whole else None

    return read


def _number(_: str, text: str) -> Decimal | None:
    try:
        return decimals[text]
    except NotAnAmount:
        return None


def _day(_: str, text: str) -> date | None:
    try:
        return read_date(text)
    except NotADate:
        return None


def read_record(run: SegmentRun, index: int, record: type[AnyRecord]) -> AnyRecord | None:
    """Return the record of the segment. Without a readable required value, return None and keep the segment."""
    fields = read_fields(run, index, record)
    if not _required(record) <= fields.keys():
        run.keep(index)
        return None
    return record(**fields)


@cache
def _required(record: type[msgspec.Struct]) -> frozenset[str]:
    return frozenset(field.name for field in msgspec.structs.fields(record) if field.required)


def once(field: str, record: type[msgspec.Struct]) -> Handler:
    """Handle a segment that occurs once. A second one is kept as text."""

    def handle(draft: Draft, index: int) -> None:
        if field in draft.fields:
            draft.run.keep(index)
        else:
            draft.set(field, read_record(draft.run, index, record), index)

    return handle


def several(field: str, record: type[msgspec.Struct]) -> Handler:
    """Handle a segment that may be repeated."""

    def handle(draft: Draft, index: int) -> None:
        value = read_record(draft.run, index, record)
        if value is not None:
            draft.add(field, value)

    return handle


def amounts(fields: dict[str, str]) -> Handler:
    """Handle AMT or QTY: qualifier → field, each at most once."""

    def handle(draft: Draft, index: int) -> None:
        run = draft.run
        elements = padded(elements_at(run, index), 2)
        field = fields.get(elements[1])
        if field is None or field in draft.fields:
            run.keep(index)
            return
        run.at = index
        draft.set(field, run.number(f"{elements[0]}02", elements[2]), index)
        if any(elements[3:]):
            run.keep(index)

    return handle


def reference(draft: Draft, index: int) -> None:
    """REF."""
    read, whole = read_reference(elements_at(draft.run, index), draft.run.component)
    draft.add("references", read)
    if not whole:
        draft.run.keep(index)


def note(draft: Draft, index: int) -> None:
    """Read an NTE: the kind of note, and its text."""
    elements = padded(elements_at(draft.run, index), 2)
    draft.add("notes", Reference(elements[1], elements[2]))
    if any(elements[3:]):
        draft.run.keep(index)


def file_information(draft: Draft, index: int) -> None:
    """K3."""
    elements = padded(elements_at(draft.run, index), 1)
    draft.add("file_information", elements[1])
    if any(elements[2:]):
        draft.run.keep(index)


@remembered
def date_segments(separator: str, _: str, text: str) -> tuple[str, DateRange | None, Problems, bool]:
    """Return a DTP's qualifier, its period, its problems, and whether the record holds everything in it.

    A moment (DT) gives its day, because records have no field for the time.
    """
    elements = padded(text.split(separator), 3)
    qualifier, form, days = elements[1:4]
    whole = form in _FORMATS and not any(elements[4:])
    try:
        return qualifier, read_period(days[:8] if form == _MOMENT else days), (), whole
    except NotADate:
        return qualifier, None, ((UNREADABLE_DATE, "DTP03", days[:8] if form == _MOMENT else days),), False


def dated(draft: Draft, index: int) -> None:
    """Read a DTP into `dates`. Keep one with an unknown format or a repeated qualifier."""
    run = draft.run
    qualifier, period, problems, whole = date_segments(run.separator, run.component)[run.texts[index]]
    dates = draft.fields.setdefault("dates", {})
    form = padded(elements_at(run, index), 2)[2]
    if qualifier in dates or not (form in _FORMATS or form == _MOMENT):
        run.keep(index)
        return
    if problems:
        run.report_all(index, problems)
    elif not whole:
        run.keep(index)
    if period is not None:
        dates[qualifier] = period


@remembered
def _adjustments(separator: str, _: str, text: str) -> tuple[tuple[Adjustment, ...], Problems, bool]:
    """Return a CAS's adjustments, its problems, and whether the adjustments hold everything in it."""
    elements = text.split(separator)
    group, *told = padded(elements, 2)[1:]
    found: list[Adjustment] = []
    problems: list[tuple[str, str, str]] = []
    for place in range(0, len(told[: _LARGEST_CAS - 2]), 3):
        reason, amount, quantity = [*told[place : place + 3], "", ""][:3]
        if not (reason or amount or quantity):
            continue
        money, units = _number("", amount), _number("", quantity)
        if money is None:
            problems.append((UNREADABLE_NUMBER, f"CAS{place + 3:02d}", amount))
        else:
            found.append(Adjustment(group, reason, money, units))
        if quantity and units is None:
            problems.append((UNREADABLE_NUMBER, f"CAS{place + 4:02d}", quantity))
    return tuple(found), tuple(problems), bool(found) and not any(elements[_LARGEST_CAS:])


def adjustments(draft: Draft, index: int) -> None:
    """Read a CAS: up to six reasons of one group. Skip a reason without a readable amount, and keep the segment."""
    run = draft.run
    found, problems, whole = _adjustments(run.separator, run.component)[run.texts[index]]
    if problems:
        run.report_all(index, problems)
    elif not whole:
        run.keep(index)
    for adjustment in found:
        draft.add("adjustments", adjustment)


COMMON: dict[str, Handler] = {
    "DTP": dated,
    "PWK": several("attachments", Attachment),
    "REF": reference,
    "K3": file_information,
    "NTE": note,
    "CRC": several("conditions", Certification),
    "HCP": once("repricing", Repricing),
}
"""Id of a segment → the function that reads it, in 2300 and 2400 alike."""
