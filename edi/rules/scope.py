"""What a rule may look at when it judges a segment: its line, its claim, the levels above, the head of the set."""

from decimal import Decimal
from typing import Final

from claimloop.edi.dates import NotADate, read_date
from claimloop.edi.diagnostics import Report, Where, diagnose, mask
from claimloop.edi.money import ZERO, NotAnAmount, decimals
from claimloop.edi.rules.sent import PADDING, Sent, SentLoop

_LONGEST_CODE: Final = 4
_ADJUSTED: Final = range(3, 19, 3)
"""Where a CAS has amounts."""

Diagnoses = list[tuple[Sent, int, str, str]]
"""Diagnoses of a claim: the HI, the position in it, the qualifier and the code."""

_NO_CLAIM = SentLoop("")
_NOBODY = SentLoop("2010BA")
_OF_DIAGNOSES: Final = frozenset(("ABK", "ABF", "BK", "BF"))


class Totals:
    """What is added up over a set, in memory that does not grow with its claims.

    `claims_of_header` and `charged_of_header` are those of the 835's `header` (2000) that had the last claim.
    `interest` is the sum of AMT*I, None while no claim told one. `reversals` holds, by CLP01, the places of reversals
    that no correction has followed yet.
    """

    def __init__(self) -> None:
        self.claims = 0
        self.header: SentLoop | None = None
        self.claims_of_header = 0
        self.charged_of_header = ZERO
        self.interest: Decimal | None = None
        self.reversals: dict[str, Where] = {}


class Scope:
    """The place where a rule stands. Loops that are not open are empty.

    `sent_on` is the day (CCYYMMDD) on which the interchange was made, by its own word: the later of GS04 and ISA09;
    empty where neither can be read. `claim` is a 2300 or 2100, `line` a 2400 or 2110, `loop` the innermost one.
    `patients` counts the patient levels below the open subscriber. `serviced` is the first day of service of the
    claim's lines that have ended, as CCYYMMDD; empty where none has one.
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

    def say(self, code: str, sent: Sent, element: str = "", value: str | None = None, **facts: object) -> None:
        """Report a finding about a segment."""
        self.report(diagnose(code, sent.where(element), value or None, **facts))

    def say_at(self, code: str, where: Where, **facts: object) -> None:
        """Report a finding about a segment whose batch is gone."""
        self.report(diagnose(code, where, None, **facts))

    @property
    def treated(self) -> SentLoop:
        """2010CA, or 2010BA where the subscriber is the patient; empty where neither was sent."""
        patient = self.patient
        found = self.subscriber.inner("2010BA") if patient is None else patient.inner("2010CA")
        return found[0] if found else _NOBODY

    @property
    def diagnoses(self) -> Diagnoses:
        """Every diagnosis of the claim: its HI, its position there (HI03), its qualifier (ABF) and the code."""
        if self._diagnoses[0] is not self.claim:
            found = _diagnoses(self.claim.all("HI"))
            self._diagnoses = self.claim, found, frozenset(str(position) for _, position, _, _ in found)
        return self._diagnoses[1]

    @property
    def diagnosed(self) -> frozenset[str]:
        """The numbers that a pointer (SV107) may be: where in the HI the diagnoses of the claim stand."""
        return self._diagnoses[2] if self._diagnoses[0] is self.claim or self.diagnoses else frozenset()


def first_day(sent: Sent | None) -> str:
    """The day, or the first day of the period, of a DTP as CCYYMMDD; empty where there is none that can be read."""
    return readable_day(sent[3][:8]) if sent is not None else ""


def last_day(sent: Sent | None) -> str:
    """The day, or the last day of the period, of a DTP as CCYYMMDD; empty where there is none that can be read."""
    return readable_day(sent[3].rpartition("-")[2]) if sent is not None else ""


def readable_day(text: str) -> str:
    """The text where it is a day of the calendar as CCYYMMDD, else empty. Such texts sort as their days do."""
    try:
        read_date(text)
    except NotADate:
        return ""
    return text


def amount(text: str) -> Decimal | None:
    """A number, None where there is none that can be read: then others have said so."""
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
    """Every adjustment of CAS segments: its segment, the position of its amount, group, reason, amount."""
    found = []
    for sent in segments:
        for position in _ADJUSTED:
            text = sent[position]
            if text and (number := amount(text)) is not None:
                found.append((sent, position, sent[1], sent[position - 1], number))
    return found


def code_shown(text: str) -> str:
    """A code as it may stand in a message: up to four letters and digits, else masked."""
    return text if len(text) <= _LONGEST_CODE and text.isascii() and text.isalnum() else mask(text)


def money(number: Decimal) -> str:
    """An amount as messages show it: two decimals."""
    return f"{number:.2f}"
