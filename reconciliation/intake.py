"""Every kind of file that can arrive, in one table: how it is recognized, received, counted and judged.

A new kind is one more class here and a line in `ARRIVALS`; `claimloop receive` and the nightly run know it from there.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import ClassVar, Generic, NamedTuple, TypeVar, cast

import msgspec

from claimloop.edi.diagnostics import NotX12, Report
from claimloop.edi.money import ZERO
from claimloop.parsers.kinds import kind_of
from claimloop.reconciliation.acknowledgements.receive import Acknowledged, receive_acknowledgements
from claimloop.reconciliation.bank.receive import BANK, Banked, is_bank_file, receive_deposits
from claimloop.reconciliation.ledger.connection import Ledger
from claimloop.reconciliation.posting.dispositions import Dispositions
from claimloop.reconciliation.remittances.post import Receipt, receive_835
from claimloop.reconciliation.submissions.import_837p import Imported, import_837p

CLAIMS = "837P"

Outcome = Receipt | Imported | Acknowledged | Banked
T = TypeVar("T", bound=Outcome)
Progress = Callable[[int], None]


class Books(msgspec.Struct, frozen=True):
    """Where arrivals go: the ledger, what adjustments do, the moment, and who gets findings."""

    ledger: Ledger
    dispositions: Dispositions
    moment: datetime
    report: Report


class Count(msgspec.Struct):
    """How many segments of one kind a file has, and the total of the amounts in them."""

    number: int = 0
    amount: Decimal = ZERO


class Total(NamedTuple):
    """A control total of one arrival: what its segments hold, and where all of that went, by name."""

    unit: str
    came: Decimal | int
    went: dict[str, Decimal | int]


class Tally(NamedTuple):
    """What a stage of the nightly run adds up for an outcome."""

    counts: dict[str, int]
    amounts: dict[str, Decimal] = {}


class ArrivalKind(ABC, Generic[T]):
    """One kind of file that can arrive.

    `names` are the kinds as `parsers.kinds.kind_of` has them, `stage` is the stage of the nightly run that receives
    them. `counted` has the segments of the control totals, and the element of each that holds an amount.
    """

    names: ClassVar[tuple[str, ...]]
    stage: ClassVar[str]
    counted: ClassVar[Mapping[str, int]] = {}
    nothing: ClassVar[str] = ""
    """Why a file that gave no outcome is not received."""

    def recognizes(self, path: Path) -> bool:
        """Whether a file that is not X12 is of this kind. Raises OSError."""
        del path
        return False

    @abstractmethod
    def receive(self, path: Path, books: Books, progress: Progress | None) -> Iterable[T]:
        """Receive a file; give each outcome once it is safely in the ledger. Raises NotX12, LedgerError, OSError."""

    def needs_staff(self, outcome: T) -> bool:
        """Whether staff must look at the outcome: something is rejected, held, in suspense or incomplete."""
        del outcome
        return False

    @abstractmethod
    def why_incomplete(self, outcomes: Sequence[T], errors: int) -> str:
        """Why something of a file, with so many errors, is not in the ledger; empty where all of it is."""

    @abstractmethod
    def tally(self, outcome: T) -> Tally:
        """What the nightly run counts of an outcome."""

    def totals(self, outcomes: Sequence[T], counts: Mapping[str, Count]) -> Iterator[Total]:
        """The control totals of a file whose `counted` segments are `counts`."""
        del outcomes, counts
        yield from ()


class _Claims(ArrivalKind[Imported]):
    """Claims that another system sent."""

    names, stage, counted = (CLAIMS,), "claims", {"CLM": 2}

    def receive(self, path: Path, books: Books, progress: Progress | None) -> Iterable[Imported]:
        yield import_837p(path, books.ledger, books.moment, books.report, progress)

    def why_incomplete(self, outcomes: Sequence[Imported], errors: int) -> str:
        refused = sum(each.refused for each in outcomes)
        return f"{refused} of its claims could not be taken" if refused else ""

    def tally(self, outcome: Imported) -> Tally:
        counts = {"claims imported": outcome.claims, "claims known": outcome.known}
        return Tally(counts, {"charged": outcome.charge})

    def totals(self, outcomes: Sequence[Imported], counts: Mapping[str, Count]) -> Iterator[Total]:
        for each in outcomes:
            if each.outcome != "known":
                went: dict[str, Decimal | int] = {"new": each.claims, "known": each.known, "refused": each.refused}
                yield Total("claims", counts["CLM"].number, went)


class _Acknowledgements(ArrivalKind[Acknowledged]):
    """What front ends and payers report about claim files and claims."""

    names, stage = ("TA1", "997", "999", "277CA"), "acknowledgements"

    def receive(self, path: Path, books: Books, progress: Progress | None) -> Iterable[Acknowledged]:
        yield receive_acknowledgements(path, books.ledger, books.moment, books.report, progress)

    def needs_staff(self, outcome: Acknowledged) -> bool:
        return outcome.rejected > 0

    def why_incomplete(self, outcomes: Sequence[Acknowledged], errors: int) -> str:
        if any(each.accepted + each.rejected + each.other + each.known for each in outcomes):
            return ""
        return "it says nothing of any file or claim"

    def tally(self, outcome: Acknowledged) -> Tally:
        names = ("accepted", "rejected", "other", "known")
        return Tally({name: getattr(outcome, name) for name in names if getattr(outcome, name)})


class _Remittances(ArrivalKind[Receipt]):
    """Remittances: what payers paid and adjusted."""

    names, stage, counted = ("835",), "remittances", {"CLP": 4, "BPR": 2}
    nothing = "it holds no remittance"

    def receive(self, path: Path, books: Books, progress: Progress | None) -> Iterable[Receipt]:
        return receive_835(path, books.ledger, books.dispositions, books.moment, books.report, progress)

    def needs_staff(self, outcome: Receipt) -> bool:
        return bool(outcome.suspense) or outcome.outcome in ("held", "incomplete")

    def why_incomplete(self, outcomes: Sequence[Receipt], errors: int) -> str:
        cut = [each.trace_number for each in outcomes if each.outcome == "incomplete"]
        return f"the trailer of {', '.join(cut)} never came: nothing of it was posted" if cut else ""

    def tally(self, outcome: Receipt) -> Tally:
        counts = {f"remittances {outcome.outcome}": 1, "claim payments": outcome.claims}
        if outcome.outcome not in ("posted", "held"):
            return Tally(counts)
        money = {"received": outcome.payment_amount, "posted": outcome.posted, "in suspense": outcome.suspense}
        return Tally(counts, money)

    def totals(self, outcomes: Sequence[Receipt], counts: Mapping[str, Count]) -> Iterator[Total]:
        yield Total("claim payments", counts["CLP"].number, _by_outcome(outcomes, lambda each: each.claims))
        yield Total("payments", counts["BPR"].amount, _by_outcome(outcomes, lambda each: each.payment_amount))
        kept = [receipt for receipt in outcomes if receipt.outcome in ("posted", "held")]
        went: dict[str, Decimal | int] = {
            "posted": sum(receipt.posted for receipt in kept),
            "suspense": sum(receipt.suspense for receipt in kept),
            "provider adjustments": -sum(receipt.provider_adjustments for receipt in kept),
        }
        yield Total("money", sum(receipt.payment_amount for receipt in kept), went)


class _BankFiles(ArrivalKind[Banked]):
    """Deposits, as a bank reports them: NACHA or CSV."""

    names, stage = (BANK,), "bank"

    def recognizes(self, path: Path) -> bool:
        return is_bank_file(path)

    def receive(self, path: Path, books: Books, progress: Progress | None) -> Iterable[Banked]:
        yield receive_deposits(path, books.ledger, books.moment, books.report)

    def why_incomplete(self, outcomes: Sequence[Banked], errors: int) -> str:
        return f"{errors} of its lines could not be read" if errors else ""

    def tally(self, outcome: Banked) -> Tally:
        counts = {"deposits": outcome.deposits, "deposits known": outcome.known}
        return Tally(counts, {"deposited": outcome.amount})


ARRIVALS = cast("tuple[ArrivalKind[Outcome], ...]", (_Claims(), _Acknowledgements(), _Remittances(), _BankFiles()))
"""The kinds of files that can arrive, in the order in which a nightly run receives them.

Each is only ever given the outcomes that it gave itself, which no type says.
"""

_BY_NAME = {name: kind for kind in ARRIVALS for name in kind.names}


def kind_of_arrival(path: Path) -> str:
    """Return the kind of a file, one of the `names` in ARRIVALS, by its content. Raises NotX12 for another, OSError."""
    for arrival in ARRIVALS:
        if arrival.recognizes(path):
            return arrival.names[0]
    kind = kind_of(path)
    if kind not in _BY_NAME:
        kinds = ", ".join(name for name in _BY_NAME if name != BANK)
        raise NotX12(f"it is {kind or 'of no kind known here'}; received are {kinds} and a bank's files")
    return kind


def arrival_kind(name: str) -> ArrivalKind[Outcome]:
    """Return what is known of a kind that `kind_of_arrival` gave."""
    return _BY_NAME[name]


def receive_arrival(path: Path, name: str, books: Books, progress: Progress | None = None) -> Iterator[Outcome]:
    """Receive a file of this kind; give each outcome once it is safely in the ledger: one for each remittance of an
    835, one for any other file. What was received before changes nothing.

    `progress` gets the bytes read so far. Raises NotX12, LedgerError, and OSError where the file cannot be read.
    """
    yield from _BY_NAME[name].receive(path, books, progress)


def _by_outcome(receipts: Sequence[Receipt], of: Callable[[Receipt], Decimal | int]) -> dict[str, Decimal | int]:
    sums: dict[str, Decimal | int] = {}
    for receipt in receipts:
        sums[receipt.outcome] = sums.get(receipt.outcome, 0) + of(receipt)
    return sums
