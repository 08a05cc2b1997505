"""Read one 835 transaction set: its segments become a remittance, summaries, claims and provider-level adjustments.

Every segment has a place to go. The head, the claims and the body each read the segments that they know. A segment that
none of them knows is reported (R202, R203) and kept as text on the open line, claim or remittance, so nothing is lost.
"""

from collections.abc import Callable

from claimloop.edi.diagnostics import Report
from claimloop.edi.money import ZERO
from claimloop.edi.records.remittance import (
    ClaimPayment,
    ProviderAdjustment,
    ProviderSummary,
    Remittance,
    RemittanceEnd,
)
from claimloop.edi.syntax.envelope import Source
from claimloop.parsers.cursor import Cursor, shown_tag
from claimloop.parsers.remittance.balance import Imbalance, claim_imbalances, payment_imbalance
from claimloop.parsers.remittance.claims import ClaimReader
from claimloop.parsers.remittance.header import HEADER_SEGMENTS, HeaderReader
from claimloop.parsers.remittance.repeated_parties import OF_A_PARTY, PartiesAgain
from claimloop.parsers.remittance.set_digest import SetDigest
from claimloop.parsers.remittance.shared_payments import CheckFindings

RemittanceItem = Remittance | ProviderSummary | ClaimPayment | ProviderAdjustment | RemittanceEnd

_BODY_ONLY = frozenset(("LX", "TS2", "TS3", "CLP", "PLB", "CAS", "NM1", "AMT", "QTY", "SVC", "LQ", "MIA", "MOA"))
_PLB_PAIRS_FROM = 3


class SetReader:
    """Read the segments of one set after another. Completed items wait in `_ready` until the file reader yields them.

    `_remittance` is None outside of an 835, and `_header` is None once the body of the set has begun.
    """

    def __init__(self, report: Report) -> None:
        self._cursor = Cursor(report, self._place)
        self._claims = ClaimReader(self._cursor)
        self._checks = CheckFindings(report)
        self._ready: list[RemittanceItem] = []
        self._tag = ""
        self._remittance: Remittance | None = None
        self._header: HeaderReader | None = None
        self._digest = SetDigest()
        self._set_place = ("", "", "", "")  # file, ISA13, GS06 and ST02 of the set
        self._begin_set()

    def _begin_set(self) -> None:
        self._lx = self._unused_lx = ""
        self._lx_missed = self._empty_seen = self._lowercase_reported = False
        self._again = PartiesAgain(self._cursor, self._claims)
        self._claim_count = 0
        self._unreadable = 0
        self._claims_paid = self._provider_adjusted = ZERO

    def _read_in_set(self, remittance: Remittance, tag: str, elements: list[str]) -> None:
        """Read a segment of an 835. One without a field is kept as text on the open line, claim or remittance."""
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
            cursor.report("R203", tag=tag)
            cursor.keep_text = True
        else:
            cursor.report("R202", value=cursor.segment, tag=shown_tag(tag))
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
        """Open a claim. The one before must be closed."""
        cursor = self._cursor
        self._claim_count += 1
        self._unused_lx = ""
        if not self._lx and not self._lx_missed:
            self._lx_missed = True
            cursor.report("R207")
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
        """Keep an LX with nothing under it as text, because no record has its number."""
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
                cursor.report("R216", f"PLB{at:02d}", elements[at], found=len(rest) + 1, most=2)
                cursor.keep_text = True
            amount = cursor.amount(amount_text, f"PLB{at + 1:02d}")
            self._provider_adjusted += amount
            self._ready.append(ProviderAdjustment(provider, period, reason, reference, amount, cursor.number))
        if not pairs:
            cursor.report("R206", "PLB04")
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
        """Count a claim that is complete, and report its imbalances."""
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
        self._cursor.report_on(number, imbalance.code, loop, subject, imbalance.element, **imbalance.facts())

    def _end_set(self, *, complete: bool) -> None:
        """Close the open records, check the payment's balance and add the set's end."""
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
        """Check the balance of the payment, which later sets of the same check may explain."""
        imbalance = payment_imbalance(remittance.payment_amount, self._claims_paid, self._provider_adjusted)
        finding = None
        if imbalance is not None:
            number = remittance.payment_segment or self._cursor.number
            finding = self._cursor.finding_of(number, imbalance.code, "", "", imbalance.element, **imbalance.facts())
        makes = self._claims_paid - self._provider_adjusted
        self._checks.take((remittance.payer_id, remittance.trace_number), remittance.payment_amount, makes, finding)

    def _place(self) -> tuple[str, str]:
        """Return the segment's loop and its subject ("CLP #3 SVC #1"), for findings."""
        claim = self._claims.claim
        if self._header is not None:
            return self._header.loop, ""
        if self._tag == "CLP" or (claim is not None and self._claims.line is None and self._tag != "SVC"):
            return "2100", f"CLP #{self._claim_count}"
        if claim is None:
            return "", ""
        line = len(claim.services) + (self._tag == "SVC")
        return "2110", f"CLP #{self._claim_count} SVC #{line}"


_BODY_READERS: dict[str, Callable[[SetReader, Remittance, list[str]], None]] = {
    "LX": SetReader._read_lx,
    "TS2": SetReader._read_summary,
    "TS3": SetReader._read_summary,
    "PLB": SetReader._read_plb,
}
