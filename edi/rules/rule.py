"""A rule: the segments it judges, the findings it may report, and the function that judges."""

from collections.abc import Callable
from typing import Literal

import msgspec

from claimloop.edi.rules.scope import Scope
from claimloop.edi.rules.sent import Sent

Judge = Callable[[Sent, Scope], None]


class Rule(msgspec.Struct, frozen=True):
    """`judge` is called for every segment at one of `places`, and may report `codes`.

    A place is "2300 CLM", "SE" for a segment outside loops, "* N4" for one in any loop, or "2300 DTP 439" if the guide
    distinguishes such segments. Other qualifiers may share that place of the guide.

    A judge is called when the innermost line, claim or level that contains the segment has ended, so that it sees all
    of it. A `late` one is called when the subscriber's level has ended with everything below it. A rule without codes
    only adds up totals.
    """

    judge: Judge
    codes: tuple[str, ...]
    places: tuple[str, ...]
    late: bool = False
    kind: Literal["837P", "835"] = "837P"


def rule(judge: Judge, codes: str, places: str, *, late: bool = False) -> Rule:
    """Return an 837P rule. Separate codes with blanks, places with commas."""
    return Rule(judge, tuple(codes.split()), _places(places), late)


def remittance_rule(judge: Judge, codes: str, places: str) -> Rule:
    """Return an 835 rule. Separate codes with blanks, places with commas."""
    return Rule(judge, tuple(codes.split()), _places(places), kind="835")


def _places(text: str) -> tuple[str, ...]:
    return tuple(place.strip() for place in text.split(","))
