"""Envelopes: ISA/IEA, GS/GE, ST/SE. Check their counts and control numbers as they pass (rules.md#envelope)."""

import re
from typing import Literal

import msgspec

from claimloop.edi.diagnostics import Report, diagnose, mask
from claimloop.edi.syntax.tokens import Batch

ENVELOPE_SEGMENTS = frozenset(("ISA", "GS", "ST", "SE", "GE", "IEA", "TA1"))
_ISA_WIDTHS = (2, 10, 2, 10, 2, 15, 2, 15, 6, 4, 1, 5, 9, 1, 1)
_PLAIN = re.compile(r"(?=.*[0-9])(?!.*[A-Za-z]{5})[A-Za-z0-9]{1,14}")
"""The form of a number or a guide id. Five letters in a row could be part of a name, so such text is masked."""
Level = Literal["ISA", "GS", "ST"]


class Interchange(msgspec.Struct, frozen=True, omit_defaults=True):
    """ISA: the sender and the receiver. `usage` is ISA15: P production, T test."""

    sender_qualifier: str = ""
    sender: str = ""
    receiver_qualifier: str = ""
    receiver: str = ""
    date: str = ""
    time: str = ""
    version: str = ""
    control_number: str = ""
    usage: str = ""


class Group(msgspec.Struct, frozen=True, omit_defaults=True):
    """GS: the kind of sets in the group and their guide (GS08)."""

    functional_id: str = ""
    sender: str = ""
    receiver: str = ""
    date: str = ""
    control_number: str = ""
    version: str = ""


class Transaction(msgspec.Struct, frozen=True, omit_defaults=True):
    """ST: the set's kind (ST01, "835"), its control number (ST02) and its guide (ST03, else GS08)."""

    kind: str = ""
    control_number: str = ""
    guide: str = ""


class Source(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """Where a record was read: file, control numbers ISA13, GS06, ST02, and the number of its first segment in the
    file.
    """

    file: str = ""
    interchange: str = ""
    group: str = ""
    transaction: str = ""
    segment: int = 0


class EnvelopeReader:
    """Track the envelope of a file. Call `read` with every segment whose id is in ENVELOPE_SEGMENTS, then `finish`.

    `interchange`, `group` and `transaction` are the open ones; None outside.
    """

    def __init__(self, file: str, report: Report) -> None:
        self.file = file
        self.interchange: Interchange | None = None
        self.group: Group | None = None
        self.transaction: Transaction | None = None
        self._report = report
        self._groups = self._sets = 0
        self._first_segment = 0
        self._seen: dict[Level, set[str]] = {"ISA": set(), "GS": set(), "ST": set()}
        self._last: tuple[Batch, int] | None = None

    def source(self, number: int) -> Source:
        """Return the `Source` of a record that starts at this segment."""
        return Source(
            self.file,
            self.interchange.control_number if self.interchange else "",
            self.group.control_number if self.group else "",
            self.transaction.control_number if self.transaction else "",
            number,
        )

    def read(self, tag: str, elements: list[str], batch: Batch, number: int) -> None:
        """Process one envelope segment: `elements[0]` is its id, `number` its number in the file."""
        self._last = batch, number
        match tag:
            case "ISA":
                self._close("ISA")
                self._open_interchange(elements)
            case "GS":
                self._close("GS")
                self._open_group(elements)
            case "ST":
                self._close("ST")
                self._open_transaction(elements, number)
            case "SE":
                self._end_transaction(elements, number)
            case "GE":
                self._close("ST")
                self._end_group(elements)
            case "IEA":
                self._close("GS")
                self._end_interchange(elements)

    def finish(self) -> None:
        """Report every envelope that is still open at the end of the file."""
        self._close("ISA")

    def _flag(self, code: str, element: str = "", value: str | None = None, **facts: object) -> None:
        if self._last is not None:
            batch, number = self._last
            self._report(diagnose(code, batch.where(number, element=element), value, **facts))

    def _open_interchange(self, elements: list[str]) -> None:
        field = [text.strip() for text in elements] + [""] * 17
        self.interchange = Interchange(
            field[5], field[6], field[7], field[8], field[9], field[10], field[12], field[13], field[15]
        )
        for position, width in enumerate(_ISA_WIDTHS, start=1):
            if position < len(elements) and len(elements[position]) != width:
                self._flag("X122", f"ISA{position:02d}", width=width, found=len(elements[position]))
        self._once("ISA", field[13], "ISA13")
        self._groups = 0
        self._seen["GS"].clear()

    def _open_group(self, elements: list[str]) -> None:
        if self.interchange is None:
            self._flag("X119", tag="GS", opener="ISA")
        field = elements + [""] * 9
        self.group = Group(field[1], field[2].strip(), field[3].strip(), field[4], field[6], field[8])
        self._once("GS", field[6], "GS06")
        self._groups += 1
        self._sets = 0
        self._seen["ST"].clear()

    def _open_transaction(self, elements: list[str], number: int) -> None:
        if self.group is None:
            self._flag("X119", tag="ST", opener="GS")
        field = elements + [""] * 4
        self.transaction = Transaction(field[1], field[2], field[3] or (self.group.version if self.group else ""))
        self._once("ST", field[2], "ST02")
        self._sets += 1
        self._first_segment = number

    def _end_transaction(self, elements: list[str], number: int) -> None:
        if self.transaction is None:
            self._flag("X119", tag="SE", opener="ST")
            return
        field = elements + [""] * 3
        self._compare("X114", "SE01", field[1], number - self._first_segment + 1)
        if field[2] != self.transaction.control_number:
            self._differ("X115", "SE02", field[2], self.transaction.control_number)
        self.transaction = None

    def _end_group(self, elements: list[str]) -> None:
        if self.group is None:
            self._flag("X119", tag="GE", opener="GS")
            return
        field = elements + [""] * 3
        self._compare("X116", "GE01", field[1], self._sets)
        if field[2] != self.group.control_number:
            self._differ("X117", "GE02", field[2], self.group.control_number)
        self.group = None

    def _end_interchange(self, elements: list[str]) -> None:
        if self.interchange is None:
            self._flag("X119", tag="IEA", opener="ISA")
            return
        field = elements + [""] * 3
        self._compare("X112", "IEA01", field[1], self._groups)
        if field[2].strip() != self.interchange.control_number:
            self._differ("X111", "IEA02", field[2], self.interchange.control_number)
        self.interchange = None

    def _compare(self, code: str, element: str, declared: str, found: int) -> None:
        if not (declared.isascii() and declared.isdigit()) or int(declared[:9]) != found:
            self._flag(code, element, declared=shown(declared), found=found)

    def _differ(self, code: str, element: str, declared: str, opened: str) -> None:
        self._flag(code, element, declared=shown(declared), opened=shown(opened))

    def _once(self, level: Level, control_number: str, element: str) -> None:
        if control_number in self._seen[level]:
            self._flag("X121", element, control_number=shown(control_number))
        self._seen[level].add(control_number)

    def _close(self, level: Level) -> None:
        """Report and close this level and those below it if they are still open at a new header or the end of
        the file.
        """
        if self.transaction is not None:
            self._flag("X118", control_number=shown(self.transaction.control_number))
            self.transaction = None
        if self.group is not None and level != "ST":
            self._flag("X113", control_number=shown(self.group.control_number))
            self.group = None
        if self.interchange is not None and level == "ISA":
            self._flag("X110", control_number=shown(self.interchange.control_number))
            self.interchange = None


def shown(text: str) -> str:
    """Return a control number, count or guide id for a message. Mask any other text, because it could
    contain anything.
    """
    if not text.strip():
        return "(empty)"
    return text if _PLAIN.fullmatch(text) else mask(text)
