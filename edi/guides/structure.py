"""An implementation guide as plain records: loops, segments and elements, under the guide's own names.

`usage` is always R (required), S (situational) or N (not used). `most` is how often a loop or segment may occur in its
place; UNLIMITED if the guide sets no limit. `position` orders the children of a loop; children with the same position
may come in any order. `because` is the reason of an overlay that changed the place.
"""

from typing import Literal, TypeAlias

import msgspec

UNLIMITED = 2**31 - 1
Usage = Literal["R", "S", "N"]


class Element(msgspec.Struct, frozen=True, array_like=True, tag_field="record", tag="e"):
    """A simple element or a component.

    `data_element` is its number in X12's dictionary ("1028"), `type` its type there: AN, ID, R, N0, N2, DT, TM, B.
    Lengths are in characters; for numbers they do not count sign and decimal point. `codes` are the guide's own,
    `code_list` names an external list ("states"); if either is present, a value must be in one of them. `shape` is a
    regular expression. `repeats` is how often the element may repeat within its place.
    """

    position: int
    name: str
    data_element: str
    usage: Usage
    type: str
    shortest: int
    longest: int
    codes: tuple[str, ...] = ()
    code_list: str = ""
    shape: str = ""
    repeats: int = 1
    because: str = ""


class Composite(msgspec.Struct, frozen=True, array_like=True, tag_field="record", tag="c"):
    """An element made of components."""

    position: int
    name: str
    data_element: str
    usage: Usage
    components: tuple[Element, ...]
    repeats: int = 1
    because: str = ""


class SyntaxNote(msgspec.Struct, frozen=True, array_like=True):
    """A rule between elements of one segment, by their positions.

    P: all or none. R: at least one. E: at most one. C: if the first is present, all others are. L: if the first is
    present, at least one other is.
    """

    kind: Literal["P", "R", "E", "C", "L"]
    positions: tuple[int, ...]


class Segment(msgspec.Struct, frozen=True, array_like=True, tag_field="record", tag="s"):
    """A segment in one place of the guide. `qualifiers` are the codes that distinguish it from others of its id.

    `qualified_by` is their position: (element, component), component 0 for a simple element, or None.
    """

    id: str
    name: str
    usage: Usage
    position: int
    most: int
    elements: tuple[Element | Composite, ...]
    notes: tuple[SyntaxNote, ...] = ()
    qualified_by: tuple[int, int] | None = None
    qualifiers: tuple[str, ...] = ()
    path: str = ""
    because: str = ""


class Loop(msgspec.Struct, frozen=True, array_like=True, tag_field="record", tag="l"):
    """A loop of the guide, or a part of a set without a segment of its own (HEADER, DETAIL)."""

    id: str
    name: str
    usage: Usage
    position: int
    most: int
    children: "tuple[Child, ...]"
    because: str = ""


Child: TypeAlias = Loop | Segment


class Guide(msgspec.Struct, frozen=True, array_like=True):
    """One implementation guide: `id` is its transaction (837), `interchange_version` its ISA12 (00501)."""

    id: str
    name: str
    interchange_version: str
    children: tuple[Child, ...]
