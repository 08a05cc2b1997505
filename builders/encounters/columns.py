"""The flat form of an encounter: one table of columns for reading CSV, its template and its docs.

A column is a field of a record with the prefix of its section: `patient_last_name`, `coverage_payer_id`,
`service_procedure`. Columns of the sections that begin with "services" belong to a row, the others to the encounter.
"""

import re
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Literal, NamedTuple, get_args, get_origin, get_type_hints

import msgspec

from claimloop.builders.encounters.conform import Path, expected, plain_type
from claimloop.builders.encounters.encounter import (
    AccidentRecord,
    ClaimDates,
    Coverage,
    DrugRecord,
    Encounter,
    Person,
    PostalAddress,
    PropertyCasualty,
    ProviderRecord,
    Service,
    ServiceDates,
)
from claimloop.edi.records.claim_supplements import AmbulanceTransport, SpinalManipulation


class Section(NamedTuple):
    """A record inside the encounter whose fields are columns with this prefix. `only` limits the fields."""

    prefix: str
    path: Path
    record: type[msgspec.Struct]
    only: tuple[str, ...] = ()


_NAMES = ("npi", "last_name", "first_name", "middle_name", "suffix")
_NAMES_AND_TAXONOMY = ("npi", "organization", "last_name", "first_name", "middle_name", "suffix", "taxonomy")

_SUBSCRIBER = ("last_name", "first_name", "middle_name", "suffix", "is_organization")

SECTIONS = (
    Section("", (), Encounter),
    Section("patient_", ("patient",), Person),
    Section("patient_", ("patient", "address"), PostalAddress),
    Section("coverage_", ("coverages", 0), Coverage),
    Section("coverage_payer_", ("coverages", 0, "payer_address"), PostalAddress),
    Section("subscriber_", ("coverages", 0, "subscriber"), Person, _SUBSCRIBER),
    Section("second_coverage_", ("coverages", 1), Coverage),
    Section("second_subscriber_", ("coverages", 1, "subscriber"), Person, _SUBSCRIBER),
    Section("service_", ("services",), Service),
    Section("drug_", ("services", "drug"), DrugRecord),
    Section("service_date_", ("services", "dates"), ServiceDates),
    Section("service_rendering_", ("services", "rendering_provider"), ProviderRecord, _NAMES_AND_TAXONOMY),
    Section("service_ordering_", ("services", "ordering_provider"), ProviderRecord, _NAMES),
    Section("rendering_", ("rendering_provider",), ProviderRecord, _NAMES_AND_TAXONOMY),
    Section("referring_", ("referring_provider",), ProviderRecord, _NAMES),
    Section("primary_care_", ("primary_care_provider",), ProviderRecord, _NAMES),
    Section("supervising_", ("supervising_provider",), ProviderRecord, _NAMES),
    Section("facility_", ("service_facility",), ProviderRecord, ("npi", "organization")),
    Section("facility_", ("service_facility", "address"), PostalAddress),
    Section(
        "billing_",
        ("billing_provider",),
        ProviderRecord,
        (*_NAMES_AND_TAXONOMY, "tax_id", "tax_id_type", "contact_name", "phone"),
    ),
    Section("billing_", ("billing_provider", "address"), PostalAddress),
    Section("pay_to_", ("billing_provider", "pay_to_address"), PostalAddress),
    Section("date_", ("dates",), ClaimDates),
    Section("accident_", ("accident",), AccidentRecord),
    Section("property_casualty_", ("property_casualty",), PropertyCasualty),
    Section("ambulance_", ("ambulance",), AmbulanceTransport),
    Section("pick_up_", ("pick_up",), PostalAddress),
    Section("drop_off_", ("drop_off",), PostalAddress),
    Section("spinal_manipulation_", ("spinal_manipulation",), SpinalManipulation),
)

MOST_COVERAGES = 2
"""CSV has two coverages, and one service a row."""

Shape = Literal["text", "amount", "date", "flag", "number", "texts", "numbers"]


class Unreadable(ValueError):
    """The cell does not fit its column. The text gives the expected form."""


class Column(NamedTuple):
    """One column: where its value goes, its form, and whether its section requires it."""

    name: str
    path: Path
    shape: Shape
    looks_like: str
    required: bool

    @property
    def of_the_row(self) -> bool:
        """Return True where the value belongs to the row's service, not to the whole encounter."""
        return self.path[0] == "services"


@cache
def columns() -> dict[str, Column]:
    """Return every column by its name, in the order of the template."""
    table: dict[str, Column] = {}
    for section in SECTIONS:
        hints = get_type_hints(section.record, include_extras=True)
        for field in msgspec.structs.fields(section.record):
            kind = plain_type(hints[field.name])
            shape = _shape(kind)
            if shape is None or (section.only and field.name not in section.only):
                continue
            name = field.name if field.name.startswith(section.prefix) else section.prefix + field.name
            looks_like = _LOOKS_LIKE.get(shape) or expected(kind)
            table[name] = Column(name, (*section.path, field.name), shape, looks_like, field.required)
    return table


def read_cell(column: Column, cell: str) -> object:
    """Return the value of a cell that is not blank. Raises Unreadable."""
    match column.shape:
        case "amount" if not _AMOUNT.fullmatch(cell):
            raise Unreadable("is not an amount: write 1250.00, without thousands separators or currency symbols")
        case "date" if not _DATE.fullmatch(cell):
            raise Unreadable("is not a date: write YYYY-MM-DD")
        case "flag":
            if cell.upper() not in _FLAGS:
                raise Unreadable("must be Y or N")
            return _FLAGS[cell.upper()]
        case "number":
            return _whole(cell)
        case "numbers":
            return [_whole(part) for part in cell.split()]
        case "texts":
            return cell.split()
        case "text" if _SPOILT.fullmatch(cell):
            raise Unreadable("was changed to a number or formula by a spreadsheet: format the column as text")
    return cell


def column_of(path: Path) -> str:
    """Return the column with the value at this path of an encounter, or the path's names where there is none."""
    in_row = path[:1] == ("services",)
    place = tuple(part for part in path if not in_row or isinstance(part, str))
    for column in columns().values():
        if column.path == place:
            return column.name
    return "_".join(part for part in path if isinstance(part, str))


def rows_of(encounter: Encounter) -> list[dict[str, str]]:
    """Return the encounter as CSV rows, one a service: `claimloop init` shows them, and `read_encounters` reads them
    back.

    Raises ValueError where the encounter has more coverages than CSV has columns for.
    """
    if len(encounter.coverages) > MOST_COVERAGES:
        raise ValueError(f"CSV holds {MOST_COVERAGES} coverages")
    rows = []
    for service in encounter.services:
        row = {}
        for column in columns().values():
            value: object = encounter
            for part in column.path:
                if part == "services":
                    value = service
                elif isinstance(part, int):
                    value = encounter.coverages[part] if part < len(encounter.coverages) else None
                else:
                    value = getattr(value, part)
                if value is None:
                    break
            row[column.name] = _cell(value)
        rows.append(row)
    return rows


def columns_in_words() -> str:
    """Return the columns as a table in Markdown."""
    lines = ["| column | holds | needed |", "|---|---|---|"]
    for column in columns().values():
        lines.append(f"| {column.name} | {column.looks_like} | {'yes' if column.required else ''} |")
    return "\n".join(lines) + "\n"


_AMOUNT = re.compile(r"-?[0-9]+(?:\.[0-9]+)?", re.ASCII)
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_SPOILT = re.compile(r"[0-9](?:\.[0-9]+)?E\+[0-9]+|=.*|#(?:N/A|REF!|VALUE!|NAME\?|NUM!|DIV/0!|#+)", re.ASCII)
_FLAGS = {
    "Y": True,
    "YES": True,
    "TRUE": True,
    "1": True,
    "N": False,
    "NO": False,
    "FALSE": False,
    "0": False,
}
_LOOKS_LIKE = {
    "flag": "Y or N",
    "texts": "texts separated by spaces",
    "numbers": "numbers separated by spaces",
}


def _shape(kind: object) -> Shape | None:
    """Return the form of a value of this type in a cell; None for a record, which has its own columns."""
    if get_origin(kind) is tuple:
        item = get_args(kind)[0]
        if item is str:
            return "texts"
        return "numbers" if item is int else None
    shapes: dict[object, Shape] = {Decimal: "amount", date: "date", bool: "flag", int: "number", str: "text"}
    return shapes.get(kind, "text" if get_origin(kind) is Literal else None)


def _whole(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise Unreadable("must be a whole number")
    return int(text)


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "Y" if value else "N"
    if isinstance(value, tuple):
        return " ".join(str(item) for item in value)
    return f"{value:f}" if isinstance(value, Decimal) else str(value)
