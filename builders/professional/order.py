"""The order that the guide requires of repeated segments, and how often each may be repeated (005010X222A1).

There is one table for each kind of segment. A value that a table does not name has no place in its loop.
"""

from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import TypeVar

from claimloop.edi.counts import counted
from claimloop.edi.records.claim import Claim
from claimloop.edi.records.other_payer import OtherPayer
from claimloop.edi.records.parties import Party, Provider, Reference
from claimloop.edi.records.service_line import ServiceLine

T = TypeVar("T")
Limits = dict[str, int]
"""How often each may be repeated, by qualifier or role, in the order of the guide."""

CLAIM_DATES: Limits = dict.fromkeys(
    ("431", "454", "304", "453", "439", "484", "455", "471", "314", "360", "361", "297", "296", "435", "096", "090",
     "091", "444", "050"), 1
)  # fmt: skip
CLAIM_REFERENCES: Limits = dict.fromkeys(
    ("4N", "F5", "EW", "9F", "G1", "F8", "X4", "9A", "9C", "LX", "D9", "EA", "P4", "1J"), 1
)  # fmt: skip
CLAIM_NOTES: Limits = dict.fromkeys(("ADD", "CER", "DCP", "DGN", "TPO"), 1)
CLAIM_CONDITIONS: Limits = {"07": 3, "E1": 3, "E2": 3, "E3": 3, "75": 1, "ZZ": 1}
CLAIM_PROVIDERS: Limits = dict.fromkeys(("DN", "P3", "82", "77", "DQ", "PW", "45"), 1)
LINE_DATES: Limits = dict.fromkeys(("471", "607", "463", "461", "304", "738", "739", "011", "455", "454"), 1)
LINE_REFERENCES: Limits = {
    "9B": 1, "9D": 1, "G1": 5, "6R": 1, "EW": 1, "X4": 1, "F4": 1, "BT": 1, "9F": 5,
}  # fmt: skip
LINE_NOTES: Limits = {"ADD": 1, "DCP": 1, "TPO": 1}
LINE_CONDITIONS: Limits = {"07": 3, "70": 1, "09": 1}
LINE_PROVIDERS: Limits = dict.fromkeys(("82", "QB", "77", "DQ", "DK", "DN", "P3", "PW", "45"), 1)
OTHER_PAYERS_PROVIDERS: Limits = dict.fromkeys(("DN", "P3", "82", "77", "DQ", "85"), 1)
OTHER_PAYERS_REFERENCES: Limits = {"2U": 1, "EI": 1, "FY": 1, "NF": 1, "G1": 1, "9F": 1, "T4": 1, "F8": 1}
PAYER_REFERENCES: Limits = {"2U": 1, "EI": 1, "FY": 1, "NF": 1, "G2": 1, "LU": 1}
SUBSCRIBER_REFERENCES: Limits = {"SY": 1, "1W": 1, "Y4": 1}
BILLING_REFERENCES: Limits = {"EI": 1, "SY": 1, "0B": 1, "1G": 1}
PAY_TO_PLAN_REFERENCES: Limits = {"2U": 1, "FY": 1, "NF": 1, "EI": 1}
PROVIDER_REFERENCES: Limits = {"0B": 20, "1G": 20, "G2": 20, "LU": 20}

LINES, ATTACHMENTS, FILE_INFORMATION, DIAGNOSES, OTHER_PAYERS, ADJUDICATIONS, MEASUREMENTS, CONDITION_CODES = (
    50, 10, 10, 12, 10, 15, 5, 24,
)  # fmt: skip
ADJUSTMENT_SEGMENTS = 5
WITH_TAXONOMY = frozenset(("82", "85"))
"""NM101 of the providers that have a PRV."""

CERTIFICATE = "CT"
"""PWK01 of a certificate of medical necessity."""


class UnwritableClaim(ValueError):
    """The claim has a value (named in the text) for which the guide has no place. Nothing is left out silently."""


def unwritable(claims: Iterable[Claim]) -> str:
    """Name the values of the claims that the guide has no place for, as "no place for …"; empty if there are none."""
    for claim in claims:
        if problems := _problems(claim):
            return "no place for " + ", ".join(problems)
    return ""


def check_writable(claim: Claim) -> None:
    """Raise UnwritableClaim where the guide has no place for a value of the claim, or for so many of them."""
    if problems := _problems(claim):
        raise UnwritableClaim(f"claim {claim.patient_control_number}: no place for " + ", ".join(problems))


def _problems(claim: Claim) -> list[str]:
    problems = [f"segment {text}" for text in claim.other_segments]
    if claim.references:
        problems += _misplaced("reference", _qualifiers(claim.references), CLAIM_REFERENCES)
    if _has_supplements(claim):
        problems += _of_supplements(claim)
    if claim.providers:
        problems += _of_providers(claim.providers, CLAIM_PROVIDERS)
    problems += _of_billing_provider(claim.billing_provider)
    problems += _of_payer(claim.payer)
    person = claim.subscriber.person
    if person.references or person.contacts:
        problems += _misplaced("reference of the subscriber", _of(person), SUBSCRIBER_REFERENCES)
        problems += _too_many("contact of the subscriber", person.contacts, 1, "contacts of the subscriber")
    if claim.pay_to_plan:
        problems += _misplaced("reference of the pay-to plan", _of(claim.pay_to_plan), PAY_TO_PLAN_REFERENCES)
    for payer in claim.other_payers:
        problems += _of_other_payer(payer)
    problems += _too_many("line", claim.lines, LINES)
    problems += _too_many("diagnosis", claim.diagnoses, DIAGNOSES, "diagnoses")
    for line in claim.lines:
        if line.other_segments or _is_rich(line):
            problems += _of_line(line)
    return problems


def _has_supplements(claim: Claim) -> object:
    """Return True where the claim has rare values."""
    return (
        claim.dates or claim.notes or claim.conditions or claim.attachments or claim.file_information
        or claim.anesthesia_procedures or claim.condition_codes or claim.other_payers
    )  # fmt: skip


def _of_supplements(claim: Claim) -> list[str]:
    problems = _misplaced("date", claim.dates, CLAIM_DATES)
    problems += _misplaced("note", _qualifiers(claim.notes), CLAIM_NOTES)
    problems += _too_many("note", claim.notes, 1)
    problems += _misplaced("condition", (each.category for each in claim.conditions), CLAIM_CONDITIONS)
    problems += _too_many("vision condition", [e for e in claim.conditions if e.category.startswith("E")], 3)
    problems += _too_many("attachment", claim.attachments, ATTACHMENTS)
    problems += _too_many("file information segment", claim.file_information, FILE_INFORMATION)
    problems += _too_many("anesthesia procedure", claim.anesthesia_procedures, 2)
    problems += _too_many("condition code", claim.condition_codes, CONDITION_CODES)
    problems += _too_many("other payer", claim.other_payers, OTHER_PAYERS)
    return problems


@lru_cache(maxsize=1024)
def _of_billing_provider(provider: Provider) -> tuple[str, ...]:
    problems = _misplaced("reference of the billing provider", _of(provider), BILLING_REFERENCES)
    return (
        *problems,
        *_too_many("contact of the billing provider", provider.contacts, 2, "contacts of the billing provider"),
    )


@lru_cache(maxsize=1024)
def _of_payer(payer: Party) -> tuple[str, ...]:
    problems = _misplaced("reference of the payer", _of(payer), PAYER_REFERENCES)
    return (*problems, *_too_many("contact of the payer", payer.contacts, 0, "contacts of the payer"))


def _is_rich(line: ServiceLine) -> object:
    """Return True where the line has rare values and needs the full check."""
    return (
        line.references or line.notes or line.providers or line.adjudications or line.dates or line.conditions
        or line.attachments or line.file_information or line.measurements
    )  # fmt: skip


def _of_line(line: ServiceLine) -> list[str]:
    certificates = [each for each in line.attachments if each.report_type == CERTIFICATE]
    problems = [f"segment {text}" for text in line.other_segments]
    problems += _misplaced("date", line.dates, LINE_DATES)
    problems += _misplaced("reference", _qualifiers(line.references), LINE_REFERENCES)
    problems += _misplaced("note", _qualifiers(line.notes), LINE_NOTES)
    problems += _too_many("note", [each for each in line.notes if each.qualifier != "TPO"], 1)
    problems += _misplaced("condition", (each.category for each in line.conditions), LINE_CONDITIONS)
    problems += _too_many("test date", [date for date in line.dates if date in ("738", "739")], 2)
    problems += _too_many("attachment", line.attachments, ATTACHMENTS + len(certificates))
    problems += _too_many("certificate of medical necessity", certificates, 1, "certificates of medical necessity")
    problems += _too_many("file information segment", line.file_information, FILE_INFORMATION)
    problems += _too_many("measurement", line.measurements, MEASUREMENTS)
    problems += _too_many("adjudication", line.adjudications, ADJUDICATIONS)
    problems += _of_providers(line.providers, LINE_PROVIDERS)
    return problems


def _of_other_payer(payer: OtherPayer) -> list[str]:
    problems = _misplaced("reference of the other payer", _of(payer.payer), OTHER_PAYERS_REFERENCES)
    problems += _misplaced("reference of the other subscriber", _of(payer.subscriber), {"SY": 1})
    problems += _misplaced("provider of the other payer", (e.role for e in payer.providers), OTHER_PAYERS_PROVIDERS)
    return problems


def _of_providers(providers: Sequence[Provider], limits: Limits) -> list[str]:
    problems = _misplaced("provider", (provider.role for provider in providers), limits)
    for provider in providers:
        problems += _misplaced(f"reference of provider {provider.role}", _of(provider), PROVIDER_REFERENCES)
        if provider.taxonomy and provider.role not in WITH_TAXONOMY:
            problems.append(f"taxonomy of provider {provider.role}")
    return problems


def _of(party: Party) -> Iterable[str]:
    return _qualifiers(party.references)


def _qualifiers(references: Iterable[Reference]) -> Iterable[str]:
    return (reference.qualifier for reference in references)


def _misplaced(what: str, found: Iterable[str], limits: Limits) -> list[str]:
    """Return the values that the table does not name, or does not allow so often."""
    counts: Limits = {}
    for each in found:
        counts[each] = counts.get(each, 0) + 1
    return [f"{what} {each}" for each, count in counts.items() if count > limits.get(each, 0)]


def _too_many(one: str, found: Sequence[object], most: int, many: str = "") -> list[str]:
    return [counted(len(found), one, many)] if len(found) > most else []


def in_order(found: Sequence[T], key: Callable[[T], str], limits: Limits) -> Sequence[T]:
    """Return the values in the order of the table. Values that it does not name are last."""
    if len(found) < 2:
        return found
    ranks = {name: rank for rank, name in enumerate(limits)}
    return sorted(found, key=lambda each: ranks.get(key(each), len(ranks)))
