"""The rules above the guide: balances, situations and codes, judged while a file is read.

Fed by the guide check with every segment that found its place. Holds the levels above the claim, one claim, and the
sums of the set; nothing else stays.
"""

from collections import deque
from itertools import islice
from typing import Final, NamedTuple

from claimloop.edi.diagnostics import Report, diagnose
from claimloop.edi.guides.moves import LoopPlace, SegmentPlace
from claimloop.edi.rules.registry import judges_of
from claimloop.edi.rules.rule import Judge
from claimloop.edi.rules.scope import Scope, readable_day
from claimloop.edi.rules.sent import PADDING, Sent, SentLoop, sent_as
from claimloop.edi.syntax.envelope import Group, Interchange, Transaction
from claimloop.edi.syntax.tokens import Batch

_LINE, _CLAIM, _LEVEL, _SUBSCRIBER, _HEAD = 1, 2, 3, 4, 5
_UNITS: Final = {
    "2400": _LINE,
    "2110": _LINE,
    "2300": _CLAIM,
    "2100": _CLAIM,
    "2000": _LEVEL,
    "2000A": _LEVEL,
    "2000B": _LEVEL,
    "2000C": _LEVEL,
}
"""Loops whose segments are judged together: lines and claims when they have ended, levels when what is below begins."""

_CLOSES: Final = {
    "2400": _LINE,
    "2110": _LINE,
    "2300": _LEVEL,
    "2100": _CLAIM,
    "2000": _LEVEL,
    "2000A": _SUBSCRIBER,
    "2000B": _SUBSCRIBER,
    "2000C": _LEVEL,
}
"""What has ended when such a loop begins, with everything inside it. A header (2000) has ended only with its claims."""

_MOST_HELD: Final = 5_000
"""Segments of one claim or level that are kept: some rules compare each with each. Real claims have some hundreds."""

_MOST_ENTRIES: Final = 4_096
"""Places that are remembered; every interchange with delimiters of its own brings new ones."""

_NEVER: Final = 1 << 62

Asked = tuple[tuple[Judge, ...], Sent, SentLoop]


class Entry(NamedTuple):
    """What to do with a segment at one place of the guide.

    `unit` is the innermost of line, claim, level and head that it stands in. The first segment of a loop `opens` it;
    `parent` is the loop that then holds it, empty for levels and claims, which nobody holds beyond their end.
    `closes` is the outermost unit that is judged before it, 0 where none is.
    """

    loop_id: str
    parent: str
    opens: bool
    unit: int
    closes: int
    judges: tuple[Judge, ...]
    late: tuple[Judge, ...]


class RuleCheck:
    """Judges the 837P (005010X222) and 835 (005010X221) sets of a file; sets of other guides are passed over.

    `expect` announces a set, `follow` takes its segments, `finish` ends the file.
    """

    def __init__(self, report: Report) -> None:
        self._report = report
        self._expected: deque[tuple[int, str, str]] = deque()
        self._next = _NEVER
        self._entries: dict[str, dict[SegmentPlace, Entry]] = {"837P": {}, "835": {}}
        self._known: dict[SegmentPlace, Entry] | None = None  # None outside a set that is judged
        self._kind = ""
        self._begin("", "")

    def expect(self, number: int, interchange: Interchange, group: Group, transaction: Transaction) -> None:
        """A set begins with the segment of this number."""
        kind = {"837 005010X222": "837P", "835 005010X221": "835"}.get(f"{transaction.kind} {transaction.guide[:10]}")
        days = (readable_day(group.date), readable_day(f"20{interchange.date}"))
        self._expected.append((number, kind or "", max(days)))
        self._next = self._expected[0][0]

    def follow(self, place: SegmentPlace, elements: list[str], batch: Batch, number: int) -> None:
        """Take in a segment in its place."""
        if number > self._next:
            self._begin_expected(number)
        if self._known is None:
            return
        entry = self._known.get(place)
        if entry is None:
            if len(self._known) >= _MOST_ENTRIES:
                self._known.clear()
            entry = self._known[place] = _entry(place, self._kind)
        loop_id, _, opens, unit, closes, judges, late = entry
        self._held += 1
        if self._held > _MOST_HELD and closes <= _LINE:
            if self._held == _MOST_HELD + 1:
                self._let_go(batch, number, loop_id)
            return
        if closes:
            self._close(closes)
            if elements[0] == "SE":
                self._end_set(sent_as(elements, batch, number, ""), judges)
                return
        if opens:
            loop = self._open(entry)
        else:
            loop = self._loops.get(loop_id) or self._open(entry)
        sent = Sent(elements)  # as sent_as does, without a call
        sent += PADDING
        sent.batch = batch
        sent.number = number
        sent.loop = loop_id
        tag = elements[0]
        same = loop.segments.get(tag)
        if same is None:
            loop.segments[tag] = [sent]
        else:
            same.append(sent)
        if judges:
            self._asked[unit - 1].append((judges, sent, loop))
        if late:
            self._asked[_SUBSCRIBER - 1].append((late, sent, loop))

    def _let_go(self, batch: Batch, number: int, loop_id: str) -> None:
        """A claim without end: nothing of it is kept, and it is not judged."""
        self._report(diagnose("X132", batch.where(number, loop=loop_id), most=_MOST_HELD))
        self._let_go_of_one = True
        for queue in self._asked:
            queue.clear()
        for loop in (self._scope.claim, self._scope.line):
            loop.segments.clear()
            loop.loops.clear()

    @property
    def waits_from(self) -> int:
        """The number of the first segment about which a rule may still say something; no finding comes before it."""
        if self._known is None:
            return _NEVER
        asked = [queue[0][1].number for queue in self._asked if queue]
        asked += [where.segment or 0 for where in islice(self._scope.totals.reversals.values(), 1)]  # the first one
        return min(asked, default=_NEVER)

    def finish(self) -> None:
        """The file is at its end."""
        if self._known is not None:
            self._close(_HEAD)

    def _end_set(self, trailer: Sent, judges: tuple[Judge, ...]) -> None:
        if not self._let_go_of_one:  # else the sums of the set are not whole
            self._asked[_HEAD - 1].append((judges, trailer, self._scope.head))
            self._close(_HEAD)
        self._known = None

    def _begin_expected(self, number: int) -> None:
        self.finish()
        kind = sent_on = ""
        while self._expected and self._expected[0][0] < number:
            _, kind, sent_on = self._expected.popleft()
        self._next = self._expected[0][0] if self._expected else _NEVER
        self._begin(kind, sent_on)

    def _begin(self, kind: str, sent_on: str) -> None:
        self._kind = kind
        self._known = self._entries[kind] if kind else None
        self._scope = Scope(self._report, sent_on)
        self._held = 0
        self._let_go_of_one = False
        self._loops: dict[str, SentLoop] = {"": self._scope.head}
        self._asked: tuple[list[Asked], ...] = ([], [], [], [], [])

    def _open(self, entry: Entry) -> SentLoop:
        """A loop begins: put it where rules find it."""
        loop_id, scope = entry.loop_id, self._scope
        if entry.closes > _LINE:
            self._held = 0
        loop = self._loops[loop_id] = SentLoop(loop_id)
        if entry.parent:
            around = self._loops.get(entry.parent)
            if around is not None:
                around.loops.setdefault(loop_id, []).append(loop)
            if entry.unit == _LINE and loop_id in _UNITS:
                scope.line = loop
            return loop
        match loop_id:
            case "2000A":
                scope.billing, scope.subscriber, scope.patient, scope.patients = loop, SentLoop("2000B"), None, 0
            case "2000B":
                scope.subscriber, scope.patient, scope.patients = loop, None, 0
            case "2000C":
                scope.patient = loop
                scope.patients += 1
            case "2000":
                scope.header = loop
            case "2300" | "2100":
                scope.claim, scope.serviced = loop, ""
        return loop

    def _close(self, unit: int) -> None:
        """Lines, claims and levels up to this unit have ended."""
        lines, claims, levels, subscribers, head = self._asked
        if lines:
            self._ask(lines)
        if unit == _LINE:
            return
        if claims:
            self._ask(claims)
        if levels and unit >= _LEVEL:
            self._ask(levels)
        if head:
            self._ask(head)
        if subscribers and unit >= _SUBSCRIBER:
            self._ask(subscribers)

    def _ask(self, asked: list[Asked]) -> None:
        """Ask the rules of what has ended, and forget it."""
        scope = self._scope
        for judges, sent, loop in asked:
            scope.loop = loop
            for judge in judges:
                judge(sent, scope)
        asked.clear()


def _entry(place: SegmentPlace, kind: str) -> Entry:
    loop = place.loop
    unit = next((_UNITS[above.id] for above in _upward(loop) if above.id in _UNITS), _HEAD)
    opens = loop.first is place and loop.id == loop.loop.id
    judges, late = judges_of(kind, place)
    closes = _HEAD if loop.id == "" else _CLOSES.get(loop.id, 0) if opens else 0
    held = loop.parent is not None and _UNITS.get(loop.id, _LINE) == _LINE
    parent = loop.parent.id if held and loop.parent is not None else ""
    return Entry(loop.id, parent, opens, unit, closes, judges, late)


def _upward(loop: LoopPlace | None) -> "list[LoopPlace]":
    found = []
    while loop is not None:
        found.append(loop)
        loop = loop.parent
    return found
