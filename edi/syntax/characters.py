"""Characters that X12 does not allow: control characters, letters outside ASCII, and two encodings in
one interchange.
"""

import re
from collections.abc import Iterator

from claimloop.edi.diagnostics import Diagnostic, diagnose
from claimloop.edi.listing import Listing
from claimloop.edi.syntax.tokens import Batch

_CONTROL = bytes((*range(0x20), 0x7F))
_LINE_BREAKS = b"\r\n"
_NOT_ASCII = re.compile(r"[^\0-\x7f]")
_SEGMENT_ID = re.compile(r"[A-Z][A-Z0-9]{1,2}")


class CharacterCheck:
    """Check the batches of a file in order. Call `begin` at each interchange."""

    def __init__(self, listing: Listing) -> None:
        self._listing = listing
        self._encodings: set[str] = set()

    def begin(self) -> None:
        """Start an interchange, which may use another encoding than the one before."""
        self._encodings.clear()

    def findings(self, batch: Batch) -> Iterator[Diagnostic]:
        """Report unwanted characters of a batch: X128, X129 and X130, at most one of each in a segment."""
        delimiters = str(batch.delimiters)
        control = bytes(byte for byte in _CONTROL if byte not in _LINE_BREAKS and chr(byte) not in delimiters)
        if batch.raw.isascii() and len(batch.raw.translate(None, control)) == len(batch.raw):
            return
        unwanted = re.compile(f"[{re.escape(control.decode())}]")
        for number, (text, raw) in enumerate(zip(batch.segments, batch.raws(), strict=True), batch.first):
            if (found := unwanted.search(text)) and self._listing.takes("X128"):
                yield _finding("X128", batch, number, found, sign=f"0x{ord(found[0]):02X}")
            if raw.isascii() or not (found := _not_ascii(text, delimiters)):
                continue
            encoding = "UTF-8" if delimiters.isascii() and _is_utf_8(raw) else "Latin-1"
            if self._listing.takes("X129"):
                yield _finding("X129", batch, number, found, encoding=encoding)
            if self._encodings and encoding not in self._encodings:
                (other,) = self._encodings
                yield _finding("X130", batch, number, found, encoding=encoding, other=other)
            self._encodings.add(encoding)


def _not_ascii(text: str, delimiters: str) -> re.Match[str] | None:
    """Return the first character outside ASCII that is not a delimiter."""
    return next((found for found in _NOT_ASCII.finditer(text) if found[0] not in delimiters), None)


def _is_utf_8(raw: bytes) -> bool:
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _finding(code: str, batch: Batch, number: int, found: re.Match[str], **facts: object) -> Diagnostic:
    text, separator = found.string, batch.delimiters.element
    position = text.count(separator, 0, found.start())
    tag = text.partition(separator)[0]
    element = f"{tag}{position:02d}" if position and _SEGMENT_ID.fullmatch(tag) else ""
    return diagnose(code, batch.where(number, element=element), text.split(separator)[position], **facts)
