"""docs/encounters.md: every field of an encounter and what it becomes.

`python -m claimloop.builders.encounter_docs.page > docs/encounters.md`.
"""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from inspect import getdoc
from typing import Any, Literal, get_args, get_origin, get_type_hints

import msgspec
from msgspec.structs import replace

from claimloop.builders.encounter_docs.field_map import Becomes, Field, fields_become
from claimloop.builders.encounters.check_guide import codes_of_field
from claimloop.builders.encounters.columns import columns
from claimloop.builders.encounters.conform import plain_type
from claimloop.builders.encounters.encounter import AdjustmentRecord, CoverageDecision, Encounter
from claimloop.builders.encounters.templates import EXAMPLE
from claimloop.edi.catalogue_page import link_rules

_HEAD = """\
# Encounters

An encounter is the practice's own record of a visit: JSON, JSONL (one a line) or CSV. `claimloop init` writes
templates, and `claimloop init --schema` prints the JSON Schema. `claimloop build` reports everything that holds an
encounter, all at once, before it writes a file ([diagnostics](diagnostics.md), C3xx).

A visit with one insurance:

```json
{example}
```

With **several coverages** the claim goes to the first payer without a `decision` (or to `bill_to`), and reports the
other payers. A primary payer's remittance, with the values that the secondary claim needs:

```json
{decision}
```

For each payer that adjudicated the claim, paid and adjustments must add up to the charge. The same holds for each
service with `decisions`. Exactly one coverage is primary: list the coverages in the order in which they pay.

The tables show all fields. Required fields are in bold. The column *becomes* is found by changing a field and comparing
the claims (837P, 005010X222A1), so it always matches the builders. Names of elements and loops are the guide's. A value
that the guide has no room for holds the encounter, and a value that only repeats another one is sent once. This page is
made by
`python -m claimloop.builders.encounter_docs.page`.
"""

_WORDS: dict[object, str] = {
    str: "text", bool: "true or false", int: "whole number", Decimal: "number", date: "date"
}  # fmt: skip


def page() -> str:
    """Return the whole page as Markdown."""
    becomes = fields_become()
    head = _HEAD.replace("{example}", _json(EXAMPLE)).replace("{decision}", _json(_decided_coverage()))
    return "\n".join([head, *(_section(record, becomes) for record in _records(Encounter, [])), _columns()])


def _decided_coverage() -> msgspec.Struct:
    adjustment = AdjustmentRecord(group="CO", reason="45", amount=Decimal("60.00"))
    owed = AdjustmentRecord(group="PR", reason="2", amount=Decimal("45.00"))
    decision = CoverageDecision(
        paid=Decimal("180.00"), adjustments=(adjustment, owed), decided_on=date(2024, 5, 20), payer_claim_number="ICN1",
        patient_owes=Decimal("45.00"),
    )  # fmt: skip
    return replace(EXAMPLE.coverages[0], decision=decision)


def _json(record: msgspec.Struct) -> str:
    return msgspec.json.format(msgspec.json.encode(record), indent=2).decode()


def _records(record: type[msgspec.Struct], seen: list[type[msgspec.Struct]]) -> Iterator[type[msgspec.Struct]]:
    """Yield the record and those in it, each once."""
    seen.append(record)
    yield record
    for hint in get_type_hints(record).values():
        inner = _inner(hint)
        if inner is not None and inner not in seen:
            yield from _records(inner, seen)


def _inner(kind: object) -> type[msgspec.Struct] | None:
    plain: Any = plain_type(kind)
    if get_origin(plain) is tuple:
        plain = get_args(plain)[0]
    return plain if isinstance(plain, type) and issubclass(plain, msgspec.Struct) else None


def _section(record: type[msgspec.Struct], becomes: dict[Field, Becomes]) -> str:
    lines = [
        f"## {_title(record)}",
        "",
        link_rules(getdoc(record) or ""),
        "",
        "| field | holds | becomes |",
        "|---|---|---|",
    ]
    hints = get_type_hints(record, include_extras=True)
    for field in msgspec.structs.fields(record):
        found = becomes.get((record.__name__, field.name), {})
        name = f"**{field.encode_name}**" if field.required else field.encode_name
        lines.append(f"| {name} | {_holds(hints[field.name])} | {_said(found)} |")
    return "\n".join(lines) + "\n"


def _title(record: type[msgspec.Struct]) -> str:
    """ "ServiceDecision" is "Service decision"."""
    name = record.__name__.removesuffix("Record")
    return "".join(f" {letter.lower()}" if letter.isupper() and place else letter for place, letter in enumerate(name))


def _holds(kind: object) -> str:
    plain: Any = plain_type(kind)
    several = get_origin(plain) is tuple
    item = plain_type(get_args(plain)[0]) if several else plain
    inner = _inner(kind)
    codes = codes_of_field(kind)
    if inner is not None:
        words = f"[{_title(inner).lower()}](#{_title(inner).lower().replace(' ', '-')})"
    elif codes:
        words = ", ".join(codes)
    elif get_origin(item) is Literal:
        words = ", ".join(str(choice) for choice in get_args(item) if choice != "")
    else:
        words = _WORDS.get(item, "text")
    return f"list: {words}" if several else words


def _said(becomes: Becomes) -> str:
    by_loops: dict[tuple[str, ...], list[str]] = {}
    for element, loops in becomes.items():
        by_loops.setdefault(tuple(loops), []).append(element)
    if "" in becomes:
        return ", ".join(becomes[""])
    return "; ".join(f"{', '.join(elements)} of {', '.join(loops)}" for loops, elements in by_loops.items())


def _columns() -> str:
    names = ", ".join(f"`{name}`" for name in columns())
    return (
        "## CSV\n\nOne row a service; all rows with one `encounter_id` make one encounter. A column is a field with\n"
        f"the name of its record before it; blank columns may be left out.\n\n{names}.\n"
    )


if __name__ == "__main__":
    print(page(), end="")
