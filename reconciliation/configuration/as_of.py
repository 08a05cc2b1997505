"""The date of a work list, and the settings that determine what is late by then."""

from collections.abc import Sequence
from datetime import date

import msgspec

from claimloop.builders.partner import TradingPartner
from claimloop.reconciliation.configuration.expectations import Expectation, Limits, limits_for
from claimloop.reconciliation.configuration.load import Configuration

LATE, NOT_YET, SETTLED = "late", "not yet", "settled"
"""Values of the column `late`. A row that is not late yet needs no work by this date, and a settled one never does."""


class AsOf(msgspec.Struct, frozen=True):
    """A date with the settings that determine what is late. Without settings, `default_limits` are in effect.

    With `everything`, lists that normally show only what is late also show what is not late yet.
    """

    day: date
    expectations: Sequence[Expectation] = ()
    partners: Sequence[TradingPartner] = ()
    everything: bool = False

    def limits(self, partner: str, payer: str) -> Limits:
        """Return the limits for a payer's claims to a partner; "" stands for an unknown partner or payer."""
        return limits_for(self.expectations, partner, payer)

    def partner_of(self, payer: str) -> str:
        """Return the name of the partner that receives a payer's claims; "" if there is none."""
        others = ""
        for partner in self.partners:
            if payer in partner.payers:
                return partner.name
            if not partner.payers:
                others = partner.name
        return others


def as_of_day(day: date, configuration: Configuration, *, everything: bool = False) -> AsOf:
    """Return a date with the settings of a configuration."""
    return AsOf(day, configuration.expectations, configuration.partners, everything)
