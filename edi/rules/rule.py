"""A rule: which segments it is asked about, what it may say, and the function that judges."""

from collections.abc import Callable
from typing import Literal

import msgspec

from claimloop.edi.rules.scope import Scope
from claimloop.edi.rules.sent import Sent

Judge = Callable[[Sent, Scope], None]


class Rule(msgspec.Struct, frozen=True):
    """`judge` is asked about every segment at one of `places`, and may say `codes`.

    A place is "2300 CLM", "SE" for a segment outside loops, "* N4" for one in any loop, or "2300 DTP 439" where the
    guide tells such segments apart: there may be other qualifiers in the same place.
    It is asked when the innermost of line, claim and level that the segment stands in has ended, so that it sees all of
    it; a `late` one when the subscriber's level with all below it has ended. A rule without codes adds up.
    """

    judge: Judge
    codes: tuple[str, ...]
    places: tuple[str, ...]
    late: bool = False
    kind: Literal["837P", "835"] = "837P"


def rule(judge: Judge, codes: str, places: str, *, late: bool = False) -> Rule:
    """A rule of 837P. Codes are parted by blanks, places by commas."""
    return Rule(judge, tuple(codes.split()), _places(places), late)


def remittance_rule(judge: Judge, codes: str, places: str) -> Rule:
    """A rule of 835. Codes are parted by blanks, places by commas."""
    return Rule(judge, tuple(codes.split()), _places(places), kind="835")


def _places(text: str) -> tuple[str, ...]:
    return tuple(place.strip() for place in text.split(","))
