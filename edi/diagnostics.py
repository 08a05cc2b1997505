"""Findings as values: a reader reports them and goes on, a builder refuses with all of them.

Every finding is made from one entry of the catalogue (`catalogue.toml` beside this file), so that a code means
the same thing wherever it is seen, for ever.
"""

import re
import string
import tomllib
from collections.abc import Callable
from functools import cache
from importlib.resources import files
from typing import Literal

import msgspec

Severity = Literal["error", "warning", "note"]


class UserError(Exception):
    """What the user can mend: a command says it in one clear line and ends with exit code 2."""


class NotX12(UserError, ValueError):
    """The bytes hold no interchange: there is no ISA segment that can be read."""


class Where(msgspec.Struct, frozen=True, omit_defaults=True):
    """Where a finding is.

    `segment` counts from 1 (the file's first ISA); `offset` is in bytes from the start of the file; `loop` is the
    guide's loop id; `subject` says which one ("CLP #3", "encounter E1001"); `element` is "SE01" or "SVC01-2".
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
    """One finding. `message` never holds a value of the file that could identify a person; `value` may."""

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

        The value is masked (its shape is kept: letters become x, digits 9) unless `show_values`.
        """
        place = ", ".join(
            part for part in (f"{self.where.loop} {self.where.subject}".strip(), self.where.element) if part
        )
        text = f"{self.where} {self.code} {self.severity}: {self.message}".lstrip()
        if place:
            text += f"  [{place}]"
        if self.value is not None:
            text += f"  value {self.value if show_values else mask(self.value)!r}"
        return text

    def masked(self) -> "Diagnostic":
        """The same finding with its value masked, for logs and reports."""
        return self if self.value is None else msgspec.structs.replace(self, value=mask(self.value))


Report = Callable[[Diagnostic], None]


def mask(value: str) -> str:
    """Hide a value but keep its shape: `Smith-07` becomes `xxxxx-99`; at most 24 characters are shown."""
    shape = re.sub(r"[^\W\d_]", "x", re.sub(r"\d", "9", value[:24]))
    printable = "".join(sign if sign.isprintable() else "?" for sign in shape)
    return printable + ("…" if len(value) > 24 else "")


@cache
def catalogue() -> dict[str, CatalogueEntry]:
    """Every diagnostic code and what it means."""
    table = tomllib.loads(files(__package__).joinpath("catalogue.toml").read_text(encoding="utf-8"))
    return msgspec.convert(table, dict[str, CatalogueEntry])


def facts_of(finding: Diagnostic) -> dict[str, str]:
    """What was filled into the finding's message, as text: {"tag": "PER", "name": …} of a missing segment."""
    found = _message_pattern(finding.code).fullmatch(finding.message)
    return found.groupdict() if found else {}


@cache
def _message_pattern(code: str) -> re.Pattern[str]:
    """The message of a code with a group for each fact; a fact that is told twice is taken once."""
    seen: set[str] = set()
    pattern = ""
    for words, name, _, _ in string.Formatter().parse(catalogue()[code].message):
        pattern += re.escape(words)
        if name is not None:
            pattern += ".*?" if name in seen else f"(?P<{name}>.*?)"
            seen.add(name)
    return re.compile(pattern, re.DOTALL)


def diagnose(code: str, where: Where, value: str | None = None, **facts: object) -> Diagnostic:
    """Make the diagnostic `code` of the catalogue; `facts` fill its message.

    Raises KeyError where the catalogue has no such code or the message asks for a fact that was not given.
    """
    entry = catalogue()[code]
    return Diagnostic(
        code=code,
        severity=entry.severity,
        message=entry.message.format_map(facts),
        where=where,
        value=value,
        hint=entry.hint,
    )
