"""What `claimloop export` can export: each view with the type of its rows."""

from collections.abc import Callable, Iterator

import msgspec
from sqlalchemy import Connection

from claimloop.reconciliation.claims.manual_entries import DecisionRow, decisions
from claimloop.reconciliation.queries.claims import ClaimRow, LineRow, claims, lines
from claimloop.reconciliation.queries.denials import DenialRow, denials
from claimloop.reconciliation.queries.journal import LegRow, legs
from claimloop.reconciliation.queries.remittances import RemittanceRow, remittances
from claimloop.reconciliation.queries.suspense import SuspenseRow, suspense


class View(msgspec.Struct, frozen=True):
    """Rows of one type. Its columns are the fields of the type, in their order; amounts are cents."""

    row: type[msgspec.Struct]
    rows: Callable[[Connection], Iterator[msgspec.Struct]]


VIEWS: dict[str, View] = {
    "lines": View(LineRow, lines),
    "claims": View(ClaimRow, claims),
    "remittances": View(RemittanceRow, remittances),
    "suspense": View(SuspenseRow, suspense),
    "entries": View(LegRow, legs),
    "denials": View(DenialRow, denials),
    "decisions": View(DecisionRow, decisions),
}
