"""Write a file of claims: one interchange, one group, as many transaction sets as the claims need."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from itertools import islice

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


class BatchWriter:
    """Writes one 837P file, set by set: `add` the claims of each set, then `close`.

    The sets have consecutive numbers from `numbers.first_set`; the BHT03 of the second is the first one's with `-2`,
    and so on. Nothing is written before the first set. Raises ValueError where a number does not fit.
    """

    def __init__(
        self, partner: TradingPartner, numbers: ControlNumbers, moment: datetime, write: Callable[[str], object]
    ) -> None:
        for number in (numbers.interchange, numbers.group, numbers.first_set):
            if not 1 <= number <= HIGHEST_CONTROL_NUMBER:
                raise ValueError(f"a control number is between 1 and {HIGHEST_CONTROL_NUMBER}, not {number}")
        if not 1 <= len(numbers.reference) <= LONGEST_REFERENCE_ID:
            raise ValueError(f"a reference id has 1 to {LONGEST_REFERENCE_ID} characters")
        self._partner = partner
        self._numbers = numbers
        self._moment = moment
        self._writer = X12Writer(
            write, partner.separators, character_set=partner.character_set, line_break=partner.line_break
        )
        self._sets = ProfessionalWriter(self._writer, partner)
        self._set_of_claim: dict[str, str] = {}
        self._set_numbers: list[str] = []
        self._lines = 0
        self._charge = ZERO

    def add(self, claims: Sequence[Claim]) -> str:
        """Write one set with these claims, grouped by billing provider and subscriber; return its ST02.

        Raises ValueError where a CLM01 is already in the file or the numbers of the sets run out, UnwritableClaim
        where the guide has no place for something in a claim. The file is then of no use.
        """
        position = len(self._set_numbers)
        if not position:
            self._begin()
        number = self._numbers.first_set + position
        set_number = f"{number:04d}"
        self._set_numbers.append(set_number)
        for claim in claims:
            if claim.patient_control_number in self._set_of_claim:
                raise ValueError(f"claim {claim.patient_control_number} is repeated in one file")
            self._set_of_claim[claim.patient_control_number] = set_number
            self._lines += len(claim.lines)
            self._charge += claim.charge
        reference = self._numbers.reference
        self._sets.write_set(claims, number, reference if not position else f"{reference}-{position + 1}", self._moment)
        return set_number

    def close(self) -> BatchSummary:
        """Write the end of the file. Raises ValueError, and writes nothing, where no claim was added."""
        if not self._set_of_claim:
            raise ValueError("no claims to write")
        self._writer.end_group()
        self._writer.end_interchange()
        return BatchSummary(
            len(self._set_of_claim), self._lines, self._charge, tuple(self._set_numbers), self._set_of_claim
        )

    def _begin(self) -> None:
        partner, numbers, moment = self._partner, self._numbers, self._moment
        self._writer.begin_interchange(partner.interchange_ids, numbers.interchange, moment)
        self._writer.begin_group(partner.interchange_ids, "HC", numbers.group, moment, partner.guide)


def write_batch(
    claims: Iterable[Claim],
    partner: TradingPartner,
    numbers: ControlNumbers,
    moment: datetime,
    write: Callable[[str], object],
) -> BatchSummary:
    """Write the claims as an 837P file. At most `claims_per_set` of them are in memory.

    The sets have consecutive numbers from `numbers.first_set`; the BHT03 of the second is the first one's with `-2`,
    and so on. Within a set the claims are grouped by billing provider and subscriber. Raises ValueError, and writes
    nothing, where there is no claim or a number does not fit; in the middle of the file where a CLM01 is repeated or
    the numbers of the sets run out.
    """
    batch = BatchWriter(partner, numbers, moment, write)
    rest = iter(claims)
    while of_set := list(islice(rest, partner.claims_per_set)):
        batch.add(of_set)
    return batch.close()
