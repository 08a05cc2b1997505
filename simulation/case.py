"""A claim in a payer's hands, and what the payer makes of it: which answers, when, and which of them stand."""

import msgspec

from claimloop.simulation.chance import Chance
from claimloop.simulation.decisions import ClaimAnswer
from claimloop.simulation.submitted import SubmittedClaim


class Case(msgspec.Struct, frozen=True, gc=False):
    """A claim with its ordinary answer, and the chance that is its own."""

    claim: SubmittedClaim
    answer: ClaimAnswer
    chance: Chance


class ProviderAdjustment(msgspec.Struct, frozen=True, gc=False):
    """One pair of a PLB: a positive amount takes money."""

    reason: str
    reference: str
    amount: int


class NextPayer(msgspec.Struct, frozen=True, gc=False):
    """Another payer than the one the claim was sent to."""

    id: str
    name: str


class Event(msgspec.Struct, frozen=True, gc=False):
    """An answer in an 835, `after` so many payment cycles, and the provider adjustments that come with it.

    Without an answer it is the provider adjustments alone. `notice` puts it into an 835 of its own that brings no
    money. `subject` is the claim whose people are named, where that is not the answered one's.
    """

    answer: ClaimAnswer | None
    after: int = 0
    adjustments: tuple[ProviderAdjustment, ...] = ()
    payer: NextPayer | None = None
    notice: bool = False
    subject: SubmittedClaim | None = None


class Story(msgspec.Struct, frozen=True, gc=False):
    """The events of a claim, and the answers that stand in the end.

    `held_if_not_unique` is the reason for which the answers are held where another submitted claim looks the same:
    without its control number nobody could tell them apart. `refused` is true where the front end refused the claim;
    `recouped` where the payer took back by PLB all that it had paid.
    """

    events: tuple[Event, ...]
    standing: tuple[ClaimAnswer, ...]
    held_if_not_unique: str = ""
    refused: bool = False
    recouped: bool = False
