"""`claimloop explain FILE SEGMENT`: name a segment and its elements in the guide's words, and list its findings."""

from pathlib import Path

import msgspec

from claimloop.edi.codes import EXTERNAL_LISTS, code_list
from claimloop.edi.diagnostics import Diagnostic, UserError, Where, mask
from claimloop.edi.guides.locating import Located, locate
from claimloop.edi.guides.structure import UNLIMITED, Composite, Element, Loop, Segment
from claimloop.edi.syntax.delimiters import Delimiters
from claimloop.edi.syntax.tokens import read_batches
from claimloop.parsers.checking import check_file
from claimloop.parsers.show.privacy import hide_segment

USAGES = {"R": "required", "S": "situational", "N": "not used"}

_LISTS = {
    "98": "entity_identifiers", "305": "payment_handling", "353": "batch_purposes", "426": "provider_adjustments",
    "591": "payment_methods", "1029": "claim_payment_statuses", "1032": "claim_filing_indicators",
    "1033": "adjustment_groups", "1034": "claim_adjustment_reasons", "1069": "relationships",
    "1138": "payer_responsibilities", "1325": "claim_frequencies", "1365": "service_types",
}  # fmt: skip
"""Data element → the code list whose labels explain its codes."""


class ExplainedElement(msgspec.Struct, frozen=True, omit_defaults=True):
    """An element or a component: `position` as the guide writes it (CLM05-3), its name there, its value.

    `meaning` is the label of a code; `usage` is the guide's R, S or N. Both are empty where they are not known.
    """

    position: str
    name: str
    value: str
    meaning: str = ""
    usage: str = ""


class ExplainedLoop(msgspec.Struct, frozen=True):
    """A loop that contains the segment."""

    id: str
    name: str


class Explanation(msgspec.Struct, frozen=True, omit_defaults=True):
    """A segment explained. `name` and `loops` are empty where the guide has no place for it; `most` 0 is unlimited."""

    where: Where
    segment: str
    interchange: str = ""
    group: str = ""
    set: str = ""
    guide: str = ""
    loops: tuple[ExplainedLoop, ...] = ()
    name: str = ""
    usage: str = ""
    most: int = 0
    elements: tuple[ExplainedElement, ...] = ()
    findings: tuple[Diagnostic, ...] = ()


class NoSuchSegment(UserError, ValueError):
    """The file has fewer segments."""


def explain(path: Path, number: int, *, show_values: bool = False) -> Explanation:
    """Explain the segment `number` of a file. Segments count from 1, as in findings.

    Values that identify a patient are hidden unless `show_values`. Raises NoSuchSegment, NotX12, and OSError where the
    file cannot be read.
    """
    found: list[Diagnostic] = []

    def take(finding: Diagnostic) -> None:
        if finding.where.segment == number:
            found.append(finding if show_values else finding.masked())

    check_file(path, take, most=None)
    interchange = group = transaction = guide = ""
    last = 0
    with path.open("rb") as stream:
        for located in locate(read_batches(stream, path.name, lambda _: None)):
            last = located.number
            field = located.elements + [""] * 16
            match field[0]:
                case "ISA":
                    interchange, group, transaction, guide = field[13], "", "", ""
                case "GS":
                    group, transaction, guide = field[6], "", field[8]
                case "ST":
                    transaction, guide = field[2], field[3] or guide
            if located.number == number:
                return _explanation(located, interchange, group, transaction, guide, tuple(found), show_values)
    raise NoSuchSegment(f"{path} has {last:,} segments, so segment {number:,} does not exist")


def _explanation(
    located: Located, interchange: str, group: str, transaction: str, guide: str,
    findings: tuple[Diagnostic, ...], show_values: bool,
) -> Explanation:  # fmt: skip
    signs, place = located.batch.delimiters, located.place
    text = signs.element.join(located.elements)
    shown = text if show_values else hide_segment(text)
    loops = tuple(
        ExplainedLoop(loop.loop.id, loop.loop.name) for loop in (place.loop.path if place else ())
        if isinstance(loop.loop, Loop) and loop.loop.id[:1].isdigit()
    )  # fmt: skip
    segment = place.segment if place else None
    return Explanation(
        where=located.batch.where(located.number, loop=place.loop_id if place else ""),
        segment=shown.split(signs.element)[0] if show_values or segment else mask(located.elements[0]),
        interchange=interchange,
        group=group,
        set=transaction,
        guide=guide,
        loops=loops,
        name=segment.name if segment else "",
        usage=USAGES[segment.usage] if segment else "",
        most=segment.most if segment and segment.most != UNLIMITED else 0,
        elements=tuple(_elements(located.elements[0], shown.split(signs.element)[1:], segment, signs)),
        findings=findings,
    )


def _elements(tag: str, values: list[str], segment: Segment | None, signs: Delimiters) -> list[ExplainedElement]:
    known = {element.position: element for element in segment.elements} if segment else {}
    rows: list[ExplainedElement] = []
    for position, value in enumerate(values, start=1):
        element = known.get(position)
        where = f"{tag}{position:02d}"
        if isinstance(element, Composite) or (element is None and signs.component and signs.component in value):
            parts = value.split(signs.component) if signs.component and tag != "ISA" else [value]
            inner = {part.position: part for part in element.components} if isinstance(element, Composite) else {}
            name = element.name if element else ""
            for number, part in enumerate(parts, start=1):
                if part or number == 1:
                    rows.append(_element(f"{where}-{number}", part, inner.get(number), name))
        elif value or element is not None:
            rows.append(_element(where, value, element if isinstance(element, Element) else None, ""))
    return rows


def _element(where: str, value: str, element: Element | None, whole: str) -> ExplainedElement:
    if element is None:
        return ExplainedElement(where, whole, value)
    return ExplainedElement(where, element.name, value, meaning(element, value), USAGES[element.usage])


def meaning(element: Element, code: str) -> str:
    """Return the meaning of a code of this element; empty where the code is unknown or has no label."""
    name = EXTERNAL_LISTS.get(element.code_list) or _LISTS.get(element.data_element)
    return code_list(name).label(code) if name and code else ""
