"""The 835 reader: a file of any size to remittances, claims and provider adjustments, one by one.

Reads 005010X221, 005010X221A1 and 004010X091A1 alike, and whatever else calls itself an 835. Content never raises:
what is odd is reported and read, what cannot be read is reported and kept as text on the record where it stood.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import BinaryIO

from claimloop.edi.diagnostics import Report
from claimloop.edi.money import ZERO
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
from claimloop.edi.syntax.envelope import ENVELOPE_SEGMENTS, EnvelopeReader, Source
from claimloop.edi.syntax.tokens import Batch, read_batches
from claimloop.parsers.cursor import Cursor, shown_tag
from claimloop.parsers.remittance.balance import Imbalance, claim_imbalances, payment_imbalance
from claimloop.parsers.remittance.claims import OF_MANY_CLAIMS, ClaimReader, Known
from claimloop.parsers.remittance.header import HEADER_SEGMENTS, HeaderReader
from claimloop.parsers.remittance.lowercase_codes import in_capitals
from claimloop.parsers.remittance.repeated_parties import OF_A_PARTY, PartiesAgain
from claimloop.parsers.remittance.set_digest import SetDigest
from claimloop.parsers.remittance.shared_payments import CheckFindings

RemittanceItem = Remittance | ProviderSummary | ClaimPayment | ProviderAdjustment | RemittanceEnd

_BODY_ONLY = frozenset(("LX", "TS2", "TS3", "CLP", "PLB", "CAS", "NM1", "AMT", "QTY", "SVC", "LQ", "MIA", "MOA"))
_PLB_PAIRS_FROM = 3


def remittance_items(stream: BinaryIO, file: str, report: Report) -> Iterator[RemittanceItem]:
    """Read every 835 of the stream, item by item, in flat memory; `file` is the name that findings carry.

    Each set gives its Remittance (without claims), then its summaries, claims and provider adjustments in the order
    of the file, then a RemittanceEnd. Sets of other kinds are reported (R201) and passed over. Raises NotX12 where
    the stream holds no ISA, and nothing else whatever the content.
    """
    return stream_batches(read_batches(stream, file, report), file, report)


def stream_batches(batches: Iterable[Batch], file: str, report: Report) -> Iterator[RemittanceItem]:
    """The same from batches of segments, for those who look at the segments too."""
    reader = _FileReader(file, report)
    for batch in batches:
        yield from reader.read(batch)
    yield from reader.finish()


def gather(items: Iterable[RemittanceItem]) -> list[Remittance]:
    """Put streamed items together: each remittance with its claims, provider adjustments, summaries and end."""
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


class _FileReader:
    """Reads batch after batch.

    `read` holds the inner loop: it takes the common segments of an open claim where they are exactly as they should
    be. Everything else goes to `_read_any`, which knows every segment and reports what is odd.
    """

    def __init__(self, file: str, report: Report) -> None:
        self._envelope = EnvelopeReader(file, report)
        self._cursor = Cursor(report, self._place)
        self._claims = ClaimReader(self._cursor)
        self._delimiters: Delimiters | None = None
        self._checks = CheckFindings(report)
        self._odd_ids: set[str] = set()
        self._ready: list[RemittanceItem] = []
        self._tag = ""
        self._empty_seen = self._capitals_said = False
        self._passing_over = False  # inside a set that is no 835
        self._remittance: Remittance | None = None  # inside an 835
        self._header: HeaderReader | None = None  # inside its head
        self._digest = SetDigest()
        self._digest_from = 0  # the first segment of the batch that the digest must have
        self._set_place = ("", "", "", "")  # file, ISA13, GS06 and ST02 of the set
        self._lx = self._unused_lx = ""
        self._again = PartiesAgain(self._cursor, self._claims)
        self._claim_count = 0
        self._begin_set()

    def read(self, batch: Batch) -> Iterator[RemittanceItem]:
        """The items that this batch completes."""
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
                initial = segment[:1]  # one letter is compared faster than an id, and the known ones are known whole
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
        """The items that the end of the file completes."""
        if self._remittance is not None:
            self._end_set(complete=False)
        self._checks.finish()
        self._envelope.finish()
        yield from self._ready

    def _read_any(self, number: int, segment: str, separator: str) -> None:
        """Any segment anywhere, with its findings."""
        cursor = self._cursor
        cursor.move(number, segment)
        elements = segment.split(separator)
        tag = elements[0]
        if not (tag.isalnum() and tag.isupper()):
            in_small_letters = tag != tag.upper()
            tag = elements[0] = self._odd_id(tag, segment)
            if in_small_letters:
                elements = self._read_capitals(elements)
        self._tag = tag
        if tag in ENVELOPE_SEGMENTS and (tag != "TA1" or self._remittance is None):
            self._read_envelope(tag, elements)
        elif self._remittance is not None:
            if segment.strip():
                self._read_in_set(self._remittance, tag, elements)
        elif not self._passing_over and segment.strip():
            cursor.say("X120", value=segment, tag=shown_tag(tag))

    def _odd_id(self, tag: str, segment: str) -> str:
        """The id that was meant: capitals, no blanks. Reported once for each way of writing in the file."""
        meant = tag.strip().upper()
        if segment.strip() == "":
            if not self._empty_seen:
                self._empty_seen = True
                self._cursor.say("R215")
        elif meant != tag and tag not in self._odd_ids and len(self._odd_ids) < 1000:
            self._odd_ids.add(tag)
            self._cursor.say("X104", value=tag, tag=shown_tag(meant))
        return meant

    def _read_capitals(self, elements: list[str]) -> list[str]:
        """The elements of a segment in small letters with their codes in capitals. Reported once a set."""
        read = in_capitals(elements, self._cursor.batch.delimiters.component)
        if read != elements and not self._capitals_said:
            self._capitals_said = True
            self._cursor.say("R269", tag=shown_tag(read[0]))
        return read

    def _read_envelope(self, tag: str, elements: list[str]) -> None:
        cursor = self._cursor
        place = cursor.number - cursor.batch.first
        if self._remittance is not None:
            self._digest.update(cursor.batch, self._digest_from, place)
            self._end_set(complete=tag == "SE")
        self._passing_over = False
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
            self._passing_over = True
            cursor.say("R201", "ST01", kind=shown_tag(opened.kind))

    def _begin_set(self) -> None:
        self._lx = self._unused_lx = ""
        self._lx_missed = self._empty_seen = self._capitals_said = False
        self._again = PartiesAgain(self._cursor, self._claims)
        self._claim_count = 0
        self._unreadable = 0
        self._claims_paid = self._provider_adjusted = ZERO

    def _read_in_set(self, remittance: Remittance, tag: str, elements: list[str]) -> None:
        """A segment of an 835; what has no field goes as text to the line, claim or remittance that is open."""
        cursor, claims = self._cursor, self._claims
        if self._again.open:
            if tag in OF_A_PARTY:
                self._again.keep(remittance)
                return
            self._again.end()
        if self._header is not None and tag in _BODY_ONLY:
            self._end_header()
        if self._header is not None:
            self._header.read(tag, elements)
        elif claims.claim is not None and tag in claims.segments:
            claims.read(tag, elements)
        elif tag == "CLP":
            self._end_claim()
            self._read_clp(elements)
        elif tag in _BODY_READERS:
            self._end_claim()
            _BODY_READERS[tag](self, remittance, elements)
        elif self._again.begins(tag, elements):
            self._again.begin(remittance, elements)
        elif tag in claims.segments or tag in HEADER_SEGMENTS:
            cursor.say("R203", tag=tag)
            cursor.keep_text = True
        else:
            cursor.say("R202", value=cursor.segment, tag=shown_tag(tag))
            cursor.keep_text = True
        if tag == "CLP":
            return
        if cursor.keep_text:
            record = claims.line or claims.claim
            if record is not None:
                record.other_segments += (cursor.segment,)
            else:
                remittance.other_segments.append(cursor.segment)
        if cursor.unreadable:
            (claims.claim or remittance).unreadable += 1

    def _read_clp(self, elements: list[str]) -> ClaimPayment:
        """A new claim; the one before has been closed."""
        cursor = self._cursor
        self._claim_count += 1
        self._unused_lx = ""
        if not self._lx and not self._lx_missed:
            self._lx_missed = True
            cursor.say("R207")
        claim = self._claims.open(elements, Source(*self._set_place, cursor.number), self._lx)
        if cursor.keep_text:
            claim.other_segments += (cursor.segment,)
        claim.unreadable += cursor.unreadable
        return claim

    def _read_lx(self, remittance: Remittance, elements: list[str]) -> None:
        self._keep_unused_lx(remittance)
        self._lx = elements[1] if len(elements) > 1 else ""
        self._unused_lx = self._cursor.segment
        if any(elements[2:]):
            self._cursor.leftover(elements, frozenset((0, 1)))

    def _keep_unused_lx(self, remittance: Remittance) -> None:
        """An LX with nothing under it has no record that could bear its number."""
        if self._unused_lx:
            remittance.other_segments.append(self._unused_lx)
            self._unused_lx = ""

    def _read_summary(self, remittance: Remittance, elements: list[str]) -> None:
        self._unused_lx = ""
        self._cursor.check_numbers(elements)
        self._ready.append(ProviderSummary(elements[0], self._lx, tuple(elements[1:])))

    def _read_plb(self, remittance: Remittance, elements: list[str]) -> None:
        cursor = self._cursor
        provider, period = [*elements[1:3], "", ""][:2]
        pairs = 0
        for at in range(_PLB_PAIRS_FROM, len(elements), 2):
            amount_text = elements[at + 1] if at + 1 < len(elements) else ""
            if not (elements[at] or amount_text):
                continue
            pairs += 1
            reason, reference, *rest = [*cursor.procedures.components(elements[at]), ""]
            if any(rest):
                cursor.say("R216", f"PLB{at:02d}", elements[at], found=len(rest) + 1, most=2)
                cursor.keep_text = True
            amount = cursor.amount(amount_text, f"PLB{at + 1:02d}")
            self._provider_adjusted += amount
            self._ready.append(ProviderAdjustment(provider, period, reason, reference, amount, cursor.number))
        if not pairs:
            cursor.say("R206", "PLB04")
            cursor.unreadable = cursor.keep_text = True

    def _end_header(self) -> None:
        if self._header is not None:
            self._header.finish()
            remittance, trace = self._header.remittance, self._header.trace_segment
            self._checks.begin(
                (remittance.payer_id, remittance.trace_number),
                lambda: self._cursor.finding_of(trace, "R268", "", "", "TRN02"),
            )
            self._ready.append(remittance)
            self._header = None

    def _end_claim(self) -> None:
        self._again.end()
        claim = self._claims.close()
        if claim is not None:
            self._finish_claim(claim)
            self._ready.append(claim)

    def _finish_claim(self, claim: ClaimPayment) -> None:
        """Count a claim that is complete, and report what does not balance in it."""
        self._claims_paid += claim.paid
        self._unreadable += claim.unreadable
        for imbalance in claim_imbalances(claim):
            self._report_imbalance(claim, imbalance)

    def _report_imbalance(self, claim: ClaimPayment, imbalance: Imbalance) -> None:
        number, loop, subject = 0, "2100", f"CLP #{self._claim_count}"
        if imbalance.line is not None:
            number, loop = claim.services[imbalance.line - 1].segment, "2110"
            subject += f" SVC #{imbalance.line}"
        elif claim.source is not None:
            number = claim.source.segment
        self._cursor.say_of(number, imbalance.code, loop, subject, imbalance.element, **imbalance.facts())

    def _end_set(self, *, complete: bool) -> None:
        """Close what is open, check the payment's balance and say how the set ended."""
        remittance = self._remittance
        assert remittance is not None
        self._end_header()
        self._end_claim()
        self._keep_unused_lx(remittance)
        self._judge_payment(remittance)
        self._ready.append(
            RemittanceEnd(
                self._claim_count,
                self._claims_paid,
                self._provider_adjusted,
                complete,
                self._digest.hexdigest(),
                self._unreadable + remittance.unreadable,
            )
        )
        self._remittance = None

    def _judge_payment(self, remittance: Remittance) -> None:
        """The balance of the payment, which further sets of the same check may explain."""
        imbalance = payment_imbalance(remittance.payment_amount, self._claims_paid, self._provider_adjusted)
        finding = None
        if imbalance is not None:
            number = remittance.payment_segment or self._cursor.number
            finding = self._cursor.finding_of(number, imbalance.code, "", "", imbalance.element, **imbalance.facts())
        makes = self._claims_paid - self._provider_adjusted
        self._checks.take((remittance.payer_id, remittance.trace_number), remittance.payment_amount, makes, finding)

    def _place(self) -> tuple[str, str]:
        """The loop that the segment belongs to, and which one it is ("CLP #3 SVC #1"), for findings."""
        claim = self._claims.claim
        if self._header is not None:
            return self._header.loop, ""
        if self._tag == "CLP" or (claim is not None and self._claims.line is None and self._tag != "SVC"):
            return "2100", f"CLP #{self._claim_count}"
        if claim is None:
            return "", ""
        line = len(claim.services) + (self._tag == "SVC")
        return "2110", f"CLP #{self._claim_count} SVC #{line}"


_BODY_READERS: dict[str, Callable[[_FileReader, Remittance, list[str]], None]] = {
    "LX": _FileReader._read_lx,
    "TS2": _FileReader._read_summary,
    "TS3": _FileReader._read_summary,
    "PLB": _FileReader._read_plb,
}
