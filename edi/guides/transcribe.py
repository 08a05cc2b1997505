"""Transcribe pyx12's XML maps into the records of `structure`, once. Later runs load them from the cache in
milliseconds.
"""

import importlib.metadata
import importlib.util
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, get_args

import msgspec

from claimloop.edi.cache import cached
from claimloop.edi.guides.qualifiers import first_code, qualifier
from claimloop.edi.guides.structure import (
    UNLIMITED,
    Child,
    Composite,
    Element,
    Guide,
    Loop,
    Segment,
    SyntaxNote,
    Usage,
)

if TYPE_CHECKING:
    from lxml import etree

_FORM = "1"
"""Increment this when the same map would produce different records."""

_NOTE_KINDS = "PRECL"


class DataElement(msgspec.Struct, frozen=True, array_like=True):
    """A row of X12's data element dictionary."""

    type: str
    shortest: int
    longest: int


@cache
def map_index() -> tuple[tuple[str, str, str, str, str], ...]:
    """Return the maps that pyx12 lists: (ISA12, GS08, GS01, BHT02 or "", file)."""
    return cached("guides", version(), tuple[tuple[str, str, str, str, str], ...], _read_index)


@cache
def version() -> str:
    """Return the version that the transcription depends on. A different version rebuilds the cache."""
    return f"pyx12 {importlib.metadata.version('pyx12')}, form {_FORM}"


def _folder() -> Path:
    found = importlib.util.find_spec("pyx12")
    if found is None or found.origin is None:
        raise FileNotFoundError("pyx12, whose maps are the implementation guides, is not installed")
    return Path(found.origin).parent / "map"


def _read(file: str) -> "etree._Element":
    from lxml import (
        etree,
    )  # only here, once for each map: it takes longer to import than a guide to come from the cache

    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True)
    return etree.parse(_folder() / file, parser).getroot()


def _read_index() -> tuple[tuple[str, str, str, str, str], ...]:
    return tuple(
        (version.get("icvn", ""), row.get("vriic", ""), row.get("fic", ""), row.get("tspc", ""), row.text or "")
        for version in _read("maps.xml").iter("version")
        for row in version.iter("map")
        if row.get("vriic")
    )


def _read_dictionary() -> dict[str, DataElement]:
    return {
        row.get("ele_num", ""): DataElement(
            row.get("data_type", ""), int(row.get("min_len", "")), int(row.get("max_len", ""))
        )
        for row in _read("dataele.xml").iter("data_ele")
    }


def transcribe(file: str) -> Guide:
    """Return the uncorrected guide of a pyx12 map file. Raises OSError if there is no such map."""
    root = _read(file)
    dictionary = _read_dictionary()
    children = _children(root, "/", dictionary)
    return Guide(root.get("xid", ""), _field(root, "name"), _interchange_version(root), children)


def _interchange_version(root: "etree._Element") -> str:
    """Return ISA12 of the map's own ISA; empty for maps that begin at ST."""
    for element in root.iter("element"):
        if element.get("xid") == "ISA12":
            return element.findtext("valid_codes/code", "")
    return ""


def _field(element: "etree._Element", name: str) -> str:
    return element.get(name) or element.findtext(name) or ""


def _usage(element: "etree._Element") -> Usage:
    usage = _field(element, "usage")
    assert usage in get_args(Usage), f"usage {usage} in the map"
    return usage  # type: ignore[return-value]  # mypy does not follow get_args


def _most(text: str) -> int:
    return int(text) if text.isdigit() else UNLIMITED


def _children(parent: "etree._Element", path: str, dictionary: dict[str, DataElement]) -> tuple[Child, ...]:
    """Return the children, loops before segments within one position, in the order in which pyx12 tries them."""
    loops: list[Child] = [_loop(element, path, dictionary) for element in parent.iterfind("loop")]
    segments = [_segment(element, dictionary) for element in parent.iterfind("segment")]
    shared = [child.position for child in [*loops, *segments]]
    for index, segment in enumerate(segments):
        qualified = shared.count(segment.position) > 1 and first_code(segment)
        own = f"{segment.id}[{first_code(segment)}]" if qualified else segment.id
        segments[index] = msgspec.structs.replace(segment, path=f"{path}{own}")
    return tuple(sorted([*loops, *segments], key=lambda child: child.position))


def _loop(element: "etree._Element", path: str, dictionary: dict[str, DataElement]) -> Loop:
    own = element.get("xid", "")
    return Loop(
        id=own,
        name=_field(element, "name"),
        usage=_usage(element),
        position=int(_field(element, "pos")),
        most=_most(_field(element, "repeat")),
        children=_children(element, f"{path}{own}/", dictionary),
    )


def _segment(element: "etree._Element", dictionary: dict[str, DataElement]) -> Segment:
    by_position: dict[int, Element | Composite] = {}
    for child in element.iterfind("element"):
        simple = _element(child, dictionary)
        by_position[simple.position] = simple
    for child in element.iterfind("composite"):
        composite = _composite(child, dictionary)
        by_position[composite.position] = composite
    elements = tuple(by_position[position] for position in sorted(by_position))
    own = element.get("xid", "")
    place, codes = qualifier(own, elements)
    notes = tuple(
        SyntaxNote(note.text[0], tuple(int(note.text[i : i + 2]) for i in range(1, len(note.text) - 1, 2)))  # type: ignore[arg-type]
        for note in element.iterfind("syntax")
        if note.text and note.text[0] in _NOTE_KINDS
    )
    return Segment(
        id=own,
        name=_field(element, "name"),
        usage=_usage(element),
        position=int(_field(element, "pos")),
        most=_most(_field(element, "max_use")),
        elements=elements,
        notes=notes,
        qualified_by=place,
        qualifiers=codes,
    )


def _composite(element: "etree._Element", dictionary: dict[str, DataElement]) -> Composite:
    return Composite(
        position=int(_field(element, "seq")),
        name=_field(element, "name"),
        data_element=_field(element, "data_ele"),
        usage=_usage(element),
        components=tuple(_element(child, dictionary) for child in element.iterfind("element")),
        repeats=_most(_field(element, "repeat") or "1"),
    )


def _element(element: "etree._Element", dictionary: dict[str, DataElement]) -> Element:
    number = _field(element, "data_ele")
    row = dictionary[number]
    valid = element.find("valid_codes")
    return Element(
        position=int(_field(element, "seq")),
        name=_field(element, "name"),
        data_element=number,
        usage=_usage(element),
        type=row.type,
        shortest=row.shortest,
        longest=row.longest,
        codes=() if valid is None else tuple(code.text or "" for code in valid.iterfind("code")),
        code_list="" if valid is None else valid.get("external", ""),
        shape=element.findtext("regex", ""),
        repeats=_most(_field(element, "repeat") or "1"),
    )
