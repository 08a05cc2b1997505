"""Overlays: changes to a guide, as data. Examples are our corrections of pyx12's maps and a payer's companion guide.

An overlay is a TOML file with one table for each change:

    [[change]]
    guide = "005010X222"             # guides whose name begins with this text
    at = "2010AA/REF[EI]/REF02"      # loop ids, segment with a qualifier if needed, element or component
    because = "the payer requires nine digits without a dash"
    shape = "[0-9]{9}"

`at` names a loop, a segment, an element or a component; its loops may be just the last ones of the path ("2300/CLM").
A change may set `usage` (R require, S allow, N forbid), `most` (how often a loop or segment may occur), `codes` (only
these), `add` and `remove` (codes), `list` (an external list), `shortest`, `longest`, and `shape` (a regular expression
that must match somewhere in the value).
"""

import re
import tomllib
from importlib.resources import files
from pathlib import Path
from typing import TypeVar

import msgspec

from claimloop.edi.codes import EXTERNAL_LISTS
from claimloop.edi.diagnostics import UserError
from claimloop.edi.guides.qualifiers import qualifier
from claimloop.edi.guides.structure import UNLIMITED, Child, Composite, Element, Guide, Loop, Segment, Usage

CORRECTIONS = "corrections.toml"
_GREATEST = 1_000_000

_SEGMENT = re.compile(r"([A-Z][A-Z0-9]{1,2})(?:\[([A-Z0-9]+)\])?")
_ELEMENT = re.compile(r"[A-Z][A-Z0-9]{1,2}(\d\d)(?:-(\d{1,2}))?")

_Changed = TypeVar("_Changed", Loop, Segment, Element, Composite)


class OverlayError(UserError, ValueError):
    """An overlay that cannot be read, or that names a place not in the guide."""


class Change(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One change. A field that is None leaves the guide unchanged."""

    guide: str
    at: str
    because: str
    usage: Usage | None = None
    most: int | None = None
    codes: tuple[str, ...] | None = None
    add: tuple[str, ...] = ()
    remove: tuple[str, ...] = ()
    list: str | None = None
    shortest: int | None = None
    longest: int | None = None
    shape: str | None = None

    def apply_to(self, codes: tuple[str, ...]) -> tuple[str, ...]:
        """Return the guide's codes with this change applied: some removed, others added."""
        kept = codes if self.codes is None else self.codes
        return tuple(code for code in dict.fromkeys((*kept, *self.add)) if code not in self.remove)


class ListedMap(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A map that pyx12 ships but does not list."""

    interchange_version: str
    guide: str
    functional_id: str
    file: str
    because: str


class Overlay(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The changes of one file, in order."""

    change: tuple[Change, ...] = ()
    map: tuple[ListedMap, ...] = ()


def corrections() -> str:
    """Return our own overlay as text."""
    return files(__package__).joinpath(CORRECTIONS).read_text(encoding="utf-8")


def read_overlay(path: Path) -> Overlay:
    """Read an overlay file. Raises OverlayError, with the file's name and the reason, and OSError if it cannot
    be read.
    """
    try:
        return parse_overlay(path.read_text(encoding="utf-8"))
    except (OverlayError, UnicodeDecodeError) as error:
        raise OverlayError(f"{path}: {error}") from error


def parse_overlay(text: str) -> Overlay:
    """Parse the overlay in a TOML text. Raises OverlayError."""
    try:
        overlay = msgspec.convert(tomllib.loads(text), Overlay)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise OverlayError(str(error)) from error
    for change in overlay.change:
        _Target(change.at)
        _check_numbers(change)
        try:
            re.compile(change.shape or "")
        except re.error as error:
            raise OverlayError(f"{change.at}: shape is not a valid regular expression: {error}") from error
    return overlay


def _check_numbers(change: Change) -> None:
    """Reject values that no guide can have. Raises OverlayError."""
    for name, number in (("shortest", change.shortest), ("longest", change.longest), ("most", change.most)):
        if number is not None and not 0 <= number <= _GREATEST:
            raise OverlayError(f"{change.at}: {name} must be between 0 and {_GREATEST:,}")
    if change.codes == ():
        raise OverlayError(f'{change.at}: codes must not be empty; to forbid an element, write usage = "N"')
    if change.list is not None and change.list not in EXTERNAL_LISTS:
        raise OverlayError(
            f"{change.at}: unknown list {change.list}; the lists are {', '.join(sorted(EXTERNAL_LISTS))}"
        )


def changed(guide: Guide, name: str, overlay: Overlay) -> Guide:
    """Return the guide of this name with the changes that apply to it.

    Raises OverlayError if a change names a place not in the guide, or asks for something impossible there.
    """
    for change in overlay.change:
        if name.startswith(change.guide):
            painter = _Applier(change)
            guide = msgspec.structs.replace(guide, children=painter.children(guide.children, ()))
            if not painter.found:
                raise OverlayError(f"{change.at}: guide {name} has no such place")
    return guide


class _Target:
    """The parts of a path: loop ids, segment id and qualifier, element and component numbers. Raises OverlayError."""

    def __init__(self, at: str) -> None:
        steps = at.split("/")
        self.segment = self.code = ""
        self.element = self.component = 0
        if len(steps) > 1 and (found := _ELEMENT.fullmatch(steps[-1])) and _SEGMENT.fullmatch(steps[-2]):
            if steps[-1][: -len(found[1]) - (len(found[2]) + 1 if found[2] else 0)] != steps[-2].partition("[")[0]:
                raise OverlayError(f"{at}: {steps[-1]} is not an element of {steps[-2]}")
            self.element, self.component = int(found[1]), int(found[2] or 0)
            steps.pop()
        if found := _SEGMENT.fullmatch(steps[-1]):
            self.segment, self.code = found[1], found[2] or ""
            steps.pop()
        self.loops = tuple(steps)
        if not all(step.isalnum() or "_" in step for step in steps) or not (self.loops or self.segment):
            raise OverlayError(f"{at}: a place must have the form 2010AA/REF[EI]/REF02")


class _Applier:
    """Applies one change wherever its path matches."""

    def __init__(self, change: Change) -> None:
        self.change = change
        self.target = _Target(change.at)
        self.found = False

    def children(self, children: tuple[Child, ...], path: tuple[str, ...]) -> tuple[Child, ...]:
        return tuple(
            self._loop(child, (*path, child.id)) if isinstance(child, Loop) else self._segment(child, path)
            for child in children
        )

    def _loop(self, loop: Loop, path: tuple[str, ...]) -> Loop:
        if not self.target.segment and path[-len(self.target.loops) :] == self.target.loops:
            loop = self._apply(loop)
        return msgspec.structs.replace(loop, children=self.children(loop.children, path))

    def _segment(self, segment: Segment, path: tuple[str, ...]) -> Segment:
        target = self.target
        loops = target.loops
        if segment.id != target.segment or (loops and path[-len(loops) :] != loops):
            return segment
        if target.code and target.code not in segment.qualifiers:
            return segment
        if not target.element:
            if target.code and len(segment.qualifiers) > 1:
                raise OverlayError(
                    f"{self.change.at}: one segment of the guide covers {', '.join(segment.qualifiers[:9])}; "
                    "change the codes of its qualifier instead"
                )
            return self._apply(segment)
        elements = tuple(
            self._element(element) if element.position == target.element else element for element in segment.elements
        )
        place, codes = qualifier(segment.id, elements)
        return msgspec.structs.replace(segment, elements=elements, qualified_by=place, qualifiers=codes)

    def _element(self, element: Element | Composite) -> Element | Composite:
        if not isinstance(element, Composite):
            return element if self.target.component else self._apply(element)
        if not self.target.component:
            return self._apply(element)
        components = tuple(
            self._apply(part) if part.position == self.target.component else part for part in element.components
        )
        return msgspec.structs.replace(element, components=components)

    def _apply(self, place: _Changed) -> _Changed:
        self.found = True
        change = self.change
        wanted: dict[str, object] = {"because": change.because}
        if change.usage is not None:
            wanted["usage"] = change.usage
        if change.most is not None:
            wanted["most"] = change.most or UNLIMITED
        for field, value in (
            ("code_list", change.list),
            ("shortest", change.shortest),
            ("longest", change.longest),
            ("shape", change.shape),
        ):
            if value is not None:
                wanted[field] = value
        if isinstance(place, Element):
            if change.codes is not None and change.list is None:
                wanted["code_list"] = ""  # "these only": the external list no longer adds to them
            if change.remove and wanted.get("code_list", place.code_list):
                raise OverlayError(f"{change.at}: remove has no effect on an external code list; use codes instead")
        if change.codes is not None or change.add or change.remove:
            wanted["codes"] = change.apply_to(getattr(place, "codes", ()))
        impossible = wanted.keys() - set(place.__struct_fields__)
        if impossible:
            raise OverlayError(f"{change.at}: {', '.join(sorted(impossible))} cannot be changed there")
        made = msgspec.structs.replace(place, **wanted)
        if getattr(made, "shortest", 0) > getattr(made, "longest", 0):
            raise OverlayError(f"{change.at}: shortest must not exceed longest")
        if wanted.get("codes") == ():
            raise OverlayError(f'{change.at}: the change would leave no code; to forbid an element, write usage = "N"')
        return made
