"""835s by payment cycle: answers are collected by payer, payee and day, and written as sets that balance.

BPR02 precedes the claims whose payments it totals, so the text of a set is kept until the set is complete: in memory
while all such sets are small, else in one spool file on disk. A set is removed as soon as it is written.
"""

import tempfile
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from functools import lru_cache
from typing import IO, cast
from zlib import crc32

import msgspec

from claimloop.edi.money import two_decimals
from claimloop.simulation.case import Event, ProviderAdjustment
from claimloop.simulation.chance import Chance, digits
from claimloop.simulation.claim_text import END, amount, claim_text, element
from claimloop.simulation.payments import Method, Payment
from claimloop.simulation.remittance_files import RemittanceFiles, Sender
from claimloop.simulation.scenarios import Rates
from claimloop.simulation.submitted import SubmittedClaim
from claimloop.simulation.truth import RemittanceTruth

_IN_MEMORY = 48 << 20
_PIECE = 1 << 17
_PAIRS_OF_A_PLB = 6
_CLAIMS_PAIRS = 2
"""The provider adjustments of claims that one set accepts. With those of the set itself, at most four, they fill one
PLB. A second PLB is legal, but too much for pyx12's map and for x12sdk, so it has its own scenario.
"""

_LUMP_SUMS = (("IP", -1), ("BN", -1), ("LS", -1), ("B2", -1), ("J1", 1), ("IR", 1))
"""Reasons without a claim, and whether they pay (−1) or take money (1)."""


class Place(msgspec.Struct, frozen=True, gc=False):
    """The place of an answer: trace number, which of two sets for one check, and its position in the set."""

    trace_number: str
    part: int
    claim: int


class _Key(msgspec.Struct, frozen=True):
    """The facts that are the same for everything in one 835."""

    payer_id: str
    payee: str
    submitter: str
    day: date
    notice: bool


class _Set:
    """An unfinished ST: the text of its claims, their sums, its provider adjustments."""

    __slots__ = ("adjustments", "claims", "interest", "paid", "segments", "spooled", "texts")

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.spooled: list[tuple[int, int]] = []
        self.segments = self.claims = self.paid = self.interest = 0
        self.adjustments: list[ProviderAdjustment] = []


class _Draft:
    """An unfinished check or transfer, with one set or two."""

    __slots__ = ("chance", "full", "key", "last", "method", "payer", "sets", "subject", "trace_number")

    def __init__(
        self, key: _Key, subject: SubmittedClaim, payer: tuple[str, str], method: Method, trace: str, chance: Chance
    ) -> None:
        self.key = key
        self.subject = subject
        self.payer = payer
        self.method = method
        self.trace_number = trace
        self.chance = chance
        self.sets = [_Set()]
        self.last = ""
        self.full = False


class Remitter:
    """Receives the events of one claim after another, and writes 835s.

    `received` is the day on which the claims arrived. `truth` receives each set that was written. A payer without a
    payment gets no file; `finish` writes what is left.
    """

    def __init__(
        self, files: RemittanceFiles, seed: int, rates: Rates, most: int, received: date,
        truth: Callable[[RemittanceTruth], None],
    ) -> None:  # fmt: skip
        self.payments: list[Payment] = []
        self._files = files
        self._seed = seed
        self._rates = rates
        self._most = most
        self._received = f"{received:%Y%m%d}"
        self._truth = truth
        self._drafts: dict[_Key, _Draft] = {}
        self._serials: dict[_Key, int] = {}
        self._forward: dict[tuple[str, str, str], list[tuple[date, str, int]]] = {}
        self._waiting = 0
        self._spool: IO[bytes] | None = None

    def add(self, event: Event, claim: SubmittedClaim, day: date, method: Method) -> Place:
        """Add an event of a claim to the 835 of this day. Return the place of its answer (0 if it has none)."""
        draft = self._draft(event, claim, day, "NON" if event.notice else method)
        # a claim, its reversal and its correction stay in one set of an 835
        which = crc32(claim.control_number.encode()) % len(draft.sets)
        into = draft.sets[which]
        into.adjustments += event.adjustments
        draft.last = claim.control_number
        if len(into.adjustments) >= _CLAIMS_PAIRS or into.claims >= self._most - 1:
            draft.full = True
        answer = event.answer
        if answer is None:
            return Place(draft.trace_number, which + 1, 0)
        text, segments = claim_text(answer, event.subject or claim, self._received)
        into.texts.append(text)
        into.segments += segments
        into.claims += 1
        into.paid += answer.paid
        into.interest += answer.interest
        self._waiting += len(text)
        if self._waiting > _IN_MEMORY:
            self._put_aside()
        return Place(draft.trace_number, which + 1, into.claims)

    def finish(self) -> None:
        """Write all unfinished sets, in order of date."""
        for draft in sorted(self._drafts.values(), key=lambda each: msgspec.structs.astuple(each.key)):
            self._write(draft)
        self._drafts.clear()
        if self._spool is not None:
            self._spool.close()

    def _draft(self, event: Event, claim: SubmittedClaim, day: date, method: Method) -> _Draft:
        payer = (event.payer.id, event.payer.name) if event.payer else (claim.payer.id, claim.payer.name)
        provider = claim.billing_provider
        payee = provider.npi or provider.tax_id or provider.name
        key = _Key(payer[0] or payer[1], payee, claim.group.sender, day, event.notice)
        draft = self._drafts.get(key)
        if draft is not None and draft.full and draft.last != claim.control_number:
            self._write(draft)
            draft = None
        if draft is None:
            serial = self._serials[key] = self._serials.get(key, 0) + 1
            name = f"{key.payer_id}\n{payee}\n{key.submitter}\n{day}\n{event.notice}\n{serial}"
            trace = f"{'N' if event.notice else 'E'}{digits(self._seed, name, 11)}"
            draft = self._drafts[key] = _Draft(key, claim, payer, method, trace, Chance(self._seed, f"835\n{name}"))
            if not event.notice and self._rates.happens("two_835s_one_check", draft.chance):
                draft.sets.append(_Set())
        return draft

    # Unfinished sets.

    def _put_aside(self) -> None:
        if self._spool is None:
            self._spool = cast("IO[bytes]", tempfile.TemporaryFile())  # noqa: SIM115 — closed by finish
        for draft in self._drafts.values():
            for each in draft.sets:
                if each.texts:
                    raw = "".join(each.texts).encode("ascii")
                    each.spooled.append((self._spool.seek(0, 2), len(raw)))
                    self._spool.write(raw)
                    each.texts.clear()
        self._waiting = 0

    def _claims(self, one: _Set) -> Iterator[str]:
        for start, length in one.spooled:
            if self._spool is None:
                return
            self._spool.seek(start)
            while length:
                piece = self._spool.read(min(length, _PIECE))
                length -= len(piece)
                yield piece.decode("ascii")
        yield from one.texts

    # Writing.

    def _write(self, draft: _Draft) -> None:
        key, payable = draft.key, 0
        written = [one for one in draft.sets if one.claims or one.adjustments] or draft.sets[:1]
        amounts: list[int] = []
        for at, one in enumerate(written):
            self._waiting -= sum(map(len, one.texts))
            self._adjust(draft, one, first=at == 0)
            payment = one.paid - sum(each.amount for each in one.adjustments)
            if payment in amounts:  # else one 835 would seem to be sent with other content
                one.adjustments.append(ProviderAdjustment("LS", f"ROUNDING{at}", -(at + 1)))
                payment += at + 1
            amounts.append(payment)
            comes = "first"
            if payment > 0 and len(written) == 1 and self._rates.happens("unbalanced_payment", draft.chance):
                payment += 1_00
                comes = "unbalanced"
            payable += payment
            self._write_set(draft, one, at + 1, payment, comes)
        if payable > 0:
            provider = draft.subject.billing_provider
            self.payments.append(
                Payment(
                    draft.trace_number, *draft.payer, provider.name, provider.npi, provider.tax_id, payable, key.day,
                    draft.method, _company(self._seed, key.payer_id),
                )
            )  # fmt: skip

    def _adjust(self, draft: _Draft, one: _Set, *, first: bool) -> None:
        """Add what belongs to the set as a whole: interest, lump sums, and forward balances in and out."""
        key, trace, chance = draft.key, draft.trace_number, draft.chance
        account = key.payer_id, key.payee, key.submitter
        if one.interest:
            one.adjustments.append(ProviderAdjustment("L6", "", -one.interest))
        if first and not key.notice:
            of_claims = any(each.reason == "WO" for each in one.adjustments)
            if not of_claims and self._rates.happens("lump_sum", chance):
                one.adjustments.append(self._lump_sum(draft, 0))
            if not of_claims and self._rates.happens("two_plb_segments", chance):
                one.adjustments += [self._lump_sum(draft, each) for each in range(1, _PAIRS_OF_A_PLB + 2)]
            owed = self._forward.get(account, [])
            if owed and owed[0][0] < key.day:  # one at a time: the others are for the next 835
                _, reference, old = owed.pop(0)
                one.adjustments.append(ProviderAdjustment("FB", reference, old))
            if not of_claims and one.paid > 0 and self._rates.happens("forward_balance", chance):
                overpaid = digits(self._seed, f"overpaid {trace}", 12)
                one.adjustments.append(ProviderAdjustment("WO", overpaid, one.paid * 3 // 2))
        over = sum(each.amount for each in one.adjustments) - one.paid
        if over > 0:
            moved = over
            for brought in [each for each in one.adjustments if each.reason == "FB" and each.amount > 0]:
                part = min(moved, brought.amount)  # an old balance keeps the number of the 835 in which it began
                if part:
                    self._move(one, account, key.day, brought.reference, part)
                moved -= part
            if moved:
                self._move(one, account, key.day, trace, moved)

    def _lump_sum(self, draft: _Draft, number: int) -> ProviderAdjustment:
        """Return an incentive, a bonus or a levy: a reason without a claim."""
        reason, sign = _LUMP_SUMS[draft.chance.below(len(_LUMP_SUMS))]
        reference = digits(self._seed, f"lump {draft.trace_number} {number}", 8)
        return ProviderAdjustment(reason, reference, sign * draft.chance.between(10_00, 250_00))

    def _move(self, one: _Set, account: tuple[str, str, str], day: date, reference: str, moved: int) -> None:
        one.adjustments.append(ProviderAdjustment("FB", reference, -moved))
        self._forward.setdefault(account, []).append((day, reference, moved))

    def _write_set(self, draft: _Draft, one: _Set, part: int, payment: int, comes: str) -> None:
        key, day = draft.key, f"{draft.key.day:%Y%m%d}"
        head = [*self._payment(draft, payment, day), *self._parties(draft, day)]
        if one.claims:
            head.append("LX*1")
        tail = list(_provider_segments(draft, one))
        segments = len(head) + one.segments + len(tail) + 2
        claim = draft.subject
        sender = Sender(
            key.payer_id, claim.interchange.receiver_qualifier, claim.interchange.receiver,
            claim.interchange.sender_qualifier, claim.interchange.sender, claim.group.receiver, claim.group.sender,
        )  # fmt: skip

        def body() -> Iterator[str]:
            yield END.join([*head, ""])
            yield from self._claims(one)
            if tail:
                yield END.join([*tail, ""])

        for file, again in self._files.write(sender, key.day, draft.chance, segments, body):
            self._truth(
                RemittanceTruth(
                    file, draft.trace_number, part, _company(self._seed, key.payer_id), f"{key.day:%Y-%m-%d}",
                    two_decimals(payment), one.claims, "again" if again else comes,
                )
            )  # fmt: skip

    def _payment(self, draft: _Draft, payment: int, day: str) -> Iterator[str]:
        company = _company(self._seed, draft.key.payer_id)
        money, method = amount(payment), draft.method
        if payment <= 0 or method == "NON":
            yield f"BPR*H*{money}*C*NON************{day}"
        elif method == "CHK":
            yield f"BPR*I*{money}*C*CHK************{day}"
        else:
            account = digits(self._seed, f"account\n{draft.key.payee}", 10)
            yield f"BPR*I*{money}*C*ACH*CCP*01*999999992*DA*1000200030*{company}**01*999988880*DA*{account}*{day}"
        yield f"TRN*1*{draft.trace_number}*{company}"

    def _parties(self, draft: _Draft, day: str) -> Iterator[str]:
        payer_id, payer_name = draft.payer
        provider = draft.subject.billing_provider
        yield f"DTM*405*{day}"
        yield f"N1*PR*{element(payer_name, 60) or 'INVENTED PAYER'}"
        yield "N3*1 MADE UP STREET"
        yield "N4*NOWHERE*PA*17111"
        if len(payer_id) > 1:
            yield f"REF*2U*{element(payer_id, 50)}"
        yield "PER*BL*EDI HELP*TE*8005550100"
        npi, tax_id = element(provider.npi, 80), element(provider.tax_id, 50)
        payee = f"XX*{npi}" if npi else f"FI*{tax_id or '999999999'}"
        yield f"N1*PE*{element(provider.name, 60) or 'PROVIDER'}*{payee}"
        if npi and tax_id:
            yield f"REF*TJ*{tax_id}"


def _provider_segments(draft: _Draft, one: _Set) -> Iterator[str]:
    """Yield PLB segments with up to six pairs each; a pair of 0 is not sent (RFI 1324)."""
    provider = draft.subject.billing_provider
    number = element(provider.npi or provider.tax_id, 50) or "999999999"
    pairs = [each for each in one.adjustments if each.amount]
    for start in range(0, len(pairs), _PAIRS_OF_A_PLB):
        some = "*".join(
            f"{each.reason}:{element(each.reference, 50)}*{amount(each.amount)}" if each.reference
            else f"{each.reason}*{amount(each.amount)}"
            for each in pairs[start : start + _PAIRS_OF_A_PLB]
        )  # fmt: skip
        yield f"PLB*{number}*{draft.key.day.year}1231*{some}"


def _company(seed: int, payer_id: str) -> str:
    """Return BPR10 and TRN03: "1" and a tax ID."""
    return f"199{digits(seed, f'company {payer_id}', 7)}"


@lru_cache(maxsize=4096)
def payment_day(decided: date, payer_id: str, every: int) -> date:
    """Return the payer's next payment day on or after a day."""
    weekday = sum(payer_id.encode("utf-8", "replace")) % every
    return decided + timedelta(days=(weekday - decided.toordinal()) % every)
