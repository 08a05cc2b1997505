"""Look up an adjustment's disposition: the table in `edi`, overridden by dated rows for a payer or for every payer.

Rule: rules.md#dispositions.
"""

from collections.abc import Iterable
from datetime import date
from typing import Annotated

import msgspec

from claimloop.builders.settings import Key, Settings
from claimloop.edi.records.adjustments import Effect, disposition_of

__all__ = ["MOVING", "Disposition", "Dispositions", "Effect"]

MOVING: tuple[Effect, ...] = ("contractual", "patient", "denied", "written_off")
"""Dispositions that move money: each is the name of its account. The others leave the amount open."""
_REMEMBERED = 10_000


class Disposition(Settings, frozen=True):
    """One row. `payer` is the payer id of the remittance (TRN03) or of the claim; empty means every payer.

    `start` and `end` are the first and last payment dates that the row applies to.
    """

    group: Annotated[
        str,
        Key(
            "The claim adjustment group code, such as CO.", allowed="a group code, or `*` for every group", example="CO"
        ),
    ]
    reason: Annotated[
        str,
        Key("The claim adjustment reason code (CARC).", allowed="a CARC, or `*` for every reason", example="97"),
    ]
    does: Annotated[
        Effect,
        Key(
            "What becomes of the adjusted amount.",
            more="`contractual` and `written_off` reduce the charge, `patient` is the patient's to pay, `denied` is "
            "listed by `worklist denials`. `open` and `information` move no money: the payer still owes the amount.",
            example="contractual",
            formerly="does",
        ),
    ] = msgspec.field(name="disposition")
    why: Annotated[str, Key("Your own note on why this row exists.", example="bundled by contract")] = ""
    payer: Annotated[
        str,
        Key(
            "The payer's id: TRN03 of the remittance, or the payer id of the claim.",
            unless_given="every payer",
            example="1999999999",
        ),
    ] = ""
    start: Annotated[
        date,
        Key(
            "The first payment date that this row applies to.",
            unless_given="no first date",
            example=date(2026, 1, 1),
        ),
    ] = msgspec.field(default=date.min, name="from")
    end: Annotated[
        date,
        Key(
            "The last payment date that this row applies to.",
            unless_given="no last date",
            example=date(2026, 12, 31),
        ),
    ] = msgspec.field(default=date.max, name="to")


class Dispositions:
    """Looks up dispositions. A row for a payer overrides a row for every payer, which overrides the table in `edi`.

    Among the rows of one payer, a row for a reason overrides the default of a group.
    """

    def __init__(self, own: Iterable[Disposition] = ()) -> None:
        self._rows: dict[tuple[str, str, str], list[Disposition]] = {}
        for row in own:
            self._rows.setdefault((row.payer, row.group, row.reason), []).append(row)
        self._payers = frozenset(payer for payer, _, _ in self._rows if payer)
        self._known: dict[tuple[str, str, tuple[str, ...], date], Effect] = {}

    def effect(self, group: str, reason: str, payers: tuple[str, ...], day: date) -> Effect:
        """Return the disposition of (group, CARC) on this day, by the first of `payers` that has a row of its own."""
        asked = group, reason, payers, day
        known = self._known.get(asked)
        if known is None:
            if len(self._known) >= _REMEMBERED:
                self._known.clear()
            known = self._known[asked] = self._look_up(*asked)
        return known

    def _look_up(self, group: str, reason: str, payers: tuple[str, ...], day: date) -> Effect:
        own = tuple(payer for payer in payers if payer in self._payers)
        for payer in (*own, ""):
            for named_group, named_reason in ((group, reason), ("*", reason), (group, "*"), ("*", "*")):
                for row in reversed(self._rows.get((payer, named_group, named_reason), ())):
                    if row.start <= day <= row.end:
                        return row.does
        return disposition_of(group, reason)
