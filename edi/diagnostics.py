"""Findings as values: a reader reports them and continues, and a builder holds an encounter with all of them.

Every finding is made from one entry of the catalogue (`catalogue.toml` beside this file), so that a code always means
the same thing, wherever it appears.
"""

import re
import string
import tomllib
from collections.abc import Callable
from functools import cache
from importlib.resources import files
from typing import Literal

import msgspec

from claimloop.edi.counts import counted
from claimloop.edi.shown_values import may_be_shown

Severity = Literal["error", "warning", "note"]


class UserError(Exception):
    """A mistake that the user can fix: a command reports it in one clear line and exits with code 2."""


class NotX12(UserError, ValueError):
    """The bytes contain no interchange: no ISA segment can be read."""


class Where(msgspec.Struct, frozen=True, omit_defaults=True):
    """Where a finding is.

    `segment` counts from 1 (the file's first ISA), and `offset` counts bytes from the start of the file. `loop` is the
    guide's loop ID, `subject` identifies the one ("CLP #3", "encounter E1001"), `element` is "SE01" or "SVC01-2".
    """

    file: str = ""
    segment: int | None = None
    offset: int | None = None
    loop: str = ""
    subject: str = ""
    element: str = ""

    def __str__(self) -> str:
        position = ":".join(part for part in (self.file, str(self.segment or "")) if part)
        return f"{position}:" if position else ""


class CatalogueEntry(msgspec.Struct, frozen=True, omit_defaults=True):
    """What one diagnostic code means. `snip` is the WEDI SNIP type; the rest are the standard's own codes."""

    severity: Severity
    message: str
    why: str
    hint: str = ""
    snip: int | None = None
    ta1: str = ""
    ik3: str = ""
    ik4: str = ""
    ik5: str = ""


class Diagnostic(msgspec.Struct, frozen=True, omit_defaults=True):
    """One finding. `message` never contains a value of the file that could identify a person; `value` may."""

    code: str
    severity: Severity
    message: str
    where: Where = Where()
    value: str | None = None
    hint: str = ""

    def __str__(self) -> str:
        return self.render()

    def render(self, *, show_values: bool = False) -> str:
        """The finding on one line: `remit.835:19: X114 error: …  [2100 CLP #3, SE01]`.

        The value is masked unless `show_values`, except where its field is not about a person.
        """
        place = ", ".join(
            part for part in (f"{self.where.loop} {self.where.subject}".strip(), self.where.element) if part
        )
        text = f"{self.where} {self.code} {self.severity}: {self.message}".lstrip()
        if place:
            text += f"  [{place}]"
        if self.value is not None:
            text += f"  value {self._shown(show_values=show_values)}"
        return text

    def _shown(self, *, show_values: bool) -> str:
        """Return the value as it is printed: in quotes where it is data, without where it is masked."""
        if not self.value:
            return "(empty)"
        if _MASKED.fullmatch(self.value):
            return self.value
        if show_values or may_be_shown(self.where.loop, self.where.element, self.value):
            return repr(self.value)
        return masked_value(self.value)

    def masked(self) -> "Diagnostic":
        """Return the finding with its value masked, for logs and reports; masking it again changes nothing."""
        if not self.value or _MASKED.fullmatch(self.value):
            return self
        if may_be_shown(self.where.loop, self.where.element, self.value):
            return self
        return msgspec.structs.replace(self, value=masked_value(self.value))


Report = Callable[[Diagnostic], None]


_DOT = "•"
_MOST_SHOWN, _MOST_COUNTED = 24, 999
_LETTER_OR_DIGIT = re.compile(r"[^\W_]")
_COUNT = r"\d{1,3} (letter|digit|space)s?"
_MASKED = re.compile(rf"[\W_]{{0,25}} \(masked(: {_COUNT}(, {_COUNT}){{0,2}})?\)")
"""A value that was masked before. It has no room for data: no letter or digit but in these words and counts."""


def mask(value: str) -> str:
    """Hide every letter and digit of a value: `Smith-07` becomes `•••••-••`; at most 24 characters are shown."""
    shape = _LETTER_OR_DIGIT.sub(_DOT, value[:_MOST_SHOWN])
    printable = "".join(character if character.isprintable() else "?" for character in shape)
    return printable + ("…" if len(value) > _MOST_SHOWN else "")


def masked_value(value: str) -> str:
    """Return a masked value with its shape in words: `•••••-•• (masked: 5 letters, 2 digits)`."""
    hidden = _LETTER_OR_DIGIT.findall(value)
    digits = sum(character.isdecimal() for character in hidden)
    counts = ((len(hidden) - digits, "letter"), (digits, "digit"), (value.count(" "), "space"))
    shape = ", ".join(counted(number, name) for number, name in counts if number and len(value) <= _MOST_COUNTED)
    return f"{mask(value)} (masked{f': {shape}' if shape else ''})"


@cache
def catalogue() -> dict[str, CatalogueEntry]:
    """Every diagnostic code and what it means."""
    table = tomllib.loads(files(__package__).joinpath("catalogue.toml").read_text(encoding="utf-8"))
    return msgspec.convert(table, dict[str, CatalogueEntry])


def facts_of(finding: Diagnostic) -> dict[str, str]:
    """Return what was filled into the finding's message, as text: {"tag": "PER", "name": …} of a missing segment."""
    found = _message_pattern(finding.code).fullmatch(finding.message)
    return found.groupdict() if found else {}


@cache
def _message_pattern(code: str) -> re.Pattern[str]:
    """The message of a code with a group for each fact; a fact that appears twice has one group."""
    seen: set[str] = set()
    pattern = ""
    for words, name, nouns, _ in string.Formatter().parse(catalogue()[code].message):
        pattern += re.escape(words)
        if name is not None:
            pattern += ".*?" if name in seen else f"(?P<{name}>.*?)"
            seen.add(name)
        if nouns:
            one, _, many = nouns.partition("/")
            pattern += f" (?:{re.escape(one)}|{re.escape(many or one + 's')})"
    return re.compile(pattern, re.DOTALL)


class _Message(string.Formatter):
    """Fills a message. `{found:segment}` is a count with its noun, `{found:entry/entries}` one of another plural."""

    def format_field(self, value: object, format_spec: str) -> str:
        if not format_spec:
            return str(value)
        one, _, many = format_spec.partition("/")
        return counted(value if isinstance(value, int) else str(value), one, many)


_MESSAGE = _Message()


def diagnose(code: str, where: Where, value: str | None = None, **facts: object) -> Diagnostic:
    """Make the diagnostic `code` of the catalogue; `facts` fill its message.

    Raises KeyError if the catalogue has no such code, or if a fact of the message was not given.
    """
    entry = catalogue()[code]
    return Diagnostic(
        code=code,
        severity=entry.severity,
        message=_MESSAGE.vformat(entry.message, (), facts),
        where=where,
        value=value,
        hint=entry.hint,
    )
