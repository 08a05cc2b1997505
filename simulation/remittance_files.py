"""The files in which 835s arrive: one for each payer, submitter and day; some arrive late or are repeated.

A file's name begins with the day on which it arrives, so names sort in the order of arrival.
"""

import os
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import BinaryIO

import msgspec

from claimloop.simulation.chance import Chance, digits
from claimloop.simulation.claim_text import END, element
from claimloop.simulation.scenarios import Rates

_CLEARINGHOUSE = "CLEARINGHOUSE"
_LATE = 3
"""The days by which a late file arrives after the next payment."""


class Sender(msgspec.Struct, frozen=True):
    """The sender and receiver of an answer: the payer, and the ids of ISA and GS."""

    payer_id: str
    sender_qualifier: str
    sender: str
    receiver_qualifier: str
    receiver: str
    group_sender: str
    group_receiver: str


class _File:
    """A file in progress, which is open only while a set is added."""

    def __init__(self, path: Path, control_number: str) -> None:
        self.path = path
        self.control_number = control_number
        self.sets = 0


class RemittanceFiles:
    """Writes sets into files. `every` is the number of days between two payments of a payer."""

    def __init__(self, folder: Path, seed: int, rates: Rates, every: int) -> None:
        self._folder = folder
        self._seed = seed
        self._rates = rates
        self._every = every
        self._files: dict[tuple[Sender, date, bool], _File] = {}
        self._names: dict[str, int] = {}
        self._repeated: dict[str, Path] = {}

    def write(
        self, sender: Sender, day: date, chance: Chance, segments: int, body: Callable[[], Iterator[str]]
    ) -> Iterator[tuple[str, bool]]:
        """Write one set; `segments` counts its ST and SE. Return the names of the files that contain it, and whether it
        is repeated.
        """
        yield self._put(sender, day, segments, body, collected=False), False
        if self._rates.happens("repeated_835", chance):
            yield self._put(sender, day, segments, body, collected=True), True

    def finish(self) -> tuple[list[Path], list[tuple[Path, Path]]]:
        """Close all files. Return all paths in the order of arrival, and pairs of a copy and its original."""
        for file in self._files.values():
            with _open(file.path) as stream:
                stream.write(f"GE*{file.sets}*1{END}IEA*1*{file.control_number}{END}".encode("ascii"))
        repeats = []
        for name, path in sorted(self._repeated.items()):
            copy = self._folder / name
            with path.open("rb") as source, _open(copy, os.O_EXCL) as stream:
                while piece := source.read(1 << 20):
                    stream.write(piece)
            repeats.append((copy, path))
        return sorted([*(file.path for file in self._files.values()), *(copy for copy, _ in repeats)]), repeats

    def _put(
        self, sender: Sender, day: date, segments: int, body: Callable[[], Iterator[str]], *, collected: bool
    ) -> str:
        file = self._files.get((sender, day, collected)) or self._begin(sender, day, collected=collected)
        file.sets += 1
        with _open(file.path) as stream:
            stream.write(f"ST*835*{file.sets:04d}{END}".encode("ascii"))
            for text in body():
                stream.write(text.encode("ascii"))
            stream.write(f"SE*{segments}*{file.sets:04d}{END}".encode("ascii"))
        return file.path.name

    def _begin(self, sender: Sender, day: date, *, collected: bool) -> _File:
        chance = Chance(self._seed, f"file\n{sender}\n{day}\n{collected}")
        arrives = day
        if collected:
            arrives = day + timedelta(days=_LATE - 1)
        late = self._rates.happens("out_of_order", chance)
        if late:
            arrives += timedelta(days=self._every + _LATE)
        payer = _CLEARINGHOUSE if collected else _slug(sender.payer_id)
        name = self._name(arrives, payer)
        number = digits(self._seed, f"interchange\n{name}", 9)
        if not int(number):
            number = "000000001"
        file = self._files[sender, day, collected] = _File(self._folder / name, number)
        if not collected and self._rates.happens("repeated_file", chance):
            again = arrives + timedelta(days=1 + chance.below(self._every))
            self._repeated[self._name(again, f"{payer}-again")] = file.path
        group_sender = _CLEARINGHOUSE if collected else element(sender.group_sender, 15) or "PAYER"
        isa_sender = _CLEARINGHOUSE if collected else element(sender.sender, 15) or "PAYER"
        with _open(file.path, os.O_EXCL) as stream:
            stream.write(
                (
                    f"ISA*00*          *00*          *{_qualifier(sender.sender_qualifier)}*{isa_sender:15}"
                    f"*{_qualifier(sender.receiver_qualifier)}*{element(sender.receiver, 15) or 'SUBMITTER':15}"
                    f"*{arrives:%y%m%d}*0600*^*00501*{number}*0*T*:{END}"
                    f"GS*HP*{group_sender}*{element(sender.group_receiver, 15) or 'SUBMITTER'}"
                    f"*{arrives:%Y%m%d}*0600*1*X*005010X221A1{END}"
                ).encode("ascii")
            )
        return file

    def _name(self, arrives: date, payer: str) -> str:
        stem = f"{arrives:%Y-%m-%d}-{payer}"
        count = self._names[stem] = self._names.get(stem, 0) + 1
        return f"{stem}-{count}.835"


def _open(path: Path, flags: int = 0) -> BinaryIO:
    """Open a file for appending, readable only by its owner."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | flags, 0o600)
    return os.fdopen(descriptor, "ab", buffering=1 << 16)


def _slug(payer_id: str) -> str:
    return "".join(sign for sign in payer_id if sign.isascii() and sign.isalnum())[:20] or "PAYER"


def _qualifier(text: str) -> str:
    return text if len(text) == 2 and text.isascii() and text.isalnum() else "ZZ"
