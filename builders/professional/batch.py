"""Write a file of claims: one interchange, one group, as many transaction sets as the claims need."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from itertools import chain, islice

import msgspec

from claimloop.builders.partner import TradingPartner
from claimloop.builders.professional.writer import ProfessionalWriter
from claimloop.edi.money import ZERO
from claimloop.edi.records.claim import Claim
from claimloop.edi.syntax.writer import X12Writer

HIGHEST_CONTROL_NUMBER = 999_999_999

LONGEST_REFERENCE_ID = 24
"""BHT03 has at most 30 characters (005010X222, BHT03); some are reserved for the number of the set."""


class ControlNumbers(msgspec.Struct, frozen=True):
    """The numbers of a file: ISA13, GS06, ST02 and BHT03 of its first set. No earlier file may have used them.

    Without a `reference_id`, BHT03 is the interchange control number with nine digits.
    """

    interchange: int
    group: int
    first_set: int
    reference_id: str = ""

    @property
    def reference(self) -> str:
        """Return BHT03 of the first set."""
        return self.reference_id or f"{self.interchange:09d}"

    def following(self, sets: int) -> "ControlNumbers":
        """Return the numbers of the next file, after one with so many sets. Its BHT03 is its interchange control
        number.
        """
        return ControlNumbers(self.interchange + 1, self.group + 1, self.first_set + sets)


class BatchSummary(msgspec.Struct, frozen=True):
    """What was written. `set_of_claim` gives the ST02 of each CLM01."""

    claims: int
    lines: int
    charge: Decimal
    set_numbers: tuple[str, ...]
    set_of_claim: dict[str, str]


def write_batch(
    claims: Iterable[Claim],
    partner: TradingPartner,
    numbers: ControlNumbers,
    moment: datetime,
    write: Callable[[str], object],
    placed: Callable[[Sequence[Claim], str], object] | None = None,
) -> BatchSummary:
    """Write the claims as an 837P file. At most `claims_per_set` of them are in memory.

    The sets have consecutive numbers from `numbers.first_set`. The BHT03 of the second is the first one's with `-2`,
    and so on. Within a set the claims are grouped by billing provider and subscriber. `placed` is called with the
    claims of each set and its ST02, once they are written. Raises ValueError, and writes nothing, where there is no
    claim or a number does not fit. Raises it in the middle of the file where a CLM01 is repeated or the set numbers run
    out.
    """
    for number in (numbers.interchange, numbers.group, numbers.first_set):
        if not 1 <= number <= HIGHEST_CONTROL_NUMBER:
            raise ValueError(f"a control number is between 1 and {HIGHEST_CONTROL_NUMBER}, not {number}")
    if not 1 <= len(numbers.reference) <= LONGEST_REFERENCE_ID:
        raise ValueError(f"a reference id has 1 to {LONGEST_REFERENCE_ID} characters")
    batches = _batches(claims, partner.claims_per_set)
    first = next(batches, None)
    if first is None:
        raise ValueError("no claims to write")
    ids = partner.interchange_ids
    writer = X12Writer(write, partner.separators, character_set=partner.character_set, line_break=partner.line_break)
    sets = ProfessionalWriter(writer, partner)
    set_of_claim: dict[str, str] = {}
    set_numbers: list[str] = []
    lines, charge = 0, ZERO
    writer.begin_interchange(ids, numbers.interchange, moment)
    writer.begin_group(ids, "HC", numbers.group, moment, partner.guide)
    for position, batch in enumerate(chain((first,), batches)):
        number = numbers.first_set + position
        set_numbers.append(f"{number:04d}")
        for claim in batch:
            if claim.patient_control_number in set_of_claim:
                raise ValueError(f"claim {claim.patient_control_number} is repeated in one file")
            set_of_claim[claim.patient_control_number] = set_numbers[-1]
            lines += len(claim.lines)
            charge += claim.charge
        reference_id = numbers.reference if position == 0 else f"{numbers.reference}-{position + 1}"
        sets.write_set(batch, number, reference_id, moment)
        if placed:
            placed(batch, set_numbers[-1])
    writer.end_group()
    writer.end_interchange()
    return BatchSummary(len(set_of_claim), lines, charge, tuple(set_numbers), set_of_claim)


def _batches(claims: Iterable[Claim], size: int) -> Iterator[list[Claim]]:
    rest = iter(claims)
    while batch := list(islice(rest, size)):
        yield batch
