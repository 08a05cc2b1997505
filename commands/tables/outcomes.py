"""What became of the files that were received: a table for each kind."""

from collections.abc import Iterable, Sequence

import msgspec

from claimloop.commands.tables.formats import print_tables
from claimloop.edi.columns import MONEY, Column, Shown
from claimloop.reconciliation.acknowledgements.receive import Acknowledged
from claimloop.reconciliation.bank.receive import Banked
from claimloop.reconciliation.intake import Outcome
from claimloop.reconciliation.remittances.post import Receipt
from claimloop.reconciliation.submissions.import_837p import Imported

MORE = "widen the terminal or use --json"
"""What to do about columns that do not fit."""

_FILE = Column("file", Shown("id", priority=2))


def _count(name: str, heading: str = "", *, priority: int = 1) -> Column:
    return Column(name, Shown("count", priority=priority, heading=heading))


_RECEIPTS = (
    _FILE,
    Column("trace_number", Shown("id", priority=1, heading="trace")),
    Column("payment_amount", Shown("money", priority=1, heading="payment")),
    _count("claims", priority=3),
    Column("posted", MONEY),
    Column("suspense", MONEY),
    Column("provider_adjustments", Shown("money", priority=2, heading="provider adj.")),
    Column("outcome", Shown("text", priority=1)),
)
_ACKNOWLEDGED = (
    _FILE, _count("accepted"), _count("rejected"), _count("other"), _count("known", "already received", priority=2),
    _count("foreign", "not ours", priority=2),
)  # fmt: skip
_BANKED = (_FILE, _count("deposits"), Column("amount", MONEY), _count("known", "already received", priority=2))
_IMPORTED = (
    _FILE, _count("claims"), _count("lines", priority=3), Column("charge", MONEY),
    _count("known", "already sent", priority=2), _count("refused", "not imported", priority=2),
    Column("outcome", Shown("text", priority=1)),
)  # fmt: skip
_IN_WORDS = {
    "held": "in suspense",
    "incomplete": "incomplete, not posted",
}


Table = tuple[tuple[Column, ...], list[dict[str, object]]]


def print_outcomes(outcomes: Sequence[Outcome]) -> None:
    """Print a table for each kind of file that was received; an empty one of remittances where nothing was."""
    tables = []
    for kind, columns in ((Imported, _IMPORTED), (Acknowledged, _ACKNOWLEDGED), (Banked, _BANKED)):
        some = [each for each in outcomes if isinstance(each, kind)]
        if some:
            tables.append(_table(some, columns, "already imported"))
    receipts = [each for each in outcomes if isinstance(each, Receipt)]
    if receipts or not outcomes:
        tables.append(table_of_receipts(receipts))
    print_tables(tables, more=MORE)


def table_of_receipts(receipts: Iterable[Receipt]) -> Table:
    """Return a table with one row for each remittance."""
    return _table(receipts, _RECEIPTS, "already posted")


def _table(outcomes: Iterable[msgspec.Struct], columns: tuple[Column, ...], known: str) -> Table:
    words = {**_IN_WORDS, "known": known}
    rows = [msgspec.structs.asdict(each) for each in outcomes]
    for row in rows:
        if "outcome" in row:
            row["outcome"] = words.get(row["outcome"], row["outcome"])
    return columns, rows
