"""Files that came back, into the ledger: the only place where the public face asks `intake`."""

from collections.abc import Callable
from pathlib import Path

from claimloop.edi.diagnostics import NotX12
from claimloop.reconciliation.api.results import Receipt, receipt_of
from claimloop.reconciliation.intake import Books, arrival_kind, kind_of_arrival, receive_arrival


def receive_file(path: Path, books: Books, keep: Callable[[Receipt], None]) -> None:
    """Receive a file of any kind; `keep` gets each receipt once it is safely in the ledger.

    Raises NotX12 with the name of the file, LedgerError, and OSError.
    """
    try:
        kind = kind_of_arrival(path)
        for outcome in receive_arrival(path, kind, books):
            keep(receipt_of(outcome, needs_work=arrival_kind(kind).needs_staff(outcome)))
    except NotX12 as problem:
        raise NotX12(f"{path.name}: {problem}") from None
