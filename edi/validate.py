"""Validate any X12 file: syntax and envelopes of the whole file, and transaction sets against their guides."""

import re
from bisect import bisect_left
from collections.abc import Callable, Set
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import BinaryIO

import msgspec

from claimloop.edi.diagnostics import Diagnostic, Report, Where, diagnose
from claimloop.edi.guides import GuideCheck, Overlay
from claimloop.edi.listing import MOST, Listing
from claimloop.edi.rules.check import RuleCheck
from claimloop.edi.syntax.characters import CharacterCheck
from claimloop.edi.syntax.envelope import ENVELOPE_SEGMENTS, EnvelopeReader
from claimloop.edi.syntax.tokens import Batch, read_batches

_SEGMENT_ID = re.compile(r"[A-Z][A-Z0-9]{1,2}")
_HEAD = 4
"""The number of characters that contain any segment id and the separator after it."""

_NONE: frozenset[str] = frozenset()
_MOST_IN_AN_INTERCHANGE = 5
"""The findings of one code that are listed for one interchange, of which a broken file can have millions: X123, X128,
X129.
"""


class Counts(msgspec.Struct):
    """What a file contains. `sets` counts the transaction sets of each kind (ST01)."""

    segments: int = 0
    interchanges: int = 0
    groups: int = 0
    sets: dict[str, int] = {}


def validate(
    source: Path | BinaryIO,
    report: Report,
    *,
    name: str = "",
    guide: bool = True,
    situations: bool = True,
    progress: Callable[[int], None] | None = None,
    most: int | None = MOST,
    overlay: Overlay | None = None,
) -> Counts:
    """Report every finding of a file, in the order of the file, and return counts of its contents.

    `source` is a path or a binary stream; `name` is what findings call it (default: the file's name). `guide` also
    checks the sets against their guides, `situations` against the rules above the guides. `progress` receives the
    number of bytes read. Of each code the first `most` findings are reported (fewer if an interchange can have millions
    of them), and X131 reports how many more there are; None reports all. `overlay` holds a trading partner's own rules.
    Raises NotX12 if there is no ISA, OSError if the file cannot be read, and OverlayError if the overlay does not fit a
    guide.
    """
    name = name or (source.name if isinstance(source, Path) else "")
    opened: AbstractContextManager[BinaryIO] = source.open("rb") if isinstance(source, Path) else nullcontext(source)
    found: list[Diagnostic] = []  # of this batch, and after a segment that a rule has not judged yet
    listing = Listing(found.append, most)
    rules = RuleCheck(listing)
    check = GuideCheck(listing, rules.follow if situations else None, overlay) if guide else None
    structure = _Structure(name, listing, most, rules)
    counts = structure.counts
    familiar: Set[str] = _NONE
    with opened as stream:
        for batch in read_batches(stream, name, listing):
            structure.enter(batch)
            element = batch.delimiters.element
            for number, segment in enumerate(batch.segments, batch.first):
                if segment[:_HEAD] not in familiar:
                    familiar = structure.check(segment, batch, number)
                if segment[-1:] == element:
                    structure.check_end(segment, batch, number)
            if check is not None:
                check.read_batch(batch)
            found.sort(key=_place)
            decided = bisect_left(found, rules.first_undecided, key=_place)
            for finding in found[:decided]:
                report(finding)
            del found[:decided]
            counts.segments += len(batch.segments)
            if progress is not None:
                progress(stream.tell())
    rules.finish()
    for finding in sorted(found, key=_place):
        report(finding)
    found.clear()
    structure.finish()
    listing.finish(Where(name), "file")
    for finding in found:  # findings about the file as a whole
        report(finding)
    return counts


def _place(finding: Diagnostic) -> int:
    return finding.where.segment or 0


class _Structure:
    """Check the segments whose first characters differ from those of an ordinary segment inside a set."""

    def __init__(self, file: str, report: Report, most: int | None, rules: RuleCheck) -> None:
        self.counts = Counts()
        self._rules = rules
        self.envelope = EnvelopeReader(file, report)
        self._report = report
        self._few = Listing(report, None if most is None else min(most, _MOST_IN_AN_INTERCHANGE))
        self._characters = CharacterCheck(self._few)
        self._batch: Batch | None = None
        self._familiar: set[str] = set()
        self._reported_outside = False

    def enter(self, batch: Batch) -> None:
        """Start a batch; the next segments belong to it."""
        if batch.segments[0].startswith("ISA"):
            self._end_interchange()
            self._characters.begin()
        self._batch = batch
        for finding in self._characters.findings(batch):
            self._report(finding)

    def finish(self) -> None:
        """Check what is open at the end of the file."""
        self._end_interchange()
        self.envelope.finish()

    def _end_interchange(self) -> None:
        if (batch := self._batch) is not None:
            self._few.finish(batch.where(batch.first + len(batch.segments) - 1), "interchange")

    def check(self, segment: str, batch: Batch, number: int) -> Set[str]:
        """Check one segment. Return the heads of segments that need no check from here on.

        A head is the first _HEAD characters, which hold the segment id and its separator. A well-formed id with its
        separator inside an open set has no fault that this class looks for, so the caller may skip every later segment
        with the same head. Outside a set the result is empty, so that no segment is skipped there. Envelope segments
        never enter it.
        """
        head, separator, _ = segment.partition(batch.delimiters.element)
        tag = head
        if not _SEGMENT_ID.fullmatch(head):
            tag = head.strip().upper()
            if not segment.strip():
                if self._few.takes("X123"):
                    self._report(diagnose("X123", batch.where(number)))
                return self._now_familiar()
            if not _SEGMENT_ID.fullmatch(tag):
                self._report(diagnose("X124", batch.where(number), head))
                return self._now_familiar()
            self._report(diagnose("X104", batch.where(number), tag=tag))
        if not separator:
            self._report(diagnose("X125", batch.where(number), tag=tag))
        if tag in ENVELOPE_SEGMENTS:
            self._read_envelope(tag, segment.split(batch.delimiters.element), batch, number)
        elif self.envelope.transaction is None:
            if not self._reported_outside:
                self._report(diagnose("X120", batch.where(number), tag=tag))
            self._reported_outside = True
        elif tag == head and separator:
            self._familiar.add(segment[:_HEAD])
        return self._now_familiar()

    def check_end(self, segment: str, batch: Batch, number: int) -> None:
        """Check a segment that ends with an element separator."""
        tag, separator, _ = segment.rstrip(batch.delimiters.element).partition(batch.delimiters.element)
        self._report(diagnose("X126", batch.where(number)))
        if not separator and _SEGMENT_ID.fullmatch(tag):
            self._report(diagnose("X125", batch.where(number), tag=tag))

    def _now_familiar(self) -> Set[str]:
        return self._familiar if self.envelope.transaction is not None else _NONE

    def _read_envelope(self, tag: str, elements: list[str], batch: Batch, number: int) -> None:
        self.envelope.read(tag, elements, batch, number)
        self._reported_outside = False
        if tag == "ISA":
            self.counts.interchanges += 1
            self._familiar.clear()
        elif tag == "GS":
            self.counts.groups += 1
        elif tag == "ST" and self.envelope.transaction is not None:
            kind = self.envelope.transaction.kind
            self.counts.sets[kind] = self.counts.sets.get(kind, 0) + 1
            if self.envelope.interchange is not None and self.envelope.group is not None:
                self._rules.expect(number, self.envelope.interchange, self.envelope.group, self.envelope.transaction)
