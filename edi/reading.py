"""What reading gives: a list of records with its findings, or one record after another; and what can be read."""

import io
import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Generic, Self, TypeVar, cast

from claimloop.edi.diagnostics import Diagnostic, Report, Where
from claimloop.edi.listing import MOST, Listing

X12Source = str | os.PathLike[str] | bytes | BinaryIO
"""What can be read: a path, the bytes of a file, or a stream that is open in binary mode."""

T = TypeVar("T")

_SHORTEST_ISA = 106
"""Characters of an ISA segment: no path begins like one and is as long."""


class Records(list[T]):
    """The records of a file, in a list, with what was found while they were read.

    `findings` is empty where the caller passed a `report` of their own: the findings went there. Otherwise it holds
    the first 1,000 of each code, and an X131 for each code that had more.
    """

    findings: list[Diagnostic]

    def __init__(self, records: list[T], findings: list[Diagnostic]) -> None:
        super().__init__(records)
        self.findings = findings

    @property
    def errors(self) -> list[Diagnostic]:
        """The findings that are errors; the rest are warnings and notes."""
        return [finding for finding in self.findings if finding.severity == "error"]


class Stream(Generic[T]):
    """Records one after another, in memory that does not grow with the file. Iterate over it once.

    A path is opened when the first record is asked for, and closed after the last one. To stop earlier, use the
    stream in a `with` statement or call `close`. A file object that the caller opened stays open. `findings` fills up
    while the records are read, as described for `Records`.
    """

    def __init__(self, read: Callable[[Report], Iterator[T]], report: Report | None, name: str) -> None:
        self.findings: list[Diagnostic] = []
        self._items = read(report) if report else self._collecting(read, name)

    def _collecting(self, read: Callable[[Report], Iterator[T]], name: str) -> Iterator[T]:
        listing = Listing(self.findings.append, MOST)
        yield from read(listing)
        listing.finish(Where(name), "file")

    def __iter__(self) -> Iterator[T]:
        return self._items  # not self: a loop over a generator costs no call of __next__ for each record

    def __next__(self) -> T:
        return next(self._items)

    def close(self) -> None:
        """Stop reading, and close the file if it was opened here."""
        if close := getattr(self._items, "close", None):
            close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()


def x12_stream(
    read: Callable[[BinaryIO, str, Report], Iterator[T]], source: X12Source, report: Report | None, name: str
) -> Stream[T]:
    """The records that `read` makes of a source; `name`, or else the name of the file, is what findings call it.

    Raises TypeError for what is neither a path, bytes nor a binary stream.
    """
    opener, name = opener_of(source), name or name_of(source)

    def items(report: Report) -> Iterator[T]:
        with opener() as stream:
            yield from read(stream, name, report)

    return Stream(items, report, name)


def opener_of(source: object) -> Callable[[], AbstractContextManager[BinaryIO]]:
    """Return how to open the source. Raises TypeError for what is neither a path, bytes nor a binary stream."""
    if isinstance(source, bytes | bytearray | memoryview):
        return lambda: io.BytesIO(source)
    if isinstance(source, str | os.PathLike):
        # A file that was read as text by mistake: without this, its content would be in the FileNotFoundError.
        if isinstance(source, str) and len(source) >= _SHORTEST_ISA and source.lstrip("\ufeff \r\n").startswith("ISA"):
            raise TypeError("this text is X12 and not a path: pass bytes, for example text.encode()")
        path = Path(source)
        return lambda: path.open("rb")
    if isinstance(source, io.TextIOBase) or not callable(getattr(source, "read", None)):
        kind = type(source).__name__
        raise TypeError(f"cannot read X12 from {kind}: pass a path, bytes or a stream opened in binary mode")
    stream = cast(BinaryIO, source)
    return lambda: nullcontext(stream)


def name_of(source: X12Source) -> str:
    """Return what findings call the source: the path as given, the name of an open file, or nothing."""
    if isinstance(source, str | os.PathLike):
        return os.fspath(source)
    name = getattr(source, "name", "")
    return name if isinstance(name, str) else ""
