"""Every segment, element and qualifier of 837P guides: read into a field, or kept as text, never lost."""

import random
from collections import Counter
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from io import BytesIO

import msgspec
import pytest

from claimloop.edi.diagnostics import Diagnostic
from claimloop.edi.guides.guides import guide_of
from claimloop.edi.guides.structure import Composite, Element, Guide, Loop, Segment
from claimloop.edi.records.claim import Claim
from claimloop.parsers.professional.reader import ClaimFile, claim_file_items

GUIDES = {"005010X222A1": "837.5010.X222.A1.xml", "004010X098A1": "837.4010.X098.A1.xml"}
ENVELOPE = frozenset(("ISA", "GS", "ST", "SE", "GE", "IEA", "TA1"))
LEVELS = {"20": ("1", ""), "22": ("2", "1"), "23": ("3", "2")}
REPEATED = frozenset(("DTP", "PWK", "AMT", "REF", "NTE", "CRC", "QTY", "MEA", "CAS"))
"""Segments that may follow each other in one place, with different qualifiers."""

FIRST_CODES = {"ABF": "ABK", "BF": "BK", "BO": "BP"}
DATES = frozenset((("DTP", 3), ("DMG", 2), ("PAT", 6), ("FRM", 4)))

IMPLIED: dict[str, tuple[int, ...]] = {
    "HL": (1, 2, 3, 4), "LX": (1,), "BHT": (1,), "DTP": (1, 2), "PAT": (5, 7, 9), "DMG": (1,), "CUR": (1,),
    "AMT": (1,), "QTY": (1,), "CR1": (1, 5), "CR3": (2,), "PWK": (5,), "PRV": (1, 2), "SV1": (9, 11, 12, 15),
    "SV5": (2,),
}  # fmt: skip
"""Elements for which the field itself stands: qualifiers of dates, amounts and units, flags."""

IMPLIED_PARTS = frozenset((("HI", 1), ("CLM", 2), ("SV5", 1), ("REF", 1)))
"""Components, of whatever element, for which the field stands."""


def segments(place: Guide | Loop) -> Iterator[Segment]:
    """The segments of the set, in the guide's order; a loop of several kinds of party once for each of them."""
    for child in place.children:
        if isinstance(child, Segment):
            yield child
            continue
        first = next(iter(child.children), None)
        if isinstance(first, Segment) and first.id == "NM1" and first.qualified_by == (1, 0):
            for role in first.qualifiers:
                yield msgspec.structs.replace(first, qualifiers=(role,))
                yield from (each for each in segments(child) if each is not first)
        else:
            yield from segments(child)


class Filler:
    """Fills elements with values that tell them apart: numbers and days that go up, texts that count."""

    def __init__(self, *, unused: bool) -> None:
        self.count = 100
        self.unused = unused

    def texts(self, segment: Segment) -> Iterator[list[str]]:
        """The segment with every element that the guide uses, once for each of its qualifiers."""
        several = segment.qualified_by == (1, 0) and segment.id in REPEATED
        for qualifier in segment.qualifiers if several else segment.qualifiers[:1] or ("",):
            elements = [segment.id, *[""] * 99]
            for place in segment.elements:
                elements[place.position] = self.text(segment, place)
            if segment.qualified_by == (1, 0):
                elements[1] = qualifier
            if segment.id == "HL":
                elements[1:3] = LEVELS[elements[3]]
            yield elements

    def text(self, segment: Segment, place: Element | Composite) -> str:
        """A value for an element; a composite with all of its components."""
        if not self.unused and place.usage == "N":
            return ""
        if isinstance(place, Element):
            return self.value(place, is_date=(segment.id, place.position) in DATES)
        parts = [self.value(part) if self.unused or part.usage != "N" else "" for part in place.components]
        if not parts:
            self.count += 1
            return f"T{self.count}"
        if segment.id == "HI":
            following = {first: other for other, first in FIRST_CODES.items()}
            parts[0] = (FIRST_CODES if place.position == 1 else following).get(parts[0], parts[0])
        return ":".join(parts).rstrip(":")

    def value(self, element: Element, *, is_date: bool = False) -> str:
        """A code, where there are codes; else what no other element has."""
        self.count += 1
        if element.codes:
            return element.codes[0]
        if is_date or element.type == "DT":
            return f"{1900 + self.count // 28}01{1 + self.count % 28:02d}"
        return str(self.count) if element.type in ("R", "N0", "N2") else f"T{self.count}"


def set_of(guide: str, *, unused: bool = False) -> list[list[str]]:
    """The elements of every segment between ST and SE."""
    filler = Filler(unused=unused)
    found = [
        elements
        for segment in segments(guide_of(GUIDES[guide]))
        if segment.id not in ENVELOPE
        for elements in filler.texts(segment)
    ]
    return _pointed(found)


def _pointed(found: list[list[str]]) -> list[list[str]]:
    for elements in found:
        if elements[0] == "SV1" and elements[7]:
            elements[7] = ":".join("1234"[: elements[7].count(":") + 1])
    return found


def file_of(guide: str, body: list[list[str]]) -> bytes:
    """One interchange with this set."""
    version = "U*00401" if guide.startswith("004") else "^*00501"
    isa = f"ISA*00*{'':10}*00*{'':10}*ZZ*{'A':15}*ZZ*{'B':15}*240101*1200*{version}*000000001*0*T*:"
    inner = ["*".join(elements).rstrip("*:") for elements in body]
    whole = [isa, f"GS*HC*A*B*20240101*1200*1*X*{guide}", f"ST*837*0001*{guide}", *inner, f"SE*{len(inner) + 2}*0001"]
    return ("~".join([*whole, "GE*1*1", "IEA*1*000000001"]) + "~").encode()


def sent(body: list[list[str]]) -> Counter[str]:
    """Every value of the set but those for which the field itself stands."""
    values: Counter[str] = Counter()
    for tag, *elements in body:
        qualifier = elements[0]
        for position, text in enumerate(elements, start=1):
            if position in IMPLIED.get(tag, ()) or (tag, qualifier) == ("NM1", "87"):
                continue
            if (tag, qualifier, position) == ("REF", "6R", 1):
                continue
            parts = text.split(":")
            values.update(
                spelled(part)
                for component, part in enumerate(parts, start=1)
                if part and not (len(parts) > 1 and (tag, component) in IMPLIED_PARTS)
            )
    return values


def kept(records: list[ClaimFile | Claim]) -> Counter[str]:
    """Every value of the records; of what is kept as text, every element."""
    values: Counter[str] = Counter()
    for text in (text for record in records for text in leaves(record)):
        values.update(spelled(part) for element in text.split("*") for part in element.split(":") if part)
    return values


def leaves(value: object) -> Iterator[str]:
    """The texts, numbers and days in a record."""
    match value:
        case msgspec.Struct():
            for name in value.__struct_fields__:
                yield from leaves(getattr(value, name))
        case dict():
            for name, part in value.items():
                yield from (name, *leaves(part))
        case list() | tuple():
            for part in value:
                yield from leaves(part)
        case date():
            yield f"{value:%Y%m%d}"
        case None:
            return
        case _:
            yield str(value)


def spelled(text: str) -> str:
    """A number in one spelling."""
    return str(Decimal(text).normalize()) if text.isascii() and text.isdigit() and len(text) < 8 else text


def read(content: bytes) -> tuple[list[ClaimFile | Claim], list[Diagnostic]]:
    """The records and the findings but those about sums: the amounts are made up."""
    findings: list[Diagnostic] = []
    records = list(claim_file_items(BytesIO(content), "t.837", findings.append))
    return records, [finding for finding in findings if finding.code != "R254"]


def test_every_element_of_x222a1_has_a_field() -> None:
    body = set_of("005010X222A1")
    records, findings = read(file_of("005010X222A1", body))
    claims = [record for record in records if isinstance(record, Claim)]

    assert [str(finding) for finding in findings] == []
    assert len(claims) == 2
    assert [text for claim in claims for text in claim.other_segments] == []
    assert [text for claim in claims for line in claim.lines for text in line.other_segments] == []
    assert [claim.unreadable for claim in claims] == [0, 0]


@pytest.mark.parametrize("unused", [False, True], ids=["used", "and unused"])
@pytest.mark.parametrize("guide", GUIDES)
def test_no_value_is_lost(guide: str, unused: bool) -> None:
    body = set_of(guide, unused=unused)
    values = sent(body)
    records, _ = read(file_of(guide, body))

    assert sum(values.values()) > 900
    assert dict(values - kept(records)) == {}


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("guide", GUIDES)
def test_no_value_of_a_shuffled_claim_is_lost(guide: str, seed: int) -> None:
    chance = random.Random(seed)
    body = set_of(guide, unused=True)
    begins = next(at for at, elements in enumerate(body) if elements[0] == "CLM")
    ends = next(at for at, elements in enumerate(body) if at > begins and elements[0] == "HL")
    claim = [elements for elements in body[begins + 1 : ends] for _ in range(chance.choice((0, 1, 1, 1, 2)))]
    chance.shuffle(claim)
    whole = [*body[: begins + 1], *claim]

    records, _ = read(file_of(guide, whole))

    assert dict(sent(whole[begins:]) - kept(records)) == {}


@pytest.mark.parametrize("seed", range(40))
def test_odd_values_never_stop_the_reader(seed: int) -> None:
    chance = random.Random(seed)
    body = set_of("005010X222A1")
    for elements in body:
        if chance.random() < 0.3:
            elements[chance.randrange(1, 12)] = chance.choice(
                ("", "x", "1:2", "::", "-", "9" * 30, "DT", "é", "20240199")
            )
    chance.shuffle(body)

    records, _ = read(file_of("005010X222A1", body))

    assert len(records) == 1 + len([elements for elements in body if elements[0] == "CLM"])


def test_every_field_of_every_record_is_filled_by_the_guide() -> None:
    records, _ = read(file_of("005010X222A1", set_of("005010X222A1")))
    empty = set(empty_fields([record for record in records if isinstance(record, Claim)]))

    assert empty == {
        "Claim.other_segments",
        "Claim.unreadable",
        "Reference.description",
        "ServiceLine.other_segments",
    }


def empty_fields(claims: list[Claim]) -> Iterator[str]:
    """Fields that have nothing but their default in every record of their kind."""
    told: dict[str, bool] = {}

    def look(value: object) -> None:
        if isinstance(value, msgspec.Struct):
            for name in value.__struct_fields__:
                part = getattr(value, name)
                label = f"{type(value).__name__}.{name}"
                told[label] = told.get(label, False) or part not in (None, "", (), {}, 0, False)
                look(part)
        elif isinstance(value, (list, tuple)):
            for part in value:
                look(part)

    look(claims)
    yield from (label for label, filled in told.items() if not filled)
