"""A deposit of a bank's file, and the TRN that leads to its remittance (rules.md#reassociation)."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date

import msgspec

CLAIM_PAYMENT = "HCCLAIMPMT"
"""What the entry description of every health-care claim payment says (NACHA, CCD+)."""

_SIGNS = re.compile(r"[^A-Z0-9]")
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
"""Characters of TRN02 (data element 127)."""

_Likeness = tuple[date, int, str, str]
Identity = tuple[date, int, str, str, int]
"""Date, amount, trace number, company, occurrence."""


class Deposit(msgspec.Struct, frozen=True):
    """Money that a bank booked. `amount` is in cents, negative where it was drawn; `date` is the day it counts from.

    `trace_number` is TRN02 or the number of a check, `payer_company_id` is TRN03 or else the company of the batch.
    `occurrence` counts from 1 the deposits of the file that are alike in date, amount, trace number and company.
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
        """What is the same for one deposit in two statements that overlap."""
        return *_likeness(self), self.occurrence

    @property
    def is_claim_payment(self) -> bool:
        """Whether the bank says by itself that it is a payment of claims: it has a trace number, or is named so."""
        return bool(self.trace_number) or CLAIM_PAYMENT in self.description.upper()


def plain(text: str) -> str:
    """Capitals and digits alone: what is left of a number or a name whichever way it was printed."""
    return _SIGNS.sub("", text.upper())


def find_trn(text: str) -> tuple[str, str]:
    """TRN02 and TRN03 of a text that holds a TRN segment in one of the ways banks print it; "" for what is not there.

    `TRN*1*number*company~` with any sign for the asterisk, `TRN 1 number company`, `TRN:number`. It may be cut.
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
    """The deposits of one file, each with its occurrence."""
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
