"""Write TA1, 999 and 997 as X12. The sender of the file is the receiver of its answer."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from io import StringIO
from typing import Literal

from claimloop.builders.acknowledgements.answers import GroupAnswer, InterchangeAnswer, SetAnswer
from claimloop.builders.acknowledgements.notes import ElementNote, Note
from claimloop.builders.acknowledgements.outline import SentGroup, SentInterchange
from claimloop.edi.guides.guides import listed_maps
from claimloop.edi.guides.values import is_date, is_time
from claimloop.edi.syntax.charset import loses_characters
from claimloop.edi.syntax.delimiters import Delimiters
from claimloop.edi.syntax.writer import InterchangeIds, X12Writer

Form = Literal["999", "997"]
_GUIDES = {"999": "005010X231A1", "997": "004010"}
_VERSIONS = {"999": "00501", "997": "00401"}
_OLD_SEGMENT_CODES = {"I4": "2", "I6": "3", "I7": "3", "I8": "3", "I9": "3"}
_OLD_ELEMENT_CODES = {"12": "3", "13": "3", "I10": "10", "I11": "10", "I12": "3", "I13": "7", "I6": "7", "I9": "7"}
_OLD_GROUP_CODES = {"19": "6"}
"""Codes that a 999 reports more exactly than a 997 can."""

_QUALIFIERS = frozenset(("01", "14", "20", "27", "28", "29", "30", "33", "ZZ"))
"""ISA05 and ISA07 that the guides allow."""

_LONGEST_COPY = 99
_MOST_ELEMENTS_OF_997 = 99
_SHORTEST_SET_NUMBER, _LONGEST_SET_NUMBER = 4, 9
_UNKNOWN = "UNKNOWN"

Answered = Sequence[tuple[SentInterchange, InterchangeAnswer]]
Notes = Iterator[tuple[int, list[Note]]]


class _InOrder:
    """Hand out the notes of one set after another."""

    def __init__(self, notes: Notes) -> None:
        self._notes = notes
        self._next = next(notes, None)

    def of(self, said: SetAnswer) -> list[Note]:
        """Return the notes of a set, which must follow the sets asked for before."""
        if self._next is None or self._next[0] != said.number - 1:
            return []
        _, found = self._next
        self._next = next(self._notes, None)
        return found


def write_ta1(answered: Answered, control_numbers: Iterator[int], moment: datetime) -> str:
    """Write an interchange with one TA1 for each interchange of the file that is answered."""
    mine = [(sent, answer) for sent, answer in answered if answer.answered]

    def body(writer: X12Writer, sent: SentInterchange, answer: InterchangeAnswer) -> None:
        number = sent.field(13) if _is_number(sent.field(13), 9) else "0"
        date = sent.field(9) if len(sent.field(9)) == 6 and is_date(sent.field(9), "D6") else f"{moment:%y%m%d}"
        time = sent.field(10) if len(sent.field(10)) == 4 and is_time(sent.field(10)) else f"{moment:%H%M}"
        writer.segment("TA1", number.zfill(9), date, time, answer.verdict, answer.note)

    return _interchanges(mine, control_numbers, moment, _VERSIONS["999"], body)


def write_groups(answered: Answered, form: Form, control_numbers: Iterator[int], moment: datetime, notes: Notes) -> str:
    """Write an interchange for each one of the file that has groups which this form answers: a set for each such group.

    `notes` are those of the sets of such groups, by the place of the set in the file (from 0), in that order.
    """
    told = _InOrder(notes)
    mine = [(sent, answer) for sent, answer in answered if any(group.form == form for group in answer.groups)]

    def body(writer: X12Writer, sent: SentInterchange, answer: InterchangeAnswer) -> None:
        pairs = [(group, said) for group, said in zip(sent.groups, answer.groups, strict=True) if said.form == form]
        for number, (group, said) in enumerate(pairs, start=1):
            ids = _ids(sent, writer.delimiters, group)
            writer.begin_group(ids, "FA", number, moment, _guide(form, said))
            writer.begin_set(form, 1, _GUIDES[form] if form == "999" else "")
            _write_group(writer, form, said, told)
            writer.end_set()
            writer.end_group()

    return _interchanges(mine, control_numbers, moment, _VERSIONS[form], body)


def _guide(form: Form, said: GroupAnswer) -> str:
    """Return GS08 of the answer. A 997 repeats the group's own where that is a known guide for a 997."""
    known = form == "997" and any(row[1:3] == (said.guide, "FA") for row in listed_maps())
    return said.guide if known else _GUIDES[form]


def _interchanges(
    answered: Answered,
    control_numbers: Iterator[int],
    moment: datetime,
    version: str,
    body: Callable[[X12Writer, SentInterchange, InterchangeAnswer], None],
) -> str:
    text = StringIO()
    for sent, answer in answered:
        signs = _delimiters(sent.delimiters, version)
        writer = X12Writer(text.write, signs, character_set="extended")
        writer.begin_interchange(_ids(sent, signs), next(control_numbers), moment, version)
        body(writer, sent, answer)
        writer.end_interchange()
    return text.getvalue()


def _delimiters(sent: Delimiters, version: str) -> Delimiters:
    """Return the delimiters of the file where an answer can use them, or else the usual ones.

    ISA11 and ISA16 are elements too, and pyx12 accepts no control character in them.
    """
    component, repetition = (
        sign if sign.isprintable() and sign else usual
        for sign, usual in ((sent.component, ":"), (sent.repetition, "^"))
    )
    signs = Delimiters(sent.element, component, repetition, sent.segment)
    try:
        X12Writer(lambda _: None, signs)
    except ValueError:
        signs = Delimiters()
    return Delimiters(signs.element, signs.component, "" if version == "00401" else signs.repetition, signs.segment)


def _ids(sent: SentInterchange, signs: Delimiters, group: SentGroup | None = None) -> InterchangeIds:
    """Return the sender and receiver of the file, exchanged."""
    return InterchangeIds(
        sender_qualifier=_qualifier(sent.field(7)),
        sender=_name(sent.field(8), signs),
        receiver_qualifier=_qualifier(sent.field(5)),
        receiver=_name(sent.field(6), signs),
        group_sender=_name(group.field(3) if group else "", signs, shortest=2),
        group_receiver=_name(group.field(2) if group else "", signs, shortest=2),
        usage=sent.field(15) if sent.field(15) in ("P", "T") else "T",
    )


def _qualifier(text: str) -> str:
    return text if text in _QUALIFIERS else "ZZ"


def _is_number(text: str, longest: int) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= longest


def _name(text: str, signs: Delimiters, shortest: int = 1) -> str:
    """Return an id that can be sent back, or a placeholder."""
    good = shortest <= len(text) <= 15 and text.isprintable() and not loses_characters(text, signs, "extended")
    return text if good else _UNKNOWN


def _write_group(writer: X12Writer, form: Form, said: GroupAnswer, told: _InOrder) -> None:
    number = said.control_number if _is_number(said.control_number, 9) else "0"
    guide = (_text(said.guide, writer, 12) or _UNKNOWN) if form == "999" else ""
    writer.segment("AK1", said.functional_id, number, guide)
    for one in said.sets:
        _write_set(writer, form, one, told.of(one))
    counts = (min(count, 999_999) for count in (said.declared, said.received, said.accepted))
    codes = (
        said.codes if form == "999" else list(dict.fromkeys(_OLD_GROUP_CODES.get(code, code) for code in said.codes))
    )
    writer.segment("AK9", said.verdict, *map(str, counts), *codes)


def _write_set(writer: X12Writer, form: Form, said: SetAnswer, notes: list[Note]) -> None:
    number = _text(said.control_number, writer, _LONGEST_SET_NUMBER).zfill(_SHORTEST_SET_NUMBER)
    writer.segment("AK2", said.kind, number, _text(said.guide, writer, 35) if form == "999" else "")
    for note in notes:
        _write_note(writer, form, note)
    writer.segment("IK5" if form == "999" else "AK5", said.verdict, *said.codes)


def _write_note(writer: X12Writer, form: Form, note: Note) -> None:
    code = note.code if form == "999" else _OLD_SEGMENT_CODES.get(note.code, note.code)
    position = str(min(note.position, 999_999))
    writer.segment("IK3" if form == "999" else "AK3", note.segment, position, note.loop, code)
    if form == "999" and note.context is not None and (value := _text(note.context[1], writer, 35)):
        writer.segment("CTX", (note.context[0], value))
    most = len(note.elements) if form == "999" else _MOST_ELEMENTS_OF_997
    for element in note.elements[:most]:
        _write_element(writer, form, element)


def _write_element(writer: X12Writer, form: Form, note: ElementNote) -> None:
    code = note.code if form == "999" else _OLD_ELEMENT_CODES.get(note.code, note.code)
    parts = (note.position, note.component, note.repetition if form == "999" else 0)
    place = tuple(str(part) if part else "" for part in parts)
    copy = _text(note.value, writer, _LONGEST_COPY)
    writer.segment("IK4" if form == "999" else "AK4", place, note.data_element, code, copy)


def _text(text: str, writer: X12Writer, longest: int) -> str:
    """Return a copy of a sent value, cut to its length; empty where it has characters that cannot be sent."""
    copy = text[:longest].rstrip()
    if not copy or copy != copy.lstrip() or loses_characters(copy, writer.delimiters, "extended"):
        return ""
    return copy
