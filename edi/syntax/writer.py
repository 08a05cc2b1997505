"""Write segments: envelopes, counts, HL and LX numbers, and data that cannot break the syntax.

Output is deterministic: control numbers, dates and times come from the caller.
"""

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal

import msgspec

from claimloop.edi.money import x12_number
from claimloop.edi.syntax.charset import CharacterSet, clean, clean_text, loses_characters
from claimloop.edi.syntax.delimiters import Delimiters

_REMEMBERED = 20_000
Composite = tuple[str, ...]
Element = str | Decimal | int | Composite | None
_SEGMENT_ID = re.compile(r"[A-Z][A-Z0-9]{1,2}")


class InterchangeIds(msgspec.Struct, frozen=True):
    """The sender's and the receiver's ids: ISA05-08, GS02-03 and ISA15 (P production, T test)."""

    sender_qualifier: str
    sender: str
    receiver_qualifier: str
    receiver: str
    group_sender: str
    group_receiver: str
    usage: str = "T"
    acknowledgement_requested: bool = False


class X12Writer:
    """Write one interchange. `write` receives text, all of it ASCII; the writer keeps nothing in memory.

    Call `begin_interchange`, `begin_group`, `begin_set`, the segments, `end_set`, `end_group` and `end_interchange`, in
    this order. Raises ValueError if a delimiter could occur in a number, if the four delimiters are not different
    characters, if a segment id is malformed, or if a number or an interchange id does not fit its element.
    """

    def __init__(
        self,
        write: Callable[[str], object],
        delimiters: Delimiters,
        *,
        character_set: CharacterSet = "basic",
        line_break: str = "\n",
    ) -> None:
        _check_delimiters(delimiters)
        self.delimiters = delimiters
        self._known_ids = {"ISA"}
        self._write = write
        self._character_set = character_set
        self._cleaned = _Cleaned(delimiters, character_set)
        self._end = delimiters.segment + ("" if delimiters.segment in "\r\n" else line_break)
        self._segments = self._sets = self._groups = self._hl = self._lx = 0
        self._isa13 = self._gs06 = self._st02 = ""

    def begin_interchange(
        self, ids: InterchangeIds, control_number: int, moment: datetime, version: str = "00501"
    ) -> None:
        """Write ISA, of fixed width. `control_number` has at most nine digits; `version` is ISA12."""
        self._isa13 = _digits(control_number, 9)
        self._groups = 0
        fields = (
            "ISA", "00", " " * 10, "00", " " * 10,
            _exactly(ids.sender_qualifier, 2), self._padded(ids.sender),
            _exactly(ids.receiver_qualifier, 2), self._padded(ids.receiver),
            f"{moment:%y%m%d}", f"{moment:%H%M}", self.delimiters.repetition or "U", version, self._isa13,
            "1" if ids.acknowledgement_requested else "0", _exactly(ids.usage, 1), self.delimiters.component,
        )  # fmt: skip
        self._write(self.delimiters.element.join(fields) + self._end)

    def begin_group(
        self, ids: InterchangeIds, functional_id: str, control_number: int, moment: datetime, guide: str
    ) -> None:
        """Write GS. `guide` is GS08, for example 005010X222A1."""
        self._gs06 = str(control_number)
        _digits(control_number, 9)
        self._groups += 1
        self._sets = 0
        self.segment(
            "GS", functional_id, ids.group_sender, ids.group_receiver, f"{moment:%Y%m%d}", f"{moment:%H%M}",
            self._gs06, "X", guide,
        )  # fmt: skip

    def begin_set(self, kind: str, control_number: int, guide: str = "") -> None:
        """Write ST. `guide` is ST03 if the transaction has one. HL numbers restart at 1."""
        self._st02 = f"{control_number:04d}"
        _digits(control_number, 9)
        self._sets += 1
        self._segments = self._hl = self._lx = 0
        self.segment("ST", kind, self._st02, guide)

    def segment(self, tag: str, *elements: Element) -> None:
        """Write one segment. Clean every value, and omit empty elements and components at the end."""
        if tag not in self._known_ids:
            if not _SEGMENT_ID.fullmatch(tag):
                raise ValueError("a segment id must be two or three uppercase letters and digits")
            self._known_ids.add(tag)
        cleaned = self._cleaned
        texts = [cleaned[element] if type(element) is str else self._text(element) for element in elements]
        while texts and not texts[-1]:
            texts.pop()
        self._segments += 1
        self._write(self.delimiters.element.join((tag, *texts)) + self._end)

    @property
    def cleaned(self) -> Mapping[str, str]:
        """Texts cleaned for an element: `cleaned[text]`."""
        return self._cleaned

    def shape(self, pattern: str) -> str:
        """Convert a pattern for `%` from the usual delimiters (`*`, `:`, and `~` at the end) to this writer's
        delimiters.
        """
        delimiters = {"*": self.delimiters.element, ":": self.delimiters.component, "~": self._end}
        return "".join(delimiters[each].replace("%", "%%") if each in delimiters else each for each in pattern)

    def segments(self, text: str) -> None:
        """Write several finished segments with their terminators, which must consist only of shapes and cleaned
        texts.
        """
        self._segments += text.count(self.delimiters.segment)
        self._write(text)

    def next_hl(self) -> int:
        """Return the number of the next HL, whose segment the caller writes."""
        self._hl += 1
        return self._hl

    def hl(self, parent: int | None, level: str, *, has_children: bool) -> int:
        """Write an HL with the next number and return the number. `level` is HL03 (20, 22, 23)."""
        number = self.next_hl()
        self.segment("HL", str(number), str(parent) if parent else "", level, "1" if has_children else "0")
        return number

    def begin_lines(self) -> None:
        """Restart LX numbers at 1 (at every claim)."""
        self._lx = 0

    def lx(self) -> int:
        """Write an LX with the next number and return the number."""
        self._lx += 1
        self.segment("LX", str(self._lx))
        return self._lx

    def end_set(self) -> None:
        """Write SE with the count of segments."""
        self.segment("SE", str(self._segments + 1), self._st02)

    def end_group(self) -> None:
        """Write GE with the count of sets."""
        self.segment("GE", str(self._sets), self._gs06)

    def end_interchange(self) -> None:
        """Write IEA with the count of groups."""
        self.segment("IEA", str(self._groups), self._isa13)

    def _padded(self, identifier: str) -> str:
        if loses_characters(identifier, self.delimiters, self._character_set):
            raise ValueError("an interchange id has a character that cannot be sent")
        identifier = clean(identifier, self.delimiters, self._character_set)
        if not 0 < len(identifier) <= 15:
            raise ValueError("an interchange id has 1 to 15 characters")
        return f"{identifier:15}"

    def _text(self, element: Element) -> str:
        if element is None:
            return ""
        if isinstance(element, tuple):
            parts = [self._cleaned[part] for part in element]
            while parts and not parts[-1]:
                parts.pop()
            return self.delimiters.component.join(parts)
        if isinstance(element, Decimal):
            return x12_number(element)
        return self._cleaned[str(element)]


class _Cleaned(dict[str, str]):
    """Texts already cleaned for one writer, because codes, cities and names repeat often."""

    def __init__(self, delimiters: Delimiters, character_set: CharacterSet) -> None:
        self._delimiters = delimiters
        self._character_set = character_set
        self._is_clean = clean_text(delimiters, character_set).fullmatch

    def __missing__(self, text: str) -> str:
        if len(self) >= _REMEMBERED:
            self.clear()
        cleaned = text.upper() if self._character_set == "basic" else text
        if not self._is_clean(cleaned):
            cleaned = clean(text, self._delimiters, self._character_set)
        self[text] = cleaned
        return cleaned


def _digits(number: int, most: int) -> str:
    if not 0 < number < 10**most:
        raise ValueError(f"a control number must be between 1 and {10**most - 1}, not {number}")
    return f"{number:0{most}d}"


def _exactly(code: str, length: int) -> str:
    if len(code) != length or not (code.isascii() and code.isalnum()):
        raise ValueError(f"a qualifier or usage code of ISA must have {length} letters or digits, not {code!r}")
    return code


def _check_delimiters(delimiters: Delimiters) -> None:
    characters = str(delimiters)
    if not (delimiters.element and delimiters.component and delimiters.segment) or len(set(characters)) != len(
        characters
    ):
        raise ValueError("element, component, repetition and segment delimiters must be different characters")
    if any(character.isalnum() or character in " .-" or not character.isascii() for character in characters) or set(
        "\r\n"
    ) & set(characters[:-1]):
        raise ValueError(
            "a delimiter must be an ASCII symbol other than period and minus; only a terminator may be a line break"
        )
