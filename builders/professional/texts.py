"""Spell the segments of an 837P: shapes with the writer's delimiters, and cleaned texts.

A shape is written with the usual delimiters, `NM1*PE*2*%s~`, and converted to the writer's own once. Every value that
is put into a shape comes from `clean`, `number` or a date. None of these can hold a delimiter, so no data can break the
syntax. Only empty elements are removed at the end of a segment, so no text is lost.
"""

from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from typing import Generic, TypeVar

import msgspec

from claimloop.builders.professional.order import ADJUSTMENT_SEGMENTS, UnwritableClaim
from claimloop.edi.dates import DateRange, write_period
from claimloop.edi.money import x12_number
from claimloop.edi.records.adjustments import Adjustment
from claimloop.edi.records.layout import write_elements
from claimloop.edi.syntax.writer import X12Writer

_REMEMBERED = 20_000
_TRIPLES = 6
K = TypeVar("K")


class Remembered(dict[K, str], Generic[K]):
    """Texts by what they are made of: the same dates, amounts and providers repeat."""

    def __init__(self, make: Callable[[K], str]) -> None:
        self._make = make

    def __missing__(self, key: K) -> str:
        if len(self) >= _REMEMBERED:
            self.clear()
        text = self[key] = self._make(key)
        return text


class Texts:
    """The parts of one writer's segments. `clean[text]`, `number[decimal]` and `period[range]` give elements."""

    def __init__(self, writer: X12Writer) -> None:
        self.clean = writer.cleaned
        self.shape = writer.shape
        self.number: Remembered[Decimal] = Remembered(x12_number)
        self.component = writer.delimiters.component
        self.end = writer.shape("~")
        self.signs = writer.delimiters.element + writer.delimiters.component
        self._element = writer.delimiters.element
        self.period: Remembered[DateRange] = Remembered(lambda each: self._element.join(write_period(each)))

    def segment(self, tag: str, elements: Iterable[str | Sequence[str]]) -> str:
        """Return one segment of any kind. An element may be a sequence of components."""
        clean = self.clean
        component = self.component
        texts = [
            clean[each] if isinstance(each, str) else component.join([clean[part] for part in each]).rstrip(component)
            for each in elements
        ]
        return self._element.join((tag, *texts)).rstrip(self.signs) + self.end

    def record(self, record: msgspec.Struct, tag: str) -> str:
        """Return the segment that a record's fields name; an empty text where no field has a value."""
        elements = write_elements(record, tag)
        return self.segment(tag, elements) if elements else ""

    def adjustments(self, adjustments: Sequence[Adjustment]) -> str:
        """Return CAS. Neighbors of one group share a segment, at most six in each.

        Raises UnwritableClaim where that makes more segments than a loop has room for.
        """
        segments: list[str] = []
        group, elements = "", [""]
        for each in adjustments:
            if each.group != group or len(elements) > 3 * _TRIPLES:
                if group:
                    segments.append(self.segment("CAS", elements))
                group, elements = each.group, [each.group]
            quantity = "" if each.quantity is None else self.number[each.quantity]
            elements += (each.reason, self.number[each.amount], quantity)
        if group:
            segments.append(self.segment("CAS", elements))
        if len(segments) > ADJUSTMENT_SEGMENTS:
            raise UnwritableClaim(
                f"no place for {len(segments)} CAS segments: at most {ADJUSTMENT_SEGMENTS} are allowed"
            )
        return "".join(segments)

    def code_segments(self, tag: str, codes: Sequence[tuple[str, str]], most: int) -> str:
        """Return segments whose elements are each a qualifier and a code, at most `most` in one (HI)."""
        return "".join(self.segment(tag, codes[first : first + most]) for first in range(0, len(codes), most))
