"""How long an answer may take, and how long a claim may be filed or a refusal appealed: by partner and by payer."""

from collections.abc import Sequence
from typing import Annotated

import msgspec

from claimloop.builders.partner import Settings

Days = Annotated[int, msgspec.Meta(ge=0, le=3660)]


class Expectation(Settings, kw_only=True, frozen=True):
    """One `[[expect]]` of the configuration: in days, for a partner, a payer, both, or (neither) for all.

    `ta1_days`, `acknowledgement_days` (999, 997) and `claim_status_days` (277CA) count from the day on which the file
    was built, `remittance_days` (835) too; `deposit_days` are business days between an 835 and its money, either way.
    `filing_days` count from the date of service, `appeal_days` from the remittance that refused; `warn_days` before
    such a deadline it is on the list. What is not given is taken from the next more general table.
    """

    partner: str = ""
    payer: str = ""
    ta1_days: Days | None = None
    acknowledgement_days: Days | None = None
    claim_status_days: Days | None = None
    remittance_days: Days | None = None
    deposit_days: Days | None = None
    filing_days: Days | None = None
    appeal_days: Days | None = None
    warn_days: Days | None = None


class Limits(msgspec.Struct, kw_only=True, frozen=True):
    """The limits of one partner and payer. The defaults are our own and cautious (rules.md#answer-times)."""

    ta1_days: int = 1
    acknowledgement_days: int = 2
    claim_status_days: int = 3
    remittance_days: int = 30
    deposit_days: int = 4
    filing_days: int = 90
    appeal_days: int = 60
    warn_days: int = 14


def limits_for(expectations: Sequence[Expectation], partner: str, payer: str) -> Limits:
    """The limits of a payer whose claims go to this partner: a table for both outweighs one for the payer, that one
    for the partner, that one for all; of two alike the later one counts.
    """
    found: dict[str, int] = {}
    fitting = [each for each in expectations if each.partner in ("", partner) and each.payer in ("", payer)]
    for each in sorted(fitting, key=lambda table: (bool(table.payer), bool(table.partner))):
        given = {name: getattr(each, name) for name in Limits.__struct_fields__}
        found |= {name: days for name, days in given.items() if days is not None}
    return Limits(**found)
