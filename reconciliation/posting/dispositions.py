"""What each adjustment does to its line: the table of edi, with dated rules by payer on top (rules.md#dispositions)."""

from collections.abc import Iterable
from datetime import date

import msgspec

from claimloop.edi.records.adjustments import Effect, effect_of

__all__ = ["MOVING", "Disposition", "Dispositions", "Effect"]

MOVING: tuple[Effect, ...] = ("contractual", "patient", "denied", "written_off")
"""Effects that move money: each is the name of its account. The others leave it open."""
_REMEMBERED = 10_000


class Disposition(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One row. `payer` is the payer id of the remittance (TRN03) or of the claim; empty means every payer.

    `start` and `end` bound the day of payment, both included.
    """

    group: str
    reason: str
    does: Effect
    why: str = ""
    payer: str = ""
    start: date = msgspec.field(default=date.min, name="from")
    end: date = msgspec.field(default=date.max, name="to")


class Dispositions:
    """Looks up what an adjustment does: a payer's row wins over one for every payer, that over the table of edi.

    Of one payer's rows a reason wins over a group's default.
    """

    def __init__(self, own: Iterable[Disposition] = ()) -> None:
        self._rows: dict[tuple[str, str, str], list[Disposition]] = {}
        for row in own:
            self._rows.setdefault((row.payer, row.group, row.reason), []).append(row)
        self._payers = frozenset(payer for payer, _, _ in self._rows if payer)
        self._known: dict[tuple[str, str, tuple[str, ...], date], Effect] = {}

    def effect(self, group: str, reason: str, payers: tuple[str, ...], day: date) -> Effect:
        """The disposition of (group, CARC) for the first of `payers` that has a rule of its own, on this day."""
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
        return effect_of(group, reason)
