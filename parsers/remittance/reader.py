"""Read an 835 of any size into remittances, claims and provider-level adjustments, one by one.

The reader takes 005010X221, 005010X221A1, 004010X091A1, and every other set with ST01 835. Content never raises an
error. Odd content is reported and read. Content that cannot be read is reported and kept as text on its record.
"""

from collections.abc import Iterable, Iterator
from typing import BinaryIO

from claimloop.edi.diagnostics import Report
from claimloop.edi.records.parties import Party, Reference
from claimloop.edi.records.remittance import (
    ClaimPayment,
    ProviderAdjustment,
    ProviderSummary,
    Remittance,
    RemittanceEnd,
    ServicePayment,
)
from claimloop.edi.syntax.delimiters import Delimiters
from claimloop.edi.syntax.envelope import ENVELOPE_SEGMENTS, EnvelopeReader
from claimloop.edi.syntax.tokens import Batch, read_batches
from claimloop.parsers.cursor import shown_tag
from claimloop.parsers.remittance.claims import OF_MANY_CLAIMS, Known
from claimloop.parsers.remittance.header import HeaderReader
from claimloop.parsers.remittance.lowercase_codes import in_uppercase
from claimloop.parsers.remittance.set_digest import SetDigest
from claimloop.parsers.remittance.set_reader import RemittanceItem, SetReader


def remittance_items(stream: BinaryIO, file: str, report: Report) -> Iterator[RemittanceItem]:
    """Yield every 835 of the stream, item by item, in flat memory. Findings carry `file` as the file's name.

    Each set gives its Remittance (without claims), then its summaries, claims and provider-level adjustments in the
    order of the file, then a RemittanceEnd. Sets of other kinds are skipped, with finding R201. Raises NotX12 where
    the stream holds no ISA, and no other error for any content.
    """
    return stream_batches(read_batches(stream, file, report), file, report)


def stream_batches(batches: Iterable[Batch], file: str, report: Report) -> Iterator[RemittanceItem]:
    """Yield the same from batches of segments, for callers that need the segments, too."""
    reader = FileReader(file, report)
    for batch in batches:
        yield from reader.read(batch)
    yield from reader.finish()


def gather(items: Iterable[RemittanceItem]) -> list[Remittance]:
    """Collect streamed items: each remittance with its claims, provider-level adjustments, summaries and end."""
    remittances: list[Remittance] = []
    for item in items:
        match item:
            case Remittance():
                remittances.append(item)
            case ClaimPayment():
                remittances[-1].claims.append(item)
            case ProviderAdjustment():
                remittances[-1].provider_adjustments.append(item)
            case ProviderSummary():
                remittances[-1].summaries.append(item)
            case RemittanceEnd():
                remittances[-1].end = item
    return remittances


class FileReader(SetReader):
    """Read batch after batch of one file: envelopes, 835 sets, and findings about sets of other kinds.

    `read` holds the inner loop, which takes the common segments of an open claim where they are plain. All other
    segments go to `_read_any`, which knows every segment and reports odd content.
    """

    def __init__(self, file: str, report: Report) -> None:
        super().__init__(report)
        self._envelope = EnvelopeReader(file, report)
        self._delimiters: Delimiters | None = None
        self._odd_ids: set[str] = set()
        self._skipping = False  # inside a set that is not an 835
        self._digest_from = 0  # the first segment of the batch that the digest needs

    # Long: a call for each segment would slow the common path.
    #
    # Invariant: `claim` and `line` are the claim that is open and its last line, `level` is the line or else the claim,
    # and all three equal the fields of `claims`. The branches that open a claim or line update both, and every
    # `_read_any` is followed by a reload. While a repeated party is open no claim is, so its segments fall through.
    #
    # The shortcut is sound because each branch accepts a segment only where `_read_any` would make the same record with
    # no finding and no other effect. Either the same text was read before under these delimiters without a finding
    # (`Known`), or the segment has exactly the elements of its plain form: a REF of two, an NM1 of nine without a
    # prefix, a CLP or SVC that `plain_claim` or `plain_service` accepts. Such a segment belongs to the open claim or
    # line alone. The cursor is not moved for it, and the digest takes the batch as a whole.
    #
    # Everything else falls through: the head and the trailers, other ids, the first occurrence of a text, an id in
    # lowercase or with blanks, segments in the wrong place, and values that need a finding.
    def read(self, batch: Batch) -> Iterator[RemittanceItem]:
        """Yield the items that this batch completes."""
        claims, ready, cursor = self._claims, self._ready, self._cursor
        cursor.enter(batch)
        if batch.delimiters != self._delimiters:
            self._delimiters = batch.delimiters
            claims.known = Known()
        self._digest_from = 0
        separator = batch.delimiters.element
        ref, nm1, clp = (f"{tag}{separator}" for tag in ("REF", "NM1", "CLP"))
        known = claims.known
        known_adjustments, known_dates, known_amounts = known.adjustments.get, known.dates.get, known.amounts.get
        known_remarks, known_parties, known_services = known.remarks.get, known.parties.get, known.services.get
        claim, line = claims.claim, claims.line
        level = line or claim
        for number, segment in enumerate(batch.segments, batch.first):
            if claim is not None and level is not None:
                initial = segment[:1]  # comparing one letter is faster than comparing the id
                if initial == "C":
                    if (adjustments := known_adjustments(segment)) is not None:
                        level.adjustments.extend(adjustments)
                        continue
                    if segment[:4] == clp and self._lx and not self._again.open:
                        opened = claims.plain_claim(segment.split(separator), self._set_place, number, self._lx)
                        if opened is not None:
                            self._finish_claim(claim)
                            yield claim
                            self._claim_count += 1
                            self._unused_lx, self._tag = "", "CLP"
                            claims.claim = level = claim = opened
                            claims.line = line = None
                            continue
                elif initial == "D":
                    if (dated := known_dates(segment)) is not None:
                        level.dates.append(dated)
                        continue
                elif initial == "R":
                    if segment[:4] == ref:
                        elements = segment.split(separator)
                        if len(elements) == 3:
                            level.references.append(Reference(elements[1], elements[2]))
                            continue
                elif initial == "S":
                    if (said := known_services(segment) or claims.plain_service(segment)) is not None:
                        level = claims.line = line = ServicePayment(*said, segment=number)
                        claim.services.append(line)
                        continue
                elif initial == "A":
                    if (amount := known_amounts(segment)) is not None:
                        level.amounts.append(amount)
                        continue
                elif initial == "N":
                    if line is None:
                        if (party := known_parties(segment)) is not None:
                            claim.parties.append(party)
                            continue
                        if segment[:4] == nm1:
                            elements = segment.split(separator)
                            if len(elements) == 10 and not elements[6] and elements[1] not in OF_MANY_CLAIMS:
                                _, role, kind, name, first, middle, _, suffix, qualifier, code = elements
                                claim.parties.append(Party(role, kind, name, first, middle, suffix, qualifier, code))
                                continue
                elif initial == "L" and line is not None and (remark := known_remarks(segment)) is not None:
                    line.remarks += (remark,)
                    continue
            self._read_any(number, segment, separator)
            claim, line = claims.claim, claims.line
            level = line or claim
            if ready:
                yield from ready
                ready.clear()
        if self._remittance is not None:
            self._digest.update(batch, self._digest_from)

    def finish(self) -> Iterator[RemittanceItem]:
        """Yield the items that the end of the file completes."""
        if self._remittance is not None:
            self._end_set(complete=False)
        self._checks.finish()
        self._envelope.finish()
        yield from self._ready

    def _read_any(self, number: int, segment: str, separator: str) -> None:
        """Read any segment in any place, and report its findings."""
        cursor = self._cursor
        cursor.move(number, segment)
        elements = segment.split(separator)
        tag = elements[0]
        if not (tag.isalnum() and tag.isupper()):
            is_lowercase = tag != tag.upper()
            tag = elements[0] = self._odd_id(tag, segment)
            if is_lowercase:
                elements = self._read_lowercase(elements)
        self._tag = tag
        if tag in ENVELOPE_SEGMENTS and (tag != "TA1" or self._remittance is None):
            self._read_envelope(tag, elements)
        elif self._remittance is not None:
            if segment.strip():
                self._read_in_set(self._remittance, tag, elements)
        elif not self._skipping and segment.strip():
            cursor.report("X120", value=segment, tag=shown_tag(tag))

    def _odd_id(self, tag: str, segment: str) -> str:
        """Return the id that was meant: uppercase, no blanks. Report each spelling once a file."""
        meant = tag.strip().upper()
        if segment.strip() == "":
            if not self._empty_seen:
                self._empty_seen = True
                self._cursor.report("R215")
        elif meant != tag and tag not in self._odd_ids and len(self._odd_ids) < 1000:
            self._odd_ids.add(tag)
            self._cursor.report("X104", value=tag, tag=shown_tag(meant))
        return meant

    def _read_lowercase(self, elements: list[str]) -> list[str]:
        """Return the elements of a lowercase segment with their codes in uppercase. Report this once a set."""
        read = in_uppercase(elements, self._cursor.batch.delimiters.component)
        if read != elements and not self._lowercase_reported:
            self._lowercase_reported = True
            self._cursor.report("R269", tag=shown_tag(read[0]))
        return read

    def _read_envelope(self, tag: str, elements: list[str]) -> None:
        cursor = self._cursor
        place = cursor.number - cursor.batch.first
        if self._remittance is not None:
            self._digest.update(cursor.batch, self._digest_from, place)
            self._end_set(complete=tag == "SE")
        self._skipping = False
        self._envelope.read(tag, elements, cursor.batch, cursor.number)
        opened = self._envelope.transaction
        if tag != "ST" or opened is None:
            return
        self._begin_set()
        if opened.kind.strip() == "835":
            source = self._envelope.source(cursor.number)
            self._set_place = source.file, source.interchange, source.group, source.transaction
            self._header = HeaderReader(cursor, source, opened.guide)
            self._remittance = self._header.remittance
            self._digest, self._digest_from = SetDigest(), place + 1
        else:
            self._skipping = True
            cursor.report("R201", "ST01", kind=shown_tag(opened.kind))
