"""Checks and EFTs that several sets of a file speak of: what they come to together, and what to say of each set.

One payment should be one set. Where a payer opens a set for each claim of a check, BPR02 is the set's own part of the
check, or the whole check again in each set; then no set balances, and only all of them together do.
"""

from collections.abc import Callable
from decimal import Decimal

import msgspec

from claimloop.edi.diagnostics import Diagnostic, Report, diagnose
from claimloop.edi.money import ZERO

_REMEMBERED = 100_000

Key = tuple[str, str]
"""TRN03 and TRN02: the payer, and the number of the check or EFT. Without a number nobody can tell what belongs."""


class Check(msgspec.Struct):
    """The sets of one check so far: how many, Σ BPR02 as `paid`, and what claims and PLB make as `makes`."""

    sets: int = 0
    amount: Decimal = ZERO
    paid: Decimal = ZERO
    makes: Decimal = ZERO
    one_amount: bool = True
    each_balances: bool = True

    def take(self, amount: Decimal, makes: Decimal) -> None:
        """One more set: its BPR02, and what its claims and provider adjustments make."""
        self.one_amount = self.one_amount and (self.sets == 0 or amount == self.amount)
        self.each_balances = self.each_balances and amount == makes
        self.sets += 1
        self.amount = amount
        self.paid += amount
        self.makes += makes

    @property
    def payment(self) -> Decimal:
        """What the check is: BPR02 where every set repeats the whole of it, else the sum of the sets' BPR02."""
        return self.amount if self.one_amount and not self.each_balances else self.paid

    @property
    def difference(self) -> Decimal:
        """What the check is less what its sets make; zero where they balance together."""
        return self.payment - self.makes


class CheckFindings:
    """Says that sets speak of one check, and which payments do not balance though all sets of their check are read.

    Sets of one check follow each other, so what is held back is that of one check.
    """

    def __init__(self, report: Report) -> None:
        self._report = report
        self._repeated: dict[Key, bool] = {}  # checks of the file: whether a second set was reported
        self._key: Key = ("", "")
        self._check = Check()
        self._held: list[Diagnostic] = []

    def begin(self, key: Key, finding: Callable[[], Diagnostic]) -> None:
        """The head of a set; `finding`, that an earlier set speaks of the same check, is reported once for each."""
        repeated = self._repeated
        if not key[1]:
            return
        if key not in repeated:
            if len(repeated) < _REMEMBERED:
                repeated[key] = False
        elif not repeated[key]:
            repeated[key] = True
            self._report(finding())

    def take(self, key: Key, amount: Decimal, makes: Decimal, finding: Diagnostic | None) -> None:
        """The end of a set; `finding` is what is wrong with its payment, None where it balances."""
        if key != self._key or not key[1]:
            self.finish()
            self._key = key
        self._check.take(amount, makes)
        if finding is not None:
            self._held.append(finding)

    def finish(self) -> None:
        """No further set of this check: say what its sets have not explained."""
        check, held = self._check, self._held
        if held and check.sets > 1 and check.one_amount and not check.difference:
            self._report(diagnose("R270", held[0].where, sets=check.sets, payment=f"{check.payment:.2f}"))
        else:
            for finding in held:
                self._report(finding)
        self._key, self._check, self._held = ("", ""), Check(), []
