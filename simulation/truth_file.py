"""Write `truth.jsonl`: most rows at once, and at the end those that depend on all claims."""

import os
import tempfile
from array import array
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import TracebackType
from typing import IO, Self

import msgspec

from claimloop.simulation.truth import LineTruth, RemittanceLineTruth, RemittanceTruth

Row = LineTruth | RemittanceLineTruth | RemittanceTruth
_AT_ONCE = 1 << 16
"""The count of numbers that are kept in memory before they are written to disk."""


class TruthFile:
    """The rows of a run, in a file readable only by its owner.

    Whether another claim looks the same is only known after the last claim. So a number for each claim goes to a spool
    file on disk, and the rows that depend on it go to another one.
    """

    def __init__(self, path: Path) -> None:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        self._out = os.fdopen(descriptor, "wb", buffering=1 << 16)
        self._encoder = msgspec.json.Encoder()
        self._numbers = array("Q")
        self._seen: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 — closed with this
        self._waiting: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 — closed with this
        self._waits_for: dict[int, int] = {}
        self._remittances: list[RemittanceTruth] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._out.close()
        self._seen.close()
        self._waiting.close()

    def write(self, rows: Iterable[Row]) -> None:
        """Write final rows."""
        self._out.write(self._encoder.encode_lines(rows))

    def seen(self, likeness: int) -> None:
        """Record that a claim with this likeness was submitted."""
        self._numbers.append(likeness)
        if len(self._numbers) >= _AT_ONCE:
            self._numbers.tofile(self._seen)
            del self._numbers[:]

    def decide_later(self, likeness: int, if_unique: Iterable[Row], otherwise: Iterable[Row]) -> None:
        """Add rows for the case that no other claim looks the same, and rows for the other case."""
        self._waits_for[likeness] = 0
        pair = (likeness, *(self._encoder.encode_lines(rows) for rows in (if_unique, otherwise)))
        self._waiting.write(self._encoder.encode(pair) + b"\n")

    def remittance(self, row: RemittanceTruth) -> None:
        """Record a set that was written."""
        self._remittances.append(row)

    def finish(self, repeats: Mapping[str, str]) -> None:
        """Decide the undecided rows, and add the remittances. `repeats` maps the copy of a file to its original."""
        self._numbers.tofile(self._seen)
        self._seen.seek(0)
        counts = self._waits_for
        while raw := self._seen.read(_AT_ONCE * 8):
            for number in memoryview(raw).cast("Q"):
                if number in counts:
                    counts[number] += 1
        self._waiting.seek(0)
        decoder = msgspec.json.Decoder(tuple[int, bytes, bytes])
        for text in self._waiting:
            likeness, if_unique, otherwise = decoder.decode(text)
            self._out.write(if_unique if counts[likeness] == 1 else otherwise)
        self.write(self._remittances)
        originals: dict[str, list[RemittanceTruth]] = {}
        for row in self._remittances:
            originals.setdefault(row.file, []).append(row)
        for copy, original in repeats.items():
            self.write(msgspec.structs.replace(row, file=copy, comes="again") for row in originals.get(original, ()))
