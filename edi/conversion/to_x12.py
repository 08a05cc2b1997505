"""Convert the segments of an XML or JSON document back to X12: the same bytes, or the edited value if one was
changed.
"""

import base64
import binascii
import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import NoReturn, TypeAlias

from claimloop.edi.conversion.delimiter_text import delimiters_from_hex, from_hex
from claimloop.edi.conversion.to_xml import SUBSTITUTE, as_restored
from claimloop.edi.conversion.tree import element_label, is_segment_id, isa_declares_separators
from claimloop.edi.diagnostics import UserError
from claimloop.edi.syntax.delimiters import Delimiters
from claimloop.edi.syntax.lossless import written

Element: TypeAlias = str | list[list[str]]
"""A value, or repeats that each have components."""

_LINE_BREAKS = "\r\n"
_BETWEEN = "\uffff"
"""A joining character that cannot be a delimiter, because delimiters are bytes."""


class ConversionError(UserError, ValueError):
    """The document does not have the form described in docs/conversion.md, or cannot be written as X12."""


class X12Writer:
    """Write the bytes of a document's contents, which arrive in order. `number` counts segments.

    Each method raises ConversionError if the content cannot be X12. Messages name the place, never a value.
    """

    def __init__(self, write: Callable[[bytes], object]) -> None:
        self._write = write
        self._delimiters: Delimiters | None = None
        self._usual = ""
        self.number = 0
        self._endings: dict[str, str] = {}

    def begin_interchange(self, delimiters: str, ending: str) -> None:
        """Start an interchange with its delimiters and usual ending, in hexadecimal."""
        try:
            self._delimiters = delimiters_from_hex(delimiters)
        except ValueError as error:
            raise ConversionError(f"interchange before segment {self.number + 1}: {error}") from error
        self._endings.clear()
        self._usual = self._ending(ending)

    def outside(self, text: str) -> None:
        """Write bytes outside any segment, given in base64."""
        self._write(self._decoded("".join(text.split()), f"outside bytes after segment {self.number}"))

    def segment(self, tag: str, elements: Sequence[Element], ending: str | None, raw: str | None) -> None:
        """Write a segment: its id, its elements, and its own ending and raw bytes if it has them."""
        self.number += 1
        delimiters = self._delimiters
        if delimiters is None:
            self._fail(tag, "it is outside an interchange")
        text = self._text(tag, elements, delimiters)
        encoding = "utf-8"
        if raw is not None:
            original = self._decoded(raw, f"raw bytes of segment {self.number}")
            read, encoding = _read(original, delimiters)
            if text in (read, as_restored(read, delimiters)):
                self._write(original)
                return
            if SUBSTITUTE in text and SUBSTITUTE not in read:
                self._fail(
                    tag,
                    "the segment was changed, so its character that XML cannot represent (U+FFFD) must be changed, too",
                )
        self._check(tag, elements, delimiters)
        ended = self._usual if ending is None else self._ending(ending)
        self._write(self._encoded(tag, text, ended, delimiters, encoding))

    def _text(self, tag: str, elements: Sequence[Element], delimiters: Delimiters) -> str:
        texts = [tag]
        for position, element in enumerate(elements, start=1):
            if isinstance(element, str):
                texts.append(element)
                continue
            if len(element) > 1 and not delimiters.repetition:
                self._fail(tag, "it has repeats, but the interchange has no repetition separator", position)
            if not delimiters.component and any(len(parts) > 1 for parts in element):
                self._fail(tag, "it has components, but the interchange has no component separator", position)
            texts.append(delimiters.repetition.join(delimiters.component.join(parts) for parts in element))
        return delimiters.element.join(texts)

    def _check(self, tag: str, elements: Sequence[Element], delimiters: Delimiters) -> None:
        """Reject values that a reader would read as something else."""
        is_isa = tag.strip(" ") == "ISA"
        if not is_segment_id(tag) and _forbidden(delimiters, True).search(tag):
            self._fail("", "its id contains a delimiter or a line break")
        forbidden = _forbidden(delimiters, is_isa)
        if forbidden.search(_BETWEEN.join([part for element in elements for part in _parts(element)])):
            for position, element in enumerate(elements, start=1):
                for part in _parts(element):
                    if found := forbidden.search(part):
                        self._fail(tag, f"the value contains {_described(found[0], delimiters)}", position)
        if is_isa and not isa_declares_separators(
            [tag, *("".join(_parts(element)) for element in elements)], delimiters
        ):
            self._fail(tag, "ISA11, ISA16 and the delimiters of the interchange do not agree")

    def _ending(self, text: str) -> str:
        ending = self._endings.get(text)
        if ending is None:
            assert self._delimiters is not None
            try:
                ending = from_hex(text)
            except ValueError as error:
                raise ConversionError(f"segment {self.number}: {error}") from error
            if not set(ending) <= {self._delimiters.segment, *_LINE_BREAKS}:
                raise ConversionError(
                    f"segment {self.number}: an ending must consist of the terminator and line breaks"
                )
            self._endings[text] = ending
        return ending

    def _encoded(self, tag: str, text: str, ending: str, delimiters: Delimiters, encoding: str) -> bytes:
        if encoding == "latin-1":
            try:
                return (text + ending).encode(encoding)
            except UnicodeEncodeError:
                pass  # each segment has its own encoding: this one has become UTF-8
        try:
            return written(text, ending, delimiters)
        except UnicodeEncodeError:
            self._fail(tag, "it contains a letter that cannot be encoded")

    def _decoded(self, text: str, what: str) -> bytes:
        try:
            return base64.b64decode(text, validate=True)
        except (binascii.Error, ValueError):
            raise ConversionError(f"{what} are not valid base64") from None

    def _fail(self, tag: str, problem: str, position: int = 0) -> NoReturn:
        name = f" ({element_label(tag, position, None).id if position else tag})" if is_segment_id(tag) else ""
        raise ConversionError(f"segment {self.number}{name}: {problem}")


def _parts(element: Element) -> list[str]:
    return [element] if isinstance(element, str) else [part for parts in element for part in parts]


@lru_cache(maxsize=64)
def _forbidden(delimiters: Delimiters, unsplit: bool) -> re.Pattern[str]:
    """Return a pattern for characters that a value must not contain.

    A value that readers do not split (`unsplit`) may contain component and repetition separators.
    """
    cut = "" if unsplit else delimiters.component + delimiters.repetition
    return re.compile(f"[{re.escape(delimiters.element + delimiters.segment + cut + _LINE_BREAKS)}]")


def _described(character: str, delimiters: Delimiters) -> str:
    names = {
        delimiters.element: "the element separator",
        delimiters.segment: "the segment terminator",
        delimiters.component: "the component separator",
        delimiters.repetition: "the repetition separator",
    }
    return names.get(character, "a line break")


def _read(raw: bytes, delimiters: Delimiters) -> tuple[str, str]:
    """Return the text of a segment's bytes, as readers see it, and its encoding."""
    breaks = bytes(byte for byte in _LINE_BREAKS.encode() if chr(byte) != delimiters.segment)
    body = raw.translate(None, breaks).removesuffix(delimiters.segment.encode("latin-1"))
    if str(delimiters).isascii():
        try:
            return body.decode("utf-8"), "utf-8"
        except UnicodeDecodeError:
            pass
    return body.decode("latin-1"), "latin-1"
