"""Claims that later claims replace or void. The payer knows them by the number that it assigned (CLP07, REF*F8)."""

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Literal

import msgspec

from claimloop.simulation.acceptance import REPLACEMENT, VOID, original_number
from claimloop.simulation.submitted import SubmittedClaim, read_submitted

End = Literal["replaced", "voided"]
_ENDS: dict[str, End] = {REPLACEMENT: "replaced", VOID: "voided"}
_ASKS = re.compile(rb"REF.F8.", re.DOTALL)
_CHUNK = 1 << 20
_LENGTH = 7
"""The length in bytes of what `_ASKS` finds."""


class Original(msgspec.Struct, frozen=True):
    """A claim that another claim ends. `answered` is True if an earlier run answered it."""

    claim: SubmittedClaim
    end: End
    answered: bool


def find_originals(
    files: Sequence[Path], earlier: Sequence[Path], number_of: Callable[[SubmittedClaim], str]
) -> dict[str, Original]:
    """Return the claims that claims of the files end, by the payer's number. Files without such claims are not read
    again.
    """
    ends: dict[str, End] = {}
    for path in files:
        if _asks(path):
            for claim in read_submitted(path):
                if claim.frequency in _ENDS and (number := original_number(claim)):
                    ends[number] = _ENDS[claim.frequency]
    found: dict[str, Original] = {}
    if ends:
        for path in (*earlier, *files):
            for claim in read_submitted(path):
                if claim.frequency != VOID and (number := number_of(claim)) in ends and number not in found:
                    found[number] = Original(claim, ends[number], path in earlier)
    return found


def _asks(path: Path) -> bool:
    """Return whether a file has any REF*F8. Most have none and need not be read twice."""
    kept = b""
    with path.open("rb") as stream:
        while raw := stream.read(_CHUNK):
            if _ASKS.search(kept + raw):
                return True
            kept = raw[-_LENGTH:]
    return False
