"""Segments of an XML or JSON document back to X12: the same bytes, or, where a value was changed, with that value."""

import base64
import binascii
import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import NoReturn, TypeAlias

from claimloop.edi.conversion.signs import read_delimiters, read_spelled
from claimloop.edi.conversion.to_xml import SUBSTITUTE, given_back
from claimloop.edi.conversion.tree import element_label, is_segment_id, isa_tells
from claimloop.edi.diagnostics import UserError
from claimloop.edi.syntax.delimiters import Delimiters
from claimloop.edi.syntax.lossless import written

Element: TypeAlias = str | list[list[str]]
"""A value; or repeats, each with its components."""

_LINE_BREAKS = "\r\n"
_BETWEEN = "\uffff"
"""No delimiter: those are bytes."""


class ConversionError(UserError, ValueError):
    """The document is not of the form that docs/conversion.md describes, or cannot be written as X12."""


class X12Writer:
    """Takes in what a document holds, in its order, and hands the bytes of it to `write`; `number` counts segments.

    Each of its methods raises ConversionError where that cannot be X12; messages say where, never a value.
    """

    def __init__(self, write: Callable[[bytes], object]) -> None:
        self._write = write
        self._signs: Delimiters | None = None
        self._usual = ""
        self.number = 0
        self._endings: dict[str, str] = {}

    def begin_interchange(self, delimiters: str, ending: str) -> None:
        """An interchange begins: its delimiters and usual ending, spelled."""
        try:
            self._signs = read_delimiters(delimiters)
        except ValueError as error:
            raise ConversionError(f"interchange before segment {self.number + 1}: {error}") from error
        self._endings.clear()
        self._usual = self._ending(ending)

    def outside(self, text: str) -> None:
        """Bytes outside any segment, in base64."""
        self._write(self._decoded("".join(text.split()), f"outside bytes behind segment {self.number}"))

    def segment(self, tag: str, elements: Sequence[Element], ending: str | None, raw: str | None) -> None:
        """A segment: its id, its elements, and its ending and raw bytes where it has them of its own."""
        self.number += 1
        signs = self._signs
        if signs is None:
            self._refuse(tag, "there is no interchange around it")
        text = self._text(tag, elements, signs)
        encoding = "utf-8"
        if raw is not None:
            original = self._decoded(raw, f"raw bytes of segment {self.number}")
            read, encoding = _read(original, signs)
            if text in (read, given_back(read, signs)):
                self._write(original)
                return
            if SUBSTITUTE in text and SUBSTITUTE not in read:
                self._refuse(tag, "it was changed, and a character of it that XML cannot hold (U+FFFD) has to be, too")
        self._check(tag, elements, signs)
        ended = self._usual if ending is None else self._ending(ending)
        self._write(self._encoded(tag, text, ended, signs, encoding))

    def _text(self, tag: str, elements: Sequence[Element], signs: Delimiters) -> str:
        texts = [tag]
        for position, element in enumerate(elements, start=1):
            if isinstance(element, str):
                texts.append(element)
                continue
            if len(element) > 1 and not signs.repetition:
                self._refuse(tag, "it has repeats, in an interchange without repetition separator", position)
            if not signs.component and any(len(parts) > 1 for parts in element):
                self._refuse(tag, "it has components, in an interchange without component separator", position)
            texts.append(signs.repetition.join(signs.component.join(parts) for parts in element))
        return signs.element.join(texts)

    def _check(self, tag: str, elements: Sequence[Element], signs: Delimiters) -> None:
        """Refuse values that would be read as something else."""
        is_isa = tag.strip(" ") == "ISA"
        if not is_segment_id(tag) and _forbidden(signs, True).search(tag):
            self._refuse("", "its id holds a delimiter or a line break")
        forbidden = _forbidden(signs, is_isa)
        if forbidden.search(_BETWEEN.join([part for element in elements for part in _parts(element)])):
            for position, element in enumerate(elements, start=1):
                for part in _parts(element):
                    if found := forbidden.search(part):
                        self._refuse(tag, f"the value holds {_described(found[0], signs)}", position)
        if is_isa and not isa_tells([tag, *("".join(_parts(element)) for element in elements)], signs):
            self._refuse(tag, "ISA11, ISA16 and the delimiters of the interchange do not agree")

    def _ending(self, spelled: str) -> str:
        ending = self._endings.get(spelled)
        if ending is None:
            assert self._signs is not None
            try:
                ending = read_spelled(spelled)
            except ValueError as error:
                raise ConversionError(f"segment {self.number}: {error}") from error
            if not set(ending) <= {self._signs.segment, *_LINE_BREAKS}:
                raise ConversionError(f"segment {self.number}: an ending is the terminator and line breaks")
            self._endings[spelled] = ending
        return ending

    def _encoded(self, tag: str, text: str, ending: str, signs: Delimiters, encoding: str) -> bytes:
        if encoding == "latin-1":
            try:
                return (text + ending).encode(encoding)
            except UnicodeEncodeError:
                pass  # each segment is judged by itself: this one has become UTF-8
        try:
            return written(text, ending, signs)
        except UnicodeEncodeError:
            self._refuse(tag, "it holds a letter that cannot be written")

    def _decoded(self, text: str, what: str) -> bytes:
        try:
            return base64.b64decode(text, validate=True)
        except (binascii.Error, ValueError):
            raise ConversionError(f"{what} are no base64") from None

    def _refuse(self, tag: str, problem: str, position: int = 0) -> NoReturn:
        name = f" ({element_label(tag, position, None).id if position else tag})" if is_segment_id(tag) else ""
        raise ConversionError(f"segment {self.number}{name}: {problem}")


def _parts(element: Element) -> list[str]:
    return [element] if isinstance(element, str) else [part for parts in element for part in parts]


@lru_cache(maxsize=64)
def _forbidden(signs: Delimiters, whole: bool) -> re.Pattern[str]:
    """What a value may not hold; one that is not cut (`whole`) may hold component and repetition separators."""
    cut = "" if whole else signs.component + signs.repetition
    return re.compile(f"[{re.escape(signs.element + signs.segment + cut + _LINE_BREAKS)}]")


def _described(sign: str, signs: Delimiters) -> str:
    names = {
        signs.element: "the element separator",
        signs.segment: "the segment terminator",
        signs.component: "the component separator",
        signs.repetition: "the repetition separator",
    }
    return names.get(sign, "a line break")


def _read(raw: bytes, signs: Delimiters) -> tuple[str, str]:
    """The text of a segment's bytes, as readers see it, and its encoding."""
    breaks = bytes(byte for byte in _LINE_BREAKS.encode() if chr(byte) != signs.segment)
    body = raw.translate(None, breaks).removesuffix(signs.segment.encode("latin-1"))
    if str(signs).isascii():
        try:
            return body.decode("utf-8"), "utf-8"
        except UnicodeDecodeError:
            pass
    return body.decode("latin-1"), "latin-1"
