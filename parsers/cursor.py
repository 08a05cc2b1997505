"""The segment that is being read: its values as money, numbers and days, and findings with its place."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal

from claimloop.edi.dates import NotADate, read_date, read_period
from claimloop.edi.diagnostics import Diagnostic, Report, Where, diagnose
from claimloop.edi.money import ZERO, NotAnAmount, decimals, to_cents
from claimloop.edi.records.procedure import Procedure
from claimloop.edi.records.remittance_summaries import not_numbers
from claimloop.edi.records.service_payment import QualifiedDate
from claimloop.edi.syntax.tokens import Batch

_LONGEST_NUMBER = 40
_LARGEST_EXPONENT = 15
"""An R element has 18 characters: sixteen digits and two decimals, which a ledger of 64-bit cents can hold."""

_REMEMBERED = 20_000
_PROCEDURE_COMPONENTS = 7
_DTM_PADDING = [""] * 7
_DTM_DAY = frozenset(range(3))
_DTM_RANGE = frozenset((0, 1, 5, 6))


class NotAProcedure(ValueError):
    """The composite needs a finding: it has more components than SVC01 has names for, or malformed parts."""


class Numbers(dict[str, Decimal]):
    """`numbers[text]` is the number that an element spells, without surrounding blanks. Raises NotAnAmount."""

    def __missing__(self, text: str) -> Decimal:
        if len(text) > _LONGEST_NUMBER:
            raise NotAnAmount
        number = decimals[text.strip()]
        if number.adjusted() > _LARGEST_EXPONENT:
            raise NotAnAmount
        if len(self) >= _REMEMBERED:
            self.clear()
        self[text] = number
        return number


class Amounts(Numbers):
    """`amounts[text]` is the money that an element spells, in dollars. Raises NotAnAmount, also for parts of a cent."""

    def __missing__(self, text: str) -> Decimal:
        amount = super().__missing__(text)
        try:
            to_cents(amount)
        except NotAnAmount:
            del self[text]
            raise
        return amount


class Procedures(dict[str, Procedure]):
    """`procedures[text]` is the Procedure of an SVC01 or SVC06. Raises NotAProcedure."""

    def __init__(self, separator: str) -> None:
        super().__init__()
        self._separator = separator

    def __missing__(self, text: str) -> Procedure:
        parts = self.components(text)
        if any(parts[_PROCEDURE_COMPONENTS:]):
            raise NotAProcedure
        if len(self) >= _REMEMBERED:
            self.clear()
        procedure = self.procedure(text)
        if procedure.is_glued or procedure.is_unsplit:
            raise NotAProcedure
        self[text] = procedure
        return procedure

    def components(self, text: str) -> list[str]:
        """Return the parts of a composite. A file without a component separator has one part only."""
        return text.split(self._separator) if self._separator else [text]

    def procedure(self, text: str) -> Procedure:
        """Return qualifier, code, up to four modifiers and a description, without the components after them."""
        qualifier, code, *rest = [*self.components(text), "", ""]
        return Procedure(qualifier, code, tuple(filter(None, rest[:4])), rest[4] if len(rest) > 4 else "")


class Cursor:
    """The current segment. `unreadable` and `keep_text` record what reading it has shown so far.

    `clean` is True until something is reported. `place` returns the open loop ("2100") and its subject ("CLP #3").
    """

    def __init__(self, report: Report, place: Callable[[], tuple[str, str]]) -> None:
        self.amounts = Amounts()
        self.numbers = Numbers()
        self.procedures = Procedures(":")
        self._place = place
        self._report = report
        self._batch: Batch | None = None
        self._earlier: Batch | None = None
        self.move(0, "")

    @property
    def batch(self) -> Batch:
        """Return the batch of the segment."""
        assert self._batch is not None
        return self._batch

    def enter(self, batch: Batch) -> None:
        """Go to another batch, whose composites may have another separator."""
        if self._batch is None or self._batch.delimiters != batch.delimiters:
            self.procedures = Procedures(batch.delimiters.component)
        self._earlier, self._batch = self._batch, batch

    def move(self, number: int, segment: str) -> None:
        """Make the segment with this number the current one."""
        self.number = number
        self.segment = segment
        self.unreadable = self.keep_text = False
        self.clean = True

    def report(self, code: str, element: str = "", value: str | None = None, **facts: object) -> None:
        """Report a finding about this segment."""
        self.clean = False
        self._report(diagnose(code, self._where(self.number, *self._place(), element), value, **facts))

    def report_on(self, number: int, code: str, loop: str, subject: str, element: str, **facts: object) -> None:
        """Report a finding about an earlier segment."""
        self._report(self.finding_of(number, code, loop, subject, element, **facts))

    def finding_of(self, number: int, code: str, loop: str, subject: str, element: str, **facts: object) -> Diagnostic:
        """Return the same finding without reporting it, where later segments may explain it."""
        return diagnose(code, self._where(number, loop, subject, element), None, **facts)

    def _where(self, number: int, loop: str, subject: str, element: str) -> Where:
        """Return the place of a segment, without its offset where its batch is no longer in memory."""
        for batch in (self._batch, self._earlier):
            if batch is not None and batch.first <= number < batch.first + len(batch.segments):
                return batch.where(number, loop=loop, subject=subject, element=element)
        return Where(self.batch.file, number, None, loop, subject, element)

    def amount(self, text: str, element: str) -> Decimal:
        """Return required money; 0 with a finding where it is missing or malformed."""
        try:
            return self.amounts[text]
        except NotAnAmount:
            if text.strip():
                self._not_a_number(text, element)
            else:
                self.report("R206", element)
                self.unreadable = self.keep_text = True
            return ZERO

    def optional_amount(self, text: str, element: str) -> Decimal | None:
        """Return money, or None where the element is empty or malformed. A malformed element is reported."""
        return self.amount(text, element) if text.strip() else None

    def quantity(self, text: str, element: str) -> Decimal | None:
        """Return a number with any decimals, or None where it is empty or malformed. A malformed one is reported."""
        try:
            return self.numbers[text] if text.strip() else None
        except NotAnAmount:
            self._not_a_number(text, element)
            return None

    def _not_a_number(self, text: str, element: str) -> None:
        self.report("R204", element, text)
        self.unreadable = self.keep_text = True

    def day(self, text: str, element: str) -> date | None:
        """Return a day, or None where the element is empty or malformed. A malformed element is reported."""
        if not text.strip():
            return None
        try:
            return read_date(text)
        except NotADate:
            self.report("R205", element, text)
            self.unreadable = self.keep_text = True
            return None

    def dated(self, elements: list[str]) -> QualifiedDate | None:
        """Return the date of a DTM: a day in DTM02, or a range in DTM02 or in DTM06 with the format RD8 in DTM05.

        Return None where there is no date. A value that has no field keeps the text of the segment.
        """
        field = elements + _DTM_PADDING
        element, text = ("DTM02", field[2]) if field[2].strip() else ("DTM06", field[6])
        if field[5] == "D8" or "-" not in text:
            day, end = self.day(text, element), None
        else:
            day, end = self._range(text, element)
        if day is None:
            self.keep_text = True
            return None
        used = _DTM_DAY if element == "DTM02" else _DTM_RANGE
        self.leftover(elements, used)
        return QualifiedDate(field[1], day, end)

    def _range(self, text: str, element: str) -> tuple[date | None, date | None]:
        try:
            period = read_period(text.strip())
        except NotADate:
            self.report("R205", element, text)
            self.unreadable = self.keep_text = True
            return None, None
        self.report("R265", element)
        return period.start, period.end

    def procedure(self, text: str, element: str) -> Procedure:
        """Return the procedure of SVC01 or SVC06, with a finding for each part that is off."""
        try:
            return self.procedures[text]
        except NotAProcedure:
            parts = self.procedures.components(text)
            procedure = self.procedures.procedure(text)
            if any(parts[_PROCEDURE_COMPONENTS:]):
                self.report("R216", element, text, found=len(parts), most=_PROCEDURE_COMPONENTS)
                self.keep_text = True
            if procedure.is_glued:
                self.report("R266", f"{element}-2", procedure.code)
            if procedure.is_unsplit:
                self.report("R271", f"{element}-2", procedure.qualifier)
            return procedure

    def check_numbers(self, elements: list[str]) -> None:
        """Report elements of a MIA, MOA, TS2 or TS3 that must be numbers and are not. They are kept as sent."""
        for place in not_numbers(elements[0], elements):
            self.report("R267", f"{elements[0]}{place:02d}", elements[place])

    def leftover(self, elements: list[str], used: frozenset[int]) -> None:
        """Keep the text of a segment that has elements without a field; `used` are the places that have one."""
        if any(text and place not in used for place, text in enumerate(elements)):
            self.report("R210", tag=elements[0])
            self.keep_text = True


def shown_tag(tag: str) -> str:
    """Return a segment id as a message may show it. Longer text than an id may be a patient's data."""
    return tag if 0 < len(tag) <= 3 and tag.isascii() and tag.isalnum() else "a segment without a valid ID"
