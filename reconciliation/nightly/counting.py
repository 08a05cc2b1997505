"""What a file holds, counted from its segments alone, without the readers: the other side of the control totals."""

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from pathlib import Path

from claimloop.edi.money import ZERO
from claimloop.edi.syntax.tokens import read_batches
from claimloop.reconciliation.intake import Count


def count_file(path: Path, counted: Mapping[str, int]) -> dict[str, Count]:
    """Count these segments of a file, and add up the amounts in the element that each has. Raises NotX12, OSError.

    An amount that is not a number counts as zero.
    """
    counts = {tag: Count() for tag in counted}
    with path.open("rb") as stream:
        for batch in read_batches(stream, path.name, lambda _: None):
            separator = batch.delimiters.element
            for text in batch.segments:
                tag = text.partition(separator)[0]
                if tag in counts:
                    elements, place = text.split(separator), counted[tag]
                    counts[tag].number += 1
                    counts[tag].amount += _amount(elements[place] if len(elements) > place else "")
    return counts


def _amount(text: str) -> Decimal:
    try:
        amount = Decimal(text)
    except InvalidOperation:
        return ZERO
    return amount if amount.is_finite() else ZERO
