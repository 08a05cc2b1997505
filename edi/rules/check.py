"""Apply the rules above the guide (balances, situations, codes) while reading a file.

The guide check passes every segment that has a place in the guide. Only the levels above the claim, one claim, and the
totals of the set are kept in memory.
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
"""The loops whose segments are judged together: lines and claims when they end, levels when the level below them
begins.
"""

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
"""The outermost unit that ends, with everything inside it, when such a loop begins. A header (2000) ends only with its
claims.
"""

_MOST_KEPT: Final = 5_000
"""The segments of one claim or level that are kept, because some rules compare each with each. Real claims have a few
hundred.
"""

_MOST_ENTRIES: Final = 4_096
"""The number of places that are remembered. Every interchange with different delimiters adds new ones."""

_NEVER: Final = 1 << 62

Pending = tuple[tuple[Judge, ...], Sent, SentLoop]


class Entry(NamedTuple):
    """What to do with a segment at one place of the guide.

    `unit` is the innermost of line, claim, level and head that contains the segment. The first segment of a loop
    `opens` the loop. `parent` is the loop that then keeps it; empty for levels and claims, which are not kept after
    their end. `closes` is the outermost unit that must be judged first, or 0.
    """

    loop_id: str
    parent: str
    opens: bool
    unit: int
    closes: int
    judges: tuple[Judge, ...]
    late: tuple[Judge, ...]


class RuleCheck:
    """Check the 837P (005010X222) and 835 (005010X221) sets of a file, and skip sets of other guides.

    Call `expect` for each set, `follow` for its segments, and `finish` at the end of the file.
    """

    def __init__(self, report: Report) -> None:
        self._report = report
        self._expected: deque[tuple[int, str, str]] = deque()
        self._next = _NEVER
        self._entries: dict[str, dict[SegmentPlace, Entry]] = {"837P": {}, "835": {}}
        self._known: dict[SegmentPlace, Entry] | None = None  # None outside a set with rules
        self._kind = ""
        self._begin("", "")

    def expect(self, number: int, interchange: Interchange, group: Group, transaction: Transaction) -> None:
        """Announce a set whose first segment has this number."""
        kind = {"837 005010X222": "837P", "835 005010X221": "835"}.get(f"{transaction.kind} {transaction.guide[:10]}")
        days = (readable_day(group.date), readable_day(f"20{interchange.date}"))
        self._expected.append((number, kind or "", max(days)))
        self._next = self._expected[0][0]

    def follow(self, place: SegmentPlace, elements: list[str], batch: Batch, number: int) -> None:
        """Process a segment in its place.

        Invariant: when a segment arrives, every unit that ended before it has been judged and discarded, so memory
        holds the open head, levels, claim and line only. A unit is judged when the next unit of its kind or an outer
        one begins; its rules therefore see all of it. What falls through: once a claim or level has more than
        _MOST_KEPT segments, `_discard_claim` reports X132, and its further segments are skipped until a claim or level
        begins. In such a set the rules on the totals of the set do not run.
        """
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
        self._kept += 1
        if self._kept > _MOST_KEPT and closes <= _LINE:
            if self._kept == _MOST_KEPT + 1:
                self._discard_claim(batch, number, loop_id)
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
        sent = Sent(elements)  # inlined `sent_as`, which saves a call
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
            self._pending[unit - 1].append((judges, sent, loop))
        if late:
            self._pending[_SUBSCRIBER - 1].append((late, sent, loop))

    def _discard_claim(self, batch: Batch, number: int, loop_id: str) -> None:
        """Discard a claim that does not end: keep none of its segments and do not judge it."""
        self._report(diagnose("X132", batch.where(number, loop=loop_id), most=_MOST_KEPT))
        self._discarded_claim = True
        for queue in self._pending:
            queue.clear()
        for loop in (self._scope.claim, self._scope.line):
            loop.segments.clear()
            loop.loops.clear()

    @property
    def first_undecided(self) -> int:
        """Return the number of the first segment that a rule may still report; no later finding comes before it."""
        if self._known is None:
            return _NEVER
        undecided = [queue[0][1].number for queue in self._pending if queue]
        reversals = self._scope.totals.reversals.values()
        undecided += [where.segment or 0 for where in islice(reversals, 1)]  # the earliest one
        return min(undecided, default=_NEVER)

    def finish(self) -> None:
        """Judge what is open at the end of the file."""
        if self._known is not None:
            self._close(_HEAD)

    def _end_set(self, trailer: Sent, judges: tuple[Judge, ...]) -> None:
        if not self._discarded_claim:  # otherwise the totals of the set are incomplete
            self._pending[_HEAD - 1].append((judges, trailer, self._scope.head))
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
        self._kept = 0
        self._discarded_claim = False
        self._loops: dict[str, SentLoop] = {"": self._scope.head}
        self._pending: tuple[list[Pending], ...] = ([], [], [], [], [])

    def _open(self, entry: Entry) -> SentLoop:
        """Open a loop and put it where rules find it."""
        loop_id, scope = entry.loop_id, self._scope
        if entry.closes > _LINE:
            self._kept = 0
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
        """Judge the lines, claims and levels up to this unit, which have ended."""
        lines, claims, levels, subscribers, head = self._pending
        if lines:
            self._judge(lines)
        if unit == _LINE:
            return
        if claims:
            self._judge(claims)
        if levels and unit >= _LEVEL:
            self._judge(levels)
        if head:
            self._judge(head)
        if subscribers and unit >= _SUBSCRIBER:
            self._judge(subscribers)

    def _judge(self, queue: list[Pending]) -> None:
        """Run the rules on the segments of a unit that has ended, and discard the queue."""
        scope = self._scope
        for judges, sent, loop in queue:
            scope.loop = loop
            for judge in judges:
                judge(sent, scope)
        queue.clear()


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
