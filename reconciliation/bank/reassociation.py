"""Reassociate deposits with the remittances that they pay, by trace number and amount or by other common facts.

Rule: rules.md#reassociation. The TRN in the addenda has TRN02 and TRN03, the amount of the entry is BPR02, and its
effective date is BPR16.

Invariant: every deposit and every payment is in exactly one place of the result, and a match is made only between a
deposit and payments that fit each other and nothing else. What fits in more than one way is left to staff as Ambiguous.
Items are sorted first, so the order of the input makes no difference.
"""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from datetime import date
from typing import Generic, Literal, TypeVar

import msgspec

from claimloop.reconciliation.bank.business_days import BusinessDays
from claimloop.reconciliation.bank.deposit import Deposit, plain
from claimloop.reconciliation.bank.payer_names import payer_keys, tax_id
from claimloop.reconciliation.bank.unique_pairs import Reach, connected, pairs_by

Rule = Literal["trace", "check number", "trace sum", "trace only", "cut trace", "payer", "bulk"]
"""The rule that matched them, in the order in which the rules are tried.

`trace`: trace number and amount. `check number`: check number and amount. `trace sum`: one trace number, where several
on one side add up to one on the other. `trace only`: trace number alone. `cut trace`: the amount, and the beginning of
the trace number. `payer`: payer, amount, and day. `bulk`: all payments of a payer's day.
"""

Difference = Literal["amount", "date", "payer"]

_SHORTEST_CUT_TRACE = 8
_CHECK = "CHK"
_NO_MONEY = "NON"

Item = TypeVar("Item")


class RemittancePayment(msgspec.Struct, frozen=True, order=True):
    """The payment of a remittance: `payer_id` is TRN03, `date` BPR16, `amount` BPR02 in cents, `method` BPR04."""

    id: int
    payer_id: str
    payer_name: str
    trace_number: str
    date: date
    amount: int
    method: str


class Match(msgspec.Struct, frozen=True):
    """Deposits and the payments that they pay, usually one of each, and the differences between them.

    `left_over` is in cents: how much the bank has more than the remittances.
    """

    deposits: tuple[Deposit, ...]
    payments: tuple[RemittancePayment, ...]
    rule: Rule
    differences: tuple[Difference, ...]
    left_over: int

    @property
    def needs_work(self) -> bool:
        """Return true if the amounts differ."""
        return self.left_over != 0


class Ambiguous(msgspec.Struct, frozen=True):
    """Deposits, and payments each of which fits one of them by this rule: staff must decide."""

    deposits: tuple[Deposit, ...]
    payments: tuple[RemittancePayment, ...]
    rule: Rule


class Waiting(msgspec.Struct, Generic[Item], frozen=True):
    """A deposit or a payment without the other, and how many business days it has waited."""

    item: Item
    days: int
    late: bool


class Reassociation(msgspec.Struct, frozen=True):
    """The place of every deposit and every payment; each is in exactly one.

    `no_deposit_expected` are payments of zero or by method NON. `other_deposits` are neither from a payer that a
    remittance names nor marked as claim payments.
    """

    matches: tuple[Match, ...]
    ambiguous: tuple[Ambiguous, ...]
    deposits_without_remittance: tuple[Waiting[Deposit], ...]
    remittances_without_deposit: tuple[Waiting[RemittancePayment], ...]
    no_deposit_expected: tuple[RemittancePayment, ...]
    other_deposits: tuple[Deposit, ...]


def match_deposits(
    deposits: Iterable[Deposit],
    payments: Iterable[RemittancePayment],
    today: date,
    *,
    late_after: int = 4,
    window: int = 3,
    holidays: Iterable[date] = (),
) -> Reassociation:
    """Match deposits with the payments of remittances. `late_after` and `window` are in business days.

    The rules are tried in the order of `Rule`; each applies only to what the earlier rules left. The caller drops a
    deposit that is in two statements, by its identity. Business days are Monday to Friday, except the given holidays.
    """
    matching = _Matching(deposits, payments, BusinessDays(holidays), window)
    for step in (matching.same_trace_and_amount, matching.same_trace, matching.cut_trace, matching.same_payer):
        step()
    return matching.outcome(today, late_after)


_KeyOfBoth = tuple[Callable[[int], Hashable], Callable[[int], Hashable]]
_ALL: _KeyOfBoth = (lambda place: True, lambda place: True)


def _deposit_order(deposit: Deposit) -> tuple[date | str | int, ...]:
    return (
        deposit.date,
        deposit.amount,
        deposit.trace_number,
        deposit.file,
        deposit.line,
        deposit.occurrence,
        deposit.payer_company_id,
        deposit.company_name,
        deposit.description,
    )


def _alike(places: list[int], keys: list[frozenset[str]], others: list[frozenset[str]]) -> list[int]:
    """Return the places whose payer may be one of the others; a payer without keys may be any."""
    if not all(others):
        return places if others else []
    known = frozenset().union(*others)
    return [place for place in places if not keys[place] or not known.isdisjoint(keys[place])]


def trace_key(trace_number: str) -> str:
    """Return a trace number regardless of formatting: uppercase letters and digits, no leading zeros; "" for none."""
    return plain(trace_number).lstrip("0")


class _Matching:
    """Both sides in a fixed order, the keys of each by its place, and the results so far."""

    def __init__(
        self, deposits: Iterable[Deposit], payments: Iterable[RemittancePayment], days: BusinessDays, window: int
    ) -> None:
        self._deposits = sorted(deposits, key=_deposit_order)
        self._payments = sorted(payments)
        self._days = days
        self._window = window
        self._deposit_traces = [trace_key(each.trace_number) for each in self._deposits]
        self._payment_traces = [trace_key(each.trace_number) for each in self._payments]
        self._deposit_keys = [
            payer_keys(each.payer_company_id, each.company_name or each.description) for each in self._deposits
        ]
        self._payment_keys = [payer_keys(each.payer_id, each.payer_name) for each in self._payments]
        self._open_deposits = dict.fromkeys(range(len(self._deposits)))
        self._open_payments = dict.fromkeys(
            place for place, each in enumerate(self._payments) if each.amount != 0 and each.method != _NO_MONEY
        )
        self._no_money = tuple(each for place, each in enumerate(self._payments) if place not in self._open_payments)
        self._matches: list[Match] = []
        self._ambiguous: list[Ambiguous] = []

    # ---- by trace number

    def same_trace_and_amount(self) -> None:
        """Pair items with the same number and amount; company and day may separate several such pairs.

        What company and day do not separate is Ambiguous.
        """
        groups: dict[tuple[str, int], tuple[list[int], list[int]]] = defaultdict(lambda: ([], []))
        for place in self._open_deposits:
            if self._deposit_traces[place]:
                groups[self._deposit_traces[place], self._deposits[place].amount][0].append(place)
        for place in self._open_payments:
            groups[self._payment_traces[place], self._payments[place].amount][1].append(place)
        for left, right in groups.values():
            if not left or not right:
                continue
            pairs, left, right = pairs_by(left, right, self._company_and_day())
            for one, other in pairs:
                is_check = self._payments[other].method == _CHECK
                self._match([one], [other], "check number" if is_check else "trace")
            if left and right:
                self._leave(left, right, "trace")

    def same_trace(self) -> None:
        """Pair items with the same number where the amounts differ; several of one number may add up to one.

        Checks are left out: different payers use the same check numbers, so a check must also have the same amount.
        """
        groups: dict[str, tuple[list[int], list[int]]] = defaultdict(lambda: ([], []))
        for place in self._open_deposits:
            if self._deposit_traces[place]:
                groups[self._deposit_traces[place]][0].append(place)
        for place in self._transfers():
            groups[self._payment_traces[place]][1].append(place)
        for left, right in groups.values():
            left, right = self._of_payers_in_common(left, right)
            if not left or not right:
                continue
            if 1 in (len(left), len(right)) and len(left) != len(right) and self._left_over(left, right) == 0:
                self._match(left, right, "trace sum")
                continue
            pairs, left, right = pairs_by(left, right, (self._company(), _ALL))
            for one, other in pairs:
                self._match([one], [other], "trace only")
            if left and right:
                self._leave(left, right, "trace only")

    def cut_trace(self) -> None:
        """Pair a truncated number with the only number that begins with it and has the same amount.

        Numbers are sorted within an amount, so all that begin with a truncated number are one stretch, found by binary
        search. "~" sorts after every letter and digit, so it ends the stretch.
        """
        buckets: dict[Hashable, list[int]] = defaultdict(list)
        places = list(self._transfers())
        for index in sorted(range(len(places)), key=lambda index: self._payment_traces[places[index]]):
            buckets[self._payments[places[index]].amount].append(index)
        numbers = {
            amount: [self._payment_traces[places[index]] for index in bucket] for amount, bucket in buckets.items()
        }
        reaches: list[Reach] = []
        cut: list[int] = []
        for place in self._open_deposits:
            number, amount = self._deposit_traces[place], self._deposits[place].amount
            if len(number) >= _SHORTEST_CUT_TRACE and amount in buckets:
                known = numbers[amount]
                reaches.append(Reach(len(cut), amount, bisect_left(known, number), bisect_left(known, number + "~")))
                cut.append(place)
        for lefts, rights in connected(reaches, buckets, len(cut), len(places)):
            left, right = self._of_payers_in_common([cut[at] for at in lefts], [places[at] for at in rights])
            if left and right:
                self._decide(left, [[place] for place in right], "cut trace")

    # ---- by payer, amount and day

    def same_payer(self) -> None:
        """Pair deposits without a number by payer, amount, and day: with a payment, then with all of a payer's day."""
        self._by_payer([[place] for place in self._transfers()], "payer")
        days: dict[tuple[str, date], list[int]] = defaultdict(list)
        for place in self._transfers():
            payment = self._payments[place]
            days[tax_id(payment.payer_id) or plain(payment.payer_name), payment.date].append(place)
        self._by_payer([places for places in days.values() if len(places) > 1], "bulk")

    def _by_payer(self, units: Sequence[list[int]], rule: Rule) -> None:
        """Match deposits without a number with units: payments of one day that may be one deposit.

        Units are sorted by day within an amount and a payer's key, so those inside the window are one stretch.
        """
        number = self._days.number
        unit_days = [number(self._payments[unit[0]].date) for unit in units]
        buckets: dict[Hashable, list[int]] = defaultdict(list)
        for index in sorted(range(len(units)), key=unit_days.__getitem__):
            amount = sum(self._payments[place].amount for place in units[index])
            for key in frozenset().union(*(self._payment_keys[place] for place in units[index])):
                buckets[amount, key].append(index)
        bucket_days = {bucket: [unit_days[index] for index in members] for bucket, members in buckets.items()}
        unnamed = [place for place in self._open_deposits if not self._deposit_traces[place]]
        reaches = []
        for index, place in enumerate(unnamed):
            day, amount = number(self._deposits[place].date), self._deposits[place].amount
            for key in self._deposit_keys[place]:
                known = bucket_days.get((amount, key))
                if known is not None:
                    first, last = bisect_left(known, day - self._window), bisect_right(known, day + self._window)
                    reaches.append(Reach(index, (amount, key), first, last))
        for lefts, rights in connected(reaches, buckets, len(unnamed), len(units)):
            self._decide([unnamed[at] for at in lefts], [units[at] for at in rights], rule)

    # ---- results

    def _decide(self, left: list[int], units: list[list[int]], rule: Rule) -> None:
        """Match one deposit and one unit that fit only each other; leave anything else to staff."""
        if len(left) == len(units) == 1:
            self._match(left, units[0], rule)
        else:
            self._leave(left, sorted(place for unit in units for place in unit), rule)

    def _match(self, left: list[int], right: list[int], rule: Rule) -> None:
        deposits, payments = self._take(left, right)
        left_over = sum(each.amount for each in deposits) - sum(each.amount for each in payments)
        differences: list[Difference] = ["amount"] if left_over else []
        days = [self._days.number(day) for day in (*(d.date for d in deposits), *(p.date for p in payments))]
        if max(days) - min(days) > self._window:
            differences.append("date")
        if not self._of_payers_in_common(left, right)[0]:
            differences.append("payer")
        self._matches.append(Match(deposits, payments, rule, tuple(differences), left_over))

    def _leave(self, left: list[int], right: list[int], rule: Rule) -> None:
        self._ambiguous.append(Ambiguous(*self._take(left, right), rule))

    def _take(self, left: list[int], right: list[int]) -> tuple[tuple[Deposit, ...], tuple[RemittancePayment, ...]]:
        for place in left:
            del self._open_deposits[place]
        for place in right:
            del self._open_payments[place]
        return tuple(self._deposits[place] for place in left), tuple(self._payments[place] for place in right)

    def _transfers(self) -> list[int]:
        """Return the open payments other than checks: a check is identified only by its number and amount."""
        return [place for place in self._open_payments if self._payments[place].method != _CHECK]

    def _left_over(self, left: list[int], right: list[int]) -> int:
        return sum(self._deposits[place].amount for place in left) - sum(
            self._payments[place].amount for place in right
        )

    def _of_payers_in_common(self, left: list[int], right: list[int]) -> tuple[list[int], list[int]]:
        """Return those whose payer may be that of one on the other side; a payer that is not named may be any."""
        return (
            _alike(left, self._deposit_keys, [self._payment_keys[place] for place in right]),
            _alike(right, self._payment_keys, [self._deposit_keys[place] for place in left]),
        )

    def _company(self) -> _KeyOfBoth:
        return (
            lambda place: tax_id(self._deposits[place].payer_company_id) or None,
            lambda place: tax_id(self._payments[place].payer_id) or None,
        )

    def _company_and_day(self) -> tuple[_KeyOfBoth, ...]:
        def of_deposit(place: int) -> Hashable:
            deposit = self._deposits[place]
            company = tax_id(deposit.payer_company_id)
            return (company, deposit.date) if company else None

        def of_payment(place: int) -> Hashable:
            payment = self._payments[place]
            company = tax_id(payment.payer_id)
            return (company, payment.date) if company else None

        day = (lambda place: self._deposits[place].date), (lambda place: self._payments[place].date)
        return (of_deposit, of_payment), self._company(), day, _ALL

    def outcome(self, today: date, late_after: int) -> Reassociation:
        """Return the matches, and how long everything else has waited."""

        def waiting(item: Item, since: date) -> Waiting[Item]:
            days = self._days.waited(since, today)
            return Waiting(item, days, days > late_after)

        payers = frozenset().union(*set(self._payment_keys))
        expected: list[Deposit] = []
        other: list[Deposit] = []
        for place in self._open_deposits:
            deposit = self._deposits[place]
            is_ours = deposit.is_claim_payment or not payers.isdisjoint(self._deposit_keys[place])
            (expected if is_ours else other).append(deposit)
        return Reassociation(
            matches=tuple(sorted(self._matches, key=lambda each: _deposit_order(each.deposits[0]))),
            ambiguous=tuple(sorted(self._ambiguous, key=lambda each: _deposit_order(each.deposits[0]))),
            deposits_without_remittance=tuple(waiting(each, each.date) for each in expected),
            remittances_without_deposit=tuple(
                waiting(self._payments[place], self._payments[place].date) for place in self._open_payments
            ),
            no_deposit_expected=self._no_money,
            other_deposits=tuple(other),
        )
