"""Read 999 and 997: one set becomes one GroupAcknowledgement; a TA1 becomes an InterchangeAcknowledgement."""

from collections.abc import Callable

from msgspec.structs import replace

from claimloop.edi.records.acknowledgement import (
    ACCEPTING,
    REJECTING,
    ElementError,
    ErrorContext,
    GroupAcknowledgement,
    InterchangeAcknowledgement,
    SegmentError,
    SetAcknowledgement,
)
from claimloop.edi.syntax.envelope import Source
from claimloop.parsers.acknowledgements.values import check_used, components, count, padded
from claimloop.parsers.cursor import Cursor, shown_tag

_PARTLY = "P"
_TA1_CODES = frozenset("AER")
_SET_CODES = ACCEPTING | REJECTING
_GROUP_CODES = _SET_CODES | {_PARTLY}


def read_ta1(cursor: Cursor, elements: list[str], source: Source) -> InterchangeAcknowledgement:
    """TA1."""
    field = padded(elements, 5)
    code = field[4].strip()
    _check_code(cursor, code, "TA104", _TA1_CODES)
    check_used(cursor, field, 5)
    kept = (cursor.segment,) if cursor.keep_text else ()
    return InterchangeAcknowledgement(source, field[1].strip(), field[2], field[3], code, field[5], kept)


class GroupReader:
    """Read the segments of one 999 or 997. `finish` returns the acknowledgement."""

    def __init__(self, cursor: Cursor, source: Source, kind: str, guide: str) -> None:
        self._cursor = cursor
        self._group = GroupAcknowledgement(source, kind, guide)
        self._begun = self._answered = False
        self._kept: list[str] = []
        self._sets: list[SetAcknowledgement] = []
        self._set: SetAcknowledgement | None = None
        self._set_answered = False
        self._set_kept: list[str] = []
        self._errors: list[SegmentError] = []
        self._error: SegmentError | None = None
        self._elements: list[ElementError] = []
        self._element: ElementError | None = None
        self._contexts: list[ErrorContext] = []

    def place(self) -> tuple[str, str]:
        """Return the loop and its set within the group, for findings."""
        if self._set is None:
            return "", ""
        loop = "2110" if self._element is not None else "2100" if self._error is not None else "2000"
        return loop, f"AK2 #{len(self._sets) + 1}"

    def read(self, tag: str, elements: list[str]) -> None:
        """Read one segment between ST and SE."""
        cursor = self._cursor
        if tag in _READERS:
            _READERS[tag](self, elements)
        else:
            cursor.report("P612", value=cursor.segment, tag=shown_tag(tag))
            cursor.keep_text = True
        if cursor.keep_text:
            (self._kept if self._set is None else self._set_kept).append(cursor.segment)

    def finish(self, *, complete: bool) -> GroupAcknowledgement:
        """Return the group at its SE, or at the segment that ends a set without one."""
        self._end_set()
        if not self._answered:
            self._cursor.report("P602", what="acknowledgement", tag="AK9")
        return replace(
            self._group,
            sets=tuple(self._sets),
            complete=complete and self._answered,
            other_segments=tuple(self._kept),
        )

    def _misplaced(self, tag: str) -> None:
        self._cursor.report("P605", tag=tag)
        self._cursor.keep_text = True

    def _again(self, tag: str) -> None:
        self._cursor.report("P612", value=self._cursor.segment, tag=tag)
        self._cursor.keep_text = True

    def _read_ak1(self, elements: list[str]) -> None:
        if self._begun:
            self._again("AK1")
            return
        self._begun = True
        _, functional_id, control_number, version, *_ = padded(elements, 3)
        check_used(self._cursor, elements, 3)
        self._group = replace(
            self._group, functional_id=functional_id, control_number=control_number.strip(), version=version
        )

    def _read_ak2(self, elements: list[str]) -> None:
        self._end_set()
        _, kind, control_number, guide, *_ = padded(elements, 3)
        check_used(self._cursor, elements, 3)
        self._set = SetAcknowledgement(kind, control_number.strip(), guide, segment=self._cursor.number)
        self._set_answered = False

    def _read_error(self, elements: list[str]) -> None:
        """IK3, AK3."""
        tag = elements[0]
        if self._set is None or self._set_answered:
            self._misplaced(tag)
            return
        self._end_error()
        field = padded(elements, 4)
        position = count(self._cursor, field[2], f"{tag}02")
        codes = _codes(field[4:])
        self._error = SegmentError(field[1], position, field[3], codes, segment=self._cursor.number)

    def _read_element(self, elements: list[str]) -> None:
        """IK4, AK4."""
        tag = elements[0]
        if self._error is None:
            self._misplaced(tag)
            return
        self._end_element()
        cursor = self._cursor
        field = padded(elements, 4)
        check_used(cursor, field, 4)
        parts = components(cursor, field[1], 3)
        position, component, repetition, *_ = (count(cursor, text, f"{tag}01") for text in parts)
        self._element = ElementError(position, component, repetition, field[2], field[3], field[4])

    def _read_context(self, elements: list[str]) -> None:
        """Read a CTX of the element that was named last, or else of the segment."""
        if self._error is None:
            self._misplaced("CTX")
            return
        cursor = self._cursor
        field = padded(elements, 6)
        check_used(cursor, field, 6)
        again = cursor.batch.delimiters.repetition
        references = []
        for text in field[1].split(again) if again else [field[1]]:
            name, value, *rest = components(cursor, text, 2)
            references.append((name, value))
            cursor.keep_text = cursor.keep_text or any(rest)
        position = count(cursor, field[3], "CTX03")
        element, data_element = (":".join(components(cursor, text, 1)) for text in field[5:7])
        self._contexts.append(ErrorContext(tuple(references), field[2], position, field[4], element, data_element))

    def _read_set_code(self, elements: list[str]) -> None:
        """IK5, AK5."""
        tag = elements[0]
        if self._set is None:
            self._misplaced(tag)
            return
        if self._set_answered:
            self._again(tag)
            return
        self._end_error()
        self._set_answered = True
        code = padded(elements, 1)[1].strip()
        _check_code(self._cursor, code, f"{tag}01", _SET_CODES)
        self._set = replace(self._set, code=code, codes=_codes(elements[2:]))

    def _read_ak9(self, elements: list[str]) -> None:
        self._end_set()
        if self._answered:
            self._again("AK9")
            return
        self._answered = True
        field = padded(elements, 4)
        code = field[1].strip()
        _check_code(self._cursor, code, "AK901", _GROUP_CODES)
        declared, received, accepted = (
            count(self._cursor, text, f"AK9{place:02d}") for place, text in enumerate(field[2:5], start=2)
        )
        self._group = replace(
            self._group, code=code, declared=declared, received=received, accepted_sets=accepted,
            codes=_codes(field[5:]),
        )  # fmt: skip

    def _end_element(self) -> None:
        contexts, self._contexts = tuple(self._contexts), []
        if self._element is not None:
            self._elements.append(replace(self._element, contexts=contexts))
            self._element = None
        elif self._error is not None:
            self._error = replace(self._error, contexts=contexts)

    def _end_error(self) -> None:
        self._end_element()
        if self._error is not None:
            self._errors.append(replace(self._error, elements=tuple(self._elements)))
            self._error = None
            self._elements = []

    def _end_set(self) -> None:
        self._end_error()
        if self._set is None:
            return
        if not self._set_answered:
            tag = "IK5" if self._group.kind == "999" else "AK5"
            self._cursor.report("P602", what="set", tag=tag)
        self._sets.append(replace(self._set, errors=tuple(self._errors), other_segments=tuple(self._set_kept)))
        self._set, self._errors, self._set_kept = None, [], []


def _codes(texts: list[str]) -> tuple[str, ...]:
    return tuple(text for text in texts if text)


def _check_code(cursor: Cursor, code: str, element: str, known: frozenset[str]) -> None:
    if code not in known:
        cursor.report("P608", element, code)


_READERS: dict[str, Callable[[GroupReader, list[str]], None]] = {
    "AK1": GroupReader._read_ak1,
    "AK2": GroupReader._read_ak2,
    "IK3": GroupReader._read_error,
    "AK3": GroupReader._read_error,
    "IK4": GroupReader._read_element,
    "AK4": GroupReader._read_element,
    "CTX": GroupReader._read_context,
    "IK5": GroupReader._read_set_code,
    "AK5": GroupReader._read_set_code,
    "AK9": GroupReader._read_ak9,
}
