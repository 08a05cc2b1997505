"""A trading partner of the configuration (TOML): who receives the claims, and how they are sent.

The table may be the whole file, or be under `[partner]`:

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
from typing import Annotated, Literal

import msgspec

from claimloop.builders.encounters.check_parties import LONGEST_NAME, check_phone
from claimloop.builders.encounters.check_providers import check_provider
from claimloop.builders.encounters.code_sets import INTERCHANGE_QUALIFIERS
from claimloop.builders.encounters.conform import misfits, spell_path
from claimloop.builders.encounters.encounter import PostalAddress, ProviderRecord
from claimloop.builders.encounters.findings import Findings
from claimloop.builders.settings import ConfigurationError, Key, Settings
from claimloop.edi.syntax.charset import CharacterSet
from claimloop.edi.syntax.delimiters import Delimiters
from claimloop.edi.syntax.writer import InterchangeIds

MOST_CLAIMS_PER_SET = 5000
"""The guide's recommendation for one ST (005010X222, 1.3.2)."""

_LONGEST_EMAIL = 256
_LONGEST_ENVELOPE_ID = 15
_LONGEST_PARTY_ID = 80
_HIGHEST_CONTROL_NUMBER = 999_999_999
_BREAKS_DATA = frozenset(".- ")
"""Decimal points, minus signs and the dash of a date range, blanks between words."""
_IN_FILE_NAMES = ("partner", "control_number", "date", "time", "usage")

# The limits that the checks below enforce, in the words of docs/configuration.md.
_ISA_ID_LENGTH = f"1 to {_LONGEST_ENVELOPE_ID} characters"
_GS_ID_LENGTH = f"2 to {_LONGEST_ENVELOPE_ID} characters"
_PARTY_ID_LENGTH = f"2 to {_LONGEST_PARTY_ID} characters"
_ONE_CHARACTER = "one character that is not a letter, digit, period, hyphen, or space; all four must differ"
_QUALIFIERS = "one of " + ", ".join(f"`{code}`" for code in sorted(INTERCHANGE_QUALIFIERS))
_EXAMPLE_PROVIDER = ProviderRecord(
    npi="1234567893",
    organization="EXAMPLE DERMATOLOGY",
    taxonomy="207N00000X",
    tax_id="123456789",
    contact_name="BILLING OFFICE",
    phone="5550100100",
    address=PostalAddress(line1="100 EXAMPLE STREET", city="SPRINGFIELD", state="IL", zip="627011234"),
)
"""Made up, like every example; its NPI has a valid check digit."""


class Submitter(Settings, kw_only=True, frozen=True):
    """1000A."""

    name: Annotated[str, Key("Your organization's name.", example="EXAMPLE DERMATOLOGY")]
    id: Annotated[
        str,
        Key("The number (ETIN) that the receiver assigned to you.", allowed=_PARTY_ID_LENGTH, example="SUBMITTER01"),
    ]
    contact_name: Annotated[
        str, Key("Whom the receiver asks about a file.", prefilled=True, example="BILLING OFFICE")
    ] = ""
    phone: Annotated[
        str,
        Key(
            "At least one of phone, email and fax is required.",
            allowed="ten digits",
            prefilled=True,
            example="5550100100",
        ),
    ] = ""
    email: Annotated[
        str,
        Key(
            'The contact\'s email. It needs character_set = "extended" because of the @.', example="billing@example.com"
        ),
    ] = ""
    fax: Annotated[str, Key("The contact's fax number.", allowed="ten digits", example="5550100101")] = ""


class Receiver(Settings, kw_only=True, frozen=True):
    """1000B."""

    name: Annotated[str, Key("The receiver's name.", example="EXAMPLE CLEARINGHOUSE")]
    id: Annotated[str, Key("The receiver's own number (ETIN).", allowed=_PARTY_ID_LENGTH, example="RECEIVER01")]


class InterchangeSettings(Settings, kw_only=True, frozen=True):
    """ISA05-08 and GS02-03. The group uses the interchange's ids where it has none of its own."""

    sender_qualifier: Annotated[str, Key("The kind of sender id (ISA05).", allowed=_QUALIFIERS)] = "ZZ"
    sender: Annotated[str, Key("Your id on the envelope (ISA06).", allowed=_ISA_ID_LENGTH, example="SUBMITTER01")]
    receiver_qualifier: Annotated[str, Key("The kind of receiver id (ISA07).", allowed=_QUALIFIERS)] = "ZZ"
    receiver: Annotated[
        str, Key("The receiver's id on the envelope (ISA08).", allowed=_ISA_ID_LENGTH, example="RECEIVER01")
    ]
    group_sender: Annotated[
        str,
        Key(
            "Your id on the functional group (GS02).",
            unless_given="`sender`",
            allowed=_GS_ID_LENGTH,
            example="SUBMITTER01",
        ),
    ] = ""
    group_receiver: Annotated[
        str,
        Key(
            "The receiver's id on the functional group (GS03).",
            unless_given="`receiver`",
            allowed=_GS_ID_LENGTH,
            example="RECEIVER01",
        ),
    ] = ""
    acknowledgement_requested: Annotated[
        bool,
        Key(
            "Ask the receiver for a TA1 (ISA14).",
            more="`worklist unanswered` expects a TA1 only from a partner that is asked for one.",
        ),
    ] = False


class DelimiterSettings(Settings, kw_only=True, frozen=True):
    """The characters between elements, components, repetitions and segments."""

    element: Annotated[str, Key("Separates elements.", allowed=_ONE_CHARACTER)] = "*"
    component: Annotated[str, Key("Separates the components of an element (ISA16).", allowed=_ONE_CHARACTER)] = ":"
    repetition: Annotated[str, Key("Separates repeated elements (ISA11).", allowed=_ONE_CHARACTER)] = "^"
    segment: Annotated[
        str,
        Key(
            "Ends each segment.",
            more='With a line break here, set `line_break = ""`.',
            allowed="one character, as for the others; a line break is allowed too",
        ),
    ] = "~"


class NumberRange(Settings, kw_only=True, frozen=True):
    """The interchange control numbers (ISA13) that may be used for the partner, both ends included."""

    first: Annotated[int, Key("The first number to use.", allowed="1 or more")] = 1
    last: Annotated[int, Key("The last number to use.", allowed=f"at most {_HIGHEST_CONTROL_NUMBER}")] = (
        _HIGHEST_CONTROL_NUMBER
    )


class TradingPartner(Settings, kw_only=True, frozen=True):
    """One receiver of claims: a `[partner]` of the configuration."""

    name: Annotated[
        str,
        Key(
            "Your short name for this partner.",
            more="File names use it, and `[[sftp]]` and `[[expect]]` refer to it.",
            example="example",
        ),
    ]
    submitter: Annotated[Submitter, Key("Who sends the claims (loop 1000A): you, or your billing service.")]
    receiver: Annotated[Receiver, Key("Who receives the claim files (loop 1000B).")]
    interchange: Annotated[
        InterchangeSettings,
        Key("The ids on the envelope of each claim file. Your partner's enrollment letter lists them."),
    ]
    usage: Annotated[Literal["T", "P"], Key("T for test files, P for production (ISA15).", prefilled=True)] = "T"
    guide: Annotated[
        Literal["005010X222A1", "005010X222A2"],
        Key(
            "The version of the 837P guide that the file names (GS08).",
            more="The content of the file is the same in both.",
        ),
    ] = "005010X222A1"
    transaction_type: Annotated[
        Literal["CH", "RP"], Key("CH for claims to be paid, RP for encounters that are only reported (BHT06).")
    ] = "CH"
    payers: Annotated[
        tuple[str, ...],
        Key(
            "Payer ids whose claims go to this partner.",
            unless_given="the claims of every payer that no other partner takes",
            more="Only one partner may be without `payers`, and no payer may belong to two partners.",
            example=("12345",),
        ),
    ] = ()
    delimiters: Annotated[DelimiterSettings, Key("The delimiters of the claim files.")] = DelimiterSettings()
    character_set: Annotated[
        CharacterSet,
        Key(
            "The X12 character set; the basic one has no @.",
            more="With `basic`, lowercase letters become uppercase and accents are removed.",
            example="extended",
        ),
    ] = "basic"
    line_break: Annotated[
        Literal["\n", "\r\n", ""],
        Key("Follows each segment, to make files easy to read.", more='`""` writes the file as one line.'),
    ] = "\n"
    claims_per_set: Annotated[
        int,
        Key("The most claims in one transaction set (ST to SE).", allowed=f"from 1 to {MOST_CLAIMS_PER_SET}"),
    ] = MOST_CLAIMS_PER_SET
    claims_per_file: Annotated[int, Key("The most claims in one file; 0 means no limit.", allowed="0 or more")] = 0
    control_numbers: Annotated[
        NumberRange, Key("The interchange control numbers (ISA13) that files to this partner may use.")
    ] = NumberRange()
    companion_guide: Annotated[
        str,
        Key(
            "A file (TOML) with the rules of the partner's companion guide.",
            more="Each claim file is also checked against it. A relative name is relative to `claimloop.toml`.",
            example="companion_guide.toml",
        ),
    ] = ""
    file_name: Annotated[
        str,
        Key(
            "The name of each claim file.",
            more="These are filled in: " + ", ".join(f"`{{{name}}}`" for name in _IN_FILE_NAMES) + ".",
            allowed="a plain file name with `{control_number}`",
        ),
    ] = "{partner}_{control_number}.837"
    billing_provider: Annotated[
        ProviderRecord | None,
        Key(
            "The billing provider of each encounter that does not name one.",
            more="A claim cannot be built when neither the encounter nor the partner has one.",
            allowed="a table with the fields of a [provider](encounters.md#provider)",
            prefilled=True,
            example=_EXAMPLE_PROVIDER,
        ),
    ] = None

    @property
    def separators(self) -> Delimiters:
        """Return the delimiters for the writer."""
        marks = self.delimiters
        return Delimiters(marks.element, marks.component, marks.repetition, marks.segment)

    @property
    def interchange_ids(self) -> InterchangeIds:
        """Return ISA and GS ids for the writer."""
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
        """Return the name of the file with this interchange control number (nine digits), made at this moment."""
        return self.file_name.format(
            partner=self.name,
            control_number=f"{control_number:09d}",
            date=f"{moment:%Y%m%d}",
            time=f"{moment:%H%M%S}",
            usage=self.usage,
        )


def load_partner(path: str | os.PathLike[str]) -> TradingPartner:
    """Read the partner of a TOML file: its table `[partner]`, or the whole file where there is none.

    Raises ConfigurationError with every problem, and OSError where the file cannot be read.

        partner = load_partner("claimloop.toml")
    """
    path = Path(path)
    try:
        table: dict[str, object] = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigurationError([f"{path.name}: not TOML: {error}"]) from None
    inner = table.get("partner", table)
    if not isinstance(inner, dict):
        raise ConfigurationError([f"{path.name}: partner must be a table"])
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
            problems.append(
                f"delimiters.{name} is {mark!r}: letters, digits, periods, hyphens and spaces occur in data"
            )
        elif mark in "\r\n" and name != "segment":
            problems.append(f"delimiters.{name} is a line break, which only segments may end with")
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
        if not 1 <= len(getattr(ids, name)) <= _LONGEST_ENVELOPE_ID or getattr(ids, name) != getattr(ids, name).strip():
            problems.append(f"interchange.{name} must have {_ISA_ID_LENGTH}, without surrounding spaces")
    for name in ("group_sender", "group_receiver"):
        value = getattr(partner.interchange_ids, name)
        if not 2 <= len(value) <= _LONGEST_ENVELOPE_ID:
            problems.append(f"interchange.{name} (or the interchange id) must have {_GS_ID_LENGTH}")
    if not 1 <= partner.claims_per_set <= MOST_CLAIMS_PER_SET:
        problems.append(f"claims_per_set must be between 1 and {MOST_CLAIMS_PER_SET}")
    if partner.claims_per_file < 0:
        problems.append("claims_per_file must be 0 (no limit) or more")
    numbers = partner.control_numbers
    if not 1 <= numbers.first <= numbers.last <= _HIGHEST_CONTROL_NUMBER:
        problems.append(f"control_numbers must be between 1 and {_HIGHEST_CONTROL_NUMBER}, first before last")
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
        problems.append("file_name must contain {control_number}, or one file would overwrite another")
    if not name.isprintable() or any(mark in name for mark in '/\\:*?"<>|') or name.startswith("."):
        problems.append('file_name and name must make a plain file name, without / \\ : * ? " < > |')
    return problems


def _value_problems(partner: TradingPartner) -> list[str]:
    """Return problems of the values that are written into elements, in the words of the catalogue."""
    findings = Findings("partner", partner.separators, partner.character_set)
    for name in ("sender", "receiver", "group_sender", "group_receiver"):
        findings.identifier(f"interchange.{name}", getattr(partner.interchange, name), _LONGEST_ENVELOPE_ID)
    for side, party in (("submitter", partner.submitter), ("receiver", partner.receiver)):
        findings.text(f"{side}.name", party.name, LONGEST_NAME, required=True)
        findings.identifier(f"{side}.id", party.id, _LONGEST_PARTY_ID, least=2, required=True)
    submitter = partner.submitter
    findings.text("submitter.contact_name", submitter.contact_name, LONGEST_NAME)
    for name in ("phone", "fax"):
        if getattr(submitter, name):
            check_phone(findings, f"submitter.{name}", getattr(submitter, name))
    findings.identifier("submitter.email", submitter.email, _LONGEST_EMAIL)
    if partner.billing_provider is not None:
        check_provider(findings, "billing_provider", partner.billing_provider, "billing")
    problems = [f"{finding.where.element}: {finding.message}. {finding.hint}" for finding in findings.found]
    if not (submitter.phone or submitter.email or submitter.fax):
        problems.append("submitter must have a phone, an email or a fax, so that the receiver can ask questions")
    return problems
