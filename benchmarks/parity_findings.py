"""The outcome of one side for a file, in terms that both sides share, and our side of it.

A finding is a `Said`: segment number in the file, element ("CLM05-3", empty for a whole segment), and level with
the standard's code ("IK3:3", "IK4:7", "IK5:4", "AK9:5", "TA1:021"). For a missing or surplus segment the element is its
id (IK301), and for a loop the loop's id, so that two missing in one place are two findings. The 999 and the TA1 give no
segment for the codes of envelopes. Here they carry the number of their ST, GS or ISA, and no element.
"""

import re
from pathlib import Path
from typing import NamedTuple

import msgspec

from claimloop.edi.diagnostics import Diagnostic, NotX12, catalogue
from claimloop.edi.syntax.delimiters import Delimiters
from claimloop.edi.syntax.tokens import read_batches
from claimloop.edi.validate import validate


class Said(NamedTuple):
    """One finding, comparable between the sides."""

    number: int
    element: str
    code: str

    def __str__(self) -> str:
        return f"{self.number} {self.element} {self.code}".replace("  ", " ")


class Note(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a side adds to its finding. `texts` are the kinds of pyx12's messages. `ours` holds our catalogue codes.
    `warning`: the finding alone does not reject the file.
    """

    texts: tuple[str, ...] = ()
    ours: tuple[str, ...] = ()
    warning: bool = False


class Outcome(msgspec.Struct, frozen=True):
    """The outcome of one side for a file. `stopped`: the exception that ended it, after segment number `passed`."""

    said: dict[Said, Note]
    accepted: bool
    stopped: str = ""
    passed: int = 0
    silent: tuple[str, ...] = ()
    """Our findings that have no code of the standard."""


class Text(msgspec.Struct, frozen=True):
    """The segments of a file as our tokenizer gives them. `segments[0]` is segment 1."""

    segments: list[str]
    delimiters: list[Delimiters]
    """Of each segment."""

    def tag(self, number: int) -> str:
        """Return the segment's id as sent; empty outside the file."""
        if not 0 < number <= len(self.segments):
            return ""
        return self.segments[number - 1].split(self.delimiters[number - 1].element, 1)[0]

    def element(self, number: int, position: int) -> str:
        """Return an element of a segment; empty where it has none."""
        if not 0 < number <= len(self.segments):
            return ""
        elements = self.segments[number - 1].split(self.delimiters[number - 1].element)
        return elements[position] if position < len(elements) else ""

    def header(self, number: int, tag: str) -> int:
        """Return the number of the last segment `tag` at or before `number`; 0 where there is none."""
        while number > 0 and self.tag(number).strip().upper() != tag:
            number -= 1
        return number


_COMPARED = "XG"
"""Syntax, envelopes and guides. Findings beyond pyx12's scope, such as balances (R, C), are not compared."""

_GROUP_CODES = {"X113", "X116", "X117"}
"""Their ik5 is an AK905 code."""

_OF_LOOPS = {"G413", "G414", "G415", "G417"}
_NAMED = re.compile(r"(?:required segment|required loop|loop|segment) (\S+) ")
_NOT_CLOSED = {"X110": "ISA", "X113": "GS", "X118": "ST"}
_HEADERS = {"TA1": "ISA", "AK9": "GS", "IK5": "ST"}


def read_text(path: Path) -> Text:
    """Return the segments of a file; none where it is not X12."""
    segments: list[str] = []
    delimiters: list[Delimiters] = []
    try:
        with path.open("rb") as stream:
            for batch in read_batches(stream, path.name, lambda _: None):
                segments += batch.segments
                delimiters += [batch.delimiters] * len(batch.segments)
    except NotX12:
        pass  # no segments: our side reports this by itself
    return Text(segments, delimiters)


def we_say(path: Path, text: Text) -> Outcome:
    """Return our verdict on a file and our findings."""
    found: list[Diagnostic] = []
    try:
        validate(path, found.append, guide=True, most=None)
    except NotX12:
        return Outcome({}, False, "NotX12")
    found = [each for each in found if each.code[0] in _COMPARED]
    notes: dict[Said, Note] = {}
    silent: list[str] = []
    for each in found:
        said = _said(each, text)
        if said is None:
            silent.append(each.code)
            continue
        before = notes.get(said, Note(warning=True))
        notes[said] = Note(
            ours=tuple(sorted({*before.ours, each.code})), warning=before.warning and each.severity != "error"
        )
    accepted = not any(each.severity == "error" for each in found)
    return Outcome(notes, accepted, "", len(text.segments), tuple(silent))


def _said(found: Diagnostic, text: Text) -> Said | None:
    entry = catalogue()[found.code]
    number, element = found.where.segment or 0, found.where.element
    if found.code == "X121":
        level, code = {"ISA13": ("TA1", "025"), "GS06": ("AK9", "6"), "ST02": ("IK5", "23")}[element]
    elif found.code in _GROUP_CODES:
        level, code = "AK9", entry.ik5
    else:
        codes = (("IK4", entry.ik4), ("IK3", entry.ik3), ("IK5", entry.ik5), ("TA1", entry.ta1))
        level, code = next(((level, code) for level, code in codes if code), ("", ""))
    if not level:
        return None
    if found.code in _OF_LOOPS and (named := _NAMED.match(found.message)):
        element = named[1]
    if level in _HEADERS:
        number, element = _about(found.code, level, number, text), ""
    return Said(number, element, f"{level}:{code}")


def _about(code: str, level: str, number: int, text: Text) -> int:
    """Return the header of an envelope's finding: for "not closed", one before the header where it is reported."""
    tag = _NOT_CLOSED.get(code, "")
    if tag and text.tag(number) in {"ISA": ("ISA",), "GS": ("ISA", "GS"), "ST": ("ISA", "GS", "ST")}[tag]:
        earlier = text.header(number - 1, tag)
        closer = {"ISA": "IEA", "GS": "GE", "ST": "SE"}[tag]
        if earlier and text.header(number - 1, closer) < earlier:
            return earlier
    return text.header(number, _HEADERS[level])
