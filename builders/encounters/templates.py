"""Templates for new users: an encounter as JSON and CSV, and the JSON Schema of encounters.

The people, numbers and organizations are invented.
"""

import csv
import io
from datetime import date
from decimal import Decimal
from typing import Any, get_type_hints

import msgspec

from claimloop.builders.encounters.check_guide import codes_of_field
from claimloop.builders.encounters.columns import columns, rows_of
from claimloop.builders.encounters.encounter import Coverage, Encounter, Person, PostalAddress, ProviderRecord, Service
from claimloop.edi.records.claim_supplements import (
    AmbulanceTransport,
    Attachment,
    Certification,
    Contract,
    EquipmentCertification,
    EquipmentPrice,
    FormAnswer,
    Measurement,
    Repricing,
    SpinalManipulation,
    SupportingForm,
)

_SUPPLEMENTS: tuple[type[msgspec.Struct], ...] = (
    AmbulanceTransport, Attachment, Certification, Contract, EquipmentCertification, EquipmentPrice, FormAnswer,
    Measurement, Repricing, SpinalManipulation, SupportingForm,
)  # fmt: skip
"""Records whose fields name their elements."""

EXAMPLE = Encounter(
    encounter_id="E1001",
    patient=Person(
        last_name="Example",
        first_name="Erin",
        birth_date=date(1984, 3, 9),
        sex="F",
        address=PostalAddress(line1="8 Orchard Lane", city="Springfield", state="IL", zip="62704"),
    ),
    coverages=(
        Coverage(
            payer_id="99999",
            payer_name="Sample Health Plan",
            member_id="W123456789",
            filing_indicator="CI",
            group_number="G-4711",
        ),
    ),
    diagnoses=("L57.0", "D22.5"),
    place_of_service="11",
    rendering_provider=ProviderRecord(npi="1245319599", last_name="Sample", first_name="Robin", taxonomy="207N00000X"),
    services=(
        Service(
            procedure="99213",
            modifiers=("25",),
            charge=Decimal("135.00"),
            service_date=date(2024, 5, 2),
            diagnosis_pointers=(1, 2),
        ),
        Service(
            procedure="17000",
            charge=Decimal("150.00"),
            service_date=date(2024, 5, 2),
            diagnosis_pointers=(1,),
        ),
    ),
)
"""A visit that can be sent as it is, with a configuration that has a billing provider."""


def json_template() -> str:
    """Return the example as one JSON object, with amounts as text."""
    return msgspec.json.format(msgspec.json.encode(EXAMPLE), indent=2).decode() + "\n"


def csv_template() -> str:
    """Return the example as CSV with every column. Blank columns may be left out of a file."""
    out = io.StringIO()
    writer = csv.DictWriter(out, list(columns()), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows_of(EXAMPLE))
    return out.getvalue()


def json_schema() -> dict[str, object]:
    """Return the JSON Schema (2020-12) of one encounter. Amounts are text or numbers."""
    schema: dict[str, Any] = msgspec.json.schema(Encounter)
    _allow_numbers(schema)
    for record in _SUPPLEMENTS:
        _name_codes(schema["$defs"][record.__name__]["properties"], record)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "claimloop encounter",
        **schema,
    }


def _name_codes(properties: dict[str, Any], record: type[msgspec.Struct]) -> None:
    """Add the codes to the schema where the guide lists those of an element."""
    for name, kind in get_type_hints(record, include_extras=True).items():
        codes = codes_of_field(kind)
        if codes:
            place = properties[name].get("items", properties[name])
            place["enum"] = [*codes, *([""] if properties[name].get("default") == "" else [])]


def _allow_numbers(schema: object) -> None:
    if isinstance(schema, dict):
        if schema.get("format") == "decimal":
            del schema["format"]
            schema["type"] = ["string", "number"]
            schema["pattern"] = r"^-?[0-9]+(\.[0-9]+)?$"
        for part in schema.values():
            _allow_numbers(part)
    elif isinstance(schema, list):
        for part in schema:
            _allow_numbers(part)
