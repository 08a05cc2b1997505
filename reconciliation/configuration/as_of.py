"""The day that a work list is of, and what may be expected by then."""

from collections.abc import Sequence
from datetime import date

import msgspec

from claimloop.builders.partner import TradingPartner
from claimloop.reconciliation.configuration.expectations import Expectation, Limits, limits_for
from claimloop.reconciliation.configuration.load import Configuration

LATE, NOT_YET, SETTLED = "late", "not yet", "settled"
"""In a row's column `late`. A row that is not late yet needs no work by this day, and a settled one never does."""


class AsOf(msgspec.Struct, frozen=True):
    """A day, with the settings that say what is late by then. Without settings, `default_limits` are in effect.

    `everything`: also what is not late yet, on those lists that have what is late only.
    """

    day: date
    expectations: Sequence[Expectation] = ()
    partners: Sequence[TradingPartner] = ()
    everything: bool = False

    def limits(self, partner: str, payer: str) -> Limits:
        """What holds for the claims of a payer that go to a partner; "" where either is not known."""
        return limits_for(self.expectations, partner, payer)

    def partner_of(self, payer: str) -> str:
        """The name of the partner that takes a payer's claims; "" where none does."""
        others = ""
        for partner in self.partners:
            if payer in partner.payers:
                return partner.name
            if not partner.payers:
                others = partner.name
        return others


def as_of_day(day: date, configuration: Configuration, *, everything: bool = False) -> AsOf:
    """A day, by a configuration."""
    return AsOf(day, configuration.expectations, configuration.partners, everything)
