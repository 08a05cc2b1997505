"""The days until an answer is late, and the days to file a claim or to appeal a denial, by partner and payer."""

from collections.abc import Sequence
from functools import cache
from typing import Annotated, get_type_hints

import msgspec

from claimloop.builders.settings import Key, Settings, key_of

Days = Annotated[int, msgspec.Meta(ge=0, le=3660)]


class Expectation(Settings, kw_only=True, frozen=True):
    """One `[[expect]]` table: days for a partner, a payer, both, or, if it names neither, for all.

    A missing key has the value of the next more general table, and finally the default of its Key. The defaults are
    claimloop's own and cautious (rules.md#answer-times).
    """

    partner: Annotated[
        str,
        Key(
            "The name of the partner whose claims these days apply to.", unless_given="every partner", example="example"
        ),
    ] = ""
    payer: Annotated[
        str,
        Key("The payer id of the claims these days apply to.", unless_given="every payer", example="12345"),
    ] = ""
    ta1_days: Annotated[
        Days | None,
        Key("Days until the TA1 is late, from the day the claim file was built.", unless_given=1),
    ] = None
    acknowledgement_days: Annotated[
        Days | None,
        Key("Days until the 999 (or 997) is late, from the day the claim file was built.", unless_given=2),
    ] = None
    claim_status_days: Annotated[
        Days | None,
        Key("Days until the 277CA is late, from the day the claim file was built.", unless_given=3),
    ] = None
    remittance_days: Annotated[
        Days | None,
        Key(
            "Days until the 835 is late, from the day the claim file was built.",
            more="After a reversal without a correction, from the payment date of the reversal.",
            unless_given=30,
        ),
    ] = None
    deposit_days: Annotated[
        Days | None,
        Key(
            "Business days until a deposit or its 835 is late, once the other is here.",
            more="Business days are Monday to Friday; holidays are not taken into account.",
            unless_given=4,
        ),
    ] = None
    filing_days: Annotated[
        Days | None,
        Key(
            "Days to file, from the first date of service. Medicare: 365 (42 CFR 424.44).",
            unless_given=90,
        ),
    ] = None
    appeal_days: Annotated[
        Days | None,
        Key(
            "Days to appeal, from the denial's payment date. Medicare: 120 (42 CFR 405.942).",
            unless_given=60,
        ),
    ] = None
    warn_days: Annotated[
        Days | None,
        Key("How many days before a deadline the claim appears on `worklist deadlines`.", unless_given=14),
    ] = None


class Limits(msgspec.Struct, kw_only=True, frozen=True):
    """The days in effect for one partner and payer: one field for each key of an Expectation that is in days."""

    ta1_days: int
    acknowledgement_days: int
    claim_status_days: int
    remittance_days: int
    deposit_days: int
    filing_days: int
    appeal_days: int
    warn_days: int


@cache
def default_limits() -> Limits:
    """Return the days in effect where no table sets them."""
    hints = get_type_hints(Expectation, include_extras=True)
    return msgspec.convert({name: key_of(hints[name]).unless_given for name in Limits.__struct_fields__}, Limits)


def limits_for(expectations: Sequence[Expectation], partner: str, payer: str) -> Limits:
    """Return the limits for a payer whose claims go to this partner.

    A table for both overrides one for the payer, which overrides one for the partner, which overrides one for all. Of
    two equally specific tables, the later one counts.
    """
    found: dict[str, int] = msgspec.structs.asdict(default_limits())
    fitting = [each for each in expectations if each.partner in ("", partner) and each.payer in ("", payer)]
    for each in sorted(fitting, key=lambda table: (bool(table.payer), bool(table.partner))):
        given = {name: getattr(each, name) for name in Limits.__struct_fields__}
        found |= {name: days for name, days in given.items() if days is not None}
    return Limits(**found)
