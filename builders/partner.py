"""Who the claims are sent to, and how: one trading partner of the configuration (TOML).

The table may be the whole file or stand under `[partner]`:

    [partner]
    name = "acme"
    usage = "T"
    submitter = { name = "Lakeview Dermatology", id = "LKV001", contact_name = "Kim Doe", phone = "555-201-3344" }
    receiver = { name = "Acme Clearinghouse", id = "ACME01" }
    interchange = { sender = "LKV001", receiver = "ACME01" }
"""

import os
import string
import tomllib
from datetime import datetime
from pathlib import Path
from typing import Literal

import msgspec

from claimloop.builders.encounters.check_parties import LONGEST_NAME, check_phone
from claimloop.builders.encounters.check_providers import check_provider
from claimloop.builders.encounters.code_sets import INTERCHANGE_QUALIFIERS
from claimloop.builders.encounters.conform import misfits, spell_path
from claimloop.builders.encounters.encounter import ProviderRecord
from claimloop.builders.encounters.findings import Findings
from claimloop.edi.diagnostics import UserError
from claimloop.edi.syntax.charset import CharacterSet
from claimloop.edi.syntax.delimiters import Delimiters
from claimloop.edi.syntax.writer import InterchangeIds

MOST_CLAIMS_PER_SET = 5000
"""The guide's recommendation for one ST (005010X222, 1.3.2)."""

_LONGEST_EMAIL = 256
_HIGHEST_CONTROL_NUMBER = 999_999_999
_BREAKS_DATA = frozenset(".- ")
"""Decimal points, minus signs and the dash of a date range, blanks between words."""


class ConfigurationError(UserError, ValueError):
    """The configuration cannot be used; `problems` has one line for each reason."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class Settings(msgspec.Struct, kw_only=True, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What every table of the configuration has in common: names are given, unknown names are refused."""


class Submitter(Settings, kw_only=True, frozen=True):
    """1000A: `id` is the number (ETIN) that the receiver gave us; one of phone, email and fax is needed."""

    name: str
    id: str
    contact_name: str = ""
    phone: str = ""
    email: str = ""
    fax: str = ""


class Receiver(Settings, kw_only=True, frozen=True):
    """1000B."""

    name: str
    id: str


class InterchangeSettings(Settings, kw_only=True, frozen=True):
    """ISA05-08 and GS02-03; the group has the ids of the interchange where it is given none of its own."""

    sender_qualifier: str = "ZZ"
    sender: str
    receiver_qualifier: str = "ZZ"
    receiver: str
    group_sender: str = ""
    group_receiver: str = ""
    acknowledgement_requested: bool = False


class DelimiterSettings(Settings, kw_only=True, frozen=True):
    """The characters between elements, components, repetitions and segments."""

    element: str = "*"
    component: str = ":"
    repetition: str = "^"
    segment: str = "~"


class NumberRange(Settings, kw_only=True, frozen=True):
    """The interchange control numbers (ISA13) that may be used for the partner, both ends included."""

    first: int = 1
    last: int = 999_999_999


class TradingPartner(Settings, kw_only=True, frozen=True):
    """One receiver of claims. `usage` is T (test) or P (production); `line_break` follows every segment.

    `payers` are the ids of the payers whose claims go to this partner; a partner without any takes the others.
    `file_name` may use {partner}, {control_number}, {date}, {time} and {usage}. `billing_provider` is for encounters
    that name none. `transaction_type` is BHT06: CH charges to be paid, RP encounters to be reported only.
    `claims_per_file` 0 sets no limit. `companion_guide` is an overlay (TOML) that finished files are checked by.
    """

    name: str
    submitter: Submitter
    receiver: Receiver
    interchange: InterchangeSettings
    usage: Literal["T", "P"] = "T"
    guide: Literal["005010X222A1", "005010X222A2"] = "005010X222A1"
    transaction_type: Literal["CH", "RP"] = "CH"
    payers: tuple[str, ...] = ()
    delimiters: DelimiterSettings = DelimiterSettings()
    character_set: CharacterSet = "basic"
    line_break: Literal["\n", "\r\n", ""] = "\n"
    claims_per_set: int = MOST_CLAIMS_PER_SET
    claims_per_file: int = 0
    control_numbers: NumberRange = NumberRange()
    companion_guide: str = ""
    file_name: str = "{partner}_{control_number}.837"
    billing_provider: ProviderRecord | None = None

    @property
    def separators(self) -> Delimiters:
        """The delimiters as the writer takes them."""
        marks = self.delimiters
        return Delimiters(marks.element, marks.component, marks.repetition, marks.segment)

    @property
    def interchange_ids(self) -> InterchangeIds:
        """ISA and GS ids as the writer takes them."""
        ids = self.interchange
        return InterchangeIds(
            ids.sender_qualifier,
            ids.sender,
            ids.receiver_qualifier,
            ids.receiver,
            ids.group_sender or ids.sender,
            ids.group_receiver or ids.receiver,
            self.usage,
            ids.acknowledgement_requested,
        )

    def file_name_of(self, control_number: int, moment: datetime) -> str:
        """The name of the file with this interchange control number (nine digits in the name), made at this moment."""
        return self.file_name.format(
            partner=self.name,
            control_number=f"{control_number:09d}",
            date=f"{moment:%Y%m%d}",
            time=f"{moment:%H%M%S}",
            usage=self.usage,
        )


_IN_FILE_NAMES = ("partner", "control_number", "date", "time", "usage")


def load_partner(path: str | os.PathLike[str]) -> TradingPartner:
    """Read the partner of a TOML file: its table `[partner]`, or the whole file where there is none.

    Raises ConfigurationError with every problem; OSError where the file cannot be read.

        partner = load_partner("claimloop.toml")
    """
    path = Path(path)
    try:
        table: dict[str, object] = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigurationError([f"{path.name}: not TOML: {error}"]) from None
    inner = table.get("partner", table)
    if not isinstance(inner, dict):
        raise ConfigurationError([f"{path.name}: partner is no table"])
    try:
        return partner_from(inner)
    except ConfigurationError as error:
        raise ConfigurationError([f"{path.name}: {problem}" for problem in error.problems]) from None


def partner_from(table: dict[str, object]) -> TradingPartner:
    """Make a partner of the values of such a table. Raises ConfigurationError with every problem."""
    problems = [f"{spell_path(misfit.path)} {misfit.problem}" for misfit in misfits(table, TradingPartner)]
    if problems:
        raise ConfigurationError(problems)
    partner = msgspec.convert(table, TradingPartner)
    problems = _delimiter_problems(partner) or [*_envelope_problems(partner), *_value_problems(partner)]
    if problems:
        raise ConfigurationError(problems)
    return partner


def _delimiter_problems(partner: TradingPartner) -> list[str]:
    marks = msgspec.structs.asdict(partner.delimiters)
    problems = []
    for name, mark in marks.items():
        if len(mark) != 1:
            problems.append(f"delimiters.{name} must be one character, not {len(mark)}")
        elif not mark.isascii() or mark.isalnum() or mark in _BREAKS_DATA:
            problems.append(f"delimiters.{name} is {mark!r}: letters, digits, point, dash and blank stand in data")
        elif mark in "\r\n" and name != "segment":
            problems.append(f"delimiters.{name} is a line break: only a segment may end with one")
    if not problems and len(set(marks.values())) < len(marks):
        problems.append("delimiters must be four different characters")
    if partner.delimiters.segment in "\r\n" and partner.line_break:
        problems.append('line_break must be "" where a line break ends the segment')
    return problems


def _envelope_problems(partner: TradingPartner) -> list[str]:
    ids, problems = partner.interchange, []
    for name in ("sender_qualifier", "receiver_qualifier"):
        if getattr(ids, name) not in INTERCHANGE_QUALIFIERS:
            problems.append(f"interchange.{name} must be one of {', '.join(sorted(INTERCHANGE_QUALIFIERS))}")
    for name in ("sender", "receiver"):
        if not 1 <= len(getattr(ids, name)) <= 15 or getattr(ids, name) != getattr(ids, name).strip():
            problems.append(f"interchange.{name} must have 1 to 15 characters, without blanks around them")
    for name in ("group_sender", "group_receiver"):
        value = getattr(partner.interchange_ids, name)
        if not 2 <= len(value) <= 15:
            problems.append(f"interchange.{name} (or the interchange id) must have 2 to 15 characters")
    if not 1 <= partner.claims_per_set <= MOST_CLAIMS_PER_SET:
        problems.append(f"claims_per_set must be between 1 and {MOST_CLAIMS_PER_SET}")
    if partner.claims_per_file < 0:
        problems.append("claims_per_file must be 0 (no limit) or more")
    numbers = partner.control_numbers
    if not 1 <= numbers.first <= numbers.last <= _HIGHEST_CONTROL_NUMBER:
        problems.append(f"control_numbers must lie between 1 and {_HIGHEST_CONTROL_NUMBER}, first before last")
    return problems + _file_name_problems(partner)


def _file_name_problems(partner: TradingPartner) -> list[str]:
    known = ", ".join(f"{{{name}}}" for name in _IN_FILE_NAMES)
    unknown = f"file_name may use {known} and nothing else in braces"
    try:
        parts = [part[1:] for part in string.Formatter().parse(partner.file_name) if part[1] is not None]
        fields = {field for field, _, _ in parts}
        name = partner.file_name_of(1, datetime(2000, 1, 1))
    except (KeyError, IndexError, ValueError, AttributeError):
        return [unknown]
    problems = []
    if not fields <= set(_IN_FILE_NAMES) or any(form or conversion for _, form, conversion in parts):
        problems.append(unknown)
    if "control_number" not in fields:
        problems.append("file_name must hold {control_number}, or one file would overwrite another")
    if not name.isprintable() or any(mark in name for mark in '/\\:*?"<>|') or name.startswith("."):
        problems.append('file_name and name must make a plain file name, without / \\ : * ? " < > |')
    return problems


def _value_problems(partner: TradingPartner) -> list[str]:
    """Problems of the values that are written into elements, in the words of the catalogue."""
    findings = Findings("partner", partner.separators, partner.character_set)
    for name in ("sender", "receiver", "group_sender", "group_receiver"):
        findings.identifier(f"interchange.{name}", getattr(partner.interchange, name), 15)
    for side, party in (("submitter", partner.submitter), ("receiver", partner.receiver)):
        findings.text(f"{side}.name", party.name, LONGEST_NAME, required=True)
        findings.identifier(f"{side}.id", party.id, 80, least=2, required=True)
    submitter = partner.submitter
    findings.text("submitter.contact_name", submitter.contact_name, LONGEST_NAME)
    for name in ("phone", "fax"):
        if getattr(submitter, name):
            check_phone(findings, f"submitter.{name}", getattr(submitter, name))
    findings.identifier("submitter.email", submitter.email, _LONGEST_EMAIL)
    if partner.billing_provider is not None:
        check_provider(findings, "billing_provider", partner.billing_provider, "billing")
    problems = [f"{finding.where.element}: {finding.message}; {finding.hint}" for finding in findings.found]
    if not (submitter.phone or submitter.email or submitter.fax):
        problems.append("submitter needs a phone, an email or a fax: the receiver must be able to ask back")
    return problems
