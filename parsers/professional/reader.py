"""Read an 837P: 005010X222 with its errata, 004010X098A1, and the guides built like them (X291, X298).

Records come one by one while the file is read, and memory holds one claim. Errors in the file are reported, and it is
read as far as possible (rules.md#reading).
"""

from collections.abc import Iterator
from typing import BinaryIO

import msgspec

from claimloop.edi.diagnostics import Report, diagnose
from claimloop.edi.records.claim import Claim
from claimloop.edi.records.parties import Party
from claimloop.edi.syntax.envelope import (
    ENVELOPE_SEGMENTS,
    EnvelopeReader,
    Group,
    Interchange,
    Source,
    Transaction,
    shown,
)
from claimloop.edi.syntax.tokens import Batch, read_batches
from claimloop.parsers.kinds import claim_kind
from claimloop.parsers.professional.claim import CLAIM_SEGMENTS, read_claim
from claimloop.parsers.professional.hierarchy import LEVEL_NAMES, LEVEL_SEGMENTS, Hierarchy, LevelDraft
from claimloop.parsers.professional.line import LINE_SEGMENTS
from claimloop.parsers.professional.run import SegmentRun, padded

INSIDE = LEVEL_SEGMENTS | CLAIM_SEGMENTS | LINE_SEGMENTS
"""Ids of the segments that begin neither a level nor a claim."""

KNOWN = ENVELOPE_SEGMENTS | INSIDE | {"HL", "CLM"}


class ClaimFile(msgspec.Struct, frozen=True, omit_defaults=True):
    """The header of one 837P set: its envelope, BHT, submitter (1000A) and receiver (1000B).

    `purpose` is BHT02 (00 original, 18 reissue). `date` and `time` are BHT04-05 as sent. `type` is BHT06
    (CH chargeable, RP encounter).
    """

    interchange: Interchange
    group: Group
    transaction: Transaction
    purpose: str = ""
    reference: str = ""
    date: str = ""
    time: str = ""
    type: str = ""
    submitter: Party = Party()
    receiver: Party = Party()
    other_segments: tuple[str, ...] = ()
    source: Source | None = None


def claim_items(stream: BinaryIO, file: str, report: Report) -> Iterator[Claim]:
    """Yield the claims of the stream, one by one. Findings carry `file` as the file's name. Raises NotX12."""
    for record in claim_file_items(stream, file, report):
        if isinstance(record, Claim):
            yield record


def claim_file_items(stream: BinaryIO, file: str, report: Report) -> Iterator[ClaimFile | Claim]:
    """Yield the header of every set, each followed by its claims, one by one. Raises NotX12."""
    reader = _Reader(file, report)
    for batch in read_batches(stream, file, report):
        yield from reader.read(batch)
    yield from reader.finish()


class _Reader:
    """Cut the stream into runs: header (ST), level (HL), claim (CLM). Read each run when the next one begins."""

    def __init__(self, file: str, report: Report) -> None:
        self._report = report
        self._envelope = EnvelopeReader(file, report)
        self._above = Hierarchy()
        self._run: SegmentRun | None = None
        self._source = Source()
        """The levels of the open set."""
        self._claims = 0
        self._skipping = False
        self._childless: tuple[SegmentRun, str] | None = None
        """The level opened last, until a claim or a lower level follows."""

    def read(self, batch: Batch) -> Iterator[ClaimFile | Claim]:
        """Yield the records that end in this batch."""
        separator = batch.delimiters.element
        texts, first = batch.segments, batch.first
        tags = [text.partition(separator)[0] for text in texts]
        if self._run is not None:
            self._run.goes_on_in(batch)
        passed = 0
        for index in [index for index, tag in enumerate(tags) if tag not in INSIDE]:
            if index > passed:
                self._inside(tags[passed:index], texts[passed:index], batch, first + passed)
            passed = index + 1
            tag, text, number = tags[index], texts[index], first + index
            if tag not in KNOWN:
                tag, text = self._repaired(tag, text, batch, number)
            begins_run = tag in ("HL", "CLM") and self._run is not None
            if not begins_run and tag not in ENVELOPE_SEGMENTS:
                self._inside([tag], [text], batch, number)
                continue
            record = self._close()
            if record is not None:
                yield record
            if begins_run:
                self._begin(tag, batch, number, text)
            else:
                self._envelope_segment(tag, text, batch, number)
        if len(texts) > passed:
            self._inside(tags[passed:], texts[passed:], batch, first + passed)

    def _inside(self, tags: list[str], texts: list[str], batch: Batch, first: int) -> None:
        """Add segments to the open run. Outside of all sets, report them."""
        if self._run is not None:
            self._run.tags += tags
            self._run.texts += texts
        elif self._envelope.transaction is None:
            for number, text in enumerate(texts, start=first):
                if text.strip():
                    self._report(diagnose("X120", batch.where(number), text, tag="the segment"))

    def finish(self) -> Iterator[ClaimFile | Claim]:
        """Yield the records that the end of the file completes."""
        record = self._close()
        if record is not None:
            yield record
        self._end_level("")
        self._envelope.finish()

    def _repaired(self, tag: str, text: str, batch: Batch, number: int) -> tuple[str, str]:
        """Return a segment with its id in uppercase and without blanks, where that makes a known id."""
        mended = tag.strip().upper()
        if mended not in KNOWN:
            return tag, text
        self._report(diagnose("X104", batch.where(number), tag=mended))
        return mended, mended + text[len(tag) :]

    def _envelope_segment(self, tag: str, text: str, batch: Batch, number: int) -> None:
        self._envelope.read(tag, text.split(batch.delimiters.element), batch, number)
        if tag == "TA1":
            return
        self._end_level("")
        transaction = self._envelope.transaction
        if tag != "ST" or transaction is None:
            return
        kind = transaction.kind if transaction.kind != "837" else claim_kind(transaction.guide)
        self._skipping = kind not in ("837", "837P")
        if self._skipping:
            self._report(diagnose("R259", batch.where(number), kind=shown(kind)))
            return
        self._above = Hierarchy()
        self._claims = 0
        self._begin(tag, batch, number, text)

    def _begin(self, tag: str, batch: Batch, number: int, text: str) -> None:
        self._run = run = SegmentRun(number, batch, self._report, tag, text)
        if tag == "CLM":
            self._claims += 1
            run.claim = self._claims
        if tag == "ST":
            self._source = self._envelope.source(number)

    def _close(self) -> ClaimFile | Claim | None:
        """Read the run that has just ended."""
        run, self._run = self._run, None
        if run is None:
            return None
        tag = run.tags[0]
        if tag == "CLM":
            self._childless = None
            within = self._source
            source = Source(within.file, within.interchange, within.group, within.transaction, run.first)
            return read_claim(run, self._above, source)
        if tag == "ST":
            return self._header(run)
        level = self._above.open(run)
        if level:
            self._end_level(level)
            self._childless = run, level
        return None

    def _end_level(self, next_level: str) -> None:
        """Report the level that was opened last where it ends without a claim."""
        if self._childless is not None:
            run, level = self._childless
            if next_level <= level:
                run.report("R260", 0, level=LEVEL_NAMES[level])
        self._childless = None

    def _header(self, run: SegmentRun) -> ClaimFile:
        """Read ST to the first HL. Also take parties of the hierarchy from it, for files that have no HL at all."""
        index = run.tags.index("BHT") if "BHT" in run.tags else 0
        bht = padded(run.texts[index].split(run.separator), 6) if index else [""] * 7
        draft = LevelDraft(run, "")
        draft.read(1, passing=index)
        self._above.take(draft)
        envelope = self._envelope
        return ClaimFile(
            interchange=envelope.interchange or Interchange(),
            group=envelope.group or Group(),
            transaction=envelope.transaction or Transaction(),
            purpose=bht[2],
            reference=bht[3],
            date=bht[4],
            time=bht[5],
            type=bht[6],
            submitter=draft.parties.get("41", Party()),
            receiver=draft.parties.get("40", Party()),
            other_segments=run.kept(0, len(run.texts)),
            source=self._source,
        )
