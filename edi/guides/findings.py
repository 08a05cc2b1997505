"""pyx12's errors as diagnostics: its code picks ours, its texts (which hold values) are left behind."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from claimloop.edi.diagnostics import Diagnostic, diagnose
from claimloop.edi.tokens import Batch

_OF_ELEMENT = {
    "1": "G421", "4": "G424", "5": "G425", "6": "G426", "7": "G427", "8": "G428", "9": "G429", "10": "G431",
}  # fmt: skip
_OF_SEGMENT_DATA = {"1": "G421", "2": "G422", "3": "G423", "5": "G431", "10": "G430"}
"""pyx12 gives these no element: a composite that is missing or not used, element counts, syntax notes."""

_MISSING_LOOP = "Mandatory loop"
_TRAILING_BLANKS = "unnecessary trailing spaces"


class Place(NamedTuple):
    """A segment of the file, and the node of pyx12's map that stands for it."""

    batch: Batch
    number: int
    node: Any

    @property
    def loop(self) -> str:
        """The guide's loop id ("2010AA"); empty for the parts of a set that pyx12 names itself (HEADER)."""
        node = self.node
        while node is not None and not node.is_map_root():
            if node.is_loop() and node.id[:1].isdigit():
                return str(node.id)
            node = node.parent
        return ""

    def diagnose(self, code: str, element: str = "", value: str | None = None, **facts: object) -> Diagnostic:
        """The diagnostic `code` at this place."""
        return diagnose(code, self.batch.where(self.number, loop=self.loop, element=element), value, **facts)


def segment_findings(error: Any, segment: Any, place: Place, *, known: bool) -> Diagnostic:
    """A walker's error (IK304) as a diagnostic. `known`: the guide has a segment of this id somewhere."""
    tag, node = segment.get_seg_id(), error.map_node
    match error.err_cde:
        case "1":
            return place.diagnose("G412" if known else "G411", value=segment.get_value("01"), tag=_tag(tag))
        case "3" if error.err_str.startswith(_MISSING_LOOP):
            return place.diagnose("G417", loop=node.parent.id, name=node.parent.name)
        case "3":
            return place.diagnose("G413", tag=node.id, name=node.name)
        case "4":
            return place.diagnose("G414", loop=node.id, most=node.get_max_repeat())
        case "5":
            return place.diagnose("G415", tag=node.id, name=node.name, most=node.get_max_repeat())
        case _:  # "2": the walker uses no other
            return place.diagnose("G416", tag=_tag(tag))


def element_findings(node: Any, segment: Any, place: Place) -> Iterator[Diagnostic]:
    """What the map's node finds in the elements of a segment (IK403)."""
    yield from _surplus_components(node, segment, place)
    _, errors = node.is_valid_errors(segment)
    for error in errors:
        where = _element(error, node.id)
        if error.map_node is None:
            name = node.name
            code = _OF_SEGMENT_DATA[error.err_cde]
        else:
            name = error.map_node.name
            code = _element_code(error, place.batch.delimiters.component)
        yield place.diagnose(code, where, error.err_val or None, name=name)


def _surplus_components(node: Any, segment: Any, place: Place) -> Iterator[Diagnostic]:
    """Report components beyond those of the guide and cut them off: pyx12 dies of them with an IndexError."""
    for child, element in zip(node.children, segment.elements, strict=False):
        if child.is_composite() and child.usage != "N" and len(element) > len(child.children):
            surplus = "".join(part.get_value() for part in element.elements[len(child.children) :])
            del element.elements[len(child.children) :]
            yield place.diagnose("G433", f"{node.id}{child.seq:02d}", surplus or None, name=child.name)


def _element_code(error: Any, component: str) -> str:
    code = _OF_ELEMENT[error.err_cde]
    element = error.map_node
    if code == "G426" and _TRAILING_BLANKS in error.err_str:
        return "G434"
    if code == "G426" and component and component in (error.err_val or ""):
        return "G433"
    if code == "G427" and element.external_codes is not None:
        return "G435"
    return code


def _element(error: Any, tag: str) -> str:
    """The place within the segment as the guide writes it: CLM05-3, SE01."""
    element = error.map_node
    if element is not None:
        if element.parent.is_composite():
            return f"{tag}{element.parent.seq:02d}-{element.seq}"
        return f"{tag}{element.seq:02d}"
    position = str(error.refdes or "").removeprefix(tag)
    return f"{tag}{int(position):02d}" if position.isdigit() else tag


def _tag(text: str) -> str:
    """A segment id; where it is no such thing, a word for it."""
    return text if 2 <= len(text) <= 3 and text.isascii() and text.isalnum() else "with a malformed id"
