"""Find where each field of an encounter goes: change it, write the claims before and after, and compare them.

So the documentation of the fields always matches the builders.
"""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from difflib import SequenceMatcher
from functools import cache
from io import BytesIO
from itertools import count
from typing import Any, Literal, NamedTuple, get_args, get_origin, get_type_hints

import msgspec
from msgspec.structs import replace

from claimloop.builders.claims.from_encounter import claims_from
from claimloop.builders.encounters.check_guide import has_segment, labels_of, tag_of
from claimloop.builders.encounters.conform import plain_type
from claimloop.builders.encounters.encounter import Coverage, Encounter, Person
from claimloop.builders.partner import InterchangeSettings, Receiver, Submitter, TradingPartner
from claimloop.builders.professional.batch import ControlNumbers, write_batch
from claimloop.builders.professional.order import UnwritableClaim
from claimloop.edi.diagnostics import Diagnostic
from claimloop.edi.guides.locating import locate
from claimloop.edi.syntax.tokens import read_batches

Steps = tuple[str | int, ...]
Sent = tuple[str, str, tuple[str, ...]]
"""A segment of a claim: its loop, its qualifier, its elements."""

Becomes = dict[str, list[str]]
"""Element → the loops that contain it, both in the guide's order."""

_PARTNER = TradingPartner(
    name="fields",
    submitter=Submitter(name="Practice", id="P1", phone="5552013344"),
    receiver=Receiver(name="Receiver", id="R1"),
    interchange=InterchangeSettings(sender="P1", receiver="R1"),
)
_MOMENT = datetime(2024, 6, 30, 12)
_NUMBERS = ControlNumbers(1, 1, 1, "1")
_SERVED = date(2024, 1, 1)

_GIVEN: dict[str, object] = {
    "state": "IL", "country": "", "filing_indicator": "CI", "category": "07", "applies": "Y", "report_type": "OZ",
    "transmission": "BM", "method": "01", "condition": "A", "reference": "TR", "list": "UT", "yes_no": "Y",
    "place_of_service": "11", "frequency": "7", "procedure_type": "HC", "code_type": "N4", "group_number": "",
    "compound": "", "organization": "", "units": Decimal(7), "diagnosis_pointers": (1,), "bundled_into": None,
    "bill_to": "", "last_name": "Doe", "is_organization": False, "employment": False, "other": False,
    "homebound": False, "noncovered": None, "medicare_crossover": "Y", "sex": "F", "unit": "UN",
    "diagnosis_code_set": "ICD-10-CM", "patient_signature_by_provider": False, "disability_to": None,
}  # fmt: skip
"""Values of the changed encounter where any other value would hide a field or have no place."""

_TYPES = {"Contract": "02", "Measurement": "HT", "EquipmentCertification": "I", "AmbulanceTransport": "A"}
"""`type` and `reason` of records that these fields distinguish."""


class _Filler:
    """Fill a record with a different value for every field."""

    def __init__(self) -> None:
        self._numbers = count(101)

    def value(self, kind: object, name: str, owner: str) -> Any:
        """Return a value for a field of this type."""
        plain = plain_type(kind)
        if name in ("type", "reason") and owner in _TYPES:
            return _TYPES[owner]
        if name in _GIVEN and not (isinstance(plain, type) and issubclass(plain, msgspec.Struct)):
            return _GIVEN[name]
        if isinstance(plain, type) and issubclass(plain, msgspec.Struct):
            return self.record(plain)
        if get_origin(plain) is tuple:
            return (self.value(get_args(plain)[0], f"{name}s", owner),)
        if get_origin(plain) is Literal:
            return next(choice for choice in get_args(plain) if choice != "")
        number = next(self._numbers)
        values: dict[object, object] = {
            str: f"V{number}", Decimal: Decimal(number), int: number, bool: True,
            date: _SERVED + timedelta(days=number),
        }  # fmt: skip
        return values[plain]

    def record(self, kind: type[msgspec.Struct]) -> Any:
        """Return a record with every field."""
        hints = get_type_hints(kind, include_extras=True)
        return kind(**{name: self.value(hint, name, kind.__name__) for name, hint in hints.items()})


def _examples() -> list[Encounter]:
    """Return encounters with every field: the patient is the subscriber, or another person is; another payer decided.

    The last one leaves out values that hide others: control numbers and decisions of services, and names of people.
    """
    whole: Encounter = _Filler().record(Encounter)
    second, service, billing = whole.coverages[0], whole.services[0], whole.billing_provider
    first = replace(_Filler().record(Coverage), payer_id="OTHER", payer_name="Other")
    service = replace(service, decisions=tuple(replace(each, payer_id="OTHER") for each in service.decisions))
    insured = [
        replace(
            whole,
            services=(service,),
            coverages=tuple(
                replace(each, relationship=relationship, subscriber=person, decision=decision)
                for each, decision in ((first, first.decision), (second, None))
            ),
        )
        for relationship, person in (("self", None), ("child", Person(last_name="Insured", birth_date=_SERVED)))
    ]
    own = {"benefits_assigned": "", "release_of_information": "", "patient_signature_by_provider": None}
    bare = replace(
        insured[0],
        patient_control_number="",
        services=(replace(service, decisions=(), line_control_number=""),),
        coverages=tuple(replace(each, **own) for each in insured[0].coverages),
        billing_provider=replace(billing, organization="Practice", last_name="") if billing else None,
        dates=replace(whole.dates, disability_from=None, disability_to=_SERVED) if whole.dates else None,
    )
    return [*insured, bare]


def _sent(encounter: Encounter) -> list[Sent]:
    """Return the segments of the encounter's claims, each with its loop."""
    text: list[str] = []
    write_batch(claims_from(encounter, _PARTNER), _PARTNER, _NUMBERS, _MOMENT, text.append)
    found = []
    for located in locate(read_batches(BytesIO("".join(text).encode()), "fields.837", _found_by_validate)):
        place = located.place
        if place is not None and place.loop_id and not place.loop_id.startswith(("ISA", "GS", "1000")):
            qualified = place.segment.qualified_by
            code = (
                located.elements[qualified[0]].split(":")[0]
                if qualified and qualified[0] < len(located.elements)
                else ""
            )
            found.append((place.loop_id, code, tuple(located.elements)))
    return found


def _found_by_validate(_: Diagnostic) -> None:
    """Ignore findings about made-up values."""


def _differences(before: list[Sent], after: list[Sent]) -> Iterator[tuple[str, str]]:
    """Yield the elements that differ, each with its loop."""
    for tag, i, j, k, m in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag == "equal":
            continue
        old, new = before[i:j], after[k:m]
        paired = len(old) == len(new) and all(
            a[0] == b[0] and a[2][0] == b[2][0] for a, b in zip(old, new, strict=True)
        )
        if paired:
            for one, other in zip(old, new, strict=True):
                for element in _elements(one[2], other[2]):
                    yield _named(one, element), one[0]
        else:
            seen = {each[:2] for each in old}
            for each in new if len(new) > len(old) else old:
                if len(new) <= len(old) or each[:2] not in seen or each not in old:
                    yield _named(each, each[2][0]), each[0]


def _named(segment: Sent, element: str) -> str:
    """ "REF02 (G1)": the element with the code that distinguishes its segment."""
    code = segment[1]
    return f"{element} ({code})" if code and segment[2][0] in _TOLD_BY_CODE else element


_TOLD_BY_CODE = frozenset(("REF", "DTP", "AMT", "QTY", "NTE", "HI", "CRC"))


def _elements(before: tuple[str, ...], after: tuple[str, ...]) -> Iterator[str]:
    tag = before[0]
    for position in range(1, max(len(before), len(after))):
        old, new = (each[position] if position < len(each) else "" for each in (before, after))
        if old == new:
            continue
        if ":" in old + new:
            parts = [each.split(":") for each in (old, new)]
            for part in range(max(map(len, parts))):
                one, other = (each[part] if part < len(each) else "" for each in parts)
                if one != other:
                    yield f"{tag}{position:02d}-{part + 1}"
        else:
            yield f"{tag}{position:02d}"


def _changes(value: Any, kind: object) -> Iterator[Any]:
    """Yield other values of a field, including none."""
    plain = plain_type(kind)
    if get_origin(plain) is Literal:
        yield from (choice for choice in get_args(plain) if choice != value)
    elif isinstance(value, bool) or plain is bool:
        yield not value
    elif isinstance(value, tuple):
        yield (*(next(_changes(item, type(item))) for item in value[:1]), *value[1:])
    elif plain is str or isinstance(value, str):
        yield "DE" if value == "" else f"Z{value}"
        yield "Z9"
    elif plain is Decimal:
        yield (value or Decimal(1)) + 1
    elif plain is date:
        yield (value or _SERVED) + timedelta(days=1)
    elif plain is int:
        yield 2


Field = tuple[str, str]
"""The name of a record and of its field."""


class _Leaf(NamedTuple):
    """A field that is not a record: the steps to it, its type, and the fields along the way, itself the last."""

    steps: Steps
    kind: object
    fields: tuple[Field, ...]


def _leaves(record: msgspec.Struct, above: Steps = (), fields: tuple[Field, ...] = ()) -> Iterator[_Leaf]:
    """Yield the fields of a record and of the records in it."""
    hints = get_type_hints(type(record), include_extras=True)
    for name, hint in hints.items():
        value = getattr(record, name)
        steps, here = (*above, name), (*fields, (type(record).__name__, name))
        if isinstance(value, msgspec.Struct):
            yield from _leaves(value, steps, here)
        elif isinstance(value, tuple) and value and isinstance(value[0], msgspec.Struct):
            for place, item in enumerate(value):
                yield from _leaves(item, (*steps, place), here)
        else:
            yield _Leaf(steps, hint, here)


def _changed(record: Any, steps: Steps, value: object) -> Any:
    """Return the record with another value at the end of the steps."""
    first, *rest = steps
    inner = (
        value
        if not rest
        else _changed(record[first] if isinstance(first, int) else getattr(record, first), tuple(rest), value)
    )
    if isinstance(first, int):
        return (*record[:first], inner, *record[first + 1 :])
    return replace(record, **{first: inner})


@cache
def fields_become() -> dict[Field, Becomes]:
    """Return, for every field of every record, the elements that it becomes, or the loops of a record (element "")."""
    found: dict[Field, Becomes] = {}
    for encounter in _examples():
        before = _sent(encounter)
        for leaf in _leaves(encounter):
            *records, field = leaf.fields
            for element, loops in _becomes(encounter, before, leaf).items():
                _add(found.setdefault(field, {}), element, loops)
                for record in records:
                    _add(found.setdefault(record, {}), "", loops)
            found.setdefault(field, {})
    return found


def _add(becomes: Becomes, element: str, loops: list[str]) -> None:
    becomes[element] = sorted({*becomes.get(element, ()), *loops})


def _becomes(encounter: Encounter, before: list[Sent], leaf: _Leaf) -> Becomes:
    """Return the elements that change with one field of this encounter, each with its loops."""
    if named := _names_its_element(leaf.kind):
        return {named: [_loop_of(named, leaf.steps)]}
    value: Any = encounter
    for step in leaf.steps:
        value = value[step] if isinstance(step, int) else getattr(value, step)
    becomes: Becomes = {}
    for other in _changes(value, leaf.kind):
        try:
            differences = list(_differences(before, _sent(_changed(encounter, leaf.steps, other))))
        except UnwritableClaim:
            continue  # the code has no place there
        told: Becomes = {}
        for element, loop in differences:
            _add(told, element, [loop])
        for element, loops in _elements_first(told).items():
            _add(becomes, element, loops)
        if becomes and get_origin(plain_type(leaf.kind)) is not Literal:
            break  # each choice may have its own place
    return becomes


def _elements_first(becomes: Becomes) -> Becomes:
    """Drop whole segments where the field is an element, because they only follow the element."""
    elements = {element: loops for element, loops in becomes.items() if element.split()[0][-1].isdigit()}
    return elements or becomes


def _names_its_element(kind: object) -> str:
    """Return the element that a field names (`edi.layout`), or an empty text."""
    return next(iter(labels_of(kind)), "")


def _loop_of(element: str, steps: Steps) -> str:
    """Return the loop of the segment that a record of an encounter, or of one of its services, becomes."""
    loops = ("2400", "2440") if steps[0] == "services" else ("2300",)
    return next(loop for loop in loops if has_segment(loop, tag_of(element)))
