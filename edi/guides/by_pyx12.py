"""The guide check by pyx12: its maps and its walker judge, our tokenizer feeds them and our diagnostics answer.

pyx12's own reader and error tree are not used: the reader stops at an empty segment, at a byte that is not ASCII,
at an ISA that is not padded, and at a guide that its index does not list word for word; the error tree keeps
everything in memory and its texts hold values. Envelopes are checked by `edi.envelope`.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from pyx12.map_walker import walk_tree
from pyx12.segment import Segment

from claimloop.edi.diagnostics import Diagnostic, Report, diagnose
from claimloop.edi.envelope import ENVELOPE_SEGMENTS, shown
from claimloop.edi.guides.findings import Place, element_findings, segment_findings
from claimloop.edi.guides.maps import GuideMap, find_map, load_map, segment_ids
from claimloop.edi.tokens import Batch, read_batches

_GROUP_LOOP = "/ISA_LOOP/GS_LOOP"
_SET_LOOP = "/ISA_LOOP/GS_LOOP/ST_LOOP"
_CONTROL_PATHS = {
    "ISA": "/ISA_LOOP/ISA",
    "TA1": "/ISA_LOOP/TA1",
    "IEA": "/ISA_LOOP/IEA",
    "GS": "/ISA_LOOP/GS_LOOP/GS",
    "GE": "/ISA_LOOP/GS_LOOP/GE",
}
_SAID_ELSEWHERE = {
    ("GS08", "G427"),  # G401, at the set
    *((f"ISA{position:02d}", code) for position in range(1, 17) for code in ("G424", "G425")),  # X122
    ("ISA11", "G426"),  # pyx12 takes the delimiters there for data
    ("ISA16", "G426"),
}
Follow = Callable[[str, list[str], Batch, int], None]
_NO_SEPARATOR = "\x1f"
"""pyx12 wants a component separator even where ISA16 has none."""


def check_with_pyx12(path: Path, file: str, report: Report) -> bool:
    """Check every transaction set of a file against its guide; `file` is the name that findings carry.

    True where every set had a guide and no error was found. Syntax and envelopes are not judged here (see
    `edi.validate`). Raises NotX12 where the file has no ISA, OSError where it cannot be read.
    """
    with path.open("rb") as stream:
        check = GuideCheck(report)
        for batch in read_batches(stream, file, _leave_to_validate):
            for number, segment in enumerate(batch.segments, batch.first):
                check.read(segment, batch, number)
    return check.passed


def _leave_to_validate(_: Diagnostic) -> None:
    """The tokenizer's findings are about syntax: `edi.validate` reports them."""


class GuideCheck:
    """Takes in the segments of a file one by one and reports what their guide does not allow.

    `passed` is False as soon as there was an error, or a set that nobody could judge. `follow` is told of every
    segment that found its place in the guide: its loop id ("2010AA", empty outside loops), its elements with the
    segment id in front, its batch and its number.
    """

    def __init__(self, report: Report, follow: Follow | None = None) -> None:
        self.passed = True
        self._report = report
        self._follow = follow
        self._interchange_version = self._functional_id = self._group_guide = ""
        self._guide: GuideMap | None = None
        self._node: Any = None  # where in the map the walker stands; None outside a set that is being judged
        self._walker: Any = None
        self._levels: list[int] = []
        self._hl = self._lx = self._in_set = 0
        self._said: set[tuple[str, ...]] = set()

    def read(self, text: str, batch: Batch, number: int) -> None:
        """Take in one segment, as the tokenizer gave it."""
        signs = batch.delimiters
        segment = Segment(text.lstrip(" "), signs.segment, signs.element, signs.component or _NO_SEPARATOR)
        tag = segment.get_seg_id()
        if tag in _CONTROL_PATHS:
            self._node = None
        if tag == "ISA":
            self._interchange_version = segment.get_value("12") or ""
        elif tag == "GS":
            self._functional_id = segment.get_value("01") or ""
            self._group_guide = segment.get_value("08") or ""
        if tag in _CONTROL_PATHS:
            self._check_control(tag, segment, batch, number)
        elif tag == "ST":
            self._begin_set(segment, batch, number)
        elif self._node is not None and tag:
            self._in_set += 1
            self._walk(text, segment, batch, number)
            if tag == "SE":
                self._node = None

    def _say(self, found: Diagnostic) -> None:
        if found.severity == "error":
            self.passed = False
        self._report(found)

    def _check_control(self, tag: str, segment: Any, batch: Batch, number: int) -> None:
        version = "00401" if self._interchange_version == "00401" else "00501"
        tree = load_map(f"x12.control.{version}.xml")
        if tag == "GS":
            guide = find_map(self._interchange_version, self._functional_id, self._group_guide)
            tree = load_map(guide.file) if guide else tree
        self._check_elements(tree.getnodebypath(_CONTROL_PATHS[tag]), segment, batch, number)

    def _begin_set(self, segment: Any, batch: Batch, number: int) -> None:
        self._node = None
        kind, own_guide = segment.get_value("01") or "", segment.get_value("03") or ""
        guide = find_map(self._interchange_version, self._functional_id, self._group_guide)
        guide = guide or find_map(self._interchange_version, self._functional_id, own_guide)
        wanted = self._group_guide or own_guide
        if guide is None:
            self.passed = False
            self._once(batch, number, "G402", guide=shown(wanted), functional_id=shown_id(self._functional_id))
            return
        node = load_map(guide.file).getnodebypath(f"{_SET_LOOP}/ST")
        if not node.is_match(segment):
            facts = {"kind": shown(kind), "guide": guide.guide}
            self._say(diagnose("G403", batch.where(number, element="ST01"), **facts))
            return
        if guide.guide != wanted:
            self._once(batch, number, "G401", guide=shown(wanted), used=guide.guide)
        if guide.interchange_version != self._interchange_version:
            facts = {"guide": guide.guide, "expected": guide.interchange_version}
            self._once(batch, number, "G406", found=shown(self._interchange_version), **facts)
        self._guide, self._node, self._walker = guide, node, walk_tree()
        self._walker.forceWalkCounterToLoopStart(_GROUP_LOOP, f"{_GROUP_LOOP}/GS")
        self._walker.forceWalkCounterToLoopStart(_SET_LOOP, f"{_SET_LOOP}/ST")
        self._levels, self._hl, self._lx, self._in_set = [], 0, 0, 1
        self._check_elements(node, segment, batch, number)

    def _once(self, batch: Batch, number: int, code: str, **facts: str) -> None:
        """Say what is true of all sets of a kind at the first of them only."""
        if (key := (code, *facts.values())) not in self._said:
            self._said.add(key)
            self._say(diagnose(code, batch.where(number), **facts))

    def _walk(self, text: str, segment: Any, batch: Batch, number: int) -> None:
        tag = segment.get_seg_id()
        if tag == "BHT":
            self._choose_by_purpose(segment)
        stood = self._node
        try:
            node, _, _, errors = self._walker.walk_errors(stood, segment, self._in_set, number, None)
        except Exception as failure:  # pyx12 raises whatever its code happens to: the finding names it
            self._cannot_judge(failure, batch, number)
            return
        known = self._guide is None or tag in segment_ids(self._guide.file)
        for error in errors:
            if error.map_node is None or error.map_node.id not in ENVELOPE_SEGMENTS:
                place = Place(batch, number, error.map_node or node or stood)
                self._say(segment_findings(error, segment, place, known=known))
        if node is None:
            return
        self._node = node
        if self._follow is not None:
            self._follow(Place(batch, number, node).loop, text.split(batch.delimiters.element), batch, number)
        self._check_numbering(tag, segment, Place(batch, number, node))
        self._check_elements(node, segment, batch, number)

    def _choose_by_purpose(self, segment: Any) -> None:
        """The 278 of 4010 has two guides under one name; BHT02 says which."""
        assert self._guide is not None
        if self._guide.purpose:
            guide = find_map(
                self._interchange_version,
                self._functional_id,
                self._guide.guide,
                purpose=segment.get_value("02") or "",
            )
            if guide is not None and guide.file != self._guide.file:
                self._guide = guide
                self._node = load_map(guide.file).getnodebypath(f"{_SET_LOOP}/ST")

    def _check_numbering(self, tag: str, segment: Any, place: Place) -> None:
        """HL01 and HL02 in every guide that has HL; LX01 in an 837, where it starts again at each claim."""
        if tag == "HL":
            self._hl += 1
            own, parent = segment.get_value("01") or "", segment.get_value("02") or ""
            if _whole(own) != self._hl:
                self._say(place.diagnose("G441", "HL01", own, expected=self._hl))
            if _whole(parent) in self._levels:
                del self._levels[self._levels.index(_whole(parent)) + 1 :]
            elif parent:
                self._say(place.diagnose("G442", "HL02", parent))
            self._levels.append(self._hl)
        elif tag == "CLM":
            self._lx = 0
        elif tag == "LX" and place.node.root.id == "837":
            self._lx += 1
            if segment.get_value("01") != str(self._lx):
                self._say(place.diagnose("G443", "LX01", segment.get_value("01"), expected=self._lx))

    def _check_elements(self, node: Any, segment: Any, batch: Batch, number: int) -> None:
        place = Place(batch, number, node)
        try:
            found = list(element_findings(node, segment, place))
        except Exception as error:  # see _walk
            self._cannot_judge(error, batch, number)
            return
        for finding in found:
            if (finding.where.element, finding.code) not in _SAID_ELSEWHERE:
                self._say(finding)

    def _cannot_judge(self, error: Exception, batch: Batch, number: int) -> None:
        self.passed = False
        self._report(diagnose("G404", batch.where(number), exception=type(error).__name__))


def _whole(text: str) -> int:
    """The number that the text spells in at most nine digits, else -1."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 9 else -1


def shown_id(functional_id: str) -> str:
    """GS01 as it may stand in a message: two capital letters, else masked."""
    plain = len(functional_id) == 2 and functional_id.isascii() and functional_id.isalpha()
    return functional_id if plain else shown(functional_id)
