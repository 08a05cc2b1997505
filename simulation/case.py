"""A claim at a payer, and the payer's story of it: the answers, their dates, and which of them remain in effect."""

import msgspec

from claimloop.simulation.chance import Chance
from claimloop.simulation.decisions import ClaimAnswer
from claimloop.simulation.submitted import SubmittedClaim


class Case(msgspec.Struct, frozen=True, gc=False):
    """A claim with its ordinary answer and its own source of chance."""

    claim: SubmittedClaim
    answer: ClaimAnswer
    chance: Chance


class ProviderAdjustment(msgspec.Struct, frozen=True, gc=False):
    """One pair of a PLB. A positive amount takes money back."""

    reason: str
    reference: str
    amount: int


class NextPayer(msgspec.Struct, frozen=True, gc=False):
    """A payer other than the one the claim was sent to."""

    id: str
    name: str


class Event(msgspec.Struct, frozen=True, gc=False):
    """An answer in an 835, `after` a number of payment cycles, with the provider adjustments that accompany it.

    Without an answer, the event is only its provider adjustments. `notice` puts it into a separate 835 without money.
    `subject` is the claim whose people are named, if it is not the answered claim.
    """

    answer: ClaimAnswer | None
    after: int = 0
    adjustments: tuple[ProviderAdjustment, ...] = ()
    payer: NextPayer | None = None
    notice: bool = False
    subject: SubmittedClaim | None = None


class Story(msgspec.Struct, frozen=True, gc=False):
    """The events of a claim, and the answers that remain in effect at the end.

    `held_if_not_unique` is the reason for holding the answers if another submitted claim looks the same, because
    without its control number no reader could tell them apart. `rejected` is True if the front end rejected the claim;
    `recouped` if the payer took back by PLB all that it had paid.
    """

    events: tuple[Event, ...]
    standing: tuple[ClaimAnswer, ...]
    held_if_not_unique: str = ""
    rejected: bool = False
    recouped: bool = False
