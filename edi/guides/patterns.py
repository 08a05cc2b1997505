"""A segment of the guide as one regular expression. A segment that it matches has no faults.

Invariant: the expression accepts a segment only if `elements.faults` finds nothing in it. The shortcut is sound in that
direction only. A segment that the expression does not match may still be valid, because rare forms are omitted to keep
the expression short; the element-by-element check in `elements` then decides, and words the findings. A segment of the
guide that an expression cannot describe has no test and always goes there. Match the expression against a segment
padded with separators to the guide's full number of elements.
"""

import re
from collections.abc import Mapping, Set
from typing import NamedTuple

from claimloop.edi.guides.elements import holds
from claimloop.edi.guides.structure import Composite, Element, Segment, SyntaxNote
from claimloop.edi.guides.values import DATE_TYPES, EXTENDED, EXTENDED_5010, PERIOD_FORMATS, is_of_type
from claimloop.edi.syntax.delimiters import Delimiters

_MONTH_DAY = (
    "(?:(?:0[13578]|1[02])(?:0[1-9]|[12][0-9]|3[01])|(?:0[469]|11)(?:0[1-9]|[12][0-9]|30)|02(?:0[1-9]|1[0-9]|2[0-8]))"
)
_DATE_8 = f"(?:18|19|20)[0-9][0-9]{_MONTH_DAY}"
_DATE_6 = f"[0-9][0-9]{_MONTH_DAY}"
_TIME = "(?:[01][0-9]|2[0-3])[0-5][0-9](?:[0-5][0-9](?:[0-9][0-9])?)?"
_PERIODS = {"D8": _DATE_8, "DT": _DATE_8, "D6": _DATE_6, "TM": _TIME, "RD8": f"{_DATE_8}-{_DATE_8}"}
_PERIOD_LENGTHS = {"D8": 8, "DT": 8, "D6": 6, "TM": 8, "RD8": 17}

_MOST_IN_LINE = 16
"""Up to this many codes are part of the expression. With more codes, the value is looked up after the match."""

_DECIMALS = 4
_IN_NUMBERS = "0123456789-."


class Test(NamedTuple):
    """`matches` is the compiled expression; `lookups` names its groups whose text must be in a set.

    `elements` is the number of elements in the guide, to which a segment must be padded.
    """

    matches: "re.Pattern[str]"
    lookups: tuple[tuple[int, frozenset[str]], ...]
    elements: int


class _Unsupported(Exception):
    """The segment has a rule that an expression cannot describe, so it is always checked element by element."""


def segment_test(
    segment: Segment, delimiters: Delimiters, interchange_version: str, lists: Mapping[str, Set[str]]
) -> Test | None:
    """Return the test of a segment for an interchange with these delimiters; None if no expression can describe it."""
    try:
        return _Writer(segment, delimiters, interchange_version, lists).write()
    except _Unsupported:
        return None


class _Writer:
    def __init__(
        self, segment: Segment, delimiters: Delimiters, interchange_version: str, lists: Mapping[str, Set[str]]
    ) -> None:
        self.segment = segment
        self.delimiters = delimiters
        self.version = interchange_version
        self.lists = lists
        self.lookups: dict[str, frozenset[str]] = {}
        characters = EXTENDED_5010 if interchange_version == "00501" else EXTENDED
        allowed = "".join(sorted(set(characters) - set(str(delimiters))))
        self.text = f"[{re.escape(allowed)}]"
        self.separator = re.escape(delimiters.element)
        self.component = re.escape(delimiters.component)
        self.noted = {
            position
            for note in segment.notes
            for position in note.positions
            if position <= len(segment.elements) and segment.elements[position - 1].usage == "S"
        }

    def write(self) -> Test:
        if not set(str(self.delimiters)).isdisjoint(_IN_NUMBERS):
            raise _Unsupported
        parts = [re.escape(self.segment.id)]
        formats: tuple[str, ...] = ()
        elements = list(self.segment.elements)
        while elements:
            place = elements.pop(0)
            if isinstance(place, Element) and place.data_element == "1250":
                formats += place.codes
            if self.segment.id == "DTP" and place.position == 2 and elements:
                parts.append(self._date_pair(place, elements.pop(0)))
                continue
            wanted = formats if isinstance(place, Element) and place.data_element == "1251" else ()
            parts.append(f"{self.separator}{self._notes(place.position)}{self._place(place, wanted)}")
        pattern = re.compile("".join(parts))
        lookups = tuple((pattern.groupindex[name], codes) for name, codes in self.lookups.items())
        return Test(pattern, lookups, len(self.segment.elements))

    def _place(self, place: Element | Composite, formats: tuple[str, ...]) -> str:
        if place.usage == "N":
            return ""
        if isinstance(place, Composite):
            value = self._composite(place)
        elif (place.position, 0) == self.segment.qualified_by:
            value = self._length(place)  # it is one of the codes, else no move would lead here
        else:
            value = self._value(place, formats, f"e{place.position}")
        if place.position in self.noted:
            return f"(?P<p{place.position}>{value})?"
        return value if place.usage == "R" else f"(?:{value})?"

    def _composite(self, place: Composite) -> str:
        if not self.delimiters.component or not place.components:
            raise _Unsupported
        rest, required = "", False
        for part in reversed(place.components):
            value = "" if part.usage == "N" else self._value(part, (), f"e{place.position}_{part.position}")
            wanted = part.usage == "R"
            value = value if wanted or not value else f"(?:{value})?"
            before = self.component if part.position > 1 else ""
            required = required or wanted
            rest = f"{before}{value}{rest}"
            if not required and part.position > 1:
                rest = f"(?:{rest})?"
        return f"(?!{self.component}*(?:{self.separator}|\\Z)){rest}"

    def _value(self, element: Element, formats: tuple[str, ...], name: str) -> str:
        if element.shape:
            raise _Unsupported
        if formats and not PERIOD_FORMATS.isdisjoint(formats):
            return self._periods(element, formats)
        if element.codes or element.code_list:
            return self._codes(element, name)
        return self._length(element)

    def _length(self, element: Element) -> str:
        shortest, longest = element.shortest, element.longest
        match element.type:
            case "AN" | "ID":
                return f"{self.text}{{{shortest},{longest}}}(?<! )"
            case "R":
                whole = f"-?[0-9]{{{shortest},{longest}}}"
                if shortest > 1 or longest <= _DECIMALS:
                    return whole
                return f"(?:{whole}|-?[0-9]{{0,{longest - _DECIMALS}}}\\.[0-9]{{1,{_DECIMALS}}})"
            case "DT" if shortest <= 8 <= longest:
                return _DATE_8
            case "DT" if shortest <= 6 <= longest:
                return _DATE_6
            case "TM" if shortest <= 4 and longest >= 8:
                return _TIME
            case kind if kind[:1] == "N":
                return f"-?[0-9]{{{shortest},{longest}}}"
        raise _Unsupported

    def _codes(self, element: Element, name: str) -> str:
        codes = set(element.codes)
        if element.code_list:
            codes |= self.lists[element.code_list]
        sound = frozenset(code for code in codes if self._is_sound(element, code))
        if not sound:
            raise _Unsupported
        if len(sound) <= _MOST_IN_LINE:
            return f"(?:{'|'.join(re.escape(code) for code in sorted(sound, key=len, reverse=True))})"
        self.lookups[name] = sound
        return f"(?P<{name}>{self._length(element)})"

    def _is_sound(self, element: Element, code: str) -> bool:
        """Return False for a code that is a fault even though it is listed: too long for its element, or with a
        separator in it.
        """
        return (
            element.shortest <= len(code) <= element.longest
            and code == code.strip()
            and is_of_type(code, element.type, self.version)
            and set(code).isdisjoint(str(self.delimiters))
        )

    def _periods(self, element: Element, formats: tuple[str, ...]) -> str:
        if element.type != "AN" or element.codes or element.code_list:
            raise _Unsupported
        if "TM" not in formats and DATE_TYPES.isdisjoint(formats):
            return self._length(element)
        known = [form for form in formats if form in PERIOD_FORMATS and _PERIOD_LENGTHS[form] <= element.longest]
        if not known:
            raise _Unsupported
        return f"(?:{'|'.join(dict.fromkeys(_PERIODS[form] for form in known))})"

    def _date_pair(self, qualifier: Element | Composite, period: Element | Composite) -> str:
        """Return the expression for DTP02 and DTP03 together, because DTP02 decides the format of DTP03."""
        if not (isinstance(qualifier, Element) and isinstance(period, Element)) or self.noted & {2, 3}:
            raise _Unsupported
        if qualifier.usage != "R" or period.usage != "R" or not qualifier.codes or qualifier.code_list:
            raise _Unsupported
        pairs = []
        for code in qualifier.codes:
            if self._is_sound(qualifier, code):
                value = self._periods(period, (code,)) if code in PERIOD_FORMATS else self._value(period, (), "e3")
                pairs.append(f"{re.escape(code)}{self.separator}{value}")
        if not pairs:
            raise _Unsupported
        return f"{self.separator}(?:{'|'.join(pairs)})"

    def _notes(self, position: int) -> str:
        """Return the syntax notes whose last optional element is at this position, as assertions."""
        return "".join(self._note(note, position) for note in self.segment.notes)

    def _note(self, note: SyntaxNote, position: int) -> str:
        if any(place > len(self.segment.elements) for place in note.positions):
            raise _Unsupported
        open_ones = sorted(set(note.positions) & self.noted)
        if not open_ones:
            if position == 1 and not holds(note, self._always):
                raise _Unsupported
            return ""
        if open_ones[-1] != position:
            return ""
        return self._assertion(note, open_ones, {})

    def _always(self, position: int) -> bool:
        return self.segment.elements[position - 1].usage == "R"

    def _assertion(self, note: SyntaxNote, open_ones: list[int], there: dict[int, bool]) -> str:
        first, *rest = open_ones
        if rest:
            yes = self._assertion(note, rest, there | {first: True})
            no = self._assertion(note, rest, there | {first: False})
            return yes if yes == no else f"(?(p{first}){yes}|{no})"
        with_it = holds(note, lambda place: (there | {first: True}).get(place, self._always(place)))
        without = holds(note, lambda place: (there | {first: False}).get(place, self._always(place)))
        end = f"{self.separator}|\\Z"
        return {
            (True, True): "",
            (True, False): f"(?!{end})",
            (False, True): f"(?={end})",
            (False, False): "(?!)",
        }[with_it, without]
