"""Sort errors by where they are reported: in the TA1 of the interchange (TA105), the AK9 of the group (AK905) or the
set.

An error inside a set is reported there. Errors of the group trailer and of the group's names belong to the group, and
all other errors of the envelope to the interchange. Sources: X12 data elements I18 and 716; rules.md#acknowledgements.
"""

from bisect import bisect_right
from collections import Counter

from claimloop.builders.acknowledgements.outline import SentInterchange
from claimloop.edi.diagnostics import Diagnostic, catalogue

_MOST_TOLD = 50_000
"""Errors in the sets of one file that are reported. The verdicts count all errors."""

_ABOVE_THE_GUIDE = "S"
"""Balances, situations and code sets are business rules: a 277CA reports them claim by claim, not a 999 by set."""

_GROUP_CODES = {"X113": "3", "X116": "5", "X117": "4"}
"""AK905: trailer missing, number of sets wrong, control numbers differ."""

_GROUP_CODES_BY_ELEMENT = {"GS01": "1", "GS06": "6", "GS08": "2", "GE01": "5", "GE02": "4"}
"""AK905 for an element that its guide does not allow: kind of group, control number, version, trailer."""

_GROUP_SENT_TWICE = "19"
_SENT_TWICE = "X121"

_NOTES_BY_ELEMENT = {
    "ISA01": "010",
    "ISA02": "011",
    "ISA03": "012",
    "ISA04": "013",
    "ISA05": "005",
    "ISA06": "006",
    "ISA07": "007",
    "ISA08": "008",
    "ISA09": "014",
    "ISA10": "015",
    "ISA11": "016",
    "ISA12": "017",
    "ISA13": "018",
    "ISA14": "019",
    "ISA15": "020",
    "ISA16": "027",
    "IEA01": "021",
    "IEA02": "018",
}
"""TA105 for an element that its guide does not allow."""

_NO_TERMINATOR, _TERMINATOR_IS_INVALID = "X102", "004"
_CONTENT_IS_INVALID = "024"
_REPORTED_LATE = frozenset(("X110", "X113"))
"""A group or an interchange that was never closed is reported where the next one begins."""

_SET_WITHOUT_TRAILER = "X118"
"""Reported where the next set begins; the outline identifies the set."""


class SortedErrors:
    """The errors of a file by where they are reported. Indexes count the sets, groups and interchanges of the file.

    `in_set` counts the errors of a set. `of_set` holds them, up to the first 50,000 of the file. `of_group` holds AK905
    codes and `of_interchange` TA105 codes, in the order found.
    """

    def __init__(self, interchanges: list[SentInterchange]) -> None:
        groups = [group for interchange in interchanges for group in interchange.groups]
        self.sets = [one for group in groups for one in group.sets]
        self._sets_begin = [one.first for one in self.sets]
        self._groups_begin = [group.first for group in groups]
        self._interchanges_begin = [interchange.first for interchange in interchanges]
        self.in_set: Counter[int] = Counter()
        self._told = 0
        self.of_set: dict[int, list[Diagnostic]] = {}
        self.of_group: dict[int, list[str]] = {}
        self.of_interchange: dict[int, list[str]] = {}

    def take(self, finding: Diagnostic) -> None:
        """Add an error where it is reported. Warnings and notes are not reported."""
        code = finding.code
        if finding.severity != "error" or code.startswith(_ABOVE_THE_GUIDE) or code == _SET_WITHOUT_TRAILER:
            return
        number = finding.where.segment or 0
        set_at = bisect_right(self._sets_begin, number) - 1
        if code not in _REPORTED_LATE and set_at >= 0 and self.sets[set_at].holds(number):
            self.in_set[set_at] += 1
            # Errors of a set itself are few, and decide more than the notes about its segments.
            if self._told < _MOST_TOLD or catalogue()[code].ik5:
                self._told += 1
                self.of_set.setdefault(set_at, []).append(finding)
            return
        number -= code in _REPORTED_LATE
        if group_code := _group_code(finding):
            _keep(self.of_group, bisect_right(self._groups_begin, number) - 1, group_code)
        else:
            _keep(self.of_interchange, bisect_right(self._interchanges_begin, number) - 1, _note_code(finding))


def _group_code(finding: Diagnostic) -> str:
    if finding.code == _SENT_TWICE:
        return _GROUP_SENT_TWICE if finding.where.element == "GS06" else ""
    return _GROUP_CODES.get(finding.code) or _GROUP_CODES_BY_ELEMENT.get(finding.where.element, "")


def _note_code(finding: Diagnostic) -> str:
    if finding.code == _NO_TERMINATOR:
        return _TERMINATOR_IS_INVALID
    own = catalogue()[finding.code].ta1
    return own or _NOTES_BY_ELEMENT.get(finding.where.element, _CONTENT_IS_INVALID)


def _keep(kept: dict[int, list[str]], at: int, code: str) -> None:
    codes = kept.setdefault(max(at, 0), [])
    if code not in codes:
        codes.append(code)
