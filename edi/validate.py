"""Any X12 file: its syntax and envelopes over the whole file, and its transaction sets against their guides."""

import re
from collections.abc import Callable, Set
from pathlib import Path

import msgspec

from claimloop.edi.diagnostics import Diagnostic, Report, diagnose
from claimloop.edi.envelope import ENVELOPE_SEGMENTS, EnvelopeReader
from claimloop.edi.guides import GuideCheck
from claimloop.edi.tokens import Batch, read_batches

_SEGMENT_ID = re.compile(r"[A-Z][A-Z0-9]{1,2}")
_HEAD = 4
"""Characters that hold any segment id and the separator behind it."""

_NONE: frozenset[str] = frozenset()


class Counts(msgspec.Struct):
    """What a file holds. `sets` counts the transaction sets of each kind (ST01)."""

    segments: int = 0
    interchanges: int = 0
    groups: int = 0
    sets: dict[str, int] = {}


def validate(
    path: Path, report: Report, *, guide: bool = True, progress: Callable[[int], None] | None = None
) -> Counts:
    """Report every finding about a file, in the order of the file, and count what it holds.

    `guide` also checks the sets against their guides; `progress` is told how many bytes have been read.
    Raises NotX12 where there is no ISA, OSError where the file cannot be read.
    """
    found: list[Diagnostic] = []  # in a batch; its structure is judged before its guide
    check = GuideCheck(found.append) if guide else None
    structure = _Structure(path.name, found.append)
    counts = structure.counts
    familiar: Set[str] = _NONE
    with path.open("rb") as stream:
        for batch in read_batches(stream, path.name, report):
            element = batch.delimiters.element
            for number, segment in enumerate(batch.segments, batch.first):
                if segment[:_HEAD] not in familiar:
                    familiar = structure.look_at(segment, batch, number)
                if segment[-1:] == element:
                    found.append(diagnose("X126", batch.where(number)))
            if check is not None:
                check.read_batch(batch)
            for finding in sorted(found, key=_place):
                report(finding)
            found.clear()
            counts.segments += len(batch.segments)
            if progress is not None:
                progress(stream.tell())
    structure.envelope.finish()
    for finding in found:
        report(finding)
    return counts


def _place(finding: Diagnostic) -> int:
    return finding.where.segment or 0


class _Structure:
    """Looks at the segments whose first characters are not those of an ordinary segment inside a set."""

    def __init__(self, file: str, report: Report) -> None:
        self.counts = Counts()
        self.envelope = EnvelopeReader(file, report)
        self._report = report
        self._familiar: set[str] = set()
        self._said_outside = False

    def look_at(self, segment: str, batch: Batch, number: int) -> Set[str]:
        """Judge one segment; the result holds the heads of segments that need no look from here on."""
        head, separator, _ = segment.partition(batch.delimiters.element)
        tag = head
        if not _SEGMENT_ID.fullmatch(head):
            tag = head.strip().upper()
            if not segment.strip():
                self._report(diagnose("X123", batch.where(number)))
                return self._now_familiar()
            if not _SEGMENT_ID.fullmatch(tag):
                self._report(diagnose("X124", batch.where(number), head))
                return self._now_familiar()
            self._report(diagnose("X104", batch.where(number), tag=tag))
        if not separator:
            self._report(diagnose("X125", batch.where(number), tag=tag))
        if tag in ENVELOPE_SEGMENTS:
            self._take_in(tag, segment.split(batch.delimiters.element), batch, number)
        elif self.envelope.transaction is None:
            if not self._said_outside:
                self._report(diagnose("X120", batch.where(number), tag=tag))
            self._said_outside = True
        elif tag == head and separator:
            self._familiar.add(segment[:_HEAD])
        return self._now_familiar()

    def _now_familiar(self) -> Set[str]:
        return self._familiar if self.envelope.transaction is not None else _NONE

    def _take_in(self, tag: str, elements: list[str], batch: Batch, number: int) -> None:
        self.envelope.read(tag, elements, batch, number)
        self._said_outside = False
        if tag == "ISA":
            self.counts.interchanges += 1
            self._familiar.clear()
        elif tag == "GS":
            self.counts.groups += 1
        elif tag == "ST" and self.envelope.transaction is not None:
            kind = self.envelope.transaction.kind
            self.counts.sets[kind] = self.counts.sets.get(kind, 0) + 1
