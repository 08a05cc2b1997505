"""What sending needs and returns; the same for new claims, claims to the next payer, voids, and corrections."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import TypeVar

import msgspec

from claimloop.builders.encounters.encounter import Encounter
from claimloop.builders.encounters.intake import encounter_items
from claimloop.builders.partner import TradingPartner
from claimloop.edi.diagnostics import Diagnostic, Report
from claimloop.edi.money import ZERO
from claimloop.reconciliation.ledger.connection import Ledger

T = TypeVar("T")

Source = Path | Encounter
"""A file of encounters, or an encounter whose types were checked (`Encounter.typed`)."""


class Outbox(msgspec.Struct, frozen=True):
    """The partners, the ledger, the folder for claim files, the moment of sending, and the receiver of findings.

    With `second_opinion`, pyx12 judges every file before it goes out. `progress` gets the number of encounters read.
    """

    partners: Sequence[TradingPartner]
    ledger: Ledger
    folder: Path
    moment: datetime
    report: Report
    second_opinion: bool = False
    progress: Callable[[int], None] | None = None

    def partner_for(self, payer_id: str) -> TradingPartner | None:
        """Return the partner that takes the claims of this payer: the one that names it, or else one without payers."""
        named = next((partner for partner in self.partners if payer_id in partner.payers), None)
        return named or next((partner for partner in self.partners if not partner.payers), None)


class SentFile(msgspec.Struct, frozen=True):
    """A claim file in its final place, and its totals."""

    path: Path
    claims: int
    lines: int
    charge: Decimal


class SubmitResult(msgspec.Struct):
    """What became of the encounters. `file` is the first of the `files`, or None if nothing could be sent.

    `refused` is the same as `held`: the key that `--json` had first.
    """

    file: Path | None = None
    files: list[Path] = []
    claims: int = 0
    lines: int = 0
    charge: Decimal = ZERO
    encounters: int = 0
    refused: int = 0
    already_sent: int = 0
    held: int = 0

    def hold(self, encounters: int = 1) -> None:
        """Count encounters (or claims) that do not go out."""
        self.held += encounters
        self.refused = self.held

    def add(self, files: Iterable[SentFile]) -> None:
        """Count the claim files that went out."""
        for sent in files:
            self.file = self.file or sent.path
            self.files.append(sent.path)
            self.claims += sent.claims
            self.lines += sent.lines
            self.charge += sent.charge


def read_each(sources: Iterable[Source], report: Report) -> Iterator[Encounter]:
    """Yield the encounters of all files one by one, and the encounters in the list itself. Raises OSError."""
    for source in sources:
        if isinstance(source, Encounter):
            yield source
        else:
            yield from encounter_items(source, report)


def portions(items: Iterable[T], size: int) -> Iterator[list[T]]:
    """Yield the items in lists of at most `size`."""
    rest = iter(items)
    while some := list(islice(rest, size)):
        yield some


def report_nothing(_: Diagnostic) -> None:
    """Ignore a finding: an earlier attempt reported it."""
