"""What a file of claims or remittances holds, counted from its segments alone: the other side of the control totals."""

from decimal import Decimal, InvalidOperation
from pathlib import Path

import msgspec

from claimloop.edi.money import ZERO
from claimloop.edi.syntax.tokens import read_batches


class Count(msgspec.Struct):
    """How many segments of one kind, and what the amounts in them come to; one that is no number counts as nothing."""

    number: int = 0
    amount: Decimal = ZERO

    def add(self, text: str) -> None:
        """One more segment with this amount in it."""
        self.number += 1
        try:
            amount = Decimal(text)
        except InvalidOperation:
            return
        if amount.is_finite():
            self.amount += amount


def count_file(path: Path) -> dict[str, Count]:
    """The CLM (CLM02), the BPR (BPR02) and the CLP (CLP04) of a file. Raises NotX12, OSError."""
    counts = {"CLM": Count(), "BPR": Count(), "CLP": Count()}
    places = {"CLM": 2, "BPR": 2, "CLP": 4}
    with path.open("rb") as stream:
        for batch in read_batches(stream, path.name, lambda _: None):
            separator = batch.delimiters.element
            for text in batch.segments:
                tag = text[:3]
                if tag in counts:
                    elements = text.split(separator)
                    if elements[0] == tag:
                        place = places[tag]
                        counts[tag].add(elements[place] if len(elements) > place else "")
    return counts
