"""A deposit from a bank file, and the TRN that leads to its remittance (rules.md#reassociation)."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date

import msgspec

CLAIM_PAYMENT = "HCCLAIMPMT"
"""The entry description of every health-care claim payment (NACHA, CCD+)."""

_NOT_ALPHANUMERIC = re.compile(r"[^A-Z0-9]")
_DELIMITED = re.compile(
    r"(?<![A-Z0-9])TRN\s*(?P<by>[^\sA-Z0-9~\\'\"])\s*1\s*(?P=by)\s*(?P<number>(?:(?!(?P=by))[^~\\\n])+)"
    r"(?:(?P=by)(?P<company>(?:(?!(?P=by))[^~\\\n])*))?",
    re.IGNORECASE | re.ASCII,
)
_SPACED = re.compile(
    r"(?<![A-Z0-9])TRN\s+1\s+(?P<number>[^\s~\\]+)(?:\s+(?P<company>[0-9][0-9A-Z]{8,9})(?![^\s~\\]))?",
    re.IGNORECASE | re.ASCII,
)
_NAMED = re.compile(r"(?<![A-Z0-9])TRN\s*[:#=]\s*(?P<number>[^\s~\\,;]+)(?P<company>)", re.IGNORECASE | re.ASCII)
_LONGEST_TRACE = 50
"""The maximum length of TRN02 (data element 127)."""

_Likeness = tuple[date, int, str, str]
Identity = tuple[date, int, str, str, int]
"""Date, amount, trace number, company, occurrence."""


class Deposit(msgspec.Struct, frozen=True):
    """A deposit or withdrawal on a bank account. `amount` is in cents, negative for a withdrawal.

    `date` is the effective date. `trace_number` is TRN02 or a check number. `payer_company_id` is TRN03 or else the
    company id of the batch. `occurrence` counts from 1 the deposits of one file that have the same date, amount, trace
    number, and company.
    """

    date: date
    amount: int
    trace_number: str
    payer_company_id: str
    company_name: str
    description: str
    file: str
    line: int
    occurrence: int = 1

    @property
    def identity(self) -> Identity:
        """Return what identifies one deposit in two statements that overlap."""
        return *_likeness(self), self.occurrence

    @property
    def is_claim_payment(self) -> bool:
        """Return true if the bank marks it as a claim payment: by a trace number or by its description."""
        return bool(self.trace_number) or CLAIM_PAYMENT in self.description.upper()


def plain(text: str) -> str:
    """Return only the letters, in uppercase, and digits of a number or a name, so that formatting does not matter."""
    return _NOT_ALPHANUMERIC.sub("", text.upper())


def find_trn(text: str) -> tuple[str, str]:
    """Return TRN02 and TRN03 from a text with a TRN segment in one of the forms that banks print; "" if missing.

    The forms are `TRN*1*number*company~` with any delimiter for the asterisk, `TRN 1 number company`, and `TRN:number`.
    The segment may be truncated.
    """
    for pattern in (_DELIMITED, _SPACED, _NAMED):
        found = pattern.search(text)
        if found:
            number = found["number"].strip().strip("'\"")[:_LONGEST_TRACE]
            company = (found["company"] or "").strip()
            if plain(number):
                return number, company if plain(company) else ""
    return "", ""


def numbered(deposits: Iterable[Deposit]) -> Iterator[Deposit]:
    """Yield the deposits of one file, each with its occurrence."""
    seen: Counter[_Likeness] = Counter()
    for each in deposits:
        alike = _likeness(each)
        seen[alike] += 1
        yield each if seen[alike] == 1 else msgspec.structs.replace(each, occurrence=seen[alike])


def _likeness(deposit: Deposit) -> _Likeness:
    return (
        deposit.date,
        deposit.amount,
        plain(deposit.trace_number),
        plain(deposit.payer_company_id) or plain(deposit.company_name),
    )
