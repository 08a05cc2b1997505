"""What a rule can see when it judges a segment: its line, its claim, the levels above, and the head of the set."""

from decimal import Decimal
from typing import Final

from claimloop.edi.dates import NotADate, read_date
from claimloop.edi.diagnostics import Report, Where, diagnose, mask
from claimloop.edi.money import ZERO, NotAnAmount, decimals
from claimloop.edi.rules.sent import PADDING, Sent, SentLoop

_LONGEST_CODE: Final = 4
_ADJUSTED: Final = range(3, 19, 3)
"""The positions of the amounts in a CAS."""

Diagnoses = list[tuple[Sent, int, str, str]]
"""The diagnoses of a claim: the HI, the position in it, the qualifier and the code."""

_NO_CLAIM = SentLoop("")
_NO_PERSON = SentLoop("2010BA")
_OF_DIAGNOSES: Final = frozenset(("ABK", "ABF", "BK", "BF"))


class Totals:
    """Totals of a set, in memory that does not grow with the number of claims.

    `claims_of_header` and `charged_of_header` belong to the 835's `header` (2000) of the last claim. `interest` is the
    sum of AMT*I, None until a claim reports it. `reversals` maps CLP01 to the place of each reversal that no correction
    has followed yet.
    """

    def __init__(self) -> None:
        self.claims = 0
        self.header: SentLoop | None = None
        self.claims_of_header = 0
        self.charged_of_header = ZERO
        self.interest: Decimal | None = None
        self.reversals: dict[str, Where] = {}


class Scope:
    """The context of a segment that is judged. Loops that are not open are empty.

    `sent_on` is the day (CCYYMMDD) on which the interchange was created, according to the interchange: the later of
    GS04 and ISA09; empty if neither can be read. `claim` is a 2300 or 2100, `line` a 2400 or 2110, `loop` the innermost
    one. `patients` counts the patient levels below the open subscriber. `serviced` is the first day of service on the
    claim's completed lines, as CCYYMMDD; empty if none has one.
    """

    def __init__(self, report: Report, sent_on: str) -> None:
        self.sent_on = sent_on
        self.head = SentLoop("")
        self.billing = SentLoop("2000A")
        self.subscriber = SentLoop("2000B")
        self.patient: SentLoop | None = None
        self.header = SentLoop("2000")
        self.claim = _NO_CLAIM
        self.serviced = ""
        self._diagnoses: tuple[SentLoop, Diagnoses, frozenset[str]] = (_NO_CLAIM, [], frozenset())
        self.line = SentLoop("")
        self.loop = SentLoop("")
        self.patients = 0
        self.totals = Totals()
        self.report = report

    def flag(self, code: str, sent: Sent, element: str = "", value: str | None = None, **facts: object) -> None:
        """Report a finding about a segment."""
        self.report(diagnose(code, sent.where(element), value or None, **facts))

    def flag_at(self, code: str, where: Where, **facts: object) -> None:
        """Report a finding about a segment whose batch is no longer in memory."""
        self.report(diagnose(code, where, None, **facts))

    @property
    def treated(self) -> SentLoop:
        """Return 2010CA, or 2010BA if the subscriber is the patient; empty if neither was sent."""
        patient = self.patient
        found = self.subscriber.inner("2010BA") if patient is None else patient.inner("2010CA")
        return found[0] if found else _NO_PERSON

    @property
    def diagnoses(self) -> Diagnoses:
        """Return every diagnosis of the claim: its HI, its position there (HI03), its qualifier (ABF) and the code."""
        if self._diagnoses[0] is not self.claim:
            found = _diagnoses(self.claim.all("HI"))
            self._diagnoses = self.claim, found, frozenset(str(position) for _, position, _, _ in found)
        return self._diagnoses[1]

    @property
    def diagnosed(self) -> frozenset[str]:
        """Return the valid values of a pointer (SV107): the positions of the claim's diagnoses in the HI."""
        return self._diagnoses[2] if self._diagnoses[0] is self.claim or self.diagnoses else frozenset()


def first_day(sent: Sent | None) -> str:
    """Return the day, or the first day of the period, of a DTP as CCYYMMDD; empty if it cannot be read."""
    return readable_day(sent[3][:8]) if sent is not None else ""


def last_day(sent: Sent | None) -> str:
    """Return the day, or the last day of the period, of a DTP as CCYYMMDD; empty if it cannot be read."""
    return readable_day(sent[3].rpartition("-")[2]) if sent is not None else ""


def readable_day(text: str) -> str:
    """Return the text if it is a calendar day as CCYYMMDD, else empty. Such texts sort chronologically."""
    try:
        read_date(text)
    except NotADate:
        return ""
    return text


def amount(text: str) -> Decimal | None:
    """Return a number; None for a text that is not one, which other checks report."""
    try:
        return decimals[text]
    except NotAnAmount:
        return None


def _diagnoses(segments: list[Sent]) -> Diagnoses:
    found = []
    for sent in segments:
        for position in range(1, len(sent) - len(PADDING)):
            parts = sent.parts(position)
            if len(parts) > 1 and parts[1] and parts[0] in _OF_DIAGNOSES:
                found.append((sent, position, parts[0], parts[1]))
    return found


def adjustments(segments: list[Sent]) -> list[tuple[Sent, int, str, str, Decimal]]:
    """Return every adjustment of CAS segments: its segment, the position of its amount, group, reason, amount."""
    found = []
    for sent in segments:
        for position in _ADJUSTED:
            text = sent[position]
            if text and (number := amount(text)) is not None:
                found.append((sent, position, sent[1], sent[position - 1], number))
    return found


def code_shown(text: str) -> str:
    """Return a code for a message: up to four letters and digits, else masked."""
    return text if len(text) <= _LONGEST_CODE and text.isascii() and text.isalnum() else mask(text)


def money(number: Decimal) -> str:
    """Return an amount with two decimals for a message."""
    return f"{number:.2f}"
