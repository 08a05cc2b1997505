"""Whatever came in: which kind it is by its content, and into the ledger by the reader of that kind."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import msgspec

from claimloop.edi.diagnostics import NotX12, Report
from claimloop.parsers.kinds import kind_of
from claimloop.reconciliation.acknowledgements.receive import Acknowledged, receive_acknowledgements
from claimloop.reconciliation.bank.receive import BANK, Banked, is_bank_file, receive_deposits
from claimloop.reconciliation.ledger.connection import Ledger
from claimloop.reconciliation.posting.dispositions import Dispositions
from claimloop.reconciliation.remittances.post import Receipt, receive_835
from claimloop.reconciliation.submissions.import_837p import Imported, import_837p

CLAIMS, REMITTANCES = "837P", "835"
ACKNOWLEDGEMENTS = ("TA1", "997", "999", "277CA")
RECEIVED = (REMITTANCES, CLAIMS, *ACKNOWLEDGEMENTS, BANK)

Outcome = Receipt | Imported | Acknowledged | Banked


class Books(msgspec.Struct, frozen=True):
    """Where arrivals go: the ledger, what adjustments do, the moment, who hears findings."""

    ledger: Ledger
    dispositions: Dispositions
    moment: datetime
    report: Report


def kind_of_arrival(path: Path) -> str:
    """One of RECEIVED, by the file's content. Raises NotX12 where it is of another kind, OSError."""
    kind = BANK if is_bank_file(path) else kind_of(path)
    if kind not in RECEIVED:
        kinds = f"{REMITTANCES}, {CLAIMS}, {', '.join(ACKNOWLEDGEMENTS)}"
        raise NotX12(f"it is {kind or 'of no kind known here'}; received are {kinds} and a bank's files")
    return kind


def take_in(
    path: Path,
    kind: str,
    books: Books,
    tell: Callable[[Outcome], None],
    progress: Callable[[int], None] | None = None,
) -> None:
    """Take a file of one of the kinds in; `tell` hears each outcome once it is safely in the ledger (one for each
    remittance of an 835, one for any other file). What was taken before changes nothing.

    `progress` is told the bytes read so far. Raises NotX12, LedgerError, and OSError where the file cannot be read.
    """
    if kind == CLAIMS:
        tell(import_837p(path, books.ledger, books.moment, books.report, progress))
    elif kind in ACKNOWLEDGEMENTS:
        tell(receive_acknowledgements(path, books.ledger, books.moment, books.report, progress))
    elif kind == BANK:
        tell(receive_deposits(path, books.ledger, books.moment, books.report))
    else:
        for receipt in receive_835(path, books.ledger, books.dispositions, books.moment, books.report, progress):
            tell(receipt)


def is_left_to_a_person(outcome: Outcome) -> bool:
    """Whether somebody has to look at what became of it: rejected, held, in suspense or incomplete."""
    match outcome:
        case Acknowledged():
            return outcome.rejected > 0
        case Receipt():
            return bool(outcome.suspense) or outcome.outcome in ("held", "incomplete")
    return False
