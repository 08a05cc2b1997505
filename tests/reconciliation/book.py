"""One claim posted without a database."""

from datetime import date
from decimal import Decimal

from claimloop.edi.money import from_cents
from claimloop.edi.records.remittance import (
    ClaimPayment,
)
from claimloop.reconciliation.ledger import accounts
from claimloop.reconciliation.posting.allocation import Circumstances, Posting, apply, plan
from claimloop.reconciliation.posting.claim_state import ClaimState
from claimloop.reconciliation.posting.dispositions import Dispositions
from claimloop.reconciliation.posting.match import SubmittedLine, match_claim
from claimloop.tests.reconciliation.making import PAYER, PAYMENT_DAY, claim


class Book:
    """One claim in hand, posted without a database; the identity of every line is proved after each payment."""

    def __init__(self, *lines: SubmittedLine) -> None:
        self.claim = claim(*lines)
        self.state = ClaimState(self.claim, [])
        self.payments = 0
        self.cash = self.held = 0
        self.balances: dict[int | None, dict[str, int]] = {each.id: {accounts.OPEN: each.charge} for each in lines}
        self.balances[self.claim.claim_level_id] = {}
        self.balances[None] = {}

    def post(
        self,
        payment: ClaimPayment,
        payer: str = PAYER,
        day: date = PAYMENT_DAY,
        dispositions: Dispositions | None = None,
    ) -> Posting:
        """Plan and apply one payment."""
        around = Circumstances(payer, day, dispositions or Dispositions())
        posting = plan(payment, match_claim(payment, [self.claim]), self.state, around)
        self.payments += 1
        if posting.claim:
            apply(posting, self.state, self.payments, payment, payer)
        for leg in posting.legs:
            balances = self.balances[leg.line_id]
            balances[leg.account] = balances.get(leg.account, 0) + leg.amount
        self.held += sum(held.amount for held in posting.held)
        self._prove()
        return posting

    def of(self, number: int) -> dict[str, Decimal]:
        """Where the charge of line `number` is now (0: the claim's bucket), in dollars by account; no zeros."""
        balances = self.balances[self.claim.claim_level_id + number]
        return {account: from_cents(amount) for account, amount in balances.items() if amount}

    def whole(self) -> dict[str, Decimal]:
        """Where the whole claim's charge is now."""
        sums: dict[str, Decimal] = {}
        for number in range(len(self.claim.lines) + 1):
            for account, amount in self.of(number).items():
                sums[account] = sums.get(account, Decimal(0)) + amount
        return {account: amount for account, amount in sums.items() if amount}

    def _prove(self) -> None:
        for each in self.claim.lines:
            assert sum(self.balances[each.id].values()) == each.charge
        assert sum(self.balances[self.claim.claim_level_id].values()) == 0
        without_line = self.balances[None]
        assert sum(without_line.values()) == 0
        assert without_line.get(accounts.SUSPENSE, 0) == -self.held
