"""Read acknowledgements: TA1, 999, 997 and 277CA, in a file of any size with any mix of interchanges.

Content never raises an error. Odd content is reported and read. Content that cannot be read is reported and kept as
text on its record. Guides: 005010X231A1, 005010X230, 004010, 005010X214, and other 277s as far as they read the same.
"""

from collections.abc import Iterator
from typing import BinaryIO

from claimloop.edi.diagnostics import Report
from claimloop.edi.records.acknowledgement import AcknowledgementItem
from claimloop.edi.syntax.envelope import ENVELOPE_SEGMENTS, EnvelopeReader
from claimloop.edi.syntax.tokens import Batch, read_batches
from claimloop.parsers.acknowledgements.groups import GroupReader, read_ta1
from claimloop.parsers.acknowledgements.statuses import StatusReader
from claimloop.parsers.cursor import Cursor, shown_tag

_GROUPS = frozenset(("997", "999"))
_MOST_ODD_IDS = 1000


def acknowledgement_items(stream: BinaryIO, name: str, report: Report) -> Iterator[AcknowledgementItem]:
    """Yield every acknowledgement of the stream, in order, in flat memory. Findings carry `name` as the file's name.

    A TA1 gives one record, and a 999 or 997 one with all its sets. A 277 gives its StatusReport, then batches,
    providers and claims one by one, each after the record that it belongs to, then a StatusReportEnd. Sets of other
    kinds are skipped, with finding P601. Raises NotX12 where the stream holds no ISA, and no other error.
    """
    reader = _FileReader(name, report)
    for batch in read_batches(stream, name, report):
        yield from reader.read(batch)
    yield from reader.finish()


class _FileReader:
    """Read batch after batch. Complete records wait in `_ready` until the segment is done."""

    def __init__(self, file: str, report: Report) -> None:
        self._cursor = Cursor(report, self._place)
        self._envelope = EnvelopeReader(file, report)
        self._set: GroupReader | StatusReader | None = None
        self._ready: list[AcknowledgementItem] = []
        self._odd_ids: set[str] = set()
        self._empty_reported = False  # of this set

    def read(self, batch: Batch) -> Iterator[AcknowledgementItem]:
        """Yield the items that this batch completes."""
        cursor, ready = self._cursor, self._ready
        cursor.enter(batch)
        separator = batch.delimiters.element
        for number, segment in enumerate(batch.segments, batch.first):
            cursor.move(number, segment)
            elements = segment.split(separator)
            tag = elements[0]
            if not (tag.isalnum() and tag.isupper()):
                tag = elements[0] = self._odd_id(tag)
            if tag in ENVELOPE_SEGMENTS:
                self._read_envelope(tag, elements)
            elif self._set is not None:
                if segment.strip():
                    self._set.read(tag, elements)
                elif not self._empty_reported:
                    self._empty_reported = True
                    cursor.report("R215")
            elif self._envelope.transaction is None and segment.strip():
                cursor.report("X120", value=segment, tag=shown_tag(tag))
            if ready:
                yield from ready
                ready.clear()

    def finish(self) -> Iterator[AcknowledgementItem]:
        """Yield the items that the end of the file completes."""
        self._end_set(complete=False)
        self._envelope.finish()
        yield from self._ready

    def _odd_id(self, tag: str) -> str:
        """Return the id that was meant: uppercase, no blanks. Report each spelling once a file."""
        meant = tag.strip().upper()
        if meant != tag and tag not in self._odd_ids and len(self._odd_ids) < _MOST_ODD_IDS:
            self._odd_ids.add(tag)
            self._cursor.report("X104", value=tag, tag=shown_tag(meant))
        return meant

    def _read_envelope(self, tag: str, elements: list[str]) -> None:
        cursor, envelope = self._cursor, self._envelope
        if tag != "TA1":
            self._end_set(complete=tag == "SE")
        envelope.read(tag, elements, cursor.batch, cursor.number)
        opened = envelope.transaction
        if tag == "TA1":
            self._ready.append(read_ta1(cursor, elements, envelope.source(cursor.number)))
        elif tag == "ST" and opened is not None:
            kind, source = opened.kind.strip(), envelope.source(cursor.number)
            self._empty_reported = False
            if kind == "277":
                self._set = StatusReader(cursor, source, opened.guide, self._ready)
            elif kind in _GROUPS:
                self._set = GroupReader(cursor, source, kind, opened.guide)
            else:
                cursor.report("P601", "ST01", kind=shown_tag(kind))

    def _end_set(self, *, complete: bool) -> None:
        match self._set:
            case GroupReader():
                self._ready.append(self._set.finish(complete=complete))
            case StatusReader():
                self._set.finish(complete=complete)
        self._set = None

    def _place(self) -> tuple[str, str]:
        return self._set.place() if self._set is not None else ("", "")
