"""What a rule may look at when it judges a segment: its line, its claim, the levels above, the head of the set."""

from decimal import Decimal

from claimloop.edi.dates import NotADate, read_date
from claimloop.edi.diagnostics import Report, Where, diagnose
from claimloop.edi.money import ZERO, NotAnAmount, decimals
from claimloop.edi.rules.sent import Sent, SentLoop


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
    `patients` counts the patient levels below the open subscriber.
    """

    def __init__(self, report: Report, sent_on: str) -> None:
        self.sent_on = sent_on
        self.head = SentLoop("")
        self.billing = SentLoop("2000A")
        self.subscriber = SentLoop("2000B")
        self.patient: SentLoop | None = None
        self.header = SentLoop("2000")
        self.claim = SentLoop("")
        self.line = SentLoop("")
        self.loop = SentLoop("")
        self.patients = 0
        self.totals = Totals()
        self.report = report

    def say(self, code: str, sent: Sent, element: str = "", value: str | None = None, **facts: object) -> None:
        """Report a finding about a segment."""
        where = sent.batch.where(sent.number, loop=sent.loop, element=element)
        self.report(diagnose(code, where, value or None, **facts))

    def say_at(self, code: str, where: Where, **facts: object) -> None:
        """Report a finding about a segment whose batch is gone."""
        self.report(diagnose(code, where, None, **facts))

    @property
    def treated(self) -> SentLoop:
        """2010CA, or 2010BA where the subscriber is the patient; empty where neither was sent."""
        above, loop_id = (self.patient, "2010CA") if self.patient is not None else (self.subscriber, "2010BA")
        found = above.inner(loop_id)
        return found[0] if found else SentLoop(loop_id)

    @property
    def serviced(self) -> str:
        """The first day of service of the claim as CCYYMMDD; empty where no line has one that can be read."""
        days = [day for line in self.claim.inner("2400") if (day := first_day(line.one("DTP", "472")))]
        return min(days, default="")


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


def adjustments(segments: list[Sent]) -> list[tuple[Sent, int, str, str, Decimal]]:
    """Every adjustment of CAS segments: its segment, the position of its amount, group, reason, amount."""
    found = []
    for sent in segments:
        for position in range(3, len(sent.elements), 3):
            number = amount(sent[position])
            if number is not None:
                found.append((sent, position, sent[1], sent[position - 1], number))
    return found


def money(number: Decimal) -> str:
    """An amount as messages show it: two decimals."""
    return f"{number:.2f}"
