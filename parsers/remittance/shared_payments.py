"""Checks and EFTs that several sets of a file report: their totals, and the finding for each set.

One payment should be one set. Some payers open a set for each claim of a check. BPR02 is then either the set's own part
of the check, or the whole check in every set. In the latter case no set balances by itself, and only all of them
together do (rules.md#balances).
"""

from collections.abc import Callable
from decimal import Decimal

import msgspec

from claimloop.edi.diagnostics import Diagnostic, Report, diagnose
from claimloop.edi.money import ZERO

_REMEMBERED = 100_000

Key = tuple[str, str]
"""TRN03 and TRN02: the payer, and the number of the check or EFT. Sets without a number cannot be grouped."""


class Check(msgspec.Struct):
    """The sets of one check so far: their number, Σ BPR02 as `paid`, and Σ CLP04 − Σ PLB as `makes`."""

    sets: int = 0
    amount: Decimal = ZERO
    paid: Decimal = ZERO
    makes: Decimal = ZERO
    one_amount: bool = True
    each_balances: bool = True

    def take(self, amount: Decimal, makes: Decimal) -> None:
        """Add a set: its BPR02, and what its claims and provider-level adjustments add up to."""
        self.one_amount = self.one_amount and (self.sets == 0 or amount == self.amount)
        self.each_balances = self.each_balances and amount == makes
        self.sets += 1
        self.amount = amount
        self.paid += amount
        self.makes += makes

    @property
    def payment(self) -> Decimal:
        """Return the amount of the check: BPR02 where every set repeats it, or else the sum of the sets' BPR02."""
        return self.amount if self.one_amount and not self.each_balances else self.paid

    @property
    def difference(self) -> Decimal:
        """Return the check's amount less what its sets add up to; zero where they balance together."""
        return self.payment - self.makes


class CheckFindings:
    """Report sets that share a check, and payments that do not balance even with all sets of their check.

    Sets of one check follow each other, so only the findings of one check are pending at a time.
    """

    def __init__(self, report: Report) -> None:
        self._report = report
        self._repeated: dict[Key, bool] = {}  # checks of the file → whether a second set was reported
        self._key: Key = ("", "")
        self._check = Check()
        self._held: list[Diagnostic] = []

    def begin(self, key: Key, finding: Callable[[], Diagnostic]) -> None:
        """Open a set. `finding`, that an earlier set reports the same check, is reported once for each check."""
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
        """Close a set. `finding` is its payment's imbalance, None where the payment balances."""
        if key != self._key or not key[1]:
            self.finish()
            self._key = key
        self._check.take(amount, makes)
        if finding is not None:
            self._held.append(finding)

    def finish(self) -> None:
        """Close the check: no more sets follow. Report what its sets together do not explain."""
        check, held = self._check, self._held
        if held and check.sets > 1 and check.one_amount and not check.difference:
            self._report(diagnose("R270", held[0].where, sets=check.sets, payment=f"{check.payment:.2f}"))
        else:
            for finding in held:
                self._report(finding)
        self._key, self._check, self._held = ("", ""), Check(), []
