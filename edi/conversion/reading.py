"""Detect the form of a file, and convert one of our documents back to X12."""

from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Literal

from claimloop.edi.conversion.from_json import read_json
from claimloop.edi.conversion.from_xml import read_xml
from claimloop.edi.conversion.to_json import FORM
from claimloop.edi.conversion.to_x12 import ConversionError, X12Writer
from claimloop.edi.conversion.to_xml import NAMESPACE
from claimloop.edi.diagnostics import Diagnostic, NotX12
from claimloop.edi.syntax.tokens import FARTHEST_ISA, read_batches

Form = Literal["x12", "xml", "json"]
_HEAD = 4096
_UTF_16 = {b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}


def form_of(path: Path) -> Form:
    """Return the form of a file, judged by its first bytes. Raises OSError if it cannot be read.

    A file that looks like neither XML nor JSON counts as X12; the X12 reader then reports what it is.
    """
    with path.open("rb") as stream:
        head = stream.read(FARTHEST_ISA)
    first = head[:_HEAD]
    if encoding := _UTF_16.get(first[:2]):
        first = first[2:].decode(encoding, "replace").encode()
    first = first.removeprefix(b"\xef\xbb\xbf").lstrip()
    if not first.startswith((b"<", b"{")):
        return "x12"
    if NAMESPACE.encode() not in first and f'"{FORM}"'.encode() not in first and _holds_interchange(head):
        return "x12"  # the file has a line of another kind before it
    return "xml" if first.startswith(b"<") else "json"


def write_x12(path: Path, form: Literal["xml", "json"], write: Callable[[bytes], object]) -> None:
    """Write an XML or JSON document of ours as X12.

    Raises ConversionError if it is not such a document or a value contains a delimiter, and OSError if it cannot be
    read. Some bytes may have been written by then.
    """
    gathered = _Gathered(write)
    with path.open("rb") as stream:
        try:
            (read_xml if form == "xml" else read_json)(stream, X12Writer(gathered.take))
        except ConversionError as error:
            raise ConversionError(f"{path}: {error}") from error
    gathered.flush()


class _Gathered:
    """Collects small pieces and passes them on together."""

    def __init__(self, write: Callable[[bytes], object]) -> None:
        self._write = write
        self._pieces: list[bytes] = []

    def take(self, piece: bytes) -> None:
        self._pieces.append(piece)
        if len(self._pieces) >= 1024 or len(piece) > 1 << 16:
            self.flush()

    def flush(self) -> None:
        self._write(b"".join(self._pieces))
        self._pieces.clear()


def _holds_interchange(head: bytes) -> bool:
    try:
        return next(read_batches(BytesIO(head), "", _ignore_finding), None) is not None
    except NotX12:
        return False


def _ignore_finding(_: Diagnostic) -> None:
    """Ignore a finding; only the presence of an ISA matters here."""
